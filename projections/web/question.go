package web

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// positionWait bounds how long an answer waits for at_least.
const positionWait = 10 * time.Second

// pair is one parameter of a query.
type pair struct{ name, value string }

// question is one request on its way to its answer: only parameters that its route declares can
// be in it.
type question struct {
	*http.Request
	w     http.ResponseWriter
	route *route
	query []pair
}

// readQuestion reads the query of a request; the problem names a parameter that the route does not have,
// since a filter that is misspelt would otherwise silently want all.
func readQuestion(w http.ResponseWriter, r *http.Request, route *route) (question, *Problem) {
	q := question{Request: r, w: w, route: route}
	if r.URL.RawQuery == "" {
		return q, nil
	}
	q.query = make([]pair, 0, 4)
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(part, "=")
		if strings.ContainsAny(part, "%+") {
			var wrong error
			if name, wrong = url.QueryUnescape(name); wrong == nil {
				value, wrong = url.QueryUnescape(value)
			}
			if wrong != nil {
				return q, refuse(badParameter, "", "", domain.Text{ZH: "参数应以 UTF-8 百分号编码", EN: "parameters are percent-encoded UTF-8"},
					domain.Text{ZH: "请检查 % 之后的两位", EN: "check the two digits after each %"})
			}
		}
		switch {
		case part == "":
		case !route.takes(name):
			return q, refuse(unknownParameter, domain.Shown(name), "", domain.Text{ZH: "只接受下列参数", EN: "only the parameters listed are taken"},
				domain.Text{ZH: "可用：" + route.names(), EN: "one of:" + route.names()})
		case q.value(name) != "":
			return q, refuse(badParameter, name, value, domain.Text{ZH: "每个参数只写一次", EN: "a parameter is given once"},
				domain.Text{ZH: "请删去重复的参数", EN: "take out the second one"})
		default:
			q.query = append(q.query, pair{name, value})
		}
	}
	return q, nil
}

// value returns a parameter of the query, "" when it is absent.
func (q *question) value(name string) string {
	for i := range q.query {
		if q.query[i].name == name {
			return q.query[i].value
		}
	}
	return ""
}

// parameters yields the parameters that were given, in their order.
func (q *question) parameters() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, p := range q.query {
			if !yield(p.name, p.value) {
				return
			}
		}
	}
}

// parsePosition reads "ANJU-52:12345", several comma separated; "" is the beginning.
func parsePosition(s string) (map[uint8]uint64, bool) {
	if s == "" {
		return nil, true
	}
	position := map[uint8]uint64{}
	for part := range strings.SplitSeq(s, ",") {
		stream, digits, found := strings.Cut(part, ":")
		province, ours := events.ParseStreamName(stream)
		sequence, err := strconv.ParseUint(digits, 10, 64)
		if !found || !ours || err != nil {
			return nil, false
		}
		position[province] = sequence
	}
	return position, true
}

// reached waits until the views stand at_least where the request asks.
func (a *API) reached(q *question) *Problem {
	text := q.value("at_least")
	position, ok := parsePosition(text)
	if !ok {
		return badPosition("at_least", text)
	}
	if len(position) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(q.Context(), a.wait)
	defer cancel()
	for province, sequence := range position {
		err := a.views.AtLeast(ctx, province, sequence)
		if err != nil && ctx.Err() == nil {
			return stopped(err)
		}
		if err != nil {
			return refuse(notReached, "at_least", text, domain.Text{ZH: "应为账本已有的位置", EN: "a position that the ledger has"},
				domain.Text{ZH: "请稍后重试；GET /v1/ledger 给出各数据流的位置", EN: "try again in a moment; GET /v1/ledger gives the positions of the streams"})
		}
	}
	return nil
}

// entity finds the entity that the path names: by id, or by its number, code or name inside the
// county that the query's division names.
func (a *API) entity(q *question, kind domain.EntityKind) (domain.Entity, *Problem) {
	text := q.PathValue("id")
	if e, err := domain.ParseEntity(text); err == nil && e.Kind() == kind {
		return e, nil
	}
	text, county := strings.TrimSpace(text), q.value("division")
	if county == "" {
		return 0, notKnown(unknownEntity, kind)
	}
	division, err := domain.ParseDivision(county)
	if err != nil {
		return 0, badDivision("division", county)
	}
	e, err := a.ledger.Directory().Resolve(kind, division.County(), text)
	switch {
	case errors.Is(err, events.ErrAmbiguousName):
		return 0, notKnown(ambiguousNumber, kind)
	case err != nil:
		return 0, notKnown(unknownEntity, kind)
	}
	return e, nil
}

// about reads which entity a question is about, and on which axes of time.
func (a *API) about(q *question, kind domain.EntityKind) (id domain.Entity, t times, wrong *Problem) {
	if t, wrong = a.when(q); wrong == nil {
		id, wrong = a.entity(q, kind)
	}
	return id, t, wrong
}

// buffers hold the bodies of answers while they are made.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled keeps the buffer of one huge answer from living for ever.
const maxPooled = 1 << 20

// appender is an answer that writes its JSON itself, faster than by reflection.
type appender interface {
	AppendJSON(b []byte) []byte
}

// answer writes v as JSON: the same question, the same bytes.
func answer(w http.ResponseWriter, v any) {
	room := buffers.Get().(*[]byte)
	defer func() {
		if cap(*room) <= maxPooled {
			buffers.Put(room)
		}
	}()
	var err error
	if fast, ok := v.(appender); ok {
		*room = fast.AppendJSON((*room)[:0])
	} else {
		var body []byte
		body, err = json.Marshal(v, json.Deterministic(true))
		*room = append((*room)[:0], body...)
	}
	if err != nil {
		refuse(internal, "", "", domain.Text{}, domain.Text{ZH: "请报告此问题", EN: "please report this"}).write(w)
		return
	}
	send(w, "application/json", *room)
}

// send writes a whole body.
func send(w http.ResponseWriter, media string, body []byte) {
	h := w.Header()
	h["Content-Type"] = []string{media}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = w.Write(body) // the client has gone: nobody to tell
}

// reply writes an answer of the views about an entity of a kind, or why there is none.
func reply(w http.ResponseWriter, kind domain.EntityKind, v any, err error) {
	switch {
	case errors.Is(err, projections.ErrUnknown):
		notKnown(unknownEntity, kind).write(w)
	case errors.Is(err, context.Canceled):
		stopping().write(w)
	case err != nil:
		stopped(err).write(w)
	default:
		answer(w, v)
	}
}
