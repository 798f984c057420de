package book

import (
	"crypto/sha256"
	"slices"
)

// chain is the right edge of a tree that grows: of each tile level the hashes of the tile that is
// not full, and the leaves behind the last full tile.
type chain struct {
	edges [][]Hash // from level 1 up
	rest  []Hash
}

// add adds a hash to a level and returns the level's edge.
func (c *chain) add(level uint64, h Hash) []Hash {
	if uint64(len(c.edges)) < level {
		c.edges = append(c.edges, nil)
	}
	c.edges[level-1] = append(c.edges[level-1], h)
	return c.edges[level-1]
}

// clear empties the edge of a level.
func (c *chain) clear(level uint64) { c.edges[level-1] = c.edges[level-1][:0] }

// rootWith returns the root of the tree of the chain and a run of leaves behind its full tiles,
// whose full tiles have these roots.
func (c *chain) rootWith(groups, leaves []Hash) Hash {
	with := chain{edges: make([][]Hash, len(c.edges))}
	for i, edge := range c.edges {
		with.edges[i] = slices.Clone(edge)
	}
	full := len(leaves) / tileWidth
	for _, root := range groups[:full] {
		for level := uint64(1); ; level++ {
			edge := with.add(level, root)
			if len(edge) < tileWidth {
				break
			}
			root = foldCopy(edge)
			with.clear(level)
		}
	}
	return with.root(leaves[full*tileWidth:])
}

// root returns the root of the tree (RFC 6962, 2.1): the full subtrees of its edges from the
// largest to the smallest, joined from the right. leaves stand behind the last full tile, nil for
// the chain's own.
func (c *chain) root(leaves []Hash) Hash {
	if leaves == nil {
		leaves = c.rest
	}
	var subtrees []Hash
	for level := len(c.edges); level >= 0; level-- {
		edge := leaves
		if level > 0 {
			edge = c.edges[level-1]
		}
		for size := tileWidth / 2; size > 0; size /= 2 {
			if len(edge)&size != 0 {
				subtrees = append(subtrees, foldCopy(edge[:size]))
				edge = edge[size:]
			}
		}
	}
	if len(subtrees) == 0 {
		return sha256.Sum256(nil)
	}
	root := subtrees[len(subtrees)-1]
	for i := len(subtrees) - 2; i >= 0; i-- {
		root = node(&subtrees[i], &root)
	}
	return root
}

// foldCopy returns the root of a subtree and leaves its leaves as they are.
func foldCopy(hashes []Hash) Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	half := make([]Hash, len(hashes)/2)
	for i := range half {
		half[i] = node(&hashes[2*i], &hashes[2*i+1])
	}
	return fold(half)
}
