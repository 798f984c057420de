package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/export"
)

// mostExports is how many exports are made or sent at a time; others wait. Each keeps a processor
// busy, and a folder as large as its largest table among the temporary files until its client has that.
const mostExports = 2

// tarMedia is the media type of an export.
const tarMedia = "application/x-tar"

// exportRoutes hand out the tables of the ledger.
func exportRoutes() []*route {
	return []*route{{
		method: http.MethodGet, path: "/v1/export", id: "export", summary: "Tables of the ledger as plain files (Parquet, CSV, NDJSON, OCEL 2.0), as a tar whose last member is the manifest",
		detail: "The very files that anju export writes from the folder: the same parameters at the same positions give the same bytes. Each table is sent as soon as it is made; while nothing is to be sent a record that readers of tars skip goes out every fifteen seconds. What fails before the first byte is a problem; later the problem is the last member, problem.json, and the connection is broken off: what has no manifest is not whole. Two are made at a time, others wait. A client that takes nothing for thirty seconds is left; one that goes ends the work.",
		parameters: []parameter{
			query("tables", "tables, separated by commas: "+strings.Join(export.Tables(), ", ")+". Default: all, those of a day when as_of is given", text("", "facts,statuses")),
			query("format", "parquet by default", &huma.Schema{Type: huma.TypeString, Enum: formats()}),
			query("division", "only this division and what lies in it", text(divisionForm, "520603")),
			query("as_of", "only what was true by the end of this day; the tables of a day are of it: a date", text(dayForm, "2021-06-30")),
			query("known_at", "only what was recorded by this moment, or by the end of this date in China; default: all", text(momentForm, "2021-06-30")),
			query("parameters", "statuses judged by this parameter set; by default the one in force", text("", "anju-2021-1")),
			query("position", "made again: each stream is read up to here, as the first one's manifest says", text(positionForm, "ANJU-52:12345")),
		},
		media: tarMedia, schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}, kinds: []problemKind{notReached, noTemporary, needsOperator, notVerified}, serve: (*API).serveExport,
	}}
}

func formats() (all []any) {
	for _, f := range export.Formats() {
		all = append(all, string(f))
	}
	return all
}

// exportOrder reads the parameters.
func (a *API) exportOrder(q *question) (o export.Order, wrong *Problem) {
	o = export.Order{Format: export.Parquet, AsOf: domain.NoDay, Parameters: q.value("parameters")}
	if format := q.value("format"); format != "" {
		o.Format = export.Format(format)
	}
	if division := q.value("division"); division != "" {
		d, err := domain.ParseDivision(division)
		if err != nil {
			return o, badDivision("division", division)
		}
		o.Division = d
	}
	if day := q.value("as_of"); day != "" {
		var err error
		if o.AsOf, err = domain.ParseDay(day); err != nil {
			return o, refuse(badParameter, "as_of", domain.Shown(day), domain.Text{ZH: "应为日期，年份在1600至2999之间", EN: "a date of the years 1600 to 2999"},
				domain.Text{ZH: "例如 2021-06-30；不写时刻", EN: "such as 2021-06-30, without a time of day"})
		}
	}
	if o.KnownAt, wrong = knownAt(q.value("known_at")); wrong != nil {
		return o, wrong
	}
	position := q.value("position")
	ends, ok := parsePosition(position)
	if !ok {
		return o, badPosition("position", position)
	}
	for province, sequence := range ends {
		if o.End == nil {
			o.End = projections.Position{}
		}
		o.End[events.StreamName(province)] = sequence
	}
	if o.Tables = strings.Split(q.value("tables"), ","); q.value("tables") == "" {
		o.Tables = export.TablesOf(o.AsOf)
	}
	if err := o.Check(); err != nil {
		return o, wrongExport(q, err)
	}
	if _, err := a.views.KnownAt(0, 0).Under(o.Parameters); err != nil {
		return o, setProblem("parameters", err)
	}
	return o, nil
}

// wrongExport is the problem of an order that cannot be.
func wrongExport(q *question, err error) *Problem {
	tables := strings.Join(export.Tables(), ",")
	switch {
	case errors.Is(err, export.ErrFormat):
		return refuse(badParameter, "format", q.value("format"), domain.Text{ZH: "格式为 parquet、csv 或 ndjson", EN: "the format is parquet, csv or ndjson"},
			domain.Text{ZH: "留空为 parquet", EN: "leave it out for parquet"})
	case errors.Is(err, export.ErrDay):
		return refuse(badParameter, "as_of", "", domain.Text{ZH: "statuses、transitions、spells 以某日为准", EN: "statuses, transitions and spells are of a day"},
			domain.Text{ZH: "请给出 as_of，例如 2021-06-30；或只要其他表", EN: "give as_of, such as 2021-06-30, or leave these tables out"})
	}
	return refuse(badParameter, "tables", q.value("tables"), domain.Text{ZH: "应为已有的表，用逗号分隔", EN: "tables that there are, separated by commas"},
		domain.Text{ZH: "可用：" + tables, EN: "one or more of: " + tables})
}

func (a *API) serveExport(q *question) {
	o, wrong := a.exportOrder(q)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	if q.Method == http.MethodHead {
		asTar(q.w)
		return
	}
	out := &patient{w: q.w, control: http.NewResponseController(q.w), slow: a.slow}
	t, ctx := export.Begin(q.Context(), out, a.beat)
	err := a.sendExport(ctx, t, o)
	t.End()
	switch {
	case err == nil || !out.begun && q.Context().Err() != nil:
	case !out.begun:
		failedExport(err).write(q.w)
	default: // the client is to see that this is not all
		t.Fail(failedExport(err).document())
		panic(http.ErrAbortHandler)
	}
}

// sendExport makes and sends an export when it is its turn.
func (a *API) sendExport(ctx context.Context, t *export.Tar, o export.Order) error {
	select {
	case a.exporting <- struct{}{}:
		defer func() { <-a.exporting }()
		return t.Send(ctx, export.Source{Log: a.ledger, Views: a.views}, o)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func asTar(w http.ResponseWriter) {
	w.Header().Set("Content-Type", tarMedia)
	w.Header().Set("X-Accel-Buffering", "no") // a proxy hands on what comes, beats too
	w.Header().Set("Content-Disposition", `attachment; filename="anju-export.tar"`)
}

// patient sends a tar as it comes: it waits for a slow client at each write, and no longer than slow.
type patient struct {
	w       http.ResponseWriter
	control *http.ResponseController
	slow    time.Duration
	begun   bool // something was sent: the answer can no longer be a problem
}

// Write implements io.Writer.
func (p *patient) Write(b []byte) (int, error) {
	if !p.begun {
		asTar(p.w)
		p.begun = true
	}
	_ = p.control.SetWriteDeadline(time.Now().Add(p.slow)) // not every test writer has one
	n, err := p.w.Write(b)
	if err != nil {
		return n, err
	}
	if err := p.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return n, err
	}
	return n, nil
}

// failedExport is the problem of an export that was begun and could not be made; nothing of it is left.
func failedExport(err error) *Problem {
	switch {
	case errors.Is(err, events.ErrNotFound):
		return refuse(notReached, "position", "", domain.Text{ZH: "账本还没有到该位置", EN: "the ledger does not reach that position"},
			domain.Text{ZH: "请核对清单是否属于这个账本", EN: "check that the manifest is of this ledger"})
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, export.ErrTemp):
		return refuse(noTemporary, "", "", domain.Text{ZH: "服务器的临时目录（TMPDIR）须可写，并容得下最大的表", EN: "the server's folder of temporary files (TMPDIR) can be written, and has room for the largest table"},
			domain.Text{ZH: "请腾出空间，或缩小范围（表、区划）", EN: "make room, or ask for less: fewer tables, one division"})
	case errors.Is(err, book.ErrDamaged), errors.Is(err, events.ErrDiffers):
		return unverified(err)
	}
	return cannotRead(err)
}
