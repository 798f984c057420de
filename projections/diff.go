package projections

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// Side is one of the two pictures that a comparison compares.
type Side struct {
	Known *Known
	At    domain.Day
}

// absent is the state of a household that is not in the division's lists: not registered, or living
// elsewhere.
const absent = "absent"

// DiffAnswer says which households of a division differ between two pictures, in what, and by which
// events.
type DiffAnswer struct {
	Division    domain.Division `json:"division"`
	From        Basis           `json:"from"`
	To          Basis           `json:"to"`
	Differ      int             `json:"differ"` // households
	Transitions []Transition    `json:"transitions"`
	Totals      []TotalChange   `json:"totals"` // of the division, those that differ
	Households  []DiffRow       `json:"households"`
	Cursor      string          `json:"cursor,omitzero"`
	Parameters  string          `json:"parameters"`
	Total       *TotalDiff      `json:"total,omitzero"` // where one was asked for: no household is told then

	ToParameters string    `json:"to_parameters,omitzero"` // where two sets are compared
	Differs      []Setting `json:"differs,omitempty"`      // what they say otherwise
}

// Setting is a parameter to which two sets give different values.
type Setting struct {
	Name   string      `json:"name"`
	From   string      `json:"from"`
	To     string      `json:"to"`
	Source string      `json:"source"` // of the second value
	Reason domain.Text `json:"reason"` // likewise
}

// Transition counts the households that went from one state, or level of a dimension, to another.
type Transition struct {
	Dimension  string `json:"dimension"` // as of a Change
	From       string `json:"from"`
	To         string `json:"to"`
	FromStale  bool   `json:"from_stale,omitzero"`
	ToStale    bool   `json:"to_stale,omitzero"`
	Households int    `json:"households"`
}

// TotalChange is a total of the division that differs.
type TotalChange struct {
	Key  string  `json:"key"`
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

// DiffRow is a household that differs. Events are the facts, corrections and voids of its timeline
// that one picture has and the other has not, or has otherwise; Others are such facts of other homes that its
// status rests on: its community, a facility, a household with a member under the same ID number. What time
// alone changed says so itself (Change.Passed).
type DiffRow struct {
	Household domain.Entity `json:"household"`
	Changes   []Change      `json:"changes"`
	Events    []Entry       `json:"events"`
	Others    []Entry       `json:"others,omitempty"`
}

// Change is what differs in one dimension.
type Change struct {
	Dimension string `json:"dimension"` // "state", "employed", a dimension's code, or "overdue." and what is overdue
	From      string `json:"from"`
	To        string `json:"to"`
	FromStale bool   `json:"from_stale,omitzero"`
	ToStale   bool   `json:"to_stale,omitzero"`

	FromReason domain.Text `json:"from_reason,omitzero"` // where two sets are compared: why, in plain words
	ToReason   domain.Text `json:"to_reason,omitzero"`

	Passed *domain.Passing `json:"passed,omitzero"` // why, where no fact of that day but time alone made it so
}

// Diff compares a division's households with those of another picture, and tells a page of those that differ
// beyond an id, in order.
func (from Side) Diff(ctx context.Context, to Side, division domain.Division, homes Homes, page Query) (DiffAnswer, error) {
	c, err := from.compared(ctx, to, division, page.After.Present())
	if err != nil {
		return DiffAnswer{}, err
	}
	a := c.answer
	a.Households = []DiffRow{}
	next, met := slices.BinarySearchFunc(c.rows, page.After, func(d differing, id domain.Entity) int { return cmp.Compare(d.id, id) })
	if met {
		next++
	}
	for _, d := range c.rows[next:] {
		if len(a.Households) == page.Limit {
			a.Cursor = c.cursor(a.Households[page.Limit-1].Household)
			break
		}
		row := DiffRow{Household: d.id, Changes: changesOf(d.before, d.after)}
		if row.Events, err = c.from.Between(c.to, d.id, homes); err == nil {
			row.Others, err = c.others(d.id, row.Events)
		}
		if err == nil && a.ToParameters != "" {
			err = row.explain(c.from, c.to)
		}
		if c.from.At < c.to.At {
			row.passed(c.from.At, c.to)
		}
		if err != nil {
			return a, fmt.Errorf("comparing %s: %w", d.id, err)
		}
		a.Households = append(a.Households, row)
	}
	a.To.Beyond(page.After, len(a.Households))
	return a, nil
}

// sets says what two parameter sets say otherwise.
func (a *DiffAnswer) sets(from, to *domain.Parameters) {
	a.ToParameters = to.Name
	for i := range to.All {
		if p := &to.All[i]; from.Value(p.Name) != p.Value {
			a.Differs = append(a.Differs, Setting{p.Name, from.Value(p.Name), p.Value, p.Source, p.Reason})
		}
	}
}

// explain says why each side judges as it does.
func (d *DiffRow) explain(from, to Side) error {
	before, err := from.Known.Household(d.Household, from.At)
	if err != nil {
		return err
	}
	after, err := to.Known.Household(d.Household, to.At)
	if err != nil {
		return err
	}
	for i := range d.Changes {
		c := &d.Changes[i]
		c.FromReason, c.ToReason = reasonFor(c.Dimension, from, before), reasonFor(c.Dimension, to, after)
	}
	return nil
}

// reasonFor is why a household stands as it does in a dimension, in its state, or as employed.
func reasonFor(dimension string, s Side, a HouseholdAnswer) domain.Text {
	switch d, known := domain.ParseDimension(dimension); {
	case known:
		return a.Dimensions[d].Reason
	case dimension == "employed":
		return s.Known.judged.parameters.EmployedReason()
	}
	return a.StateReason
}

// passed says of each change whether time alone made it, and by which rule: nothing that makes the difference was
// true on the day on which it came about.
func (d *DiffRow) passed(from domain.Day, to Side) {
	k := to.Known
	k.views.mu.RLock()
	defer k.views.mu.RUnlock()
	r := k.judged.scrap.Get().(*domain.Reader)
	defer k.judged.scrap.Put(r)
	r.Open(d.Household, k.register(d.Household), k.around(), to.At)
	passage := r.Passage(from, to.At)
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.From == absent || c.To == absent {
			continue
		}
		why := passingOf(&passage, c.Dimension)
		on := func(e Entry) bool { return e.Day == why.Day }
		if !slices.ContainsFunc(d.Events, on) && !slices.ContainsFunc(d.Others, on) {
			c.Passed = &why
		}
	}
}

// passingOf is the reason of one change.
func passingOf(p *domain.Passage, dimension string) domain.Passing {
	if d, known := domain.ParseDimension(dimension); known {
		return p.Level(d)
	}
	switch kind, late := strings.CutPrefix(dimension, overdue); {
	case late:
		k, _ := domain.ParseOverdueKind(kind)
		return p.Overdue(k)
	case dimension == "employed":
		return p.Employed()
	}
	return p.State()
}

// overdue stands before what is overdue, where dimensions are named.
const overdue = "overdue."

// changesOf tells in what two words differ; levels are told of households that both know.
func changesOf(from, to domain.Word) (changes []Change) {
	if from == to {
		return nil
	}
	if x, y := stateOf(from), stateOf(to); x != y {
		changes = append(changes, Change{Dimension: "state", From: x, To: y})
	}
	if !from.Counted() || !to.Counted() {
		return changes
	}
	if from.Employed() != to.Employed() {
		changes = append(changes, Change{Dimension: "employed", From: fmt.Sprint(from.Employed()), To: fmt.Sprint(to.Employed())})
	}
	for _, d := range domain.Dimensions() {
		if from.Level(d) != to.Level(d) || from.Stale(d) != to.Stale(d) {
			changes = append(changes, Change{Dimension: d.String(), From: d.Code(from.Level(d)), To: d.Code(to.Level(d)), FromStale: from.Stale(d), ToStale: to.Stale(d)})
		}
	}
	for k, t := range domain.OverdueKinds() {
		if x, y := from.Overdue(domain.OverdueKind(k)), to.Overdue(domain.OverdueKind(k)); x != y {
			changes = append(changes, Change{Dimension: overdue + t.Code, From: fmt.Sprint(x), To: fmt.Sprint(y)})
		}
	}
	return changes
}

func stateOf(w domain.Word) string {
	if w.State() == domain.NotRegistered {
		return absent
	}
	return w.State().String()
}

// Between returns the entries of a household's timeline that two pictures do not share.
func (from Side) Between(to Side, id domain.Entity, homes Homes) ([]Entry, error) {
	before, err := from.Known.Timeline(id, homes, from.At)
	if err != nil {
		return nil, err
	}
	after, err := to.Known.Timeline(id, homes, to.At)
	if err != nil {
		return nil, err
	}
	return unshared(before.Entries, after.Entries), nil
}

// unshared returns the entries that two timelines do not share, or have otherwise: as the second has them, then
// those that it has not.
func unshared(before, after []Entry) []Entry {
	known := make(map[domain.EventID]Entry, len(before))
	for _, e := range before {
		known[e.Event] = e
	}
	found := []Entry{}
	for _, e := range after {
		if !reflect.DeepEqual(known[e.Event], e) {
			found = append(found, e)
		}
		delete(known, e.Event)
	}
	for _, e := range before {
		if _, gone := known[e.Event]; gone {
			found = append(found, e)
		}
	}
	return found
}
