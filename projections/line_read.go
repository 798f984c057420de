package projections

import (
	"encoding/binary"

	"github.com/anju-ledger/anju/domain"
)

// lineReader reads what follows a line's steps, in order. Lines are this program's own memory,
// guarded by a snapshot's seal: damage is a programmer's mistake and panics by index.
type lineReader struct{ b []byte }

func (r *lineReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.b = r.b[n:]
	return v
}

func (r *lineReader) varint() int64 {
	v, n := binary.Varint(r.b)
	r.b = r.b[n:]
	return v
}

func (r *lineReader) u64() uint64 {
	v := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return v
}

func (r *lineReader) byte() byte {
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

// neighbours yields the homes whose facts the line rests on too.
func (r *lineReader) neighbours(yield func(domain.Entity)) {
	for range r.uvarint() {
		yield(domain.Entity(r.u64()))
	}
}

// identities yields the ID numbers known in the household, each once.
func (r *lineReader) identities(yield func(identity)) {
	for range r.uvarint() {
		tag := r.u64()
		yield(identity{tag, domain.Day(r.varint())})
	}
}

// stays yields the stays of a mixed line, divisions by number.
func (r *lineReader) stays(yield func(from domain.Day, division uint32)) {
	for range r.uvarint() {
		from := domain.Day(r.varint())
		yield(from, uint32(r.uvarint()))
	}
}

// share is one contribution of a line, its division by number.
type share struct {
	total    domain.TotalNo
	division uint32
	day      domain.Day
	amount   int64
}

// shares yields the contributions; division is that of a line that is not mixed.
func (r *lineReader) shares(division uint32, yield func(share)) {
	for last := domain.Day(0); len(r.b) > 0; {
		head := r.byte()
		s := share{total: domain.TotalNo(head &^ isExtra), division: division, day: last + domain.Day(r.varint()), amount: 1}
		last = s.day
		if head&isExtra != 0 {
			extra := r.byte()
			if extra&extraDivision != 0 {
				s.division = uint32(r.uvarint())
			}
			if extra&extraAmount != 0 {
				s.amount = r.varint()
			}
		}
		yield(s)
	}
}

// shares yields a line's contributions.
func (l line) shares(yield func(share)) {
	if len(l) == 0 {
		return
	}
	division, mixed := l.division()
	r := l.rest()
	r.neighbours(func(domain.Entity) {})
	r.identities(func(identity) {})
	if mixed {
		r.stays(func(domain.Day, uint32) {})
	}
	r.shares(division, yield)
}

// divisions yields the numbers of the divisions that a line speaks of, some more than once.
func (l line) divisions(yield func(uint32)) {
	if len(l) == 0 {
		return
	}
	division, mixed := l.division()
	yield(division)
	if !mixed {
		return
	}
	r := l.rest()
	r.neighbours(func(domain.Entity) {})
	r.identities(func(identity) {})
	r.stays(func(_ domain.Day, division uint32) { yield(division) })
	r.shares(division, func(s share) { yield(s.division) })
}

// identities yields the ID numbers of a line.
func (l line) identities(yield func(identity)) {
	if len(l) == 0 {
		return
	}
	r := l.rest()
	r.neighbours(func(domain.Entity) {})
	r.identities(yield)
}

// neighbours yields the neighbours of a line.
func (l line) neighbours(yield func(domain.Entity)) {
	if len(l) > 0 {
		l.rest().neighbours(yield)
	}
}

// in reports whether a household was on a day in a division that within names.
func (l line) in(within []bool, at domain.Day) bool {
	if len(l) == 0 {
		return false
	}
	division, mixed := l.division()
	if !mixed {
		return within[division] && domain.Day(binary.LittleEndian.Uint32(l[8:])) <= at
	}
	r := l.rest()
	r.neighbours(func(domain.Entity) {})
	r.identities(func(identity) {})
	in := false
	r.stays(func(from domain.Day, division uint32) { // the last that has begun holds, as listed
		if from <= at {
			in = within[division]
		}
	})
	return in
}
