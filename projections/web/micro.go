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
// name, or a division's code.
type microRequest struct {
	ID       string `json:"id"`
	Division string `json:"division"` // the county of a number, code or name
	At       string `json:"at"`
	AtLeast  string `json:"at_least"`
}

// ServeMicro answers anju.status.household, .person, .community and .board until the returned
// service is stopped. The connection is one that may publish to inboxes only: $SRV discovery
// answers to whatever subject it is asked to. The answers are those of HTTP, byte for byte, since the same handler makes them.
func (a *API) ServeMicro(ctx context.Context, nc *nats.Conn) (micro.Service, error) {
	service, err := micro.AddService(nc, micro.Config{
		Name: microName, Version: microVersion,
		Description: "安居 support status of households, persons, communities and divisions",
	})
	if err != nil {
		return nil, err
	}
	group, handler := service.AddGroup("anju.status"), a.Handler()
	for name, path := range map[string]func(id string) string{
		"household": func(id string) string { return "/v1/households/" + url.PathEscape(id) },
		"person":    func(id string) string { return "/v1/persons/" + url.PathEscape(id) },
		"community": func(id string) string { return "/v1/communities/" + url.PathEscape(id) },
		"board":     func(id string) string { return "/v1/divisions/" + url.PathEscape(id) + "/board" },
	} {
		err := group.AddEndpoint(name, micro.HandlerFunc(func(r micro.Request) { askHandler(ctx, handler, path, r) }))
		if err != nil {
			return nil, err
		}
	}
	return service, nil
}

// askHandler puts a NATS request to the HTTP handler; a problem is an error whose body is the
// problem document.
func askHandler(ctx context.Context, handler http.Handler, path func(string) string, r micro.Request) {
	if !strings.HasPrefix(r.Reply(), "_INBOX.") {
		return // whoever names another subject wants something done there, not an answer
	}
	var q microRequest
	const shape = `{"id":"520603","at":"2021-06-30"}`
	example := domain.Text{ZH: "例如 " + shape, EN: "such as " + shape}
	if err := json.Unmarshal(r.Data(), &q, json.RejectUnknownMembers(true)); err != nil {
		answerProblem(r, badMember(err, example))
		return
	}
	if q.ID == "" {
		answerProblem(r, refuse(badBody, "id", "", domain.Text{ZH: "需要标识、编号或区划代码", EN: "an id, a number or a division's code is needed"}, example))
		return
	}
	query := url.Values{}
	for name, value := range map[string]string{"division": q.Division, "at": q.At, "at_least": q.AtLeast} {
		if value != "" {
			query.Set(name, value)
		}
	}
	question, err := http.NewRequestWithContext(ctx, http.MethodGet, path(q.ID)+"?"+query.Encode(), nil)
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
