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
	"cmp"
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
	"sync"

	"github.com/minio/highwayhash"
)

// maxFile bounds how much of a file is read: JetStream ends a block at 8 MiB, and a last record may
// have 32. What stands behind is unreadable.
const maxFile = 64 << 20

// Store is the blocks of one stream.
type Store struct {
	dir   string
	name  string // of the stream
	files []file // in the order in which they were written
}

// file is one block.
type file struct {
	index int    // by its name
	as    int    // under which its records were written: another one when files changed places
	first uint64 // sequence of its first record, 0 where that is damaged
	size  int64
}

// Open lists the blocks in a folder of .blk files; name is the stream's. fs.ErrNotExist when there
// is no such folder.
func Open(dir, name string) (*Store, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, name: name}
	for _, e := range entries {
		digits, isBlock := strings.CutSuffix(e.Name(), ".blk")
		index, err := strconv.Atoi(digits)
		if !isBlock || err != nil || index < 0 {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, file{index: index, as: index, size: info.Size()})
	}
	foreign := 0
	for i := range s.files {
		if err := s.identify(&s.files[i], &foreign); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(s.files, func(a, b file) int {
		return cmp.Or(cmp.Compare(a.as, b.as), cmp.Compare(a.index, b.index))
	})
	return s, nil
}

// Size is how many bytes the files have.
func (s *Store) Size() (size int64) {
	for _, f := range s.files {
		size += f.size
	}
	return size
}

// Subject returns the subject of the first message, unchecked: it tells whose a copied folder is. ""
// where there is none.
func (s *Store) Subject() string {
	for _, f := range s.files {
		buf, err := s.sniff(f)
		if r := newParser(s.name, f.index).record(buf); err == nil && len(r.Subject) > 0 {
			return string(r.Subject)
		}
	}
	return ""
}

func (s *Store) path(index int) string {
	return filepath.Join(s.dir, strconv.Itoa(index)+".blk")
}

// sniffed is how much of a file is read to find out under which index it was written: its first
// record, unless that is a giant.
const sniffed = 64 << 10

// maxForeign bounds the files for which all other indexes are tried: where more are damaged at
// their beginning they did not change places.
const maxForeign = 64

// identify finds the index that a file's first record was written under.
func (s *Store) identify(of *file, foreign *int) error {
	buf, err := s.sniff(*of)
	if err != nil {
		return err
	}
	if r := newParser(s.name, of.index).record(buf); r.Kind != Damaged || *foreign == maxForeign {
		of.first = r.sequence()
		return nil
	}
	*foreign++
	for _, other := range s.files {
		if r := newParser(s.name, other.index).record(buf); r.Kind != Damaged {
			of.as, of.first = other.index, r.sequence()
			return nil
		}
	}
	return nil
}

// sniff reads the beginning of a file.
func (s *Store) sniff(of file) ([]byte, error) {
	f, err := os.Open(s.path(of.index))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	buf := make([]byte, min(of.size, sniffed))
	n, err := io.ReadFull(f, buf)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return buf[:n], nil
}

// Find returns the message of a sequence, the first where there are several; nil where there is
// none. It reads only the blocks that may hold it.
func (s *Store) Find(sequence uint64) (*Record, error) {
	for i, f := range s.files {
		behind := f.first > sequence
		passed := i+1 < len(s.files) && s.files[i+1].first > 0 && s.files[i+1].first <= sequence
		if behind || passed {
			continue
		}
		var b Block
		if err := s.read(&b, f); err != nil {
			return nil, err
		}
		for _, r := range b.Records {
			if r.Kind == Message && r.Sequence == sequence {
				return &r, nil
			}
		}
	}
	return nil, nil
}

// Block is one file of a store, read.
type Block struct {
	File      string // its name
	Index     int
	WrittenAs int // the index that its records were written under: another one when files changed places
	Bytes     int64
	Records   []Record

	buf []byte
}

// blocksAhead bounds the blocks that wait for a slow reader, for each core.
const blocksAhead = 2

// Blocks yields the blocks in the order in which they were written; they are read and checked on all
// cores. Their records belong to the reader.
func (s *Store) Blocks() iter.Seq2[*Block, error] {
	return func(yield func(*Block, error) bool) {
		type result struct {
			block *Block
			err   error
		}
		var waiting []chan result
		spare := sync.Pool{New: func() any { return &Block{} }}
		next := 0
		for next < len(s.files) || len(waiting) > 0 {
			for next < len(s.files) && len(waiting) < blocksAhead*runtime.GOMAXPROCS(0) {
				made := make(chan result, 1)
				waiting = append(waiting, made)
				go func(f file) { // ends by itself: its channel has room
					b := spare.Get().(*Block)
					err := s.read(b, f)
					made <- result{b, err}
				}(s.files[next])
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
			spare.Put(r.block)
		}
	}
}

// read reads and parses a file into b, whose memory is used again.
func (s *Store) read(b *Block, of file) error {
	f, err := os.Open(s.path(of.index))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := int(min(info.Size(), maxFile))
	b.buf = slices.Grow(b.buf[:0], size)[:size]
	if n, err := io.ReadFull(f, b.buf); errors.Is(err, io.ErrUnexpectedEOF) {
		b.buf = b.buf[:n] // it became shorter
	} else if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", filepath.Base(f.Name()), err)
	}
	b.File, b.Index, b.WrittenAs, b.Bytes = filepath.Base(f.Name()), of.index, of.as, info.Size()
	b.Records = newParser(s.name, of.as).parse(b.Records[:0], b.buf)
	if info.Size() > maxFile {
		b.Records = append(b.Records, Record{Kind: Unreadable, At: maxFile, Size: int(info.Size() - maxFile)})
	}
	return nil
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
