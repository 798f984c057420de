package domain

import (
	"encoding/binary"
	"reflect"
	"slices"
	"unsafe"
)

// plan is how a payload struct is packed into a register and unpacked from it, compiled once from
// the description of its fields (field.go): what a fold needs of it, and where that lies in the
// struct. Texts are left out unless tagged fold, personal values but for their tag.
//
//	uvarint bitmap of the present fields | fields in order: entity, division: uvarint symbol;
//	code: uvarint place + 1, or 0 and the text; integers, dates, months: zigzag varint;
//	text, JSON: uvarint length and bytes; tag: u64be; event: 16 bytes; boolean: nothing;
//	list: uvarint count and elements; object: a bitmap of its own
//
// Nine million facts are packed at a rebuild and fifty are unpacked for each status, so slots
// reach their fields by offset (package unsafe): reflect took four times as long. This file is
// the only one that does; offsets and types come from reflect, in planOf, and are those of
// the struct behind the pointer that define registered. TestEveryPayloadIsPackedAsReflectReadsIt
// compares with the fields read by reflect.
type plan struct {
	slots []slot
}

// slot is one field of a plan.
type slot struct {
	bit     int // in the bitmap: the field's place in the description
	form    form
	list    bool
	offset  uintptr
	ok      uintptr      // of an optional number: the offset of its OK from its value
	size    uintptr      // of a list's element
	terms   []Term       // of a code
	inner   *plan        // of an object
	listing reflect.Type // of a list
}

// form is how a slot's value lies in memory and in a register.
type form uint8

const (
	entityForm form = iota
	divisionForm
	codeForm
	textForm
	int32Form // dates and months too
	int64Form
	booleanForm
	eventForm
	anyForm
	objectForm
	tagForm   // of a personal box
	plainForm // of a sensitive box
)

// planOf compiles the plan of a payload struct. It panics on a field that no form fits.
func planOf(t reflect.Type, fields []Field) *plan {
	p := &plan{}
	for i := range fields {
		f := &fields[i]
		if f.Class == Personal && !f.Tagged || f.Class == Open && f.Type == TextField && !f.Fold {
			continue
		}
		sf := t.Field(f.index)
		s := slot{bit: i, offset: sf.Offset, list: f.List && f.Class == Open, terms: f.Terms}
		v := sf.Type
		if s.list {
			s.listing, v = v, v.Elem()
			s.size = v.Size()
		}
		s.form = formOf(f, v)
		if s.form == objectForm {
			s.inner = planOf(v, f.Children)
		}
		if v.Kind() == reflect.Struct && (s.form == int32Form || s.form == int64Form) {
			s.ok = v.Field(1).Offset
		}
		p.slots = append(p.slots, s)
	}
	return p
}

func formOf(f *Field, v reflect.Type) form {
	switch f.Class {
	case Personal:
		return tagForm
	case Sensitive:
		return plainForm
	}
	switch f.Type {
	case EntityField:
		return entityForm
	case DivisionField:
		return divisionForm
	case CodeField:
		return codeForm
	case TextField:
		return textForm
	case BooleanField:
		return booleanForm
	case EventField:
		return eventForm
	case AnyField:
		return anyForm
	case ObjectField:
		return objectForm
	}
	if v.Kind() == reflect.Struct { // Opt
		v = v.Field(0).Type
	}
	if v.Size() == 8 {
		return int64Form
	}
	return int32Form
}

// holds reports that the slot's value is there and of use to a fold.
func (s *slot) holds(at unsafe.Pointer) bool {
	if s.list {
		return len(*(*[]struct{})(at)) > 0
	}
	if s.ok != 0 {
		return *(*bool)(unsafe.Add(at, s.ok))
	}
	switch s.form {
	case entityForm, int64Form:
		return *(*uint64)(at) != 0
	case int32Form:
		return *(*int32)(at) != 0
	case booleanForm:
		return *(*bool)(at)
	case eventForm:
		return (*EventID)(at).Present()
	case objectForm:
		return s.inner.bitmap(at) != 0
	case tagForm:
		return (*Box)(at).Tag != 0
	case plainForm:
		return len((*Box)(at).Plain) > 0
	case anyForm:
		return len(*(*[]byte)(at)) > 0
	}
	return *(*string)(at) != ""
}

func (p *plan) bitmap(at unsafe.Pointer) (present uint64) {
	for i := range p.slots {
		if s := &p.slots[i]; s.holds(unsafe.Add(at, s.offset)) {
			present |= 1 << s.bit
		}
	}
	return present
}

// pack appends what a fold needs of the struct at a place.
func (p *plan) pack(b []byte, t *table, at unsafe.Pointer) []byte {
	present := p.bitmap(at)
	b = binary.AppendUvarint(b, present)
	for i := range p.slots {
		s := &p.slots[i]
		if present&(1<<s.bit) == 0 {
			continue
		}
		field := unsafe.Add(at, s.offset)
		if !s.list {
			b = s.pack(b, t, field)
			continue
		}
		n := len(*(*[]struct{})(field))
		element := *(*unsafe.Pointer)(field) // a slice begins with its array
		b = binary.AppendUvarint(b, uint64(n))
		for k := range n {
			b = s.pack(b, t, unsafe.Add(element, uintptr(k)*s.size))
		}
	}
	return b
}

func (s *slot) pack(b []byte, t *table, at unsafe.Pointer) []byte {
	switch s.form {
	case entityForm:
		return binary.AppendUvarint(b, t.place(*(*uint64)(at)))
	case divisionForm:
		return binary.AppendUvarint(b, t.division(*(*Division)(at)))
	case codeForm:
		code := *(*string)(at)
		place := slices.IndexFunc(s.terms, func(t Term) bool { return t.Code == code })
		b = binary.AppendUvarint(b, uint64(place+1))
		if place < 0 {
			b = appendString(b, code)
		}
		return b
	case int32Form:
		return binary.AppendVarint(b, int64(*(*int32)(at)))
	case int64Form:
		return binary.AppendVarint(b, *(*int64)(at))
	case booleanForm:
		return b
	case eventForm:
		return append(b, (*EventID)(at)[:]...)
	case anyForm:
		return appendBytes(b, *(*[]byte)(at))
	case objectForm:
		return s.inner.pack(b, t, at)
	case tagForm:
		return binary.BigEndian.AppendUint64(b, (*Box)(at).Tag)
	case plainForm:
		return appendBytes(b, (*Box)(at).Plain)
	}
	return appendString(b, *(*string)(at))
}

// unpack sets every slot of the struct at a place to what pack wrote, absent ones to nought, so
// that a struct may be used again. Lists of objects keep their room: a fact that is used again
// must not have let go of its own. Sealed values alias the register.
func (u *unpacker) unpack(p *plan, at unsafe.Pointer) {
	u.fill(p, at, u.uvarint())
}

func (u *unpacker) fill(p *plan, at unsafe.Pointer, present uint64) {
	for i := range p.slots {
		s := &p.slots[i]
		field := unsafe.Add(at, s.offset)
		switch here := present&(1<<s.bit) != 0; {
		case s.list:
			u.list(s, field, here)
		case here:
			u.value(s, field)
		default:
			u.clear(s, field)
		}
	}
}

// list reads a list. One of objects reuses the room that is there; others are made, since the
// file that they fold into keeps them.
func (u *unpacker) list(s *slot, at unsafe.Pointer, here bool) {
	v := reflect.NewAt(s.listing, at).Elem()
	n := 0
	if here {
		n = int(u.uvarint())
	}
	switch {
	case s.form == objectForm && v.Cap() >= n:
		v.SetLen(n)
	case n == 0:
		v.SetZero()
	default:
		v.Set(reflect.MakeSlice(s.listing, n, n))
	}
	element := *(*unsafe.Pointer)(at)
	for k := range n {
		u.value(s, unsafe.Add(element, uintptr(k)*s.size))
	}
}

func (u *unpacker) value(s *slot, at unsafe.Pointer) {
	if s.ok != 0 {
		*(*bool)(unsafe.Add(at, s.ok)) = true
	}
	switch s.form {
	case entityForm:
		*(*uint64)(at) = u.symbol()
	case divisionForm:
		*(*Division)(at) = u.division()
	case codeForm:
		if place := u.uvarint(); place > 0 {
			*(*string)(at) = s.terms[place-1].Code
		} else {
			*(*string)(at) = string(u.bytes(int(u.uvarint())))
		}
	case int32Form:
		*(*int32)(at) = int32(u.varint())
	case int64Form:
		*(*int64)(at) = u.varint()
	case booleanForm:
		*(*bool)(at) = true
	case eventForm:
		*(*EventID)(at) = EventID(u.bytes(16))
	case anyForm:
		*(*[]byte)(at) = u.bytes(int(u.uvarint()))
	case objectForm:
		u.unpack(s.inner, at)
	case tagForm:
		(*Box)(at).Tag = binary.BigEndian.Uint64(u.bytes(8))
	case plainForm:
		(*Box)(at).Plain = u.bytes(int(u.uvarint()))
	default:
		*(*string)(at) = string(u.bytes(int(u.uvarint())))
	}
}

func (u *unpacker) clear(s *slot, at unsafe.Pointer) {
	if s.ok != 0 {
		*(*bool)(unsafe.Add(at, s.ok)) = false
	}
	switch s.form {
	case entityForm, int64Form:
		*(*uint64)(at) = 0
	case int32Form:
		*(*int32)(at) = 0
	case booleanForm:
		*(*bool)(at) = false
	case eventForm:
		*(*EventID)(at) = EventID{}
	case anyForm:
		*(*[]byte)(at) = nil
	case objectForm:
		u.fill(s.inner, at, 0)
	case tagForm:
		(*Box)(at).Tag = 0
	case plainForm:
		(*Box)(at).Plain = nil
	default:
		*(*string)(at) = ""
	}
}
