package projections

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
)

// An arena keeps what a map would keep, and wastes little, however strings grow and shrink.
func TestAnArenaKeepsWhatWasPut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		homes := newHomes()
		shelf := homes.shelf("520603")
		numbers := make([]homeNo, 300)
		for i := range numbers {
			numbers[i] = homes.add(domain.MintEntity(domain.HouseholdKind, uint64(i)), "520603")
		}
		want := map[homeNo][]byte{}
		for range 1000 {
			n := numbers[r.IntN(len(numbers))]
			size := r.IntN(3000)
			if r.IntN(500) == 0 {
				size = lastChunk + r.IntN(lastChunk)
			}
			b := bytes.Repeat([]byte{byte(r.Uint32())}, size)
			shelf.registers.put(n, b)
			want[n] = b
		}
		live := 0
		for n, b := range want {
			require.True(t, bytes.Equal(b, homes.register(n)))
			live += len(b)
		}
		a := &shelf.registers
		require.Less(t, a.wasted, a.size/2+lastChunk)
		require.LessOrEqual(t, live, a.size-a.wasted)
	})
}

// A line says what its sheet said.
func TestALineSaysWhatItsSheetSaid(t *testing.T) {
	require.Less(t, len(domain.Totals()), isExtra)
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		day := func() domain.Day { return domain.MakeDay(1650+r.IntN(4)*110, 1, 1) + domain.Day(r.IntN(20000)) }
		if r.IntN(2) == 0 {
			day = func() domain.Day { return domain.MakeDay(2018, 1, 1) + domain.Day(r.IntN(2000)) }
		}
		divisions := []domain.Division{"520603001501", "520603001502", "5206", "520302001501"}[:1+r.IntN(4)]
		division := func() domain.Division { return divisions[r.IntN(len(divisions))] }
		s := sheet{}
		for range r.IntN(60) {
			s.steps = append(s.steps, domain.Step{From: day(), Word: domain.Word(r.Uint64N(8))})
			s.contributions = append(s.contributions, contribution{domain.TotalNo(r.IntN(len(domain.Totals()))), division(), day(), int64(r.IntN(3) - 1)})
		}
		slices.SortFunc(s.steps, func(x, y domain.Step) int { return int(x.From) - int(y.From) })
		s.steps = slices.CompactFunc(s.steps, func(x, y domain.Step) bool { return x.From == y.From })
		for i := range 1 + r.IntN(3) {
			s.stays = append(s.stays, stay{day(), division()})
			s.identities = append(s.identities, identity{r.Uint64(), day()})
			s.neighbours = append(s.neighbours, domain.MintEntity(domain.CommunityKind, uint64(i)))
		}
		n := glossary{newDictionary[domain.Division](), newDictionary[domain.Word]()}
		l := n.appendLine(nil, &s, true)
		for range 50 {
			at := day()
			require.Equal(t, domain.WordAt(s.steps, at), n.wordAt(l, at))
			for _, area := range divisions {
				within := make([]bool, len(n.divisions.values))
				for i, d := range n.divisions.values {
					within[i] = d.Within(area)
				}
				in := false
				for _, y := range s.stays {
					if y.from <= at {
						in = y.division.Within(area)
					}
				}
				require.Equal(t, in, l.in(within, at))
			}
		}
		var shares []contribution
		l.shares(func(c share) {
			shares = append(shares, contribution{c.total, n.divisions.values[c.division], c.day, c.amount})
		})
		require.Equal(t, len(s.contributions), len(shares))
		for i := range shares {
			require.Equal(t, s.contributions[i], shares[i])
		}
		var identities []identity
		l.identities(func(i identity) { identities = append(identities, i) })
		require.Equal(t, s.identities, identities)
		var neighbours []domain.Entity
		l.neighbours(func(e domain.Entity) { neighbours = append(neighbours, e) })
		require.Equal(t, s.neighbours, neighbours)
	})
}
