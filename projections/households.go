package projections

import (
	"cmp"
	"context"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// Choice says which households a list wants; a zero field wants all.
type Choice struct {
	Division domain.Division
	State    *domain.State
	Levels   map[domain.Dimension]domain.Level
	Stale    *domain.Dimension // only where what this one rests on is stale
	Overdue  *domain.OverdueKind
	After    domain.Entity // only ids beyond it: the cursor of the page before
	Limit    int           // households on a page, at least 1
}

// HouseholdRow is one household of a list.
type HouseholdRow struct {
	Household  domain.Entity         `json:"household"`
	State      domain.State          `json:"state"`
	Employed   bool                  `json:"employed"`
	Dimensions map[string]LevelShort `json:"dimensions"`
	Overdue    []string              `json:"overdue"`
}

// LevelShort is a dimension's level without its reason.
type LevelShort struct {
	Level string `json:"level"`
	Stale bool   `json:"stale"`
}

// HouseholdList is a page of households as of a day, in the order of their ids; Cursor asks for
// the next page and is absent on the last.
type HouseholdList struct {
	At         domain.Day     `json:"at"`
	Households []HouseholdRow `json:"households"`
	Cursor     string         `json:"cursor,omitzero"`
	Parameters string         `json:"parameters"`
	Basis
}

// List returns a page of the households that a choice wants, as of a day. As they were known by a
// past moment they are read from lines made for it, as boards are.
func (k *Known) List(ctx context.Context, c Choice, at domain.Day) (a HouseholdList, err error) {
	a = HouseholdList{At: at, Households: []HouseholdRow{}, Parameters: k.judged.parameters.Name}
	a.Basis, err = k.words(ctx, c, at, func(id domain.Entity, w domain.Word) bool {
		if len(a.Households) == c.Limit {
			a.Cursor = a.Households[c.Limit-1].Household.String()
			return false
		}
		a.Households = append(a.Households, rowOf(id, w))
		return true
	})
	a.Beyond(c.After, len(a.Households))
	return a, err
}

// words hands on the households that a choice wants, with their words on a day, until take wants no
// more.
func (k *Known) words(ctx context.Context, c Choice, at domain.Day, take func(domain.Entity, domain.Word) bool) (Basis, error) {
	v := k.views
	v.follow()
	release := k.settled()
	basis := k.basis(at).In(c.Division)
	if !k.hasLines() {
		past := k.pinned()
		release()
		return basis, past.pastWords(ctx, &c, at, take)
	}
	defer release()
	k.listLines(&c, at, take)
	return basis, v.failed
}

// listLines is words of the lines that are kept; all is settled.
func (k *Known) listLines(c *Choice, at domain.Day, take func(domain.Entity, domain.Word) bool) {
	v, j := k.views, k.judged
	within := j.names.within(c.Division)
	for _, n := range v.after(c.After) {
		l := j.line(n)
		if w := j.names.wordAt(l, at); c.wants(w) && l.in(within, at) && !take(v.homes.id(n), w) {
			break
		}
	}
}

// sortHouseholds merges the households that appeared since into those in order.
func (v *Views) sortHouseholds() {
	v.mu.RLock()
	done := len(v.unsorted) == 0
	v.mu.RUnlock()
	if done {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	byID := func(x, y homeNo) int { return cmp.Compare(v.homes.id(x), v.homes.id(y)) }
	slices.SortFunc(v.unsorted, byID)
	merged := make([]homeNo, 0, len(v.sorted)+len(v.unsorted))
	old := v.sorted
	for _, n := range v.unsorted {
		for len(old) > 0 && byID(old[0], n) < 0 {
			merged, old = append(merged, old[0]), old[1:]
		}
		merged = append(merged, n)
	}
	v.sorted, v.unsorted = append(merged, old...), nil
}

// after returns the households beyond an id, in order.
func (v *Views) after(id domain.Entity) []homeNo {
	at, met := slices.BinarySearchFunc(v.sorted, id, func(n homeNo, id domain.Entity) int { return cmp.Compare(v.homes.id(n), id) })
	if met {
		at++
	}
	return v.sorted[at:]
}

func (c *Choice) wants(w domain.Word) bool {
	if w.State() == domain.NotRegistered {
		return false
	}
	if c.State != nil && w.State() != *c.State || c.Overdue != nil && !w.Overdue(*c.Overdue) {
		return false
	}
	if c.Stale != nil && !w.Stale(*c.Stale) {
		return false
	}
	for d, level := range c.Levels {
		if w.Level(d) != level {
			return false
		}
	}
	return true
}

func rowOf(id domain.Entity, w domain.Word) HouseholdRow {
	row := HouseholdRow{
		Household: id, State: w.State(), Employed: w.Employed(), Dimensions: map[string]LevelShort{}, Overdue: []string{},
	}
	for _, d := range domain.Dimensions() {
		row.Dimensions[d.String()] = LevelShort{d.Code(w.Level(d)), w.Stale(d)}
	}
	for i, kind := range domain.OverdueKinds() {
		if w.Overdue(domain.OverdueKind(i)) {
			row.Overdue = append(row.Overdue, kind.Code)
		}
	}
	return row
}
