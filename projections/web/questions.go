package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/ask"
)

// The media types of answers as files.
const (
	csvMedia  = "text/csv"
	xlsxMedia = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// fileMost bounds a file that a question reads: a table of published figures has some hundred rows.
const fileMost = 4 << 20

// questionRoutes are the standing questions.
func questionRoutes() []*route {
	kinds := []problemKind{unknownQuestion, waitsForIdentity, unknownEntity, notReached, viewsStopped}
	parameters := questionParameters()
	posted := slices.Concat(kinds, []problemKind{badBody, tooLarge, tooSlow})
	detail := "One of the questions that GET /v1/questions lists, by name or number, with its own options. The same cells in every format: format=csv has every row under the names of the columns, format=xlsx is a workbook for people."
	return []*route{
		{
			method: http.MethodGet, path: "/v1/questions", id: "questions", summary: "The standing questions: what they mean, their options and columns",
			gives: []ask.Question{}, serve: func(_ *API, q *question) { answer(q.w, ask.Questions()) },
		},
		{
			method: http.MethodGet, path: "/v1/questions/{name}", id: "question", summary: "The answer to a standing question", detail: detail,
			parameters: parameters, gives: ask.Answer{}, files: []string{csvMedia, xlsxMedia}, kinds: kinds, serve: (*API).serveQuestion,
		},
		{
			method: http.MethodPost, path: "/v1/questions/{name}", id: "question-of-file", summary: "The answer to a standing question that reads a file: the body", detail: detail,
			parameters: parameters, gives: ask.Answer{}, files: []string{csvMedia, xlsxMedia}, kinds: posted, takesFile: csvMedia, serve: (*API).serveQuestion,
		},
	}
}

// questionParameters are the options of all questions together: each takes its own and refuses the rest.
func questionParameters() []parameter {
	all := []parameter{inPath("name", "the question's name, or its number", text("", "no-verified-work", "3"))}
	seen := map[string]bool{}
	for _, one := range ask.Questions() {
		for _, o := range one.Options {
			if !seen[o.Name] && o.Kind != ask.FileOption {
				seen[o.Name] = true
				all = append(all, query(o.Name, o.Title.EN+" ("+o.Title.ZH+")", text("")))
			}
		}
	}
	return slices.Concat(all, []parameter{
		query("cursor", "the cursor of the page before", text("", "100")),
		query("limit", "rows on a page, 1 to 1000; 100 by default", text("^[0-9]+$", "100")),
		query("format", "json, csv or xlsx; a file has every row", &huma.Schema{Type: huma.TypeString, Enum: []any{"json", "csv", "xlsx"}}),
	}, asOfParameters())
}

func (a *API) serveQuestion(q *question) {
	found, known := ask.Find(q.PathValue("name"))
	if !known {
		refuse(unknownQuestion, "name", domain.Shown(q.PathValue("name")), domain.Text{ZH: "应为问题的名称或编号", EN: "the name or the number of a question"},
			domain.Text{ZH: "GET /v1/questions 列出全部", EN: "GET /v1/questions lists all"}).write(q.w)
		return
	}
	format := q.value("format")
	if format != "" && format != "json" && format != "csv" && format != "xlsx" {
		refuse(badParameter, "format", format, domain.Text{ZH: "格式为 json、csv 或 xlsx", EN: "the format is json, csv or xlsx"},
			domain.Text{ZH: "留空为 json", EN: "leave it out for json"}).write(q.w)
		return
	}
	t, wrong := a.when(q)
	var file []byte
	if wrong == nil && q.Method == http.MethodPost {
		file, wrong = a.readFile(q)
	}
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	answered, err := a.answers.Answer(q.Context(), &found, ask.Request{
		Values: q.options(), At: t.at, By: t.by, Now: domain.MomentOf(a.now()), Known: t.known, Then: a.views.Then(q.value("parameters"), a.now, a.wait), Ledger: a.ledger.Directory(), File: file, Whole: format == "csv" || format == "xlsx",
	}, a.now())
	if err != nil {
		notAnswered(err).write(q.w)
		return
	}
	a.sendAnswer(q, answered, format)
}

// options are the parameters that are the question's own, and its page.
func (q *question) options() map[string]string {
	options := map[string]string{}
	for name, value := range q.parameters() {
		switch name {
		case "as_of", "known_at", "at", "at_least", "parameters", "format":
		default:
			options[name] = value
		}
	}
	return options
}

// notAnswered is the problem of a question that is not answered.
func notAnswered(err error) *Problem {
	var refused *ask.Refused
	switch {
	case errors.As(err, &refused) && refused.Kind == domain.Unknown:
		return refuse(unknownEntity, refused.Field, "", refused.Rule, refused.Fix)
	case errors.As(err, &refused):
		return refuse(badParameter, refused.Field, refused.Value, refused.Rule, refused.Fix)
	case errors.Is(err, ask.ErrWaits):
		return refuse(waitsForIdentity, "", "", domain.Text{ZH: "账本还不知道查询者是谁，因此不记录谁看过", EN: "the ledger does not know yet who asks, so that it keeps no record of who looked"},
			domain.Text{ZH: "有了身份之后才能回答", EN: "it is answered once there is identity"})
	case errors.Is(err, projections.ErrUnknown):
		p := notKnown(unknownEntity, domain.HouseholdKind)
		p.Field = "household"
		return p
	case errors.Is(err, context.Canceled):
		return stopping()
	}
	return stopped(err)
}

// readFile reads the body of a question about a file.
func (a *API) readFile(q *question) ([]byte, *Problem) {
	_ = http.NewResponseController(q.w).SetReadDeadline(time.Now().Add(a.patient)) // the server sets its own for the next request
	body, err := io.ReadAll(http.MaxBytesReader(q.w, q.Body, fileMost))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, refuse(tooLarge, "body", "", domain.Text{ZH: "文件不超过4 MiB", EN: "a file holds at most 4 MiB"}, domain.Text{ZH: "请分成几个文件", EN: "divide it into several"})
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refuse(tooSlow, "body", "", domain.Text{ZH: "内容应在10秒内送达", EN: "a body comes within ten seconds"}, sendLess())
	case err != nil:
		return nil, refuse(badBody, "body", "", domain.Text{ZH: "文件没有完整送达", EN: "the file did not arrive whole"}, domain.Text{ZH: "请重新提交整个文件", EN: "send the whole file again"})
	}
	return body, nil
}

// sendAnswer writes the answer in a format.
func (a *API) sendAnswer(q *question, answered *ask.Answer, format string) {
	write, media := answered.WriteCSV, csvMedia
	switch format {
	case "xlsx":
		write, media = answered.WriteXLSX, xlsxMedia
	case "", "json":
		answer(q.w, answered)
		return
	}
	var body bytes.Buffer
	if err := write(&body); err != nil {
		refuse(internal, "", "", domain.Text{}, domain.Text{ZH: "请报告此问题", EN: "please report this"}).write(q.w)
		return
	}
	q.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="anju-%s-%s.%s"`, answered.Question, answered.AsOf, format))
	send(q.w, media, body.Bytes())
}
