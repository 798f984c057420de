package projections

import (
	"context"
	"fmt"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// Query says which discrepancies a worklist wants; a zero field wants all.
type Query struct {
	Division domain.Division
	Kind     domain.DiscrepancyKind
	After    domain.Entity // only homes beyond it: the cursor of the page before
	Limit    int           // homes on a page, at least 1
}

// DiscrepancyRow is one discrepancy: what does not fit together since when, whom it concerns, the
// facts, and who can settle it: whoever recorded one of them corrects or voids it.
type DiscrepancyRow struct {
	Kind     domain.DiscrepancyKind     `json:"kind"`
	Name     domain.Text                `json:"name"`
	Since    domain.Day                 `json:"since"`
	Home     domain.Entity              `json:"home"`
	Entities []domain.Entity            `json:"entities"` // the home, and whom else the facts are about
	Facts    []domain.ContradictionFact `json:"facts"`
	Settle   []string                   `json:"settle"` // sources: "/departments/hrss/520603"
}

// DiscrepancyList is a page of the worklist as of a day, by home in the order of ids, households
// first. What two of its households tell of each other stands once, at the one that comes first. A discrepancy is gone when its facts are corrected.
type DiscrepancyList struct {
	At            domain.Day       `json:"at"`
	Discrepancies []DiscrepancyRow `json:"discrepancies"`
	Cursor        string           `json:"cursor,omitzero"`
	Parameters    string           `json:"parameters"`
	Basis
}

// Discrepancies returns a page of what does not fit together in a division as of a day: of its
// households, and of its funds, facilities and other homes.
func (k *Known) Discrepancies(ctx context.Context, q Query, at domain.Day) (DiscrepancyList, error) {
	a := DiscrepancyList{At: at, Discrepancies: []DiscrepancyRow{}, Parameters: k.judged.parameters.Name}
	homes := 0
	var full bool
	add := func(id domain.Entity) bool {
		rows := k.contradictions(id, at, q, true)
		if len(rows) == 0 {
			return true
		}
		if full = homes == q.Limit; full {
			a.Cursor = a.Discrepancies[len(a.Discrepancies)-1].Home.String()
			return false
		}
		homes++
		a.Discrepancies = append(a.Discrepancies, rows...)
		return true
	}
	var err error
	if !q.After.Present() || q.After.Kind() == domain.HouseholdKind {
		var suspects []domain.Entity
		a.Basis, err = k.words(ctx, Choice{Division: q.Division, After: q.After}, at, func(id domain.Entity, w domain.Word) bool {
			if level := w.Level(domain.Data); w.Counted() && (level == domain.DataDiscrepancy || level == domain.DataDuplicate) || w.State() == domain.Closed {
				suspects = append(suspects, id)
			}
			return true
		})
		for i := 0; err == nil && i < len(suspects) && add(suspects[i]); i++ {
			err = ctx.Err()
		}
	}
	var rest []homeNo
	if err == nil && !full {
		rest = k.views.named(q.Division)
	}
	for _, n := range rest {
		if id := k.views.idOf(n); id.Kind() != domain.HouseholdKind && id > q.After && k.liesIn(id, q.Division, at) && !add(id) {
			break // the kinds of homes stand in the order of their letters: households first
		}
	}
	if a.Definition == "" {
		k.views.mu.RLock()
		a.Basis = k.basis(at)
		k.views.mu.RUnlock()
	}
	if err != nil {
		return a, fmt.Errorf("discrepancies: %w", err)
	}
	a.Beyond(q.After, len(a.Discrepancies))
	return a, nil
}

// idOf returns a home's id.
func (v *Views) idOf(n homeNo) domain.Entity {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.homes.id(n)
}

// liesIn reports whether a home that is no household is of a division: a fund of where its money was
// allocated, any other of where its first fact was recorded.
func (k *Known) liesIn(id domain.Entity, division domain.Division, at domain.Day) bool {
	k.views.mu.RLock()
	defer k.views.mu.RUnlock()
	if id.Kind() != domain.FundKind {
		return k.register(id).Begins().Within(division)
	}
	file, known := k.around().File(id)
	if !known {
		return false
	}
	money := domain.UpTo(file.Money, at)
	return len(money) > 0 && money[0].Division.Within(division)
}

// Contradictions returns what does not fit together in one home as of a day, of a kind or, for "", of
// all.
func (k *Known) Contradictions(id domain.Entity, at domain.Day, kind domain.DiscrepancyKind) []DiscrepancyRow {
	return k.contradictions(id, at, Query{Kind: kind}, false)
}

// contradictions are the rows of one home that a query wants. Once leaves out what another household of the
// division tells, whose id comes first: a pair stands once on a worklist, though both statuses have it.
func (k *Known) contradictions(id domain.Entity, at domain.Day, q Query, once bool) (rows []DiscrepancyRow) {
	v := k.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	around := k.around()
	var found []domain.Contradiction
	if id.Kind() == domain.HouseholdKind {
		r := k.judged.scrap.Get().(*domain.Reader)
		defer k.judged.scrap.Put(r)
		found = r.Contradictions(id, k.register(id), around, at)
	} else if file, known := around.File(id); known {
		found = domain.ContradictionsOf(file, around, at)
	}
	for i := range found {
		c := &found[i]
		told := once && c.Across.Present() && c.Across < id && livedIn(around, c.Across, k.register(c.Across), q.Division, at)
		if (q.Kind == "" || c.Kind == q.Kind) && !told {
			rows = append(rows, rowOfContradiction(id, c))
		}
	}
	return rows
}

// livedIn reports a household that was in a division on a day, as boards count it.
func livedIn(around *files, household domain.Entity, register domain.Register, division domain.Division, at domain.Day) (in bool) {
	file, known := around.File(household)
	if !known {
		return false
	}
	var s sheet
	s.settle(file, register)
	for _, stay := range s.stays { // the last that has begun holds
		if stay.from <= at {
			in = stay.division.Within(division)
		}
	}
	return in
}

func rowOfContradiction(home domain.Entity, c *domain.Contradiction) DiscrepancyRow {
	row := DiscrepancyRow{Kind: c.Kind, Name: domain.Label(c.Kind), Since: c.Since, Home: home, Entities: []domain.Entity{home}, Facts: c.Facts, Settle: []string{}}
	concern := func(e domain.Entity) {
		if e.Present() && !slices.Contains(row.Entities, e) {
			row.Entities = append(row.Entities, e)
		}
	}
	for _, p := range c.Twins { // in the order of their facts
		concern(p.Entity)
	}
	for i := range c.Facts {
		f := &c.Facts[i]
		concern(f.Home)
		concern(f.About)
		concern(f.Other)
		if by := f.Source.String(); !slices.Contains(row.Settle, by) {
			row.Settle = append(row.Settle, by)
		}
	}
	concern(c.About)
	return row
}
