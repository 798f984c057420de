package ask

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// As of 2021-06-30. a: registered on 2021-01-05, never visited: due in 180 days, 2021-07-04 (26 of January, 28, 31,
// 30, 31, 30, 4). b: of 2019-03-01: the income of 2019 was due on 2020-01-31, 516 days ago (366, then 28, 31, 30, 31,
// 30); its visit of 2021-06-01 set the next for 2021-07-07; its title is due twelve months after 2020-11-05, in 128
// days (31, 31, 30, 31, 5). c: verified on 2021-04-15, due through 2021-07-14. d: nobody works since its registration
// on 2021-06-01, due in 30 days. e was closed. f: monitored since 2021-06-01: a visit within 30 days of it. The visit
// was recorded on 2021-06-10: before, b's was due 180 days after the registration, 2019-08-28, 672 days ago.
func doorsVillage(t *testing.T) *village {
	v := newVillage(t)
	v.clock = noon("2021-06-05")
	v.site()
	v.household("a", "2021-01-05", "none")
	v.household("b", "2019-03-01", "none")
	v.household("c", "2021-04-10", "ordinary")
	v.household("d", "2021-06-01", "ordinary")
	v.household("e", "2019-03-01", "none")
	v.household("f", "2021-01-05", "none")
	v.placed("c.w", "c.1", "2021-04-10")
	v.said("c.v", "c.1", "c.w", "2021-04-15", "yes")
	v.record("county", "household.closed", "e.closed", "2021-06-01", `$e.home$|{"reason":"extinct"}`)
	v.monitored("f.risk", "f", "2021-05-30", "2021-06-01", "sudden_hardship")
	v.clock = noon("2021-06-10")
	v.about("community", "visit.made", "b.visit", "b", "2021-06-01", `{"purpose":"routine","next_due":"2021-07-07"}`)
	return v
}

func TestDoors(t *testing.T) {
	v := doorsVillage(t)
	a, err := v.ask("doors", "2021-06-30", "division=520603")
	require.NoError(t, err)
	require.Equal(t, []string{
		"b|site|安和社区|2020-01-31|-516|2020-01-31 income declaration; 2021-07-07 visit",
		"f|site|安和社区|2021-07-01|1|2021-07-01 visit",
		"d|site|安和社区|2021-07-01|1|2021-07-01 visit to a zero-job household",
		"a|site|安和社区|2021-07-04|4|2021-07-04 visit",
	}, v.written(a.Table))
	require.Equal(t, []string{"b b.visit", "f", "d", "a"}, v.evidence(a))
	require.Equal(t, []string{"visit|0|3", "zero_job_visit|0|1", "risk_review|0|0", "job_verification|0|0", "income|1|0"}, v.written(*a.Summary))
	require.Equal(t, []string{
		"f|site|安和社区|2021-07-01|1|2021-07-01 visit",
		"d|site|安和社区|2021-07-01|1|2021-07-01 visit to a zero-job household",
		"a|site|安和社区|2021-07-04|4|2021-07-04 visit",
		"b|site|安和社区|2021-07-07|7|2021-07-07 visit",
		"c|site|安和社区|2021-07-14|14|2021-07-14 job verification",
	}, v.rows("30", "2021-06-30", "overdue=no", "days=14", "division=520603", "community=安和社区"))
	require.Empty(t, v.rows("30", "2021-06-30", "division=520602"))
	v.placed("c.more", "c.1", "2021-04-12") // due on 2021-07-11 (18, 31, 30, 11)
	require.Equal(t, "c|site|安和社区|2021-07-11|11|2021-07-11 job verification ×2", v.rows("30", "2021-06-30", "days=14")[4])
	require.Equal(t, "b|site|安和社区|2019-08-28|-672|2019-08-28 visit; 2020-01-31 income declaration", v.rows("30", "2021-06-30", "known_at=2021-06-08")[0])
	require.Equal(t, "community", v.refusal("30", "division=520603", "community=nowhere").Field)
	require.Equal(t, "0–366", v.refusal("30", "days=-1").Rule.EN[len("a whole number, "):])
}

func TestDueNext(t *testing.T) {
	v := doorsVillage(t)
	b := "household=" + v.ids["b/subject"]
	a, err := v.ask("due-next", "2021-06-30", b)
	require.NoError(t, err)
	require.Equal(t, []string{"income|2020-01-31|-516|overdue", "visit|2021-07-07|7|due", "title|2021-11-05|128|due"}, v.written(a.Table))
	require.Equal(t, []string{"b", "b.visit", "b.keys"}, v.evidence(a))
	require.Equal(t, "visit", a.Rows[1].Cells[0].Names.EN)
	require.Equal(t, []string{
		"visit|2019-08-28|-672|overdue", "income|2020-01-31|-516|overdue", "title|2021-11-05|128|due",
	}, v.rows("29", "2021-06-30", "household=b", "division=520603", "known_at=2021-06-08"))
	require.Empty(t, v.rows("29", "2021-06-30", "household="+v.ids["e/subject"]), "it is closed")
	require.Equal(t, domain.Missing, v.refusal("29").Kind)
	require.Equal(t, domain.Unknown, v.refusal("29", "household=x", "division=520603").Kind)
}

func TestWhoLookedWaitsForIdentity(t *testing.T) {
	v := newVillage(t)
	v.household("a", "2021-01-05", "none")
	_, err := v.ask("looked-at-me", "2021-06-30", "household="+v.ids["a/subject"])
	require.ErrorIs(t, err, ErrWaits)
}
