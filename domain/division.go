package domain

import (
	"errors"
	"strings"
)

// ErrMalformedDivision reports text that is no division code in its shortest form.
var ErrMalformedDivision = errors.New("malformed division code")

// Division is a GB/T 2260 administrative division code in its shortest form of 2, 4, 6, 9 or
// 12 digits (WIRE §1): a six-digit code drops trailing 00 pairs, nine- and twelve-digit ones a
// trailing 000. The zero Division is absent. Codes roll up by prefix.
type Division string

// ParseDivision reads a code in its shortest form; any other spelling is ErrMalformedDivision.
// "00" is the nation.
func ParseDivision(s string) (Division, error) {
	d, err := ShortenDivision(s)
	if err == nil && string(d) != s {
		err = ErrMalformedDivision
	}
	return d, err
}

// ShortenDivision reads a code as people write it, with its trailing zeros, and returns the
// shortest form: 520600 is 5206, 520603001000 is 520603001; 520603100 is a township and stays.
func ShortenDivision(s string) (Division, error) {
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
	if len(s) == 6 {
		for range 2 {
			s = strings.TrimSuffix(s, "00")
			if len(s)%2 != 0 {
				return "", ErrMalformedDivision
			}
		}
		if s == "" || s == "00" {
			s = "00"
		}
	}
	switch len(s) {
	case 2, 4, 6, 9, 12:
		return Division(s), nil
	}
	return "", ErrMalformedDivision
}

// Within reports whether d lies in area or is it; everything lies in the nation "00".
func (d Division) Within(area Division) bool {
	return area == "00" || area == "" || strings.HasPrefix(string(d), string(area))
}

// Province returns the two-digit code, "00" for the nation or none.
func (d Division) Province() Division {
	if len(d) < 2 {
		return "00"
	}
	return d[:2]
}

// County returns the code as six digits, filled with 0 when d is wider than a county.
func (d Division) County() string {
	if len(d) >= 6 {
		return string(d[:6])
	}
	return string(d) + "000000"[len(d):]
}

// Parent returns the division one level up, "" above a province.
func (d Division) Parent() Division {
	switch len(d) {
	case 12:
		return shortened(d[:9])
	case 9:
		return d[:6]
	case 6, 4:
		return d[:len(d)-2]
	}
	return ""
}

func shortened(d Division) Division {
	s, err := ShortenDivision(string(d))
	if err != nil {
		return d
	}
	return s
}
