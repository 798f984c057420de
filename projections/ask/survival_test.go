package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Four placed by a factory on 2020-01-01: a.1's job ended after 100 days (30 of January, 29, 31, 10 of April), a.2 was
// last stated to work after 200 (30, 29, 31, 30, 31, 30, 19), a.3 not to work after 300 (200, 12, 31, 30, 27) and not since,
// a.4 to work after 400 (300, 4, 30, 31, 31, 4), though not in between. 3 of 4 last 100 days, 75%; of the two still
// seen at 300 one ends, 37.5%. a.5 was placed in a workshop, and nobody ever stated; that he came to a factory
// later is no first placement. a.6's channel is not told, and he left on the day.
func TestSurvivalOfFirstPlacements(t *testing.T) {
	v := newVillage(t)
	v.household("a", "2018-09-01", "ordinary", "1990-01 ordinary", "1990-02 ordinary", "1990-03 ordinary", "1990-04 ordinary", "1990-05 ordinary")
	for _, who := range []string{"a.1", "a.2", "a.3", "a.4"} {
		v.placed(who+".w", who, "2020-01-01")
	}
	v.record("hrss", "job.placed", "a.5.w", "2020-01-01", `{"person":"$a.5$","channel":"workshop"}`)
	v.placed("a.5.again", "a.5", "2020-06-01")
	v.record("hrss", "job.placed", "a.6.w", "2020-01-01", `{"person":"$a.6$"}`)
	ended := func(key, person, day string) {
		v.record("hrss", "job.ended", key, day, `{"person":"$`+person+`$","placement":"$`+person+`.w/data/placement$","reason":"resigned"}`)
	}
	ended("a1.e", "a.1", "2020-04-10")
	v.said("a2.v", "a.2", "a.2.w", "2020-07-19", "yes")
	v.said("a3.n", "a.3", "a.3.w", "2020-10-27", "no")
	v.said("a3.m", "a.3", "a.3.w", "2020-11-27", "no")
	v.said("a4.n", "a.4", "a.4.w", "2020-05-01", "no")
	v.said("a4.v", "a.4", "a.4.w", "2021-02-04", "yes")
	ended("a6.e", "a.6", "2020-01-01")
	a, err := v.ask("first-jobs", "2021-06-30", "division=520603")
	require.NoError(t, err)
	require.Equal(t, []string{
		"factory|4|0|2|300|100|100|75|37.5",
		"unknown|1|0|1|0|0|0|0|0",
		"workshop|1|1|0|-|-|-|-|-",
	}, v.written(a.Table))
	require.Equal(t, []string{"a1.e a3.n", "a6.e", ""}, v.evidence(a))
	// By 2020-05-31 a.1 ended after 100 days, a.4 stood as not working after 121; the others were not stated about:
	// of the two seen 100 days one ends, of the one seen 121 days one.
	require.Equal(t, "factory|4|2|2|100|100|100|0|0", v.rows("22", "2020-05-31")[0])
	require.Empty(t, v.rows("22", "2021-06-30", "division=520602"))
	v.record("psb", "person.died", "a2.died", "2020-07-29", `{"person":"$a.2$"}`) // after 210 days: 2 of 3 last so long, 75% × 2/3; one of two 300
	require.Equal(t, "factory|4|0|3|210|100|100|75|25", v.rows("22", "2021-06-30")[0])
}
