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
			inner.refuse(structural("更正不能改变记录所建立的对象", "a correction cannot change the entities that the fact created").at("/data/data"+ref.Pointer, ref.ID.String()))
		}
		*ref.ID = old
	})
	return inner
}
