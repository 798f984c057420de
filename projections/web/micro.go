package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/anju-ledger/anju/domain"
)

// microName and microVersion are what $SRV discovery tells of the service.
const (
	microName    = "anju-status"
	microVersion = "0.1.0"
)

// microRequest asks a question over NATS: the id is an entity's id, official number, code or
// name, or a division's code. The other members are the parameters of the same question over HTTP.
type microRequest struct {
	ID       string            `json:"id"`
	Division string            `json:"division"` // the county of a number, code or name
	AsOf     string            `json:"as_of"`
	KnownAt  string            `json:"known_at"`
	At       string            `json:"at"` // the older name of as_of
	AtLeast  string            `json:"at_least"`
	State    string            `json:"state"` // and those that follow: filters and pages of a list
	Stale    string            `json:"stale"`
	Overdue  string            `json:"overdue"`
	Kind     string            `json:"kind"`      // of discrepancies
	Measured string            `json:"indicator"` // of targets
	Total    string            `json:"total"`     // of a comparison
	Levels   map[string]string `json:"levels"`    // by dimension
	Cursor   string            `json:"cursor"`
	Limit    string            `json:"limit"`
	Set      string            `json:"parameters"` // by which it is judged
	Options  map[string]string `json:"options"`    // of a standing question, which id names or numbers
}

// query writes the parameters that have a value.
func (q *microRequest) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"division": q.Division, "as_of": q.AsOf, "known_at": q.KnownAt, "at": q.At, "at_least": q.AtLeast,
		"state": q.State, "stale": q.Stale, "overdue": q.Overdue, "kind": q.Kind, "indicator": q.Measured, "total": q.Total, "cursor": q.Cursor, "limit": q.Limit, "parameters": q.Set,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	for dimension, level := range q.Levels {
		query.Set(dimension, level)
	}
	for option, value := range q.Options {
		query.Set(option, value)
	}
	return query
}

// microPaths are the questions by the last word of their subjects.
func microPaths() map[string]func(q *microRequest) string {
	return map[string]func(q *microRequest) string{
		"household": func(q *microRequest) string { return "/v1/households/" + url.PathEscape(q.ID) },
		"person":    func(q *microRequest) string { return "/v1/persons/" + url.PathEscape(q.ID) },
		"community": func(q *microRequest) string { return "/v1/communities/" + url.PathEscape(q.ID) },
		"board":     func(q *microRequest) string { return "/v1/divisions/" + url.PathEscape(q.ID) + "/board" },
		"timeline": func(q *microRequest) string {
			switch e, _ := domain.ParseEntity(q.ID); e.Kind() {
			case domain.PersonKind:
				return "/v1/persons/" + q.ID + "/timeline"
			case domain.CommunityKind:
				return "/v1/communities/" + q.ID + "/timeline"
			}
			return "/v1/households/" + url.PathEscape(q.ID) + "/timeline"
		},
		"diff":     func(q *microRequest) string { return "/v1/divisions/" + url.PathEscape(q.ID) + "/diff" },
		"members":  func(q *microRequest) string { return "/v1/households/" + url.PathEscape(q.ID) + "/members" },
		"question": func(q *microRequest) string { return "/v1/questions/" + url.PathEscape(q.ID) },
		"targets":  func(q *microRequest) string { return "/v1/divisions/" + url.PathEscape(q.ID) + "/targets" },
		"discrepancies": func(q *microRequest) string {
			q.Division = q.ID
			return "/v1/discrepancies"
		},
		"households": func(q *microRequest) string {
			q.Division = q.ID
			return "/v1/households"
		},
	}
}

// ServeMicro answers anju.status.household, .households, .person, .members, .community, .timeline, .board,
// .diff, .question, .targets and .discrepancies until the returned service is stopped. The connection is one that may publish to
// inboxes only: $SRV discovery answers to whatever subject it is asked to. The answers are those of HTTP, byte for byte, since the same handler makes them.
func (a *API) ServeMicro(ctx context.Context, nc *nats.Conn) (micro.Service, error) {
	service, err := micro.AddService(nc, micro.Config{
		Name: microName, Version: microVersion,
		Description: "安居 support status of households, persons, communities and divisions",
	})
	if err != nil {
		return nil, err
	}
	group, handler := service.AddGroup("anju.status"), a.Handler()
	for name, path := range microPaths() {
		err := group.AddEndpoint(name, micro.HandlerFunc(func(r micro.Request) { askHandler(ctx, handler, path, r) }))
		if err != nil {
			return nil, err
		}
	}
	return service, nil
}

// askHandler puts a NATS request to the HTTP handler; a problem is an error whose body is the
// problem document.
func askHandler(ctx context.Context, handler http.Handler, path func(*microRequest) string, r micro.Request) {
	if !strings.HasPrefix(r.Reply(), "_INBOX.") {
		return // whoever names another subject wants something done there, not an answer
	}
	var q microRequest
	const shape = `{"id":"520603","as_of":"2021-06-30"}`
	example := domain.Text{ZH: "例如 " + shape, EN: "such as " + shape}
	if err := json.Unmarshal(r.Data(), &q, json.RejectUnknownMembers(true)); err != nil {
		answerProblem(r, badMember(err, example))
		return
	}
	if q.ID == "" {
		answerProblem(r, refuse(badBody, "id", "", domain.Text{ZH: "需要标识、编号或区划代码", EN: "an id, a number or a division's code is needed"}, example))
		return
	}
	address := path(&q)
	question, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+q.query().Encode(), nil)
	if err != nil {
		answerProblem(r, refuse(badBody, "id", "", domain.Text{ZH: "不是标识", EN: "this is no id"}, example)) // the error may quote an official number
		return
	}
	b := &buffer{header: http.Header{}, status: http.StatusOK}
	handler.ServeHTTP(b, question)
	if b.status != http.StatusOK {
		_ = r.Error(strconv.Itoa(b.status), http.StatusText(b.status), b.body.Bytes())
		return
	}
	_ = r.Respond(b.body.Bytes()) // the asker has gone: nobody to tell
}

// answerProblem answers a request by a problem; over HTTP its status would be the code.
func answerProblem(r micro.Request, p *Problem) {
	_ = r.Error(strconv.Itoa(p.Status), http.StatusText(p.Status), p.document()) // the asker has gone: nobody to tell
}

// buffer is a ResponseWriter in memory.
type buffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (b *buffer) Header() http.Header { return b.header }

// WriteHeader implements http.ResponseWriter.
func (b *buffer) WriteHeader(status int) { b.status = status }

// Write implements http.ResponseWriter.
func (b *buffer) Write(p []byte) (int, error) { return b.body.Write(p) }
