package book

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// segment is the file of entries that grows: each entry behind its length, as in an entry bundle
// (tlog-tiles), so that bundles are served as they lie.
//
//	u16be length | entry | u16be length | entry | …
type segment struct {
	number int
	file   *os.File
	ends   []int64 // where each entry ends; elements never change
}

func segmentPath(dir string, number int) string {
	return filepath.Join(dir, "entries", fmt.Sprintf("%06d", number))
}

func sealedPath(dir string, number int) string { return segmentPath(dir, number) + ".zst" }

// createSegment begins an empty segment.
func createSegment(dir string, number int) (*segment, error) {
	f, err := os.OpenFile(segmentPath(dir, number), os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	return &segment{number: number, file: f}, nil
}

// count is how many entries the segment holds.
func (s *segment) count() int { return len(s.ends) }

// end is where the segment ends.
func (s *segment) end() int64 {
	if len(s.ends) == 0 {
		return 0
	}
	return s.ends[len(s.ends)-1]
}

// append writes n entries, gathered in b, and returns b and their leaf hashes.
func (s *segment) append(b []byte, n int, entry func(b []byte, i int) []byte) ([]byte, []Hash, error) {
	leaves := make([]Hash, n)
	ends, at := s.ends, s.end()
	for i := range leaves {
		start := len(b)
		b = entry(append(b, 0, 0), i)
		size := len(b) - start - 2
		if size > MaxEntry {
			return b, nil, ErrTooLong
		}
		binary.BigEndian.PutUint16(b[start:], uint16(size))
		leaves[i] = leafInPlace(b[start+1:])
		ends = append(ends, at+int64(len(b)))
	}
	if _, err := s.file.WriteAt(b, at); err != nil {
		return b, nil, err
	}
	s.ends = ends
	return b, leaves, nil
}

// sync puts a full segment, whose file is closed, on disk; one that was sealed since is there already.
func (s *segment) sync(dir string) error {
	f, err := os.OpenFile(segmentPath(dir, s.number), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (s *segment) close() error { return s.file.Close() }

// LeafHash returns the leaf hash of an entry (RFC 6962): SHA-256 of 0x00 and the entry.
func LeafHash(entry []byte) Hash { return tlog.RecordHash(entry) }

// leafInPlace returns the leaf hash of the entry that stands from b[1] on. b[0], a byte of the
// entry's length, gives its place to the 0x00 of the hash meanwhile, so that nothing is copied.
func leafInPlace(b []byte) Hash {
	kept := b[0]
	b[0] = 0
	h := sha256.Sum256(b)
	b[0] = kept
	return h
}

// split walks over the entries of a run of length-prefixed ones and returns how many of its bytes
// were whole entries. visit gets the bytes from the one before an entry to its end.
func split(b []byte, visit func(prefixed []byte) bool) (used int) {
	for used+2 <= len(b) {
		end := used + 2 + int(binary.BigEndian.Uint16(b[used:]))
		if end > len(b) || !visit(b[used+1:end]) {
			return used
		}
		used = end
	}
	return used
}
