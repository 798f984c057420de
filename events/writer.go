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
	queue     chan *request
	stopped   chan struct{}

	// Owned by the goroutine of run, and by open before it starts.
	last     uint64 // the last sequence stored
	recorded domain.Moment
	ids      idTable
	parts    setReader

	mu      sync.Mutex
	durable uint64        // under mu: everything up to here is on disk
	moved   chan struct{} // under mu: closed and made anew when durable moves
	foreign uint64        // under mu
	failed  error         // under mu: why the door stands still
}

// open reads the whole stream into the index, syncs what it found and starts the door.
func (w *writer) open(ctx context.Context) error {
	w.queue = make(chan *request, maxWaiting)
	w.stopped = make(chan struct{})
	w.moved = make(chan struct{})
	if err := w.catchUp(ctx); err != nil {
		return err
	}
	if err := w.store.sync(); err != nil {
		return fmt.Errorf("syncing what was found: %w", err)
	}
	w.settle()
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
		w.last = m.sequence
		for _, rec := range w.parts.add(recordOf(w.province, m)) {
			if failure = w.learn(rec); failure != nil {
				return false
			}
		}
		return true
	})
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

// settle makes the end of the stream the durable position and wakes who waits for it.
func (w *writer) settle() {
	w.directory.Settle(w.province, w.last)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.durable = w.last
	close(w.moved)
	w.moved = make(chan struct{})
}

// run makes groups until ctx ends or the door must stand still; every request gets an answer.
func (w *writer) run(ctx context.Context) {
	defer close(w.stopped)
	for {
		select {
		case <-ctx.Done():
			w.fail(ErrStopped)
		case r := <-w.queue:
			group := w.gather(r)
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

// gather takes what waits, without waiting for more.
func (w *writer) gather(first *request) []*request {
	group, count := []*request{first}, len(first.drafts)
	for count < maxGroupEvents {
		select {
		case r := <-w.queue:
			group = append(group, r)
			count += len(r.drafts)
		default:
			return group
		}
	}
	return group
}

func (w *writer) refuseWaiting() {
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

// submit queues a request and waits for its answer.
func (w *writer) submit(ctx context.Context, r *request) error {
	if w.failure() != nil {
		return fmt.Errorf("%w: %w", ErrStopped, w.failure())
	}
	select {
	case w.queue <- r:
	case <-w.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
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

// commit records a group: settle, publish, sync, and only then the outcomes hold.
func (w *writer) commit(ctx context.Context, group []*request) error {
	if err := w.mayWrite(); err != nil {
		refuseAll(group, err)
		if errors.Is(err, ErrDiskFull) {
			return nil
		}
		return err
	}
	for range maxAttempts {
		before := w.last
		b := w.settleGroup(group)
		if b.err != nil {
			return w.abandon(group, before, b.err)
		}
		if len(b.messages) == 0 {
			return nil
		}
		err := w.store.append(ctx, b.messages)
		if err == nil {
			// The commit point: before this sync returns nothing of the group is acknowledged, and a
			// crash loses or keeps any prefix of it; after it the whole group is on disk.
			if err := w.store.sync(); err != nil {
				return w.abandon(group, before, fmt.Errorf("sync failed: %w", err))
			}
			w.keep(b)
			return nil
		}
		w.directory.Undo(w.province, before)
		w.last = before
		if !errors.Is(err, errFence) {
			return w.abandon(group, before, err)
		}
		if err := w.catchUpDurably(ctx); err != nil {
			return w.abandon(group, w.last, err)
		}
	}
	refuseAll(group, fmt.Errorf("%w: other doors are busy", ErrStopped))
	return nil
}

// catchUpDurably learns what another door, or a publish whose answer was lost, appended, and
// syncs it: a duplicate's receipt speaks only of what is on disk.
func (w *writer) catchUpDurably(ctx context.Context) error {
	if err := w.catchUp(ctx); err != nil {
		return err
	}
	if err := w.store.sync(); err != nil {
		return fmt.Errorf("sync failed: %w", err)
	}
	w.settle()
	return nil
}

// abandon takes back what a failed group taught and answers it with the failure.
func (w *writer) abandon(group []*request, before uint64, err error) error {
	w.directory.Undo(w.province, before)
	w.last = before
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
	now := domain.MomentOf(w.clock())
	if lag := time.Duration(w.recorded-now) * time.Millisecond; lag > maxClockLag {
		return fmt.Errorf("%w by %s", ErrClock, lag)
	}
	return nil
}

// keep takes a durable group into the index.
func (w *writer) keep(b *build) {
	for _, e := range b.events {
		w.ids.add(e.ID, e.Sequence)
		w.recorded = e.Recorded
	}
	w.settle()
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
