package projections

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// TotalDiff is what makes a total of a division differ between two pictures: the homes whose share of it differs, and of each
// the events. The shares' differences sum up to the total's.
type TotalDiff struct {
	Key    string      `json:"key"`
	Label  domain.Text `json:"label"`
	Unit   string      `json:"unit,omitzero"`
	From   float64     `json:"from"`
	To     float64     `json:"to"`
	Grew   float64     `json:"grew"`   // by what the shares that grew grew together,
	Shrank float64     `json:"shrank"` // and the others shrank: to is from + grew - shrank
	Differ int         `json:"differ"` // homes: households, communities, facilities, projects and funds
	Shares []ShareRow  `json:"shares"` // a page of them

	next domain.Entity // behind which the next page begins; absent behind the last
}

// ShareRow is a home whose share of a total differs.
type ShareRow struct {
	Home domain.Entity `json:"home"`
	Name string        `json:"name,omitzero"` // of a community or facility
	From float64       `json:"from"`
	To   float64       `json:"to"`
	ShareTurns
}

// partsDiffer is what a total is made up of in two pictures, where they differ.
type partsDiffer struct {
	of       shareOf // without a home
	from, to Side    // pinned to where they were
	homes    []partDiffers
	sums     [2]int64
}

// partDiffers is a home whose share differs.
type partDiffers struct {
	home     domain.Entity
	from, to int64
}

// DiffTotal is Diff of one total: instead of households, a page of the homes whose share of it differs beyond an id, in
// order, each with the events that made it differ.
func (from Side) DiffTotal(ctx context.Context, to Side, division domain.Division, total domain.TotalNo, page Query) (DiffAnswer, error) {
	c, err := from.compared(ctx, to, division, page.After.Present())
	if err != nil {
		return DiffAnswer{}, err
	}
	kept := &c.from.Known.views.comparisons
	p := kept.parts(c, total)
	if p == nil {
		if p, err = c.from.partsAgainst(ctx, c.to, division, total); err != nil {
			return DiffAnswer{}, err
		}
		kept.keepParts(c, p)
	}
	a := c.answer
	a.Households = []DiffRow{}
	a.Total, err = p.page(ctx, page)
	if a.Total.next.Present() {
		a.Cursor = c.cursor(a.Total.next)
	}
	return a, err
}

// TotalOf compares a division's total with that of another picture: a page of the homes whose share of it differs. The
// next page begins behind more, which is absent behind the last.
func (from Side) TotalOf(ctx context.Context, to Side, division domain.Division, total domain.TotalNo, page Query) (d *TotalDiff, more domain.Entity, err error) {
	p, err := from.partsAgainst(ctx, to, division, total)
	if err != nil {
		return nil, 0, err
	}
	d, err = p.page(ctx, page)
	return d, d.next, err
}

// partsAgainst reads who makes a total of a division differ between two pictures.
func (from Side) partsAgainst(ctx context.Context, to Side, division domain.Division, total domain.TotalNo) (*partsDiffer, error) {
	p, before := &partsDiffer{of: shareOf{0, total, division}, from: from, to: to}, map[domain.Entity]int64{}
	var basis Basis
	if err := p.from.makeUp(ctx, total, division, &basis, func(id domain.Entity, amount int64) {
		before[id] = amount
		p.sums[0] += amount
	}); err != nil {
		return nil, err
	}
	if err := p.to.makeUp(ctx, total, division, &basis, func(id domain.Entity, amount int64) {
		if was := before[id]; was != amount {
			p.homes = append(p.homes, partDiffers{id, was, amount})
		}
		delete(before, id)
		p.sums[1] += amount
	}); err != nil {
		return nil, err
	}
	for id, was := range before {
		p.homes = append(p.homes, partDiffers{id, was, 0})
	}
	slices.SortFunc(p.homes, func(x, y partDiffers) int { return cmp.Compare(x.home, y.home) })
	return p, nil
}

// page tells a page of the homes beyond an id.
func (p *partsDiffer) page(ctx context.Context, page Query) (*TotalDiff, error) {
	t := domain.Totals()[p.of.total]
	in := func(parts int64) float64 { return float64(parts) / float64(t.Per) }
	d := &TotalDiff{Key: t.Key, Label: t.Label, Unit: t.Unit, From: in(p.sums[0]), To: in(p.sums[1]), Differ: len(p.homes), Shares: []ShareRow{}}
	grew, shrank := int64(0), int64(0)
	for _, home := range p.homes {
		grew, shrank = grew+max(0, home.to-home.from), shrank+max(0, home.from-home.to)
	}
	d.Grew, d.Shrank = in(grew), in(shrank)
	next, met := slices.BinarySearchFunc(p.homes, page.After, func(d partDiffers, id domain.Entity) int { return cmp.Compare(d.home, id) })
	if met {
		next++
	}
	for _, home := range p.homes[next:] {
		if len(d.Shares) == page.Limit {
			d.next = d.Shares[page.Limit-1].Home
			break
		}
		if err := ctx.Err(); err != nil {
			return d, err
		}
		row := ShareRow{Home: home.home, Name: p.to.Known.NameOf(home.home), From: in(home.from), To: in(home.to)}
		var err error
		if row.ShareTurns, err = p.from.shareTurns(p.to, p.of.in(home.home), home.from, home.to); err != nil {
			return d, fmt.Errorf("comparing %s of %s: %w", t.Key, home.home, err)
		}
		d.Shares = append(d.Shares, row)
	}
	return d, nil
}

// parts returns what is kept of a total.
func (k *comparisons) parts(c *comparison, total domain.TotalNo) *partsDiffer {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c.parts != nil && c.parts.of.total == total {
		return c.parts
	}
	return nil
}

// keepParts keeps what a comparison's total is made up of, instead of another total's.
func (k *comparisons) keepParts(c *comparison, p *partsDiffer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c.parts = p
	k.bound()
}
