package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatTimeAloneChangesSaysWhy: the day, the rule, what it counts from, each worked out by hand.
func TestWhatTimeAloneChangesSaysWhy(t *testing.T) {
	level := func(d Dimension) func(*Passage) Passing { return func(p *Passage) Passing { return p.Level(d) } }
	late := func(k OverdueKind) func(*Passage) Passing { return func(p *Passage) Passing { return p.Overdue(k) } }
	state, employed := (*Passage).State, (*Passage).Employed
	moved := func() *story { return registered(worker1).keys("2019-06-01", sampleDwelling) } // facts 1 and 2
	seen := moved().checked("2021-03-27", sampleDwelling, "lived_in")
	works := moved().works(1, "2021-01-01", "2021-05-20") // facts 3 and 4
	again := moved().works(1, "2021-01-01", "2021-02-01").statesOf(1, 1, "2021-06-01", Yes)
	cases := []struct {
		name, from, to string
		s              *story
		ask            func(*Passage) Passing
		day, rule      string
		fact           byte // its number, 0 where none is named
		says           string
	}{
		{"a check of the dwelling holds 180 days", "2021-06-30", "2021-10-30", seen, level(Housing), "2021-09-24", "housing_fresh_days = 180", 3, "by the record of 2021-03-27; not confirmed since, stale after 2021-09-23"},
		{"a statement of work holds 90 days", "2021-06-30", "2021-10-30", works, level(Employment), "2021-08-19", "job_fresh_days = 90", 4, "by the record of 2021-05-20"},
		{"the last statement counts, though it came between", "2021-04-01", "2021-10-30", again, level(Employment), "2021-08-31", "job_fresh_days = 90", 5, "by the record of 2021-06-01"},
		{"who counts as employed", "2021-06-30", "2021-10-30", works, employed, "2021-08-19", "employed_days = 90", 4, "one job per labour household"},
		{"the state follows", "2021-06-30", "2021-08-20", seen.works(1, "2021-01-01", "2021-05-20").income(2020, 9000, 0), state, "2021-08-19", "job_fresh_days = 90", 5, "the title is not settled → employment is stale"},
		{"no home for 90 days", "2019-05-31", "2019-12-31", registered(worker1), state, "2019-08-08", "no_home_days = 90", 0, "→ no home for 90 days and nobody in verified work"},
		{"data, by the dimension that went first", "2021-06-30", "2021-10-30", works, level(Data), "2021-08-19", "", 4, "employment went stale"},
		{"half a year of watching", "2021-06-30", "2021-12-31", moved().decided("2021-03-01", Unstable).cleared("2021-05-10"), level(Risk), "2021-11-10", "watch_months = 6", 4, "the watch after a case was cleared is over"},
		{"the school year", "2021-08-31", "2021-09-01", registered(worker1, adult{"2015-08", NoLabour}).enrols(1, "2019-07-01", FamilyDoctor), level(Services), "2021-09-01", "", 0, "compulsory age counts from 1 September"},
		{"a member comes of age", "2021-04-30", "2021-05-01", registered(adult{"2005-05", Ordinary}), level(Employment), "2021-05-01", "working_age = 16-59", 0, "came of working age"},
		{"a title falls due", "2021-06-30", "2021-12-31", moved(), late(OverdueTitle), "2021-11-06", "title_months = 12", 2, "due by 2021-11-05"},
		{"a visit after half a year", "2021-06-30", "2021-12-31", moved().visited("2021-06-01", PersonID{}), late(OverdueVisit), "2021-11-29", "visit_days = 180", 3, "due by 2021-11-28"},
		{"a visit while monitored", "2021-06-10", "2021-07-31", moved().decided("2021-05-01", Unstable).visited("2021-06-01", PersonID{}), late(OverdueVisit), "2021-07-02", "monitored_visit_days = 30", 4, "due by 2021-07-01"},
		{"the income of the year before", "2021-06-30", "2022-06-30", moved().income(2020, 9000, 0), late(OverdueIncome), "2022-02-01", "", 3, "due by 2022-01-31"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := NewReader(DefaultParameters())
			r.Open(sampleHousehold.Entity, c.s.register, nil, day(c.to))
			p := r.Passage(day(c.from), day(c.to))
			require.Equal(t, Status(c.s.file(), nil, day(c.to), DefaultParameters()).State, p.Word().State())
			got := c.ask(&p)
			require.Equal(t, c.day, got.Day.String())
			require.Equal(t, c.rule, strings.Trim(got.Rule+" = "+got.Value, " ="))
			require.Contains(t, got.Reason.EN, c.says)
			require.NotEmpty(t, got.Reason.ZH)
			if c.fact > 0 {
				require.Contains(t, got.Events, EventID{1, 0, c.fact, 8: 0x80})
			}
		})
	}
}
