package intake

import (
	"net/http"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// takeBackOperation is POST /v1/undo.
func (d *Door) takeBackOperation() operation {
	return operation{
		method: http.MethodPost, path: "/v1/undo", id: "undo", summary: "Takes back a split or a move, with a choice of address when later facts rest on it",
		detail: "Without return_to the event is voided; when later facts rest on it that is refused with the list of them. With return_to new facts are recorded as one set, whose cause is the event: nothing is edited.",
		parameters: []parameter{
			{"department", "query", "the department that records; also the header Anju-Department"},
			{"division", "query", "its division; also the header Anju-Division"},
			{"event", "query", "the household.split, household.moved, household.member_left or household.member_joined, required"},
			{"return_to", "query", "household: the old household, where it is now; address: a new household at the old address"},
			{"time", "query", "with return_to: the day from which it is so"},
			{"relation", "query", "of a member who returns to the old household: his relation to its head"},
			{"in", "query", "the division where they are then; default: the caller's"},
			{"approved_by", "query", "the code of the person who approved it, who is not who records it"},
		},
		statuses: []int{http.StatusOK},
		answers:  map[string]shape{"application/json": ofAnswers},
		refuses:  []int{400, 403, 409, 422, 503, 507}, serve: d.serveTakeBack,
	}
}

func (d *Door) serveTakeBack(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Anju-Identity", selfNamed)
	caller, refusal := callerOf(r)
	if refusal != nil {
		writeProblem(w, problemOf(0, []domain.Refusal{*refusal}))
		return
	}
	u, refusals := parseTakeBack(r.URL.Query().Get)
	if len(refusals) > 0 {
		writeProblem(w, problemOf(0, refusals))
		return
	}
	answers, problem := d.TakeBack(r.Context(), caller, u)
	if problem != nil {
		writeProblem(w, problem)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", answers)
}

// parseTakeBack reads the wish from a request's parameters; what is wrong is refused by name.
func parseTakeBack(get func(name string) string) (u TakeBack, refusals []domain.Refusal) {
	wrong := func(r rule, name string) { refusals = append(refusals, r.at("/"+name, printable(get(name)))) }
	var err error
	if u.Event, err = domain.ParseEventID(get("event")); err != nil {
		wrong(eventForm(), "event")
	}
	u.ReturnTo, u.Relation, u.ApprovedBy = ReturnTo(get("return_to")), domain.Relation(get("relation")), get("approved_by")
	if known := []string{"", string(ToHousehold), string(ToAddress)}; !slices.Contains(known, string(u.ReturnTo)) {
		wrong(oneOf(known[1:]), "return_to")
	}
	var codes []string
	for _, t := range domain.TermsOf[domain.Relation]() {
		codes = append(codes, t.Code)
	}
	if u.Relation != "" && !slices.Contains(codes, string(u.Relation)) {
		wrong(noRelation(codes), "relation")
	}
	if text := get("time"); text != "" || u.ReturnTo != "" {
		if u.Day, err = domain.ParseDay(text); err != nil {
			wrong(dayForm(), "time")
		}
	}
	if text := get("in"); text != "" {
		if u.Division, err = domain.ParseDivision(text); err != nil {
			wrong(divisionForm(), "in")
		}
	}
	return u, refusals
}
