package domain

import "encoding/binary"

// record is one entry of a register, read as far as its order and its fold need.
type record struct {
	kind       *Kind
	time       Moment
	day        Day
	department uint8  // its place in departments
	source     uint64 // symbol of the department's division
	division   uint64 // symbol of the subject's division
	place      Place
	subject    Entity
	keyed      bool
	rest       []byte // id or key, then the payload
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

// isAct reports a rank of those that change what another record says: corrections and voids.
func isAct(rank int) bool { return rank == 570 || rank == 580 }

// recordPlace is where the event of the record at the head of b stands in the ledger.
func recordPlace(b []byte) (p Place) {
	_, n := binary.Uvarint(b)
	u := unpacker{b: b[n+2:]}
	u.uvarint() // time
	u.byte()    // department
	u.uvarint() // its division
	u.uvarint() // the subject's
	p.Sequence = u.uvarint()
	p.Province = u.byte()
	return p
}

// readOrder reads time and rank of the record at the head of b, which nearly always decide the
// order; size counts the record's bytes. Times of day-typed facts are first instants of days.
func readOrder(b []byte) (time Moment, rank, size int) {
	length, n := binary.Uvarint(b)
	at, _ := binary.Varint(b[n+2:])
	time = Moment(at)
	if b[n+1]&isInstant == 0 {
		time = Day(at).Moment()
	}
	return time, int(b[n]) * 10, n + int(length)
}

// readHead reads the record at the head of b up to its id or key; size counts its bytes.
func readHead(b []byte, t symbols) (rec record, size int) {
	u := unpacker{b: b, t: t}
	length := int(u.uvarint())
	size = len(b) - len(u.b) + length
	u.b = u.b[:length:length]
	rec.kind = kindByRank(int(u.byte()) * 10)
	flags := u.byte()
	at := u.varint()
	if flags&isInstant != 0 {
		rec.time = Moment(at)
		rec.day = rec.time.Day()
	} else {
		rec.day = Day(at)
		rec.time = rec.day.Moment()
	}
	rec.department = u.byte()
	rec.source = u.symbol()
	rec.division = u.symbol()
	rec.place.Sequence = u.uvarint()
	rec.place.Province = u.byte()
	if flags&hasSubject != 0 {
		rec.subject = Entity(u.symbol())
	}
	rec.keyed = flags&hasKey != 0
	rec.rest = u.b
	return rec, size
}

// appendKey appends the record's business key, nothing when it has none.
func (r *record) appendKey(b []byte, t symbols) []byte {
	if !r.keyed {
		return b
	}
	u := unpacker{b: r.rest, t: t}
	for i := range u.uvarint() {
		if i > 0 {
			b = append(b, '/')
		}
		switch part := u.byte(); part {
		case typePart:
			b = append(b, r.kind.Name...)
		case dayPart:
			b, _ = r.day.AppendText(b)
		case symbolPart:
			b, _ = Entity(u.symbol()).AppendText(b)
		case literalPart:
			b = append(b, u.bytes(int(u.uvarint()))...)
		default:
			if part < nearSymbol {
				b = append(b, keyWords[part-wordPart]...)
			} else {
				b, _ = Entity(t.at(uint64(part - nearSymbol))).AppendText(b)
			}
		}
	}
	return b
}

// id is the event's id: as it stands, or derived from source and key (DeriveEventID).
func (r *record) id(t symbols) EventID {
	if !r.keyed {
		return EventID(r.rest[:16])
	}
	var room [256]byte
	b := append(room[:0], sourcePrefix...)
	b = append(b, departments[r.department].Code...)
	b = appendDivision(append(b, '/'), r.source)
	return hashEventID(r.appendKey(append(b, 0), t))
}

// body is the record's payload: what follows its id or key.
func (r *record) body() []byte {
	if !r.keyed {
		return r.rest[16:]
	}
	u := unpacker{b: r.rest}
	for range u.uvarint() {
		switch u.byte() {
		case symbolPart:
			u.uvarint()
		case literalPart:
			u.bytes(int(u.uvarint()))
		}
	}
	return u.b
}

// stamp is the whole stamp of the record.
func (r *record) stamp(t symbols) Stamp {
	return Stamp{
		Time: r.time, Kind: r.kind, ID: r.id(t), Key: string(r.appendKey(nil, t)), Place: r.place,
		Division: divisionOf(r.division), Subject: r.subject,
		Source: Source{Department(departments[r.department].Code), divisionOf(r.source)},
	}
}
