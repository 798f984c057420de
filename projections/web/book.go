package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

// The resources of a static log below /book/<stream>/, as C2SP tlog-tiles names them.
const (
	tilesMedia = "application/octet-stream"
	forEver    = "public, max-age=31536000, immutable" // a tile never changes
	tilePath   = "/tile/{tile}"                        // takes the rest of its address
)

// bookRoutes serve the books: checkpoints, tiles, entries and proofs.
func bookRoutes() []*route {
	stream := inPath("stream", "the stream", text(`^ANJU-[0-9]{2}$`, "ANJU-52"))
	bytes := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	return []*route{
		{
			method: http.MethodGet, path: "/book/{stream}/checkpoint", id: "checkpoint", summary: "The last signed checkpoint of a stream (C2SP tlog-checkpoint)",
			parameters: []parameter{stream}, media: "text/plain", schema: text(""), kinds: []problemKind{unknownEntity}, serve: (*API).serveCheckpoint,
		},
		{
			method: http.MethodGet, path: "/book/{stream}/key", id: "book-key", summary: "The public key that checks a stream's checkpoints and proofs (C2SP signed-note)",
			parameters: []parameter{stream}, media: "text/plain", schema: text(""), kinds: []problemKind{unknownEntity}, serve: (*API).serveBookKey,
		},
		{
			method: http.MethodGet, path: "/book/{stream}" + strings.TrimSuffix(tilePath, "}") + "...}", id: "tile", summary: "A tile of the tree, or a bundle of entries (C2SP tlog-tiles)",
			parameters: []parameter{stream, inPath("tile", "<level>/<number>[.p/<width>]; level entries for a bundle of entries", text("", "0/x001/234"))},
			media:      tilesMedia, schema: bytes, kinds: []problemKind{unknownEntity, notVerified}, serve: (*API).serveTile,
		},
		{
			method: http.MethodGet, path: "/v1/events/{id}/proof", id: "proof", summary: "The proof that an event is in the ledger (C2SP tlog-proof)",
			detail:     "It carries the event's bytes and is checked offline, with the stream's public key alone: anju verify proof.",
			parameters: []parameter{inPath("id", "the event's id, or where it stands, as its receipt says", text("", "ANJU-52:12345"))},
			media:      "text/plain", schema: text(""), kinds: []problemKind{unknownEntity, notVerified}, serve: (*API).serveProof,
		},
	}
}

// noSuchStream is the problem of a stream, tile or event that the book does not hold.
func noSuchStream(field, value string) *Problem {
	return refuse(unknownEntity, field, value, domain.Text{ZH: "账本中没有", EN: "the book does not hold it"},
		domain.Text{ZH: "GET /v1/ledger 列出数据流及其位置", EN: "GET /v1/ledger lists the streams and how far they reach"})
}

func (a *API) serveCheckpoint(q *question) {
	stream := q.PathValue("stream")
	text, err := a.ledger.Checkpoint(stream)
	if err != nil {
		noSuchStream("stream", stream).write(q.w)
		return
	}
	q.w.Header().Set("Cache-Control", "no-cache")
	send(q.w, "text/plain; charset=utf-8", text)
}

func (a *API) serveBookKey(q *question) {
	stream := q.PathValue("stream")
	province, ours := events.ParseStreamName(stream)
	_, none := a.ledger.Book(province)
	key, err := a.ledger.VerifierKey(stream)
	if err != nil || none != nil || !ours {
		noSuchStream("stream", stream).write(q.w)
		return
	}
	send(q.w, "text/plain; charset=utf-8", []byte(key+"\n"))
}

func (a *API) serveTile(q *question) {
	stream := q.PathValue("stream")
	province, ours := events.ParseStreamName(stream)
	b, err := a.ledger.Book(province)
	if err != nil || !ours {
		noSuchStream("stream", stream).write(q.w)
		return
	}
	published, err := a.published(stream)
	if err != nil {
		noSuchStream("stream", stream).write(q.w)
		return
	}
	raw, err := b.Tile(q.PathValue("tile"), published.Size)
	switch {
	case errors.Is(err, book.ErrNotThere):
		noSuchStream("tile", q.PathValue("tile")).write(q.w)
	case err != nil:
		unverified(inStream(stream, err)).write(q.w)
	default:
		q.w.Header().Set("Cache-Control", forEver)
		send(q.w, tilesMedia, raw)
	}
}

// published returns the head of the checkpoint that readers get of a stream: what is behind it is not
// given out for ever.
func (a *API) published(stream string) (book.Head, error) {
	checkpoint, err := a.ledger.Checkpoint(stream)
	if err != nil {
		return book.Head{}, err
	}
	key, err := a.ledger.VerifierKey(stream)
	if err != nil {
		return book.Head{}, err
	}
	return book.OpenCheckpoint(checkpoint, key)
}

// place reads an event's id or its position; an id that nobody knows stands nowhere: at 0.
func (a *API) place(where string) (province uint8, sequence uint64, ok bool) {
	if id, err := domain.ParseEventID(where); err == nil {
		province, sequence, _ = a.ledger.Locate(id)
		return province, sequence, true
	}
	stream, digits, _ := strings.Cut(where, ":")
	province, ours := events.ParseStreamName(stream)
	sequence, err := strconv.ParseUint(digits, 10, 64)
	return province, sequence, ours && err == nil
}

func (a *API) serveProof(q *question) {
	where := q.PathValue("id")
	province, sequence, ok := a.place(where)
	if !ok {
		badPosition("id", where).write(q.w)
		return
	}
	p, err := a.ledger.Prove(q.Context(), province, sequence)
	switch {
	case errors.Is(err, events.ErrNotFound):
		noSuchStream("id", where).write(q.w)
		return
	case err != nil:
		unverified(err).write(q.w)
		return
	}
	text, err := p.MarshalText()
	if err != nil {
		unverified(err).write(q.w)
		return
	}
	send(q.w, "text/plain; charset=utf-8", text)
}
