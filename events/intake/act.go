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

// structure checks split and merge against who belongs to the households now (DESIGN D5: only
// structural acts are decided by current state).
func structure(d *events.Directory, home domain.Entity, f domain.Fact) (refusals []domain.Refusal) {
	closed := func(pointer string, e domain.Entity) {
		if d.Closed(e) {
			refusals = append(refusals, structural("该户已终止", "the household has ended").at(pointer, e.String()))
		}
	}
	switch f := f.(type) {
	case *domain.HouseholdSplit:
		closed("/subject", home)
		active := map[domain.Entity]bool{}
		for _, e := range d.Members(home) {
			active[e] = true
		}
		for _, child := range f.Children {
			for _, person := range child.Members {
				if !active[person.Entity] {
					refusals = append(refusals, structural("此人现在不是该户成员", "the person is no member of the household now").at("/data/children", person.String()))
				}
			}
		}
	case *domain.HouseholdMerged:
		closed("/data/into", f.Into.Entity)
		into, _ := d.Home(f.Into.Entity)
		for _, from := range f.From {
			closed("/data/from", from.Entity)
			if h, ok := d.Home(from.Entity); ok && h.Province != into.Province {
				refusals = append(refusals, structural("跨省不能并户", "households of two provinces cannot be merged").at("/data/from", from.String()))
			}
		}
	}
	return refusals
}
