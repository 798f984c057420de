package domain

import (
	"encoding/binary"
	"reflect"
	"slices"
)

// symbols is the table of a register: the entities and divisions that its records name, by
// place. An entity stands as itself; a division as 15 in the top four bits, its number of
// digits in the next four, and the digits as a number.
type symbols []uint64

const divisionSymbol = 15 << 60

func (t *symbols) place(v uint64) uint64 {
	if i := slices.Index(*t, v); i >= 0 {
		return uint64(i)
	}
	*t = append(*t, v)
	return uint64(len(*t) - 1)
}

func (t *symbols) division(d Division) uint64 {
	var n uint64
	for _, c := range []byte(d) {
		n = n*10 + uint64(c-'0')
	}
	return t.place(divisionSymbol | uint64(len(d))<<56 | n)
}

func divisionOf(symbol uint64) Division {
	digits := make([]byte, symbol>>56&15)
	n := symbol & (1<<56 - 1)
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return Division(digits)
}

// pack appends what a fold needs of one payload struct: a bitmap of the present fields, then
// each present field. Texts are left out unless tagged fold, personal values but for their tag.
//
//	uvarint bitmap | fields in order: entity, division: uvarint symbol; code: uvarint place + 1, or 0
//	and the text; integers, dates, months: zigzag varint; text, JSON: uvarint length and bytes;
//	tag: u64be; event: 16 bytes; list: uvarint count and elements; object: a bitmap of its own
func pack(b []byte, t *symbols, fields []Field, s reflect.Value) []byte {
	var present uint64
	for i := range fields {
		if packs(&fields[i], s.Field(fields[i].index)) {
			present |= 1 << i
		}
	}
	b = binary.AppendUvarint(b, present)
	for i := range fields {
		if present&(1<<i) == 0 {
			continue
		}
		f, v := &fields[i], s.Field(fields[i].index)
		if !f.List || f.Class != Open {
			b = packValue(b, t, f, v)
			continue
		}
		b = binary.AppendUvarint(b, uint64(v.Len()))
		for n := range v.Len() {
			b = packValue(b, t, f, v.Index(n))
		}
	}
	return b
}

// packs reports whether a field's value is present and of use to a fold.
func packs(f *Field, v reflect.Value) bool {
	switch f.Class {
	case Personal:
		return f.Tagged && v.Field(0).Interface().(Box).Tag != 0
	case Sensitive:
		return len(v.Field(0).Interface().(Box).Plain) > 0
	}
	if f.Type == TextField && !f.Fold {
		return false
	}
	return !v.IsZero()
}

func packValue(b []byte, t *symbols, f *Field, v reflect.Value) []byte {
	switch f.Class {
	case Personal:
		return binary.BigEndian.AppendUint64(b, v.Field(0).Interface().(Box).Tag)
	case Sensitive:
		return appendBytes(b, v.Field(0).Interface().(Box).Plain)
	}
	if v.Kind() == reflect.Struct && f.Type == IntegerField {
		v = v.Field(0) // Opt
	}
	switch f.Type {
	case EntityField:
		if v.Kind() == reflect.Struct {
			v = v.Field(0)
		}
		return binary.AppendUvarint(b, t.place(v.Uint()))
	case DivisionField:
		return binary.AppendUvarint(b, t.division(Division(v.String())))
	case CodeField:
		code := v.String()
		place := slices.IndexFunc(f.Terms, func(t Term) bool { return t.Code == code })
		b = binary.AppendUvarint(b, uint64(place+1))
		if place < 0 {
			b = appendBytes(b, []byte(code))
		}
		return b
	case IntegerField, DateField, MonthField:
		return binary.AppendVarint(b, v.Int())
	case BooleanField:
		return append(b, 1)
	case EventField:
		id := v.Interface().(EventID)
		return append(b, id[:]...)
	case AnyField:
		return appendBytes(b, v.Bytes())
	case ObjectField:
		return pack(b, t, f.Children, v)
	}
	return appendBytes(b, []byte(v.String()))
}

func appendBytes(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// unpacker reads packed payloads. Registers are this program's own memory, guarded by a
// snapshot's checksum: damage is a programmer's mistake and panics by index.
type unpacker struct {
	b []byte
	t symbols
}

func (u *unpacker) uvarint() uint64 {
	v, n := binary.Uvarint(u.b)
	u.b = u.b[n:]
	return v
}

func (u *unpacker) varint() int64 {
	v, n := binary.Varint(u.b)
	u.b = u.b[n:]
	return v
}

func (u *unpacker) bytes(n int) []byte {
	v := u.b[:n:n]
	u.b = u.b[n:]
	return v
}

// unpack fills s, which must be zero, from what pack wrote.
func (u *unpacker) unpack(fields []Field, s reflect.Value) {
	present := u.uvarint()
	for i := range fields {
		if present&(1<<i) == 0 {
			continue
		}
		f, v := &fields[i], s.Field(fields[i].index)
		if !f.List || f.Class != Open {
			u.value(f, v)
			continue
		}
		n := int(u.uvarint())
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for k := range n {
			u.value(f, v.Index(k))
		}
	}
}

func (u *unpacker) value(f *Field, v reflect.Value) {
	if f.Class != Open {
		box := v.Field(0).Addr().Interface().(*Box)
		if f.Class == Personal {
			box.Tag = binary.BigEndian.Uint64(u.bytes(8))
		} else {
			box.Plain = u.bytes(int(u.uvarint()))
		}
		return
	}
	if v.Kind() == reflect.Struct && f.Type == IntegerField {
		v.Field(1).SetBool(true)
		v = v.Field(0)
	}
	switch f.Type {
	case EntityField:
		if v.Kind() == reflect.Struct {
			v = v.Field(0)
		}
		v.SetUint(u.t[u.uvarint()])
	case DivisionField:
		v.SetString(string(divisionOf(u.t[u.uvarint()])))
	case CodeField:
		if place := u.uvarint(); place > 0 {
			v.SetString(f.Terms[place-1].Code)
		} else {
			v.SetString(string(u.bytes(int(u.uvarint()))))
		}
	case IntegerField, DateField, MonthField:
		v.SetInt(u.varint())
	case BooleanField:
		v.SetBool(u.bytes(1)[0] == 1)
	case EventField:
		v.Set(reflect.ValueOf(EventID(u.bytes(16))))
	case AnyField:
		v.SetBytes(u.bytes(int(u.uvarint())))
	case ObjectField:
		u.unpack(f.Children, v)
	default:
		v.SetString(string(u.bytes(int(u.uvarint()))))
	}
}
