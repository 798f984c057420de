package domain

import "unicode"

// maxDigitGroups bounds the groups of digits that are read together: an ID number is written in
// at most five (6 4 2 2 4).
const maxDigitGroups = 6

// shortestNumber is the digits of a mobile number.
const shortestNumber = 11

// looksPersonal reports digits that have the form of a mobile number (11 from 13 to 19, also
// behind 86) or of a Chinese ID number (15, or 18 of which the last may be X), full-width or
// grouped by spaces and dashes too. In running text any 15 or 18 digits in one piece count; in
// a reference number, and when pieces are put together, only those that hold a birth date do.
func looksPersonal(s string, reference bool) bool {
	if !mayHoldNumber(s) {
		return false
	}
	var groups []string
	var run []byte
	end := func() {
		if len(run) > 0 {
			groups = append(groups, string(run))
			run = run[:0]
		}
	}
	for _, c := range s {
		switch {
		case '0' <= c && c <= '9':
			run = append(run, byte(c))
		case '０' <= c && c <= '９':
			run = append(run, byte(c-'０'+'0'))
		case c == 'x' || c == 'X' || c == 'Ｘ' || c == 'ｘ':
			run = append(run, 'X')
			end()
		case unicode.IsSpace(c) || unicode.Is(unicode.Pd, c) || unicode.Is(unicode.Cf, c):
			end()
		default:
			end()
			if groupsLookPersonal(groups, reference) {
				return true
			}
			groups = groups[:0]
		}
	}
	end()
	return groupsLookPersonal(groups, reference)
}

// mayHoldNumber reports that the text has digits enough for the shortest phone number, in ASCII
// or full width (bytes EF BC 90 and on): most texts have none.
func mayHoldNumber(s string) bool {
	digits := 0
	for i := range len(s) {
		if '0' <= s[i] && s[i] <= '9' || s[i] == 0xEF {
			digits++
		}
	}
	return digits >= shortestNumber
}

// groupsLookPersonal tries every run of neighbouring groups as one number.
func groupsLookPersonal(groups []string, reference bool) bool {
	for i := range groups {
		joined := ""
		for n := i; n < len(groups) && n < i+maxDigitGroups && len(joined) < 19; n++ {
			joined += groups[n]
			if isPhone(joined) || isIDNumber(joined, n == i && !reference) {
				return true
			}
		}
	}
	return false
}

func isPhone(s string) bool {
	if len(s) == 13 && s[:2] == "86" {
		s = s[2:]
	}
	return len(s) == 11 && s[0] == '1' && s[1] >= '3' && allDigits(s)
}

// isIDNumber reports an ID number by its length, and, unless any will do, its birth date: six
// digits of the place, then yyyymmdd of 18 or yymmdd of 15.
func isIDNumber(s string, anyDate bool) bool {
	switch {
	case len(s) == 18 && allDigits(s[:17]):
		return anyDate || (s[6:8] == "19" || s[6:8] == "20") && isMonthDay(s[10:14])
	case len(s) == 15 && allDigits(s):
		return anyDate || isMonthDay(s[8:12])
	}
	return false
}

func isMonthDay(s string) bool {
	month, day := (s[0]-'0')*10+s[1]-'0', (s[2]-'0')*10+s[3]-'0'
	return 1 <= month && month <= 12 && 1 <= day && day <= 31
}

func allDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// shownBytes is how much of a refused value is told: enough to find it by, never a page.
const shownBytes = 64

// longestShown is the longest run of digits that is told: dates and codes have fewer, the numbers
// of households (12), persons (14), phones and identity cards more.
const longestShown = 8

// Shown returns what of a refused value may stand in an answer or a log: "" for one that could be
// somebody's name or number, wherever it was written. Codes and dates are ASCII; names are not.
func Shown(s string) string {
	run := 0
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return ""
		}
		if run++; s[i] < '0' || s[i] > '9' {
			run = 0
		}
		if run > longestShown {
			return ""
		}
	}
	if looksPersonal(s, false) {
		return ""
	}
	if len(s) > shownBytes {
		return s[:shownBytes] + "…"
	}
	return s
}
