package domain

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDaysAreReadAndWritten(t *testing.T) {
	cases := []struct {
		name, given string
		ok          bool
	}{
		{"a day", "2020-03-05", true},
		{"a leap day", "2020-02-29", true},
		{"the first day", "1600-01-01", true},
		{"the last day", "2999-12-31", true},
		{"before the epoch", "1969-12-31", true},
		{"no leap year", "2021-02-29", false},
		{"a 31st of April", "2021-04-31", false},
		{"slashes", "2020/03/05", false},
		{"one digit", "2020-3-5", false},
		{"too early", "1599-12-31", false},
		{"a time", "2020-03-05T00:00:00Z", false},
		{"a space", "2020-03-05 ", false},
		{"nothing", "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, err := ParseDay(c.given)
			if !c.ok {
				require.ErrorIs(t, err, ErrMalformedDate)
				require.Equal(t, NoDay, d)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.given, d.String())
			require.Equal(t, d, DateOf(d).Day())
			require.Equal(t, c.given, DateOf(d).String())
			require.NotZero(t, DateOf(d), "no accepted day is the absent date")
			require.Equal(t, d, d.Moment().Day())
		})
	}
}

func TestDaysCountInChina(t *testing.T) {
	d := MakeDay(2020, 3, 5)
	require.Equal(t, time.Date(2020, 3, 5, 0, 0, 0, 0, China), d.Moment().Time().In(China))
	require.Equal(t, d, MomentOf(time.Date(2020, 3, 4, 16, 0, 0, 0, time.UTC)).Day())
	require.Equal(t, d-1, MomentOf(time.Date(2020, 3, 4, 15, 59, 59, 999e6, time.UTC)).Day())
}

func TestMonthsAreCalendarMonths(t *testing.T) {
	cases := []struct {
		from string
		n    int
		want string
	}{
		{"2021-01-31", 1, "2021-02-28"},
		{"2020-01-31", 1, "2020-02-29"},
		{"2020-02-29", 12, "2021-02-28"},
		{"2020-12-15", 1, "2021-01-15"},
		{"2021-03-31", -1, "2021-02-28"},
		{"2021-06-30", 6, "2021-12-30"},
		{"2021-06-30", 0, "2021-06-30"},
	}
	for _, c := range cases {
		d, err := ParseDay(c.from)
		require.NoError(t, err)
		require.Equal(t, c.want, d.AddMonths(c.n).String(), "%s + %d", c.from, c.n)
	}
}

func TestMonthsAreReadAndWritten(t *testing.T) {
	m, err := ParseMonth("1986-04")
	require.NoError(t, err)
	require.Equal(t, "1986-04", m.String())
	require.Equal(t, MakeDay(1986, 4, 1), m.First())
	require.Equal(t, NoDay, Month(0).First())
	require.Empty(t, Month(0).String())
	for _, s := range []string{"198604", "1986-4", "1986-13", "1986-00", "", "1986-04-01"} {
		_, err := ParseMonth(s)
		require.ErrorIs(t, err, ErrMalformedDate, s)
	}
}

func TestAbsentDatesAreNotWritten(t *testing.T) {
	require.Empty(t, Date(0).String())
	require.Equal(t, NoDay, Date(0).Day())
	require.Equal(t, Date(0), DateOf(NoDay))
	require.False(t, NoDay.Present())
	require.Empty(t, NoDay.String())
	require.Equal(t, 2020, MakeDay(2020, 12, 31).Year())
}

func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"2020-03-05", "2020-02-30", "0000-00-00", "2999-12-31", "２０２０-03-05"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDay(s); err == nil {
			require.Equal(t, s, d.String())
			require.Equal(t, d, DateOf(d).Day())
		}
		if m, err := ParseMonth(s); err == nil {
			require.Equal(t, s, m.String())
		}
	})
}

// TestDaysAreThoseOfTheCalendar compares the formulas with the time package, every day that is
// accepted, and months and days that carry over.
func TestDaysAreThoseOfTheCalendar(t *testing.T) {
	for d := MakeDay(1599, 12, 1); d < MakeDay(3000, 2, 1); d++ {
		want := time.Unix(int64(d)*86400, 0).UTC()
		y, m, dd := d.Date()
		if y != want.Year() || m != int(want.Month()) || dd != want.Day() || MakeDay(y, m, dd) != d {
			t.Fatalf("day %d is %04d-%02d-%02d, want %s", d, y, m, dd, want)
		}
	}
	for month := -30; month < 40; month++ {
		want := time.Date(2020, time.Month(month), 31, 0, 0, 0, 0, time.UTC).Unix() / 86400
		require.EqualValues(t, want, MakeDay(2020, month, 31), "month %d", month)
	}
}

func TestByWhenSomethingWasRecorded(t *testing.T) {
	end, err := ParseKnownAt("2021-06-30")
	require.NoError(t, err)
	require.Equal(t, day("2021-06-30").LastMoment(), end)
	for _, same := range []string{"2021-06-30T23:59:59.999+08:00", "2021-06-30T15:59:59.999Z"} {
		m, err := ParseKnownAt(same)
		require.NoError(t, err)
		require.Equal(t, end, m, same)
	}
	for text, want := range map[string]error{
		"2021-06-30T18:00:00": ErrForeignZone, "2021-06-30T18:00:00+09:00": ErrForeignZone, "2021-02-30": ErrMalformedDate, "once": ErrMalformedDate, "": ErrMalformedDate,
	} {
		_, err := ParseKnownAt(text)
		require.ErrorIs(t, err, want, text)
	}
}
