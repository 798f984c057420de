package twin

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

func forms(all ...string) func() []*regexp.Regexp {
	return sync.OnceValue(func() (compiled []*regexp.Regexp) {
		for _, f := range all {
			compiled = append(compiled, regexp.MustCompile(f))
		}
		return compiled
	})
}

var (
	dayForms = forms(
		`^(\d{4})-(\d{1,2})-(\d{1,2})$`, `^(\d{4})/(\d{1,2})/(\d{1,2})$`, `^(\d{4})(\d\d)(\d\d)$`, `^(\d{4})年(\d{1,2})月(\d{1,2})日$`,
	)
	monthForms   = forms(`^(\d{4})(\d\d)$`, `^(\d{4})-(\d{1,2})$`, `^(\d{4})年(\d{1,2})月$`)
	numberForm   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(-?)(\d+)(?:\.(\d+))?$`) })
	exponentForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\d)(?:\.(\d+))?[eE]\+?(\d+)$`) })
)

// plain is a cell without spaces around it and with ASCII digits; "", "无" and "/" are empty.
func plain(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
	s = strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, s)
	if s == "无" || s == "/" {
		return ""
	}
	return s
}

// Day is the number of a civil day since 1970-01-01.
func Day(year, month, day int) int {
	return int(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func civil(day int) (year, month, dom int) {
	t := time.Unix(int64(day)*86400, 0).UTC()
	return t.Year(), int(t.Month()), t.Day()
}

// Iso writes a day as 2020-03-05.
func Iso(day int) string {
	y, m, d := civil(day)
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

// addMonths goes on by calendar months; a day that the month lacks becomes its last.
func addMonths(day, months int) int {
	y, m, d := civil(day)
	first := Day(y, m+months, 1)
	fy, fm, _ := civil(first)
	last := Day(fy, fm+1, 1) - 1
	return min(first+d-1, last)
}

// readDay reads a date in one of the five forms.
func readDay(s string) (int, bool) {
	for _, form := range dayForms() {
		if p := form.FindStringSubmatch(s); p != nil {
			y, _ := strconv.Atoi(p[1])
			m, _ := strconv.Atoi(p[2])
			d, _ := strconv.Atoi(p[3])
			day := Day(y, m, d)
			ry, rm, rd := civil(day)
			return day, y == ry && m == rm && d == rd
		}
	}
	if n, err := strconv.Atoi(s); err == nil && len(s) == 5 && n > 0 {
		return Day(1899, 12, 30) + n, true
	}
	return 0, false
}

func readMonth(s string) (int, bool) {
	for _, form := range monthForms() {
		if p := form.FindStringSubmatch(s); p != nil {
			y, _ := strconv.Atoi(p[1])
			m, _ := strconv.Atoi(p[2])
			return y*12 + m - 1, m >= 1 && m <= 12
		}
	}
	return 0, false
}

// readNumber reads an amount exactly, times ten to the power of places.
func readNumber(s string, places int) (n int64, ok bool) {
	p := numberForm().FindStringSubmatch(s)
	if p == nil {
		return 0, false
	}
	fraction := strings.TrimRight(p[3], "0")
	if len(fraction) > places {
		return 0, false
	}
	n, err := strconv.ParseInt(p[1]+p[2]+fraction+strings.Repeat("0", places-len(fraction)), 10, 64)
	return n, err == nil
}

// lossy reports a number that a spreadsheet rounded: fewer digits than its exponent needs.
func lossy(s string) bool {
	p := exponentForm().FindStringSubmatch(s)
	if p == nil {
		return false
	}
	exponent, _ := strconv.Atoi(p[3])
	return len(p[2]) != exponent
}

// exact writes a number that a spreadsheet kept whole with an exponent in full.
func exact(s string) string {
	if p := exponentForm().FindStringSubmatch(s); p != nil {
		return p[1] + p[2]
	}
	return s
}
