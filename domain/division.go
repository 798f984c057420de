package domain

import (
	"errors"
	"strings"
)

// ErrMalformedDivision reports text that is no division code: the caller should show the rule,
// digits only, 2, 4, 6, 9 or 12 of them.
var ErrMalformedDivision = errors.New("malformed division code: want 2, 4, 6, 9 or 12 digits")

// Nation is the division above the provinces.
const Nation Division = "00"

// Division is a GB/T 2260 administrative division code in its shortest form of 2, 4, 6, 9 or
// 12 digits (WIRE §1). The zero Division is absent. Codes roll up by prefix.
type Division string

// ParseDivision reads a code, with or without its trailing zeros, and returns the shortest
// form: 520600 is 5206, 520603001000 is 520603001; 520603100 is a township and stays. Anything
// else is ErrMalformedDivision. A code that no table knows is accepted: see Known.
func ParseDivision(s string) (Division, error) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return "", ErrMalformedDivision
		}
	}
	for len(s) == 12 || len(s) == 9 {
		short, ends := strings.CutSuffix(s, "000")
		if !ends {
			break
		}
		s = short
	}
	if len(s) == 6 && strings.HasSuffix(s, "00") {
		s = s[:4]
		if strings.HasSuffix(s, "00") {
			s = s[:2]
		}
	}
	switch len(s) {
	case 2, 4, 6, 9, 12:
		return Division(s), nil
	}
	return "", ErrMalformedDivision
}

// UnmarshalText implements encoding.TextUnmarshaler: a code is brought to its shortest form.
// Malformed text is kept as it is, so that Check can name the field.
func (d *Division) UnmarshalText(b []byte) error {
	*d = Division(b)
	if short, err := ParseDivision(string(b)); err == nil {
		*d = short
	}
	return nil
}

// Within reports whether d lies in area or is it; everything lies in the nation.
func (d Division) Within(area Division) bool {
	return area == Nation || area == "" || strings.HasPrefix(string(d), string(area))
}

// Province returns the two-digit code, the nation's when there is none.
func (d Division) Province() Division {
	if len(d) < 2 {
		return Nation
	}
	return d[:2]
}

// County returns the code as six digits, filled with 0 when d is wider than a county: the
// county6 of an event's home (WIRE §1).
func (d Division) County() string {
	if len(d) >= 6 {
		return string(d[:6])
	}
	return string(d) + "000000"[len(d):]
}

// Parent returns the division one level up, the nation above a province, "" above the nation.
func (d Division) Parent() Division {
	up := Division("")
	switch len(d) {
	case 12:
		up = d[:9]
	case 9:
		up = d[:6]
	case 6, 4:
		up = d[:len(d)-2]
	case 2:
		if d != Nation {
			up = Nation
		}
		return up
	}
	if short, err := ParseDivision(string(up)); err == nil {
		return short
	}
	return up
}
