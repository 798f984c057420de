package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/seal"
)

// The size of a group: as many events as one sync is spread over. Past a thousand the gain is
// small and a failed group costs more (docs/performance.md).
const (
	maxGroupEvents = 1024
	maxGroupBytes  = 4 << 20
)

// maxWaiting bounds the submissions that wait for their group: senders beyond it wait.
const maxWaiting = 4096

// maxAttempts bounds how often a group is made anew because another door appended first.
const maxAttempts = 100

// maxClockLag is how far the wall clock may stand behind the last recorded time.
const maxClockLag = time.Minute

// errFence says that the stream's end was not where the group was to begin, or that it is
// unknown whether the group was stored.
var errFence = errors.New("the stream did not take the group at its place")

// errSync says that a sync failed: what is on disk is unknown until the ledger is opened again.
var errSync = errors.New("the sync failed")

// errUnread says that the store could not be read; it may answer later.
var errUnread = errors.New("the store does not answer")

// settleEvery bounds what the directory keeps for taking back while a stream is read at the start.
const settleEvery = 1 << 16

// maxStuck bounds how often a group is published although nobody else appends: each time may
// last publishWait, and the submitters wait.
const maxStuck = 2

// pollEvery is how often a door on a shared server looks for what another one appended.
const pollEvery = 200 * time.Millisecond

// message is one stored message.
type message struct {
	sequence uint64
	subject  string
	body     []byte
}

// store keeps one stream's messages: JetStream, or memory in tests.
type store interface {
	// append stores the messages at their sequences, each only where its predecessor is the
	// stream's last; errFence when it is not, or when that is unknown.
	append(ctx context.Context, messages []message) error
	// sync puts what was stored before the call on disk. A failure is final: what is on disk is
	// unknown until the store is opened again.
	sync() error
	storeReader
}

// storeReader reads one stream's messages.
type storeReader interface {
	get(sequence uint64) (message, error)
	// read yields the messages after a sequence up to the last one stored when it is called.
	read(ctx context.Context, after uint64, yield func(message) bool) error
}

// history is one stream's messages, read where they are safest.
type history interface {
	get(sequence uint64) (message, error)
	// records yields the records after a sequence up to the last one stored when it is called. It may
	// open their events while it reads ahead.
	records(ctx context.Context, after uint64, open opening, yield func(Record) bool) error
}

// opening opens an event's payload; nil opens none.
type opening func(*Event) (domain.Fact, error)

// storeHistory reads history from the store itself.
type storeHistory struct {
	storeReader
	province uint8
}

// records implements history.
func (h storeHistory) records(ctx context.Context, after uint64, _ opening, yield func(Record) bool) error {
	return h.read(ctx, after, func(m message) bool { return yield(recordOf(h.province, m)) })
}

// writer is the door of one stream. One goroutine settles what comes in while another carries the
// group before to the disk; a group is acknowledged, and the next one sent off, when it is synced.
type writer struct {
	province  uint8
	store     store
	book      *streamBook // nil for a stream in memory
	signed    book.Head   // what was signed of the stream before it was opened
	damaged   error       // what the book is to be mended of, nil = nothing
	rebook    func(context.Context, *streamBook, storeReader, book.Head, error) (*streamBook, error)
	history   history          // what was recorded: the book where there is one, otherwise the store
	missing   *DifferenceError // what was signed, and stands behind the end of what can be read; nil = nothing
	directory *Directory
	opener    *Opener
	ring      *seal.Ring
	owners    *idOwners // of the ids of all streams
	clock     func() time.Time
	room      func() error // nil, or ErrDiskFull
	steps     steps        // of Config
	shared    bool         // other processes may append to the stream
	queue     chan *request
	stopped   chan struct{}
	flights   chan *build // to the goroutine that carries groups to the disk
	landed    chan error  // what became of them
	asks      chan func() // to be run while nothing else is
	suspects  chan uint64 // places where a reader met damage, for the scrub
	moments   moments     // when what is durable was recorded

	// Owned by the goroutine of run, and by open before it starts.
	last     uint64        // the last sequence settled: stored, on its way or still to be sent off
	recorded domain.Moment // of the event there
	ids      *idTable      // of what is durable
	parts    setReader
	opening  bool        // the stream is read for the first time
	saved    *loadedDoor // what a snapshot knew, until then
	waiting  []*request  // to be settled before what is queued, in their order
	building *build      // the next group
	flying   *build      // the group on its way to the disk
	checked  time.Time   // when the clock was looked at last
	attempts int         // of sending off what waits, since something was stored
	stuck    int         // of these, how many found that nobody else had appended

	mu      sync.Mutex
	durable uint64 // under mu: everything up to here is on disk
	// dangling is how many parts of a set that is not whole stand at the durable end: no reader
	// gets them, now or ever, unless another door completes the set. Under mu.
	dangling uint64
	moved    chan struct{} // under mu: closed and made anew when durable moves
	tail     []Record      // under mu: the last durable records, without a gap; elements never change
	foreign  uint64        // under mu
	failed   error         // under mu: why the door stands still
	unsigned string        // under mu: why the last checkpoint could not be signed, "" = it was
	stats    DoorStats     // under mu
	scrub    Scrub         // under mu
}

// open reads the whole stream into the index, syncs what it found and starts the door.
func (w *writer) open(ctx context.Context) error {
	w.queue = make(chan *request, maxWaiting)
	w.stopped = make(chan struct{})
	w.moved = make(chan struct{})
	w.suspects = make(chan uint64, maxSuspects)
	w.flights, w.landed, w.asks = make(chan *build, 1), make(chan error, 1), make(chan func())
	if w.ids == nil {
		w.ids = &idTable{}
	}
	w.opening = true
	differs, err := w.openBook(ctx)
	if err != nil {
		return err
	}
	if err := w.resume(); err != nil {
		return err
	}
	if differs, err = w.learnAll(ctx, differs); err != nil {
		return err
	}
	w.opening = false
	if err := w.store.sync(); err != nil {
		return fmt.Errorf("syncing what was found: %w", err)
	}
	close(w.settle(w.last, nil))
	if differs != nil {
		w.fail(differs)
	}
	return nil
}

// learnAll learns what stands in the stream at a start. Where no copy proves what was recorded it
// goes on behind: the rest can be read, and differs says why nothing may be recorded.
func (w *writer) learnAll(ctx context.Context, differs error) (error, error) {
	for {
		err := w.catchUp(ctx)
		var d *DifferenceError
		if !errors.As(err, &d) || d.To <= w.last {
			return differs, err
		}
		if differs == nil {
			differs = d
		}
		w.last, w.parts.held = d.To, nil
	}
}

// catchUp learns what stands in the stream after w.last.
func (w *writer) catchUp(ctx context.Context) error {
	var failure error
	err := w.history.records(ctx, w.last, w.opener.OpenAll, func(next Record) bool {
		if next.Sequence != w.last+1 {
			failure = fmt.Errorf("%s has a gap: %d follows %d", StreamName(w.province), next.Sequence, w.last)
			return false
		}
		if failure = w.enter(message{next.Sequence, next.Subject, next.Body}); failure != nil {
			return false
		}
		if w.last = next.Sequence; w.opening && w.last%settleEvery == 0 {
			w.directory.Settle(w.province, w.last) // a start takes nothing back
		}
		for _, rec := range w.parts.add(next) {
			if failure = w.learn(rec); failure != nil {
				return false
			}
		}
		return true
	})
	if err != nil && !errors.Is(err, errGone) {
		err = fmt.Errorf("%w: %w", errUnread, err)
	}
	return errors.Join(failure, err)
}

func (w *writer) learn(rec Record) error {
	if rec.Event == nil {
		w.mu.Lock()
		w.foreign++
		w.mu.Unlock()
		return nil
	}
	e := rec.Event
	stamp, err := e.Stamp()
	if err != nil {
		return err
	}
	if e.Fact == nil {
		if e.Fact, err = w.opener.OpenAll(e); err != nil {
			return err
		}
	}
	if err := w.teach(w.find, e, stamp); err != nil {
		return err
	}
	w.ids.add(e.ID, e.Sequence)
	w.moments.note([]Record{rec})
	w.recorded = max(w.recorded, e.Recorded)
	return nil
}

// settle makes a sequence the durable position, and returns the channel to be closed to wake who
// waits for it. The group, when it is all that came since the position before, is kept for
// followers.
func (w *writer) settle(upTo uint64, group []Record) (wake chan struct{}) {
	w.directory.Settle(w.province, upTo)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keepTail(group)
	w.durable, w.dangling = upTo, uint64(len(w.parts.held))
	wake, w.moved = w.moved, make(chan struct{})
	return wake
}

// lookForOthers learns what another door appended while nothing is to be recorded here. A
// server that does not answer is asked again later.
func (w *writer) lookForOthers(ctx context.Context) {
	err := w.catchUp(ctx)
	if err == nil {
		err = w.syncLearned()
	}
	if err != nil && !errors.Is(err, errUnread) {
		w.fail(err)
	}
}

// syncLearned puts on disk what another door, or a publish whose answer was lost, appended.
func (w *writer) syncLearned() error {
	if durable, _ := w.position(); durable == w.last {
		return nil
	}
	if err := w.store.sync(); err != nil {
		return fmt.Errorf("%w: %w", errSync, err)
	}
	close(w.settle(w.last, nil))
	return nil
}

// takeBack forgets what a group that was not stored taught, and what was settled after it; their
// requests wait again, in their order. It returns the events, whose ids stay claimed: what
// became of them may be unknown.
func (w *writer) takeBack(b *build) []*Event {
	w.directory.Undo(w.province, b.before)
	w.last, w.recorded = b.before, b.recordedBefore
	again, events := slices.Clone(b.requests), b.events
	if next := w.building; next != nil && next != b {
		again, events = append(again, next.requests...), slices.Concat(events, next.events)
	}
	w.building = nil
	w.waiting = append(again, w.waiting...)
	return events
}

// keep takes a durable group into the index, answers it, and then wakes the followers.
func (w *writer) keep(b *build) {
	records := make([]Record, len(b.events))
	for i, e := range b.events {
		w.ids.add(e.ID, e.Sequence)
		records[i] = recordOfEvent(e, b.messages[i])
	}
	w.moments.note(records)
	w.owners.releaseAll(b.events)
	if len(b.messages) > 0 {
		w.parts.held = nil // what stood before, if it was a part of a set, is void now
	}
	wake := w.settle(b.before+uint64(len(b.messages)), records)
	b.answer()
	close(wake)
}

// mayWrite checks the disk and the clock.
func (w *writer) mayWrite() error {
	if err := w.room(); err != nil {
		return err
	}
	now, before := w.clock(), w.checked
	w.checked = now
	if lag := time.Duration(w.recorded-domain.MomentOf(now)) * time.Millisecond; lag > maxClockLag {
		return fmt.Errorf("%w by %s", ErrClock, lag)
	}
	if before.IsZero() {
		return nil
	}
	// Round(0) takes the monotonic reading off, so that the difference is the wall clock's.
	if jump := now.Round(0).Sub(before.Round(0)) - now.Sub(before); jump.Abs() > maxClockLag {
		return fmt.Errorf("%w: it jumped by %s", ErrClock, jump)
	}
	return nil
}

func (w *writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = err
	}
}

func (w *writer) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// position returns the durable position, and a channel that is closed when it moves.
func (w *writer) position() (uint64, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.durable, w.moved
}

// whole returns the durable position without the parts of a set that is not whole.
func (w *writer) whole() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.durable - w.dangling
}
