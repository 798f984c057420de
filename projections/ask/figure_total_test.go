package ask

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// As of 2021-06-30. Known at the end of 2021-07-01: a placed since 2021-05-01; of a fund of 10,000 yuan (1 万元) 4,000 are
// disbursed; x.2 left x for y. On 2021-07-05 came b's placement of 2021-05-10, one of a of 2021-07-03, which is after the
// day, 3,000 yuan disbursed, and x.2's placement, a fact under x where he was born: y has somebody in work by it. On
// 2021-07-06 a's placement was voided and the 3,000 were corrected to 2,500. So job_placed was 1 (a) and is 2 (b, x);
// disbursed was 0.4 and is 0.65; households with an open placement were 1 (a) and are 2 (b, y).
func TestChangedTotal(t *testing.T) {
	v := newVillage(t)
	v.clock = noon("2021-07-01")
	v.site()
	for _, name := range []string{"a", "b", "y"} {
		v.household(name, "2020-09-01", "ordinary")
	}
	v.household("x", "2020-09-01", "none", "1999-01 ordinary")
	v.about("psb", "household.member_left", "x.left", "x", "2021-03-01", `{"person":"$x.2$","reason":"marriage","moved_to_household":"$y/subject$"}`)
	v.about("psb", "household.member_joined", "y.joined", "y", "2021-03-01", `{"member":{"person":"$x.2$","relation":"spouse"},"reason":"marriage","from_household":"$x/subject$"}`)
	v.placed("a.w", "a.1", "2021-05-01")
	v.facility("school", "primary_school", "open", "2020-09-01", "", "")
	v.fund("money", "school", "central_budget", "", "2021-01-01", "1000000")
	v.spent("m1", "money", "2021-02-01", "400000")
	v.clock = noon("2021-07-05")
	v.placed("b.w", "b.1", "2021-05-10")
	v.placed("a.later", "a.1", "2021-07-03")
	v.placed("x.w", "x.2", "2021-05-20")
	v.spent("m2", "money", "2021-06-30", "300000")
	v.clock = noon("2021-07-06")
	v.record("hrss", "record.voided", "a.void", "2021-07-06T12:00:00+08:00", `{"target_event":"$a.w$","reason":"false"}`)
	v.record("finance", "record.corrected", "m2.right", "2021-07-06T12:00:00+08:00", `{"target_event":"$m2$","reason":"typo","data":{"fund":"$money.fund$","amount_fen":250000,"voucher_no":"m2"}}`)

	for _, c := range []struct {
		figure, sum string
		rows        []string // home, change, what it changed, event
		known       string
	}{
		{"job_placed", "job_placed|1|2|2|1", []string{"b|1|jobs placed: 0 → 1|b.w", "x|1|jobs placed: 0 → 1|x.w", "a|-1|jobs placed: 1 → 0|a.void"}, ""},
		{"job_placed", "job_placed|1|3|2|0", []string{"b|1|jobs placed: 0 → 1|b.w", "x|1|jobs placed: 0 → 1|x.w"}, "2021-07-05"},
		{"funds_disbursed_wan_yuan", "funds_disbursed_wan_yuan|0.4|0.65|0.25|0", []string{"money|0.3|funds disbursed: 0.4万元 → 0.7万元|m2", "money|-0.05|funds disbursed: 0.7万元 → 0.65万元|m2.right"}, ""},
		{"households_with_open_placement", "households_with_open_placement|1|2|2|1", []string{
			"b|1|households with an open placement: 0 → 1|b.w", "y|1|households with an open placement: 0 → 1 (recorded under " + v.ids["x/subject"] + ")|x.w",
			"a|-1|households with an open placement: 1 → 0|a.void",
		}, ""},
		{"households", "households|4|4|0|0", nil, ""},
	} {
		options := []string{"from=2021-07-01", "division=520603", "figure=" + c.figure}
		if c.known != "" {
			options = append(options, "known_at="+c.known)
		}
		a, err := v.ask("25", "2021-06-30", options...)
		require.NoError(t, err)
		require.Equal(t, []string{c.sum}, v.written(*a.Summary))
		require.ElementsMatch(t, c.rows, v.turns(a), c.figure)
		var paged []string
		for cursor, more := "", true; more; more = cursor != "" { // a home a page
			page, err := v.ask("25", "2021-06-30", append(options, "limit=1", "cursor="+cursor)...)
			require.NoError(t, err)
			paged, cursor = append(paged, v.turns(page)...), page.Cursor
		}
		require.ElementsMatch(t, c.rows, paged, c.figure)
	}
	require.Contains(t, v.refusal("25", "from=2021-07-06", "figure=luck").Fix.EN, " employed in_crisis")
	require.Contains(t, v.refusal("25", "from=2021-07-06", "figure=luck").Fix.EN, " job_placed ")
	q, _ := Find("25")
	met := map[string]bool{}
	for _, o := range q.Options {
		for _, c := range o.Choices {
			require.False(t, met[c.Code], "%s is one figure", c.Code)
			met[c.Code] = true
		}
	}
}

// turns are the rows of question 25: home, change, what it changed, event.
func (v *village) turns(a *Answer) (rows []string) {
	for _, row := range v.written(a.Table) {
		cells := strings.Split(row, "|")
		require.Contains(v.t, cells[5], "ANJU-52:")
		rows = append(rows, strings.Join([]string{cells[0], cells[1], cells[6], cells[7]}, "|"))
	}
	return rows
}
