package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatIsDueNextRestsOnTheFactsSoFar: a visit that came later does not take a due day back.
func TestWhatIsDueNextRestsOnTheFactsSoFar(t *testing.T) {
	home := MintEntity(HouseholdKind, 1)
	var r Register
	add := func(kind, date, key string, fact Fact) {
		k, _ := KindOf(kind)
		s := Stamp{Time: day(date).Moment(), Kind: k, Key: key, Source: Source{"rural", "520603"}, Division: "520603"}
		s.ID = DeriveEventID(s.Source, key)
		r, _ = r.Insert(fact, s)
	}
	add("household.registered", "2020-01-01", "a", &HouseholdRegistered{Category: Poor})
	add("visit.made", "2020-03-01", "b", &VisitMade{})
	due := func(at string, kind OverdueKind) string {
		for _, d := range DueNext(home, r, nil, day(at), DefaultParameters()) {
			if d.Kind == kind {
				require.Equal(t, int(d.Due-day(at)), d.Days)
				require.Len(t, d.Events, 1)
				return d.Due.String()
			}
		}
		return ""
	}
	p := DefaultParameters()
	require.Equal(t, (day("2020-01-01") + Day(p.VisitDays)).String(), due("2020-02-01", OverdueVisit), "the visit of March is not known yet")
	require.Equal(t, (day("2020-03-01") + Day(p.VisitDays)).String(), due("2020-03-01", OverdueVisit))
	require.Equal(t, "2021-01-31", due("2020-02-01", OverdueIncome))
	require.Empty(t, due("2021-06-01", OverdueVisit), "what is overdue is not due next")
	require.Empty(t, DueNext(home, r, nil, day("2019-12-31"), p), "nothing is due before the registration")
}
