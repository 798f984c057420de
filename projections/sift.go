package projections

import (
	"context"
	"fmt"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// Sifted is a household with its status in one word.
type Sifted struct {
	Household domain.Entity
	Word      domain.Word
}

// SiftAnswer are the households of a division that somebody wants to look through, in the order
// of their ids.
type SiftAnswer struct {
	Households []Sifted
	Parameters string
	Basis
}

// Sift returns every household of a division that wants accepts, as of a day; one that is not
// registered by then is in no list.
func (k *Known) Sift(ctx context.Context, division domain.Division, at domain.Day, wants func(domain.Word) bool) (a SiftAnswer, err error) {
	a.Parameters = k.judged.parameters.Name
	a.Basis, err = k.words(ctx, Choice{Division: division}, at, func(id domain.Entity, w domain.Word) bool {
		if wants(w) {
			a.Households = append(a.Households, Sifted{id, w})
		}
		return true
	})
	return a, err
}

// Dwelt is where a household lives as of a day: the community, and the event that states the
// address of the dwelling. Both may be absent.
type Dwelt struct {
	Community domain.Entity
	Name      string         // of the community
	Keys      domain.Place   // of that event
	Corrected domain.EventID // the correction in force on it, which states the address instead
}

// Dwells returns where a household lives as of a day; ErrUnknown when it is not known.
func (k *Known) Dwells(id domain.Entity, at domain.Day) (d Dwelt, err error) {
	v := k.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	around := k.around()
	file, known := around.File(id)
	if !known || id.Kind() != domain.HouseholdKind {
		return d, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	for _, site := range domain.RollOf(file, around).Sites() {
		if site.Holds(at) {
			d.Community = site.Of
		}
	}
	if keys := domain.UpTo(file.Handovers, at); len(keys) > 0 {
		last := &keys[len(keys)-1]
		d.Keys, d.Corrected = last.Place(), file.CorrectedBy(last.ID())
	}
	if site, known := around.File(d.Community); known {
		for i := range slices.Backward(site.Communities) {
			d.Name = site.Communities[i].Name
			break
		}
	}
	return d, nil
}
