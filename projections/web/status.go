package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// positionWait bounds how long an answer waits for at_least.
const positionWait = 10 * time.Second

// moment reads at: a civil date, or an instant whose civil day in China counts; default now.
func (a *API) moment(r *http.Request) (domain.Day, *problem) {
	text := r.URL.Query().Get("at")
	if text == "" {
		return domain.MomentOf(a.now()).Day(), nil
	}
	if day, err := domain.ParseDay(text); err == nil {
		return day, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return domain.MomentOf(t).Day(), nil
	}
	return 0, &problem{
		Status: http.StatusBadRequest, Field: "at", Value: text,
		Title: domain.Text{ZH: "时点写作 2021-06-30 或 RFC 3339", EN: "a moment is a date, 2021-06-30, or RFC 3339"},
		Fix:   domain.Text{ZH: "留空表示现在", EN: "leave it out for now"},
	}
}

// reached waits until the views stand at_least where the request asks.
func (a *API) reached(r *http.Request) *problem {
	text := r.URL.Query().Get("at_least")
	position, ok := parsePosition(text)
	if !ok {
		return &problem{
			Status: http.StatusBadRequest, Field: "at_least", Value: text,
			Title: domain.Text{ZH: "位置写作 ANJU-52:12345", EN: "a position is written ANJU-52:12345"},
			Fix:   domain.Text{ZH: "回执中给出了流和序号", EN: "a receipt gives stream and sequence"},
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), positionWait)
	defer cancel()
	for province, sequence := range position {
		if err := a.views.AtLeast(ctx, province, sequence); err != nil {
			return &problem{
				Status: http.StatusServiceUnavailable, Field: "at_least", Value: text,
				Title: domain.Text{ZH: "尚未读到该位置", EN: "the views have not reached that position"},
				Fix:   domain.Text{ZH: "请稍后重试", EN: "try again in a moment"},
			}
		}
	}
	return nil
}

// household finds the entity that a path names: by id, or by official number inside the
// county that the query's division names.
func (a *API) household(r *http.Request) (domain.Entity, *problem) {
	text := r.PathValue("id")
	if e, err := domain.ParseEntity(text); err == nil {
		return e, nil
	}
	division, err := domain.ParseDivision(r.URL.Query().Get("division"))
	if err == nil {
		e, err := a.ledger.Directory().Resolve(domain.HouseholdKind, division.County(), text)
		if err == nil {
			return e, nil
		}
		if errors.Is(err, events.ErrAmbiguousName) {
			return 0, unknownHousehold(http.StatusConflict)
		}
	}
	return 0, unknownHousehold(http.StatusNotFound)
}

// unknownHousehold never repeats the number: it is personal.
func unknownHousehold(status int) *problem {
	return &problem{
		Status: status, Field: "id",
		Title: domain.Text{ZH: "没有找到这一户", EN: "no such household is known"},
		Fix:   domain.Text{ZH: "请使用户的编号（h 开头），或在 division 中给出县级区划和户编号", EN: "give the household's id (it begins with h), or its number with its county as division"},
	}
}

// asked reads which household a request is about, and as of when, and waits for at_least.
func (a *API) asked(r *http.Request) (id domain.Entity, at domain.Day, wrong *problem) {
	if at, wrong = a.moment(r); wrong == nil {
		wrong = a.reached(r)
	}
	if wrong == nil {
		id, wrong = a.household(r)
	}
	return id, at, wrong
}

func (a *API) serveHousehold(w http.ResponseWriter, r *http.Request) {
	id, at, wrong := a.asked(r)
	if wrong != nil {
		wrong.write(w)
		return
	}
	status, err := a.views.Household(id, at)
	reply(w, status, err)
}

func (a *API) serveBoard(w http.ResponseWriter, r *http.Request) {
	at, wrong := a.moment(r)
	if wrong == nil {
		wrong = a.reached(r)
	}
	division, err := domain.ParseDivision(r.PathValue("code"))
	if wrong == nil && err != nil {
		wrong = &problem{
			Status: http.StatusBadRequest, Field: "code", Value: r.PathValue("code"),
			Title: domain.Text{ZH: "区划代码为2、4、6、9或12位数字", EN: "a division code has 2, 4, 6, 9 or 12 digits"},
			Fix:   domain.Text{ZH: "例如 520603", EN: "such as 520603"},
		}
	}
	if wrong != nil {
		wrong.write(w)
		return
	}
	board, err := a.views.Board(division, at)
	reply(w, board, err)
}

// reply writes an answer of the views, or why there is none.
func reply(w http.ResponseWriter, v any, err error) {
	switch {
	case errors.Is(err, projections.ErrUnknown):
		unknownHousehold(http.StatusNotFound).write(w)
	case err != nil:
		problem{
			Status: http.StatusServiceUnavailable, Value: err.Error(),
			Title: domain.Text{ZH: "视图已停止", EN: "the views have stopped"},
			Fix:   domain.Text{ZH: "见 docs/operate.md", EN: "see docs/operate.md"},
		}.write(w)
	default:
		answer(w, v)
	}
}
