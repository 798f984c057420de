package projections

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
	"github.com/anju-ledger/anju/events"
)

// simulated are the households that the benchmarks ask about.
const simulated = 2000

// simulatedViews holds the histories of a county, applied without a log.
func simulatedViews(b *testing.B) *Views {
	b.Helper()
	ledger, err := events.Open(b.Context(), events.Config{})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, ledger.Close()) })
	v := New(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters())
	b.Cleanup(v.Close)
	county := sample.NewCounty("520603", 1, simulated)
	sequence := uint64(0)
	tell := func(all []sample.Event) {
		for _, e := range all {
			sequence++
			source := domain.Source{Department: e.Department, Division: "520603"}
			v.apply(e.Subject, e.Data, domain.Stamp{
				Time: e.Time.Moment(), Kind: e.Kind, ID: domain.DeriveEventID(source, e.Key), Key: e.Key, Division: e.Division,
				Source: source, Subject: e.Subject, Place: domain.Place{Province: 52, Sequence: sequence},
			})
		}
	}
	tell(county.Foundations())
	for n := range simulated {
		tell(county.Household(n))
	}
	return v
}

// BenchmarkHousehold asks for a random household at a random day, on all cores.
func BenchmarkHousehold(b *testing.B) {
	v := simulatedViews(b)
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

// BenchmarkBoard counts the county at a random day, its steps made.
func BenchmarkBoard(b *testing.B) {
	v := simulatedViews(b)
	_, err := v.Board("520603", domain.MakeDay(2019, 1, 1)) // makes the steps
	require.NoError(b, err)
	for b.Loop() {
		_, err := v.Board("520603", domain.MakeDay(2019, 1, 1)+domain.Day(rand.IntN(1200)))
		require.NoError(b, err)
	}
}
