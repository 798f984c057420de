package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Three dwellings handed over in January; one application in February; one certificate on 20 March and one on 25
// March, which the day asked for, 22 March, does not reach: 1 of 3 is 33.3%.
func TestTitleCampaign(t *testing.T) {
	v := newVillage(t)
	for _, name := range []string{"a", "b", "c"} {
		v.household(name, "2021-01-10", "ordinary")
	}
	v.record("nr", "title.application_accepted", "b.applied", "2021-02-05", `{"dwelling":"$b.keys.dwelling$"}`)
	v.record("nr", "title.certificate_issued", "b.issued", "2021-03-20", `{"dwelling":"$b.keys.dwelling$"}`)
	v.record("nr", "title.certificate_issued", "c.issued", "2021-03-25", `{"dwelling":"$c.keys.dwelling$"}`)
	require.Equal(t, []string{"2021-01|3|0|0|3|0|0", "2021-02|0|1|0|3|0|0", "2021-03|0|0|1|3|1|33.3"}, v.rows("title-campaign", "2021-03-22", "from=2021-01"))
	rows := v.rows("20", "2021-04-30", "division=520603")
	require.Len(t, rows, 24)
	require.Equal(t, []string{"2019-05|0|0|0|0|0|-", "2021-03|0|0|2|3|2|66.7", "2021-04|0|0|0|3|2|66.7"}, []string{rows[0], rows[22], rows[23]})
	require.Equal(t, "2021-03|0|0|0|0|0|-", v.rows("20", "2021-03-22", "from=2021-01", "known_at=2021-12-31")[2], "nothing was recorded by then")
	require.Contains(t, v.refusal("20", "from=2021-07").Rule.EN, "not after that of the day")
	require.Contains(t, v.refusal("20", "from=2001-01").Rule.EN, "at most 120")
	require.Equal(t, "a month", v.refusal("20", "from=march").Rule.EN)
}

// Recorded on 2021-03-11, ten days late: the registration and the keys. Recorded on 2021-06-01: a placement of
// 2021-05-02, 30 days late, and a statement of 2021-05-01, 31 days late: the ninth tenth of three
// is the last. One placement was recorded on the day before it began. A file of trainings brought two rows on 2021-06-20, 50 and 51
// days late: they stand apart from what its department reported one by one.
func TestLateData(t *testing.T) {
	v := newVillage(t)
	v.clock = noon("2021-03-11")
	v.household("a", "2021-03-01", "ordinary")
	v.clock = noon("2021-06-01")
	v.placed("a.w", "a.1", "2021-05-02")
	v.said("a.v", "a.1", "a.w", "2021-05-01", "yes")
	v.clock = noon("2021-06-10")
	v.placed("a.ahead", "a.1", "2021-06-11") // the day after
	v.clock = noon("2021-06-20")
	for _, day := range []string{"2021-04-30", "2021-05-01"} {
		v.record("hrss", "training.completed", "labour/training.completed/"+v.ids["a.1"]+"/"+day, day, `{"person":"$a.1$","course":"缝纫"}`)
	}
	a, err := v.ask("late-data", "2021-06-30", "division=520603")
	require.NoError(t, err)
	require.Equal(t, []string{
		"hrss|file|2|50|51|0|0|0|100|51|0",
		"hrss|single|3|30|31|33.3|33.3|66.7|100|31|1", "housing|single|1|10|10|0|0|100|100|10|0", "rural|single|1|10|10|0|0|100|100|10|0",
	}, v.written(a.Table))
	require.Equal(t, []string{"labour/training.completed/" + v.ids["a.1"] + "/2021-04-30", "a.v", "a.keys", "a"}, v.evidence(a))
	require.Equal(t, []string{"housing|single|1|10|10|0|0|100|100|10|0", "rural|single|1|10|10|0|0|100|100|10|0"}, v.rows("24", "2021-06-30", "known_at=2021-05-31"))
	require.Equal(t, []string{"training.completed|file|2|50|51|0|0|0|100|51|0", "job.verified|single|1|31|31|0|0|0|100|31|0"}, v.rows("24", "2021-06-30", "by=type")[:2])
	require.Len(t, v.rows("24", "2021-05-01"), 4, "what was true later does not count")
	require.Empty(t, v.rows("24", "2021-06-30", "division=11"))
}

// The income of 2020 was recorded on 2021-07-05 and voided on 2021-07-08.
func TestChangedFigure(t *testing.T) {
	v := village4(t)
	a, err := v.ask("changed-figure", "2021-06-30", "from=2021-07-01", "figure=in_crisis")
	require.NoError(t, err)
	require.Equal(t, []string{"in_crisis|0|1|1|0"}, v.written(*a.Summary))
	income := "|2021-02-01|income.declared|township|" + a.Rows[0].Cells[5].Code + "|state: unproven → in crisis; income: unknown → below the line; income declaration overdue: yes → no|d.income"
	require.Equal(t, []string{"d|1" + income}, v.written(a.Table))
	require.Equal(t, []string{"d.income"}, v.evidence(a))
	require.Equal(t, []string{"d|-1" + income}, v.rows("25", "2021-06-30", "from=2021-07-01", "figure=income.unknown"))
	require.Empty(t, v.rows("25", "2021-06-30", "from=2021-07-01"), "nobody is employed")
	require.Empty(t, v.rows("25", "2021-06-30", "from=2021-07-01", "known_at=2021-07-04", "figure=in_crisis"))
	v.record("township", "record.voided", "d.void", "2021-07-10T00:00:00Z", `{"target_event":"$d.income$","reason":"false"}`)
	a, err = v.ask("25", "2021-06-30", "from=2021-07-06", "figure=in_crisis")
	require.NoError(t, err)
	require.Equal(t, []string{"in_crisis|1|0|0|1"}, v.written(*a.Summary))
	require.Equal(t, []string{"d.void"}, v.evidence(a))
	require.Contains(t, v.written(a.Table)[0], "|record.voided|township|")
	require.Contains(t, v.written(a.Table)[0], "|state: in crisis → unproven; income: below the line → unknown; income declaration overdue: no → yes|")
	require.Contains(t, v.refusal("25").Rule.EN, "has to be given")
	require.Contains(t, v.refusal("25", "from=yesterday").Fix.EN, "2021-06-30T18:00:00+08:00")
	require.Contains(t, v.refusal("25", "from=2021-07-06", "known_at=2021-07-01").Rule.EN, "not after known_at")
	require.Contains(t, v.refusal("25", "from=2021-07-06", "figure=luck").Fix.EN, "employed")
}

// As of 2021-06-30, of what was known at the end of 2021-07-01: b in verified work, a and d placed and never verified.
// On 2021-07-05 came a's verification of 2021-06-01, d's, and a visit to a, which changes no figure of work; on
// 2021-07-06 that b's job ended on 2021-06-15, and that d's statement was void. So a came to count and b no longer
// does, 1 and 1; d came and went.
func TestChangedFigureEventByEvent(t *testing.T) {
	v := newVillage(t)
	v.clock = noon("2021-07-01")
	for _, name := range []string{"a", "b", "c", "d"} {
		v.household(name, "2020-09-01", "ordinary")
	}
	for _, name := range []string{"a", "b", "d"} {
		v.placed(name+".w", name+".1", "2021-05-01")
	}
	v.said("b.v", "b.1", "b.w", "2021-05-20", "yes")
	v.clock = noon("2021-07-05")
	v.said("a.v", "a.1", "a.w", "2021-06-01", "yes")
	v.said("d.v", "d.1", "d.w", "2021-06-01", "yes")
	v.about("community", "visit.made", "a.visit", "a", "2021-06-02", `{"purpose":"routine"}`)
	v.clock = noon("2021-07-06")
	v.record("hrss", "job.ended", "b.e", "2021-06-15", `{"person":"$b.1$","placement":"$b.w.job$","reason":"resigned"}`)
	v.record("hrss", "record.voided", "d.void", "2021-07-06T12:00:00+08:00", `{"target_event":"$d.v$","reason":"false"}`)
	a, err := v.ask("25", "2021-06-30", "from=2021-07-01", "division=520603")
	require.NoError(t, err)
	require.Equal(t, []string{"employed|1|1|1|1"}, v.written(*a.Summary))
	require.ElementsMatch(t, []string{"a.v", "b.e"}, v.evidence(a))
	for _, row := range v.written(a.Table) {
		switch row[0] {
		case 'a':
			require.Contains(t, row, "a|1|2021-06-01|job.verified|hrss|ANJU-52:")
			require.Contains(t, row, "|employed: no → yes; employment: placed → verified|a.v")
		case 'b':
			require.Contains(t, row, "b|-1|2021-06-15|job.ended|hrss|ANJU-52:")
			require.Contains(t, row, "|employed: yes → no; employment: verified → none|b.e")
		}
	}
	a, err = v.ask("25", "2021-06-30", "from=2021-07-01T12:30:00+08:00", "known_at=2021-07-05", "figure=employment.verified")
	require.NoError(t, err)
	require.Equal(t, []string{"employment.verified|1|3|2|0"}, v.written(*a.Summary))
	require.ElementsMatch(t, []string{"a.v", "d.v"}, v.evidence(a))
	a, err = v.ask("25", "2021-06-30", "from=2021-07-01", "figure=overdue.visit") // none was visited in 180 days, but a
	require.NoError(t, err)
	require.Equal(t, []string{"overdue.visit|4|3|0|1"}, v.written(*a.Summary))
	require.Equal(t, []string{"a.visit"}, v.evidence(a))
}
