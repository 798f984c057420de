package domain

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"iter"
	"reflect"
	"slices"
	"strings"
)

// Register is the set of facts recorded under one home, compact, in fold order: what a view
// keeps of an entity. It holds no pointers and no personal value in clear; sensitive values are
// open in it, so a register is memory, and a snapshot of one is encrypted.
//
//	uvarint number of symbols | symbols, u64be each | records in fold order
//	record: uvarint length of the rest | u8 rank/10 | u8 flags | zigzag varint day, or ms | u8 department |
//	uvarint symbol of its division | uvarint symbol of the subject's division | uvarint sequence |
//	u8 province | [uvarint symbol of the subject] | [16 id | or key] | payload (plan)
//
// The zero Register is empty. Its methods never change their receiver's bytes; registers may
// be read concurrently.
type Register []byte

// Record flags.
const (
	hasKey     = 1 << iota // the id is derived from source and key; the key stands instead
	isInstant              // time in milliseconds instead of days
	hasSubject             // the home that it stands under follows the province
)

// Insert returns the register with the fact in its place; false when the event is there
// already, and the register is returned as it was.
func (r Register) Insert(f Fact, s Stamp) (Register, bool) {
	const room = 192 // of most records, twice, with their new symbols
	out, added := AppendInsert(make([]byte, 0, len(r)+room), r, f, s)
	if !added {
		return r, false
	}
	return out, true
}

// AppendInsert appends to dst the register r with the fact in its place. It is how a view keeps
// registers in room of its own: with room for some 200 bytes more than r and its new symbols, nothing is allocated. It returns dst as
// it was, and false, when the event is there already. dst may not overlap r. The result is the
// caller's bytes, and must not be changed while a File folded from them is in use.
func AppendInsert(dst []byte, r Register, f Fact, s Stamp) ([]byte, bool) {
	known, records := r.open()
	at, there := search(known, records, &s)
	if there {
		return dst, false
	}
	start := len(dst)
	t := table{known: known}
	dst = appendRecord(dst, &t, f, &s) // in front for now: only then are its symbols known
	body := dst[start:]
	few, more := t.added()
	dst = binary.AppendUvarint(dst, uint64(len(known)/symbolSize+len(few)+len(more)))
	dst = append(dst, known...)
	for _, v := range few {
		dst = binary.BigEndian.AppendUint64(dst, v)
	}
	for _, v := range more {
		dst = binary.BigEndian.AppendUint64(dst, v)
	}
	dst = append(dst, records[:at]...)
	dst = appendBytes(dst, body)
	dst = append(dst, records[at:]...)
	return append(dst[:start], dst[start+len(body):]...), true
}

// search finds where a stamp's record stands, or belongs, in the fold order (WIRE §3): time, rank,
// key, id.
func search(t symbols, records []byte, s *Stamp) (at int, there bool) {
	for at < len(records) {
		time, rank, size := readOrder(records[at:])
		c := cmp.Compare(s.Time, time)
		if c == 0 {
			c = cmp.Compare(s.Kind.Rank, rank)
		}
		if c == 0 {
			c = compareIdentity(s, records[at:], t)
		}
		if c <= 0 {
			return at, c == 0
		}
		at += size
	}
	return at, false
}

// compareIdentity orders a stamp against a record of the same time and rank.
func compareIdentity(s *Stamp, b []byte, t symbols) int {
	rec, _ := readHead(b, t)
	var room [192]byte
	key := rec.appendKey(room[:0], t)
	if len(s.Key) != len(key) || s.Key != string(key) {
		return bytes.Compare([]byte(s.Key), key)
	}
	id := rec.id(t)
	return bytes.Compare(s.ID[:], id[:])
}

// open returns the symbols and the records.
func (r Register) open() (symbols, []byte) {
	if len(r) == 0 {
		return nil, nil
	}
	n, size := binary.Uvarint(r)
	end := size + int(n)*symbolSize
	return symbols(r[size:end]), r[end:]
}

func appendRecord(b []byte, t *table, f Fact, s *Stamp) []byte {
	flags := byte(0)
	if s.Key != "" {
		flags |= hasKey
	}
	if s.Kind.Time == InstantTime {
		flags |= isInstant
	}
	if _, wide := f.(interface{ Touches() []Entity }); wide && s.Subject.Present() {
		flags |= hasSubject
	}
	b = append(b, byte(s.Kind.Rank/10), flags)
	if s.Kind.Time == InstantTime {
		b = binary.AppendVarint(b, int64(s.Time))
	} else {
		b = binary.AppendVarint(b, int64(s.Day()))
	}
	b = append(b, byte(departmentPlace(s.Source.Department)))
	b = binary.AppendUvarint(b, t.division(s.Source.Division))
	b = binary.AppendUvarint(b, t.division(s.Division))
	b = binary.AppendUvarint(b, s.Place.Sequence)
	b = append(b, s.Place.Province)
	if flags&hasSubject != 0 {
		b = binary.AppendUvarint(b, t.place(uint64(s.Subject)))
	}
	if s.Key != "" {
		b = packKey(b, t, s)
	} else {
		b = append(b, s.ID[:]...)
	}
	return s.Kind.plan().pack(b, t, reflect.ValueOf(f).UnsafePointer())
}

// Parts of a packed key: uvarint number of parts, then each as one of these.
const (
	literalPart  = iota // uvarint length and bytes
	symbolPart          // uvarint symbol: an entity id
	dayPart             // the fact's own date
	typePart            // the type's name
	wordPart            // and those after it: a word that many keys begin with
	nearSymbol   = 32   // and those after it: an early symbol
	lastNearPart = 255
)

// keyWords begin most keys: the templates of the departments' files, and the simulation. Append
// only within a layout of snapshots.
var keyWords = [...]string{
	"communities", "register", "labour", "titles", "facilities", "industry", "monitoring", "visits", "income",
	"services", "disbursed", "sample",
}

func packKey(b []byte, t *table, s *Stamp) []byte {
	var room [10]byte
	day, _ := s.Day().AppendText(room[:0])
	b = binary.AppendUvarint(b, uint64(strings.Count(s.Key, "/")+1))
	for rest, more := s.Key, true; more; {
		var part string
		part, rest, more = strings.Cut(rest, "/")
		switch {
		case part == s.Kind.Name:
			b = append(b, typePart)
		case s.Kind.Time == DateTime && part == string(day):
			b = append(b, dayPart)
		default:
			b = packPart(b, t, part)
		}
	}
	return b
}

func packPart(b []byte, t *table, part string) []byte {
	if e, ok := entityOf(part); ok {
		if place := t.place(uint64(e)); place <= lastNearPart-nearSymbol {
			return append(b, byte(nearSymbol+place))
		}
		return binary.AppendUvarint(append(b, symbolPart), t.place(uint64(e)))
	}
	if word := slices.Index(keyWords[:], part); word >= 0 {
		return append(b, byte(wordPart+word))
	}
	return appendString(append(b, literalPart), part)
}

// Heading is a fact of a register without its payload.
type Heading struct {
	Day        Day
	Kind       *Kind
	Department Department // who recorded it
	Division   Division   // where the subject was
	Place      Place      // where the event stands
	Subject    Entity     // of a fact that concerns several homes: the one that it stands under; absent otherwise
	record     record
	symbols    symbols
}

// ID returns the event's id. It is derived when asked for, while the register is held.
func (h *Heading) ID() EventID { return h.record.id(h.symbols) }

// OfFile reports the business key of a file's row, "<template>/<type>/…" (WIRE §3), under which the fact is the same
// whether the row brings it or a program.
func (h *Heading) OfFile() bool {
	if !h.record.keyed {
		return false
	}
	u := unpacker{b: h.record.rest}
	if parts := u.uvarint(); parts < 3 {
		return false
	}
	switch u.byte() {
	case symbolPart:
		u.uvarint()
	case literalPart:
		u.bytes(int(u.uvarint()))
	}
	return u.byte() == typePart
}

// Headings yields the facts of the register in fold order, without reading their payloads; corrections and
// voids are among them, and what they are about as it was recorded.
func (r Register) Headings() iter.Seq[Heading] {
	return func(yield func(Heading) bool) {
		t, rest := r.open()
		for len(rest) > 0 {
			rec, size := readHead(rest, t)
			rest = rest[size:]
			if !yield(Heading{rec.day, rec.kind, Department(departments[rec.department].Code), divisionOf(rec.division), rec.place, rec.subject, rec, t}) {
				return
			}
		}
	}
}
