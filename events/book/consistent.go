package book

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Relation says how two heads of one log stand to each other.
type Relation int

// The relations of an older head and a newer one.
const (
	Consistent Relation = iota // the newer only adds to the older
	Rollback                   // the newer is an older state of the older
	Fork                       // neither goes on from the other: two histories were signed
	Elsewhere                  // the files are of another tree than the larger head signs
)

// Relate says how the head that was signed later stands to the one before, by the files of a tree
// that holds the larger of them. The files are not trusted: what they say is proved against the
// heads. ErrNotThere when they do not reach far enough to say.
func Relate(files Files, before, after Head) (Relation, error) {
	small, large := before, after
	if small.Size > large.Size {
		small, large = large, small
	}
	switch {
	case small.Size == large.Size && small.Root == large.Root:
		return Consistent, nil
	case small.Size == large.Size:
		return Fork, nil
	case small.Size == 0:
		return direction(before, after), nil
	}
	nodes := fileNodes{files: files, n: large.Size}
	root, err := tlog.TreeHash(int64(large.Size), nodes)
	if err != nil {
		return 0, err
	}
	if root != large.Root {
		return Elsewhere, nil
	}
	proof, err := tlog.ProveTree(int64(large.Size), int64(small.Size), nodes)
	if err != nil {
		return 0, err
	}
	if CheckConsistent(small, large, proof) == nil {
		return direction(before, after), nil
	}
	// The large head's tree is known. It forks only if what its first entries hash to is proved.
	within, err := tlog.TreeHash(int64(small.Size), nodes)
	if err != nil {
		return 0, err
	}
	if CheckConsistent(Head{small.Size, within}, large, proof) != nil {
		return 0, fmt.Errorf("%w: the files prove nothing about %d entries", ErrDamaged, small.Size)
	}
	return Fork, nil
}

// direction says whether a log grew from one head to the other.
func direction(before, after Head) Relation {
	if after.Size < before.Size {
		return Rollback
	}
	return Consistent
}

// ProveIn returns the inclusion proof of an entry in the tree of the first n entries of files; it is
// worth what its check says.
func ProveIn(files Files, n, index uint64) ([]Hash, error) {
	if index >= n {
		return nil, fmt.Errorf("%w: entry %d of %d", ErrNotThere, index, n)
	}
	return tlog.ProveRecord(int64(n), int64(index), fileNodes{files: files, n: n})
}

// fileNodes answers with nodes of the tree of n entries of files.
type fileNodes struct {
	files Files
	n     uint64
}

// ReadHashes implements tlog.HashReader.
func (r fileNodes) ReadHashes(indexes []int64) ([]Hash, error) {
	nodes := make([]Hash, len(indexes))
	for i, index := range indexes {
		height, at := tlog.SplitStoredHashIndex(index)
		level, wide := uint64(height/tileHeight), 1<<(height%tileHeight)
		first := uint64(at) * uint64(wide)
		if width(r.n, level, first/tileWidth) < int(first%tileWidth)+wide {
			return nil, fmt.Errorf("%w: node %d at height %d", ErrNotThere, at, height)
		}
		hashes, err := r.files.hashes(level, first, wide)
		if err != nil {
			return nil, err
		}
		if len(hashes) < wide {
			return nil, fmt.Errorf("%w: hash %d of level %d", ErrNotThere, first+uint64(len(hashes)), level)
		}
		nodes[i] = foldCopy(hashes)
	}
	return nodes, nil
}

// RawEntry returns an entry of files as it stands, unchecked; nil where there is none.
func RawEntry(files Files, size, index uint64) ([]byte, error) {
	if index >= size {
		return nil, nil
	}
	first := index / frameEntries * frameEntries
	entries := make([][]byte, min(frameEntries, size-first))
	err := files.entries(entries, first, &page{})
	if err != nil || entries[index-first] == nil {
		return nil, err
	}
	return entries[index-first][1:], nil
}

// RawLeaf returns a leaf hash of files as it stands; false where there is none.
func RawLeaf(files Files, index uint64) (Hash, bool, error) {
	hashes, err := files.hashes(0, index, 1)
	if err != nil || len(hashes) == 0 {
		return Hash{}, false, err
	}
	return hashes[0], true, nil
}
