package domain

import (
	"errors"
	"fmt"
	"time"
)

// ErrMalformedDate reports text that is no date of the form asked for.
var ErrMalformedDate = errors.New("malformed date")

// ErrForeignZone reports an instant that does not say its zone, or says another than China's or UTC:
// more often a mistake than meant, and its civil day another.
var ErrForeignZone = errors.New("an instant of no zone or of a foreign one")

// China is the civil time of every date in the ledger: UTC+8, no summer time.
var China = time.FixedZone("+08:00", 8*60*60)

// The years of every date that is accepted.
const (
	earliestYear = 1600
	latestYear   = 2999
)

// Day is a civil date in China, in days since 1970-01-01; years 1600 to 2999 are accepted.
// It is written "2020-03-05". NoDay means absent.
type Day int32

// NoDay is the absent Day.
const NoDay Day = -1 << 31

// MakeDay returns the day of a Gregorian date; out-of-range months and days carry over as in
// time.Date.
func MakeDay(year, month, day int) Day {
	// Howard Hinnant's days_from_civil: years begin in March, so that the leap day ends one.
	months := year*12 + month - 1 - 2
	y, m := int(floorDiv(int64(months), 12)), 0
	m = months - y*12
	era := int(floorDiv(int64(y), 400))
	yoe := y - era*400
	doy := (153*m+2)/5 + day - 1
	return Day(era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468)
}

// ParseDay reads "2020-03-05"; an impossible or other form is ErrMalformedDate.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil || t.Year() < earliestYear || t.Year() > latestYear {
		return NoDay, fmt.Errorf("%w: want YYYY-MM-DD", ErrMalformedDate)
	}
	return Day(floorDiv(t.Unix(), 86400)), nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Date returns the year, month and day of d.
func (d Day) Date() (year, month, day int) {
	// Howard Hinnant's civil_from_days.
	z := int64(d) + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	year, month, day = int(yoe+era*400), int(mp+3), int(doy-(153*mp+2)/5+1)
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, day
}

// Year returns d's year.
func (d Day) Year() int { y, _, _ := d.Date(); return y }

// Present reports whether there is a date.
func (d Day) Present() bool { return d != NoDay }

// IsZero reports an absent date, for json's omitzero.
func (d Day) IsZero() bool { return d == NoDay }

// AddMonths returns the same day n calendar months later, the last day of that month when it
// is shorter (31 January + 1 month = 28 or 29 February).
func (d Day) AddMonths(n int) Day {
	y, m, dd := d.Date()
	first := MakeDay(y, m+n, 1)
	last := MakeDay(y, m+n+1, 1) - 1
	return min(first+Day(dd-1), last)
}

// Moment returns the first instant of d in China.
func (d Day) Moment() Moment { return Moment((int64(d)*86400 - 8*3600) * 1000) }

// AppendText appends "2020-03-05", nothing when absent.
func (d Day) AppendText(b []byte) ([]byte, error) {
	if !d.Present() {
		return b, nil
	}
	y, m, dd := d.Date()
	return append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10),
		'-', byte('0'+m/10), byte('0'+m%10), '-', byte('0'+dd/10), byte('0'+dd%10)), nil
}

// MarshalText implements encoding.TextMarshaler.
func (d Day) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// String returns "2020-03-05", "" when absent.
func (d Day) String() string { b, _ := d.AppendText(nil); return string(b) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Day) UnmarshalText(b []byte) error {
	got, err := ParseDay(string(b))
	if err == nil {
		*d = got
	}
	return err
}

// Date is an optional civil date inside a payload: the zero Date is absent, so that structs
// need no initialising. Day()+1 is what is kept.
type Date int32

// DateOf wraps a day for a payload.
func DateOf(d Day) Date {
	if !d.Present() {
		return 0
	}
	return Date(d + dateBias)
}

// dateBias keeps every accepted day (from the year 1600 on) above the zero Date.
const dateBias = 200_000

// Day returns the day, NoDay when absent.
func (d Date) Day() Day {
	if d == 0 {
		return NoDay
	}
	return Day(d) - dateBias
}

// MarshalText implements encoding.TextMarshaler.
func (d Date) MarshalText() ([]byte, error) { return d.Day().AppendText(nil) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Date) UnmarshalText(b []byte) error {
	got, err := ParseDay(string(b))
	if err == nil {
		*d = DateOf(got)
	}
	return err
}

// String returns "2020-03-05", "" when absent.
func (d Date) String() string { return d.Day().String() }

// Month is an optional calendar month inside a payload, as year*12 + month-1; written
// "1986-04". The zero Month is absent.
type Month int32

// MakeMonth returns the month of a year.
func MakeMonth(year, month int) Month { return Month(year*12 + month - 1) }

// ParseMonth reads "1986-04"; anything else is ErrMalformedDate.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil || t.Year() < earliestYear || t.Year() > latestYear {
		return 0, fmt.Errorf("%w: want YYYY-MM", ErrMalformedDate)
	}
	return MakeMonth(t.Year(), int(t.Month())), nil
}

// First returns the first day of the month, NoDay when absent.
func (m Month) First() Day {
	if m == 0 {
		return NoDay
	}
	return MakeDay(int(m)/12, int(m)%12+1, 1)
}

// MarshalText implements encoding.TextMarshaler.
func (m Month) MarshalText() ([]byte, error) {
	if m == 0 {
		return nil, nil
	}
	return fmt.Appendf(nil, "%04d-%02d", int(m)/12, int(m)%12+1), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Month) UnmarshalText(b []byte) error {
	got, err := ParseMonth(string(b))
	if err == nil {
		*m = got
	}
	return err
}

// String returns "1986-04", "" when absent.
func (m Month) String() string { b, _ := m.MarshalText(); return string(b) }

// Moment is an instant in milliseconds since 1970-01-01T00:00:00Z.
type Moment int64

// MomentOf returns t's moment, cut to milliseconds.
func MomentOf(t time.Time) Moment { return Moment(t.UnixMilli()) }

// Day returns the civil day in China that the moment lies in.
func (m Moment) Day() Day { return Day(floorDiv(int64(m)+8*3600*1000, 86400*1000)) }

// Time returns the moment as a time in UTC.
func (m Moment) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// instantForm writes a moment as the ledger does: UTC, three decimals, Z (WIRE §1).
const instantForm = "2006-01-02T15:04:05.000Z"

// AppendText appends "2021-06-30T02:11:09.123Z".
func (m Moment) AppendText(b []byte) ([]byte, error) {
	return m.Time().AppendFormat(b, instantForm), nil
}

// MarshalText implements encoding.TextMarshaler.
func (m Moment) MarshalText() ([]byte, error) { return m.AppendText(nil) }

// String returns "2021-06-30T02:11:09.123Z".
func (m Moment) String() string { return m.Time().Format(instantForm) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Moment) UnmarshalText(b []byte) error {
	t, err := time.Parse(instantForm, string(b))
	if err != nil {
		return fmt.Errorf("%w: want an instant in UTC", ErrMalformedDate)
	}
	*m = MomentOf(t)
	return nil
}

// LastMoment returns the last instant of d in China.
func (d Day) LastMoment() Moment { return (d + 1).Moment() - 1 }

// ParseInstant reads an instant as RFC 3339 writes it, in China's time or UTC. ErrForeignZone, otherwise
// ErrMalformedDate.
func ParseInstant(text string) (Moment, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		if _, err = time.Parse("2006-01-02T15:04:05", text); err == nil {
			return 0, ErrForeignZone
		}
		return 0, fmt.Errorf("%w: want RFC 3339", ErrMalformedDate)
	}
	_, offset := t.Zone()
	if _, china := t.In(China).Zone(); offset != china && offset != 0 {
		return 0, ErrForeignZone
	}
	if m := MomentOf(t); m.Day() >= MakeDay(earliestYear, 1, 1) && m.Day() <= MakeDay(latestYear, 12, 31) {
		return m, nil
	}
	return 0, fmt.Errorf("%w: want a year from %d to %d", ErrMalformedDate, earliestYear, latestYear)
}

// ParseKnownAt reads by when something was recorded: an instant, or a date, which is its end in China. It is
// never 0, which elsewhere stands for no moment at all: nothing was recorded at the beginning of 1970.
func ParseKnownAt(text string) (Moment, error) {
	if day, err := ParseDay(text); err == nil {
		return day.LastMoment(), nil
	}
	m, err := ParseInstant(text)
	if err == nil && m == 0 {
		m--
	}
	return m, err
}
