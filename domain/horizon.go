package domain

import "encoding/binary"

// provinces is how many streams there can be: two digits name one.
const provinces = 100

// Horizon says up to which sequence of each province's stream facts are known: what was recorded
// beyond it is not seen. The zero Horizon sees nothing. Two of them are equal when they see the same.
type Horizon [provinces]uint64

// Sees reports whether an event is within the horizon.
func (h *Horizon) Sees(p Place) bool {
	return int(p.Province) < len(h) && p.Sequence <= h[p.Province]
}

// AppendKnown appends to dst the register as it was when the streams ended at a horizon: its facts,
// and the corrections and voids among them, that the horizon sees. A register keeps every fact as
// it was recorded, so that nothing has to be read again: what a later act took away is in
// force here. It appends nothing when no fact is seen. dst may not overlap r.
func (r Register) AppendKnown(dst []byte, h *Horizon) Register { return r.AppendSeen(dst, h.Sees) }

// AppendSeen is AppendKnown of the facts whose places sees accepts.
func (r Register) AppendSeen(dst []byte, sees func(Place) bool) Register {
	t, records := r.open()
	start := len(dst)
	dst = binary.AppendUvarint(dst, uint64(len(t)/symbolSize))
	dst = append(dst, t...)
	empty := len(dst)
	for len(records) > 0 {
		size := recordSize(records)
		if sees(recordPlace(records)) {
			dst = append(dst, records[:size]...)
		}
		records = records[size:]
	}
	if len(dst) == empty {
		return dst[:start]
	}
	return dst
}

// Names reports whether any fact of the register names a division within an area, whatever it says
// of it: a home of which this is false adds nothing to the area's figures, now or ever before.
func (r Register) Names(area Division) bool {
	if area == Nation || area == "" {
		return len(r) > 0
	}
	var want uint64
	for i := range len(area) {
		want = want*10 + uint64(area[i]-'0')
	}
	for t, _ := r.open(); len(t) > 0; t = t[symbolSize:] {
		symbol := t.at(0)
		if symbol&divisionSymbol != divisionSymbol {
			continue
		}
		n := symbol & (1<<56 - 1)
		for digits := int(symbol >> 56 & 15); digits > len(area); digits-- {
			n /= 10
		}
		if n == want && int(symbol>>56&15) >= len(area) {
			return true
		}
	}
	return false
}

// Begins is the division of the register's first fact, "" of an empty one.
func (r Register) Begins() Division {
	t, records := r.open()
	if len(records) == 0 {
		return ""
	}
	rec, _ := readHead(records, t)
	return divisionOf(rec.division)
}

// Acts reports whether the register holds a correction or a void.
func (r Register) Acts() bool {
	for _, rest := r.open(); len(rest) > 0; rest = rest[recordSize(rest):] {
		if isAct(recordRank(rest)) {
			return true
		}
	}
	return false
}

// Holds reports whether the register holds a fact of a kind. A correction does not change the kind of a fact.
func (r Register) Holds(k *Kind) bool {
	for _, rest := r.open(); len(rest) > 0; rest = rest[recordSize(rest):] {
		if recordRank(rest) == k.Rank {
			return true
		}
	}
	return false
}
