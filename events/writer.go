package events

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/anju-ledger/anju/domain"
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
var errFence = errors.New("another door appended first")

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

// request is one Append on its way.
type request struct {
	set      bool
	drafts   []Draft
	outcomes []Outcome
	done     chan struct{}
}

// writer is the door of one stream: one goroutine makes groups of the requests that gather
// while the group before is on its way to the disk, and acknowledges a group when it is synced.
type writer struct {
	province  uint8
	store     store
	directory *Directory
	opener    *Opener
	ring      *seal.Ring
	clock     func() time.Time
	room      func() error // nil, or ErrDiskFull
	shared    bool         // other processes may append to the stream
	queue     chan *request
	stopped   chan struct{}

	// Owned by the goroutine of run, and by open before it starts.
	last     uint64 // the last sequence stored
	recorded domain.Moment
	ids      idTable
	parts    setReader
	opening  bool      // the stream is read for the first time
	next     *request  // taken from the queue, too large for the group before
	checked  time.Time // when the clock was looked at last

	mu      sync.Mutex
	durable uint64        // under mu: everything up to here is on disk
	moved   chan struct{} // under mu: closed and made anew when durable moves
	tail    []Record      // under mu: the last durable records, without a gap; elements never change
	foreign uint64        // under mu
	failed  error         // under mu: why the door stands still
}

// open reads the whole stream into the index, syncs what it found and starts the door.
func (w *writer) open(ctx context.Context) error {
	w.queue = make(chan *request, maxWaiting)
	w.stopped = make(chan struct{})
	w.moved = make(chan struct{})
	w.opening = true
	if err := w.catchUp(ctx); err != nil {
		return err
	}
	w.opening = false
	if err := w.store.sync(); err != nil {
		return fmt.Errorf("syncing what was found: %w", err)
	}
	w.settle(nil)
	return nil
}

// catchUp learns what stands in the stream after w.last.
func (w *writer) catchUp(ctx context.Context) error {
	var failure error
	err := w.store.read(ctx, w.last, func(m message) bool {
		if m.sequence != w.last+1 {
			failure = fmt.Errorf("%s has a gap: %d follows %d", StreamName(w.province), m.sequence, w.last)
			return false
		}
		if w.last = m.sequence; w.opening && w.last%settleEvery == 0 {
			w.directory.Settle(w.province, w.last) // a start takes nothing back
		}
		for _, rec := range w.parts.add(recordOf(w.province, m)) {
			if failure = w.learn(rec); failure != nil {
				return false
			}
		}
		return true
	})
	if err != nil {
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
	if e.Fact, err = w.opener.OpenAll(e); err != nil {
		return err
	}
	w.directory.Learn(e.Home, stamp, e.Fact)
	w.ids.add(e.ID, e.Sequence)
	w.recorded = max(w.recorded, e.Recorded)
	return nil
}

// settle makes the end of the stream the durable position and wakes who waits for it. The
// group, when it is all that came since the position before, is kept for followers.
func (w *writer) settle(group []Record) {
	w.directory.Settle(w.province, w.last)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keepTail(group)
	w.durable = w.last
	close(w.moved)
	w.moved = make(chan struct{})
}

// run makes groups until ctx ends or the door must stand still; every request gets an answer.
func (w *writer) run(ctx context.Context) {
	defer close(w.stopped)
	var poll <-chan time.Time
	if w.shared {
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		poll = ticker.C
	}
	for {
		if w.next == nil {
			select {
			case <-ctx.Done():
				w.fail(ErrStopped)
			case <-poll:
				w.lookForOthers(ctx)
			case w.next = <-w.queue:
			}
		}
		if w.next != nil {
			group := w.gather()
			if err := w.commit(ctx, group); err != nil {
				w.fail(err)
			}
			for _, r := range group {
				close(r.done)
			}
		}
		if w.failure() != nil {
			w.refuseWaiting()
			return
		}
	}
}

// lookForOthers learns what another door appended while nothing is to be recorded here. A
// server that does not answer is asked again later.
func (w *writer) lookForOthers(ctx context.Context) {
	before := w.last
	err := w.catchUp(ctx)
	if err != nil && !errors.Is(err, errUnread) {
		w.fail(err)
	}
	if err == nil && w.last != before {
		if err := w.store.sync(); err != nil {
			w.fail(err)
			return
		}
		w.settle(nil)
	}
}

// gather takes what waits, without waiting for more.
func (w *writer) gather() []*request {
	group, count := []*request{w.next}, len(w.next.drafts)
	w.next = nil
	for {
		select {
		case r := <-w.queue:
			if count += len(r.drafts); count > maxGroupEvents {
				w.next = r
				return group
			}
			group = append(group, r)
		default:
			return group
		}
	}
}

func (w *writer) refuseWaiting() {
	if w.next != nil {
		w.next.refuse(ErrStopped)
		close(w.next.done)
		w.next = nil
	}
	for {
		select {
		case r := <-w.queue:
			r.refuse(ErrStopped)
			close(r.done)
		default:
			return
		}
	}
}

func (r *request) refuse(err error) {
	for i := range r.outcomes {
		r.outcomes[i] = Outcome{Err: err}
	}
}

// submit queues a request.
func (w *writer) submit(ctx context.Context, r *request) error {
	if w.failure() != nil {
		return fmt.Errorf("%w: %w", ErrStopped, w.failure())
	}
	select {
	case w.queue <- r:
		return nil
	case <-w.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await waits for the answer of a queued request.
func (w *writer) await(ctx context.Context, r *request) error {
	select {
	case <-r.done:
		return nil
	case <-w.stopped:
		select {
		case <-r.done:
			return nil
		default:
			return ErrStopped
		}
	case <-ctx.Done():
		return ctx.Err()
	}
}

// commit records the requests of a group; an error stops the door.
func (w *writer) commit(ctx context.Context, group []*request) error {
	if err := w.mayWrite(); err != nil {
		refuseAll(group, err)
		if errors.Is(err, ErrDiskFull) {
			return nil
		}
		return err
	}
	attempts, stuck := 0, 0
	for len(group) > 0 {
		before := w.last
		settled, err := w.commitSome(ctx, group)
		group = group[settled:]
		switch {
		case err == nil:
			attempts, stuck = 0, 0
			continue
		case !errors.Is(err, errFence) && !errors.Is(err, errUnread):
			return w.abandon(group, err)
		}
		if attempts++; w.last == before {
			stuck++ // nobody else appended: the store does not answer, or refuses
		}
		if attempts >= maxAttempts || stuck >= maxStuck || ctx.Err() != nil {
			refuseAll(group, fmt.Errorf("%w: whether it was stored is unknown, send it again: %w", ErrStopped, err))
			return nil
		}
	}
	return nil
}

// commitSome settles, publishes and syncs as much of the group as one sync is spread over, and
// returns how many requests that were; only then do their outcomes hold. On errFence it has
// caught up with the stream, and on errUnread it could not: the requests are to be settled anew.
func (w *writer) commitSome(ctx context.Context, group []*request) (settled int, err error) {
	before := w.last
	b := w.settleGroup(group)
	if b.err != nil {
		w.takeBack(before)
		return 0, b.err
	}
	if len(b.messages) == 0 {
		// Duplicates only: their receipts speak of what is on disk.
		return b.requests, w.syncLearned()
	}
	if err := w.store.append(ctx, b.messages); err != nil {
		w.takeBack(before)
		if !errors.Is(err, errFence) {
			return 0, err
		}
		if failed := w.catchUp(ctx); failed != nil {
			return 0, failed
		}
		if failed := w.syncLearned(); failed != nil {
			return 0, failed
		}
		return 0, err
	}
	// The commit point: before this sync returns nothing of the group is acknowledged, and a
	// crash loses or keeps any prefix of it; after it the whole group is on disk.
	if err := w.store.sync(); err != nil {
		w.takeBack(before)
		return 0, fmt.Errorf("%w: %w", errSync, err)
	}
	w.keep(b)
	return b.requests, nil
}

// syncLearned puts on disk what another door, or a publish whose answer was lost, appended.
func (w *writer) syncLearned() error {
	if durable, _ := w.position(); durable == w.last {
		return nil
	}
	if err := w.store.sync(); err != nil {
		return fmt.Errorf("%w: %w", errSync, err)
	}
	w.settle(nil)
	return nil
}

// takeBack forgets what a group that was not stored taught.
func (w *writer) takeBack(before uint64) {
	w.directory.Undo(w.province, before)
	w.last = before
}

// abandon answers a failed group with the failure, which stops the door.
func (w *writer) abandon(group []*request, err error) error {
	refuseAll(group, fmt.Errorf("%w: %w", ErrStopped, err))
	return err
}

func refuseAll(group []*request, err error) {
	for _, r := range group {
		r.refuse(err)
	}
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

// keep takes a durable group into the index.
func (w *writer) keep(b *build) {
	w.parts.held = nil // what stood before, if it was a part of a set, is void now
	records := make([]Record, len(b.events))
	for i, e := range b.events {
		w.ids.add(e.ID, e.Sequence)
		w.recorded = e.Recorded
		records[i] = recordOfEvent(e, b.messages[i])
	}
	w.settle(records)
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

// newSetID names a set.
func newSetID() (domain.EventID, error) {
	id, err := uuid.NewV7()
	return domain.EventID(id), err
}
