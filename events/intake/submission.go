// Package intake is the door in: it reads what departments hand in, refuses what breaks a rule
// with the field, the rule and a way out, resolves who is meant, mints ids, seals personal
// fields, and appends facts to the log. Nothing else appends.
//
// It follows CloudEvents 1.0 (the JSON format and its batch), RFC 9457 for refusals and the
// project's docs/format.md. It does not know what a fact means: types come from the catalogue
// (package domain). TestBadInputIsRefusedByName lists what is refused.
package intake

import (
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// Caller is who records. Until identity exists callers name themselves, and every answer says
// so.
type Caller struct {
	Department domain.Department
	Division   domain.Division
}

// Source is the source attribute of what the caller records.
func (c Caller) Source() domain.Source {
	return domain.Source{Department: c.Department, Division: c.Division}
}

// ofOneLine reports a source of the caller's department whose division is the caller's own, or one
// above or below it: a county's office and its city's are one line, two counties' are not.
func (c Caller) ofOneLine(s domain.Source) bool {
	return c.Department == s.Department && (c.Division.Within(s.Division) || s.Division.Within(c.Division))
}

// Submission is one fact as it is handed in: an event without what the ledger adds (home,
// sequence, recordedtime, minted ids). Either ID or Key names it.
type Submission struct {
	Kind     *domain.Kind
	ID       domain.EventID  // chosen by the submitter, absent when Key is given
	Key      Key             // business key, from which the id is derived
	Subject  Name            // the home or an entity of it; absent where the payload decides or mints it
	Time     domain.Moment   // when it was true
	Division domain.Division // where the subject was then; "" = the caller's
	Cause    domain.EventID  // event that this one follows from
	Batch    string          // "<batch id>/<row>", of imports only
	Fact     domain.Fact     // payload, sealed fields open
	Names    []Name          // entities of the payload that are named otherwise than by id
	Refusals []domain.Refusal

	// Correction is the new payload of record.corrected: parsed once the target's type is known.
	Correction *Submission

	minted mints    // ids made for this fact, kept between attempts
	noted  bool     // an attempt was made: given is filled
	given  []string // pointers of created entities that the submitter named
}

// mints are the ids made for one fact, each with the pointer where it stands: mostly one, so
// that a list is faster than a map.
type mints []mint

type mint struct {
	pointer string
	id      domain.Entity
}

// at returns the id made for the pointer, absent when there is none.
func (m mints) at(pointer string) domain.Entity {
	for i := range m {
		if m[i].pointer == pointer {
			return m[i].id
		}
	}
	return 0
}

// noteGiven remembers which created entities the submitter named himself, before the door
// fills in the others.
func (s *Submission) noteGiven() {
	if s.noted || s.Fact == nil {
		return
	}
	s.noted = true
	s.Kind.VisitEntities(s.Fact, func(ref domain.EntityRef) {
		if ref.ID.Present() && (ref.Field.Minted || ref.Field.Created) {
			s.given = append(s.given, ref.Pointer)
		}
	})
}

// Name names an entity. ID is its minted id; otherwise Number, or Of and what tells it apart
// there. The zero Name is absent.
type Name struct {
	Pointer  string            // where it stands: "/data/person", "/subject"
	Kind     domain.EntityKind // 0 = any
	ID       domain.Entity
	Number   string          // official number, code, or a community's name
	Division domain.Division // where the number counts; "" = the caller's
	Of       *Name           // placement: its person; case, dwelling: its household; dwelling: its community; fund: its purpose
	Day      domain.Day      // of a placement's or case's beginning; of having the dwelling
	Address  domain.Address  // of a dwelling in its community
	Source   string          // of a fund; "" = the only one
	Event    int             // in a set: what the event at this place, from 1, creates
	At       string          // at this pointer of its receipt's ids
}

// IsZero reports an absent name.
func (n *Name) IsZero() bool { return !n.ID.Present() && n.Number == "" && n.Of == nil && n.Event == 0 }

// Key is a business key in parts, joined by "/" once the entities in it are known (WIRE §3).
type Key []Part

// Part is one part of a key: a text, percent-encoded where it is no id, date or code; or the
// entity at a pointer of the submission ("/subject", "/data/person").
type Part struct {
	Text   string
	Entity string
	Raw    bool // Text stands as given: a whole key from outside
}

// Text is a key part that stands for itself.
func Text(s string) Part { return Part{Text: s} }

// At is a key part that stands for the entity at the pointer.
func At(pointer string) Part { return Part{Entity: pointer} }

// text joins the key; entity finds the entity at a pointer.
func (k Key) text(entity func(pointer string) domain.Entity) string {
	var b []byte
	for i, p := range k {
		if i > 0 {
			b = append(b, '/')
		}
		switch {
		case p.Entity != "":
			b, _ = entity(p.Entity).AppendText(b)
		case p.Raw:
			b = append(b, p.Text...)
		default:
			b = appendEscaped(b, p.Text)
		}
	}
	return string(b)
}

// appendEscaped percent-encodes what RFC 3986 does not call unreserved.
func appendEscaped(b []byte, s string) []byte {
	const hexDigits = "0123456789ABCDEF"
	for _, c := range []byte(s) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b = append(b, c)
		} else {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return b
}

// refuse adds a refusal to the submission.
func (s *Submission) refuse(r domain.Refusal) { s.Refusals = append(s.Refusals, r) }
