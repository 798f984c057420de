package book

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// recover finds the end of the book: the last entry, in the order of the log, whose bytes hash to
// its leaf. Sealed segments were on disk before they got their names and are taken as they are;
// open ones are read and hashed. What stands behind the end is cut off, which a crash may have left
// half written. A whole segment that the head says was durable is never cut: no crash takes it, so
// that it is damage, which Read reports and Mend makes again. It runs at every start, after a clean
// stop too.
//
// Where the book would end below what was signed, no crash explains that: the hashes are made again
// from the entries, and count when they have the signed root; what is cut off is kept beside the
// book.
func (b *Book) recover(signed Head) error {
	head, err := b.ReadHead()
	if errors.Is(err, ErrDamaged) {
		head, err = Head{}, nil // it says nothing
	}
	if err != nil {
		return err
	}
	known := head
	if signed.Size > head.Size {
		known = signed
	}
	b.tree.dir = b.dir
	err = b.findEnd(head.Size)
	short := errors.Is(err, ErrDamaged) || err == nil && b.size < known.Size
	if short {
		made, failed := b.remake(known)
		if failed != nil {
			return errors.Join(err, failed)
		}
		if b.remade = made; made {
			err = errors.Join(b.forgetEnd(), b.findEnd(head.Size))
		}
	}
	if err == nil {
		err = b.cut(short)
	}
	if err != nil {
		return err
	}
	return b.openTree()
}

// forgetEnd takes back what findEnd found.
func (b *Book) forgetEnd() (err error) {
	if b.live != nil {
		err = b.live.close()
	}
	b.live, b.full, b.size = nil, nil, 0
	return err
}

// findEnd finds the end; durable is how many entries the head says were on disk.
func (b *Book) findEnd(durable uint64) error {
	leaves, err := leafCount(b.dir)
	if err != nil {
		return err
	}
	for number := 0; b.live == nil; number++ {
		there, err := exists(sealedPath(b.dir, number))
		if err != nil {
			return err
		}
		whole := b.size+SegmentEntries <= durable
		if !there && whole {
			there, err = b.damagedSegment(number, leaves, durable)
		} else if !there {
			err = b.recoverSegment(number, leaves, durable)
		} else if err = os.Remove(segmentPath(b.dir, number)); errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		if err != nil {
			return err
		}
		if there {
			b.size += SegmentEntries
		}
		if leaves < b.size {
			return fmt.Errorf("%w: %d leaf hashes for %d sealed entries", ErrDamaged, leaves, b.size)
		}
	}
	return nil
}

// damagedSegment reports whether a segment that was durable and is not sealed is damaged or gone;
// one that is whole is taken in.
func (b *Book) damagedSegment(number int, leaves, durable uint64) (damaged bool, err error) {
	s, err := b.openSegment(number, leaves, durable)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return true, nil
	case err != nil:
		return false, err
	case s.count() == SegmentEntries:
		b.full, b.size = append(b.full, s), b.size+SegmentEntries
		return false, s.close()
	}
	return true, s.close()
}

// leafCount is how many whole leaf hashes the folder holds.
func leafCount(dir string) (uint64, error) {
	info, err := os.Stat(filepath.Join(dir, "hashes.0"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return uint64(info.Size()) / tlog.HashSize, nil
}

// recoverSegment reads an open segment, made when it is not there. A whole one is full and waits to
// be sealed; the first that is not is where the book goes on.
func (b *Book) recoverSegment(number int, leaves, durable uint64) error {
	s, err := b.openSegment(number, leaves, durable)
	if errors.Is(err, os.ErrNotExist) {
		s, err = createSegment(b.dir, number)
	}
	if err != nil {
		return err
	}
	b.size += uint64(s.count())
	if s.count() == SegmentEntries {
		b.full = append(b.full, s)
		return s.close()
	}
	b.live = s
	return nil
}

// openSegment opens an open segment, up to the first entry that does not hash to its leaf. One that
// was durable does not end it as long as later ones do: it is damaged, and they are not.
func (b *Book) openSegment(number int, leaves, durable uint64) (*segment, error) {
	f, err := os.OpenFile(segmentPath(b.dir, number), os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	s := &segment{number: number, file: f}
	raw, err := os.ReadFile(f.Name())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	stored, err := readLeaves(b.dir, b.size, min(leaves-min(b.size, leaves), SegmentEntries))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	right := 0 // up to the last entry that is
	split(raw, func(entry []byte) bool {
		n := len(s.ends)
		if n == len(stored) {
			return false
		}
		whole := leafInPlace(entry) == stored[n]
		if !whole && b.size+uint64(n) >= durable {
			return false
		}
		s.ends = append(s.ends, s.end()+int64(len(entry))+1)
		if whole {
			right = n + 1
		}
		return true
	})
	s.ends = s.ends[:right]
	return s, nil
}

func readLeaves(dir string, from, count uint64) ([]Hash, error) {
	f, err := os.Open(filepath.Join(dir, "hashes.0"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return (&level{file: f}).read(from, int(count))
}

// openTree opens the levels at the book's size. The upper levels follow from the leaves: hashes
// that a crash kept from the disk are made again.
func (b *Book) openTree() error {
	for n := 0; n == 0 || b.size>>(tileHeight*n) > 0; n++ {
		want := b.size >> (tileHeight * n)
		have := want
		if n > 0 {
			info, err := os.Stat(filepath.Join(b.dir, "hashes."+strconv.Itoa(n)))
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			have = 0
			if err == nil {
				have = min(want, uint64(info.Size())/tlog.HashSize)
			}
		}
		l, err := b.tree.openLevel(have)
		if err != nil {
			return err
		}
		if n > 0 {
			if err := l.complete(b.tree.levels[n-1], want); err != nil {
				return err
			}
		}
	}
	return nil
}

// complete makes the missing hashes of a level from the one below.
func (l *level) complete(below *level, want uint64) error {
	for l.size < want {
		tile, err := below.read(l.size*tileWidth, tileWidth)
		if err != nil {
			return err
		}
		if _, err := l.append([]Hash{fold(tile)}); err != nil {
			return err
		}
	}
	return nil
}
