package book

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// remake makes all hashes again from the entries and puts them in the place of the book's, when the
// first entries have the root that was signed: then only the hashes were damaged. The leaves that
// stood behind what was signed stay.
func (b *Book) remake(signed Head) (made bool, err error) {
	if signed.Size == 0 {
		return false, nil
	}
	t := tree{dir: filepath.Join(b.dir, "remade")}
	if err := errors.Join(os.RemoveAll(t.dir), os.Mkdir(t.dir, 0o700)); err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, t.close(), os.RemoveAll(t.dir)) }()
	whole, err := b.hashEntries(&t, signed.Size)
	if err != nil || !whole {
		return false, err
	}
	root, err := tlog.TreeHash(int64(signed.Size), &hashReader{levels: t.levels, n: signed.Size, tiles: map[[2]uint64][][]Hash{}})
	if err != nil || root != signed.Root {
		return false, err
	}
	if err := b.hashesBehind(&t, signed.Size); err != nil {
		return false, err
	}
	return true, b.takeHashes(&t)
}

// hashEntries hashes the first entries into a tree; whole says that so many are there.
func (b *Book) hashEntries(t *tree, count uint64) (whole bool, err error) {
	for first := uint64(0); first < count; first += SegmentEntries {
		leaves, err := b.hashSegment(int(first/SegmentEntries), int(min(count-first, SegmentEntries)))
		if err != nil || leaves == nil {
			return false, err
		}
		if err := t.append(leaves); err != nil {
			return false, err
		}
	}
	return true, nil
}

// hashSegment returns the leaf hashes of the first entries of a segment, nil where fewer can be told
// from each other.
func (b *Book) hashSegment(number, count int) ([]Hash, error) {
	var leaves []Hash
	add := func(entry []byte) bool {
		leaves = append(leaves, leafInPlace(entry))
		return len(leaves) < count
	}
	raw, err := os.ReadFile(segmentPath(b.dir, number))
	if errors.Is(err, fs.ErrNotExist) {
		var p page
		for frame := 0; frame*frameEntries < count; frame++ {
			err = b.readSealed(&p, number, frame)
			if errors.Is(err, ErrDamaged) || errors.Is(err, fs.ErrNotExist) {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			split(p.raw, add)
		}
	}
	if err != nil {
		return nil, err
	}
	split(raw, add)
	if len(leaves) != count {
		return nil, nil
	}
	return leaves, nil
}

// hashesBehind appends the leaves that the book has from an index on.
func (b *Book) hashesBehind(t *tree, from uint64) error {
	end, err := leafCount(b.dir)
	if err != nil {
		return err
	}
	for ; from < end; from += SegmentEntries {
		leaves, err := readLeaves(b.dir, from, min(end-from, SegmentEntries))
		if err != nil {
			return err
		}
		if err := t.append(leaves); err != nil {
			return err
		}
	}
	return nil
}

// takeHashes puts the files of a tree in the place of the book's, the leaves last: a crash in
// between leaves the book as short as it was, and the next start makes them again.
func (b *Book) takeHashes(t *tree) error {
	for k := len(t.levels) - 1; k >= 0; k-- {
		name := "hashes." + strconv.Itoa(k)
		path := filepath.Join(b.dir, name)
		if err := t.levels[k].file.Sync(); err != nil {
			return err
		}
		aside, err := b.aside(name)
		if err != nil {
			return err
		}
		if err := keepAside(path, aside); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(t.dir, name), path); err != nil {
			return err
		}
	}
	return syncDir(b.dir)
}

// aside returns a name, in a folder that the book never reads, for a file that is kept.
func (b *Book) aside(name string) (string, error) {
	for n := 1; ; n++ {
		path := filepath.Join(b.dir, "cut", name+"."+strconv.Itoa(n))
		if there, err := exists(path); err != nil || !there {
			return path, err
		}
	}
}

// cut cuts off what stands behind the end, open segments there too, after a copy of it was kept when
// the book is short of what was signed.
func (b *Book) cut(short bool) error {
	path := segmentPath(b.dir, b.live.number)
	if short {
		if err := b.keepBehind(path, b.live.end()); err != nil {
			return err
		}
		if err := b.keepBehind(filepath.Join(b.dir, "hashes.0"), int64(b.size)*tlog.HashSize); err != nil {
			return err
		}
	}
	if err := b.live.file.Truncate(b.live.end()); err != nil {
		return err
	}
	for number := b.live.number + 1; ; number++ {
		path := segmentPath(b.dir, number)
		there, err := exists(path)
		if err != nil || !there {
			return err
		}
		if short {
			err = b.keepBehind(path, 0)
		}
		if err = errors.Join(err, os.Remove(path)); err != nil {
			return err
		}
	}
}

// keepBehind keeps a copy of a file that is longer than what stays of it.
func (b *Book) keepBehind(path string, stays int64) (err error) {
	from, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer from.Close()
	if info, err := from.Stat(); err != nil || info.Size() <= stays {
		return err
	}
	aside, err := b.aside(filepath.Base(path))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(aside), 0o700); err != nil {
		return err
	}
	to, err := os.OpenFile(aside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return fmt.Errorf("keeping %s, which is to be cut: %w", filepath.Base(path), err)
	}
	return syncDir(filepath.Dir(aside))
}
