package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// From 2021-06-30, 90 days lead to 2021-09-28. a: his only job ended on 2021-06-20: a visit is due in 30 days,
// 2021-07-20; more than 30 days without work from 2021-07-21 on is at risk; the statement is fresh through
// 2021-09-18 (10 of June, 31, 31, 18 are 90). b: verified on 2021-06-01: fresh, and due, through 2021-08-30 (29, 31,
// 30). c: below the line, in crisis, not listed. d: nobody able to work, nothing comes. Never checked keys and
// undeclared incomes are stale already.
func TestMayFallBack(t *testing.T) {
	v := newVillage(t)
	v.household("a", "2018-09-01", "ordinary")
	v.household("b", "2018-09-01", "ordinary")
	v.household("c", "2018-09-01", "ordinary")
	v.household("d", "2018-09-01", "none")
	v.placed("a.w", "a.1", "2020-01-01")
	v.record("hrss", "job.ended", "a.e", "2021-06-20", `{"person":"$a.1$","placement":"$a.w.job$","reason":"resigned"}`)
	v.placed("b.w", "b.1", "2020-01-01")
	v.said("b.v", "b.1", "b.w", "2021-06-01", "yes")
	v.said("b.later", "b.1", "b.w", "2021-07-15", "yes") // not true yet
	v.about("township", "income.declared", "c.income", "c", "2021-02-01", `{"year":2020,"wage_fen":300000,"persons":1}`)
	a, err := v.ask("may-fall-back", "2021-06-30")
	require.NoError(t, err)
	require.Equal(t, []string{
		"a|-|-|unproven|2021-07-21|at_risk|2021-07-20|2021-07-20 visit to a zero-job household is due; 2021-07-21 turns to at risk of falling back; 2021-09-19 employment goes stale",
		"b|-|-|unproven|-|-|2021-08-30|2021-08-30 job verification is due; 2021-08-31 employment goes stale",
	}, v.written(a.Table))
	require.Equal(t, []string{"falls|1", "stale|2", "due|2"}, v.written(*a.Summary))
	require.Equal(t, []string{"a.e a", "b.v"}, v.evidence(a))
	require.Len(t, v.rows("11", "2021-06-30", "reason=falls"), 1)
	require.Empty(t, v.rows("11", "2021-06-30", "days=19"))
	require.Equal(t, []string{"a|-|-|unproven|-|-|2021-07-20|2021-07-20 visit to a zero-job household is due"}, v.rows("11", "2021-06-30", "days=20"))
	require.Equal(t, "b|-|-|unproven|-|-|2021-08-30|2021-08-30 job verification is due", v.rows("11", "2021-06-30", "days=61")[1])
	r := v.refusal("11", "reason=rain")
	require.Equal(t, []string{"reason", "rain", "one of: falls stale due"}, []string{r.Field, r.Value, r.Fix.EN})
	v.refusal("11", "days=367")
}
