package book

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// DamageError names the entries that are not what their hashes say. It is an ErrDamaged.
type DamageError struct {
	From, To uint64 // From up to, not including, To
	Err      error  // what was found
}

// Error names the entries.
func (e *DamageError) Error() string {
	return fmt.Sprintf("entries %d to %d of the book: %v", e.From, e.To-1, e.Err)
}

// Unwrap returns ErrDamaged and the cause.
func (e *DamageError) Unwrap() []error { return []error{ErrDamaged, e.Err} }

// Read yields the entries from one index up to, not including, another, each hashed and compared
// with its leaf, and the tiles of leaves with what is held in memory or proved by that. Entries are unpacked and
// hashed on all cores and come in order. Their bytes are the reader's to keep, not to change;
// who keeps one keeps the thousand of its frame. An entry that is not what its hash says ends the
// reading with a *DamageError, before any other entry of its frame is yielded: see FrameEnd.
// However the reading ends, its goroutines have ended with it.
func (b *Book) Read(from, to uint64) iter.Seq2[[]byte, error] { return Map(b, from, to, itself) }

// Scan is Read without anything to keep: an entry's bytes are the reader's until it asks for the
// next one.
func (b *Book) Scan(from, to uint64) iter.Seq2[[]byte, error] {
	return (&reading[[]byte]{book: b, from: from, to: to, work: itself, reuse: true}).all
}

func itself(_ uint64, entry []byte) []byte { return entry }

// Map is Read with work done on every entry where it was checked, on several cores at once: it
// yields what work returns, in order. The entry's bytes are work's to keep, not to change.
func Map[T any](b *Book, from, to uint64, work func(index uint64, entry []byte) T) iter.Seq2[T, error] {
	return (&reading[T]{book: b, from: from, to: to, work: work}).all
}

// reading is one pass over entries.
type reading[T any] struct {
	book     *Book
	from, to uint64
	work     func(index uint64, entry []byte) T
	reuse    bool // nobody keeps an entry's bytes
	spare    sync.Pool
	stop     chan struct{} // closed when the reader wants no more
	running  sync.WaitGroup
}

// all yields the results; it is the iterator.
func (r *reading[T]) all(yield func(T, error) bool) {
	var none T
	if size := r.book.Size(); r.to > size {
		yield(none, fmt.Errorf("%w: it has %d entries, not %d", ErrNotThere, size, r.to))
		return
	}
	for f := range r.frames {
		for _, result := range f.results {
			if !yield(result, nil) {
				return
			}
		}
		if f.err != nil {
			yield(none, f.err)
			return
		}
		r.spare.Put(f)
	}
}

// framesAhead bounds the frames that wait for a slow reader, for each core.
const framesAhead = 2

// frames yields the frames that hold the entries, in order; goroutines make them ahead.
func (r *reading[T]) frames(yield func(*frame[T]) bool) {
	first := r.from / frameEntries * frameEntries
	if r.to <= first+frameEntries {
		if r.from < r.to {
			yield(r.make(first))
		}
		return
	}
	jobs := make(chan chan *frame[T], framesAhead*runtime.GOMAXPROCS(0))
	r.stop = make(chan struct{})
	defer r.running.Wait()
	defer close(r.stop)
	r.running.Go(func() { r.begin(jobs) })
	for made := range jobs {
		f := <-made
		failed := f.err != nil // once it was yielded it may be somebody else's
		if !yield(f) || failed {
			return
		}
	}
}

// begin starts a goroutine for each frame, as many at once as jobs has room for, and hands their
// answers on in order.
func (r *reading[T]) begin(jobs chan<- chan *frame[T]) {
	defer close(jobs)
	for first := r.from / frameEntries * frameEntries; first < r.to; first += frameEntries {
		made := make(chan *frame[T], 1)
		select {
		case <-r.stop:
			return
		case jobs <- made:
			r.running.Go(func() { made <- r.make(first) })
		}
	}
}

// frame is a run of entries from one file with what was made of them.
type frame[T any] struct {
	page    page
	results []T
	err     error
}

// make reads and checks the frame that begins with an entry, and does the work on its entries.
func (r *reading[T]) make(first uint64) *frame[T] {
	f, _ := r.spare.Get().(*frame[T])
	if f == nil {
		f = &frame[T]{}
	}
	if !r.reuse {
		f.page.raw = nil // somebody else's by now
	}
	f.results = f.results[:0]
	if f.err = r.book.load(&f.page, first); f.err != nil {
		return f
	}
	at := first
	split(f.page.raw, func(entry []byte) bool {
		if at >= r.from && at < r.to {
			f.results = append(f.results, r.work(at, entry[1:]))
		}
		at++
		return at < r.to
	})
	return f
}

// FrameEnd returns where the frame ends that holds an entry: what is damaged is damaged, for Read,
// up to there.
func (b *Book) FrameEnd(index uint64) uint64 {
	return min(index/frameEntries*frameEntries+frameEntries, b.Size())
}

// page is the unpacked bytes of a frame, with room to read it into.
type page struct {
	raw    []byte // the entries, each behind its length
	packed []byte // as they stand in a sealed file
	leaves []byte
}

// load reads and checks the frame that begins with an entry.
func (b *Book) load(p *page, first uint64) error {
	count := min(b.Size()-first, frameEntries)
	err := b.readRaw(p, first, int(count))
	if err == nil {
		err = b.check(p, first, int(count))
	}
	return damageOf(err, first, first+count)
}

// damageOf names the entries of a frame in which something is damaged.
func damageOf(err error, from, to uint64) error {
	if err != nil && errors.Is(err, ErrDamaged) && !errors.As(err, new(*DamageError)) {
		return &DamageError{from, to, err}
	}
	return err
}

// readRaw reads count entries of a frame, from the growing segment, a full or a sealed one.
func (b *Book) readRaw(p *page, first uint64, count int) error {
	number, inside := int(first/SegmentEntries), int(first%SegmentEntries)
	if ends := b.endsOf(number); ends != nil {
		err := p.readOpen(segmentPath(b.dir, number), ends[:inside+count], inside)
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		} // sealed in between
	}
	err := b.readSealed(p, number, inside/frameEntries)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: its file is gone", ErrDamaged)
	}
	if err == nil && count < frameEntries { // it has grown, and was sealed, since the count
		p.raw = p.raw[:sizeOf(p.raw, count)]
	}
	return err
}

// endsOf returns where the entries of a segment that is not sealed end; nil of one that is.
func (b *Book) endsOf(number int) []int64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if number == b.live.number {
		return b.live.ends
	}
	for _, s := range b.full {
		if s.number == number {
			return s.ends
		}
	}
	return nil
}

// readOpen reads the entries from one on up to the last of ends.
func (p *page) readOpen(path string, ends []int64, from int) error {
	start := int64(0)
	if from > 0 {
		start = ends[from-1]
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	p.raw = sized(p.raw, int(ends[len(ends)-1]-start))
	if _, err := f.ReadAt(p.raw, start); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// sized returns b, or a new one, with n bytes.
func sized(b []byte, n int) []byte { return slices.Grow(b[:0], n)[:n] }

// check compares the entries with their leaves, and those with the tiles above.
func (b *Book) check(p *page, first uint64, count int) error {
	leaves, err := b.readLeaves(p, first, count)
	if err != nil {
		return err
	}
	n := 0
	used := split(p.raw, func(entry []byte) bool {
		if n == count || leafInPlace(entry) != Hash(leaves[n*tlog.HashSize:]) {
			return false
		}
		n++
		return true
	})
	if n < count || used != len(p.raw) {
		at := first + uint64(n)
		return &DamageError{at, at + 1, errors.New("its bytes do not hash to its leaf")}
	}
	return b.checkTiles(leaves, first)
}

// readLeaves reads the leaf hashes of a frame.
func (b *Book) readLeaves(p *page, first uint64, count int) ([]byte, error) {
	p.leaves = sized(p.leaves, count*tlog.HashSize)
	if _, err := b.tree.levels[0].file.ReadAt(p.leaves, int64(first)*tlog.HashSize); err != nil {
		return nil, fmt.Errorf("%w: hash %d: %w", ErrDamaged, first, err)
	}
	return p.leaves, nil
}

// Entry returns one entry, compared with its leaf, and its tile of leaves with those above. Its bytes are the caller's.
func (b *Book) Entry(index uint64) ([]byte, error) {
	if index >= b.Size() {
		return nil, fmt.Errorf("%w: entry %d", ErrNotThere, index)
	}
	p, _ := b.pages.Get().(*page)
	if p == nil {
		p = &page{}
	}
	defer b.pages.Put(p)
	entry, err := b.entry(p, index)
	return entry, damageOf(err, index, index+1)
}

func (b *Book) entry(p *page, index uint64) (found []byte, err error) {
	first := index / frameEntries * frameEntries
	if err := b.readRaw(p, first, int(min(b.Size()-first, frameEntries))); err != nil {
		return nil, err
	}
	tile := index / tileWidth * tileWidth
	leaves, err := b.readLeaves(p, tile, int(min(b.Size()-tile, tileWidth)))
	if err != nil {
		return nil, err
	}
	at := first
	split(p.raw, func(entry []byte) bool {
		if at == index && leafInPlace(entry) == Hash(leaves[(index-tile)*tlog.HashSize:]) {
			found = slices.Clone(entry[1:])
		}
		at++
		return at <= index
	})
	if found == nil {
		return nil, &DamageError{index, index + 1, errors.New("its bytes do not hash to its leaf")}
	}
	return found, b.checkTiles(leaves, tile)
}
