// Package page is what people look at: the county's numbers, a household's file, forms, the
// import of spreadsheets and the ledger's own state, as pages in Chinese and English.
//
// Pages are made on the server from html/template, work without a network beyond the server and
// run no inline script; htmx refreshes parts of them, ECharts draws what moves over time. Names
// stay sealed: pages show ids, relations, months of birth and addresses. Writing is left to the
// doors at /v1/…, which the page's own scripts call; this package records nothing and does not
// know the door in. The flows in browser_test.go prove its promises in a real browser.
package page

import (
	"html/template"
	"net/http"
	"sync"
	"time"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/ask"
)

// Page serves the pages of a ledger. It may serve many requests at once.
type Page struct {
	ledger *events.Ledger
	views  *projections.Views
	now    func() time.Time
	looks  map[language]*template.Template
	assets assets
	boards kept[projections.BoardAnswer]
	lists  kept[projections.SiftAnswer]
	works  kept[projections.WorksAnswer]
	asked  ask.Kept // answers of standing questions
	firsts sync.Map // province to when its first event was recorded
}

// New returns the pages of an open ledger and the views that follow it; now is the wall clock,
// the default of every moment asked about.
func New(ledger *events.Ledger, views *projections.Views, now func() time.Time) *Page {
	return &Page{ledger: ledger, views: views, now: now, assets: packed(), looks: parsed()}
}

// route is one address of the page and what answers it.
type route struct {
	pattern string
	serve   func(*Page, *visit) error
}

// routes are the addresses of the page. What changes nothing is GET; an official number, which is
// personal, comes in a POST's body, so that it stands in no address.
func routes() []route {
	return []route{
		{"GET /{$}", (*Page).serveHome},
		{"GET /divisions/{code}", (*Page).serveOverview},
		{"GET /divisions/{code}/progress", (*Page).serveProgress},
		{"GET /households/{id}", (*Page).serveHousehold},
		{"GET /persons/{id}", (*Page).servePerson},
		{"GET /communities/{id}", (*Page).serveCommunity},
		{"GET /events/{id}", (*Page).serveEvent},
		{"GET /lists", (*Page).serveLists},
		{"GET /funds", (*Page).serveFunds},
		{"GET /discrepancies", (*Page).serveDiscrepancies},
		{"GET /disputes", (*Page).serveDisputes},
		{"GET /changes", (*Page).serveChanges},
		{"GET /facilities", (*Page).serveFacilities},
		{"GET /totals/{key}", (*Page).serveTotal},
		{"GET /questions", (*Page).serveQuestions},
		{"GET /questions/{name}", (*Page).serveQuestion},
		{"POST /questions/{name}", (*Page).serveQuestion},
		{"GET /find", (*Page).serveFind},
		{"GET /import", (*Page).serveImport},
		{"GET /undo", (*Page).serveUndo},
		{"GET /record", (*Page).serveRecord},
		{"GET /ledger", (*Page).serveLedger},
		{"GET /event", (*Page).serveEventAsked},
		{"GET /record/{type}", (*Page).serveForm},
		{"POST /find", (*Page).serveLookup},
	}
}

// Handler answers the page's addresses, and hands every other request to the API. The whole
// server is guarded against requests that another site makes a browser send (Sec-Fetch-Site and
// Origin); programs, which send neither header, are not touched.
func (p *Page) Handler(api http.Handler) http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes() {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { p.answer(w, req, r.serve) })
	}
	mux.HandleFunc("GET /assets/{name}", p.assets.serve)
	mux.HandleFunc("GET /live", p.serveLive)
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		if !isPage(req) {
			api.ServeHTTP(w, req)
			return
		}
		p.answer(w, req, func(*Page, *visit) error { return notThere(noAddress) })
	})
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(refuseForeign))
	return guard.Handler(mux)
}

// answer serves one request of a page; an error becomes a page that says what to do.
func (p *Page) answer(w http.ResponseWriter, r *http.Request, serve func(*Page, *visit) error) {
	secure(w.Header())
	v, err := p.receive(w, r)
	if v == nil {
		return // sent on
	}
	if err == nil {
		err = serve(p, v)
	}
	if err != nil {
		p.fail(v, err)
	}
}

// policy allows nothing but what this server itself sends: no inline script or style, no frame
// around the page, no form to another site.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secure sets the headers of every page.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// refuseForeign answers a write that a page of another site sent.
func refuseForeign(w http.ResponseWriter, _ *http.Request) {
	secure(w.Header())
	http.Error(w, "拒绝来自其他网站的写入请求 / a write from another site is refused", http.StatusForbidden)
}
