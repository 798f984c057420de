package projections

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// The turns of a household lead from its word at one moment to its word at a later one without a gap.
func TestTurnsLeadFromOneWordToTheOther(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, ledger.Close()) }()
	rapid.Check(t, func(t *rapid.T) {
		tale := newTale(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(2, 4).Draw(t, "households"))
		v := tale.views(ledger, tale.told)
		defer v.Close()
		first := rapid.IntRange(0, len(tale.told)).Draw(t, "first")
		last := rapid.IntRange(first, len(tale.told)).Draw(t, "last")
		day := domain.MakeDay(2019, 1, 1) + domain.Day(rapid.IntRange(0, 1500).Draw(t, "day"))
		side := func(known int) Side {
			return Side{&Known{views: v, judged: v.inForce.Load(), horizon: &domain.Horizon{52: uint64(known)}, by: 1, today: domain.NoDay, neighbours: &sync.Map{}}, day}
		}
		from, to := side(first), side(last)
		was, is := wordsOf(t, from), wordsOf(t, to)
		for id := range is {
			turns, err := from.Turns(to, id, tale)
			require.NoError(t, err)
			at := was[id]
			for _, turn := range turns {
				require.Equal(t, at, turn.Before)
				require.NotEqual(t, at, turn.After)
				at = turn.After
			}
			require.Equal(t, at, is[id], "%s", id)
		}
	})
}

// wordsOf are the households of the county that a side knows, each with its word.
func wordsOf(t *rapid.T, s Side) map[domain.Entity]domain.Word {
	found, err := s.Known.Sift(context.Background(), "520603", s.At, func(domain.Word) bool { return true })
	require.NoError(t, err)
	words := map[domain.Entity]domain.Word{}
	for _, h := range found.Households {
		words[h.Household] = h.Word
	}
	return words
}
