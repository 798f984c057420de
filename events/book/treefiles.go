package book

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// TreeFiles are a static tree in the paths of C2SP tlog-tiles. Its methods may be called
// concurrently.
type TreeFiles struct {
	fetch func(path string) ([]byte, error)
	size  uint64

	mu   sync.Mutex
	last map[uint64]tile // under mu: the last tile of each level above the leaves
}

// tile is a tile above the leaves, as it was read.
type tile struct {
	number uint64
	hashes []Hash
}

// NewTreeFiles returns the files of a tree of size entries. fetch returns a resource by its path,
// such as "tile/0/x001/234.p/5"; fs.ErrNotExist when it is not there. It is called concurrently.
func NewTreeFiles(size uint64, fetch func(path string) ([]byte, error)) *TreeFiles {
	return &TreeFiles{fetch: fetch, size: size, last: map[uint64]tile{}}
}

// FolderFetch fetches the resources of a static tree from a folder.
func FolderFetch(dir string) func(path string) ([]byte, error) {
	return func(path string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, filepath.FromSlash(path))) }
}

// get fetches a tile or a bundle; nil when it is not there.
func (t *TreeFiles) get(level string, number uint64, wide int) ([]byte, error) {
	path := "tile/" + level + "/" + tileName(number)
	if wide < tileWidth {
		path += ".p/" + strconv.Itoa(wide)
	}
	raw, err := t.fetch(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return raw, nil
}

// hashes implements Files.
func (t *TreeFiles) hashes(level, from uint64, count int) ([]Hash, error) {
	var all []Hash
	for count > 0 {
		hashes, err := t.tile(level, from/tileWidth)
		inside := int(from % tileWidth)
		if err != nil || inside >= len(hashes) {
			return all, err
		}
		part := hashes[inside:min(len(hashes), inside+count)]
		all, from, count = append(all, part...), from+uint64(len(part)), count-len(part)
	}
	return all, nil
}

// tile reads a tile as far as the tree fills it. One of another length is none. Tiles above the leaves
// are asked for hash by hash: the last one is kept.
func (t *TreeFiles) tile(level, number uint64) ([]Hash, error) {
	t.mu.Lock()
	kept, read := t.last[level]
	t.mu.Unlock()
	if read && kept.number == number {
		return kept.hashes, nil
	}
	wide := width(t.size, level, number)
	if wide == 0 {
		return nil, nil
	}
	raw, err := t.get(strconv.FormatUint(level, 10), number, wide)
	if err != nil {
		return nil, err
	}
	if len(raw) != wide*tlog.HashSize {
		raw = nil
	}
	hashes := hashesOf(raw)
	if level > 0 {
		t.mu.Lock()
		t.last[level] = tile{number, hashes}
		t.mu.Unlock()
	}
	return hashes, nil
}

// entries implements Files.
func (t *TreeFiles) entries(into [][]byte, first uint64, _ *page) error {
	for at := 0; at < len(into); at += tileWidth {
		wide := min(tileWidth, len(into)-at)
		raw, err := t.get("entries", (first+uint64(at))/tileWidth, wide)
		if err != nil {
			return err
		}
		bundle := into[at : at+wide]
		splitInto(bundle, raw)
		if used := sizeOf(raw, wide); used < len(raw) {
			bundle[wide-1] = nil // it is followed by something
		}
	}
	return nil
}

// Checkpoint fetches the checkpoint of a static tree; fs.ErrNotExist when there is none.
func (t *TreeFiles) Checkpoint() ([]byte, error) { return t.fetch("checkpoint") }
