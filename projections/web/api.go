// Package web is the door out: what the ledger tells over HTTP.
//
// Answers are JSON, streams are NDJSON, refusals are problem details (RFC 9457). It never
// records: the door in (events/intake) is mounted beside it by the command, and the two do not
// know each other. TestEventsAreReplayedByteForByte and its neighbours prove its promises.
package web

import (
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// API answers questions about a ledger. It may serve many requests at once.
type API struct {
	ledger *events.Ledger
	views  *projections.Views
	now    func() time.Time
}

// New returns the API of an open ledger and the views that follow it; now is the wall clock,
// the default of every at.
func New(ledger *events.Ledger, views *projections.Views, now func() time.Time) *API {
	return &API{ledger, views, now}
}

// Handler routes the questions.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/events", a.serveEvents)
	mux.HandleFunc("GET /v1/households", a.serveHouseholds)
	mux.HandleFunc("GET /v1/households/{id}", a.serveHousehold)
	mux.HandleFunc("GET /v1/households/{id}/timeline", a.serveTimeline)
	mux.HandleFunc("POST /v1/lookup", a.serveLookup)
	mux.HandleFunc("GET /v1/divisions/{code}/board", a.serveBoard)
	mux.HandleFunc("GET /v1/ledger", a.serveLedger)
	mux.HandleFunc("GET /v1/kinds", serveKinds)
	mux.HandleFunc("GET /v1/schemas/{type}", serveSchema)
	mux.HandleFunc("GET /v1/measures", func(w http.ResponseWriter, _ *http.Request) { answer(w, domain.DefaultMeasures()) })
	mux.HandleFunc("GET /v1/parameters", func(w http.ResponseWriter, _ *http.Request) { answer(w, domain.DefaultParameters()) })
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]string{"status": "ok"}) })
	mux.HandleFunc("GET /readyz", a.serveReady)
	return mux
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v, json.Deterministic(true)) // the same question, the same bytes
	if err != nil {
		problem{Status: http.StatusInternalServerError, Title: domain.Text{ZH: "内部错误", EN: "internal error"}}.write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // the client has gone: nobody to tell
}

// problem is a refusal as RFC 9457 writes it, in both languages.
type problem struct {
	Type   string      `json:"type"`
	Status int         `json:"status"`
	Title  domain.Text `json:"title"`
	Field  string      `json:"field,omitzero"`
	Value  string      `json:"value,omitzero"`
	Fix    domain.Text `json:"fix,omitzero"`
}

func (p problem) write(w http.ResponseWriter) {
	p.Type = "about:blank"
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"type":"about:blank","status":500}`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the client has gone: nobody to tell
}

// streamState is one stream of GET /v1/ledger.
type streamState struct {
	Stream  string `json:"stream"`
	Durable uint64 `json:"durable"`
	Foreign uint64 `json:"foreign"`
	Alarm   string `json:"alarm,omitzero"`
}

func (a *API) serveLedger(w http.ResponseWriter, _ *http.Request) {
	streams := []streamState{}
	for _, s := range a.ledger.Streams() {
		streams = append(streams, streamState(s))
	}
	answer(w, map[string]any{"streams": streams})
}

// serveReady says whether every door may write.
func (a *API) serveReady(w http.ResponseWriter, _ *http.Request) {
	for _, s := range a.ledger.Streams() {
		if s.Alarm != "" {
			problem{
				Status: http.StatusServiceUnavailable, Field: s.Stream, Value: s.Alarm,
				Title: domain.Text{ZH: "数据流需要处理", EN: "a stream needs the operator"},
				Fix:   domain.Text{ZH: "见 docs/operate.md", EN: "see docs/operate.md"},
			}.write(w)
			return
		}
	}
	answer(w, map[string]string{"status": "ready"})
}

// kindEntry is one type of GET /v1/kinds.
type kindEntry struct {
	Type        string              `json:"type"`
	Version     int                 `json:"version"`
	Rank        int                 `json:"rank"`
	Area        int                 `json:"area"`
	Departments []domain.Department `json:"departments"`
	Name        domain.Text         `json:"name"`
	Effect      domain.Text         `json:"effect"`
}

func serveKinds(w http.ResponseWriter, _ *http.Request) {
	entries := []kindEntry{}
	for _, k := range domain.Kinds() {
		entries = append(entries, kindEntry{k.Name, k.Version, k.Rank, k.Area, k.Departments, k.Label, k.Effect})
	}
	answer(w, entries)
}

func serveSchema(w http.ResponseWriter, r *http.Request) {
	k, known := domain.KindOf(r.PathValue("type"))
	if !known {
		problem{
			Status: http.StatusNotFound, Field: "type", Value: r.PathValue("type"),
			Title: domain.Text{ZH: "没有这个类型", EN: "there is no such type"},
			Fix:   domain.Text{ZH: "GET /v1/kinds 列出全部类型", EN: "GET /v1/kinds lists them"},
		}.write(w)
		return
	}
	answer(w, jsontext.Value(k.JSONSchema()))
}
