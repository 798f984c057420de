package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// As of 2021-06-30. a: decided on 2021-06-01, 29 days, planned on 2021-06-05. b: decided on 2021-06-20, 10 days,
// without a plan, which is due on 2021-06-30 and late from the next day. c: 30 days, no plan: late. d: a flag
// that waits is no case; e: cleared on 2021-06-29.
func TestMonitoredHouseholds(t *testing.T) {
	v := newVillage(t)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		v.household(name, "2018-09-01", "ordinary")
	}
	v.monitored("a.r", "a", "2021-05-20", "2021-06-01", "borderline")
	v.record("township", "help.planned", "a.plan", "2021-06-05", `{"case":"$a.r.case$","measures":[{"code":"d4","due":"2021-09-01"}]}`)
	v.monitored("b.r", "b", "2021-06-10", "2021-06-20", "unstable")
	v.monitored("c.r", "c", "2021-05-20", "2021-05-31", "unstable")
	v.monitored("d.r", "d", "2021-05-20", "", "")
	v.monitored("e.r", "e", "2021-05-20", "2021-06-01", "unstable")
	v.record("county", "risk.cleared", "e.cleared", "2021-06-29", `{"case":"$e.r.case$","kind":"cleared"}`)
	a, err := v.ask("monitored-households", "2021-06-30")
	require.NoError(t, err)
	require.Equal(t, []string{
		"c|c.r.case|-|-|unstable|2021-05-31|30|overdue|-|2021-06-10",
		"a|a.r.case|-|-|borderline|2021-06-01|29|made|2021-06-05|2021-06-11",
		"b|b.r.case|-|-|unstable|2021-06-20|10|missing|-|2021-06-30",
	}, v.written(a.Table))
	require.Equal(t, []string{"c.r c.r.decided", "a.r a.r.decided", "b.r b.r.decided"}, v.evidence(a))
	require.Equal(t, []string{"unstable|2|2", "borderline|1|0", "sudden_hardship|0|0"}, v.written(*a.Summary))
	require.Equal(t, "b|b.r.case|-|-|unstable|2021-06-20|11|overdue|-|2021-06-30", v.rows("10", "2021-07-01")[2])
	require.Len(t, v.rows("10", "2021-06-28"), 4, "e was monitored still")
}

// a: cleared on 2020-03-01, monitored again on 2021-03-01, the last day of the year: 365 days. b: a day later. c:
// cleared on 2020-03-01, flagged on 2020-06-01, and the flag dismissed. d: cleared on 2021-01-01, flagged on
// 2021-06-01, which waits: 151 days. e: never cleared.
func TestBackWithinAYear(t *testing.T) {
	v := newVillage(t)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		v.household(name, "2018-09-01", "ordinary")
		v.monitored(name+".1", name, "2020-01-01", "2020-01-10", "unstable")
	}
	for name, day := range map[string]string{"a": "2020-03-01", "b": "2020-03-01", "c": "2020-03-01", "d": "2021-01-01"} {
		v.record("county", "risk.cleared", name+".cleared", day, `{"case":"$`+name+`.1.case$","kind":"cleared"}`)
	}
	v.monitored("a.2", "a", "2021-02-20", "2021-03-01", "borderline")
	v.monitored("b.2", "b", "2021-02-20", "2021-03-02", "borderline")
	v.monitored("c.2", "c", "2020-06-01", "2020-06-05", "none")
	v.monitored("d.2", "d", "2021-06-01", "", "")
	a, err := v.ask("back-within-a-year", "2021-06-30")
	require.NoError(t, err)
	require.Equal(t, []string{
		"d|-|-|2021-01-01|2021-06-01|151|unstable|-|flagged", "a|-|-|2020-03-01|2021-03-01|365|unstable|borderline|monitored",
	}, v.written(a.Table))
	require.Equal(t, []string{"d.1 d.1.decided d.cleared d.2", "a.1 a.1.decided a.cleared a.2 a.2.decided"}, v.evidence(a))
	require.ElementsMatch(t, []string{ // both flags waited, within the year
		"a|-|-|2020-03-01|2021-02-20|356|unstable|-|flagged", "b|-|-|2020-03-01|2021-02-20|356|unstable|-|flagged",
	}, v.rows("12", "2021-02-28"))
}
