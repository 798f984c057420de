// Package blocks reads the message blocks of a JetStream file store at rest: without a server, and
// without changing a byte. A server that opens a damaged block cuts it off at the first record
// whose checksum is wrong, and the evidence with it; this reader names what is wrong and goes on
// with the next record that is whole.
//
// The layout is that of server/filestore.go of nats-server v2.15.2 (writeMsgRecordLocked,
// rebuildStateFromBufLocked, hashKeyForBlock), for stores that are neither compressed nor encrypted,
// as ours. A store is a folder of files <index>.blk, each a run of records:
//
//	u32le length, top bit: has headers | u64le sequence | u64le time, ns | u16le subject length
//	| subject | [u32le length | headers] | body | 8 bytes of HighwayHash-64
//
// The checksum's key is SHA-256 of "<stream>-<index>": it is public, finds accidents only, and ties
// a record to its file. The top bit of the sequence marks an erased message, the next a tombstone.
// The package knows neither events nor books. FuzzBlock holds the parser against any bytes.
package blocks

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/highwayhash"
)

// maxFile bounds how much of a file is read: JetStream ends a block at 8 MiB, and a last record may
// have 32. What stands behind is unreadable.
const maxFile = 64 << 20

// Store is the blocks of one stream.
type Store struct {
	dir     string
	name    string // of the stream
	indexes []int  // of the files, in order
}

// Open lists the blocks in a folder of .blk files; name is the stream's. fs.ErrNotExist when there
// is no such folder.
func Open(dir, name string) (*Store, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, name: name}
	for _, f := range files {
		digits, isBlock := strings.CutSuffix(f.Name(), ".blk")
		if index, err := strconv.Atoi(digits); isBlock && err == nil && index >= 0 {
			s.indexes = append(s.indexes, index)
		}
	}
	slices.Sort(s.indexes)
	return s, nil
}

// Size is how many bytes the files have, for a bar.
func (s *Store) Size() (size int64) {
	for _, index := range s.indexes {
		if info, err := os.Stat(s.path(index)); err == nil {
			size += info.Size()
		}
	}
	return size
}

func (s *Store) path(index int) string {
	return filepath.Join(s.dir, strconv.Itoa(index)+".blk")
}

// Block is one file of a store, read.
type Block struct {
	File      string // its name
	Index     int
	WrittenAs int // the index whose checksums its records bear: another one when files changed places
	Bytes     int64
	Records   []Record
}

// blocksAhead bounds the blocks that wait for a slow reader, for each core.
const blocksAhead = 2

// Blocks yields the blocks in order; they are read and checked on all cores. Their records belong
// to the reader.
func (s *Store) Blocks() iter.Seq2[*Block, error] {
	return func(yield func(*Block, error) bool) {
		type result struct {
			block *Block
			err   error
		}
		var waiting []chan result
		next := 0
		for next < len(s.indexes) || len(waiting) > 0 {
			for next < len(s.indexes) && len(waiting) < blocksAhead*runtime.GOMAXPROCS(0) {
				made := make(chan result, 1)
				waiting = append(waiting, made)
				go func(index int) { // ends by itself: its channel has room
					b, err := s.block(index)
					made <- result{b, err}
				}(s.indexes[next])
				next++
			}
			r := <-waiting[0]
			waiting = waiting[1:]
			if !yield(r.block, r.err) || r.err != nil {
				for _, w := range waiting {
					<-w
				}
				return
			}
		}
	}
}

// block reads and parses a file.
func (s *Store) block(index int) (*Block, error) {
	f, err := os.Open(s.path(index))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	buf := make([]byte, min(info.Size(), maxFile))
	if n, err := io.ReadFull(f, buf); errors.Is(err, io.ErrUnexpectedEOF) {
		buf = buf[:n] // it became shorter
	} else if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", filepath.Base(f.Name()), err)
	}
	b := &Block{File: filepath.Base(f.Name()), Index: index, WrittenAs: index, Bytes: info.Size()}
	p := newParser(s.name, index)
	if r := p.record(buf); r.Kind == Damaged {
		p, b.WrittenAs = s.keyOf(buf, p, index)
	}
	b.Records = p.parse(buf)
	if info.Size() > maxFile {
		b.Records = append(b.Records, Record{Kind: Unreadable, At: maxFile, Size: int(info.Size() - maxFile)})
	}
	return b, nil
}

// keyOf finds the index that a block's first record was written under: that of another file when
// the files changed places.
func (s *Store) keyOf(buf []byte, own *parser, index int) (*parser, int) {
	for _, other := range s.indexes {
		p := newParser(s.name, other)
		if r := p.record(buf); r.Kind != Damaged {
			return p, other
		}
	}
	return own, index
}

// parser reads records under the key of a block.
type parser struct {
	sum    *highwayhash.Digest64
	hashed int // bytes
}

func newParser(name string, index int) *parser {
	key := sha256.Sum256([]byte(name + "-" + strconv.Itoa(index)))
	sum, err := highwayhash.NewDigest64(key[:])
	if err != nil {
		panic("blocks: " + err.Error()) // only a key of another length is refused
	}
	return &parser{sum: sum}
}
