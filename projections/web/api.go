// Package web is the door out: what the ledger tells over HTTP and as a NATS micro service.
//
// Answers are JSON, streams are NDJSON, refusals are problem details (RFC 9457), and all of it is
// described as OpenAPI 3.1 at /openapi.json, made from the routes themselves. It never records:
// the door in (events/intake) is mounted beside it by the command, and the two do not know each
// other. TestEventsAreReplayedByteForByte and its neighbours prove its promises.
package web

import (
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/ask"
)

// API answers questions about a ledger. It may serve many requests at once.
type API struct {
	ledger  *events.Ledger
	views   *projections.Views
	now     func() time.Time
	wait    time.Duration // how long at_least may wait
	beat    time.Duration // between the empty lines of a stream that follows
	slow    time.Duration // a client may take for one write of a stream
	patient time.Duration // with a client whose body does not come
	metrics *metrics

	answers ask.Kept // of standing questions, for the pages that follow

	verifying chan struct{} // held by the verification that runs
	exporting chan struct{} // held by the exports that are made or sent
}

// New returns the API of an open ledger and the views that follow it; now is the wall clock,
// the default of every at.
func New(ledger *events.Ledger, views *projections.Views, now func() time.Time) *API {
	return &API{
		ledger: ledger, views: views, now: now, wait: positionWait, beat: beatEvery, slow: slowest, patient: bodyWait,
		metrics: newMetrics(ledger, views), verifying: make(chan struct{}, 1), exporting: make(chan struct{}, mostExports),
	}
}

// Mount adds the operations of another door to the router and the document.
type Mount func(huma.API)

// Handler routes the questions, and the operations of the doors that are mounted beside them.
func (a *API) Handler(others ...Mount) http.Handler { return a.route(http.NewServeMux(), others) }

// route fills a router. Everything in it is an operation of the document, but for the answers to
// what is not.
func (a *API) route(mux humago.Mux, others []Mount) http.Handler {
	api := humago.New(mux, huma.Config{OpenAPI: newDocument()})
	var document []byte // of all operations, its own included: made last
	all := append(routes(), &route{
		method: http.MethodGet, path: "/openapi.json", id: "openapi", summary: "This document", media: "application/openapi+json",
		schema: anyObject(), serve: func(_ *API, q *question) { send(q.w, "application/openapi+json", document) },
	}, &route{
		method: http.MethodGet, path: "/metrics", id: "metrics", summary: "Figures for Prometheus", media: "text/plain",
		schema: text(""), serve: func(a *API, q *question) { a.metrics.handler.ServeHTTP(q.w, q.Request) },
	})
	for _, r := range all {
		r.mount(a, api)
	}
	for _, mount := range others {
		mount(api)
	}
	document = finish(api)
	refuseTheRest(mux, api.OpenAPI())
	return a.metrics.measure(asWritten(mux))
}

// asWritten refuses an address that the router would put right first, such as one with two slashes where an id is missing:
// its answer to that is a page of HTML that leads elsewhere.
func asWritten(mux http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at := r.URL.EscapedPath(); strings.TrimSuffix(at, "/") != strings.TrimSuffix(path.Clean(at), "/") {
			noSuchAddress().write(w)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func noSuchAddress() *Problem {
	return refuse(unknownRoute, "", "", domain.Text{ZH: "地址应为 GET /openapi.json 所列之一", EN: "one of the addresses that GET /openapi.json lists"},
		domain.Text{ZH: "请核对地址", EN: "check the address"})
}

// refuseTheRest answers what no operation takes: another method of a known address, and any
// other address. Neither is repeated, since an official number may stand in it.
func refuseTheRest(mux humago.Mux, document *huma.OpenAPI) {
	for address, item := range document.Paths {
		if strings.HasSuffix(address, tilePath) {
			address = strings.TrimSuffix(address, "}") + "...}"
		}
		allowed := strings.Join(methods(item), ", ")
		mux.HandleFunc(address, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", allowed)
			refuse(wrongMethod, "", "", domain.Text{ZH: "此地址接受：" + allowed, EN: "the address takes: " + allowed},
				domain.Text{ZH: "GET /openapi.json 列出全部操作", EN: "GET /openapi.json lists all operations"}).write(w)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		noSuchAddress().write(w)
	})
}

// methods lists the methods of a documented address; HEAD goes wherever GET does.
func methods(item *huma.PathItem) (all []string) {
	for method, op := range map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete, http.MethodPatch: item.Patch,
	} {
		if op != nil {
			all = append(all, method)
		}
	}
	if item.Get != nil {
		all = append(all, http.MethodHead)
	}
	slices.Sort(all)
	return all
}
