package book

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// FolderFiles are a book's folder at rest. Open would cut off what does not agree at its end; this
// only looks. Its methods may be called concurrently.
type FolderFiles struct {
	dir    string
	levels []*os.File // nil: not there
	shell  *Book      // of this folder, not opened: reads sealed frames

	mu   sync.Mutex
	open map[int][][]byte // under mu: segments that are not sealed, split
}

// OpenFiles opens the files of a book's folder; fs.ErrNotExist when there is no folder.
func OpenFiles(dir string) (*FolderFiles, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	f := &FolderFiles{dir: dir, shell: &Book{dir: dir}, open: map[int][][]byte{}}
	for level := 0; level <= 63/tileHeight; level++ {
		file, err := os.Open(filepath.Join(dir, "hashes."+strconv.Itoa(level)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.Join(err, f.Close())
		}
		if err != nil {
			file = nil
		}
		f.levels = append(f.levels, file)
	}
	return f, nil
}

// Close closes the files.
func (f *FolderFiles) Close() error {
	var errs []error
	for _, file := range f.levels {
		if file != nil {
			errs = append(errs, file.Close())
		}
	}
	return errors.Join(errs...)
}

// Head returns the head that the folder holds: see Book.ReadHead.
func (f *FolderFiles) Head() (Head, error) { return f.shell.ReadHead() }

// Written is how many entries, and how many leaf hashes, the folder seems to hold.
func (f *FolderFiles) Written() (entries, leaves uint64, err error) {
	files, err := os.ReadDir(filepath.Join(f.dir, "entries"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, 0, err
	}
	last := -1
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), ".zst")
		if number, err := strconv.Atoi(name); err == nil && len(name) == 6 {
			last = max(last, number)
		}
	}
	if last >= 0 {
		entries = uint64(last) * SegmentEntries
		sealed, err := exists(sealedPath(f.dir, last))
		if err != nil {
			return 0, 0, err
		}
		if sealed {
			entries += SegmentEntries
		} else {
			split, err := f.openSegment(last)
			if err != nil {
				return 0, 0, err
			}
			entries += uint64(len(split))
		}
	}
	leaves, err = leafCount(f.dir)
	return entries, leaves, err
}

// hashes implements Files.
func (f *FolderFiles) hashes(level, from uint64, count int) ([]Hash, error) {
	if level >= uint64(len(f.levels)) || f.levels[level] == nil {
		return nil, nil
	}
	raw := make([]byte, count*tlog.HashSize)
	n, err := f.levels[level].ReadAt(raw, int64(from)*tlog.HashSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return hashesOf(raw[:n]), nil
}

// hashesOf reads whole hashes.
func hashesOf(raw []byte) []Hash {
	hashes := make([]Hash, len(raw)/tlog.HashSize)
	for i := range hashes {
		copy(hashes[i][:], raw[i*tlog.HashSize:])
	}
	return hashes
}

// entries implements Files.
func (f *FolderFiles) entries(into [][]byte, first uint64, room *page) error {
	number, inside := int(first/SegmentEntries), int(first%SegmentEntries)
	sealed, err := exists(sealedPath(f.dir, number))
	if err != nil {
		return err
	}
	if !sealed {
		all, err := f.openSegment(number)
		if err == nil && inside < len(all) {
			copy(into, all[inside:])
		}
		return err
	}
	err = f.shell.readSealed(room, number, inside/frameEntries)
	if errors.Is(err, ErrDamaged) {
		return nil
	}
	if err == nil {
		splitInto(into, room.raw)
	}
	return err
}

// splitInto fills entries with those of a run; one that is not as long as it says leaves out itself
// and the rest.
func splitInto(entries [][]byte, raw []byte) {
	n := 0
	split(raw, func(entry []byte) bool {
		if n == len(entries) {
			return false
		}
		entries[n] = entry
		n++
		return true
	})
}

// openSegment reads and splits a segment that is not sealed; it is kept, since there are few.
func (f *FolderFiles) openSegment(number int) ([][]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if entries, read := f.open[number]; read {
		return entries, nil
	}
	raw, err := os.ReadFile(segmentPath(f.dir, number))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("book: %w", err)
	}
	var entries [][]byte
	split(raw, func(entry []byte) bool {
		entries = append(entries, entry)
		return len(entries) < SegmentEntries
	})
	f.open[number] = entries
	return entries, nil
}
