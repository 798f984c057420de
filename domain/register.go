package domain

import (
	"cmp"
	"encoding/binary"
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
//	u8 province | [uvarint symbol of the subject] | [16 id | or key] | payload (pack)
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

// record is one entry of a register, read as far as its order needs.
type record struct {
	stamp Stamp
	keyed bool
	rest  []byte // id or key, then the payload
}

// compareStamps is the fold order (WIRE §3): time, rank, key, id.
func compareStamps(a, b *Stamp) int {
	if c := cmp.Compare(a.Time, b.Time); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Kind.Rank, b.Kind.Rank); c != 0 {
		return c
	}
	if c := strings.Compare(a.Key, b.Key); c != 0 {
		return c
	}
	return slices.Compare(a.ID[:], b.ID[:])
}

// Insert returns the register with the fact in its place; false when the event is there
// already, and the register is returned as it was.
func (r Register) Insert(f Fact, s Stamp) (Register, bool) {
	t, rest := r.open()
	known := len(t)
	at := 0
	for at < len(rest) {
		time, rank, size := readHead(rest[at:])
		c := cmp.Or(cmp.Compare(s.Time, time), cmp.Compare(s.Kind.Rank, rank))
		if c == 0 {
			rec, _ := readRecord(rest[at:], t)
			c = compareStamps(&s, &rec.stamp)
		}
		if c == 0 {
			return r, false
		}
		if c < 0 {
			break
		}
		at += size
	}
	body := appendRecord(make([]byte, 0, 96), &t, f, &s)
	out := make(Register, 0, len(r)+len(body)+(len(t)-known)*8+4)
	out = binary.AppendUvarint(out, uint64(len(t)))
	for _, v := range t {
		out = binary.BigEndian.AppendUint64(out, v)
	}
	out = append(out, rest[:at]...)
	out = appendBytes(out, body)
	return append(out, rest[at:]...), true
}

// open reads the symbols; the records follow.
func (r Register) open() (symbols, []byte) {
	if len(r) == 0 {
		return nil, nil
	}
	n, size := binary.Uvarint(r)
	rest := r[size:]
	t := make(symbols, n, n+4)
	for i := range t {
		t[i] = binary.BigEndian.Uint64(rest[i*8:])
	}
	return t, rest[n*8:]
}

func appendRecord(b []byte, t *symbols, f Fact, s *Stamp) []byte {
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
		b = appendKey(b, t, s)
	} else {
		b = append(b, s.ID[:]...)
	}
	return pack(b, t, s.Kind.Fields(), reflect.ValueOf(f).Elem())
}

// Parts of a packed key: uvarint number of parts, then each as one of these.
const (
	literalPart = iota // uvarint length and bytes
	symbolPart         // uvarint symbol: an entity id
	dayPart            // the fact's own date
	typePart           // the type's name
)

func appendKey(b []byte, t *symbols, s *Stamp) []byte {
	parts := strings.Split(s.Key, "/")
	b = binary.AppendUvarint(b, uint64(len(parts)))
	for _, p := range parts {
		switch {
		case p == s.Kind.Name:
			b = append(b, typePart)
		case s.Kind.Time == DateTime && p == s.Day().String():
			b = append(b, dayPart)
		default:
			if e, err := ParseEntity(p); err == nil {
				b = binary.AppendUvarint(append(b, symbolPart), t.place(uint64(e)))
			} else {
				b = appendBytes(append(b, literalPart), []byte(p))
			}
		}
	}
	return b
}

func (u *unpacker) key(s *Stamp) string {
	n := u.uvarint()
	key := make([]byte, 0, 64)
	for i := range n {
		if i > 0 {
			key = append(key, '/')
		}
		switch u.bytes(1)[0] {
		case typePart:
			key = append(key, s.Kind.Name...)
		case dayPart:
			key, _ = s.Day().AppendText(key)
		case symbolPart:
			key, _ = Entity(u.t[u.uvarint()]).AppendText(key)
		default:
			key = append(key, u.bytes(int(u.uvarint()))...)
		}
	}
	return string(key)
}

// recordSize is the whole size of the record at the head of b.
func recordSize(b []byte) int {
	length, n := binary.Uvarint(b)
	return n + int(length)
}

// recordRank is the rank of the record at the head of b.
func recordRank(b []byte) int {
	_, n := binary.Uvarint(b)
	return int(b[n]) * 10
}

// readHead reads time and rank of the record at the head of b, which nearly always decide the
// order; size counts the record's bytes. Times of day-typed facts are first instants of days.
func readHead(b []byte) (time Moment, rank, size int) {
	length, n := binary.Uvarint(b)
	at, _ := binary.Varint(b[n+2:])
	time = Moment(at)
	if b[n+1]&isInstant == 0 {
		time = Day(at).Moment()
	}
	return time, int(b[n]) * 10, n + int(length)
}

// readRecord reads the record at the head of b with its key and id; size counts its bytes.
func readRecord(b []byte, t symbols) (rec record, size int) {
	rec, size = readPlain(b, t)
	rec.identify(t)
	return rec, size
}

// readPlain reads all of a record's head but key and id, which cost more than the rest.
func readPlain(b []byte, t symbols) (rec record, size int) {
	length, n := binary.Uvarint(b)
	size = n + int(length)
	u := unpacker{b[n:size], t}
	head := u.bytes(2)
	rec.stamp.Kind = kindByRank(int(head[0]) * 10)
	at := u.varint()
	if head[1]&isInstant != 0 {
		rec.stamp.Time = Moment(at)
	} else {
		rec.stamp.Time = Day(at).Moment()
	}
	rec.stamp.Source.Department = Department(departments[u.bytes(1)[0]].Code)
	rec.stamp.Source.Division = divisionOf(t[u.uvarint()])
	rec.stamp.Division = divisionOf(t[u.uvarint()])
	rec.stamp.Place.Sequence = u.uvarint()
	rec.stamp.Place.Province = u.bytes(1)[0]
	if head[1]&hasSubject != 0 {
		rec.stamp.Subject = Entity(t[u.uvarint()])
	}
	rec.keyed = head[1]&hasKey != 0
	rec.rest = u.b
	return rec, size
}

// identify reads the record's key and id.
func (r *record) identify(t symbols) {
	u := unpacker{r.rest, t}
	if r.keyed {
		r.stamp.Key = u.key(&r.stamp)
		r.stamp.ID = DeriveEventID(r.stamp.Source, r.stamp.Key)
		return
	}
	r.stamp.ID = EventID(u.bytes(16))
}

// body is the record's payload: what follows its id or key.
func (r *record) body(t symbols) []byte {
	u := unpacker{r.rest, t}
	if !r.keyed {
		return r.rest[16:]
	}
	for range u.uvarint() {
		switch u.bytes(1)[0] {
		case symbolPart:
			u.uvarint()
		case literalPart:
			u.bytes(int(u.uvarint()))
		}
	}
	return u.b
}
