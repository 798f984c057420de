package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestWhatWasKnownIsAFoldOfWhatWasRecorded compares registers seen up to a horizon with registers of
// the events recorded by then alone, over histories of households that meet, with facts that
// come late, corrections, voids, acts on acts, splits, merges and moves: every status, as of any
// day, is the same.
func TestWhatWasKnownIsAFoldOfWhatWasRecorded(t *testing.T) {
	p := DefaultParameters()
	rapid.Check(t, func(t *rapid.T) {
		v := newVillage(rapid.Uint64().Draw(t, "seed"))
		v.r.Shuffle(len(v.told), func(i, k int) { // facts are recorded in any order, and late; acts after their targets
			a, b := &v.told[i], &v.told[k]
			if a.stamp.Kind.Home != 0 && b.stamp.Kind.Home != 0 {
				*a, *b = *b, *a
				a.stamp.Place, b.stamp.Place = b.stamp.Place, a.stamp.Place
			}
		})
		whole := v.registers(farDay)
		known := rapid.IntRange(0, len(v.told)).Draw(t, "known")
		recorded := village{v.r, v.told[:known]}
		want := recorded.registers(farDay)
		var h Horizon
		h[52] = uint64(known)
		seen := map[Entity]Register{}
		for home, r := range whole {
			if s := r.AppendKnown(nil, &h); len(s) > 0 {
				seen[home] = s
			}
		}
		require.Len(t, seen, len(want))
		files, wanted := foldAll(seen), foldAll(want)
		for home, r := range want {
			require.Equal(t, facts(r), facts(seen[home]))
			for _, d := range []Day{MakeDay(2019, 7, 1), MakeDay(2020, 2, 29), MakeDay(2021, 1, 1), MakeDay(2023, 1, 1)} {
				if home.Kind() == HouseholdKind {
					require.Equal(t, Status(wanted[home], wanted, d, p), Status(files[home], files, d, p), "%s on %s", home, d)
				}
			}
			require.True(t, seen[home].Names("52") && seen[home].Names("520603001") && seen[home].Names(Nation))
			require.False(t, seen[home].Names("53") || seen[home].Names("520603002"))
		}
	})
}

// facts are the facts of a register, how each stands, and whether there are acts among them.
func facts(r Register) (all []any) {
	for s, standing := range r.Standings() {
		all = append(all, s.ID, s.Place, s.Key, s.Time, standing)
	}
	return append(all, r.Acts())
}
