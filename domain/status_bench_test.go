package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
)

// simulated is one household of the sample with its register, as the ledger keeps it.
type simulated struct {
	home     domain.Entity
	register domain.Register
}

// stamped are the facts of a simulated household with their stamps.
func stamped(n int) (facts []domain.Fact, stamps []domain.Stamp) {
	for i, e := range sample.NewCounty("520603", 7, 100).Household(n) {
		s := domain.Stamp{
			Time: e.Time.Moment(), Kind: e.Kind, Key: e.Key, Division: e.Division, Subject: e.Subject,
			Source: domain.Source{Department: e.Department, Division: "520603"}, Place: domain.Place{Province: 52, Sequence: uint64(i + 1)},
		}
		s.ID = domain.DeriveEventID(s.Source, s.Key)
		facts, stamps = append(facts, e.Data), append(stamps, s)
	}
	return facts, stamps
}

func registerOf(n int) simulated {
	facts, stamps := stamped(n)
	h := simulated{home: stamps[0].Subject}
	for i := range facts {
		h.register, _ = h.register.Insert(facts[i], stamps[i])
	}
	return h
}

// street is some simulated households, and how many facts they have on the mean.
func street(n int) (all []simulated, facts float64) {
	for i := range n {
		all = append(all, registerOf(i))
		facts += float64(all[i].register.Len()) / float64(n)
	}
	return all, facts
}

// TestSimulatedHouseholdsHaveOneStateADay reads simulated histories by steps and by day.
func TestSimulatedHouseholdsHaveOneStateADay(t *testing.T) {
	p := domain.DefaultParameters()
	for n := range 40 {
		h := registerOf(n)
		f := &domain.File{Home: h.home}
		h.register.Fold(f)
		steps := domain.Steps(nil, f, nil, p)
		for at := domain.MakeDay(2018, 1, 1); at < domain.MakeDay(2023, 3, 1); at += 13 {
			got := domain.Status(f, nil, at, p)
			w := domain.WordAt(steps, at)
			require.Equal(t, got.State, w.State(), "household %d on %s", n, at)
			require.Equal(t, got.Employed, w.Employed(), "household %d on %s", n, at)
		}
	}
}

// BenchmarkSimulated goes through forty simulated households, one an operation.
func BenchmarkSimulated(b *testing.B) {
	p := domain.DefaultParameters()
	all, facts := street(40)
	f, reader := &domain.File{}, domain.NewReader(p)
	fold := func(i int) {
		f.Home = all[i%len(all)].home
		all[i%len(all)].register.Fold(f)
	}
	measure := func(name string, do func(i int)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				do(i)
			}
			b.ReportMetric(facts, "facts")
		})
	}
	measure("fold", fold)
	measure("fold and status", func(i int) {
		fold(i)
		domain.Status(f, nil, domain.MakeDay(2019, 1, 1)+domain.Day(i*97%1200), p)
	})
	measure("reader status", func(i int) {
		h := &all[i%len(all)]
		reader.Status(h.home, h.register, nil, domain.MakeDay(2019, 1, 1)+domain.Day(i*97%1200))
	})
	fold(3)
	answer, body := domain.Status(f, nil, domain.MakeDay(2021, 6, 30), p), []byte(nil)
	measure("answer as JSON", func(int) { body = answer.AppendJSON(body[:0]) })
	var steps []domain.Step
	var holders []domain.Holder
	measure("reader rebuild", func(i int) {
		h := &all[i%len(all)]
		reader.Read(h.home, h.register, nil)
		steps, holders = reader.Steps(steps[:0]), reader.Holders(holders[:0])
		reader.Contributions(func(domain.TotalNo, domain.Division, domain.Day, int64) {})
	})
	measure("fold and steps", func(i int) {
		fold(i)
		steps = domain.Steps(steps[:0], f, nil, p)
	})
	measure("fold and contributions", func(i int) {
		fold(i)
		domain.Contributions(f, nil, func(domain.TotalNo, domain.Division, domain.Day, int64) {})
	})
}

// BenchmarkInsert tells a household's facts in their order, one an operation.
func BenchmarkInsert(b *testing.B) {
	facts, stamps := stamped(3)
	b.Run("own room", func(b *testing.B) {
		var r domain.Register
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if i%len(facts) == 0 {
				r = nil
			}
			r, _ = r.Insert(facts[i%len(facts)], stamps[i%len(facts)])
		}
	})
	b.Run("room of a view", func(b *testing.B) {
		r, next := make([]byte, 0, 8192), make([]byte, 0, 8192)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if i%len(facts) == 0 {
				r = r[:0]
			}
			next, _ = domain.AppendInsert(next[:0], r, facts[i%len(facts)], stamps[i%len(facts)])
			r, next = next, r
		}
	})
}
