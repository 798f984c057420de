package domain

import (
	"errors"
	"fmt"
)

// ErrMalformedID reports text that is no entity id; the caller should show the text's rule
// (a kind letter and 12 Crockford base32 characters), not guess.
var ErrMalformedID = errors.New("malformed entity id")

// idAlphabet is Crockford's base32 in lower case: no i, l, o, u.
const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// EntityKind is the letter that an entity id begins with.
type EntityKind byte

// The kinds of entity, by their letter (WIRE §2).
const (
	HouseholdKind EntityKind = 'h' // 户
	PersonKind    EntityKind = 'p' // 人
	DwellingKind  EntityKind = 'd' // 安置住房
	HomesteadKind EntityKind = 'o' // 旧宅基地
	CommunityKind EntityKind = 'c' // 安置社区/安置区
	FacilityKind  EntityKind = 'f' // 配套设施
	ProjectKind   EntityKind = 'j' // 产业项目
	PlacementKind EntityKind = 'w' // 就业记录
	CaseKind      EntityKind = 'k' // 监测对象个案
	GrievanceKind EntityKind = 'g' // 诉求
	FindingKind   EntityKind = 'n' // 督查问题
	FundKind      EntityKind = 'b' // 资金
	TargetKind    EntityKind = 't' // 目标
	BatchKind     EntityKind = 'i' // 导入批次
)

// kindLetters orders the letters; a kind's place is the top four bits of its ids. Append only.
const kindLetters = "hpdocfjwkgnbti"

// kindNames are the words used in subjects and in answers, in the order of kindLetters.
var kindNames = [...]string{
	"household", "person", "dwelling", "homestead", "community", "facility",
	"project", "placement", "case", "grievance", "finding", "fund", "target", "batch",
}

// String returns the English word of the kind, such as "household", or "" for none.
func (k EntityKind) String() string {
	for i := range kindLetters {
		if kindLetters[i] == byte(k) {
			return kindNames[i]
		}
	}
	return ""
}

// ParseEntityKind finds the kind whose word is name, such as "household".
func ParseEntityKind(name string) (EntityKind, bool) {
	for i, n := range kindNames {
		if n == name {
			return EntityKind(kindLetters[i]), true
		}
	}
	return 0, false
}

// HasSubject reports whether entities of this kind are homes: have a subject of their own in
// the stream (WIRE §1, DESIGN D2). Facts about the other kinds stand under a home's subject.
func (k EntityKind) HasSubject() bool {
	switch k {
	case HouseholdKind, CommunityKind, FacilityKind, ProjectKind, FundKind, BatchKind, TargetKind:
		return true
	}
	return false
}

// Entity is an entity id of any kind: a kind letter and 60 random bits, written as the letter
// and 12 lower-case Crockford base32 characters. The zero Entity means absent.
//
//	63..60 place of the letter in kindLetters, plus one | 59..0 randomness
type Entity uint64

// MintEntity makes the id of the kind whose 60 random bits are the low bits of random.
func MintEntity(kind EntityKind, random uint64) Entity {
	for i := range kindLetters {
		if kindLetters[i] == byte(kind) {
			return Entity(uint64(i+1)<<60 | random&(1<<60-1))
		}
	}
	panic("domain: mint of unknown entity kind " + string(rune(kind)))
}

// ParseEntity reads an entity id; anything but the one canonical spelling is ErrMalformedID.
func ParseEntity(s string) (Entity, error) {
	if len(s) != 13 {
		return 0, fmt.Errorf("%w: %d characters instead of 13", ErrMalformedID, len(s))
	}
	if EntityKind(s[0]).String() == "" {
		return 0, fmt.Errorf("%w: unknown kind letter", ErrMalformedID)
	}
	for i := 1; i < len(s); i++ {
		if idValue[s[i]] < 0 {
			return 0, fmt.Errorf("%w: character %d is not in the alphabet", ErrMalformedID, i+1)
		}
	}
	e, _ := entityOf(s)
	return e, nil
}

// entityOf reads an entity id; false for anything but the one canonical spelling.
func entityOf(s string) (Entity, bool) {
	if len(s) != 13 || EntityKind(s[0]).String() == "" {
		return 0, false
	}
	var bits uint64
	for i := 1; i < len(s); i++ {
		v := idValue[s[i]]
		if v < 0 {
			return 0, false
		}
		bits = bits<<5 | uint64(v)
	}
	return MintEntity(EntityKind(s[0]), bits), true
}

// idValue maps a character to its five bits, -1 where it is none of idAlphabet.
var idValue = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i := range idAlphabet {
		t[idAlphabet[i]] = int8(i)
	}
	return t
}()

// Kind returns the entity's kind; 0 when absent.
func (e Entity) Kind() EntityKind {
	if n := int(e >> 60); n > 0 && n <= len(kindLetters) {
		return EntityKind(kindLetters[n-1])
	}
	return 0
}

// AppendText appends the 13-character form, nothing when absent.
func (e Entity) AppendText(b []byte) ([]byte, error) {
	k := e.Kind()
	if k == 0 {
		return b, nil
	}
	b = append(b, byte(k))
	for shift := 55; shift >= 0; shift -= 5 {
		b = append(b, idAlphabet[e>>shift&31])
	}
	return b, nil
}

// MarshalText implements encoding.TextMarshaler.
func (e Entity) MarshalText() ([]byte, error) { return e.AppendText(nil) }

// UnmarshalText implements encoding.TextUnmarshaler; empty text is ErrMalformedID.
func (e *Entity) UnmarshalText(b []byte) error {
	got, err := ParseEntity(string(b))
	if err == nil {
		*e = got
	}
	return err
}

// String returns the 13-character form, "" when absent.
func (e Entity) String() string {
	b, _ := e.AppendText(make([]byte, 0, 13))
	return string(b)
}

// Present reports whether there is an id.
func (e Entity) Present() bool { return e != 0 }

// Typed ids: one type a kind, so that a person cannot stand where a household is wanted. They
// share Entity's text form. The kind is checked by Kind.VisitEntities' users, not on decoding.
type (
	HouseholdID struct{ Entity } // HouseholdID names a household (户).
	PersonID    struct{ Entity } // PersonID names a person (人).
	DwellingID  struct{ Entity } // DwellingID names a resettlement dwelling (安置住房).
	HomesteadID struct{ Entity } // HomesteadID names an old homestead (旧宅基地).
	CommunityID struct{ Entity } // CommunityID names a resettlement community (安置社区).
	FacilityID  struct{ Entity } // FacilityID names a facility (设施).
	ProjectID   struct{ Entity } // ProjectID names an industry project (产业项目).
	PlacementID struct{ Entity } // PlacementID names a job spell (就业记录).
	CaseID      struct{ Entity } // CaseID names a case under monitoring (监测个案).
	GrievanceID struct{ Entity } // GrievanceID names a grievance (诉求).
	FindingID   struct{ Entity } // FindingID names an inspection finding (督查问题).
	FundID      struct{ Entity } // FundID names an allocation of money (资金).
	TargetID    struct{ Entity } // TargetID names a target (目标).
	BatchID     struct{ Entity } // BatchID names an import batch (导入批次).
)

// EventID is an event's RFC 9562 UUID in its 16 bytes. The zero EventID means absent.
type EventID [16]byte

// Present reports whether there is an id.
func (id EventID) Present() bool { return id != EventID{} }

const hexDigits = "0123456789abcdef"

// AppendText appends the lower-case 8-4-4-4-12 form, nothing when absent.
func (id EventID) AppendText(b []byte) ([]byte, error) {
	if !id.Present() {
		return b, nil
	}
	for i, c := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, hexDigits[c>>4], hexDigits[c&15])
	}
	return b, nil
}

// MarshalText implements encoding.TextMarshaler.
func (id EventID) MarshalText() ([]byte, error) { return id.AppendText(nil) }

// String returns the lower-case 8-4-4-4-12 form, "" when absent.
func (id EventID) String() string {
	b, _ := id.AppendText(make([]byte, 0, 36))
	return string(b)
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *EventID) UnmarshalText(b []byte) error {
	got, err := ParseEventID(string(b))
	if err == nil {
		*id = got
	}
	return err
}

// hexValue returns the value of a lower-case hexadecimal digit, 255 of anything else.
func hexValue(c byte) byte {
	switch {
	case c-'0' < 10:
		return c - '0'
	case c-'a' < 6:
		return c - 'a' + 10
	}
	return 255
}

// ParseEventID reads a lower-case UUID of the RFC 9562 variant; anything else is ErrMalformedID.
func ParseEventID(s string) (id EventID, err error) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, fmt.Errorf("%w: not a lower-case UUID", ErrMalformedID)
	}
	for i, at := range [len(id)]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		high, low := hexValue(s[at]), hexValue(s[at+1])
		if high|low > 15 {
			return EventID{}, fmt.Errorf("%w: not a lower-case UUID", ErrMalformedID)
		}
		id[i] = high<<4 | low
	}
	if id[8]>>6 != 2 {
		return EventID{}, fmt.Errorf("%w: not the RFC 9562 variant", ErrMalformedID)
	}
	return id, nil
}
