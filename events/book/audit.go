package book

import (
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
)

// Files is where the files of a tree come from, to be read and never changed: a book's folder at
// rest (OpenFiles), or a static tree in a folder or at a server (TreeFiles). What is not there, or
// cannot be understood, is left out and no error; an error ends the audit.
type Files interface {
	// hashes returns hashes of a tile level from one on: count of them, or those up to the first
	// that is missing.
	hashes(level, from uint64, count int) ([]Hash, error)
	// entries fills into, at most a frame of them, with the entries from one on, each with one byte
	// before it that leafInPlace may use; those that cannot be read are left as they are, nil. They
	// may lie in room.
	entries(into [][]byte, first uint64, room *page) error
}

// FlawKind says what is wrong at a place of a tree.
type FlawKind int

// The kinds of flaws.
const (
	EntryLost    FlawKind = iota // an entry is not there, or cannot be unpacked
	EntryAltered                 // an entry does not hash to its leaf
	HashLost                     // a hash is not there
	HashAltered                  // a hash is not that of what stands below it
	WrongRoot                    // the tree is not the one that a head says
)

// Flaw is one thing that is wrong with a tree.
type Flaw struct {
	Kind  FlawKind
	Level uint64 // of a hash
	From  uint64 // entries that it covers: From up to, not including, To
	To    uint64
	Head  Head // of WrongRoot: what the root should have been
}

// Audit checks every entry and every hash of a tree of Size entries against each other, and the
// tree against heads that it must have had. Where an entry and its leaf differ the tile above
// says which of them is right.
type Audit struct {
	Files Files
	Size  uint64
	Heads []Head // none over Size

	chain chain
	spare sync.Pool // of *auditFrame
}

// Audited is a run of entries as an audit found them. It is the reader's until he asks for the next.
type Audited struct {
	First   uint64
	Entries [][]byte // nil: not there, or unreadable
	Leaves  []Hash   // of the tree, as far as it can be told
	Flaws   []Flaw   // found up to here
}

// Runs yields the tree from the left to the right, read and hashed on all cores. Root is known when
// it has ended.
func (a *Audit) Runs() iter.Seq2[*Audited, error] {
	return func(yield func(*Audited, error) bool) {
		var waiting []chan *auditFrame
		defer func() {
			for _, w := range waiting {
				<-w
			}
		}()
		for next := uint64(0); next < a.Size || len(waiting) > 0; {
			for next < a.Size && len(waiting) < framesAhead*runtime.GOMAXPROCS(0) {
				made := make(chan *auditFrame, 1)
				waiting = append(waiting, made)
				go func(first uint64) { made <- a.frame(first) }(next) // ends by itself: its channel has room
				next += frameEntries
			}
			f := <-waiting[0]
			waiting = waiting[1:]
			if f.err == nil {
				f.err = a.take(f)
			}
			if f.err != nil {
				yield(nil, f.err)
				return
			}
			if !yield(&f.Audited, nil) {
				return
			}
			a.spare.Put(f)
		}
	}
}

// Root returns the root of the whole tree, once Runs has ended.
func (a *Audit) Root() Hash { return a.chain.root(nil) }

// auditFrame is a run on its way: entries, leaves and the tiles that they make.
type auditFrame struct {
	Audited
	own    []Hash // hashes of the entries; that of an unreadable one is that of its leaf
	sound  bool   // every entry could be read
	groups []Hash // roots of its full tiles
	page   page
	err    error
}

// reset makes room for the run of count entries from first.
func (f *auditFrame) reset(first uint64, count int) {
	f.First, f.Leaves, f.Flaws = first, f.Leaves[:0], nil
	f.own, f.sound, f.groups, f.err = slices.Grow(f.own[:0], count)[:count], true, f.groups[:0], nil
	f.Entries = slices.Grow(f.Entries[:0], count)[:count]
	clear(f.Entries)
	clear(f.own)
}

// frame reads a run and judges each tile in it.
func (a *Audit) frame(first uint64) *auditFrame {
	count := int(min(a.Size-first, frameEntries))
	f, _ := a.spare.Get().(*auditFrame)
	if f == nil {
		f = &auditFrame{}
	}
	f.reset(first, count)
	if f.err = a.Files.entries(f.Entries, first, &f.page); f.err != nil {
		return f
	}
	var above []Hash
	if count >= tileWidth {
		above, f.err = a.Files.hashes(1, first/tileWidth, count/tileWidth)
	}
	for at := 0; at < count && f.err == nil; at += tileWidth {
		f.err = a.tile(f, at, min(at+tileWidth, count), above)
	}
	for i, entry := range f.Entries {
		if entry != nil {
			f.Entries[i] = entry[1:]
		}
	}
	return f
}

// tile reads and judges a tile of leaves, and adds it to the run.
func (a *Audit) tile(f *auditFrame, from, to int, above []Hash) error {
	leaves, err := a.Files.hashes(0, f.First+uint64(from), to-from)
	if err != nil {
		return err
	}
	for i := from; i < to; i++ {
		switch {
		case f.Entries[i] != nil:
			f.own[i] = leafInPlace(f.Entries[i])
		case i-from < len(leaves):
			f.own[i], f.sound = leaves[i-from], false
		default:
			f.sound = false
		}
	}
	f.Leaves = append(append(f.Leaves, leaves...), f.own[from+len(leaves):to]...)
	if root := f.judge(from, to, from+len(leaves), above); to-from == tileWidth {
		f.groups = append(f.groups, root)
	}
	return nil
}

// judge says of the entries of a tile, and of its leaves, which are wrong; f.Leaves then are those
// that the tree rests on. known is where the leaves end that were there. It returns the root of a
// full tile.
func (f *auditFrame) judge(from, to, known int, above []Hash) (root Hash) {
	group, full := from/tileWidth, to-from == tileWidth
	if full {
		root = foldCopy(f.Leaves[from:to])
	}
	if full && group < len(above) && root != above[group] {
		if own := foldCopy(f.own[from:to]); own == above[group] {
			root = own
			f.turn(from, to)
		} else {
			f.flaw(HashAltered, 1, from, to)
		}
	}
	for i := from; i < to; i++ {
		if i >= known {
			f.flaw(HashLost, 0, i, i+1)
		}
		switch {
		case f.Entries[i] == nil:
			f.flaw(EntryLost, 0, i, i+1)
		case f.own[i] != f.Leaves[i]:
			f.flaw(EntryAltered, 0, i, i+1)
		}
	}
	if full && group >= len(above) {
		f.flaw(HashLost, 1, from, to)
	}
	return root
}

// turn trusts the entries instead of the leaves.
func (f *auditFrame) turn(from, to int) {
	for i := from; i < to; i++ {
		if f.own[i] != f.Leaves[i] {
			f.flaw(HashAltered, 0, i, i+1)
			f.Leaves[i] = f.own[i]
		}
	}
}

func (f *auditFrame) flaw(kind FlawKind, level uint64, from, to int) {
	f.Flaws = append(f.Flaws, Flaw{Kind: kind, Level: level, From: f.First + uint64(from), To: f.First + uint64(to)})
}

// take adds a run to the tree, in order, and checks the hashes above it and the heads inside it.
func (a *Audit) take(f *auditFrame) error {
	for _, h := range a.Heads {
		if h.Size > f.First && h.Size <= f.First+uint64(len(f.Leaves)) {
			a.checkHead(f, h)
		}
	}
	for _, root := range f.groups {
		if err := a.climb(f, root); err != nil {
			return err
		}
	}
	a.chain.rest = slices.Clone(f.Leaves[len(f.groups)*tileWidth:])
	return nil
}

// climb adds the root of a full tile, and compares the tiles that it completes.
func (a *Audit) climb(f *auditFrame, root Hash) error {
	for level := uint64(1); ; level++ {
		edge := a.chain.add(level, root)
		if len(edge) < tileWidth {
			return nil
		}
		root = foldCopy(edge)
		a.chain.clear(level)
		span := uint64(1) << (tileHeight * (level + 1))
		number := f.First / span
		stored, err := a.Files.hashes(level+1, number, 1)
		if err != nil {
			return fmt.Errorf("level %d: %w", level+1, err)
		}
		flaw := Flaw{Kind: HashLost, Level: level + 1, From: number * span, To: (number + 1) * span}
		if len(stored) > 0 {
			flaw.Kind = HashAltered
		}
		if len(stored) == 0 || stored[0] != root {
			f.Flaws = append(f.Flaws, flaw)
		}
	}
}

// checkHead compares the tree with a head that ends in a run. In a tile that is not full nothing
// above says whether an entry or its leaf is right: the head does.
func (a *Audit) checkHead(f *auditFrame, h Head) {
	inside := int(h.Size - f.First)
	if a.chain.rootWith(f.groups, f.Leaves[:inside]) == h.Root {
		return
	}
	last := inside / tileWidth * tileWidth
	own := append(append([]Hash(nil), f.Leaves[:last]...), f.own[last:inside]...)
	if !f.sound || a.chain.rootWith(f.groups, own) != h.Root {
		f.Flaws = append(f.Flaws, Flaw{Kind: WrongRoot, To: h.Size, Head: h})
		return
	}
	kept := f.Flaws[:0]
	for _, flaw := range f.Flaws {
		if flaw.Kind != EntryAltered || flaw.From < f.First+uint64(last) || flaw.From >= h.Size {
			kept = append(kept, flaw)
		}
	}
	f.Flaws = kept
	f.turn(last, inside)
}
