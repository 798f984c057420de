package book

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// A tile is 256 consecutive hashes of the tree, eight levels apart (tlog-tiles).
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	tileBytes  = tileWidth * tlog.HashSize
)

// tree keeps the tiles of all levels, each level one file: hash i of tile level L, the root of
// the subtree over entries i·256^L to (i+1)·256^L, stands at 32·i of hashes.L. So tile N of a
// level stands at 8192·N, and the whole file is that level of a static tile tree.
type tree struct {
	dir    string
	levels []*level
}

// level is one file of hashes and the tile at its end.
type level struct {
	file *os.File
	size uint64 // hashes written
	edge []Hash // the hashes of the last tile, fewer than 256
}

// node is the hash of two children (RFC 6962): SHA-256 of 0x01, left and right.
func node(left, right *Hash) Hash {
	var b [1 + 2*tlog.HashSize]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+tlog.HashSize:], right[:])
	return sha256.Sum256(b[:])
}

// fold returns the root of a subtree whose leaves are hashes, a power of two of them; hashes are
// overwritten.
func fold(hashes []Hash) Hash {
	for n := len(hashes); n > 1; n /= 2 {
		for i := range n / 2 {
			hashes[i] = node(&hashes[2*i], &hashes[2*i+1])
		}
	}
	return hashes[0]
}

// openLevel opens the file of a level, made when it is not there, and reads its edge. size is
// how many of its hashes count; the others are cut off.
func (t *tree) openLevel(size uint64) (*level, error) {
	path := filepath.Join(t.dir, "hashes."+strconv.Itoa(len(t.levels)))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	l := &level{file: f, size: size, edge: make([]Hash, size%tileWidth, tileWidth)}
	t.levels = append(t.levels, l)
	if err := f.Truncate(int64(size) * tlog.HashSize); err != nil {
		return nil, err
	}
	for i := range l.edge {
		at := int64(size/tileWidth*tileWidth) + int64(i)
		if _, err := f.ReadAt(l.edge[i][:], at*tlog.HashSize); err != nil {
			return nil, fmt.Errorf("%w: hash %d of level %d: %w", ErrDamaged, at, len(t.levels)-1, err)
		}
	}
	return l, nil
}

// append adds leaf hashes, and to the levels above the roots of the tiles that they complete.
func (t *tree) append(hashes []Hash) error {
	for n := 0; len(hashes) > 0; n++ {
		if n == len(t.levels) {
			if _, err := t.openLevel(0); err != nil {
				return err
			}
		}
		above, err := t.levels[n].append(hashes)
		if err != nil {
			return err
		}
		hashes = above
	}
	return nil
}

// append writes hashes at the end of the level and returns the roots of the tiles it completed.
func (l *level) append(hashes []Hash) (roots []Hash, err error) {
	raw := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		raw = append(raw, hashes[i][:]...)
		if l.edge = append(l.edge, hashes[i]); len(l.edge) == tileWidth {
			roots = append(roots, fold(l.edge))
			l.edge = l.edge[:0]
		}
	}
	if _, err := l.file.WriteAt(raw, int64(l.size)*tlog.HashSize); err != nil {
		return nil, err
	}
	l.size += uint64(len(hashes))
	return roots, nil
}

func (t *tree) close() error {
	var errs []error
	for _, l := range t.levels {
		errs = append(errs, l.file.Close())
	}
	return errors.Join(errs...)
}

// reader returns a tlog.HashReader of the tree of the first n entries. It keeps the tiles that it
// read, with all nodes inside them: a proof needs several of each.
func (t *tree) reader(b *Book, n uint64) (*hashReader, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if n > b.size {
		return nil, fmt.Errorf("%w: it has %d entries, not %d", ErrNotThere, b.size, n)
	}
	return &hashReader{levels: t.levels, n: n, tiles: map[[2]uint64][][]Hash{}}, nil
}

// hashReader answers with nodes of the tree of n entries. It is for one goroutine.
type hashReader struct {
	levels []*level
	n      uint64
	tiles  map[[2]uint64][][]Hash                // by level and number: the nodes of each height in the tile
	proven func(number uint64) ([][]Hash, error) // the nodes of a full tile of level 1, kept; nil: from the file
}

// ReadHashes implements tlog.HashReader.
func (r *hashReader) ReadHashes(indexes []int64) ([]Hash, error) {
	hashes := make([]Hash, len(indexes))
	for i, index := range indexes {
		height, at := tlog.SplitStoredHashIndex(index)
		tileLevel, inner := uint64(height/tileHeight), height%tileHeight
		first := uint64(at) << inner // the node's first hash in the tile level
		tile, err := r.tile(tileLevel, first/tileWidth)
		if err != nil {
			return nil, err
		}
		nodes := tile[inner]
		offset := first % tileWidth >> inner
		if offset >= uint64(len(nodes)) {
			return nil, fmt.Errorf("%w: no node %d at height %d", ErrNotThere, at, height)
		}
		hashes[i] = nodes[offset]
	}
	return hashes, nil
}

// tile reads a tile as far as the tree of n entries fills it, and makes the nodes inside it.
func (r *hashReader) tile(tileLevel, number uint64) ([][]Hash, error) {
	if nodes, read := r.tiles[[2]uint64{tileLevel, number}]; read {
		return nodes, nil
	}
	if tileLevel >= uint64(len(r.levels)) {
		return nil, fmt.Errorf("%w: tile level %d", ErrNotThere, tileLevel)
	}
	nodes, err := r.read(tileLevel, number)
	if err != nil {
		return nil, err
	}
	r.tiles[[2]uint64{tileLevel, number}] = nodes
	return nodes, nil
}

func (r *hashReader) read(tileLevel, number uint64) ([][]Hash, error) {
	wide := width(r.n, tileLevel, number)
	if tileLevel == 1 && wide == tileWidth && r.proven != nil {
		return r.proven(number)
	}
	hashes, err := r.levels[tileLevel].read(number*tileWidth, wide)
	if err != nil {
		return nil, err
	}
	return nodesOver(hashes), nil
}

// nodesOver makes the nodes inside a tile: its hashes, and those of each height above them but the root.
func nodesOver(hashes []Hash) [][]Hash {
	nodes := make([][]Hash, tileHeight)
	nodes[0] = hashes
	for h := 1; h < tileHeight; h++ {
		below := nodes[h-1]
		nodes[h] = make([]Hash, len(below)/2)
		for i := range nodes[h] {
			nodes[h][i] = node(&below[2*i], &below[2*i+1])
		}
	}
	return nodes
}

// width is how many hashes a tile has in the tree of n entries.
func width(n, tileLevel, number uint64) int {
	all := n >> (tileHeight * tileLevel)
	if all <= number*tileWidth {
		return 0
	}
	return int(min(all-number*tileWidth, tileWidth))
}

// read reads hashes of the level from one on.
func (l *level) read(from uint64, count int) ([]Hash, error) {
	raw := make([]byte, count*tlog.HashSize)
	if _, err := l.file.ReadAt(raw, int64(from)*tlog.HashSize); err != nil {
		return nil, fmt.Errorf("%w: hash %d: %w", ErrDamaged, from, err)
	}
	hashes := make([]Hash, count)
	for i := range hashes {
		copy(hashes[i][:], raw[i*tlog.HashSize:])
	}
	return hashes, nil
}
