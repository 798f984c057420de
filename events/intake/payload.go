package intake

import (
	"bytes"
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
		s.refuse(wrongForm("见该类型的字段说明", "see the type's schema").at("/data", ""))
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
		p.s.refuse(wrongForm("对象", "an object").at(at.pointer(), ""))
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
		p.s.refuse(wrongForm("空值请不要提交", "leave an absent field out instead of null").at(at.pointer(), ""))
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
		p.s.refuse(wrongForm("列表", "a list").at(at.pointer(), ""))
		return b
	}
	in := cursor{value}
	b = append(b, '[')
	n := 0
	for in.enter(); in.peek() != ']'; n++ {
		item := in.value()
		if n >= maxSet {
			p.s.refuse(wrongForm("列表最多1024项", "a list holds at most 1,024 entries").at(at.pointer(), ""))
			return b
		}
		if n > 0 {
			b = append(b, ',')
		}
		full, own := len(b), at.entry(n)
		if b = p.value(b, &own, f, item); len(b) == full {
			b = append(b, `"h000000000000"`...) // a named entity; its place is kept
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
		p.s.refuse(wrongForm("封存字段请提交明文", "a sealed field is handed in as its plain value").at(at.pointer(), ""))
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
	case domain.BooleanField:
		if kind != 't' && kind != 'f' {
			p.s.refuse(wrongForm("true 或 false", "true or false").at(at.pointer(), ""))
			return b
		}
	default:
		return p.textValue(b, at, f, value)
	}
	return append(b, value...)
}

func (p *parser) textValue(b []byte, at *place, f *domain.Field, value jsontext.Value) []byte {
	if value.Kind() != '"' {
		p.s.refuse(wrongForm("文字", "text").at(at.pointer(), ""))
		return b
	}
	text := textOf(value)
	var wrong *rule
	switch f.Type {
	case domain.DateField:
		if _, err := domain.ParseDay(string(text)); err != nil {
			wrong = new(badDate("YYYY-MM-DD", "YYYY-MM-DD"))
		}
	case domain.MonthField:
		if _, err := domain.ParseMonth(string(text)); err != nil {
			wrong = new(badDate("YYYY-MM", "YYYY-MM"))
		}
	case domain.EventField:
		if _, err := domain.ParseEventID(string(text)); err != nil {
			wrong = new(wrongForm("小写UUID", "a lower-case UUID"))
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
			p.s.refuse(wrongForm("账本编号或 {\"number\":…}", `an id of 13 characters or {"number":…}`).at(n.Pointer, ""))
		}
		n.ID = id
	case '{':
		p.number(&n, value)
	default:
		p.s.refuse(wrongForm("账本编号或 {\"number\":…}", `an id or {"number":…}`).at(n.Pointer, ""))
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
		p.s.refuse(wrongForm("{\"number\":…,\"division\":…}，组内为 {\"event\":0,\"at\":\"/subject\"}", `{"number":…,"division":…}, or in a set {"event":0,"at":"/subject"}`).at(n.Pointer, ""))
		return
	}
	if division == "" {
		return
	}
	d, err := domain.ParseDivision(division)
	if err != nil {
		p.s.refuse(wrongForm("区划代码的最短写法", "a division code in its shortest form").at(n.Pointer+"/division", printable(division)))
	}
	n.Division = d
}
