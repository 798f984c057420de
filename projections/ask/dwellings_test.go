package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Keys of 2018-09-01: the clock starts with the policy, 2020-11-05, and runs out on 2021-11-05. On 2021-12-31
// that is 25 days of November and 31 of December ago. a: nothing; b: applied; c: issued in time; d: keys of
// 2021-03-01, due on 2022-03-01.
func TestUntitledDwellings(t *testing.T) {
	v := newVillage(t)
	v.site()
	v.household("a", "2018-09-01", "ordinary")
	v.household("b", "2018-09-01", "ordinary")
	v.household("c", "2018-09-01", "ordinary")
	v.household("d", "2021-03-01", "ordinary")
	v.record("nr", "title.application_accepted", "b.applied", "2021-10-01", `{"dwelling":"$b.keys.dwelling$"}`)
	v.record("nr", "title.certificate_issued", "c.issued", "2021-10-01", `{"dwelling":"$c.keys.dwelling$"}`)
	a, err := v.ask("untitled-dwellings", "2021-12-31")
	require.NoError(t, err)
	require.Equal(t, []string{
		"b|b.keys/data/dwelling|site|安和社区|2018-09-01|2021-11-05|56|2021-10-01",
		"a|a.keys/data/dwelling|site|安和社区|2018-09-01|2021-11-05|56|-",
	}, v.written(a.Table))
	require.Equal(t, []string{"b.keys b.applied", "a.keys"}, v.evidence(a))
	require.Empty(t, v.rows("5", "2021-11-05"), "the last day is in time")
	require.Len(t, v.rows("5", "2021-11-06"), 2)
	require.Len(t, v.rows("5", "2022-03-02"), 3)
	require.Empty(t, v.rows("5", "2021-12-31", "known_at=2021-12-31"), "nothing was recorded by then")
}

// As of 2021-06-30. a: found vacant on 2021-06-01; b: on 2020-01-01, stale; c: vacant first, lived in since; d:
// never checked. o lives in no community, and was never checked. 2 of 4 are 50%.
func TestVacantBySite(t *testing.T) {
	v := newVillage(t)
	v.household("o", "2018-09-01", "ordinary")
	v.site()
	for _, name := range []string{"a", "b", "c", "d"} {
		v.household(name, "2018-09-01", "ordinary")
	}
	check := func(key, of, day, state string) {
		v.record("community", "dwelling.occupancy_checked", key, day, `{"dwelling":"$`+of+`.keys.dwelling$","state":"`+state+`"}`)
	}
	check("a.1st", "a", "2021-06-01", "vacant")
	check("b.1st", "b", "2020-01-01", "vacant")
	check("c.1st", "c", "2021-01-01", "vacant")
	check("c.2nd", "c", "2021-06-01", "lived_in")
	require.Equal(t, []string{"site|安和社区|4|2|50|1|1", "-|-|1|0|0|0|1"}, v.rows("vacant-by-site", "2021-06-30"))
	require.Equal(t, []string{"site|安和社区|4|2|50|1|2", "-|-|1|0|0|0|1"}, v.rows("6", "2021-05-31"))
	require.Empty(t, v.rows("6", "2021-06-30", "division=520602"))
}
