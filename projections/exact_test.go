package projections

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
)

// told tells simulated facts to views as a follower would.
func (v *Views) told(all []sample.Event, sequence *uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, e := range all {
		*sequence++
		source := domain.Source{Department: e.Department, Division: "520603"}
		v.apply(e.Subject, e.Data, domain.Stamp{
			Time: e.Time.Moment(), Kind: e.Kind, ID: domain.DeriveEventID(source, e.Key), Key: e.Key, Division: e.Division,
			Source: source, Subject: e.Subject, Place: domain.Place{Province: 52, Sequence: *sequence},
		})
	}
	v.wake()
}

// sameAsCounted compares boards with the statuses of all households, counted one by one: states,
// levels, staleness, what is overdue, who works.
func sameAsCounted(t *testing.T, v *Views, division domain.Division, at domain.Day) {
	t.Helper()
	board, err := v.Board(division, at)
	require.NoError(t, err)
	want := BoardAnswer{States: map[string]int{}, Dimensions: map[string]map[string]LevelCount{}, Overdue: map[string]int{}}
	for _, d := range domain.Dimensions() {
		want.Dimensions[d.String()] = map[string]LevelCount{}
	}
	for _, id := range v.Households() {
		a, err := v.Household(id, at)
		require.NoError(t, err)
		if a.State == domain.NotRegistered || !v.lives(id, division, at) {
			continue
		}
		want.States[a.State.String()]++
		if a.State == domain.Closed {
			continue
		}
		want.Households++
		if a.Employed {
			want.Employed++
		}
		for i, d := range domain.Dimensions() {
			c := want.Dimensions[d.String()][a.Dimensions[i].Level]
			c.Households++
			if a.Dimensions[i].Stale {
				c.Stale++
			}
			want.Dimensions[d.String()][a.Dimensions[i].Level] = c
		}
		kinds := map[string]bool{}
		for _, o := range a.Overdue {
			kinds[domain.OverdueKinds()[o.Kind].Code] = true
		}
		for kind := range kinds {
			want.Overdue[kind]++
		}
	}
	require.Equal(t, want.States, board.States, at.String())
	require.Equal(t, want.Dimensions, board.Dimensions, at.String())
	require.Equal(t, want.Overdue, board.Overdue, at.String())
	require.Equal(t, []int{want.Households, want.Employed}, []int{board.Households, board.Employed}, at.String())
}

// lives reads off the register alone where a household was.
func (v *Views) lives(id domain.Entity, division domain.Division, at domain.Day) bool {
	f, _ := v.now().around().File(id)
	in := false
	for _, r := range f.Registrations {
		if r.Day <= at {
			in = r.Division.Within(division)
		}
	}
	for _, m := range f.Moves {
		if m.Day <= at && m.Division != "" {
			in = m.Division.Within(division)
		}
	}
	return in
}

// Boards are exact while facts come in any order: asked in the middle, and at any day.
func TestBoardsAreTheSumOfStatusesWhileFactsCome(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	v := emptyViews(t)
	county := sample.NewCounty("520603", seed, 60)
	facts := county.Foundations()
	for n := range county.Households {
		facts = append(facts, county.Household(n)...)
	}
	r.Shuffle(len(facts), func(i, k int) { facts[i], facts[k] = facts[k], facts[i] })
	sequence := uint64(0)
	for part := range 5 {
		v.told(facts[part*len(facts)/5:(part+1)*len(facts)/5], &sequence)
		for range 2 {
			at := domain.MakeDay(2018, 1, 1) + domain.Day(r.IntN(2500))
			sameAsCounted(t, v, []domain.Division{"52", "520603", "520603001", "520603001501", "5203"}[r.IntN(5)], at)
		}
	}
}

// The totals of a small division, read off lines, and of its county, read off sums, are one.
func TestTotalsOfSmallDivisionsAddUp(t *testing.T) {
	v := emptyViews(t)
	county := sample.NewCounty("520603", 7, 400)
	sequence := uint64(0)
	v.told(county.Foundations(), &sequence)
	for n := range county.Households {
		v.told(county.Household(n), &sequence)
	}
	for _, at := range []domain.Day{domain.MakeDay(2018, 6, 1), domain.MakeDay(2020, 6, 1), domain.MakeDay(2023, 6, 1)} {
		whole, err := v.Board("520603", at)
		require.NoError(t, err)
		parts := map[string]float64{}
		for _, division := range []domain.Division{"520603001501", "520603001502"} {
			part, err := v.Board(division, at)
			require.NoError(t, err)
			for key, n := range part.Totals {
				parts[key] += n
			}
		}
		require.InDeltaMapValues(t, whole.Totals, parts, 1e-6, at.String())
	}
}

// Whoever asks while facts come and lines are made in the background gets every fact that was
// applied before he asked, and none that came after he was answered.
func TestBoardsHoldWhatWasAppliedBefore(t *testing.T) {
	v := emptyViews(t)
	county := sample.NewCounty("520603", 11, 120)
	sequence := uint64(0)
	v.told(county.Foundations(), &sequence)
	var told atomic.Int64
	var telling sync.WaitGroup
	telling.Go(func() {
		for n := range county.Households {
			v.told(county.Household(n), &sequence)
			told.Add(1)
		}
	})
	at := domain.MakeDay(2030, 1, 1)
	for done := false; !done; {
		before := told.Load()
		done = int(before) == county.Households
		board, err := v.Board("520603", at)
		require.NoError(t, err)
		list, err := v.now().List(t.Context(), Choice{Limit: 1000}, at)
		require.NoError(t, err)
		after := told.Load() + 1 // one may be told, and not counted yet
		known := int64(board.Totals["households"])
		require.LessOrEqual(t, before, known)
		require.LessOrEqual(t, known, int64(len(list.Households)))
		require.LessOrEqual(t, int64(len(list.Households)), after)
	}
	telling.Wait()
	sameAsCounted(t, v, "52", at)
}
