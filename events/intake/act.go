package intake

import (
	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// correction reads the payload that a record.corrected carries against the type of its target,
// and fills in the entities that the target created, which a correction cannot change.
func correction(caller Caller, target *events.Event, was domain.Fact, s *Submission) *Submission {
	kind, _ := target.Kind()
	inner := &Submission{Kind: kind, Time: target.Time, Division: target.Division}
	p := parser{s: inner, caller: caller, data: s.Fact.(*domain.RecordCorrected).Data, correcting: true}
	p.payload()
	for i := range inner.Refusals {
		inner.Refusals[i].Field = "/data" + inner.Refusals[i].Field
	}
	if inner.Fact == nil || len(inner.Refusals) > 0 {
		return inner
	}
	inner.Refusals = approver(caller, domain.ApprovedBy(inner.Fact), "/data/data/approved_by")
	first := map[string]domain.Entity{}
	kind.VisitEntities(was, func(ref domain.EntityRef) {
		if ref.Field.Minted || ref.Field.Created {
			first[ref.Pointer] = *ref.ID
		}
	})
	kind.VisitEntities(inner.Fact, func(ref domain.EntityRef) {
		if !ref.Field.Minted && !ref.Field.Created {
			return
		}
		old := first[ref.Pointer]
		if ref.ID.Present() && *ref.ID != old || !old.Present() {
			inner.refuse(createdStays().at("/data/data"+ref.Pointer, ref.ID.String()))
		}
		*ref.ID = old
	})
	return inner
}

// approver refuses who approved a record, at the field that names him, when he is not named by a code, or is who
// records it. A text that is no code may be his name, and is not told.
func approver(caller Caller, by, field string) []domain.Refusal {
	switch {
	case by == "":
		return nil
	case caller.Source().IsNamedBy(by):
		return []domain.Refusal{secondPerson().at(field, domain.Shown(by))}
	case !domain.IsApproverCode(by):
		return []domain.Refusal{noCode().at(field, "")}
	}
	return nil
}
