package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// As of 2021-06-30. a: verified on 2021-05-01, in verified work, not listed. b: verified on 2021-03-01, fresh
// through day 90 = 2021-05-30, stale since: 121 days since 2021-03-01 (30 of March, 30, 31, 30). c: never
// verified, registered on 2020-06-30: 365 days. d: nobody able to work, not listed. e: stated not working on
// 2021-06-01, before that verified on 2021-05-20: 41 days (11 of May, 30). Of what was known on 2021-05-10, b's
// statement was not recorded yet: since its registration, 2018-09-01.
func TestNoVerifiedWork(t *testing.T) {
	v := newVillage(t)
	v.clock = noon("2021-05-05")
	v.site()
	v.household("a", "2018-09-01", "ordinary")
	v.household("b", "2018-09-01", "skilled")
	v.household("d", "2018-09-01", "none")
	v.household("e", "2018-09-02", "ordinary")
	v.household("c", "2020-06-30", "ordinary")
	v.placed("a.w", "a.1", "2020-01-01")
	v.placed("b.w", "b.1", "2020-01-01")
	v.placed("e.w", "e.1", "2020-01-01")
	v.said("a.v", "a.1", "a.w", "2021-05-01", "yes")
	v.clock = noon("2021-07-01")
	v.said("b.v", "b.1", "b.w", "2021-03-01", "yes")
	v.said("e.v", "e.1", "e.w", "2021-05-20", "yes")
	v.said("e.n", "e.1", "e.w", "2021-06-01", "no")
	a, err := v.ask("no-verified-work", "2021-06-30", "division=520603")
	require.NoError(t, err)
	require.Equal(t, []string{
		"c|site|安和社区|2020-06-30|365|-|unknown|unproven",
		"b|site|安和社区|2021-03-01|121|2021-03-01|verified|unproven",
		"e|site|安和社区|2021-05-20|41|2021-05-20|none|unproven",
	}, v.written(a.Table))
	require.Equal(t, []string{"", "b.v", "e.v"}, v.evidence(a))
	require.Equal(t, 3, a.Count)
	require.Equal(t, []string{
		"b|site|安和社区|2018-09-01|982|-|placed|unproven", // 365 + 366 days to 2020-09-01, 251 to 2021-05-10 (29, 31, 30, 31, 31, 28, 31, 30, 10)
		"e|site|安和社区|2018-09-02|981|-|placed|unproven",
		"c|site|安和社区|2020-06-30|314|-|unknown|unproven", // 365 - 51
	}, v.rows("3", "2021-05-10", "known_at=2021-05-10"))
	require.Empty(t, v.rows("3", "2021-06-30", "division=520602"))

	page, err := v.ask("3", "2021-06-30", "limit=2")
	require.NoError(t, err)
	require.Equal(t, "2", page.Cursor)
	require.Equal(t, 3, page.Count)
	page, err = v.ask("3", "2021-06-30", "limit=2", "cursor=2")
	require.NoError(t, err)
	require.Equal(t, []string{"e|site|安和社区|2021-05-20|41|2021-05-20|none|unproven"}, v.written(page.Table))
	require.Empty(t, page.Cursor)
	require.Contains(t, v.refusal("3", "people=800").Rule.EN, "no such option")
	require.Equal(t, "12345", v.refusal("3", "division=12345").Value)
	require.Contains(t, v.refusal("3", "limit=1001").Fix.EN, "format=csv")
	require.Contains(t, v.refusal("3", "cursor=0").Rule.EN, "the page before")
}

// As of 2021-06-30, day 90 before it is 2021-04-01. a.1: stated on 2021-04-01, in time. a.2: placed on 2021-03-31
// and never stated about: 91 days. b: stated no on 2021-01-01: 180 days; "unknown" on 2021-06-01 is no
// statement. c: ended on 2021-06-01. d left the household on 2021-06-15.
func TestUnverifiedJobs(t *testing.T) {
	v := newVillage(t)
	v.household("a", "2018-09-01", "ordinary", "1990-01 ordinary")
	v.household("b", "2018-09-01", "ordinary")
	v.household("c", "2018-09-01", "ordinary")
	v.household("d", "2018-09-01", "ordinary", "1990-01 ordinary")
	v.placed("a.w", "a.1", "2020-01-01")
	v.said("a.v", "a.1", "a.w", "2021-04-01", "yes")
	v.placed("a2.w", "a.2", "2021-03-31")
	v.placed("b.w", "b.1", "2020-01-01")
	v.said("b.v", "b.1", "b.w", "2021-01-01", "no")
	v.said("b.u", "b.1", "b.w", "2021-06-01", "unknown")
	v.placed("c.w", "c.1", "2020-01-01")
	v.record("hrss", "job.ended", "c.e", "2021-06-01", `{"person":"$c.1$","placement":"$c.w.job$","reason":"resigned"}`)
	v.placed("d.w", "d.2", "2020-01-01")
	v.record("psb", "household.member_left", "d.left", "2021-06-15", `$d.home$|{"person":"$d.2$","reason":"marriage"}`)
	a, err := v.ask("unverified-jobs", "2021-06-30")
	require.NoError(t, err)
	require.Equal(t, []string{
		"b|b.1|2020-01-01|factory|2021-01-01|no|180",
		"a|a.2|2021-03-31|factory|-|-|91",
	}, v.written(a.Table))
	require.Equal(t, []string{"b.w b.v", "a2.w"}, v.evidence(a))
	require.Equal(t, []string{ // 2021-06-14 - 2020-01-01 = 366 + 164
		"d|d.2|2020-01-01|factory|-|-|530", "b|b.1|2020-01-01|factory|2021-01-01|no|164",
	}, v.rows("4", "2021-06-14"))
}
