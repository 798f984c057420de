package domain

import "encoding/binary"

// symbols is the table of a register: the entities and divisions that its records name, by
// place, u64be each. An entity stands as itself; a division as 15 in the top four bits, its
// number of digits in the next four, and the digits as a number.
type symbols []byte

const (
	symbolSize     = 8
	divisionSymbol = 15 << 60
)

func (t symbols) at(place uint64) uint64 { return binary.BigEndian.Uint64(t[place*symbolSize:]) }

// table is a register's symbols while a record is packed, with those that the record adds: the
// first ones in the table itself, so that it needs no room of its own.
type table struct {
	known symbols
	few   [addedSymbols]uint64
	n     int      // of few
	more  []uint64 // past few
}

// addedSymbols is how many new symbols nearly every record has at most: a household's registration
// names its members.
const addedSymbols = 16

// added are the symbols that the record adds, in two parts.
func (t *table) added() (few, more []uint64) { return t.few[:t.n], t.more }

func (t *table) place(v uint64) uint64 {
	n := len(t.known) / symbolSize
	for i := range n {
		if binary.BigEndian.Uint64(t.known[i*symbolSize:]) == v {
			return uint64(i)
		}
	}
	for i := range t.n {
		if t.few[i] == v {
			return uint64(n + i)
		}
	}
	n += t.n
	for i, known := range t.more {
		if known == v {
			return uint64(n + i)
		}
	}
	if t.n < len(t.few) {
		t.few[t.n] = v
		t.n++
		return uint64(n)
	}
	t.more = append(t.more, v)
	return uint64(n + len(t.more) - 1)
}

func (t *table) division(d Division) uint64 {
	var n uint64
	for i := range len(d) {
		n = n*10 + uint64(d[i]-'0')
	}
	return t.place(divisionSymbol | uint64(len(d))<<56 | n)
}

// maxDivisionDigits bounds a division's digits: its symbol has four bits for their number.
const maxDivisionDigits = 15

// appendDivision appends the digits of a division's symbol.
func appendDivision(b []byte, symbol uint64) []byte {
	var digits [maxDivisionDigits]byte
	size := int(symbol >> 56 & 15)
	n := symbol & (1<<56 - 1)
	for i := size - 1; i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return append(b, digits[:size]...)
}

func divisionOf(symbol uint64) Division {
	var b [maxDivisionDigits]byte
	return Division(appendDivision(b[:0], symbol))
}

// divisionTexts remembers the text of divisions by their symbol: households name few, the same
// ones again and again. Its length is a power of two; an empty one remembers nothing.
type divisionTexts []divisionText

type divisionText struct {
	symbol uint64
	name   Division
}

func (n divisionTexts) of(symbol uint64) Division {
	if len(n) == 0 {
		return divisionOf(symbol)
	}
	known := &n[symbol*0x9e37_79b9_7f4a_7c15>>32&uint64(len(n)-1)]
	if known.symbol != symbol {
		known.symbol, known.name = symbol, divisionOf(symbol)
	}
	return known.name
}

func appendBytes(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

func appendString(b []byte, v string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// unpacker reads packed payloads. Registers are this program's own memory, guarded by a
// snapshot's checksum: damage is a programmer's mistake and panics by index.
type unpacker struct {
	b     []byte
	t     symbols
	texts divisionTexts
}

func (u *unpacker) uvarint() uint64 {
	if v := u.b[0]; v < 0x80 { // nearly always
		u.b = u.b[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(u.b)
	u.b = u.b[n:]
	return v
}

func (u *unpacker) varint() int64 {
	v := u.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (u *unpacker) byte() byte {
	v := u.b[0]
	u.b = u.b[1:]
	return v
}

func (u *unpacker) bytes(n int) []byte {
	v := u.b[:n:n]
	u.b = u.b[n:]
	return v
}

func (u *unpacker) symbol() uint64 { return u.t.at(u.uvarint()) }

func (u *unpacker) division() Division { return u.texts.of(u.symbol()) }
