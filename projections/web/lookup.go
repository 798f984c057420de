package web

import (
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// lookupMost bounds the body of a lookup: one number.
const lookupMost = 4 << 10

// bodyWait is how long the body of a question may take to come.
const bodyWait = 10 * time.Second

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

func (a *API) serveLookup(q *question) {
	l, wrong := a.readLookup(q)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	kind, known := domain.ParseEntityKind(l.Kind)
	if !known {
		refuse(badBody, "kind", l.Kind, domain.Text{ZH: "没有这种对象", EN: "there is no such kind of entity"},
			domain.Text{ZH: "household、person、community、facility 或 project", EN: "household, person, community, facility or project"}).write(q.w)
		return
	}
	division, err := domain.ParseDivision(l.Division)
	if err != nil {
		refuse(badBody, "division", l.Division, domain.Text{ZH: "需要编号所在的县级区划", EN: "a number is looked up inside a county"},
			domain.Text{ZH: "请填写县级代码，例如 520603", EN: "give the code of its county, such as 520603"}).write(q.w)
		return
	}
	id, err := a.ledger.Directory().Resolve(kind, division.County(), l.Number)
	switch {
	case errors.Is(err, events.ErrAmbiguousName):
		refuse(ambiguousNumber, "number", "", domain.Text{ZH: "编号应只属于一个对象", EN: "a number that one entity answers to"},
			domain.Text{ZH: "请使用对象的标识（id）", EN: "use the entity's id"}).write(q.w)
	case err != nil:
		refuse(unknownEntity, "number", "", domain.Text{ZH: "应为已登记的编号", EN: "a number that is registered"},
			domain.Text{ZH: "请核对编号和区划", EN: "check the number and its division"}).write(q.w)
	default:
		answer(q.w, lookupAnswer{l.Kind, id})
	}
}

// readLookup reads the body. The reason of a refusal is not repeated: it may quote the number.
func (a *API) readLookup(q *question) (l lookupRequest, wrong *Problem) {
	_ = http.NewResponseController(q.w).SetReadDeadline(time.Now().Add(a.patient)) // the server sets its own for the next request
	err := json.UnmarshalRead(http.MaxBytesReader(q.w, q.Body, lookupMost), &l, json.RejectUnknownMembers(true))
	const shape = `{"kind":"household","number":"…","division":"520603"}`
	example := domain.Text{ZH: "例如 " + shape, EN: "such as " + shape}
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return l, refuse(tooLarge, "body", "", domain.Text{ZH: "内容不超过4 KiB", EN: "a body holds at most 4 KiB"}, example)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return l, refuse(tooSlow, "body", "", domain.Text{ZH: "内容应在10秒内送达", EN: "a body comes within ten seconds"},
			sendLess())
	case err != nil:
		return l, badMember(err, example)
	case l.Number == "":
		return l, refuse(badBody, "number", "", domain.Text{ZH: "需要一个编号", EN: "a number is looked up"}, example)
	}
	return l, nil
}

// badMember is the problem of a body that is not the object wanted; it names the member that is
// too many or of another type, where there is one.
func badMember(err error, example domain.Text) *Problem {
	var where *json.SemanticError
	field := ""
	if errors.As(err, &where) {
		field = domain.Shown(where.JSONPointer.LastToken())
	}
	switch {
	case field == "":
		return refuse(badBody, "body", "", domain.Text{ZH: "请求体应为 JSON 对象", EN: "the body is a JSON object"}, example)
	case errors.Is(err, json.ErrUnknownName):
		return refuse(badBody, field, "", domain.Text{ZH: "没有这个成员", EN: "there is no such member"}, example)
	}
	return refuse(badBody, field, "", domain.Text{ZH: "成员应为文本", EN: "the member is text"}, example)
}
