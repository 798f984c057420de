package web

import (
	"bytes"
	"path"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections/ask"
)

// version is that of the addresses and bodies; what is in v1 is only ever added to.
const version = "1.0.0"

// componentPrefix is where the document keeps its schemas.
const componentPrefix = "#/components/schemas/"

// newDocument is an OpenAPI 3.1 document without operations. Types are described as
// go-json-experiment/json writes them.
func newDocument() *huma.OpenAPI {
	schemas := huma.NewMapRegistry(componentPrefix, schemaName)
	for _, t := range textTypes() {
		schemas.RegisterTypeAlias(t, reflect.TypeFor[string]())
	}
	schemas.RegisterTypeAlias(reflect.TypeFor[ask.Cell](), reflect.TypeFor[any]()) // null, a number, a text, or a code with its names
	schemas.RegisterTypeAlias(reflect.TypeFor[domain.Readings](), reflect.TypeFor[map[string]domain.Reading]())
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "安居 Anju", Version: version,
			Description: "The ledger of follow-up support for relocated households: what departments recorded, and what is known of it as of any day. Refusals are problem details (RFC 9457) in Chinese and English.",
		},
		Components: &huma.Components{Schemas: schemas},
	}
}

// textTypes are types that are written as text but are only ever written.
func textTypes() []reflect.Type {
	return []reflect.Type{reflect.TypeFor[domain.OverdueKind]()}
}

// schemaName names a type's schema; one of another door bears its package's name in front.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	switch from := path.Base(t.PkgPath()); from {
	case ".", "web", "projections", "domain":
		return name
	default:
		return strings.ToUpper(from[:1]) + from[1:] + name
	}
}

// finish adds what no Go type describes, the event on the wire and the payloads of all types, and
// returns the document's bytes.
func finish(api huma.API) []byte {
	written, err := json.Marshal(api.OpenAPI(), json.Deterministic(true))
	for _, t := range []string{huma.TypeArray, huma.TypeInteger, huma.TypeNumber} { // an absent value is left out, never null
		written = bytes.ReplaceAll(written, []byte(`["`+t+`","null"]`), []byte(`"`+t+`"`))
	}
	var document map[string]jsontext.Value
	if err == nil {
		err = json.Unmarshal(written, &document)
	}
	var components map[string]map[string]jsontext.Value
	if err == nil {
		err = json.Unmarshal(document["components"], &components)
	}
	if err == nil {
		components["schemas"]["Event"] = eventSchema()
		for _, k := range domain.Kinds() {
			components["schemas"][k.Name] = k.JSONSchema()
		}
		document["components"], err = json.Marshal(components, json.Deterministic(true))
	}
	if err == nil {
		written, err = json.Marshal(document, json.Deterministic(true))
	}
	if err != nil {
		panic("web: the document does not encode: " + err.Error()) // it is made from this program's own types
	}
	return written
}

// eventSchema describes an event as it stands in the log (docs/format.md).
func eventSchema() jsontext.Value {
	plain := func(description string) map[string]any {
		return map[string]any{"type": "string", "description": description}
	}
	properties := map[string]any{
		"specversion": map[string]any{"const": "1.0"}, "id": plain("a lower-case UUID; derived from source and key, or the submitter's version 7"),
		"source": plain("/departments/<department>/<division>: who recorded"), "type": map[string]any{"enum": codesOf(types())},
		"dataschema": plain("anju:<type>/<version>; the payload of the present version is the component of the type's name"),
		"subject":    plain("the home: <kind>/<id>"), "time": plain("when it was true in the world"), "home": plain("<province>.<county>"),
		"sequence": map[string]any{"type": "string", "pattern": "^[0-9]{20}$"}, "recordedtime": plain("when the ledger took it, UTC"),
		"division": plain("where the subject was at time"), "key": plain("business key"), "batch": plain("<batch id>/<sheet row> of an import"),
		"set": plain("<uuid>/<part>/<parts>"), "cause": plain("the event that this one follows from"), "signature": plain("reserved"),
		"signedby": plain("reserved"), "datacontenttype": map[string]any{"const": "application/json"},
		"data": map[string]any{"type": "object", "description": "the payload; a sealed field is {\"sealed\":\"…\"}"},
	}
	b, err := json.Marshal(map[string]any{
		"type": "object", "title": "Event", "description": "One CloudEvents 1.0 document of at most " + strconv.Itoa(events.MaxEvent) + " bytes, as it stands in the log.",
		"properties": properties, "additionalProperties": false,
		"required": []string{"specversion", "id", "source", "type", "dataschema", "subject", "time", "home", "sequence", "recordedtime", "division", "datacontenttype", "data"},
	}, json.Deterministic(true))
	if err != nil {
		panic("web: the event's schema does not encode: " + err.Error())
	}
	return b
}

func codesOf(terms []domain.Term) []string {
	codes := make([]string, len(terms))
	for i, t := range terms {
		codes[i] = t.Code
	}
	return codes
}

// statusKey is how a document writes a status.
func statusKey(status int) string { return strconv.Itoa(status) }
