package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// viewsAnswer are the parameter sets that the ledger knows.
type viewsAnswer struct {
	InForce string                 `json:"in_force"`
	Sets    []projections.SetState `json:"sets"` // the one in force first
}

// setRequest is the file of a parameter set, for the document; domain.ParseParameters reads it.
type setRequest struct {
	Name       string             `json:"name"`
	Version    int                `json:"version"`
	ValidFrom  domain.Day         `json:"valid_from"`
	Source     string             `json:"source"`
	Parameters []domain.Parameter `json:"parameters"`
}

// viewRoutes are the parameter sets: built beside the one in force, compared with it, switched to or dropped.
func viewRoutes() []*route {
	name := inPath("name", "a parameter set's name", text(`^[a-z0-9][a-z0-9-]*$`, "anju-2021-1"))
	about := func(method, path, id, summary, detail string, serve func(*API, *question)) *route {
		return &route{
			method: method, path: path, id: id, summary: summary, detail: detail, parameters: []parameter{name},
			gives: projections.SetState{}, kinds: []problemKind{unknownSet, setStands, notStored}, serve: serve,
		}
	}
	return []*route{
		{
			method: http.MethodGet, path: "/v1/views", id: "views", summary: "The parameter sets that the ledger knows, and how each stands",
			detail: "known: asked by name, counted on demand; building; ready: kept beside the one in force; in_force: what is asked without a name.",
			gives:  viewsAnswer{}, serve: (*API).serveViews,
		},
		{
			method: http.MethodPost, path: "/v1/views", id: "build-new", summary: "Takes a new parameter set, and builds views by it beside those in force",
			detail: "The body is the file of the set. What it does not name is as in the program's own set, GET /v1/parameters. A set is never changed: another takes another name.",
			body:   setRequest{}, gives: projections.SetState{}, kinds: []problemKind{badBody, tooLarge, tooSlow, setStands, notStored}, serve: (*API).serveBuildNew,
		},
		about(http.MethodGet, "/v1/views/{name}", "view", "How one parameter set stands", "", (*API).serveView),
		about(http.MethodPost, "/v1/views/{name}/build", "build", "Builds views by a known parameter set, in the background, while both serve", "", act((*projections.Views).BuildKnown)),
		about(http.MethodPost, "/v1/views/{name}/switch", "switch", "Puts a parameter set in force", "Every answer is by one set whole, and names it. The set before stays built until it is dropped. A restart keeps the choice.", act((*projections.Views).Switch)),
		about(http.MethodDelete, "/v1/views/{name}", "drop", "Lets go of the views of a parameter set", "The set stays known, since figures name it.", act((*projections.Views).Drop)),
		{
			method: http.MethodGet, path: "/v1/views/{name}/compare", id: "compare", summary: "Which households of a division another parameter set judges otherwise, in what, and why",
			parameters: append([]parameter{
				name,
				query("with", "the set that it is compared with; by default the one in force", text("", "anju-2021-1")),
				query("division", "the division: 2, 4, 6, 9 or 12 digits; by default all", text(divisionForm, "520603")),
				query("cursor", "the cursor of the page before", text("", "h7k2m9qx4w1tz")),
				query("limit", "households on a page, 1 to 1000; 100 by default", text("^[0-9]+$", "100")),
			}, timeParameters()...),
			gives: projections.DiffAnswer{}, kinds: []problemKind{unknownSet, notReached, viewsStopped}, serve: (*API).serveCompare,
		},
	}
}

func (a *API) serveViews(q *question) {
	answer(q.w, viewsAnswer{a.views.Parameters(), a.views.SetStates()})
}

func (a *API) serveView(q *question) { a.replySet(q, q.PathValue("name"), nil) }

// act is what is done about a set by its name.
func act(do func(*projections.Views, string) error) func(*API, *question) {
	return func(a *API, q *question) { a.replySet(q, q.PathValue("name"), do(a.views, q.PathValue("name"))) }
}

func (a *API) serveBuildNew(q *question) {
	file, wrong := a.readSet(q)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	set, refused := domain.ParseParameters(file)
	if len(refused) > 0 {
		badSet(refused).write(q.w)
		return
	}
	a.replySet(q, set.Name, a.views.Build(set))
}

// readSet reads the body of a new set.
func (a *API) readSet(q *question) ([]byte, *Problem) {
	_ = http.NewResponseController(q.w).SetReadDeadline(time.Now().Add(a.patient)) // the server sets its own for the next request
	file, err := io.ReadAll(http.MaxBytesReader(q.w, q.Body, domain.MaxParameterFile))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, refuse(tooLarge, "body", "", domain.Text{ZH: "参数集文件不超过64 KiB", EN: "the file of a parameter set holds at most 64 KiB"},
			domain.Text{ZH: "与程序自带参数集相同的参数可以不写", EN: "leave out what is as in the program's own set"})
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refuse(tooSlow, "body", "", domain.Text{ZH: "内容应在10秒内送达", EN: "a body comes within ten seconds"}, sendLess())
	case err != nil:
		return nil, refuse(badBody, "body", "", domain.Text{ZH: "内容没有完整送达", EN: "the body did not come whole"}, domain.Text{ZH: "请完整地重新提交", EN: "send it again, to its end"})
	}
	return file, nil
}

// badSet is the problem of a file that is no parameter set; the first thing that is wrong is told whole.
func badSet(refused []domain.Refusal) *Problem {
	first := &refused[0]
	p := refuse(badBody, first.Field, first.Value, first.Rule, first.Fix)
	var more []string
	for i := range refused[1:] {
		more = append(more, refused[i+1].Field+": "+refused[i+1].Rule.EN)
	}
	p.Detail = strings.Join(more, "; ")
	return p
}

// replySet answers how a set stands, or why nothing was done.
func (a *API) replySet(q *question, name string, err error) {
	var state projections.SetState
	if err == nil {
		state, err = a.views.SetState(name)
	}
	if err != nil {
		setProblem("name", err).write(q.w)
		return
	}
	answer(q.w, state)
}

// setProblem is the problem of what was asked of a set; field is where its name stood.
func setProblem(field string, err error) *Problem {
	var refused *projections.SetRefusal
	switch {
	case !errors.As(err, &refused):
		return refuse(notStored, "", "", domain.Text{ZH: "选择须写入账本目录：" + shown(err.Error()), EN: "the choice has to be written into the ledger's folder: " + shown(err.Error())},
			domain.Text{ZH: "请检查磁盘空间与权限后重试；此前的选择仍然有效", EN: "look at the disk's room and rights, and try again; what was chosen before holds"})
	case refused.Unknown && field == "parameters":
		return refuse(badParameter, field, refused.Name, refused.Rule, refused.Fix)
	case refused.Unknown:
		return refuse(unknownSet, field, refused.Name, refused.Rule, refused.Fix)
	}
	return refuse(setStands, field, refused.Name, refused.Rule, refused.Fix)
}

func (a *API) serveCompare(q *question) {
	division, wrong := divisionOf(q)
	t, sound := a.moments(q, wrong)
	if !sound {
		return
	}
	from, err := t.known.Under(q.value("with"))
	if err != nil {
		setProblem("with", err).write(q.w)
		return
	}
	to, err := t.known.Under(q.PathValue("name"))
	if err != nil {
		setProblem("name", err).write(q.w)
		return
	}
	before, after := projections.Side{Known: from, At: t.at}, projections.Side{Known: to, At: t.at}
	page, wrong := a.pageOf(q, &before, &after)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	found, err := before.Diff(q.Context(), after, division, a.ledger.Directory(), page)
	reply(q.w, domain.HouseholdKind, found, err)
}
