package damage

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/highwayhash"
)

// Stream is one stream's folder of a ledger at rest.
type Stream struct {
	Dir  string // of the stream
	Name string
}

// StreamOf returns the folder of a stream in a ledger's folder.
func StreamOf(ledger, name string) Stream {
	return Stream{filepath.Join(ledger, "jetstream", "jetstream", "$G", "streams", name), name}
}

// Index is the file by which JetStream starts without reading the blocks.
func (s Stream) Index() string { return filepath.Join(s.Dir, "msgs", "index.db") }

// Block is one file of messages.
type Block struct {
	Path        string
	Number      int
	First, Last uint64 // sequences
}

// record is one stored message, as it lies in a block:
//
//	u32le length of the record | u64le sequence | u64le time | u16le subject length | subject | [u32le length and headers] | body | 8 bytes of checksum
type record struct{ raw []byte }

const (
	recordHead = 22
	recordSum  = 8
	hasHeaders = 1 << 31 // in the length
)

func (r record) sequence() uint64 { return binary.LittleEndian.Uint64(r.raw[4:]) }

func (r record) subject() []byte {
	return r.raw[recordHead : recordHead+int(binary.LittleEndian.Uint16(r.raw[20:]))]
}

// content is what stands behind the subject: headers, if any, and the body.
func (r record) content() []byte {
	content := r.raw[recordHead+len(r.subject()) : len(r.raw)-recordSum]
	if binary.LittleEndian.Uint32(r.raw)&hasHeaders != 0 {
		content = content[4:]
	}
	return content
}

// seal makes the record's checksum again: the key is public, so it proves nothing.
func (r record) seal(stream string, block int) error {
	key := sha256.Sum256([]byte(stream + "-" + strconv.Itoa(block)))
	h, err := highwayhash.New64(key[:])
	if err != nil {
		return err
	}
	for _, part := range [][]byte{r.raw[4:20], r.subject(), r.content()} {
		if _, err := h.Write(part); err != nil {
			return err
		}
	}
	copy(r.raw[len(r.raw)-recordSum:], h.Sum(nil))
	return nil
}

// records visits the records of a block's bytes until one is not wanted.
func records(b []byte, visit func(r record) bool) error {
	for at := 0; at < len(b); {
		if at+recordHead > len(b) {
			return fmt.Errorf("a record is cut at byte %d", at)
		}
		length := int(binary.LittleEndian.Uint32(b[at:]) &^ hasHeaders)
		if length < recordHead+recordSum || at+length > len(b) {
			return fmt.Errorf("no record at byte %d", at)
		}
		if !visit(record{b[at : at+length]}) {
			return nil
		}
		at += length
	}
	return nil
}

// Blocks returns the stream's blocks in order; the last is the one that grows.
func (s Stream) Blocks() ([]Block, error) {
	paths, err := filepath.Glob(filepath.Join(s.Dir, "msgs", "*.blk"))
	if err != nil {
		return nil, err
	}
	var blocks []Block
	for _, path := range paths {
		b := Block{Path: path}
		if b.Number, err = strconv.Atoi(strings.TrimSuffix(filepath.Base(path), ".blk")); err != nil {
			return nil, err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		err = records(raw, func(r record) bool {
			if b.Last = r.sequence(); b.First == 0 {
				b.First = b.Last
			}
			return true
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		blocks = append(blocks, b)
	}
	slices.SortFunc(blocks, func(a, b Block) int { return a.Number - b.Number })
	if len(blocks) == 0 {
		return nil, fmt.Errorf("%s has no blocks", s.Dir)
	}
	return blocks, nil
}

// person stands in the payload of a placement; a letter of the id behind it can be another one,
// and the event is still one of ours.
const (
	person   = `"data":{"person":"p`
	inPerson = len(person) + 11
)

// errNoEvent reports a block without an event that can be changed so.
var errNoEvent = errors.New("no event there names a person")

// FlipEvent flips a bit in the payload of the first event, from a sequence on, that names a person;
// it returns the event's sequence. The record's checksum no longer holds.
func (s Stream) FlipEvent(b Block, from uint64) (sequence uint64, err error) {
	return s.changeEvent(b, from, false)
}

// ForgeEvent is FlipEvent with the checksum made again: JetStream serves the event as genuine.
func (s Stream) ForgeEvent(b Block, from uint64) (sequence uint64, err error) {
	return s.changeEvent(b, from, true)
}

func (s Stream) changeEvent(b Block, from uint64, seal bool) (sequence uint64, err error) {
	err = change(b.Path, func(raw []byte) ([]byte, error) {
		var failed error
		err := records(raw, func(r record) bool {
			at := bytes.Index(r.content(), []byte(person))
			if r.sequence() < from || at < 0 {
				return true
			}
			sequence = r.sequence()
			r.content()[at+inPerson] ^= 1
			if seal {
				failed = r.seal(s.Name, b.Number)
			}
			return false
		})
		if sequence == 0 {
			err = errors.Join(err, errNoEvent)
		}
		return raw, errors.Join(err, failed)
	})
	return sequence, err
}

// CutAt cuts a block in the middle of a record, so that the messages from that sequence on are gone.
func (s Stream) CutAt(b Block, from uint64) error {
	return change(b.Path, func(raw []byte) ([]byte, error) {
		at := 0
		err := records(raw, func(r record) bool {
			if r.sequence() == from {
				return false
			}
			at += len(r.raw)
			return true
		})
		if at >= len(raw) {
			err = errors.Join(err, fmt.Errorf("it has no message %d", from))
		}
		return raw[:min(at+recordHead, len(raw))], err
	})
}
