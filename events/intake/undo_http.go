package intake

import (
	"cmp"
	"net/http"

	"github.com/anju-ledger/anju/domain"
)

// undoOperation is POST /v1/batches/{batch}/void.
func (d *Door) undoOperation() operation {
	return operation{
		method: http.MethodPost, path: "/v1/batches/{batch}/void", id: "undo-import", summary: "Undoes an import: voids all of its events, the latest first, or says what would be voided",
		detail: "The voids are recorded in sets. It is refused whole, with the events that others outside the import rest on, and goes on where it stopped when it is repeated. The voids are a batch of their own (undo): to void that brings the import back.",
		parameters: []parameter{
			{"batch", "path", "the import's batch, as its receipt and its events name it"},
			{"division", "query", "the division of who undoes it, required"},
			{"department", "query", "its department; by default each event is voided in the name of the department that it was imported for"},
			{"reason", "query", "why: duplicate, false, wrong_subject or test"},
			{"approved_by", "query", "the code of the person who approved it, who is not who records it"},
			{"dryrun", "query", "true: record nothing, and say what would be voided; false by default"},
		},
		statuses: []int{http.StatusOK}, answers: map[string]shape{"application/json": of[Undone]}, refuses: []int{400, 403, 404, 409, 422, 503, 507}, serve: d.serveUndo,
	}
}

func (d *Door) serveUndo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Anju-Identity", selfNamed)
	order, wrong := readUndoing(r)
	if wrong != nil {
		writeProblem(w, badRequest(*wrong))
		return
	}
	done, problem := d.Undo(r.Context(), order)
	if problem != nil {
		writeProblem(w, problem)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", done)
}

// readUndoing reads an order; what is wrong with its values the door says.
func readUndoing(r *http.Request) (o Undoing, wrong *domain.Refusal) {
	q := r.URL.Query()
	o.Batch, _ = domain.ParseEntity(r.PathValue("batch")) // absent when it is none, which is refused
	o.Reason, o.ApprovedBy = domain.VoidReason(q.Get("reason")), q.Get("approved_by")
	if name := q.Get("department"); name != "" {
		o.Department, wrong = parseDepartment(name)
	}
	division, misspelt := parseDivision(q.Get("division"))
	trial, unclear := flag(q, "dryrun", false)
	o.Division, o.Trial = division, trial
	return o, cmp.Or(wrong, misspelt, unclear)
}
