package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/events"
)

// verifyRoutes read one event, and verify the running ledger.
func verifyRoutes() []*route {
	return []*route{
		{
			method: http.MethodGet, path: "/v1/events/{id}", id: "event", summary: "One event, byte for byte as it stands in the log",
			parameters: []parameter{inPath("id", "the event's id, as timelines, comparisons and evidence name it, or where it stands", text("", "ANJU-52:12345"))},
			media:      "application/json", schema: &huma.Schema{Ref: "#/components/schemas/Event"}, kinds: []problemKind{unknownEntity, notVerified}, serve: (*API).serveEvent,
		},
		{
			method: http.MethodGet, path: "/v1/events/{id}/verify", id: "verify-event", summary: "Both copies of an event, hashed against its leaf, and the leaf against the last checkpoint",
			detail:     "What is wrong stands in findings: altered, lost or forked, in the stream, the book, its tiles or the checkpoint. Check the proof too: whoever can change the ledger can change this answer.",
			parameters: []parameter{inPath("id", "the event's id, or where it stands, as its receipt says", text("", "ANJU-52:12345"))},
			gives:      events.EventReport{}, kinds: []problemKind{unknownEntity, needsOperator}, serve: (*API).serveVerifyEvent,
		},
		{
			method: http.MethodPost, path: "/v1/ledger/verify", id: "verify", summary: "Reads a whole stream and its book, and compares them",
			detail:     "NDJSON: lines of how far it is, {done, all}, then one with the report: every event that was altered, lost, inserted or reordered. One at a time: others wait.",
			parameters: []parameter{query("stream", "the stream", text(`^ANJU-[0-9]{2}$`, "ANJU-52"))},
			media:      "application/x-ndjson", schema: anyObject(), kinds: []problemKind{unknownEntity}, serve: (*API).serveVerify,
		},
	}
}

func (a *API) serveEvent(q *question) {
	where := q.PathValue("id")
	province, sequence, ok := a.place(where)
	if !ok {
		badPosition("id", where).write(q.w)
		return
	}
	rec, err := a.ledger.Get(q.Context(), province, sequence)
	switch {
	case errors.Is(err, events.ErrNotFound), err == nil && rec.Event == nil: // what is there may be none of ours
		noSuchStream("id", where).write(q.w)
	case err != nil:
		unverified(err).write(q.w)
	default:
		send(q.w, "application/json", rec.Body)
	}
}

func (a *API) serveVerifyEvent(q *question) {
	where := q.PathValue("id")
	province, sequence, ok := a.place(where)
	if !ok {
		badPosition("id", where).write(q.w)
		return
	}
	report, err := a.ledger.VerifyEvent(q.Context(), province, sequence)
	switch {
	case errors.Is(err, events.ErrNotFound):
		noSuchStream("id", where).write(q.w)
	case err != nil:
		unverified(err).write(q.w)
	default:
		answer(q.w, report)
	}
}

// verifyStep is a line of the answer of serveVerify.
type verifyStep struct {
	Done   uint64               `json:"done,omitzero"`
	All    uint64               `json:"all,omitzero"`
	Report *events.VerifyReport `json:"report,omitzero"`
	Error  string               `json:"error,omitzero"`
}

func (a *API) serveVerify(q *question) {
	stream := q.URL.Query().Get("stream")
	province, ours := events.ParseStreamName(stream)
	if _, err := a.ledger.Book(province); err != nil || !ours {
		noSuchStream("stream", stream).write(q.w)
		return
	}
	ctx, stop := context.WithCancel(q.Context())
	defer stop()
	select {
	case a.verifying <- struct{}{}:
		defer func() { <-a.verifying }()
	case <-ctx.Done():
		return
	}
	q.w.Header().Set("Content-Type", "application/x-ndjson")
	out := &lines{w: q.w, control: http.NewResponseController(q.w), eager: true, slow: a.slow}
	write := func(step verifyStep) {
		line, err := json.Marshal(step)
		if err != nil || !out.write(line) {
			stop() // nobody is waiting for it any more
		}
	}
	report, err := a.ledger.Verify(ctx, province, func(done, all uint64) { write(verifyStep{Done: done, All: all}) })
	if err != nil {
		write(verifyStep{Error: err.Error()})
		return
	}
	write(verifyStep{Report: &report})
}
