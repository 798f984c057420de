package sample

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

func TestTheSameSeedGivesTheSameHistory(t *testing.T) {
	a, b := NewCounty("520603", 7, 100).Household(42), NewCounty("520603", 7, 100).Household(42)
	require.Equal(t, a, b)
	require.NotEqual(t, a, NewCounty("520603", 8, 100).Household(42))
	require.NotEqual(t, a, NewCounty("520628", 7, 100).Household(42))
}

func TestMoreHouseholdsGoOnWhereFewerEnded(t *testing.T) {
	few, many := Nation(3, 18_000), Nation(3, 60_000)
	require.Greater(t, len(many), len(few))
	for i, c := range few {
		require.Equal(t, c.Division, many[i].Division)
		require.Equal(t, c.Household(17), many[i].Household(17))
		require.Equal(t, c.Foundations()[:9], many[i].Foundations()[:9])
	}
	require.Equal(t, 18_000, total(few))
	require.Equal(t, 60_000, total(many))
	require.Equal(t, 11, total(Nation(3, 11, "520603", "520628")))
}

func total(counties []*County) (n int) {
	for _, c := range counties {
		n += c.Households
	}
	return n
}

func TestEveryFactKeepsItsRules(t *testing.T) {
	seen := map[string]bool{}
	check := func(events []Event) {
		for _, e := range events {
			require.Empty(t, e.Kind.Check(e.Data), e.Kind.Name)
			require.True(t, domain.MayRecord(e.Department, e.Kind, ""), "%s by %s", e.Kind.Name, e.Department)
			id := string(e.Department) + e.Key
			require.False(t, seen[id], "key %s twice", e.Key)
			seen[id] = true
		}
	}
	for _, county := range Nation(7, 600, "520603", "420528") {
		check(county.Foundations())
		for n := range county.Households {
			check(county.Household(n))
		}
	}
}

// census sums what published figures are about.
type census struct {
	facts, households, people, labour, poor, withLabour, monitored, issuedEarly, issued, homesteads int
	atWork                                                                                          map[domain.Day]int
	inForce                                                                                         map[domain.Day]int
	householdsAtWork                                                                                int // with labour, at the end of March 2020
	head                                                                                            map[int32]float64
	heads                                                                                           map[int32]int
}

// The days on which somebody counted.
var (
	march2020   = domain.MakeDay(2020, 3, 31)
	april2020   = domain.MakeDay(2020, 4, 22)
	december21  = domain.MakeDay(2021, 12, 31)
	festival22  = domain.MakeDay(2022, 2, 1)
	december22  = domain.MakeDay(2022, 12, 31)
	countedDays = []domain.Day{march2020, april2020, december21, festival22, december22}
)

func newCensus() *census {
	return &census{atWork: map[domain.Day]int{}, inForce: map[domain.Day]int{}, head: map[int32]float64{}, heads: map[int32]int{}}
}

// add counts one household's history.
func (c *census) add(events []Event) {
	c.households++
	c.facts += len(events)
	registered := events[0].Data.(*domain.HouseholdRegistered)
	c.people += len(registered.Members)
	able := 0
	for _, m := range registered.Members {
		if m.LabourClass != domain.NoLabour {
			able++
		}
	}
	c.labour += able
	if able > 0 {
		c.withLabour++
	}
	if registered.Category == domain.Poor {
		c.poor++
	}
	for _, day := range countedDays {
		if events[0].Time <= day {
			c.inForce[day] += able
		}
	}
	c.jobs(events)
	for _, e := range events {
		switch f := e.Data.(type) {
		case *domain.CertificateIssued:
			c.issued++
			if e.Time <= titlesCounted {
				c.issuedEarly++
			}
		case *domain.HomesteadGivenUp:
			c.homesteads++
		case *domain.RiskDecided:
			c.monitored++
		case *domain.IncomeDeclared:
			c.head[f.Year] += float64(f.WageFen.V+f.TransferFen.V+f.BusinessFen.V) / 100
			c.heads[f.Year] += int(f.Persons)
		}
	}
}

// jobs counts who has an open placement on each day.
func (c *census) jobs(events []Event) {
	for _, day := range countedDays {
		open := 0
		for _, e := range events {
			switch {
			case e.Time > day:
			case e.Kind.Name == "job.placed":
				open++
			case e.Kind.Name == "job.ended":
				open--
			}
		}
		c.atWork[day] += open
		if day == march2020 && open > 0 {
			c.householdsAtWork++
		}
	}
}

// TestANationComesOutAsPublished compares, within the tolerances that stand here, with the
// figures of published_figures.csv (docs/design.md, "The simulation").
func TestANationComesOutAsPublished(t *testing.T) {
	counties := Nation(11, 300_000)
	require.Greater(t, len(counties), 15)
	nation, provinces := newCensus(), map[domain.Division]*census{}
	for _, county := range counties {
		p := county.Division.Province()
		if provinces[p] == nil {
			provinces[p] = newCensus()
		}
		for n := range county.Households / 25 {
			events := county.Household(n)
			nation.add(events)
			provinces[p].add(events)
		}
	}
	share := func(a, b int) float64 { return float64(a) / float64(b) }
	rate := func(day domain.Day) float64 { return share(nation.atWork[day], nation.inForce[day]) }
	require.InDelta(t, 3.61, share(nation.people, nation.households), 0.25, "people a household")
	p := readParams()
	for province, c := range provinces {
		require.InDelta(t, p.size(province), share(c.people, c.households), 0.25, "people a household in %s", province)
	}
	require.InDelta(t, 0.524, share(nation.labour, nation.people), 0.03, "labour force among people")
	require.InDelta(t, 0.82, share(nation.withLabour, nation.households), 0.05, "households with labour")
	require.InDelta(t, 0.66, share(nation.poor, nation.households), 0.03, "registered poor: 9.6 of 14.6 million")
	require.InDelta(t, 0.89, share(nation.householdsAtWork, nation.withLabour), 0.05, "labour households with somebody at work, March 2020")
	require.InDelta(t, 0.7934, rate(april2020), 0.03, "labour force at work, April 2020 (Yunnan)")
	require.InDelta(t, 0.9192, rate(december21), 0.02, "at work, December 2021")
	require.InDelta(t, 0.9446, rate(december22), 0.02, "at work, December 2022")
	require.Less(t, rate(festival22), rate(december21)-0.05, "the dip of the spring festival")
	require.InDelta(t, 0.115, share(nation.issuedEarly, nation.households), 0.02, "titles, October 2020 (Shaanxi)")
	require.InDelta(t, 1.0, share(nation.issued, nation.households), 0.01, "titles, end of 2021")
	require.InDelta(t, 0.14, share(nation.monitored, nation.households), 0.02, "monitored (Baoshan)")
	require.InDelta(t, 0.887, share(nation.homesteads, nation.households), 0.02, "old homesteads given up")
	require.InDelta(t, 9313, nation.head[2019]/float64(nation.heads[2019]), 600, "income a head 2019")
	require.InDelta(t, 13615, nation.head[2022]/float64(nation.heads[2022]), 600, "income a head 2022")
	require.GreaterOrEqual(t, share(nation.facts, nation.households), 30.0, "facts a household")
	t.Logf("%d households, %.1f facts each", nation.households, share(nation.facts, nation.households))
}

// TestSitesAreLogNormal: mu 4.86 and sigma 1.47 of people a site (Shanxi), and facilities in the
// published proportion to sites.
func TestSitesAreLogNormal(t *testing.T) {
	c := NewCounty("140902", 5, 200_000)
	var sum, squares float64
	kinds := map[domain.FacilityType]float64{}
	for i := range c.sites {
		x := math.Log(float64(c.sites[i].people) + 0.5)
		sum += x
		squares += x * x
		for _, f := range facilities(&c.sites[i]) {
			kinds[f]++
		}
	}
	n := float64(len(c.sites))
	require.InDelta(t, 4.86, sum/n, 0.1)
	require.InDelta(t, 1.468, math.Sqrt(squares/n-sum/n*sum/n), 0.1)
	require.InDelta(t, 6100.0/35000, kinds["primary_school"]/n, 0.03)
	require.InDelta(t, 12000.0/35000, kinds["clinic"]/n, 0.03)
	require.InDelta(t, 3400.0/35000, kinds["elderly_care"]/n, 0.03)
}

func BenchmarkHistory(b *testing.B) {
	c := NewCounty("520603", 1, 5000)
	facts := 0
	for n := 0; b.Loop(); n++ {
		facts += len(c.Household(n % 5000))
	}
	b.ReportMetric(float64(facts)/b.Elapsed().Seconds(), "facts/s")
}
