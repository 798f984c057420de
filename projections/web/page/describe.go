package page

import (
	"context"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// fieldShown is one field of a payload as people read it.
type fieldShown struct {
	Label  string
	Value  string
	Href   string // of an entity or event
	Entity string // its id, so that a clerk's own roster can name it
	Sealed bool
	Inner  []fieldShown // of an object
}

// longestText is how much of a text a page shows.
const longestText = 400

// recordAt reads the event at a place of the log, with the bytes that were recorded.
func (p *Page) recordAt(ctx context.Context, province uint8, sequence uint64) (events.Record, error) {
	record, err := p.ledger.Get(ctx, province, sequence)
	if err != nil || record.Event == nil {
		return events.Record{}, notThere(noEvent)
	}
	return record, nil
}

// eventAt reads the event at a place of the log.
func (p *Page) eventAt(ctx context.Context, province uint8, sequence uint64) (*events.Event, error) {
	record, err := p.recordAt(ctx, province, sequence)
	return record.Event, err
}

// placeOf reads "ANJU-52:12345".
func placeOf(position string) (province uint8, sequence uint64, ok bool) {
	stream, digits, _ := strings.Cut(position, ":")
	province, ours := events.ParseStreamName(stream)
	sequence, err := strconv.ParseUint(digits, 10, 64)
	return province, sequence, ours && err == nil
}

// describe shows an event's payload, in the shape that its type has now: sealed fields as sealed.
func (l language) describe(e *events.Event, to func(...any) string) []fieldShown {
	kind, err := e.Kind()
	if err != nil {
		return nil
	}
	fact, err := kind.Decode(e.Version, e.Data)
	if err != nil {
		return nil
	}
	data, err := domain.Encode(fact)
	if err != nil {
		return nil
	}
	d := describer{l, to}
	shown := d.object(kind.Fields(), data)
	if c, ok := fact.(*domain.RecordCorrected); ok {
		name, _, _ := domain.ParseSchema(c.Schema)
		if carried, known := domain.KindOf(name); known {
			shown = append(shown, d.carried(c, carried)...)
		}
	}
	return shown
}

// describer writes payloads in a language; to makes addresses.
type describer struct {
	lang language
	to   func(...any) string
}

// carried shows what a correction states instead.
func (d describer) carried(c *domain.RecordCorrected, kind *domain.Kind) []fieldShown {
	fact, err := c.Carried(kind)
	if err != nil {
		return nil
	}
	data, err := domain.Encode(fact)
	if err != nil {
		return nil
	}
	return []fieldShown{{Label: d.lang.say("更正后", "now"), Inner: d.object(kind.Fields(), data)}}
}

func (d describer) object(fields []domain.Field, data []byte) (shown []fieldShown) {
	var values map[string]jsontext.Value
	if json.Unmarshal(data, &values) != nil {
		return nil
	}
	for i := range fields {
		f := &fields[i]
		raw, there := values[f.Name]
		if !there || f.Type == domain.AnyField {
			continue
		}
		if !f.List {
			shown = append(shown, d.value(f, raw))
			continue
		}
		shown = append(shown, d.list(f, raw)...)
	}
	return shown
}

// list shows a list: codes and texts in one line, objects and entities one below the other.
func (d describer) list(f *domain.Field, raw jsontext.Value) (shown []fieldShown) {
	var all []jsontext.Value
	if json.Unmarshal(raw, &all) != nil {
		return []fieldShown{d.value(f, raw)} // a list that is sealed whole
	}
	if f.Type != domain.ObjectField && f.Type != domain.EntityField {
		var words []string
		for _, one := range all {
			words = append(words, d.value(f, one).Value)
		}
		return []fieldShown{{Label: d.lang.label(f.Label), Value: strings.Join(words, d.lang.say("、", ", "))}}
	}
	for i, one := range all {
		v := d.value(f, one)
		if len(all) > 1 {
			v.Label += " " + strconv.Itoa(i+1)
		}
		shown = append(shown, v)
	}
	return shown
}

func (d describer) value(f *domain.Field, raw jsontext.Value) fieldShown {
	s := fieldShown{Label: d.lang.label(f.Label)}
	if f.Class != domain.Open {
		s.Sealed, s.Value = true, d.lang.say("已封存", "sealed")
		return s
	}
	if f.Type == domain.ObjectField {
		s.Inner = d.object(f.Children, raw)
		return s
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = raw.String() // a number or a flag
	}
	s.Value = d.scalar(f, text)
	switch f.Type {
	case domain.EntityField:
		if e, err := domain.ParseEntity(text); err == nil {
			s.Entity, s.Href = text, entityAddress(e, d.to)
		}
	case domain.EventField:
		s.Href = d.to("/events/", text)
	}
	return s
}

// scalar writes a value that is neither sealed nor an object.
func (d describer) scalar(f *domain.Field, text string) string {
	switch f.Type {
	case domain.CodeField:
		return d.lang.term(f.Terms, text)
	case domain.BooleanField:
		if text == "true" {
			return d.lang.say("是", "yes")
		}
		return d.lang.say("否", "no")
	case domain.DivisionField:
		if name := domain.Division(text).FullName(); name != "" {
			return name + " " + text
		}
	case domain.IntegerField:
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil:
		case f.Unit == "fen":
			return yuan(domain.Fen(n)) + d.lang.say(" 元", " yuan")
		case f.Unit == "dm2":
			return strconv.FormatFloat(float64(n)/100, 'f', -1, 64) + " m²"
		case f.Name != "year":
			return grouped(n)
		}
	}
	return cut(text, longestText)
}

// entityAddress is the page of an entity, "" of a kind that has none.
func entityAddress(e domain.Entity, to func(...any) string) string {
	switch e.Kind() {
	case domain.HouseholdKind:
		return to("/households/", e)
	case domain.PersonKind:
		return to("/persons/", e)
	case domain.CommunityKind:
		return to("/communities/", e)
	}
	return ""
}

// mostInBrief is how many fields a line of a timeline shows of a fact.
const mostInBrief = 5

// brief are the telling fields of a fact: open ones that say something by themselves.
func brief(shown []fieldShown) (few []fieldShown) {
	for _, s := range shown {
		if len(s.Inner) > 0 {
			few = append(few, brief(s.Inner)...)
		} else if !s.Sealed && s.Href == "" && s.Entity == "" && s.Value != "" {
			s.Value = cut(s.Value, 60)
			few = append(few, s)
		}
		if len(few) >= mostInBrief {
			return few[:mostInBrief]
		}
	}
	return few
}

// areas are the six areas of follow-up support, the register and the ledger's own acts.
var areas = map[int]domain.Text{
	0: {ZH: "登记", EN: "Register"},
	1: {ZH: "配套设施与公共服务", EN: "Facilities and public services"},
	2: {ZH: "产业与就业", EN: "Industry and jobs"},
	3: {ZH: "社区管理", EN: "Community governance"},
	4: {ZH: "权益保障", EN: "Rights"},
	5: {ZH: "工作投入", EN: "Input"},
	6: {ZH: "指导与监督", EN: "Guidance and inspection"},
	9: {ZH: "账本自身", EN: "The ledger's own acts"},
}

// areaOrder is the order in which areas are shown.
var areaOrder = []int{0, 1, 2, 3, 4, 5, 6, 9}
