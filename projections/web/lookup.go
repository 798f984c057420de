package web

import (
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// lookupMost bounds the body of a lookup: one number.
const lookupMost = 4 << 10

// lookupRequest asks who answers to one official number. Numbers are personal: they come in the
// body, which no log of addresses keeps, and one at a time; there is no list of them.
type lookupRequest struct {
	Kind     string `json:"kind"` // household, person, community, facility or project
	Number   string `json:"number"`
	Division string `json:"division"` // its county
}

// lookupAnswer names the entity.
type lookupAnswer struct {
	Kind string        `json:"kind"`
	ID   domain.Entity `json:"id"`
}

func (a *API) serveLookup(w http.ResponseWriter, r *http.Request) {
	var q lookupRequest
	err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, lookupMost), &q, json.RejectUnknownMembers(true))
	if err != nil || q.Number == "" { // the reason is not repeated: it may quote the number
		refused("body", "", domain.Text{ZH: "请求体应为 JSON 对象", EN: "the body is a JSON object"}, domain.Text{
			ZH: `例如 {"kind":"household","number":"…","division":"520603"}`,
			EN: `such as {"kind":"household","number":"…","division":"520603"}`,
		}).write(w)
		return
	}
	kind, known := domain.ParseEntityKind(q.Kind)
	if !known {
		refused("kind", q.Kind, domain.Text{ZH: "没有这种对象", EN: "there is no such kind of entity"},
			domain.Text{ZH: "household、person、community、facility 或 project", EN: "household, person, community, facility or project"}).write(w)
		return
	}
	division, err := domain.ParseDivision(q.Division)
	if err != nil {
		refused("division", q.Division, domain.Text{ZH: "需要编号所在的县级区划", EN: "a number is looked up inside a county"},
			domain.Text{ZH: "例如 520603", EN: "such as 520603"}).write(w)
		return
	}
	id, err := a.ledger.Directory().Resolve(kind, division.County(), q.Number)
	switch {
	case errors.Is(err, events.ErrAmbiguousName):
		problem{
			Status: http.StatusConflict, Field: "number",
			Title: domain.Text{ZH: "有多个对象使用这个编号", EN: "more than one entity answers to this number"},
			Fix:   domain.Text{ZH: "请使用对象的编号（id）", EN: "use the entity's id"},
		}.write(w)
	case err != nil:
		problem{
			Status: http.StatusNotFound, Field: "number",
			Title: domain.Text{ZH: "没有对象使用这个编号", EN: "no entity answers to this number"},
			Fix:   domain.Text{ZH: "请核对编号和区划", EN: "check the number and its division"},
		}.write(w)
	default:
		answer(w, lookupAnswer{q.Kind, id})
	}
}
