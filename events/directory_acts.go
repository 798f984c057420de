package events

import (
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// deed is a correction or a void of an event. Of several the one recorded last that was not itself
// voided holds, as in domain's folds.
type deed struct {
	By   domain.EventID
	Void bool
}

// deed notes a correction or a void of the target.
func (l *lesson) deed(target domain.EventID, void bool) {
	was := l.p.Deeds[target]
	mark(l, func(p *province) map[domain.EventID][]deed { return p.Deeds }, target, append(slices.Clip(was), deed{l.s.ID, void}))
	if unmade := l.p.Unmade[l.home]; void && !slices.Contains(unmade, target) {
		mark(l, func(p *province) map[uint32][]domain.EventID { return p.Unmade }, l.home, append(slices.Clip(unmade), target))
	}
}

// deeds are the acts on an event in the order in which they were recorded; the caller holds mu.
func (d *Directory) deeds(id domain.EventID) []deed {
	var all []deed
	if d.base != nil {
		d.base.mu.RLock()
		all = slices.Clip(d.base.deeds(id))
		d.base.mu.RUnlock()
	}
	for _, p := range d.provinces {
		if own := p.Deeds[id]; len(own) > 0 {
			all = append(all, own...)
		}
	}
	return all
}

// holding returns the last act on an event that holds and is wanted, absent when there is none; the
// caller holds mu.
func (d *Directory) holding(id domain.EventID, wants func(deed) bool) deed {
	for _, a := range slices.Backward(d.deeds(id)) {
		if wants(a) && !d.void(a.By) {
			return a
		}
	}
	return deed{}
}

// void reports that the event is voided: what it said of members, dwellings and ends does not
// count; the numbers that it named stay, since a voided fact keeps its id. The caller holds mu.
func (d *Directory) void(id domain.EventID) bool {
	return d.holding(id, func(deed) bool { return true }).Void
}

// Voided returns the void in force of the event, absent when there is none.
func (d *Directory) Voided(id domain.EventID) domain.EventID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if a := d.holding(id, func(deed) bool { return true }); a.Void {
		return a.By
	}
	return domain.EventID{}
}

// Acted reports whether an event is one of the acts on another, in force or not.
func (d *Directory) Acted(on, by domain.EventID) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.ContainsFunc(d.deeds(on), func(a deed) bool { return a.By == by })
}

// Correction returns the latest correction of the event that was not voided, absent when there is
// none: what the event says, also while it is voided itself.
func (d *Directory) Correction(id domain.EventID) domain.EventID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.holding(id, func(a deed) bool { return !a.Void }).By
}

// Founding is what a household's being there rests on: a split, or registrations.
type Founding struct {
	Split         domain.EventID   // absent where it was registered
	Registrations int              // how many events register it
	Unmade        []domain.EventID // events of the household that were voided, in force or not; registrations may be among them
}

// Founding returns what the household rests on.
func (d *Directory) Founding(household domain.Entity) (f Founding) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.base != nil {
		f = d.base.Founding(household)
	}
	for _, p := range d.provinces {
		at, known := p.index.get(p.Slots, household)
		if !known {
			continue
		}
		f.Unmade = append(f.Unmade, p.Unmade[at]...)
		if _, registered := p.Since[at]; registered {
			f.Registrations += 1 + p.Anew[at]
		}
		if acts := p.Acts[household]; len(acts) > 0 && f.Registrations == 0 && !f.Split.Present() {
			f.Split = acts[0].Event
		}
	}
	return f
}
