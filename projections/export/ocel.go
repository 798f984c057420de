package export

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// ocelTable is the events as an object-centric event log (OCEL 2.0, JSON), for process mining:
// every entity is an object, every fact an event that is related to the entities it names by the
// name of the field. Attributes are the open single values of the payload; sealed fields are not in it.
// It is one file whatever the format.
const ocelTable = "ocel"

// The members of an OCEL 2.0 log (https://www.ocel-standard.org/2.0/ocel20-schema-json.json).
type (
	ocelType struct {
		Name       string          `json:"name"`
		Attributes []ocelAttribute `json:"attributes"`
	}
	ocelAttribute struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	ocelEvent struct {
		ID            string      `json:"id"`
		Type          string      `json:"type"`
		Time          string      `json:"time"`
		Attributes    []ocelValue `json:"attributes"`
		Relationships []ocelLink  `json:"relationships"`
	}
	ocelValue struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	ocelLink struct {
		Object    string `json:"objectId"`
		Qualifier string `json:"qualifier"`
	}
	ocelObject struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	}
)

// The attributes that every event has beside its payload's.
const (
	ocelDepartment = "department"
	ocelDivision   = "division"
	ocelRecorded   = "recorded"
)

func writeOCEL(ctx context.Context, e *exporter) error {
	out, err := e.folder.create(ocelTable + ".json")
	if err != nil {
		return err
	}
	l := &ocelLog{e: e, out: bufio.NewWriterSize(out, 1<<16), objects: map[domain.Entity]struct{}{}}
	err = l.write(ctx)
	file, closed := out.close()
	if err = errors.Join(err, closed); err != nil {
		return err
	}
	file.Rows = l.events
	e.manifest.Tables = append(e.manifest.Tables, TableFiles{Table: ocelTable, DependsOn: e.order.dependsOn(ocelTable), Rows: l.events, Files: []File{file}})
	e.progress(ocelTable, l.events)
	return nil
}

// ocelLog is one log on its way: events are written as they are read, their objects at the end.
type ocelLog struct {
	e       *exporter
	out     *bufio.Writer
	objects map[domain.Entity]struct{}
	events  int64
}

func (l *ocelLog) write(ctx context.Context) error {
	types, err := json.Marshal(objectTypes())
	if err != nil {
		return err
	}
	kinds, err := json.Marshal(eventTypes())
	if err != nil {
		return err
	}
	l.text(`{"objectTypes":`, string(types), `,"eventTypes":`, string(kinds), `,"events":[`)
	for event, err := range l.e.records(ctx) {
		if err != nil {
			return err
		}
		row, err := l.event(event)
		if err == nil {
			err = l.item(row, l.events == 0)
		}
		if err != nil {
			return err
		}
		if l.events++; l.events%batchRows == 0 {
			l.e.progress(ocelTable, l.events)
		}
	}
	l.text(`],"objects":[`)
	ids := make([]domain.Entity, 0, len(l.objects))
	for id := range l.objects {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for i, id := range ids {
		if err := l.item(ocelObject{id.String(), id.Kind().String()}, i == 0); err != nil {
			return err
		}
	}
	l.text("]}\n")
	return l.out.Flush()
}

// text writes text; a bufio.Writer keeps its first error for Flush.
func (l *ocelLog) text(parts ...string) {
	for _, p := range parts {
		_, _ = io.WriteString(l.out, p)
	}
}

// item writes one member of a list.
func (l *ocelLog) item(v any, first bool) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if !first {
		l.text(",")
	}
	l.text("\n", string(text))
	return nil
}

func objectTypes() (all []ocelType) {
	kinds := map[string]bool{}
	for _, k := range domain.Kinds() {
		kinds[k.Home.String()] = true
		for _, f := range k.Fields() {
			addKinds(kinds, &f)
		}
	}
	delete(kinds, "")
	for name := range kinds {
		all = append(all, ocelType{name, []ocelAttribute{}})
	}
	slices.SortFunc(all, func(a, b ocelType) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// addKinds adds the kinds of entities that a field and its children name.
func addKinds(kinds map[string]bool, f *domain.Field) {
	if f.Type == domain.EntityField {
		kinds[f.Entity.String()] = true
	}
	for i := range f.Children {
		addKinds(kinds, &f.Children[i])
	}
}

func eventTypes() (all []ocelType) {
	for _, k := range domain.Kinds() {
		t := ocelType{k.Name, []ocelAttribute{{ocelDepartment, "string"}, {ocelDivision, "string"}, {ocelRecorded, "time"}}}
		for _, f := range k.Fields() {
			if single(&f) {
				t.Attributes = append(t.Attributes, ocelAttribute{f.Name, ocelKind(f.Type)})
			}
		}
		all = append(all, t)
	}
	return all
}

// single reports whether a field is one open value.
func single(f *domain.Field) bool {
	return f.Class == domain.Open && !f.List && f.Type != domain.EntityField && f.Type != domain.ObjectField && f.Type != domain.AnyField
}

func ocelKind(t domain.FieldType) string {
	switch t {
	case domain.IntegerField:
		return "integer"
	case domain.BooleanField:
		return "boolean"
	}
	return "string"
}

// event reads a fact in the present version of its type.
func (l *ocelLog) event(e *events.Event) (o ocelEvent, err error) {
	kind, err := e.Kind()
	if err != nil {
		return o, err
	}
	fact, err := kind.Decode(e.Version, e.Data)
	if err != nil {
		return o, err
	}
	o = ocelEvent{ID: e.ID.String(), Type: e.Type, Time: rfc3339(e.Time), Relationships: []ocelLink{{l.object(e.Subject), "subject"}}}
	kind.VisitEntities(fact, func(ref domain.EntityRef) {
		if ref.ID.Present() {
			o.Relationships = append(o.Relationships, ocelLink{l.object(*ref.ID), qualifier(ref.Pointer)})
		}
	})
	o.Attributes, err = attributes(kind, fact)
	o.Attributes = append([]ocelValue{
		{ocelDepartment, string(e.Source.Department)}, {ocelDivision, string(e.Division)}, {ocelRecorded, rfc3339(e.Recorded)},
	}, o.Attributes...)
	return o, err
}

func rfc3339(m domain.Moment) string {
	text, _ := Moment(m).MarshalText() // never fails
	return string(text)
}

// object notes an entity that an event is related to.
func (l *ocelLog) object(id domain.Entity) string {
	l.objects[id] = struct{}{}
	return id.String()
}

// qualifier is the path of field names of a pointer: "/members/3/person" is "members.person".
func qualifier(pointer string) string {
	var names []string
	for part := range strings.SplitSeq(pointer[1:], "/") {
		if _, err := strconv.Atoi(part); err != nil {
			names = append(names, part)
		}
	}
	return strings.Join(names, ".")
}

// attributes are the open single values of a payload that are present.
func attributes(kind *domain.Kind, fact domain.Fact) ([]ocelValue, error) {
	data, err := domain.Encode(fact)
	if err != nil {
		return nil, err
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	var all []ocelValue
	for _, f := range kind.Fields() {
		value, present := members[f.Name]
		if !present || !single(&f) {
			continue
		}
		text := string(value)
		if value.Kind() == jsontext.KindString {
			if err := json.Unmarshal(value, &text); err != nil {
				return nil, err
			}
		}
		all = append(all, ocelValue{f.Name, text})
	}
	return all, nil
}
