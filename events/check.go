package events

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
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
		if wrong := l.difference(province, stream.CachedInfo(), durable); wrong != "" {
			w.fail(fmt.Errorf("%w: %s", errAltered, wrong))
		} else if stream.CachedInfo().State.LastSeq > durable {
			w.lookAhead(l.ctx)
		}
	}
	l.mu.Lock()
	l.alarms[province] = alarm
	l.mu.Unlock()
}

// difference says how a running stream differs from what the ledger left, "" when it does not.
func (l *Ledger) difference(province uint8, info *jetstream.StreamInfo, durable uint64) string {
	if wrong := differsFrom(info.Config, streamConfig(province)); wrong != "" {
		return wrong
	}
	n := info.State
	switch {
	case l.needsReplicas() && info.Config.Replicas < safeReplicas:
		return fmt.Sprintf("it has %d replicas instead of %d", info.Config.Replicas, safeReplicas)
	case n.LastSeq < durable:
		return fmt.Sprintf("it ends at %d, and %d was acknowledged", n.LastSeq, durable)
	case n.NumDeleted > 0 || n.Msgs != n.LastSeq:
		return fmt.Sprintf("it holds %d messages up to %d: some are lost", n.Msgs, n.LastSeq)
	}
	return ""
}

// Streams returns the state of every stream, in the order of the provinces.
func (l *Ledger) Streams() []StreamState {
	states := []StreamState{}
	for _, p := range l.Provinces() {
		l.mu.Lock()
		w, alarm := l.writers[p], l.alarms[p]
		l.mu.Unlock()
		w.mu.Lock()
		state := StreamState{Stream: StreamName(p), Durable: w.durable - w.dangling, Foreign: w.foreign, Alarm: alarm}
		if w.failed != nil {
			state.Alarm = w.failed.Error()
		}
		w.mu.Unlock()
		if state.Stands = state.Alarm != ""; !state.Stands && state.Foreign > 0 {
			state.Alarm = fmt.Sprintf("messages in the stream that are no events of ours: %d; find out who reached the JetStream API", state.Foreign)
		}
		states = append(states, state)
	}
	return states
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
