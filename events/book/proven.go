package book

import (
	"errors"
	"slices"
)

// checkTiles compares a run of leaves, from the beginning of a tile, with what is held in memory, or
// with tiles that are proved by that.
func (b *Book) checkTiles(leaves []byte, first uint64) error {
	for hashes := hashesOf(leaves); len(hashes) > 0; first += tileWidth {
		tile := hashes[:min(tileWidth, len(hashes))]
		if err := b.checkTile(tile, first/tileWidth); err != nil {
			return err
		}
		hashes = hashes[len(tile):]
	}
	return nil
}

// checkTile compares the first leaves of a tile; they are overwritten.
func (b *Book) checkTile(leaves []Hash, number uint64) error {
	first := number * tileWidth
	wrong := &DamageError{first, first + uint64(len(leaves)), errors.New("their leaves do not hash to the tile above")}
	if growing, same := b.growing(leaves, number); growing {
		if !same {
			return wrong
		}
		return nil
	}
	if len(leaves) < tileWidth { // the tile was filled since
		b.mu.RLock()
		l := b.tree.levels[0]
		b.mu.RUnlock()
		whole, err := l.read(first, tileWidth)
		if err != nil {
			return err
		}
		if !slices.Equal(whole[:len(leaves)], leaves) {
			return wrong
		}
		leaves = whole
	}
	root, err := b.rootOf(number)
	if err == nil && fold(leaves) != root {
		err = wrong
	}
	return err
}

// growing says whether a tile of leaves is the one that grows, which is held in memory, and whether
// its first leaves are these.
func (b *Book) growing(leaves []Hash, number uint64) (growing, same bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	l := b.tree.levels[0]
	if number != l.size/tileWidth {
		return false, false
	}
	return true, len(leaves) <= len(l.edge) && slices.Equal(leaves, l.edge[:len(leaves)])
}

// rootOf returns the root of a full tile of leaves. It stands in the growing tile of level 1, which
// is held in memory, or in a full one.
func (b *Book) rootOf(number uint64) (Hash, error) {
	above, inside := number/tileWidth, number%tileWidth
	if root, growing := b.growingRoot(above, inside); growing {
		return root, nil
	}
	nodes, err := b.nodes(above)
	if err != nil {
		return Hash{}, err
	}
	return nodes[0][inside], nil
}

// growingRoot returns a hash of a tile of level 1 if that is the one that grows.
func (b *Book) growingRoot(number, inside uint64) (root Hash, growing bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	l := b.tree.levels[1]
	if number != l.size/tileWidth {
		return Hash{}, false
	}
	return l.edge[inside], true
}

// nodes returns the nodes of a full tile of level 1. It is compared with those above, once while the
// book is open; where it is damaged, its hashes are made again from the leaves below.
func (b *Book) nodes(number uint64) ([][]Hash, error) {
	if nodes, known := b.proven.Load(number); known {
		return nodes.([][]Hash), nil
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	roots, err := b.tree.trusted(1, number)
	if err != nil {
		roots = b.tree.foldBelow(0, number)
		up, failed := b.tree.trusted(2, number/tileWidth)
		if failed != nil || len(roots) != tileWidth || fold(slices.Clone(roots)) != up[number%tileWidth] {
			return nil, err
		}
	}
	nodes := nodesOver(roots)
	b.proven.Store(number, nodes)
	return nodes, nil
}

// Proves reports whether an entry with that leaf hash stands at an index: with it in its place the
// tile of leaves is what memory, or the tiles above, say that it is.
func (b *Book) Proves(index uint64, leaf Hash) bool {
	tile := index / tileWidth * tileWidth
	size := b.Size()
	if index >= size {
		return false
	}
	b.mu.RLock()
	leaves, err := b.tree.levels[0].read(tile, int(min(size-tile, tileWidth)))
	b.mu.RUnlock()
	if err != nil {
		return false
	}
	leaves[index-tile] = leaf
	return b.checkTile(leaves, tile/tileWidth) == nil
}

// TilesOf returns from where to where the tiles of leaves reach that hold a run of entries.
func (b *Book) TilesOf(from, to uint64) (first, end uint64) {
	return from / tileWidth * tileWidth, min((to+tileWidth-1)/tileWidth*tileWidth, b.Size())
}

// ProvenLeaves returns the leaf hashes of a run of whole tiles, from the files or made of one of two
// copies of their entries, as far as the tiles above prove them: the zero Hash for others.
func (b *Book) ProvenLeaves(first uint64, copies ...[][]byte) []Hash {
	proven := make([]Hash, len(copies[0]))
	for at := 0; at < len(proven); at += tileWidth {
		n := min(tileWidth, len(proven)-at)
		number := (first + uint64(at)) / tileWidth
		b.mu.RLock()
		leaves, err := b.tree.levels[0].read(number*tileWidth, n)
		b.mu.RUnlock()
		if err != nil {
			leaves = make([]Hash, n)
		}
		candidates := [][]Hash{leaves}
		for _, entries := range copies {
			candidates = append(candidates, leavesOver(leaves, entries[at:at+n]))
		}
		for _, c := range candidates {
			if b.checkTile(slices.Clone(c), number) == nil {
				copy(proven[at:], c)
				break
			}
		}
	}
	return proven
}

// leavesOver returns leaves with those of the entries that are there in their places.
func leavesOver(leaves []Hash, entries [][]byte) []Hash {
	over := slices.Clone(leaves)
	for i, e := range entries {
		if e != nil {
			over[i] = LeafHash(e)
		}
	}
	return over
}
