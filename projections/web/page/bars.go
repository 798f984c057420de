package page

import (
	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// barWidth is the width of a bar in its own units: thousandths.
const barWidth = 1000

// bar is a whole that is divided: the households of a division by state, or by the level of a
// dimension.
type bar struct {
	Code   string
	Name   string
	Total  int
	Slices []slice
}

// slice is one part of a bar.
type slice struct {
	Code  string
	Name  string
	N     int
	Stale int
	Old   string // the address of the list of those that are stale
	Of    int    // the whole
	Tone  string // the colour: t1 worst to t5 best, tu unknown, tn not applicable
	X, W  float64
	Fresh float64 // the width of what is not stale
	Href  string
}

// Share is the slice's share of the whole.
func (s slice) Share() string { return percent(s.N, s.Of) }

// StaleX is where the stale part begins.
func (s slice) StaleX() float64 { return s.X + s.Fresh }

// StaleW is the width of the stale part.
func (s slice) StaleW() float64 { return s.W - s.Fresh }

// add puts a slice at the end of the bar.
func (b *bar) add(s slice) {
	if b.Total > 0 {
		if n := len(b.Slices); n > 0 {
			s.X = b.Slices[n-1].X + b.Slices[n-1].W
		}
		s.W = float64(s.N) * barWidth / float64(b.Total)
		s.Fresh = float64(s.N-s.Stale) * barWidth / float64(b.Total)
	}
	s.Of = b.Total
	b.Slices = append(b.Slices, s)
}

// The states from worst to best, with their tones; a closed household is in none of the sums.
var stateOrder = []struct {
	state domain.State
	tone  string
}{
	{domain.InCrisis, "t1"},
	{domain.AtRisk, "t2"},
	{domain.Unproven, "tu"},
	{domain.Stabilising, "t3"},
	{domain.Stable, "t4"},
	{domain.GettingRich, "t5"},
}

// stateTone is the colour of a state.
func stateTone(s domain.State) string {
	for _, o := range stateOrder {
		if o.state == s {
			return o.tone
		}
	}
	return "tn"
}

// stateBar divides the households of a division by state.
func (l language) stateBar(states map[string]int, households int, href func(code string) string) bar {
	b := bar{Code: "state", Name: l.say("总体状态", "Overall state"), Total: households}
	for _, o := range stateOrder {
		code := o.state.String()
		b.add(slice{Code: code, Name: l.pick(o.state.Label()), N: states[code], Tone: o.tone, Href: href(code)})
	}
	return b
}

// The tones of levels that are not simply a place between worst and best.
var levelTones = map[string]string{
	"n/a": "tn", "unknown": "tu",
	"industry/none": "t3", "title/none": "t2", "title/in_process": "t3",
	"housing/vacant": "t1", "housing/let_out": "t2", "housing/seasonal": "t3", "housing/keys_only": "t3",
	"employment/none": "t1", "employment/seeking": "t2", "employment/placed": "t3", "employment/verified": "t4",
	"services/gap": "t1", "services/partial": "t3",
	"community/organised":   "t4",
	"rights/grievance_open": "t1", "rights/old_house_unsettled": "t2",
	"income/below_line": "t1", "income/near_line": "t2", "income/above": "t4",
	"risk/monitored": "t1", "risk/flagged": "t2", "risk/cleared_watching": "t3",
	"data/discrepancy": "t1", "data/duplicate_suspected": "t2", "data/stale": "t3",
	"housing/no_home": "t1",
}

// levelTone is the colour of a dimension's level.
func levelTone(d domain.Dimension, code string) string {
	for _, key := range []string{d.String() + "/" + code, code} {
		if tone, special := levelTones[key]; special {
			return tone
		}
	}
	return "t5"
}

// dimensionBar divides the households by the level of a dimension, worst first, what does not
// apply at the end. What rests on a stale word is hatched.
func (l language) dimensionBar(d domain.Dimension, counts map[string]projections.LevelCount, households int, href func(code string) string) bar {
	b := bar{Code: d.String(), Name: l.pick(d.Label()), Total: households}
	levels := d.Levels()
	for i := range levels {
		level := levels[(i+1)%len(levels)] // n/a, the first, comes last
		c := counts[level.Code]
		if c.Households == 0 {
			continue
		}
		list := href(level.Code)
		b.add(slice{
			Code: level.Code, Name: l.pick(level.Text), N: c.Households, Tone: levelTone(d, level.Code), Href: list,
			Stale: c.Stale, Old: with(list, "stale", d.String()),
		})
	}
	return b
}
