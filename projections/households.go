package projections

import (
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// Choice says which households a list wants; a zero field wants all.
type Choice struct {
	Division domain.Division
	State    *domain.State
	Levels   map[domain.Dimension]domain.Level
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
	Position   Position       `json:"position"`
	Lag        Position       `json:"lag"`
}

// List returns a page of the households that a choice wants, as of a day.
func (v *Views) List(c Choice, at domain.Day) (HouseholdList, error) {
	v.follow()
	v.mu.Lock()
	defer v.mu.Unlock()
	a := HouseholdList{At: at, Households: []HouseholdRow{}, Parameters: v.parameters.Name}
	around := v.around()
	for _, id := range slices.Sorted(slices.Values(v.order)) {
		if id <= c.After {
			continue
		}
		h := v.homes[id]
		h.refresh(noted{around, h, v.readers}, v.parameters)
		w := domain.WordAt(h.steps, at)
		if !c.wants(h, w, at) {
			continue
		}
		if len(a.Households) == c.Limit {
			a.Cursor = a.Households[c.Limit-1].Household.String()
			break
		}
		a.Households = append(a.Households, rowOf(id, w))
	}
	a.Position, a.Lag = v.where()
	return a, v.failed
}

func (c *Choice) wants(h *home, w domain.Word, at domain.Day) bool {
	if w.State() == domain.NotRegistered || !h.in(c.Division, at) {
		return false
	}
	if c.State != nil && w.State() != *c.State || c.Overdue != nil && !w.Overdue(*c.Overdue) {
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
