package sample

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

func TestTheSameSeedGivesTheSameHistory(t *testing.T) {
	a, b := NewCounty("520603", 7, 100).Household(42), NewCounty("520603", 7, 100).Household(42)
	require.Equal(t, a, b)
	require.NotEqual(t, a, NewCounty("520603", 8, 100).Household(42))
}

func TestEveryFactKeepsItsRules(t *testing.T) {
	county := NewCounty("520603", 7, 300)
	seen := map[string]bool{}
	check := func(events []Event) {
		for _, e := range events {
			require.Empty(t, e.Kind.Check(e.Data), e.Kind.Name)
			require.False(t, seen[e.Key], "key %s twice", e.Key)
			seen[e.Key] = true
		}
	}
	check(county.Foundations())
	for n := range county.Households {
		check(county.Household(n))
	}
}

func TestHistoriesComeOutAsPublished(t *testing.T) {
	county := NewCounty("520603", 11, 3000)
	facts, people, labour, withLabour, poor := 0, 0, 0, 0, 0
	for n := range county.Households {
		events := county.Household(n)
		require.GreaterOrEqual(t, len(events), minFacts)
		facts += len(events)
		registered := events[0].Data.(*domain.HouseholdRegistered)
		people += len(registered.Members)
		able := 0
		for _, m := range registered.Members {
			if m.LabourClass != domain.NoLabour {
				able++
			}
		}
		labour += able
		if able > 0 {
			withLabour++
		}
		if registered.Category == domain.Poor {
			poor++
		}
	}
	households := float64(county.Households)
	require.InDelta(t, 3.61, float64(people)/households, 0.15, "people a household")
	require.InDelta(t, 0.524, float64(labour)/float64(people), 0.05, "labour share of people")
	require.InDelta(t, 0.66, float64(poor)/households, 0.05, "registered poor")
	require.InDelta(t, 0.82, float64(withLabour)/households, 0.05, "households with labour")
	t.Logf("%.1f facts a household", float64(facts)/households)
}
