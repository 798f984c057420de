package intake

import (
	"bytes"
	"strconv"

	"github.com/anju-ledger/anju/domain"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// payload reads data against the type's fields, then lets the type check it.
func (p *parser) payload() {
	s := p.s
	before := len(s.Refusals)
	clean := p.object(nil, "/data", s.Kind.Fields(), p.data)
	if len(s.Refusals) > before {
		return
	}
	fact := s.Kind.New()
	if err := json.Unmarshal(clean, fact); err != nil {
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
func (p *parser) object(b []byte, pointer string, fields []domain.Field, raw jsontext.Value) []byte {
	if raw.Kind() != '{' {
		p.s.refuse(wrongForm("对象", "an object").at(pointer, ""))
		return b
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw))
	_, _ = dec.ReadToken()
	b = append(b, '{')
	for first := true; dec.PeekKind() != '}'; {
		name, err := dec.ReadToken()
		if err != nil {
			p.s.refuse(notJSON().at(pointer, ""))
			return b
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			p.s.refuse(notJSON().at(pointer, ""))
			return b
		}
		f := fieldNamed(fields, key)
		if f == nil {
			p.s.refuse(unknownField().at(pointer+"/"+printable(key), ""))
			continue
		}
		at := len(b)
		if !first {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), key...), '"', ':')
		full := len(b)
		if b = p.field(b, pointer+"/"+key, f, value); len(b) == full {
			b = b[:at] // named otherwise, absent, or refused
			continue
		}
		first = false
	}
	return append(b, '}')
}

func fieldNamed(fields []domain.Field, name string) *domain.Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}

// field appends the value of one field, nothing when it stands elsewhere or is refused.
func (p *parser) field(b []byte, pointer string, f *domain.Field, value jsontext.Value) []byte {
	switch {
	case value.Kind() == 'n':
		p.s.refuse(wrongForm("空值请不要提交", "leave an absent field out instead of null").at(pointer, ""))
		return b
	case f.Minted && !p.correcting:
		p.s.refuse(doorsOwn().at(pointer, ""))
		return b
	case f.Class != domain.Open:
		return p.sealed(b, pointer, f, value)
	case !f.List:
		return p.value(b, pointer, f, value)
	}
	if value.Kind() != '[' {
		p.s.refuse(wrongForm("列表", "a list").at(pointer, ""))
		return b
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(value))
	_, _ = dec.ReadToken()
	b = append(b, '[')
	for n := 0; dec.PeekKind() != ']'; n++ {
		item, err := dec.ReadValue()
		if err != nil || n >= maxSet {
			p.s.refuse(notJSON().at(pointer, ""))
			return b
		}
		if n > 0 {
			b = append(b, ',')
		}
		full := len(b)
		if b = p.value(b, pointer+"/"+strconv.Itoa(n), f, item); len(b) == full {
			b = append(b, `"h000000000000"`...) // a named entity; its place is kept
		}
	}
	return append(b, ']')
}

// sealed takes the plain value of a sealed field in its canonical form; a closed box, or a
// value of another form, is refused without telling it.
func (p *parser) sealed(b []byte, pointer string, f *domain.Field, value jsontext.Value) []byte {
	want := jsontext.Kind('"')
	if f.List {
		want = '['
	}
	if f.Type == domain.IntegerField {
		want = '0'
	}
	if value.Kind() != want {
		p.s.refuse(wrongForm("封存字段请提交明文", "a sealed field is handed in as its plain value").at(pointer, ""))
		return b
	}
	canonical := value.Clone()
	if err := canonical.Canonicalize(); err != nil {
		p.s.refuse(notJSON().at(pointer, ""))
		return b
	}
	if string(canonical) == `""` || string(canonical) == `[]` {
		return b
	}
	return append(b, canonical...)
}

// value appends one open value after checking its form; meaning is left to Kind.Check.
func (p *parser) value(b []byte, pointer string, f *domain.Field, value jsontext.Value) []byte {
	kind := value.Kind()
	switch f.Type {
	case domain.ObjectField:
		return p.object(b, pointer, f.Children, value)
	case domain.AnyField:
		return append(b, value...)
	case domain.EntityField:
		n := p.name(pointer, f.Entity, value)
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
				Field: pointer, Kind: domain.BadNumber, Rule: zhen("须为整数", "it is a whole number"), Fix: zhen("请填写整数，注意单位", "write a whole number; mind the unit"),
			})
			return b
		}
	case domain.BooleanField:
		if kind != 't' && kind != 'f' {
			p.s.refuse(wrongForm("true 或 false", "true or false").at(pointer, ""))
			return b
		}
	default:
		return p.textValue(b, pointer, f, value)
	}
	return append(b, value...)
}

func (p *parser) textValue(b []byte, pointer string, f *domain.Field, value jsontext.Value) []byte {
	if value.Kind() != '"' {
		p.s.refuse(wrongForm("文字", "text").at(pointer, ""))
		return b
	}
	text, _ := jsontext.AppendUnquote(nil, value)
	switch f.Type {
	case domain.DateField:
		if _, err := domain.ParseDay(string(text)); err != nil {
			p.s.refuse(badDate("YYYY-MM-DD").at(pointer, printable(string(text))))
			return b
		}
	case domain.MonthField:
		if _, err := domain.ParseMonth(string(text)); err != nil {
			p.s.refuse(badDate("YYYY-MM").at(pointer, printable(string(text))))
			return b
		}
	case domain.EventField:
		if _, err := domain.ParseEventID(string(text)); err != nil {
			p.s.refuse(wrongForm("小写UUID", "a lower-case UUID").at(pointer, printable(string(text))))
			return b
		}
	}
	if len(text) == 0 {
		return b
	}
	return append(b, value...)
}

// name reads an entity: its id, {"number":…,"division":…}, or in a subject "household/<id>".
func (p *parser) name(pointer string, kind domain.EntityKind, value jsontext.Value) Name {
	n := Name{Pointer: pointer, Kind: kind}
	switch value.Kind() {
	case '"':
		text, _ := jsontext.AppendUnquote(nil, value)
		if at := bytes.IndexByte(text, '/'); pointer == "/subject" && at > 0 {
			named, ok := domain.ParseEntityKind(string(text[:at]))
			if text = text[at+1:]; !ok || len(text) > 0 && text[0] != byte(named) {
				text = nil
			}
		}
		id, err := domain.ParseEntity(string(text))
		if err != nil {
			p.s.refuse(wrongForm("账本编号或 {\"number\":…}", `an id of 13 characters or {"number":…}`).at(pointer, ""))
		}
		n.ID = id
	case '{':
		var ref struct {
			Number   string `json:"number"`
			Division string `json:"division"`
		}
		if err := json.Unmarshal(value, &ref, json.RejectUnknownMembers(true)); err != nil || ref.Number == "" || len(ref.Number) > maxKey {
			p.s.refuse(wrongForm("{\"number\":…,\"division\":…}", `{"number":…,"division":…}`).at(pointer, ""))
			return n
		}
		n.Number = ref.Number
		if ref.Division != "" {
			d, err := domain.ParseDivision(ref.Division)
			if err != nil {
				p.s.refuse(wrongForm("区划代码的最短写法", "a division code in its shortest form").at(pointer+"/division", printable(ref.Division)))
			}
			n.Division = d
		}
	default:
		p.s.refuse(wrongForm("账本编号或 {\"number\":…}", `an id or {"number":…}`).at(pointer, ""))
	}
	return n
}
