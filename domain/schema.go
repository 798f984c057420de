package domain

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// schema is one JSON Schema (draft 2020-12) in the order in which it is written. The words that
// begin with x- are ours: names in Chinese and English, the class of a field, and what the door
// does with it.
type schema struct {
	Draft       string         `json:"$schema,omitzero"`
	ID          string         `json:"$id,omitzero"`
	Title       string         `json:"title,omitzero"`
	Description string         `json:"description,omitzero"`
	ZH          string         `json:"x-title-zh,omitzero"`
	EffectZH    string         `json:"x-effect-zh,omitzero"`
	Type        string         `json:"type,omitzero"`
	Format      string         `json:"format,omitzero"`
	Pattern     string         `json:"pattern,omitzero"`
	MinLength   int            `json:"minLength,omitzero"`
	MaxLength   int            `json:"maxLength,omitzero"`
	Minimum     *int64         `json:"minimum,omitzero"`
	Maximum     *int64         `json:"maximum,omitzero"`
	Enum        []string       `json:"enum,omitzero"`
	Terms       []Term         `json:"x-terms,omitzero"`
	MinItems    int            `json:"minItems,omitzero"`
	MaxItems    int            `json:"maxItems,omitzero"`
	Items       *schema        `json:"items,omitzero"`
	Properties  jsontext.Value `json:"properties,omitzero"`
	Required    []string       `json:"required,omitzero"`
	Closed      *bool          `json:"additionalProperties,omitzero"`
	AnyOf       []schema       `json:"anyOf,omitzero"`
	Class       string         `json:"x-class,omitzero"`
	Entity      string         `json:"x-entity,omitzero"`
	Unit        string         `json:"x-unit,omitzero"`
	Door        string         `json:"x-door,omitzero"`
	Examples    []Fact         `json:"examples,omitzero"`
}

// The forms of ids and references in a submission (WIRE §2).
const (
	eventPattern    = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
	divisionPattern = "^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$"
	monthPattern    = "^[0-9]{4}-(0[1-9]|1[0-2])$"
	idPattern       = "[0-9a-hjkmnp-tv-z]{12}$"
)

// JSONSchema describes the payload of a submission of the type, as JSON Schema 2020-12: field
// names in both languages, code lists with their names (x-terms), classes (x-class) and what
// the door does with an entity (x-door: "mints" it, or "creates" it when it is new). The bytes
// are the same at every call; they are the caller's.
func (k *Kind) JSONSchema() jsontext.Value {
	s := objectSchema(k.Fields())
	s.Draft = "https://json-schema.org/draft/2020-12/schema"
	s.ID = k.Schema()
	s.Title, s.ZH = k.Label.EN, k.Label.ZH
	s.Description, s.EffectZH = k.Effect.EN, k.Effect.ZH
	s.Examples = []Fact{k.Sample}
	return mustEncode(s)
}

func mustEncode(s any) jsontext.Value {
	b, err := json.Marshal(s, json.Deterministic(true))
	if err != nil {
		panic("domain: a schema does not encode: " + err.Error())
	}
	return b
}

func objectSchema(fields []Field) schema {
	closed := false
	s := schema{Type: "object", Closed: &closed}
	properties := []byte{'{'}
	for i := range fields {
		f := &fields[i]
		if i > 0 {
			properties = append(properties, ',')
		}
		properties = append(append(append(properties, '"'), f.Name...), `":`...)
		properties = append(properties, mustEncode(fieldSchema(f))...)
		if f.Required && !f.Minted && !f.Created {
			s.Required = append(s.Required, f.Name)
		}
	}
	s.Properties = append(properties, '}')
	return s
}

// fieldSchema describes one field; the names of a list stand at the list.
func fieldSchema(f *Field) schema {
	s := valueSchema(f)
	if f.List {
		one := s
		s = schema{Type: "array", Items: &one, MaxItems: maxList}
		if f.Required {
			s.MinItems = 1
		}
	}
	s.Title, s.ZH = f.Label.EN, f.Label.ZH
	s.Class = f.Class.String()
	s.Unit = f.Unit
	switch {
	case f.Minted:
		s.Door = "mints"
	case f.Created:
		s.Door = "creates"
	}
	return s
}

func valueSchema(f *Field) schema {
	switch f.Type {
	case CodeField:
		s := schema{Type: "string", Terms: f.Terms}
		for _, t := range f.Terms {
			s.Enum = append(s.Enum, t.Code)
		}
		return s
	case IntegerField:
		return schema{Type: "integer", Minimum: f.Min, Maximum: f.Max}
	case BooleanField:
		return schema{Type: "boolean"}
	case DateField:
		return schema{Type: "string", Format: "date"}
	case MonthField:
		return schema{Type: "string", Pattern: monthPattern}
	case DivisionField:
		return schema{Type: "string", Pattern: divisionPattern}
	case EventField:
		return schema{Type: "string", Pattern: eventPattern}
	case EntityField:
		return entitySchema(f)
	case ObjectField:
		return objectSchema(f.Children)
	case AnyField:
		return schema{Type: "object"}
	}
	switch {
	case f.Class != Open:
		return schema{Type: "string", MinLength: 1, MaxLength: maxSealed}
	case f.Name == "approved_by":
		return schema{Type: "string", Pattern: approverPattern, MaxLength: longestApprover}
	}
	return schema{Type: "string", MinLength: 1, MaxLength: maxText}
}

// entitySchema accepts an id, or the official number or code that the door looks up.
func entitySchema(f *Field) schema {
	letter := "[" + kindLetters + "]"
	if f.Entity != 0 {
		letter = string(rune(f.Entity))
	}
	closed := false
	byNumber := schema{
		Type: "object", Required: []string{"number"}, Closed: &closed,
		Properties: jsontext.Value(`{"number":{"type":"string","minLength":1},"division":{"type":"string","pattern":"` + divisionPattern + `"}}`),
	}
	return schema{AnyOf: []schema{{Type: "string", Pattern: "^" + letter + idPattern}, byNumber}, Entity: f.Entity.String()}
}
