package book

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrSealing says that a segment is being sealed, and can be mended in a moment.
var ErrSealing = errors.New("the segment is being sealed")

// Copy gives n entries from an index on as another copy of the log has them; nil for one that it
// does not have. What it gives is believed only where it hashes to what the tree says.
type Copy func(first uint64, n int) ([][]byte, error)

// What a damaged hash or entry is made again from, and what says that it is right: an entry is
// right when it hashes to its leaf; a full tile, when its hashes fold to the hash above it; the
// last, growing tile of a level is held in memory since the book was opened, when head and
// checkpoint agreed with it. So every chain of tiles ends in memory, and no file vouches for itself.

// CheckLeaves checks that the tile of leaves that holds an entry is what the tiles above it, up to
// the hashes held in memory, say that it is. A *DamageError names the tile's entries.
func (b *Book) CheckLeaves(index uint64) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if index >= b.size {
		return fmt.Errorf("%w: entry %d", ErrNotThere, index)
	}
	_, err := b.tree.trusted(0, index/tileWidth)
	return err
}

// trusted returns the hashes of a tile, compared with those above it or with memory; the book's mu
// is held.
func (t *tree) trusted(k int, number uint64) ([]Hash, error) {
	l := t.levels[k]
	want := tileWidth
	if number == l.size/tileWidth {
		want = len(l.edge)
	}
	tile, err := l.read(number*tileWidth, want)
	if err == nil && want < tileWidth {
		if !slices.Equal(tile, l.edge) {
			err = errors.New("it is not what was written")
		}
	} else if err == nil {
		above, failed := t.trusted(k+1, number/tileWidth)
		if failed != nil {
			return nil, failed
		}
		if fold(slices.Clone(tile)) != above[number%tileWidth] {
			err = errors.New("its hashes do not fold to the one above")
		}
	}
	if err != nil {
		span := uint64(1) << (tileHeight * k)
		lo, hi := 0, max(1, want)
		if want < tileWidth && len(tile) == want { // memory says which
			lo, hi = differing(tile, l.edge)
		}
		from := number*tileWidth + uint64(lo)
		return nil, &DamageError{from * span, (from + uint64(hi-lo)) * span, fmt.Errorf("tile %d of level %d: %w", number, k, err)}
	}
	return tile, nil
}

// differing returns from where to where hashes differ that are not the same.
func differing(a, b []Hash) (lo, hi int) {
	for hi = len(a); a[hi-1] == b[hi-1]; {
		hi--
	}
	for a[lo] == b[lo] {
		lo++
	}
	return lo, hi
}

// Mend makes again what is damaged in the segment of an entry: hashes from entries or from the
// tiles below, entries from the other copy. Nothing is written that the tree does not prove. A
// replaced file of entries is kept as the file aside. A *DamageError names what neither copy can
// prove, and ErrSealing says to try again.
func (b *Book) Mend(index uint64, aside string, other Copy) error {
	b.mending.Lock()
	defer b.mending.Unlock()
	number := int(index / SegmentEntries)
	first := uint64(number) * SegmentEntries
	b.mu.RLock()
	end := min(first+SegmentEntries, b.size)
	sealing, live := slices.ContainsFunc(b.full, func(s *segment) bool { return s.number == number }), b.live.number == number
	b.mu.RUnlock()
	if sealing {
		return ErrSealing
	}
	for at := first; at < end; at += tileWidth {
		if err := b.mendLeaves(at, end, other); err != nil {
			return err
		}
	}
	raw, mended, err := b.gather(first, end, other)
	switch {
	case err != nil || !mended:
		return err
	case live:
		return b.replaceLive(number, raw, aside)
	}
	return b.replaceSealed(number, raw, aside)
}

// mendLeaves makes the tile of leaves that begins with an entry again, from the book's own
// entries or from the other copy's.
func (b *Book) mendLeaves(first, end uint64, other Copy) error {
	failed := b.CheckLeaves(first)
	if failed == nil {
		return nil
	}
	n := int(min(tileWidth, end-first))
	own := leavesOf(b.Salvage(first, n, false))
	if failed = b.mendTile(0, first/tileWidth, own); failed == nil {
		return nil
	}
	entries, err := other(first, n)
	if err != nil {
		return err
	}
	return b.mendTile(0, first/tileWidth, leavesOf(entries))
}

func leavesOf(entries [][]byte) []Hash {
	leaves := make([]Hash, len(entries))
	for i, e := range entries {
		leaves[i] = LeafHash(e)
	}
	return leaves
}

// mendTile writes the hashes of a tile that is damaged, after the tile above it, when they are
// right.
func (b *Book) mendTile(k int, number uint64, hashes []Hash) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.tree.mend(k, number, hashes)
}

// mend is mendTile while the book's mu is held.
func (t *tree) mend(k int, number uint64, hashes []Hash) error {
	l := t.levels[k]
	if number == l.size/tileWidth {
		hashes = l.edge
	} else {
		above, err := t.trusted(k+1, number/tileWidth)
		if err != nil {
			if err = t.mend(k+1, number/tileWidth, t.foldBelow(k, number/tileWidth)); err != nil {
				return err
			}
			if above, err = t.trusted(k+1, number/tileWidth); err != nil {
				return err
			}
		}
		if len(hashes) != tileWidth || fold(slices.Clone(hashes)) != above[number%tileWidth] {
			_, err := t.trusted(k, number)
			return err // nil when only the tile above was damaged
		}
	}
	raw := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		raw = append(raw, hashes[i][:]...)
	}
	if _, err := l.file.WriteAt(raw, int64(number)*tileBytes); err != nil {
		return err
	}
	return l.file.Sync()
}

// foldBelow makes the hashes of a tile of level k+1 again from the tiles of level k.
func (t *tree) foldBelow(k int, number uint64) []Hash {
	below := t.levels[k]
	hashes := make([]Hash, 0, tileWidth)
	for at := number * tileWidth; at < (number+1)*tileWidth && (at+1)*tileWidth <= below.size; at++ {
		tile, err := below.read(at*tileWidth, tileWidth)
		if err != nil {
			return nil
		}
		hashes = append(hashes, fold(tile))
	}
	return hashes
}

// Salvage returns n entries from an index on as far as they can still be told from each other, and
// with checked as far as they hash to their leaves; nil for the others. It is how one reads what
// stands beside damage.
func (b *Book) Salvage(first uint64, n int, checked bool) [][]byte {
	entries := make([][]byte, n)
	for i := 0; i < n; {
		start := (first + uint64(i)) / frameEntries * frameEntries
		count := int(min(b.Size()-start, frameEntries))
		part := b.salvageFrame(start, count, checked)
		i += copy(entries[i:], part[first+uint64(i)-start:])
	}
	return entries
}

func (b *Book) salvageFrame(first uint64, count int, checked bool) [][]byte {
	entries := make([][]byte, count)
	var p page
	if b.readRaw(&p, first, count) != nil {
		return entries
	}
	b.mu.RLock()
	leaves, err := b.tree.levels[0].read(first, count)
	b.mu.RUnlock()
	if err != nil {
		return entries
	}
	i := 0
	split(p.raw, func(prefixed []byte) bool {
		if entry := prefixed[1:]; !checked || LeafHash(entry) == leaves[i] {
			entries[i] = entry
		}
		i++
		return i < count
	})
	return entries
}

// gather returns a segment's bytes, made of the book's own entries and, where those are damaged,
// of the other copy's; mended says that there are such.
func (b *Book) gather(first, end uint64, other Copy) (raw []byte, mended bool, err error) {
	for at := first; at < end; at += frameEntries {
		n := int(min(frameEntries, end-at))
		entries := b.Salvage(at, n, true)
		var theirs [][]byte
		for i, e := range entries {
			if e == nil && theirs == nil {
				if theirs, err = other(at, n); err != nil {
					return nil, false, err
				}
				mended = true
			}
			if e == nil {
				e = theirs[i]
				leaf, err := b.Leaf(at + uint64(i))
				if err != nil {
					return nil, false, err
				}
				if e == nil || LeafHash(e) != leaf {
					place := at + uint64(i)
					return nil, false, &DamageError{place, place + 1, errors.New("no copy of it hashes to its leaf")}
				}
			}
			raw = append(binary.BigEndian.AppendUint16(raw, uint16(len(e))), e...)
		}
	}
	return raw, mended, nil
}

// replaceSealed puts a sealed file made of a segment's bytes in the place of the damaged one.
func (b *Book) replaceSealed(number int, raw []byte, aside string) error {
	packed, err := packSegment(raw)
	if err != nil {
		return err
	}
	path := sealedPath(b.dir, number)
	if err := keepAside(path, aside); err != nil {
		return err
	}
	return writeSynced(path, packed)
}

// replaceLive puts a file made of the first bytes of the growing segment, and of what was
// appended since they were gathered, in its place. Nothing is appended meanwhile.
func (b *Book) replaceLive(number int, raw []byte, aside string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.live.number != number {
		return ErrSealing
	}
	since := make([]byte, max(0, b.live.end()-int64(len(raw))))
	if _, err := b.live.file.ReadAt(since, int64(len(raw))); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	path := segmentPath(b.dir, number)
	if err := keepAside(path, aside); err != nil {
		return err
	}
	if err := writeSynced(path, append(raw, since...)); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	old := b.live.file
	b.live.file = f
	return old.Close()
}

// keepAside gives a damaged file a second name, so that it stays when it is replaced.
func keepAside(path, aside string) error {
	if there, err := exists(path); !there {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(aside), 0o700); err != nil {
		return err
	}
	return os.Link(path, aside)
}
