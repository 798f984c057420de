package projections

import (
	"cmp"
	"context"
	"maps"
	"slices"

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

// SharesOf returns who makes up a total of a division as of a day; their sum is what Board gives. A pair of
// homes with one ID number counts under the home that came to have it second.
func (k *Known) SharesOf(ctx context.Context, total domain.TotalNo, division domain.Division, at domain.Day) (SharesAnswer, error) {
	a := SharesAnswer{Parameters: k.judged.parameters.Name}
	per := float64(domain.Totals()[total].Per)
	s := Side{k, at}
	err := s.makeUp(ctx, total, division, &a.Basis, func(id domain.Entity, amount int64) {
		a.Shares = append(a.Shares, Share{id, float64(amount) / per})
	})
	return a, err
}

// makeUp hands on who makes up a total of a division, each home once, in parts of the total's unit, and pins the
// side to where it was.
func (s *Side) makeUp(ctx context.Context, total domain.TotalNo, division domain.Division, basis *Basis, add func(domain.Entity, int64)) error {
	k := s.Known
	c := &partCount{total: total, at: s.At, add: add, pairing: newPairing()}
	k.views.follow()
	release := k.settled()
	*basis, s.Known = k.basis(s.At), k.pinned()
	if !k.hasLines() {
		release()
		err := s.Known.pastShares(ctx, division, c.home)
		c.pairing.tell(add)
		return err
	}
	defer release()
	j := k.judged
	within := j.names.within(division)
	for _, first := range j.pagesOf(division) {
		p := j.pages[first>>blockBits]
		for i := range p.lines {
			if l := line(p.rack.lines.get(p.lines[i])); len(l) > 0 {
				c.home(k.views.homes.id(first+homeNo(i)), l, within)
			}
		}
	}
	c.pairing.tell(add)
	return k.views.failed
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

// partCount reads off lines what homes add to a total.
type partCount struct {
	total   domain.TotalNo
	at      domain.Day
	add     func(domain.Entity, int64)
	pairing pairing // of homes that hold one ID number: they are told at the end
}

func (c *partCount) home(id domain.Entity, l line, within []bool) {
	if c.total == domain.TotalTwice {
		c.pairing.home(id, l, within, c.at)
		return
	}
	sum := int64(0)
	l.shares(func(s share) {
		if s.total == c.total && s.day <= c.at && within[s.division] {
			sum += s.amount
		}
	})
	if sum != 0 {
		c.add(id, sum)
	}
}

// pairing finds the homes that hold one ID number by a day. Most numbers have one bearer, and no list.
type pairing struct {
	first map[uint64]bearer
	more  map[uint64][]bearer // the first among them
}

// bearer is a home that holds an ID number from a day on.
type bearer struct {
	home domain.Entity
	day  domain.Day
}

func newPairing() pairing { return pairing{map[uint64]bearer{}, map[uint64][]bearer{}} }

// home takes the ID numbers of a home's line, if it was in the division on the day.
func (p *pairing) home(id domain.Entity, l line, within []bool, at domain.Day) {
	if !l.in(within, at) {
		return
	}
	l.identities(func(i identity) {
		b := bearer{id, i.day}
		switch first, met := p.first[i.tag]; {
		case i.day > at:
		case !met:
			p.first[i.tag] = b
		case len(p.more[i.tag]) == 0:
			p.more[i.tag] = []bearer{first, b}
		default:
			p.more[i.tag] = append(p.more[i.tag], b)
		}
	})
}

// tell hands on how many pairs each home makes with those that held a number before it did.
func (p *pairing) tell(add func(domain.Entity, int64)) {
	pairs := map[domain.Entity]int64{}
	for _, all := range p.more {
		slices.SortFunc(all, func(x, y bearer) int { return cmp.Or(cmp.Compare(x.day, y.day), cmp.Compare(x.home, y.home)) })
		for before, b := range all[1:] {
			pairs[b.home] += int64(before + 1)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(pairs)) {
		add(id, pairs[id])
	}
}
