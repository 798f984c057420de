package projections

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"

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
	Households  []DiffRow       `json:"households"`
	Cursor      string          `json:"cursor,omitzero"`
	Parameters  string          `json:"parameters"`

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
	Dimension  string `json:"dimension"` // "state", or a dimension's code
	From       string `json:"from"`
	To         string `json:"to"`
	Households int    `json:"households"`
}

// DiffRow is a household that differs. Events are the facts, corrections and voids of its timeline
// that one picture has and the other has not, or has otherwise; without any, time alone passed, or
// another home's facts changed.
type DiffRow struct {
	Household domain.Entity `json:"household"`
	Changes   []Change      `json:"changes"`
	Events    []Entry       `json:"events"`
}

// Change is what differs in one dimension.
type Change struct {
	Dimension string `json:"dimension"`
	From      string `json:"from"`
	To        string `json:"to"`
	FromStale bool   `json:"from_stale,omitzero"`
	ToStale   bool   `json:"to_stale,omitzero"`

	FromReason domain.Text `json:"from_reason,omitzero"` // where two sets are compared: why, in plain words
	ToReason   domain.Text `json:"to_reason,omitzero"`
}

// Diff compares a division's households with those of another picture, and tells a page of those that differ
// beyond an id, in order.
func (from Side) Diff(ctx context.Context, to Side, division domain.Division, homes Homes, page Query) (DiffAnswer, error) {
	a := DiffAnswer{
		Division: division, Transitions: []Transition{}, Households: []DiffRow{}, Parameters: from.Known.judged.parameters.Name,
	}
	if from.Known.judged != to.Known.judged {
		a.sets(from.Known.judged.parameters, to.Known.judged.parameters)
	}
	before, basis, err := from.words(ctx, division)
	if a.From = basis; err != nil {
		return a, err
	}
	after, basis, err := to.words(ctx, division)
	if a.To = basis; err != nil {
		return a, err
	}
	differ := a.compare(before, after)
	for _, id := range differ {
		if id <= page.After {
			continue
		}
		if len(a.Households) == page.Limit {
			a.Cursor = a.Households[page.Limit-1].Household.String()
			break
		}
		row := DiffRow{id, changesOf(before[id], after[id]), nil}
		if row.Events, err = from.Between(to, id, homes); err == nil && a.ToParameters != "" {
			err = row.explain(from, to)
		}
		if err != nil {
			return a, fmt.Errorf("comparing %s: %w", id, err)
		}
		a.Households = append(a.Households, row)
	}
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

// words are the households of a division with their words.
func (s Side) words(ctx context.Context, division domain.Division) (map[domain.Entity]domain.Word, Basis, error) {
	words := map[domain.Entity]domain.Word{}
	basis, err := s.Known.words(ctx, Choice{Division: division}, s.At, func(id domain.Entity, w domain.Word) bool {
		words[id] = w
		return true
	})
	return words, basis, err
}

// compare counts the transitions, and returns the households that differ, in order.
func (a *DiffAnswer) compare(before, after map[domain.Entity]domain.Word) (differ []domain.Entity) {
	counts := map[Transition]int{}
	look := func(id domain.Entity) {
		changes := changesOf(before[id], after[id])
		if len(changes) == 0 {
			return
		}
		differ = append(differ, id)
		for _, c := range changes {
			if c.From != c.To {
				counts[Transition{Dimension: c.Dimension, From: c.From, To: c.To}]++
			}
		}
	}
	for id := range before {
		look(id)
	}
	for id := range after {
		if _, there := before[id]; !there {
			look(id)
		}
	}
	for t, n := range counts {
		t.Households = n
		a.Transitions = append(a.Transitions, t)
	}
	slices.SortFunc(a.Transitions, func(x, y Transition) int {
		return cmp.Or(-cmp.Compare(x.Households, y.Households), cmp.Compare(x.Dimension, y.Dimension), cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To))
	})
	slices.Sort(differ)
	a.Differ = len(differ)
	return differ
}

// changesOf tells in what two words differ; levels are told of households that both know.
func changesOf(from, to domain.Word) (changes []Change) {
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
	known := make(map[domain.EventID]Entry, len(before.Entries))
	for _, e := range before.Entries {
		known[e.Event] = e
	}
	found := []Entry{}
	for _, e := range after.Entries {
		if !reflect.DeepEqual(known[e.Event], e) {
			found = append(found, e)
		}
		delete(known, e.Event)
	}
	for _, e := range before.Entries {
		if _, gone := known[e.Event]; gone {
			found = append(found, e)
		}
	}
	return found, nil
}
