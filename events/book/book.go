// Package book is the second, verifiable copy of a stream: every entry in order, and an RFC 6962
// tree over them. It proves that an entry is in the log, repairs a log that lost some, and is the
// fast reader of history.
//
// It follows RFC 6962 and the C2SP texts tlog-tiles, tlog-checkpoint and tlog-proof; its files are
// described in docs/format.md. It takes entries as bytes and knows neither events nor JetStream.
// The golden files, the failure table and the fuzz tests of this package prove its promises.
package book

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// MaxEntry is the longest entry that a C2SP entry bundle holds.
const MaxEntry = 65_535

// SegmentEntries is how many entries a file of entries holds: 64 bundles, some ten megabytes. A
// file for each bundle would make hundreds of thousands of files at 100 million events.
const SegmentEntries = 1 << 14

// The ways in which a book refuses.
var (
	ErrDamaged  = errors.New("the book is damaged")        // rebuild it from the stream
	ErrNotThere = errors.New("the book does not reach it") // ask for less, or wait
	ErrSync     = errors.New("a sync of the book failed")  // what is on disk is unknown until it is opened again
	ErrTooLong  = errors.New("an entry is over 65,535 bytes")
)

// Hash is a node of the tree.
type Hash = tlog.Hash

// Book is the book of one stream. Append is for one goroutine; everything else may be called
// concurrently with it.
type Book struct {
	dir    string
	buffer []byte // of Append

	decoders sync.Pool // *zstd.Decoder
	pages    sync.Pool // *page, of Entry

	proven sync.Map // by number, the nodes of full tiles of level 1 that were compared with those above

	mending sync.Mutex // held while a segment is made again

	mu      sync.RWMutex
	tree    tree       // under mu for writing
	live    *segment   // under mu: the segment that grows
	full    []*segment // under mu: segments that wait to be sealed, closed, in order
	size    uint64     // under mu: entries written
	failed  error      // under mu: a failed write; the book takes nothing more until it is opened again
	remade  bool       // Open made the hashes again
	sealing chan struct{}
	closing chan struct{}
	sealer  sync.WaitGroup
	closed  sync.Once
}

// Open opens the book in a folder, made when it is not there. What a crash left unfinished at its
// end is cut off: the book ends where entries and leaf hashes agree. ErrDamaged says that it
// cannot be what it was: see Head. What was signed of it, if the caller knows that, is never cut off
// without a copy that stays in the folder "cut".
func Open(dir string, signed ...Head) (*Book, error) {
	if err := os.MkdirAll(filepath.Join(dir, "entries"), 0o700); err != nil {
		return nil, fmt.Errorf("book: %w", err)
	}
	b := &Book{dir: dir, sealing: make(chan struct{}, 1), closing: make(chan struct{})}
	known := Head{}
	for _, h := range signed {
		if h.Size > known.Size {
			known = h
		}
	}
	if err := b.recover(known); err != nil {
		return nil, errors.Join(err, b.closeFiles())
	}
	b.sealer.Go(b.sealFull)
	b.wakeSealer()
	return b, nil
}

// Remade reports whether the hashes were damaged when the book was opened, and were made again from
// the entries, which had the root that was signed.
func (b *Book) Remade() bool { return b.remade }

// Append writes n entries at the end; entry appends the bytes of one to b. They are durable when a sync of the file system that begins
// afterwards has ended: the door makes one for log and book together. After an error the book
// takes nothing more until it is opened again.
func (b *Book) Append(n int, entry func(b []byte, i int) []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed != nil {
		return b.failed
	}
	if b.failed = b.append(n, entry); b.failed != nil {
		b.failed = fmt.Errorf("book: %w", b.failed)
	}
	return b.failed
}

func (b *Book) append(n int, entry func(b []byte, i int) []byte) (err error) {
	for from := 0; from < n; {
		to := min(n, from+SegmentEntries-b.live.count())
		var leaves []Hash
		b.buffer, leaves, err = b.live.append(b.buffer[:0], to-from, func(b []byte, i int) []byte { return entry(b, from+i) })
		if err != nil {
			return err
		}
		if err := b.tree.append(leaves); err != nil {
			return err
		}
		b.size += uint64(to - from)
		from = to
		if b.live.count() == SegmentEntries {
			if err := b.nextSegment(); err != nil {
				return err
			}
		}
	}
	return nil
}

// nextSegment begins a new file of entries; the full one is sealed in the background.
func (b *Book) nextSegment() error {
	if err := b.live.close(); err != nil {
		return err
	}
	b.full = append(b.full, b.live)
	b.wakeSealer()
	next, err := createSegment(b.dir, b.live.number+1)
	if err == nil {
		b.live = next
	}
	return err
}

// Size is how many entries are written.
func (b *Book) Size() uint64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.size
}

// Root returns the root hash of the tree of the first n entries; ErrNotThere when fewer are there.
func (b *Book) Root(n uint64) (Hash, error) {
	r, err := b.tree.reader(b, n)
	if err != nil {
		return Hash{}, err
	}
	return tlog.TreeHash(int64(n), r)
}

// Leaf returns the leaf hash of an entry.
func (b *Book) Leaf(index uint64) (h Hash, err error) {
	if index >= b.Size() {
		return Hash{}, fmt.Errorf("%w: entry %d", ErrNotThere, index)
	}
	_, err = b.tree.levels[0].file.ReadAt(h[:], int64(index)*tlog.HashSize)
	return h, err
}

// ProveEntry returns the inclusion proof of an entry in the tree of the first n entries, from the
// leaf's sibling up (RFC 6962, 2.1.1).
func (b *Book) ProveEntry(n, index uint64) ([]Hash, error) {
	r, err := b.tree.reader(b, n)
	if err != nil {
		return nil, err
	}
	if index >= n {
		return nil, fmt.Errorf("%w: entry %d of %d", ErrNotThere, index, n)
	}
	r.proven = b.nodes
	return tlog.ProveRecord(int64(n), int64(index), r)
}

// ProveTree returns the consistency proof from the tree of the first old entries to that of the
// first n (RFC 6962, 2.1.2); old is at least 1.
func (b *Book) ProveTree(n, old uint64) ([]Hash, error) {
	r, err := b.tree.reader(b, n)
	if err != nil {
		return nil, err
	}
	if old == 0 || old > n {
		return nil, fmt.Errorf("%w: no proof from %d to %d", ErrNotThere, old, n)
	}
	return tlog.ProveTree(int64(n), int64(old), r)
}

// Sync puts what is written on disk, where no sync of the whole file system does.
func (b *Book) Sync() error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	errs := []error{b.live.file.Sync(), syncDir(filepath.Join(b.dir, "entries"))}
	for _, l := range b.tree.levels {
		errs = append(errs, l.file.Sync())
	}
	for _, s := range b.full {
		errs = append(errs, s.sync(b.dir))
	}
	return errors.Join(append(errs, syncDir(b.dir))...)
}

// Close waits for what is being sealed and closes the files. It does not sync. A second call does
// nothing.
func (b *Book) Close() (err error) {
	b.closed.Do(func() { err = b.close() })
	return err
}

func (b *Book) close() error {
	close(b.closing)
	b.sealer.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed = errors.New("book: closed")
	return b.closeFiles()
}

func (b *Book) closeFiles() error {
	var errs []error
	if b.live != nil {
		errs = append(errs, b.live.close())
	}
	return errors.Join(append(errs, b.tree.close())...)
}
