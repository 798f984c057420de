package events

import (
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// handover is a dwelling that came to a household whose own it was not at first; absent when it gave
// up what it had.
type handover struct {
	Dwelling domain.Entity
	Day      domain.Day
	Event    domain.EventID
}

// DwellingOf returns the dwelling that the household had on the day: the one that came to it last
// by then. It is ErrUnknownName when it had none.
func (d *Directory) DwellingOf(household domain.Entity, day domain.Day) (domain.Entity, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.dwellingOf(household, day)
}

// dwellingOf is DwellingOf; the caller holds mu.
func (d *Directory) dwellingOf(household domain.Entity, day domain.Day) (domain.Entity, error) {
	p, at, ok := d.find(household)
	if !ok || !household.Kind().HasSubject() {
		return d.dwellingBelow(household, day)
	}
	var found domain.Entity
	latest := domain.NoDay
	for own := p.Slots[at].Next; own != 0; own = p.Slots[own].Next {
		if since, is := p.Handed[own]; is && since <= day && since > latest {
			found, latest = p.Slots[own].Entity, since
		}
	}
	listed := false // of two of one day the later holds; keys of its own come after both
	for _, h := range p.Handovers[at] {
		if h.Day <= day && (h.Day > latest || listed && h.Day == latest) && !d.void(h.Event) {
			found, latest, listed = h.Dwelling, h.Day, true
		}
	}
	if !found.Present() {
		return d.dwellingBelow(household, day)
	}
	return found, nil
}

func (d *Directory) dwellingBelow(household domain.Entity, day domain.Day) (domain.Entity, error) {
	if d.base == nil {
		return 0, ErrUnknownName
	}
	return d.base.DwellingOf(household, day)
}

// Holders returns the households that have the dwelling on a day, those among them that ended.
func (d *Directory) Holders(dwelling domain.Entity, day domain.Day) (holders []domain.Entity) {
	home, known := d.Home(dwelling)
	if !known {
		return nil
	}
	had := []domain.Entity{home.Entity}
	d.mu.RLock()
	for _, p := range d.provinces {
		for at, all := range p.Handovers {
			if slices.ContainsFunc(all, func(h handover) bool { return h.Dwelling == dwelling }) {
				had = append(had, p.Slots[at].Entity)
			}
		}
	}
	d.mu.RUnlock()
	for _, e := range had {
		if now, err := d.DwellingOf(e, day); err == nil && now == dwelling && !slices.Contains(holders, e) {
			holders = append(holders, e)
		}
	}
	return holders
}
