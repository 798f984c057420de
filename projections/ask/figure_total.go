package ask

import (
	"context"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// totalFigures are the totals of a board, which question 25 takes as its figure too.
func totalFigures() (all []domain.Term) {
	for _, t := range domain.Totals() {
		all = append(all, domain.Term{Code: t.Key, Text: t.Label})
	}
	return all
}

// changedTotal answers question 25 of a total: a page of the homes whose share of it changed, each with its events.
func (a *asked) changedTotal(ctx context.Context, from, to projections.Side, total domain.TotalNo) error {
	d, more, err := from.TotalOf(ctx, to, a.division, total, projections.Query{After: a.after, Limit: a.limit})
	if err != nil {
		return err
	}
	if a.Count = d.Differ; more.Present() {
		a.Cursor = more.String()
	}
	amount := func(n float64) Cell { return Cell{Number: n, IsNumber: true} }
	a.sum(term(domain.Term{Code: d.Key, Text: d.Label}), amount(d.From), amount(d.To), amount(d.Grew), amount(d.Shrank))
	for i := range d.Shares {
		s := &d.Shares[i]
		before := s.From
		for k := range s.Events {
			e := &s.Events[k]
			a.turned(s.Home, amount(e.Amount), &e.Entry, shareBecame(d, s, e, before))
			before = e.Share
		}
		if s.More {
			a.turned(s.Home, amount(s.Rest), &projections.Entry{}, Cell{})
		}
	}
	return nil
}

// shareBecame says how an event changed a home's share, and under which home it stands if under another.
func shareBecame(d *projections.TotalDiff, s *projections.ShareRow, e *projections.ShareEvent, before float64) Cell {
	from, to := written(before)+d.Unit, written(e.Share)+d.Unit
	zh, en := d.Label.ZH+"："+from+"→"+to, d.Label.EN+": "+from+" → "+to
	if e.Home != s.Home {
		zh, en = zh+"（记录在 "+e.Home.String()+"）", en+" (recorded under "+e.Home.String()+")"
	}
	return words(zh, en)
}
