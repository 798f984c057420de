package projections

import (
	"context"
	"maps"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// The transitions of a comparison carry the states of one board into those of the other, pages hold
// every household that differs once, and a household of which nothing new is known differs by time alone.
func TestADiffCarriesOneBoardIntoTheOther(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, ledger.Close()) }()
	rapid.Check(t, func(t *rapid.T) {
		tale := newTale(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(2, 8).Draw(t, "households"))
		v := tale.views(ledger, tale.told)
		defer v.Close()
		side := func() Side {
			known := rapid.IntRange(0, len(tale.told)).Draw(t, "known")
			k := &Known{views: v, judged: v.inForce.Load(), horizon: &domain.Horizon{52: uint64(known)}, by: 1, today: domain.NoDay, neighbours: &sync.Map{}}
			return Side{k, domain.MakeDay(2019, 1, 1) + domain.Day(rapid.IntRange(0, 1500).Draw(t, "day"))}
		}
		from, to := side(), side()
		before, err := from.Known.Board(context.Background(), "520603", from.At)
		require.NoError(t, err)
		after, err := to.Known.Board(context.Background(), "520603", to.At)
		require.NoError(t, err)
		states := maps.Clone(before.States)
		seen := map[domain.Entity]bool{}
		page := Query{Limit: 2}
		for more := true; more; {
			d, err := from.Diff(context.Background(), to, "520603", tale, page)
			require.NoError(t, err)
			for _, row := range d.Households {
				require.False(t, seen[row.Household])
				seen[row.Household] = true
				require.NotEmpty(t, row.Changes)
			}
			totals := maps.Clone(before.Totals)
			for _, c := range d.Totals {
				require.Equal(t, totals[c.Key], c.From)
				totals[c.Key] = c.To
			}
			require.Equal(t, after.Totals, totals)
			if more = d.Cursor != ""; more {
				c, err := ParseCursor(d.Cursor)
				require.NoError(t, err)
				page.After = c.After
				continue
			}
			require.Len(t, seen, d.Differ)
			for _, c := range d.Transitions {
				if c.Dimension == "state" {
					states[c.From] -= c.Households
					states[c.To] += c.Households
				}
			}
		}
		delete(states, absent)
		maps.DeleteFunc(states, func(_ string, n int) bool { return n == 0 })
		require.Equal(t, after.States, states)
		near := *to.Known
		near.horizon, near.neighbours = &domain.Horizon{52: to.Known.horizon[52] + uint64(rapid.IntRange(1, 3).Draw(t, "more"))}, &sync.Map{}
		then := Side{&near, to.At}
		d, err := then.Diff(context.Background(), to, "520603", tale, Query{Limit: 1000})
		require.NoError(t, err)
		for _, row := range d.Households { // of one day: not time, but what was recorded made the difference
			require.NotEmpty(t, append(row.Events, row.Others...), row.Household.String())
			tale.requireOwn(t, row, to.At, to.Known.horizon[52], near.horizon[52])
		}
		same, err := to.Diff(context.Background(), to, "520603", tale, Query{Limit: 1})
		require.NoError(t, err)
		require.Zero(t, same.Differ)
	})
}

// requireOwn checks the events of a household that differs, of its incomes and its registration: all that was told of
// it between two places up to the day, and beside them only what an act told there, or an act on that act, is on.
func (t *tale) requireOwn(on *rapid.T, row DiffRow, at domain.Day, after, last uint64) {
	has, named := map[domain.EventID]bool{}, map[domain.EventID]bool{}
	for _, e := range row.Events {
		has[e.Event] = true
	}
	for i := min(int(last), len(t.told)) - 1; i >= 0; i-- { // an act stands after what it is on
		f := t.told[i]
		id, told := f.stamp.ID, f.stamp.Place.Sequence > after
		if target, acts := domain.TargetOf(f.fact); acts && (told || named[id]) {
			named[target] = true
		}
		switch f.fact.(type) {
		case *domain.IncomeDeclared, *domain.HouseholdRegistered:
		default:
			continue
		}
		switch mine := f.subject == row.Household && f.stamp.Day() <= at; {
		case told && mine:
			require.True(on, has[id], "%s was told of %s", id, row.Household)
		case !named[id]:
			require.False(on, has[id], "nothing was told about %s", id)
		}
	}
}
