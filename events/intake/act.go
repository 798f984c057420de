package intake

import (
	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// standsWith takes the home of the event that the fact is about, and refuses another subject: it would be
// dropped, and whoever gave it would believe that he moved the fact.
func (r *resolver) standsWith(target *events.Event) bool {
	r.refusals, r.home = nil, target.Home
	n := &r.s.Subject
	if n.IsZero() || n.ID == target.Subject {
		return true
	}
	e, err := r.lookup(n)
	if err != nil {
		e = n.ID
	}
	if err != nil || e != target.Subject {
		r.refuse(standsWithTarget().at("/subject", e.String()))
	}
	return len(r.refusals) == 0
}

// contested is the dispute, or the record, that an act is about in the end.
func contested(x *events.Index, of *events.Event) (*events.Event, error) {
	for isAct(of.Type) && of.Type != "record.disputed" {
		f, err := factOf(of)
		if err != nil {
			return nil, err
		}
		next, _ := domain.TargetOf(f)
		if of, err = x.Find(next); err != nil {
			return nil, err
		}
	}
	return of, nil
}

// notOwned refuses an act on what another office recorded, at what the caller said of himself.
func (d *draft) notOwned(x *events.Index, target *events.Event, field, value string) error {
	of, err := contested(x, target)
	switch {
	case err != nil:
		return err
	case of.Type == "record.disputed":
		return d.refuse(notItsDisputer(of.Source).at(field, value))
	}
	return d.refuse(notItsOwner(target.Source).at(field, value))
}

// schema refuses a correction that says to carry another type than its target's, or a version that there is not.
func schema(target *domain.Kind, given string) []domain.Refusal {
	name, version, ok := domain.ParseSchema(given)
	if given == "" || ok && name == target.Name && target.Reads(version) {
		return nil
	}
	return []domain.Refusal{ofTheTargetsType(target).at("/data/schema", domain.Shown(given))}
}

// correction reads the payload that a record.corrected carries against the type of its target,
// and fills in the entities that the target created, which a correction cannot change.
func correction(caller Caller, target *events.Event, was domain.Fact, s *Submission) *Submission {
	kind, _ := target.Kind()
	inner := &Submission{Kind: kind, Time: target.Time, Division: target.Division}
	given := s.Fact.(*domain.RecordCorrected)
	if inner.Refusals = schema(kind, given.Schema); len(inner.Refusals) > 0 {
		return inner
	}
	p := parser{s: inner, caller: caller, data: given.Data, correcting: true}
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
