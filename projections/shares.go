package projections

import (
	"context"

	"github.com/anju-ledger/anju/domain"
)

// Share is what one home adds to a total.
type Share struct {
	Home   domain.Entity
	Amount float64 // in the total's unit
}

// SharesAnswer is who makes up a total of a division: each home that adds to it, once.
type SharesAnswer struct {
	Shares     []Share
	Parameters string
	Basis
}

// SharesOf returns who makes up a total of a division as of a day; their sum is what Board gives.
// ID numbers that are registered twice belong to pairs of homes: their list is that of the
// discrepancies, and empty here.
func (k *Known) SharesOf(ctx context.Context, total domain.TotalNo, division domain.Division, at domain.Day) (SharesAnswer, error) {
	a := SharesAnswer{Parameters: k.judged.parameters.Name}
	per := float64(domain.Totals()[total].Per)
	add := func(id domain.Entity, l line, within []bool) {
		sum := int64(0)
		l.shares(func(c share) {
			if c.total == total && c.day <= at && within[c.division] {
				sum += c.amount
			}
		})
		if sum != 0 {
			a.Shares = append(a.Shares, Share{id, float64(sum) / per})
		}
	}
	k.views.follow()
	release := k.settled()
	a.Basis = k.basis(at)
	if !k.hasLines() {
		past := k.pinned()
		release()
		return a, past.pastShares(ctx, division, add)
	}
	defer release()
	j := k.judged
	within := j.names.within(division)
	for _, first := range j.pagesOf(division) {
		p := j.pages[first>>blockBits]
		for i := range p.lines {
			if l := line(p.rack.lines.get(p.lines[i])); len(l) > 0 {
				add(k.views.homes.id(first+homeNo(i)), l, within)
			}
		}
	}
	return a, k.views.failed
}

// pastShares hands on the lines of a division as they were known.
func (k *Known) pastShares(ctx context.Context, division domain.Division, add func(domain.Entity, line, []bool)) error {
	p, homes, done, err := k.pastLines(ctx, division)
	defer done()
	if err != nil {
		return err
	}
	if p != nil {
		within := p.names.within(division)
		for i, id := range p.ids {
			add(id, p.line(homeNo(i)), within)
		}
		return nil
	}
	names := newGlossary()
	s := newScan(division, 0, true, &names)
	return k.makeLines(ctx, &names, homes, func(id domain.Entity, l line) bool {
		s.widen(division, &names)
		add(id, l, s.within)
		return true
	})
}
