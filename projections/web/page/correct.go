package page

import (
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// aim turns the form of a correction, void or dispute towards its target: its id is filled in, and a
// correction asks for the target's own fields, which begin with what is openly recorded. What is
// sealed is not known here and begins empty.
func (p *Page) aim(v *visit, page *recordPage, target string) error {
	record, err := p.findEvent(v.Context(), target)
	if err != nil {
		return err
	}
	e := record.Event
	kind, err := e.Kind()
	if err != nil {
		return stopped(err)
	}
	page.Target, page.TargetAt = v.lang.pick(kind.Label)+" "+e.Time.Day().String(), page.To("/events/", e.ID)
	page.County = string(e.Source.Division)
	if page.Kind != "record.disputed" { // which anybody may record
		page.Departments = slices.DeleteFunc(page.Departments, func(o option) bool { return o.Code != string(e.Source.Department) })
	}
	open, err := openPayload(e, kind)
	if err != nil {
		return stopped(err)
	}
	for i := range page.Fields {
		f := &page.Fields[i]
		switch {
		case f.Name == "target_event":
			f.Value = e.ID.String()
		case f.Type == string(domain.AnyField):
			f.Type, f.Children = string(domain.ObjectField), v.lang.formFields(kind.Fields())
			begin(f.Children, open)
		}
	}
	return nil
}

// openPayload is an event's payload in its present shape, the sealed fields left out.
func openPayload(e *events.Event, kind *domain.Kind) (map[string]jsontext.Value, error) {
	fact, err := kind.Decode(e.Version, e.Data)
	if err != nil {
		return nil, err
	}
	data, err := domain.Encode(fact)
	if err != nil {
		return nil, err
	}
	return openOnly(kind.Fields(), data)
}

// openOnly leaves the sealed fields of an object out, and what the door fills in.
func openOnly(fields []domain.Field, data []byte) (map[string]jsontext.Value, error) {
	var values map[string]jsontext.Value
	if err := json.Unmarshal(data, &values); err != nil {
		return nil, err
	}
	for i := range fields {
		f := &fields[i]
		raw, there := values[f.Name]
		switch {
		case !there:
		case f.Class != domain.Open || f.Minted:
			delete(values, f.Name)
		case f.Type == domain.ObjectField:
			open, err := openObjects(f, raw)
			if err != nil {
				return nil, err
			}
			values[f.Name] = open
		}
	}
	return values, nil
}

// openObjects is openOnly of an object, or of each of a list.
func openObjects(f *domain.Field, raw jsontext.Value) (jsontext.Value, error) {
	if !f.List {
		open, err := openOnly(f.Children, raw)
		if err != nil {
			return nil, err
		}
		return json.Marshal(open, json.Deterministic(true))
	}
	var all []jsontext.Value
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	for i := range all {
		open, err := openOnly(f.Children, all[i])
		if err != nil {
			return nil, err
		}
		if all[i], err = json.Marshal(open, json.Deterministic(true)); err != nil {
			return nil, err
		}
	}
	return json.Marshal(all)
}

// begin fills a form's fields with recorded values.
func begin(fields []formField, values map[string]jsontext.Value) {
	for i := range fields {
		if raw, there := values[fields[i].Name]; there {
			fields[i].begin(raw)
		}
	}
}

// begin fills one field; a list gets one item for each recorded one.
func (f *formField) begin(raw jsontext.Value) {
	if f.List {
		var all []jsontext.Value
		if json.Unmarshal(raw, &all) != nil {
			return // sealed whole
		}
		if f.Type == string(domain.CodeField) {
			for _, code := range all {
				f.choose(textOf(code))
			}
			return
		}
		for _, one := range all {
			item := f.clone()
			item.List = false
			item.begin(one)
			f.Items = append(f.Items, item)
		}
		return
	}
	if f.Type == string(domain.ObjectField) {
		var inner map[string]jsontext.Value
		if json.Unmarshal(raw, &inner) == nil {
			begin(f.Children, inner)
		}
		return
	}
	f.Value = textOf(raw)
	if n, err := strconv.ParseInt(f.Value, 10, 64); err == nil && f.UnitName != "" {
		f.Value = strconv.FormatFloat(float64(n)/100, 'f', -1, 64)
	}
	f.choose(f.Value)
}

// choose marks an option.
func (f *formField) choose(code string) {
	for k := range f.Options {
		f.Options[k].Chosen = f.Options[k].Chosen || f.Options[k].Code == code
	}
}

// clone copies a field so that filling it leaves the other as it is.
func (f *formField) clone() formField {
	c := *f
	c.Options, c.Children = slices.Clone(f.Options), make([]formField, len(f.Children))
	for i := range f.Children {
		c.Children[i] = f.Children[i].clone()
	}
	return c
}

// textOf is a value as a field shows it.
func textOf(raw jsontext.Value) string {
	var text string
	if raw.Kind() == '"' && json.Unmarshal(raw, &text) == nil {
		return text
	}
	return raw.String()
}
