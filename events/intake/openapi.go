package intake

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/anju-ledger/anju/domain"
)

// operation is one operation of the door in: the router and the OpenAPI document are both made
// from it. A parameter that it does not declare is refused, so that none can be read that is not
// described.
type operation struct {
	method, path string
	id, summary  string
	detail       string
	parameters   []parameter
	bodies       map[string]*huma.Schema // by media type; nil = none
	statuses     []int                   // of the answer; the first is usual
	answers      map[string]shape        // by media type; nil = no content
	refuses      []int                   // statuses of its problems
	serve        http.HandlerFunc
}

// parameter is one parameter of a query or path, all of them text.
type parameter struct{ name, in, description string }

// shape makes the schema of an answer.
type shape func(huma.Registry) *huma.Schema

// of is the shape of a type.
func of[T any](schemas huma.Registry) *huma.Schema {
	return schemas.Schema(reflect.TypeFor[T](), true, reflect.TypeFor[T]().Name())
}

// ofAnswer is what one submission gets: a receipt or a problem.
func ofAnswer(schemas huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{of[Receipt](schemas), of[Problem](schemas)}}
}

// ofBody is what a body gets: a receipt when it is one event, otherwise an answer for each.
func ofBody(schemas huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{of[Receipt](schemas), {Type: huma.TypeArray, Items: ofAnswer(schemas)}}}
}

// ofAnswers is an answer for each event.
func ofAnswers(schemas huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: ofAnswer(schemas)}
}

// ofFile is a file's bytes.
func ofFile(huma.Registry) *huma.Schema { return anyFile() }

func anyFile() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "binary"} }

// Mount puts POST /v1/events into a router and its document.
func (d *Door) Mount(api huma.API) {
	api.OpenAPI().Components.Schemas.Map()["Submission"] = submissionSchema()
	mount(api, d.operations())
}

// Mount puts the imports into a router and its document.
func (s *Staging) Mount(api huma.API) { mount(api, s.operations()) }

func mount(api huma.API, all []operation) {
	for i := range all {
		o := &all[i]
		op := o.describe(api.OpenAPI().Components.Schemas)
		api.OpenAPI().AddOperation(op)
		api.Adapter().Handle(op, func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			o.guarded(w, r)
		})
	}
}

// router serves operations alone.
func router(all []operation) http.Handler {
	mux := http.NewServeMux()
	for i := range all {
		mux.HandleFunc(all[i].method+" "+all[i].path, all[i].guarded)
	}
	return mux
}

// guarded refuses parameters that the operation does not have: one that is misspelt would
// otherwise silently count for nothing.
func (o *operation) guarded(w http.ResponseWriter, r *http.Request) {
	for _, name := range slices.Sorted(maps.Keys(r.URL.Query())) {
		if slices.ContainsFunc(o.parameters, func(p parameter) bool { return p.name == name && p.in == "query" }) {
			continue
		}
		p := problemOf(0, []domain.Refusal{{
			Field: printable(name), Kind: domain.UnknownField, Rule: zhen("没有这个参数", "there is no such parameter"),
			Fix: zhen("GET /openapi.json 列出全部参数", "GET /openapi.json lists them"),
		}})
		p.Status = http.StatusBadRequest
		writeProblem(w, p)
		return
	}
	o.serve(w, r)
}

// describe writes the operation down.
func (o *operation) describe(schemas huma.Registry) *huma.Operation {
	op := &huma.Operation{
		Method: o.method, Path: o.path, OperationID: o.id, Summary: o.summary, Description: o.detail, Tags: []string{"recording"},
		Responses: map[string]*huma.Response{},
	}
	for _, p := range o.parameters {
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: p.name, In: p.in, Required: p.in == "path", Description: p.description, Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	if o.bodies != nil {
		op.RequestBody = &huma.RequestBody{Required: true, Content: content(o.bodies)}
	}
	answers := map[string]*huma.Schema{}
	for media, shape := range o.answers {
		answers[media] = shape(schemas)
	}
	for _, status := range o.statuses {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: o.summary, Content: content(answers)}
	}
	problem := of[Problem](schemas)
	for _, status := range o.refuses {
		op.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status), Content: content(map[string]*huma.Schema{"application/problem+json": problem}),
		}
	}
	return op
}

func content(schemas map[string]*huma.Schema) map[string]*huma.MediaType {
	all := map[string]*huma.MediaType{}
	for media, s := range schemas {
		all[media] = &huma.MediaType{Schema: s}
	}
	return all
}

// anySubmission refers to the schema of one event as it is handed in.
func anySubmission() *huma.Schema { return &huma.Schema{Ref: "#/components/schemas/Submission"} }

// submissionSchema describes one event as it is handed in; its data is the payload of its type,
// a component of the type's name.
func submissionSchema() *huma.Schema {
	plain := func(description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Description: description}
	}
	s := &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: false, Required: []string{"type", "time", "data"},
		Properties: map[string]*huma.Schema{
			"specversion": plain("1.0"), "id": plain("a UUID of version 7; or give key"), "key": plain("the business key; or give id"),
			"source": plain("/departments/<department>/<division>: the caller's own"), "type": plain("the type of the fact"),
			"dataschema": plain("anju:<type>/<version>: the present version"), "time": plain("when it was true: a date, or a moment as RFC 3339 writes it"),
			"division": plain("where the subject was then; the caller's by default"), "cause": plain("the event that this one follows from"),
			"subject":         {Description: "the home, <kind>/<id>, or {\"number\":…}; absent where the payload names or creates it"},
			"datacontenttype": plain("application/json"), "data": {Type: huma.TypeObject},
		},
	}
	for _, k := range domain.Kinds() {
		s.OneOf = append(s.OneOf, &huma.Schema{Properties: map[string]*huma.Schema{
			"type": {Type: huma.TypeString, Enum: []any{k.Name}}, "data": {Ref: "#/components/schemas/" + k.Name},
		}})
	}
	return s
}

// operations of the door itself.
func (d *Door) operations() []operation {
	list := &huma.Schema{Type: huma.TypeArray, Items: anySubmission()}
	return []operation{{
		method: http.MethodPost, path: "/v1/events", id: "record", summary: "Records events: one, a batch, or a stream of lines",
		detail: "NDJSON of any length is answered line by line while it comes; with atomic=true all of the body is one set, recorded whole or not at all. A receipt means that the event is on disk; the same event again gets the first receipt. Callers name themselves until identity exists.",
		parameters: []parameter{
			{"department", "query", "the department that records; also the header Anju-Department"},
			{"division", "query", "its division; also the header Anju-Division"},
			{"atomic", "query", "true: one set, of at most 1024 events and 4 MiB"},
		},
		bodies: map[string]*huma.Schema{
			"application/cloudevents+json": anySubmission(), "application/cloudevents-batch+json": list,
			"application/x-ndjson": anySubmission(), "application/ndjson": anySubmission(),
			"application/json": {OneOf: []*huma.Schema{anySubmission(), list}},
		},
		statuses: []int{http.StatusCreated, http.StatusOK},
		answers:  map[string]shape{"application/json": ofBody, "application/x-ndjson": ofAnswer},
		refuses:  []int{400, 403, 408, 409, 413, 415, 422, 503, 507}, serve: d.serveEvents,
	}, d.undoOperation(), d.takeBackOperation()}
}

// operations on files.
func (s *Staging) operations() []operation {
	id := parameter{"id", "path", "the import, as its staging answered"}
	file := parameter{"file", "query", "which file, from 0; 0 by default"}
	report := map[string]shape{"application/json": of[Import]}
	workbook := map[string]shape{
		"text/csv": ofFile, xlsxType: ofFile,
	}
	recorded := map[string]shape{"application/json": of[Import], "text/csv": ofFile, xlsxType: ofFile}
	return []operation{
		{
			method: http.MethodPost, path: "/v1/imports", id: "import", summary: "Stages departments' files and tries them: what would be recorded, what is wrong and why",
			detail: "The body is one file, or a form with parts \"file\" (several) and \"template\". Nothing is recorded before it is confirmed. Staged files are deleted after a day.",
			parameters: []parameter{
				{"division", "query", "the division that imports, required"},
				{"department", "query", "the department; by default that of each template"},
				{"name", "query", "the file's name"},
				{"effective", "query", "from when new members of known households belong to them"},
				{"changes", "query", "record: changed cells are recorded as corrections; keep, the default: they are only told"},
				{"confirm", "query", "true: record at once; false by default"},
				{"dryrun", "query", "false: stage without trying; true by default"},
			},
			bodies: map[string]*huma.Schema{
				"application/octet-stream": anyFile(), "text/csv": anyFile(), xlsxType: anyFile(),
				"multipart/form-data": {Type: huma.TypeObject, AdditionalProperties: true},
			},
			statuses: []int{http.StatusCreated}, answers: report, refuses: []int{400, 403, 408, 413, 415, 422, 503, 507}, serve: s.serveStage,
		},
		{
			method: http.MethodGet, path: "/v1/imports/{id}", id: "import-report", summary: "The dry run as of now, or the receipt",
			parameters: []parameter{id}, statuses: []int{http.StatusOK}, answers: report, refuses: []int{400, 404, 503}, serve: s.serveReport,
		},
		{
			method: http.MethodGet, path: "/v1/imports/{id}/progress", id: "import-progress", summary: "How many rows of which file are done",
			parameters: []parameter{id}, statuses: []int{http.StatusOK}, answers: map[string]shape{"application/json": of[Progress]}, refuses: []int{400, 404}, serve: s.serveProgress,
		},
		{
			method: http.MethodPost, path: "/v1/imports/{id}/confirm", id: "import-confirm", summary: "Records a staged import",
			parameters: []parameter{id, file, {"answer", "query", "workbook: the file with its remarks column comes back; report, the default: the receipt"}},
			statuses:   []int{http.StatusOK}, answers: recorded, refuses: []int{400, 404, 503, 507}, serve: s.serveConfirm,
		},
		{
			method: http.MethodGet, path: "/v1/imports/{id}/remarks", id: "import-remarks", summary: "The workbook with the dry run's remarks",
			parameters: []parameter{id, file}, statuses: []int{http.StatusOK}, answers: workbook, refuses: []int{400, 404, 503}, serve: s.serveRemarks,
		},
		{
			method: http.MethodDelete, path: "/v1/imports/{id}", id: "import-discard", summary: "Forgets a staged import and deletes its files",
			parameters: []parameter{id}, statuses: []int{http.StatusNoContent}, refuses: []int{400, 404, 503}, serve: s.serveDiscard,
		},
	}
}
