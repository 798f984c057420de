package book

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
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
// with its leaf, and full tiles of leaves with the level above them. Entries are unpacked and
// hashed on all cores and come in order. Their bytes are the reader's to keep, not to change. An
// entry that is not what its hash says ends the reading with a *DamageError, before any other
// entry of its frame is yielded: see FrameEnd.
func (b *Book) Read(from, to uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if size := b.Size(); to > size {
			yield(nil, fmt.Errorf("%w: it has %d entries, not %d", ErrNotThere, size, to))
			return
		}
		for f := range b.frames(from, to) {
			if !f.each(from, to, yield) {
				return
			}
		}
	}
}

// frame is a run of entries from one file, unpacked and checked.
type frame struct {
	first uint64 // index of its first entry
	raw   []byte
	err   error
}

// each yields the frame's entries between two indexes; false when the reading is over.
func (f *frame) each(from, to uint64, yield func([]byte, error) bool) bool {
	if f.err != nil {
		yield(nil, f.err)
		return false
	}
	at, wanted := f.first, true
	split(f.raw, func(entry []byte) bool {
		if at >= from && at < to {
			wanted = yield(entry[1:], nil)
		}
		at++
		return wanted && at < to
	})
	return wanted
}

// FrameEnd returns where the frame ends that holds an entry: what is damaged is damaged, for Read,
// up to there.
func (b *Book) FrameEnd(index uint64) uint64 {
	return min(index/frameEntries*frameEntries+frameEntries, b.Size())
}

// framesAhead bounds the frames that wait for a slow reader, for each core.
const framesAhead = 2

// frames yields the frames that hold the entries between two indexes, in order; workers make
// them ahead.
func (b *Book) frames(from, to uint64) iter.Seq[*frame] {
	return func(yield func(*frame) bool) {
		if from >= to {
			return
		}
		workers := runtime.GOMAXPROCS(0)
		stop := make(chan struct{})
		jobs := make(chan chan *frame, framesAhead*workers)
		var running sync.WaitGroup
		defer running.Wait()
		defer close(stop)
		running.Go(func() { b.makeFrames(from, to, jobs, stop) })
		for made := range jobs {
			if f := <-made; !yield(f) || f.err != nil {
				return
			}
		}
	}
}

// makeFrames starts a goroutine for each frame, as many at once as jobs has room for, and hands
// their answers on in order.
func (b *Book) makeFrames(from, to uint64, jobs chan<- chan *frame, stop <-chan struct{}) {
	defer close(jobs)
	decoders := sync.Pool{New: func() any {
		d, err := newDecoder()
		if err != nil {
			panic("book: " + err.Error()) // only wrong options are refused
		}
		return d
	}}
	for first := from / frameEntries * frameEntries; first < to; first += frameEntries {
		made := make(chan *frame, 1)
		select {
		case jobs <- made:
		case <-stop:
			return
		}
		go func() {
			d := decoders.Get().(*zstd.Decoder)
			made <- b.frame(first, d)
			decoders.Put(d)
		}()
	}
}

// frame reads and checks the frame that begins with an entry.
func (b *Book) frame(first uint64, d *zstd.Decoder) *frame {
	count := min(b.Size()-first, frameEntries)
	raw, err := b.readRaw(first, int(count), d)
	if err == nil {
		err = b.check(first, int(count), raw)
	}
	if err != nil && errors.Is(err, ErrDamaged) && !errors.As(err, new(*DamageError)) {
		err = &DamageError{first, first + count, err}
	}
	return &frame{first, raw, err}
}

// readRaw reads count entries of a frame, from the growing segment, a full or a sealed one.
func (b *Book) readRaw(first uint64, count int, d *zstd.Decoder) ([]byte, error) {
	number, inside := int(first/SegmentEntries), int(first%SegmentEntries)
	b.mu.RLock()
	live := *b.live
	b.mu.RUnlock()
	if number == live.number {
		return readOpen(segmentPath(b.dir, number), live.ends[:inside+count], inside)
	}
	raw, err := readSealed(sealedPath(b.dir, number), inside/frameEntries, d)
	if errors.Is(err, fs.ErrNotExist) { // full, and waits to be sealed
		raw, err = readFull(segmentPath(b.dir, number), inside)
		if errors.Is(err, fs.ErrNotExist) { // sealed in between
			raw, err = readSealed(sealedPath(b.dir, number), inside/frameEntries, d)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: its file is gone", ErrDamaged)
	}
	return raw, err
}

// readOpen reads the entries from one on up to the last of ends.
func readOpen(path string, ends []int64, from int) ([]byte, error) {
	start := int64(0)
	if from > 0 {
		start = ends[from-1]
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw := make([]byte, ends[len(ends)-1]-start)
	if _, err := f.ReadAt(raw, start); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return raw, nil
}

// readFull reads a frame of a full segment that is not sealed yet.
func readFull(path string, from int) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	raw = raw[sizeOf(raw, from):]
	return raw[:sizeOf(raw, frameEntries)], nil
}

// sizeOf is how many bytes the first n entries of a run take.
func sizeOf(raw []byte, n int) int {
	at := 0
	return split(raw, func([]byte) bool { at++; return at <= n })
}

// check compares the entries with their leaves, and full tiles of leaves with the level above.
func (b *Book) check(first uint64, count int, raw []byte) error {
	b.mu.RLock()
	levels := b.tree.levels
	b.mu.RUnlock()
	leaves, err := levels[0].read(first, count)
	if err != nil {
		return err
	}
	n := 0
	used := split(raw, func(entry []byte) bool {
		if n == count || leafInPlace(entry) != leaves[n] {
			return false
		}
		n++
		return true
	})
	if n < count || used != len(raw) {
		at := first + uint64(n)
		return &DamageError{at, at + 1, errors.New("its bytes do not hash to its leaf")}
	}
	for ; len(leaves) >= tileWidth; leaves = leaves[tileWidth:] {
		above, err := levels[1].read(first/tileWidth, 1)
		if err != nil {
			return err
		}
		if fold(leaves[:tileWidth]) != above[0] {
			return &DamageError{first, first + tileWidth, errors.New("their leaves do not hash to the tile above")}
		}
		first += tileWidth
	}
	return nil
}

// Entry returns one entry, checked like those of Read. Its bytes are the caller's.
func (b *Book) Entry(index uint64) ([]byte, error) {
	for entry, err := range b.Read(index, index+1) {
		return entry, err
	}
	return nil, fmt.Errorf("%w: entry %d", ErrNotThere, index)
}
