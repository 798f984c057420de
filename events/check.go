package events

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/anju-ledger/anju/events/book"
)

// checkEvery is how often the running streams are compared with what the ledger left.
const checkEvery = time.Minute

// errAltered stops a door whose stream was changed by somebody else: its settings, or what it
// holds. The operator finds out who. The next start refuses other settings, and gives a stream
// what its book still holds.
var errAltered = errors.New("the stream is not as the ledger left it")

// errGone stops the door of a stream that was deleted.
var errGone = fmt.Errorf("%w: it is gone", errAltered)

// lookAhead learns what stands in the stream before the door and is no group of its own on its
// way; a group that is would meet it by itself.
func (w *writer) lookAhead(ctx context.Context) {
	w.still(func() {
		if w.flying == nil && w.failure() == nil {
			w.lookForOthers(ctx)
		}
	})
}

// watch compares every stream at each tick.
func (l *Ledger) watch() {
	minute := l.config.minute
	if minute == nil {
		tick := time.NewTicker(checkEvery)
		defer tick.Stop()
		minute = tick.C
	}
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-minute:
			for _, province := range l.Provinces() {
				l.check(province)
			}
		}
	}
}

// check stops the door of a stream that was changed. A server that does not answer is an alarm
// until it does.
func (l *Ledger) check(province uint8) {
	l.mu.Lock()
	w := l.writers[province]
	l.mu.Unlock()
	durable, _ := w.position() // before the stream is asked, which may be ahead but never behind
	alarm := ""
	stream, err := l.js.Stream(l.ctx, StreamName(province))
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		w.fail(errGone)
	case err != nil:
		alarm = err.Error()
	default:
		if err := l.difference(province, stream, durable); err != nil {
			w.fail(fmt.Errorf("%w: %w", errAltered, err))
		} else if stream.CachedInfo().State.LastSeq > durable {
			w.lookAhead(l.ctx)
		}
		if alarm = w.sample(durable); alarm != "" && l.ctx.Err() != nil {
			alarm = ""
		}
	}
	l.mu.Lock()
	l.alarms[province] = alarm
	l.mu.Unlock()
}

// difference says how a running stream differs from what the ledger left; a *DifferenceError names
// the places that it no longer has.
func (l *Ledger) difference(province uint8, stream jetstream.Stream, durable uint64) error {
	info := stream.CachedInfo()
	if wrong := differsFrom(info.Config, streamConfig(province)); wrong != "" {
		return errors.New(wrong)
	}
	name, n := StreamName(province), info.State
	switch {
	case l.needsReplicas() && info.Config.Replicas < safeReplicas:
		return fmt.Errorf("it has %d replicas instead of %d", info.Config.Replicas, safeReplicas)
	case n.LastSeq < durable:
		return &DifferenceError{name, n.LastSeq + 1, durable, fmt.Errorf("it ends at %d, and %d was acknowledged", n.LastSeq, durable)}
	case n.NumDeleted > 0 || n.Msgs != n.LastSeq:
		return lostFrom(l.ctx, stream, info)
	}
	return nil
}

// lostFrom names the first places that a stream says it has lost; all of it when it does not say.
func lostFrom(ctx context.Context, stream jetstream.Stream, info *jetstream.StreamInfo) *DifferenceError {
	n := info.State
	lost := &DifferenceError{info.Config.Name, 1, n.LastSeq, fmt.Errorf("it holds %d messages up to %d: some are lost", n.Msgs, n.LastSeq)}
	if n.FirstSeq > 1 {
		lost.To = n.FirstSeq - 1
		return lost
	}
	details, err := stream.Info(ctx, jetstream.WithDeletedDetails(true))
	if err != nil || len(details.State.Deleted) == 0 {
		return lost
	}
	places := details.State.Deleted
	run := 1
	for run < len(places) && places[run] == places[0]+uint64(run) {
		run++
	}
	lost.From, lost.To = places[0], places[run-1]
	return lost
}

// sample compares the last durable message with the book's leaf there, and the book's end with
// what was acknowledged: what differs stops the door. It returns why nothing could be compared.
func (w *writer) sample(durable uint64) string {
	if w.book == nil || durable == 0 || w.failure() != nil {
		return ""
	}
	if size := w.book.book.Size(); size < durable {
		w.fail(&DifferenceError{w.book.stream, size + 1, durable, fmt.Errorf("its book ends at %d, and %d was acknowledged", size, durable)})
		return ""
	}
	if w.book.book.CheckLeaves(durable-1) != nil {
		w.suspect(durable) // it is the book that is damaged
		return ""
	}
	err := w.book.same(w.store, durable)
	if errors.Is(err, ErrDiffers) || errors.Is(err, book.ErrDamaged) {
		w.fail(err)
		return ""
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// DoorStats counts what the door of one stream did since the ledger was opened.
type DoorStats struct {
	Stream      string
	Groups      uint64        // put on disk
	Events      uint64        // in these groups
	SyncTime    time.Duration // of these groups' syncs, together
	SlowestSync time.Duration
	Waiting     int    // requests that were not looked at yet
	Resumed     uint64 // the position of the snapshot that the start went on from, 0 = none
}

// Stats is what a ledger tells of its work; all of it is since the ledger was opened.
type Stats struct {
	Doors      []DoorStats // in the order of the provinces
	SnapshotAt time.Time   // when the snapshot of the doors was last written; zero before the first
}

// Stats returns the ledger's counters, for its metrics.
func (l *Ledger) Stats() Stats {
	var all Stats
	for _, p := range l.Provinces() {
		l.mu.Lock()
		w := l.writers[p]
		l.mu.Unlock()
		w.mu.Lock()
		door := w.stats
		w.mu.Unlock()
		door.Stream, door.Waiting = StreamName(p), len(w.queue)
		all.Doors = append(all.Doors, door)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	all.SnapshotAt = l.snapshotAt
	return all
}
