package projections

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// TargetRow is one target of a division, and how far it is reached as of a day.
type TargetRow struct {
	Target    domain.Entity    `json:"target"`
	Division  domain.Division  `json:"division"`
	Indicator domain.Indicator `json:"indicator"`
	Name      domain.Text      `json:"name"`
	Unit      string           `json:"unit"` // of value and actual; per_10000: 9446 is 94.46%
	Value     int64            `json:"value"`
	Actual    int64            `json:"actual"`
	Progress  int64            `json:"progress"` // actual of value, in parts of ten thousand
	Due       domain.Day       `json:"due"`
	Reached   bool             `json:"reached"`
	Overdue   bool             `json:"overdue"` // not reached, and the day is past due
	Set       domain.Day       `json:"set"`     // when the value was set
	PolicyRef string           `json:"policy_ref,omitzero"`
	Event     domain.EventID   `json:"event"`
}

// TargetsAnswer is what was to be reached in a division and what lies in it, as of a day: by
// division, indicator and due day.
type TargetsAnswer struct {
	Division   domain.Division `json:"division"`
	At         domain.Day      `json:"at"`
	Targets    []TargetRow     `json:"targets"`
	Parameters string          `json:"parameters"`
	Basis
}

// Targets returns the targets in force in a division as of a day, of one indicator or of all ("").
func (k *Known) Targets(ctx context.Context, division domain.Division, indicator domain.Indicator, at domain.Day) (TargetsAnswer, error) {
	a := TargetsAnswer{Division: division, At: at, Parameters: k.judged.parameters.Name}
	a.Targets, a.Basis = k.targets(division, indicator, at)
	var board BoardAnswer
	for i := range a.Targets {
		row := &a.Targets[i]
		if board.Division != row.Division {
			var err error
			if board, err = k.Board(ctx, row.Division, at); err != nil {
				return a, fmt.Errorf("targets: %w", err)
			}
			a.Basis = board.Basis // the last one's: what it sees the others saw, or less
		}
		row.compare(&board)
	}
	return a, nil
}

// targets reads what was set.
func (k *Known) targets(division domain.Division, indicator domain.Indicator, at domain.Day) ([]TargetRow, Basis) {
	v := k.views
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	rows, around := []TargetRow{}, k.around()
	for _, n := range v.homes.places {
		id := v.homes.id(n)
		if id.Kind() != domain.TargetKind {
			continue
		}
		file, known := around.File(id)
		if !known {
			continue
		}
		for _, s := range domain.TargetsOn(file, at) {
			if s.Division.Within(division) && (indicator == "" || indicator == s.Indicator) {
				rows = append(rows, TargetRow{
					Target: id, Division: s.Division, Indicator: s.Indicator, Name: domain.Label(s.Indicator), Value: s.Value,
					Due: s.Due, Set: s.Day, PolicyRef: s.PolicyRef, Event: s.ID(),
				})
			}
		}
	}
	slices.SortFunc(rows, func(a, b TargetRow) int {
		return cmp.Or(cmp.Compare(a.Division, b.Division), cmp.Compare(a.Indicator, b.Indicator), cmp.Compare(a.Due, b.Due))
	})
	return rows, k.basis(at).In(division)
}

// compare puts the division's figures beside the target.
func (r *TargetRow) compare(b *BoardAnswer) {
	scale, known := r.Indicator.Scale()
	if !known {
		return
	}
	r.Unit = scale.Unit
	r.Actual = scale.Of(b.figure(scale.Part), b.figure(scale.Whole))
	if r.Value > 0 {
		r.Progress = int64(float64(r.Actual) / float64(r.Value) * 10_000)
	}
	r.Reached = r.Actual >= r.Value
	r.Overdue = !r.Reached && b.At > r.Due
}

// figure reads one number off the board.
func (b *BoardAnswer) figure(f domain.Figure) (n int64) {
	switch {
	case f.Total != "":
		return int64(math.Round(b.Totals[f.Total] * float64(f.Per)))
	case f.Employed:
		return int64(b.Employed)
	}
	for _, s := range f.States {
		n += int64(b.States[s.String()])
	}
	for _, l := range f.Levels {
		n += int64(b.Dimensions[f.Dimension.String()][f.Dimension.Code(l)].Households)
	}
	return n
}
