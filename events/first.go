package events

import (
	"github.com/anju-ledger/anju/domain"
)

// newWriter returns the door of a province, which has no stream yet.
func (l *Ledger) newWriter(province uint8) *writer {
	return &writer{
		province: province, directory: l.directory, ring: l.ring, opener: &Opener{Ring: l.ring}, owners: &l.owners,
		clock: l.config.Clock, room: l.room, steps: l.config.Steps,
	}
}

// hopeless settles drafts for a province that has no stream yet, as its empty stream would, and returns
// their refusals when none of them would be recorded: what records nothing makes no stream, no book and no
// key. nil when one may be recorded, or when the stream is there; on a server of others only they know.
func (l *Ledger) hopeless(province uint8, set bool, drafts []Draft) []Outcome {
	l.mu.Lock()
	_, open := l.writers[province]
	l.mu.Unlock()
	if open || l.config.NATS != "" || province > 99 {
		return nil
	}
	w := l.newWriter(province)
	w.ids, w.directory = &idTable{}, l.directory.Over()
	index := Index{w: w, pending: map[domain.EventID]*Event{}, sealer: w.ring.Sealer()}
	outcomes := make([]Outcome, len(drafts))
	for i, d := range drafts {
		e, _, err := d.Settle(&index)
		switch {
		case err == nil && !set:
			return nil
		case err != nil && set: // and is refused as a whole
			outcomes[i].Err = err
			refuseOthers(&request{outcomes: outcomes}, err)
			return outcomes
		case err != nil:
			outcomes[i].Err = err
		default:
			index.supposed(e, uint64(i+1))
		}
	}
	if set {
		return nil
	}
	return outcomes
}

// supposed lets the later parts of a set see what an earlier one would record.
func (x *Index) supposed(e *Event, sequence uint64) {
	stamp, err := e.Stamp()
	if err != nil {
		return // the stream's own settling says so
	}
	stamp.Place.Sequence = sequence
	x.pending[e.ID] = e
	x.w.directory.Learn(e.Home, stamp, e.Fact)
}
