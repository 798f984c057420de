package intake

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// payload reads data against the type's fields, then lets the type check it.
func (p *parser) payload() {
	s := p.s
	before := len(s.Refusals)
	root := place{name: "/data"}
	clean := p.object(make([]byte, 0, len(p.data)), &root, s.Kind.Fields(), p.data)
	if len(s.Refusals) > before {
		return
	}
	fact := s.Kind.New()
	if err := json.Unmarshal(clean, fact, jsontext.AllowDuplicateNames(true)); err != nil {
		at := "/data"
		var unlike *json.SemanticError // such as a number that its field cannot hold
		if errors.As(err, &unlike) {
			at += string(unlike.JSONPointer)
		}
		s.refuse(payloadForm().at(at, ""))
		return
	}
	s.Fact = fact
	s.check()
}

// check runs the type's rules on a payload whose named entities are not resolved yet: a
// stand-in of the right kind takes their place meanwhile.
func (s *Submission) check() {
	s.eachName(func(n *Name, id *domain.Entity, f *domain.Field) {
		kind := f.Entity
		if kind == 0 {
			kind = domain.HouseholdKind
		}
		*id = domain.MintEntity(kind, standIn(n.Pointer))
	})
	s.Refusals = append(s.Refusals, s.Kind.Check(s.Fact)...)
	s.eachName(func(_ *Name, id *domain.Entity, _ *domain.Field) { *id = 0 })
}

// standIn tells stand-ins of different fields apart.
func standIn(pointer string) (h uint64) {
	for _, c := range []byte(pointer) {
		h = h*131 + uint64(c)
	}
	return h
}

// eachName visits the payload's entity fields that Names fill.
func (s *Submission) eachName(visit func(n *Name, id *domain.Entity, f *domain.Field)) {
	if len(s.Names) == 0 {
		return
	}
	s.Kind.VisitEntities(s.Fact, func(ref domain.EntityRef) {
		for i := range s.Names {
			if n := &s.Names[i]; n.Pointer[len("/data"):] == ref.Pointer {
				visit(n, ref.ID, ref.Field)
			}
		}
	})
}

// object checks one JSON object against its fields and appends it to b without the entities
// that are named by number, which go to Names.
func (p *parser) object(b []byte, at *place, fields []domain.Field, raw jsontext.Value) []byte {
	if raw.Kind() != '{' {
		p.s.refuse(wrongForm(zhen("对象", "an object"), zhen("请写成 {…}，字段见 /v1/schemas", "write {…} with the fields that /v1/schemas lists")).at(at.pointer(), ""))
		return b
	}
	in := cursor{raw}
	b = append(b, '{')
	first := true
	for in.enter(); in.peek() != '}'; {
		name, value := textOf(in.value()), in.value()
		f := fieldNamed(fields, name)
		if f == nil {
			p.s.refuse(unknownField().at(at.pointer()+"/"+printable(string(name)), ""))
			continue
		}
		begin := len(b)
		if !first {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), f.Name...), '"', ':')
		full, own := len(b), at.member(f.Name)
		if b = p.field(b, &own, f, value); len(b) == full {
			b = b[:begin] // named otherwise, absent, or refused
			continue
		}
		first = false
	}
	return append(b, '}')
}

func fieldNamed(fields []domain.Field, name []byte) *domain.Field {
	for i := range fields {
		if fields[i].Name == string(name) {
			return &fields[i]
		}
	}
	return nil
}

// field appends the value of one field, nothing when it stands elsewhere or is refused.
func (p *parser) field(b []byte, at *place, f *domain.Field, value jsontext.Value) []byte {
	switch {
	case value.Kind() == 'n':
		p.s.refuse(wrongForm(zhen("空值请不要提交", "leave an absent field out instead of null"), zhen("没有内容时请删去该字段", "remove the field where there is nothing to state")).at(at.pointer(), ""))
		return b
	case f.Minted && !p.correcting:
		p.s.refuse(doorsOwn().at(at.pointer(), ""))
		return b
	case f.Class != domain.Open:
		return p.sealed(b, at, f, value)
	case !f.List:
		return p.value(b, at, f, value)
	}
	if value.Kind() != '[' {
		p.s.refuse(wrongForm(zhen("列表", "a list"), zhen("请写成 […]，只有一项时也如此", "write […], also around a single entry")).at(at.pointer(), ""))
		return b
	}
	in := cursor{value}
	b = append(b, '[')
	n := 0
	for in.enter(); in.peek() != ']'; n++ {
		item := in.value()
		if n >= maxSet {
			p.s.refuse(wrongForm(zhen("列表最多1024项", "a list holds at most 1,024 entries"), zhen("请分成几条记录", "divide the list among several facts")).at(at.pointer(), ""))
			return b
		}
		if n > 0 {
			b = append(b, ',')
		}
		full, own := len(b), at.entry(n)
		switch b = p.value(b, &own, f, item); {
		case len(b) > full:
		case f.Type == domain.EntityField:
			b = append(b, `"h000000000000"`...) // a named one; its place is kept
		default:
			b = append(b, `""`...) // an empty entry, which the check refuses as such
		}
	}
	return append(b, ']')
}

// sealed takes the plain value of a sealed field in its canonical form; a closed box, or a
// value of another form, is refused without telling it.
func (p *parser) sealed(b []byte, at *place, f *domain.Field, value jsontext.Value) []byte {
	want := jsontext.Kind('"')
	if f.List {
		want = '['
	}
	if f.Type == domain.IntegerField {
		want = '0'
	}
	kind := value.Kind()
	switch {
	case kind != want:
		p.s.refuse(wrongForm(zhen("封存字段请提交明文", "a sealed field is handed in as its plain value"), zhen("请提交原值，由账本封存", "hand in the value itself; the ledger seals it")).at(at.pointer(), ""))
		return b
	case string(value) == `""`:
		return b
	case kind == '"' && bytes.IndexByte(value, '\\') < 0:
		return append(b, value...) // a string without escapes is canonical
	}
	canonical := value.Clone()
	if err := canonical.Canonicalize(); err != nil {
		p.s.refuse(notJSON().at(at.pointer(), ""))
		return b
	}
	if string(canonical) == `[]` {
		return b
	}
	return append(b, canonical...)
}

// value appends one open value after checking its form; meaning is left to Kind.Check.
func (p *parser) value(b []byte, at *place, f *domain.Field, value jsontext.Value) []byte {
	kind := value.Kind()
	switch f.Type {
	case domain.ObjectField:
		return p.object(b, at, f.Children, value)
	case domain.AnyField:
		return append(b, value...)
	case domain.EntityField:
		n := p.name(at, f.Entity, value)
		switch {
		case n.ID.Present():
			return append(b, value...)
		case !n.IsZero():
			p.s.Names = append(p.s.Names, n)
		}
		return b
	case domain.IntegerField:
		if kind != '0' || bytes.ContainsAny(value, ".eE") || len(value) > 17 {
			p.s.refuse(domain.Refusal{
				Field: at.pointer(), Kind: domain.BadNumber, Rule: zhen("须为整数", "it is a whole number"), Fix: zhen("请填写整数，注意单位", "write a whole number; mind the unit"),
			})
			return b
		}
	case domain.BooleanField: // no type has one; the decoder refuses what is none
	default:
		return p.textValue(b, at, f, value)
	}
	return append(b, value...)
}

func (p *parser) textValue(b []byte, at *place, f *domain.Field, value jsontext.Value) []byte {
	if value.Kind() != '"' {
		p.s.refuse(textForm().at(at.pointer(), ""))
		return b
	}
	text := textOf(value)
	var wrong *rule
	switch f.Type {
	case domain.DateField:
		if _, err := domain.ParseDay(string(text)); err != nil {
			wrong = new(badDate(zhen("YYYY-MM-DD", "YYYY-MM-DD"), zhen("请写 2020-03-05 这样的日期", "write a day, such as 2020-03-05")))
		}
	case domain.MonthField:
		if _, err := domain.ParseMonth(string(text)); err != nil {
			wrong = new(badDate(zhen("YYYY-MM", "YYYY-MM"), zhen("请写 2020-03 这样的月份", "write a month, such as 2020-03")))
		}
	case domain.EventField:
		if _, err := domain.ParseEventID(string(text)); err != nil {
			wrong = new(eventForm())
		}
	}
	switch {
	case wrong != nil:
		p.s.refuse(wrong.at(at.pointer(), printable(string(text))))
		return b
	case len(text) == 0:
		return b
	}
	return append(b, value...)
}

// name reads an entity: its id, {"number":…,"division":…}, {"event":…,"at":…} of a set, or in a
// subject "household/<id>".
func (p *parser) name(at *place, kind domain.EntityKind, value jsontext.Value) Name {
	n := Name{Pointer: at.pointer(), Kind: kind}
	switch value.Kind() {
	case '"':
		text := textOf(value)
		if slash := bytes.IndexByte(text, '/'); n.Pointer == "/subject" && slash > 0 {
			named, ok := domain.ParseEntityKind(string(text[:slash]))
			if text = text[slash+1:]; !ok || len(text) > 0 && text[0] != byte(named) {
				text = nil
			}
		}
		id, err := domain.ParseEntity(string(text))
		if err != nil {
			p.s.refuse(entityForm().at(n.Pointer, ""))
		}
		n.ID = id
	case '{':
		p.number(&n, value)
	default:
		p.s.refuse(entityForm().at(n.Pointer, ""))
	}
	return n
}

// number reads {"number":…,"division":…} into the name.
func (p *parser) number(n *Name, value jsontext.Value) {
	in, division := cursor{value}, ""
	wrong := false
	for in.enter(); in.peek() != '}'; {
		name, v := string(textOf(in.value())), in.value()
		switch {
		case v.Kind() == '0' && name == "event":
			event, err := strconv.ParseUint(string(v), 10, 16)
			n.Event, wrong = int(event)+1, wrong || err != nil
		case v.Kind() == '"' && name == "at":
			n.At = string(textOf(v))
		case v.Kind() == '"' && name == "number":
			n.Number = string(textOf(v))
		case v.Kind() == '"' && name == "division":
			division = string(textOf(v))
		default:
			wrong = true
		}
	}
	made := n.Event > 0 && strings.HasPrefix(n.At, "/") && len(n.At) <= maxKey && n.Number == "" && division == ""
	if wrong || !made && (n.Number == "" || len(n.Number) > maxKey || n.Event > 0 || n.At != "") {
		n.Number, n.Event = "", 0
		p.s.refuse(wrongForm(zhen("{\"number\":…,\"division\":…}，组内为 {\"event\":0,\"at\":\"/subject\"}", `{"number":…,"division":…}, or in a set {"event":0,"at":"/subject"}`), zhen("只写 number 和 division，或只写 event 和 at", "give number and division and nothing else, or event and at")).at(n.Pointer, ""))
		return
	}
	if division == "" {
		return
	}
	d, err := domain.ParseDivision(division)
	if err != nil {
		p.s.refuse(divisionForm().at(n.Pointer+"/division", printable(division)))
	}
	n.Division = d
}
