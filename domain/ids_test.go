package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEntityIDsHaveOneSpelling(t *testing.T) {
	for i := range kindLetters {
		kind := EntityKind(kindLetters[i])
		e := MintEntity(kind, 0x0123_4567_89ab_cdef)
		require.Equal(t, kind, e.Kind())
		require.Len(t, e.String(), 13)
		require.Equal(t, string(rune(kind)), e.String()[:1])
		back, err := ParseEntity(e.String())
		require.NoError(t, err)
		require.Equal(t, e, back)
		named, ok := ParseEntityKind(kind.String())
		require.True(t, ok)
		require.Equal(t, kind, named)
	}
	require.Equal(t, "h000000000000", MintEntity(HouseholdKind, 0).String())
	require.Equal(t, "hzzzzzzzzzzzz", MintEntity(HouseholdKind, 1<<60-1).String())
	require.Equal(t, MintEntity(PersonKind, 5), MintEntity(PersonKind, 5|15<<60), "only 60 bits count")
	require.Empty(t, Entity(0).String())
	require.False(t, Entity(0).Present())
	require.Panics(t, func() { MintEntity('x', 1) })
}

func TestEntityIDsOfOtherFormsAreRefused(t *testing.T) {
	cases := []struct{ name, given string }{
		{"nothing", ""},
		{"one character short", "h00000000000"},
		{"one character long", "h0000000000000"},
		{"an unknown letter", "x000000000000"},
		{"an upper-case letter", "H000000000000"},
		{"an upper-case character", "h00000000000A"},
		{"the letter o", "h00000000000o"},
		{"the letter i", "h00000000000i"},
		{"the letter l", "h00000000000l"},
		{"the letter u", "h00000000000u"},
		{"a subject's separator", "h0000.0000000"},
		{"a wildcard", "h00000000000*"},
		{"a full wildcard", "h00000000000>"},
		{"a space", "h00000000000 "},
		{"a control character", "h00000000000\n"},
		{"full-width digits", "h０００0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, err := ParseEntity(c.given)
			require.ErrorIs(t, err, ErrMalformedID)
			require.False(t, e.Present())
			require.Error(t, new(PersonID).UnmarshalText([]byte(c.given)))
		})
	}
}

func TestHomesAreTheKindsWithSubjects(t *testing.T) {
	homes := ""
	for i := range kindLetters {
		if EntityKind(kindLetters[i]).HasSubject() {
			homes += kindLetters[i : i+1]
		}
	}
	require.Equal(t, "hcfjbti", homes)
	require.False(t, EntityKind(0).HasSubject())
}

func TestEventIDsHaveOneSpelling(t *testing.T) {
	const text = "0192f3c1-4b5a-7d3e-8f00-00a1b2c3d4e5"
	id, err := ParseEventID(text)
	require.NoError(t, err)
	require.Equal(t, text, id.String())
	require.True(t, id.Present())
	require.Empty(t, EventID{}.String())
	for name, given := range map[string]string{
		"upper case": strings.ToUpper(text), "no dashes": strings.ReplaceAll(text, "-", ""), "braces": "{" + text + "}",
		"another variant": "0192f3c1-4b5a-7d3e-cf00-00a1b2c3d4e5", "a dash elsewhere": "0192f3c1-4b5a-7d3e-8f00-00a1b2c3d4-5",
		"urn": "urn:uuid:" + text, "nothing": "",
	} {
		_, err := ParseEventID(given)
		require.ErrorIs(t, err, ErrMalformedID, name)
	}
}

func TestDerivedEventIDsAreVersionEight(t *testing.T) {
	// Computed apart: SHA-256("/departments/hrss/520603" 00 "labour/job.placed/p/2020-03-05").
	source := Source{"hrss", "520603"}
	id := DeriveEventID(source, "labour/job.placed/p/2020-03-05")
	require.Equal(t, "062bf3c8-43fb-8940-a2d4-10c37be2a9a6", id.String())
	require.Equal(t, byte(8), id[6]>>4)
	require.Equal(t, byte(2), id[8]>>6)
	require.NotEqual(t, id, DeriveEventID(Source{"hrss", "520602"}, "labour/job.placed/p/2020-03-05"))
}

func FuzzParseEntity(f *testing.F) {
	for _, s := range []string{"h000000000000", "p3v7k2m9qx4w1", "hzzzzzzzzzzzz", "h0000.0000000", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if e, err := ParseEntity(s); err == nil {
			require.Equal(t, s, e.String())
		}
	})
}

func FuzzParseEventID(f *testing.F) {
	for _, s := range []string{"0192f3c1-4b5a-7d3e-8f00-00a1b2c3d4e5", "00000000-0000-0000-8000-000000000000", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseEventID(s); err == nil {
			require.Equal(t, s, id.String())
		}
	})
}
