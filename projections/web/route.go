package web

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// route is one operation: where it is found, what it takes, what it gives, and what answers it.
// The router and the OpenAPI document are both made from it, so that neither can drift: a
// parameter that is not declared here cannot be read, and is refused.
type route struct {
	method, path string // a last part {name...} takes the rest of the address
	id           string // operationId
	summary      string
	detail       string
	parameters   []parameter
	body         any      // a value of the request body's type; nil = none
	gives        any      // a value of the answer's type; nil = not described by a type
	media        string   // of the answer; "" = application/json
	files        []string // media types that the same answer may have instead
	takesFile    string   // media type of a body that is a file; "" = none
	schema       *huma.Schema
	kinds        []problemKind // what it may be refused for, besides its parameters
	serve        func(*API, *question)
}

// parameter is one parameter of a path or query.
type parameter struct {
	name, in    string
	description string
	schema      *huma.Schema
}

// takes reports whether the route has a query parameter of the name.
func (r *route) takes(name string) bool {
	for i := range r.parameters {
		if p := &r.parameters[i]; p.name == name && p.in == "query" {
			return true
		}
	}
	return false
}

// names lists the route's query parameters.
func (r *route) names() string {
	var names []string
	for _, p := range r.parameters {
		if p.in == "query" {
			names = append(names, p.name)
		}
	}
	return strings.Join(names, " ")
}

// text is the schema of a parameter that is text of a form.
func text(pattern string, examples ...any) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: pattern, Examples: examples}
}

// inPath and query declare parameters.
func inPath(name, description string, s *huma.Schema) parameter {
	return parameter{name, "path", description, s}
}

func query(name, description string, s *huma.Schema) parameter {
	return parameter{name, "query", description, s}
}

// mount puts the route into the router and the document at once.
func (r *route) mount(a *API, api huma.API) {
	op := r.operation(api.OpenAPI().Components.Schemas)
	api.OpenAPI().AddOperation(op)
	routed := *op
	routed.Path = r.path
	api.Adapter().Handle(&routed, func(ctx huma.Context) {
		request, w := humago.Unwrap(ctx)
		q, wrong := readQuestion(w, request, r)
		if wrong != nil {
			wrong.write(w)
			return
		}
		if err := a.views.Stopped(); err != nil && r.asksViews() {
			stopped(err).write(w) // what they do not know may be recorded all the same
			return
		}
		r.serve(a, &q)
	})
}

// asksViews reports whether the answer is the views'; whether the ledger is ready is more than theirs.
func (r *route) asksViews() bool {
	return slices.Contains(r.kinds, viewsStopped) && r.path != "/readyz"
}

// operation describes the route.
func (r *route) operation(schemas huma.Registry) *huma.Operation {
	op := &huma.Operation{
		Method: r.method, Path: strings.ReplaceAll(r.path, "...}", "}"), OperationID: r.id, Summary: r.summary, Description: r.detail, Tags: []string{"answers"},
		Responses: map[string]*huma.Response{"200": {Description: r.summary, Content: map[string]*huma.MediaType{r.kind(): {Schema: r.answer(schemas)}}}},
	}
	for _, p := range r.parameters {
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: p.name, In: p.in, Required: p.in == "path", Description: p.description, Schema: p.schema,
		})
	}
	if r.body != nil {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Schema: schemas.Schema(reflect.TypeOf(r.body), true, r.id+"Request")},
		}}
	}
	for _, media := range r.files {
		op.Responses["200"].Content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	if r.takesFile != "" {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{r.takesFile: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	}
	for _, k := range append([]problemKind{badParameter}, r.kinds...) {
		describeProblem(op, k, schemas)
	}
	return op
}

// kind is the media type of the answer.
func (r *route) kind() string {
	if r.media == "" {
		return "application/json"
	}
	return r.media
}

func (r *route) answer(schemas huma.Registry) *huma.Schema {
	if r.gives == nil {
		return r.schema
	}
	return schemas.Schema(reflect.TypeOf(r.gives), true, r.id+"Answer")
}

// describeProblem adds a refusal to an operation.
func describeProblem(op *huma.Operation, k problemKind, schemas huma.Registry) {
	status, names := k.describe()
	code := http.StatusText(status)
	at := statusKey(status)
	if there := op.Responses[at]; there != nil {
		there.Description += "; " + names.EN + " (" + string(k) + ")"
		return
	}
	op.Responses[at] = &huma.Response{
		Description: code + ": " + names.EN + " (" + string(k) + ")",
		Content: map[string]*huma.MediaType{"application/problem+json": {
			Schema: schemas.Schema(reflect.TypeFor[Problem](), true, "Problem"),
		}},
	}
}
