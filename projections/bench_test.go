package projections

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
	"github.com/anju-ledger/anju/events"
)

// simulated are the households that the benchmarks ask about.
const simulated = 2000

// countyHouseholds is a large county.
const countyHouseholds = 20_000

// emptyViews follow a ledger in memory in which nothing stands: a test tells them what it wants.
func emptyViews(t testing.TB) *Views {
	t.Helper()
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	v := New(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters())
	t.Cleanup(v.Close)
	return v
}

// simulatedViews holds the histories of a county, applied without a log.
func simulatedViews(b *testing.B, households int) *Views {
	b.Helper()
	v := emptyViews(b)
	county := sample.NewCounty("520603", 1, households)
	sequence := uint64(0)
	v.told(county.Foundations(), &sequence)
	for n := range households {
		v.told(county.Household(n), &sequence)
	}
	return v
}

// BenchmarkHousehold asks for a random household at a random day, on all cores.
func BenchmarkHousehold(b *testing.B) {
	v := simulatedViews(b, simulated)
	ids := v.Households()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			day := domain.MakeDay(2019, 1, 1) + domain.Day(rand.IntN(1200))
			if _, err := v.Household(ids[rand.IntN(len(ids))], day); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkBoard counts a county at a random day, and a community of it, every line made.
func BenchmarkBoard(b *testing.B) {
	v := simulatedViews(b, countyHouseholds)
	for _, division := range []domain.Division{"520603", "520603001501"} {
		b.Run(string(division), func(b *testing.B) {
			for b.Loop() {
				_, err := v.Board(division, domain.MakeDay(2019, 1, 1)+domain.Day(rand.IntN(1200)))
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkApply applies the histories of a county and makes its lines, and reports what views
// hold of a household, registers and lines, with what is wasted.
func BenchmarkApply(b *testing.B) {
	for b.Loop() {
		v := simulatedViews(b, simulated)
		_, err := v.Board("520603", at)
		require.NoError(b, err)
		held := 0
		for _, shelf := range v.homes.order {
			held += shelf.registers.size + v.inForce.Load().racks[shelf].lines.size
		}
		b.ReportMetric(float64(held)/simulated, "B/household")
	}
}

// BenchmarkPastBoard counts a county at a random day as known when a part of it was recorded: first
// asked for, from the lines kept of that moment, and compared with all that is known.
func BenchmarkPastBoard(b *testing.B) {
	v := simulatedViews(b, countyHouseholds)
	v.position[52] = uint64(len(v.sorted)) + 1<<40
	day := func() domain.Day { return domain.MakeDay(2019, 1, 1) + domain.Day(rand.IntN(1200)) }
	moment := func() *Known {
		return &Known{views: v, judged: v.inForce.Load(), horizon: &domain.Horizon{52: 100_000 + rand.Uint64N(400_000)}, by: 1, today: domain.NoDay, neighbours: &sync.Map{}}
	}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			_, err := moment().Board(b.Context(), "520603", day())
			require.NoError(b, err)
		}
	})
	b.Run("cached", func(b *testing.B) {
		k := moment()
		_, err := k.Board(b.Context(), "520603", day())
		require.NoError(b, err)
		for b.Loop() {
			_, err := k.Board(b.Context(), "520603", day())
			require.NoError(b, err)
		}
	})
	b.Run("diff", func(b *testing.B) {
		for b.Loop() {
			k := moment()
			_, err := Side{k, day()}.Diff(b.Context(), Side{v.now(), day()}, "520603", nobody{}, Query{Limit: 100})
			require.NoError(b, err)
		}
	})
	b.Run("total", func(b *testing.B) {
		for b.Loop() {
			k := moment()
			_, err := Side{k, day()}.DiffTotal(b.Context(), Side{v.now(), day()}, "520603", domain.TotalVisits, Query{Limit: 100})
			require.NoError(b, err)
		}
	})
}

// nobody has no homes of persons.
type nobody struct{}

func (nobody) Home(domain.Entity) (events.Home, bool) { return events.Home{}, false }
