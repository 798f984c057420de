package sheet

import (
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/anju-ledger/anju/domain"
)

// What can be wrong with a cell, as the kinds of refusal of data/samples/README.md.
var (
	// ErrDate: no date, or an impossible one.
	ErrDate = errors.New("no valid date")
	// ErrNumber: no number, or with more decimals than count.
	ErrNumber = errors.New("no valid number")
	// ErrLossy: a spreadsheet rounded the number; its digits are gone.
	ErrLossy = errors.New("a number that a spreadsheet rounded")
)

// fold brings a full-width character to its ASCII twin.
func fold(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - 0xfee0
	case r == '−' || r == '–' || r == '—':
		return '-'
	case r == '。':
		return '.'
	case isGap(r):
		return ' '
	}
	return r
}

func isGap(r rune) bool {
	return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\u2060'
}

// Trim takes spaces of any kind off both ends.
func Trim(s string) string { return strings.TrimFunc(s, isGap) }

// Text is a cell's text without spaces around it, full-width digits and letters made ASCII;
// "", "无" and "/" are empty.
func Text(s string) string {
	s = strings.Map(func(r rune) rune {
		if f := fold(r); f != r && (f >= '0' && f <= '9' || f >= 'A' && f <= 'Z' || f >= 'a' && f <= 'z') {
			return f
		}
		return r
	}, Trim(s))
	if s == "无" || s == "/" || s == "／" {
		return ""
	}
	return s
}

// Compact is Text with every full-width character folded and no space left: the form in which
// codes, dates and numbers are read.
func Compact(s string) string {
	return strings.Map(func(r rune) rune {
		if r = fold(r); r == ' ' {
			return -1
		}
		return r
	}, Text(s))
}

// HeaderName is the form in which headers are compared: compact, lower case.
func HeaderName(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r = fold(r); r == ' ' {
			return -1
		}
		return r
	}, Trim(s)))
}

// Number reads an official number, also one that a spreadsheet keeps as a number: 5.2060300000101E+13
// holds all its digits, 5.20603E+13 does not and is ErrLossy.
func Number(s string) (string, error) {
	s = strings.TrimPrefix(Compact(s), "'")
	mantissa, exponent, scientific := cutExponent(s)
	if !scientific {
		whole, zeros, dotted := strings.Cut(s, ".")
		if dotted && isDigits(whole) && strings.Trim(zeros, "0") == "" {
			return whole, nil
		}
		return s, nil
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if len(whole) != 1 || len(digits) != exponent+1 || len(digits) > 17 {
		return "", ErrLossy
	}
	return digits, nil
}

// cutExponent splits 5.2E+13.
func cutExponent(s string) (mantissa string, exponent int, ok bool) {
	at := strings.IndexAny(s, "eE")
	if at <= 0 {
		return "", 0, false
	}
	n, err := strconv.Atoi(strings.TrimPrefix(s[at+1:], "+"))
	whole, fraction, _ := strings.Cut(s[:at], ".")
	if err != nil || s[at+1:] == "" || n < -40 || n > 40 || !isDigits(whole) || fraction != "" && !isDigits(fraction) {
		return "", 0, false
	}
	return s[:at], n, true
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// Decimal reads a number exactly and returns it times ten to the power of places; a digit that
// is not nought beyond them is ErrNumber. Full-width digits, thousands separators and a leading
// ¥ or trailing 元 are taken. A spreadsheet shows 15 digits of a number; what its file holds
// beyond them is the trace of its arithmetic and is rounded away.
func Decimal(s string, places int) (int64, error) {
	s = strings.TrimSuffix(strings.TrimPrefix(Compact(s), "¥"), "元")
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	exponent := 0
	if at := strings.IndexAny(s, "eE"); at > 0 {
		n, err := strconv.Atoi(strings.TrimPrefix(s[at+1:], "+"))
		if err != nil || n < -30 || n > 30 {
			return 0, ErrNumber
		}
		s, exponent = s[:at], n
	}
	whole, fraction, dotted := strings.Cut(s, ".")
	whole, ok := dropSeparators(whole)
	if !ok || whole == "" && fraction == "" || whole != "" && !isDigits(whole) || dotted && fraction != "" && !isDigits(fraction) {
		return 0, ErrNumber
	}
	digits, exponent := round15(strings.TrimLeft(whole+fraction, "0"), exponent-len(fraction)+places)
	if digits == "" {
		return 0, nil
	}
	if exponent < 0 || len(digits)+exponent > 17 {
		return 0, ErrNumber
	}
	v, err := strconv.ParseInt(digits+strings.Repeat("0", exponent), 10, 64)
	if err != nil {
		return 0, ErrNumber
	}
	if negative {
		v = -v
	}
	return v, nil
}

// round15 rounds a digit string of more than 15 digits, half up, and drops trailing noughts;
// exponent is the power of ten of its last digit.
func round15(digits string, exponent int) (string, int) {
	if len(digits) > 15 && exponent < 0 {
		cut := len(digits) - 15
		up := digits[15] >= '5'
		digits, exponent = digits[:15], exponent+cut
		if up {
			n, _ := strconv.ParseInt(digits, 10, 64)
			digits = strconv.FormatInt(n+1, 10)
		}
	}
	for strings.HasSuffix(digits, "0") {
		digits, exponent = digits[:len(digits)-1], exponent+1
	}
	return digits, exponent
}

// dropSeparators takes the commas out of 1,234,567.
func dropSeparators(s string) (string, bool) {
	if !strings.Contains(s, ",") {
		return s, true
	}
	groups := strings.Split(s, ",")
	for i, g := range groups {
		if len(g) != 3 && (i > 0 || len(g) == 0 || len(g) > 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

// Serial numbers of spreadsheet days count from 1899-12-30; those that are taken lie in
// 1927-05-18 to 2099-12-31, so that no year or short code passes for one.
const (
	serialOrigin = -25569 // domain.Day of 1899-12-30
	firstSerial  = 10_000
	lastSerial   = 73_050
)

// Day reads 2020-03-05, 2020/3/5, 2020.3.5, 20200305, 2020年3月5日, with or without a time of
// day, or a spreadsheet's serial 43895; anything else, and an impossible date, is ErrDate.
func Day(s string) (domain.Day, error) {
	parts, ok := dateParts(s)
	switch {
	case !ok:
		return domain.NoDay, ErrDate
	case len(parts) == 3:
		return civil(parts[0], parts[1], parts[2])
	case len(parts) == 1 && parts[0] >= firstSerial && parts[0] <= lastSerial:
		return domain.Day(serialOrigin + parts[0]), nil
	case len(parts) == 1 && parts[0] >= 1900_01_01 && parts[0] <= 2999_12_31:
		return civil(parts[0]/10000, parts[0]/100%100, parts[0]%100)
	}
	return domain.NoDay, ErrDate
}

// Month reads 198604, 1986-04, 1986/4, 1986年4月, or any form of Day; anything else is ErrDate.
func Month(s string) (domain.Month, error) {
	parts, ok := dateParts(s)
	switch {
	case ok && len(parts) == 2 && validMonth(parts[0], parts[1]):
		return domain.MakeMonth(parts[0], parts[1]), nil
	case ok && len(parts) == 1 && parts[0] >= 1900_01 && parts[0] <= 2999_12 && validMonth(parts[0]/100, parts[0]%100):
		return domain.MakeMonth(parts[0]/100, parts[0]%100), nil
	}
	d, err := Day(s)
	if err != nil {
		return 0, ErrDate
	}
	y, m, _ := d.Date()
	return domain.MakeMonth(y, m), nil
}

func validMonth(year, month int) bool {
	return year >= 1900 && year <= 2999 && month >= 1 && month <= 12
}

func civil(year, month, day int) (domain.Day, error) {
	if !validMonth(year, month) || day < 1 || day > 31 {
		return domain.NoDay, ErrDate
	}
	d := domain.MakeDay(year, month, day)
	if _, _, same := d.Date(); same != day {
		return domain.NoDay, ErrDate
	}
	return d, nil
}

// dateParts splits a date into its one, two or three numbers; a time of day behind it, and the
// fraction of a serial, are dropped.
func dateParts(s string) (parts []int, ok bool) {
	s = strings.Map(fold, Text(s))
	if at := strings.IndexAny(s, " T"); at > 0 && strings.Contains(s[at:], ":") {
		s = s[:at]
	}
	s = strings.ReplaceAll(s, " ", "")
	if whole, fraction, dotted := strings.Cut(s, "."); dotted && len(whole) == 5 && isDigits(whole) && isDigits(fraction) {
		s = whole
	}
	s = strings.NewReplacer("年", "-", "月", "-", "日", "", "号", "", "/", "-", ".", "-").Replace(s)
	s = strings.TrimSuffix(s, "-")
	for part := range strings.SplitSeq(s, "-") {
		if !isDigits(part) || len(part) > 8 || len(parts) == 3 {
			return nil, false
		}
		n, _ := strconv.Atoi(part)
		parts = append(parts, n)
	}
	return parts, true
}
