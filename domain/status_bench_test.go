package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
)

// registerOf is the register of a simulated household, as the ledger keeps it.
func registerOf(n int) (domain.Entity, domain.Register) {
	var r domain.Register
	events := sample.NewCounty("520603", 7, 100).Household(n)
	for i, e := range events {
		s := domain.Stamp{
			Time: e.Time.Moment(), Kind: e.Kind, Key: e.Key, Division: e.Division, Subject: e.Subject,
			Source: domain.Source{Department: e.Department, Division: "520603"}, Place: domain.Place{Province: 52, Sequence: uint64(i + 1)},
		}
		s.ID = domain.DeriveEventID(s.Source, s.Key)
		r, _ = r.Insert(e.Data, s)
	}
	return events[0].Subject, r
}

// TestSimulatedHouseholdsHaveOneStateADay reads simulated histories by steps and by day.
func TestSimulatedHouseholdsHaveOneStateADay(t *testing.T) {
	p := domain.DefaultParameters()
	for n := range 40 {
		home, r := registerOf(n)
		f := &domain.File{Home: home}
		r.Fold(f)
		steps := domain.Steps(nil, f, nil, p)
		for at := domain.MakeDay(2018, 1, 1); at < domain.MakeDay(2023, 3, 1); at += 13 {
			got := domain.Status(f, nil, at, p)
			w := domain.WordAt(steps, at)
			require.Equal(t, got.State, w.State(), "household %d on %s", n, at)
			require.Equal(t, got.Employed, w.Employed(), "household %d on %s", n, at)
		}
	}
}

func BenchmarkSimulatedHousehold(b *testing.B) {
	p := domain.DefaultParameters()
	home, r := registerOf(3)
	f := &domain.File{Home: home}
	b.Run("fold and status", func(b *testing.B) {
		for b.Loop() {
			r.Fold(f)
			domain.Status(f, nil, domain.MakeDay(2021, 6, 30), p)
		}
		b.ReportMetric(float64(len(r))/float64(r.Len()), "B/fact")
	})
	b.Run("steps", func(b *testing.B) {
		for b.Loop() {
			domain.Steps(nil, f, nil, p)
		}
	})
}
