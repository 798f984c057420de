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
	w.ids = &idTable{}
	outcomes := make([]Outcome, len(drafts))
	for i, d := range drafts {
		_, _, err := d.Settle(&Index{w: w, pending: map[domain.EventID]*Event{}, sealer: w.ring.Sealer()})
		if err == nil {
			return nil
		}
		if outcomes[i].Err = err; set { // and is refused as a whole
			refuseOthers(&request{outcomes: outcomes}, err)
			return outcomes
		}
	}
	return outcomes
}
