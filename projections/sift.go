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
func (k *Known) Sift(ctx context.Context, division domain.Division, at domain.Day, wants func(domain.Word) bool) (SiftAnswer, error) {
	v := k.views
	v.follow()
	release := v.settled()
	a := SiftAnswer{Parameters: v.parameters.Name, Basis: k.basis(at)}
	s := sieve{division, wants, &a}
	if !k.isNow() {
		release()
		return a, k.pastSift(ctx, &s)
	}
	defer release()
	within := v.names.within(division)
	for _, n := range v.sorted {
		s.take(&v.names, within, v.homes.id(n), v.homes.line(n))
	}
	return a, v.failed
}

// sieve takes the households that a question wants into its answer.
type sieve struct {
	division domain.Division
	wants    func(domain.Word) bool
	answer   *SiftAnswer
}

func (s *sieve) take(names *glossary, within []bool, id domain.Entity, l line) {
	w := names.wordAt(l, s.answer.AsOf)
	if w.State() != domain.NotRegistered && s.wants(w) && l.in(within, s.answer.AsOf) {
		s.answer.Households = append(s.answer.Households, Sifted{id, w})
	}
}

// pastSift is Sift of what was known.
func (k *Known) pastSift(ctx context.Context, s *sieve) error {
	p, homes, done, err := k.pastLines(ctx, s.division)
	defer done()
	if err != nil {
		return err
	}
	if p != nil {
		within := p.names.within(s.division)
		for n, id := range p.ids {
			if id.Kind() == domain.HouseholdKind {
				s.take(&p.names, within, id, p.line(homeNo(n)))
			}
		}
		return nil
	}
	names := newGlossary()
	c := newScan(s.division, s.answer.AsOf, true, &names)
	homes = slices.DeleteFunc(homes, func(n homeNo) bool { return !k.lists(n, 0) })
	return k.makeLines(ctx, &names, homes, func(id domain.Entity, l line) bool {
		c.widen(s.division, &names)
		s.take(&names, c.within, id, l)
		return true
	})
}

// Dwelt is where a household lives as of a day: the community, and the event that states the
// address of the dwelling. Both may be absent.
type Dwelt struct {
	Community domain.Entity
	Name      string // of the community
	Keys      domain.EventID
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
		d.Keys = keys[len(keys)-1].ID()
	}
	if site, known := around.File(d.Community); known {
		for i := range slices.Backward(site.Communities) {
			d.Name = site.Communities[i].Name
			break
		}
	}
	return d, nil
}
