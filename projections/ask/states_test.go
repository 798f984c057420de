package ask

import (
	"strings"
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

// Both moments are named, and what is to be known of the earlier one: before the first record, after the last.
func TestTheMomentOfThenIsNamed(t *testing.T) {
	v := village4(t)
	const nothing = "nothing was recorded by that moment; the first record is of 2021-06-20T04:00:00.000Z"
	for _, c := range []struct{ number, at, options, then, note string }{
		{"2", "2021-06-30", "", "2021-06-30T15:59:59.999Z", "as known then: recorded by 2021-06-30T15:59:59.999Z; as known now: by 2021-07-05T04:00:00.000Z"},
		{"2", "2021-06-10", "", "2021-06-10T15:59:59.999Z", "as known then: " + nothing},
		{"2", "2021-06-30", "known_at=2021-07-06", "2021-07-06T15:59:59.999Z", "as known then: the moment is after the last record (2021-07-05T04:00:00.000Z): all that is recorded counts"},
		{"2", "2021-06-30", "known_at=2099-01-01", "2099-01-01T15:59:59.999Z", "as known then: the moment is after the last record"},
		{"25", "2021-06-30", "from=1999-01-01", "1999-01-01T15:59:59.999Z", "from: " + nothing},
		{"25", "2021-06-30", "figure=funds_allocated_wan_yuan;from=1999-01-01", "1999-01-01T15:59:59.999Z", "from: " + nothing},
		{"25", "2021-06-30", "from=2021-07-08", "2021-07-08T15:59:59.999Z", "from: the moment is after the last record"},
	} {
		a, err := v.ask(c.number, c.at, strings.FieldsFunc(c.options, func(r rune) bool { return r == ';' })...)
		require.NoError(t, err)
		require.Equal(t, c.then, a.KnownThen.String(), c)
		require.Equal(t, "2021-07-05T04:00:00.000Z", a.KnownAt.String(), c)
		var said []string
		for _, n := range a.Notes {
			said = append(said, n.EN)
		}
		require.Contains(t, strings.Join(said, "\n"), c.note, c)
		var file strings.Builder
		require.NoError(t, a.WriteCSV(&file))
		require.Contains(t, file.String(), "known_at,known_then,")
	}
	require.Equal(t, "from", v.refusal("25", "from=2021-07-11").Field, "it is to come")
}
