package domain

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// setOf is the file of a set that says otherwise what some parameters of the default set say.
func setOf(name string, values ...string) string {
	parts := make([]string, 0, len(values)/2)
	for i := 0; i < len(values); i += 2 {
		parts = append(parts, fmt.Sprintf(`{"name":%q,"value":%q,"source":"O","reason":{"zh":"试","en":"a trial"}}`, values[i], values[i+1]))
	}
	return fmt.Sprintf(`{"name":%q,"version":1,"valid_from":"2026-01-01","source":"a test","parameters":[%s]}`, name, strings.Join(parts, ","))
}

func TestASetIsReadAsItWasWritten(t *testing.T) {
	whole, refused := ParseParameters(DefaultParameters().File())
	require.Empty(t, refused)
	require.Equal(t, DefaultParameters(), whole)
	p, refused := ParseParameters([]byte(setOf("trial", "job_fresh_days", "30", "employed", "placed", "working_age", "18-64", "line_fen_head", "2020: 500000")))
	require.Empty(t, refused)
	require.Equal(t, []string{"job_fresh_days", "working_age", "line_fen_head", "employed"}, p.Differences(DefaultParameters()))
	require.Equal(t, 30, p.JobDays)
	require.Equal(t, [2]int{18, 64}, p.WorkingAge)
	require.Equal(t, []Line{{2020, 500_000}}, p.Lines)
	again, refused := ParseParameters(p.File())
	require.Empty(t, refused)
	require.Equal(t, p, again)
}

func TestAMalformedSetIsRefusedAtItsPlace(t *testing.T) {
	good := setOf("trial", "job_fresh_days", "30")
	cases := []struct{ name, file, field string }{
		{"no JSON", "{", ""},
		{"a list", "[]", ""},
		{"a member that there is not", strings.Replace(good, `"source":"a test"`, `"colour":1`, 1), "/colour"},
		{"a number where text belongs", strings.Replace(good, `"value":"30"`, `"value":30`, 1), "/parameters/0/value"},
		{"no name", setOf("", "job_fresh_days", "30"), "/name"},
		{"a name that climbs out", setOf("../x"), "/name"},
		{"no version", strings.Replace(good, `"version":1,`, "", 1), "/version"},
		{"a day that is none", strings.Replace(good, "2026-01-01", "2026-02-30", 1), "/valid_from"},
		{"no source", strings.Replace(good, `"source":"a test",`, "", 1), "/source"},
		{"a phone in the source", strings.Replace(good, "a test", "13800138000", 1), "/source"},
		{"a parameter that there is not", setOf("t", "colour", "1"), "/parameters/0/name"},
		{"one given twice", setOf("t", "plan_days", "1", "plan_days", "2"), "/parameters/1/name"},
		{"none of its words", setOf("t", "employed", "rich"), "/parameters/0/value"},
		{"nought days", setOf("t", "job_fresh_days", "0"), "/parameters/0/value"},
		{"days past all bounds", setOf("t", "job_fresh_days", "99999999999"), "/parameters/0/value"},
		{"a second way to write a number", setOf("t", "job_fresh_days", "+30"), "/parameters/0/value"},
		{"ages the wrong way round", setOf("t", "working_age", "59-16"), "/parameters/0/value"},
		{"years out of order", setOf("t", "line_fen_head", "2020: 1, 2019: 2"), "/parameters/0/value"},
		{"a mark that there is not", strings.Replace(good, `"source":"O"`, `"source":"X"`, 1), "/parameters/0/source"},
		{"no reason", strings.Replace(good, `"zh":"试",`, "", 1), "/parameters/0/reason"},
		{"lines that say otherwise", strings.Replace(good, `"source":"a test"`, `"source":"a test","lines":[{"year":2020,"fen_head":1}]`, 1), "/lines"},
		{"far too long", strings.Repeat(" ", MaxParameterFile+1), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, refused := ParseParameters([]byte(c.file))
			require.Nil(t, p)
			require.Len(t, refused, 1)
			require.Equal(t, c.field, refused[0].Field)
			require.NotEmpty(t, refused[0].Rule.ZH+refused[0].Fix.EN)
		})
	}
}

func FuzzASetIsReadOrRefused(f *testing.F) {
	f.Add(string(DefaultParameters().File()))
	f.Add(setOf("trial", "employed", "working", "employed_days", "7"))
	f.Fuzz(func(t *testing.T, text string) {
		p, refused := ParseParameters([]byte(text))
		if p == nil {
			require.NotEmpty(t, refused)
			return
		}
		again, refused := ParseParameters(p.File())
		require.Empty(t, refused)
		require.Equal(t, p, again)
	})
}

// What a set calls employed, told of one household whose worker was placed in August, verified in
// May, and stated out of work in July while the placement stays open.
func TestEmployedIsWhatTheSetSays(t *testing.T) {
	s := settled(worker1).works(1, "2020-08-01", "2021-05-20").statesOf(1, 1, "2021-09-20", No)
	off := settled(oldPair...)
	business := settled(worker1).business(1, "2021-01-01")
	cases := []struct {
		set, at  string
		s        *story
		employed bool
	}{
		{setOf("a"), "2021-05-19", s, false},
		{setOf("a"), "2021-08-18", s, true},
		{setOf("a"), "2021-08-19", s, false},
		{setOf("a", "employed_days", "30"), "2021-06-19", s, true},
		{setOf("a", "employed_days", "30"), "2021-06-20", s, false},
		{setOf("a", "employed_days", "30", "job_fresh_days", "20"), "2021-06-19", s, true},
		{setOf("a", "employed", "working"), "2020-07-31", s, false},
		{setOf("a", "employed", "working"), "2020-08-01", s, true},
		{setOf("a", "employed", "working"), "2021-09-20", s, false},
		{setOf("a", "employed", "placed"), "2021-09-20", s, true},
		{setOf("a", "employed", "placed"), "2031-09-20", s, true},
		{setOf("a", "employed", "working"), "2021-02-01", business, true},
		{setOf("a", "employed", "placed"), "2021-02-01", business, false},
		{setOf("a", "employed", "placed"), "2021-02-01", off, false},
	}
	for _, c := range cases {
		p, refused := ParseParameters([]byte(c.set))
		require.Empty(t, refused)
		require.Equal(t, c.employed, Status(c.s.file(), nil, day(c.at), p).Employed, "%s at %s", c.set, c.at)
		steps := Steps(nil, c.s.file(), nil, p)
		for d := day("2020-07-01"); d < day("2021-12-01"); d++ {
			require.Equal(t, Status(c.s.file(), nil, d, p).Employed, WordAt(steps, d).Employed(), "%s on %s", c.set, d)
		}
	}
}
