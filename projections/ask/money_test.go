package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Of bond a1: 1,000 yuan allocated, 400 spent last on 2020-06-30, and 100 allocated and spent: 1,100 and 500,
// 45.5%. 600 are idle when more than twelve months have gone: not on 2021-06-30, but from 2021-07-01. Of the
// central budget, without a measure: 500 of 2021-01-01, nothing spent.
func TestIdleFunds(t *testing.T) {
	v := newVillage(t)
	v.site()
	v.facility("school", "primary_school", "open", "2019-01-01", "", "")
	v.facility("clinic", "clinic", "open", "2019-01-01", "", "")
	v.fund("m1", "school", "bond", "a1", "2020-01-01", "100000")
	v.spent("m1.s", "m1", "2020-06-30", "40000")
	v.fund("m2", "clinic", "bond", "a1", "2019-01-01", "10000")
	v.spent("m2.s", "m2", "2019-02-01", "10000")
	v.fund("m3", "clinic", "central_budget", "", "2021-01-01", "50000")
	a, err := v.ask("idle-funds", "2021-07-01")
	require.NoError(t, err)
	require.Equal(t, []string{"a1|bond|2|110000|50000|45.5|1|60000", "-|central_budget|1|50000|0|0|0|0"}, v.written(a.Table))
	require.Equal(t, []string{"m1 m1.s", ""}, v.evidence(a))
	require.Equal(t, []string{"3|160000|50000|31.3|1|60000"}, v.written(*a.Summary))
	require.Equal(t, []string{"a1|bond|2|110000|50000|45.5|0|0", "-|central_budget|1|50000|0|0|0|0"}, v.rows("13", "2021-06-30"))
	require.Equal(t, []string{"3|160000|50000|31.3|2|110000"}, func() []string {
		a, err := v.ask("13", "2021-07-02", "months=6")
		require.NoError(t, err)
		return v.written(*a.Summary)
	}(), "500 yuan of 2021-01-01 too are idle after six months")
	require.Empty(t, v.rows("13", "2021-07-01", "division=11"))
}

// Two households of one township, one stable; one of another, stable; and money of the county, 10,000 yuan, and of
// the first township, 3,000 yuan. The second township has a stable household and no fund: not known.
func TestMoneyPerStableHousehold(t *testing.T) {
	v := newVillage(t)
	v.site()
	v.place = "520603001"
	v.household("a", "2018-09-01", "none")
	v.household("b", "2018-09-01", "none")
	v.facility("clinic", "clinic", "open", "2019-01-01", "", "")
	v.fund("m1", "clinic", "bond", "", "2020-01-01", "300000")
	v.spent("m1.s", "m1", "2020-06-30", "300000")
	v.stable("a")
	v.place = "520603100"
	v.household("c", "2018-09-01", "none")
	v.stable("c")
	v.place = ""
	v.facility("school", "primary_school", "open", "2019-01-01", "", "")
	v.fund("m2", "school", "bond", "", "2020-01-01", "2000000")
	v.spent("m2.s", "m2", "2020-06-30", "1000000")
	a, err := v.ask("money-per-stable-household", "2021-06-30", "division=520603")
	require.NoError(t, err)
	rows := v.written(a.Table)
	require.Len(t, rows, 3)
	require.Equal(t, []string{"520603", "520603001", "520603100"}, []string{a.Rows[0].Cells[0].Code, a.Rows[1].Cells[0].Code, a.Rows[2].Cells[0].Code})
	require.Contains(t, rows[0], "|1000000|0|0|-|-")
	require.Contains(t, rows[1], "|300000|2|1|50|300000")
	require.Contains(t, rows[2], "|-|1|1|100|-")
	require.Equal(t, []string{"1300000|3|2|66.7|650000"}, v.written(*a.Summary))
	a, err = v.ask("14", "2021-05-31") // nobody's dwelling was checked yet
	require.NoError(t, err)
	require.Equal(t, []string{"1300000|3|0|0|-"}, v.written(*a.Summary))
	require.Len(t, a.Rows, 1, "the nation has one province here")
}
