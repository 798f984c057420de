package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// a, b, c are registered, of whom nothing else is known: unproven. c is closed on 2021-06-01, d is in crisis
// by its income: 3,000 yuan a head in 2020, below the line of 4,000. 3 live households: 2 unproven, 1 in
// crisis, 66.7% and 33.3%. The income was recorded on 2021-07-05 only.
func village4(t *testing.T) *village {
	v := newVillage(t)
	v.clock = noon("2021-06-20")
	for _, name := range []string{"a", "b", "c", "d"} {
		v.household(name, "2020-06-30", "ordinary")
	}
	v.record("county", "household.closed", "c.closed", "2021-06-01", `$c.home$|{"reason":"extinct"}`)
	v.clock = noon("2021-07-05")
	v.record("township", "income.declared", "d.income", "2021-02-01", `$d.home$|{"year":2020,"wage_fen":300000,"persons":1}`)
	v.clock = noon("2021-07-10")
	return v
}

func TestHouseholdsByState(t *testing.T) {
	v := village4(t)
	require.Equal(t, []string{
		"closed|1|-", "in_crisis|1|33.3", "at_risk|0|0", "unproven|2|66.7", "getting_rich|0|0", "stable|0|0", "stabilising|0|0",
	}, v.rows("1", "2021-06-30", "division=520603"))
	require.Equal(t, []string{
		"closed|0|-", "in_crisis|0|0", "at_risk|0|0", "unproven|4|100", "getting_rich|0|0", "stable|0|0", "stabilising|0|0",
	}, v.rows("households-by-state", "2021-05-31", "known_at=2021-07-01"))
	require.Equal(t, "closed|0|-", v.rows("1", "2019-01-01")[0])
	require.Equal(t, "unproven|0|-", v.rows("1", "2019-01-01")[3], "a share of nothing is not known")
}

func TestAsKnownThen(t *testing.T) {
	v := village4(t)
	a, err := v.ask("as-known-then", "2021-06-30")
	require.NoError(t, err)
	require.Equal(t, []string{
		"closed|1|1", "in_crisis|0|1", "at_risk|0|0", "unproven|3|2", "getting_rich|0|0", "stable|0|0", "stabilising|0|0",
	}, v.written(*a.Summary))
	require.Equal(t, []string{"d|unproven|in_crisis|state: unproven → in crisis; income: unknown → below the line; income declaration overdue: yes → no"}, v.written(a.Table))
	require.Equal(t, []string{"d.income"}, v.evidence(a))
	require.Equal(t, 1, a.Count)
	require.Empty(t, v.rows("2", "2021-06-30", "known_at=2021-07-06"), "it was known by then")
	require.Contains(t, v.refusal("2", "cursor=x").Rule.EN, "the page before")
}
