package events

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/anju-ledger/anju/domain"
)

// build is a group while it is made and on its way.
type build struct {
	before         uint64        // the sequence before its first
	recordedBefore domain.Moment // of the event there
	index          Index
	messages       []message
	events         []*Event
	bytes          int
	drafts         int
	requests       []*request
}

// newBuild begins a group behind everything settled so far.
func (w *writer) newBuild() *build {
	return &build{
		before: w.last, recordedBefore: w.recorded,
		index: Index{w: w, pending: map[domain.EventID]*Event{}, sealer: w.ring.Sealer()},
	}
}

// fits says that a request may still join the group.
func (b *build) fits(r *request) bool {
	return len(b.requests) == 0 || b.bytes < maxGroupBytes && b.drafts+len(r.drafts) <= maxGroupEvents
}

// answer tells the senders that the outcomes of the group's requests hold.
func (b *build) answer() {
	for _, r := range b.requests {
		close(r.done)
	}
}

// settleRequest settles the drafts of a request, numbers and encodes their events and takes them
// into the group. The outcomes are filled in, and hold only once the group is synced.
func (w *writer) settleRequest(b *build, r *request) {
	b.requests = append(b.requests, r)
	b.drafts += len(r.drafts)
	if r.set {
		w.settleSet(b, r)
		return
	}
	for i, d := range r.drafts {
		r.outcomes[i] = w.settleOne(b, d, Set{})
	}
}

// settleSet settles the drafts of a set; one refusal refuses all, and nothing of it is kept.
func (w *writer) settleSet(b *build, r *request) {
	id, err := newSetID()
	if err != nil {
		refuseOthers(r, err)
		return
	}
	from, before, recorded := len(b.messages), w.last, w.recorded
	size := b.bytes
	fresh := len(r.drafts)
	for i, d := range r.drafts {
		r.outcomes[i] = w.settleOne(b, d, Set{id, i + 1, fresh})
		if err = r.outcomes[i].Err; err == nil {
			err = r.agrees(i)
		}
		if err == nil && b.bytes-size > MaxSetBytes {
			err = fmt.Errorf("%w: a set has at most %d bytes", ErrTooLarge, MaxSetBytes)
		}
		if err != nil {
			break
		}
	}
	if err == nil && !r.outcomes[0].Receipt.Already {
		return
	}
	for _, e := range b.events[from:] {
		delete(b.index.pending, e.ID)
	}
	w.owners.releaseAll(b.events[from:])
	b.messages, b.events, b.bytes = b.messages[:from], b.events[:from], size
	w.directory.Undo(w.province, before)
	w.last, w.recorded = before, recorded
	if err != nil {
		refuseOthers(r, err)
	}
}

// ErrMixedSet refuses a set of which a part, but not all, is recorded already.
var ErrMixedSet = errors.New("a part of the set is recorded already, and another is not: send the new facts by themselves")

// agrees allows a set that is new as a whole, or recorded already as a whole.
func (r *request) agrees(i int) error {
	if r.outcomes[i].Receipt.Already != r.outcomes[0].Receipt.Already {
		return ErrMixedSet
	}
	return nil
}

// refuseOthers answers the drafts of a refused set that have no refusal of their own.
func refuseOthers(r *request, err error) {
	for i := range r.outcomes {
		if r.outcomes[i].Err == nil {
			r.outcomes[i] = Outcome{Err: err}
		}
	}
}

// errOtherStream is a mistake of whoever made the draft: he offered it to the wrong stream.
var errOtherStream = errors.New("an event is recorded in its home's stream")

// settleOne settles one draft and takes its event into the build.
func (w *writer) settleOne(b *build, d Draft, set Set) Outcome {
	e, already, err := d.Settle(&b.index)
	switch {
	case err != nil:
		return Outcome{Err: err}
	case e != nil && e.Home.Province != w.province:
		return Outcome{Err: fmt.Errorf("%w: the event's home is in %s, not in %s", errOtherStream, e.Stream(), StreamName(w.province))}
	case already != nil:
		already.Already = true
		already.Durable = onDisk
		return Outcome{Receipt: *already}
	}
	if w.last >= maxSequence {
		return Outcome{Err: fmt.Errorf("%w: the stream is full", ErrTooLarge)}
	}
	e.Sequence = w.last + 1
	e.Recorded = max(domain.MomentOf(w.clock()), w.recorded)
	e.Set = set
	body := e.Append(make([]byte, 0, 1024))
	if len(body) > MaxEvent {
		return Outcome{Err: fmt.Errorf("%w: an event has at most %d bytes as stored", ErrTooLarge, MaxEvent)}
	}
	stamp, err := e.Stamp()
	if err != nil {
		return Outcome{Err: err}
	}
	if err := w.owners.claim(w, e.ID); err != nil {
		return Outcome{Err: err}
	}
	last, recorded := w.last, w.recorded
	w.last, w.recorded = e.Sequence, e.Recorded
	if err := w.teach(b.index.Find, e, stamp); err != nil {
		w.directory.Undo(w.province, last)
		w.last, w.recorded = last, recorded
		w.owners.release(e.ID)
		return Outcome{Err: err}
	}
	b.index.pending[e.ID] = e
	b.events = append(b.events, e)
	b.messages = append(b.messages, message{e.Sequence, e.NATSSubject(), body})
	b.bytes += len(body)
	return Outcome{Receipt: Receipt{
		ID: e.ID, Stream: e.Stream(), Sequence: e.Sequence, Recorded: e.Recorded, Durable: onDisk, IDs: d.IDs(),
	}}
}

// onDisk is Receipt.Durable of an event that a sync has put on disk.
const onDisk = "disk"

// newSetID names a set.
func newSetID() (domain.EventID, error) {
	id, err := uuid.NewV7()
	return domain.EventID(id), err
}
