package domain

import (
	"iter"
	"slices"
)

// Standing is how a recorded fact stands today: of the acts on it the one that holds.
type Standing struct {
	Recorded  Fact    // as it was recorded
	InForce   Fact    // as a fold takes it: corrected where it was; nil when it is voided
	Corrected EventID // the correction in force, absent when there is none
	Voided    EventID // the void in force, absent when there is none
	Disputed  EventID // the first dispute that is not answered, absent when there is none
}

// Standings yields the facts of the register in fold order, each with what was done to it since
// by corrections and voids: the same that Fold takes. The facts are the caller's.
func (r Register) Standings() iter.Seq2[Stamp, Standing] {
	return func(yield func(Stamp, Standing) bool) {
		acts, disputed := r.standingActs(), r.standingDisputes()
		for s, fact := range r.Facts() {
			standing := Standing{Recorded: fact, InForce: fact, Disputed: disputed[s.ID]}
			switch act := acts[s.ID].(type) {
			case voidAct:
				standing.InForce, standing.Voided = nil, act.by
			case correctionAct:
				if corrected, err := act.fact.Carried(s.Kind); err == nil {
					standing.InForce, standing.Corrected = corrected, act.by
				}
			}
			if !yield(s, standing) {
				return
			}
		}
	}
}

// standingDisputes returns the first unanswered dispute of each record, nil when there is none.
func (r Register) standingDisputes() map[EventID]EventID {
	if !r.Disputed() {
		return nil
	}
	var f File
	r.Fold(&f)
	found := map[EventID]EventID{}
	for i := range f.Disputes {
		d := &f.Disputes[i]
		if of, open := d.unanswered(); open && !found[of.ID()].Present() {
			found[of.ID()] = d.ID()
		}
	}
	return found
}

// voidAct and correctionAct are what was last decided on a target, and by which event.
type (
	voidAct       struct{ by EventID }
	correctionAct struct {
		by   EventID
		fact *RecordCorrected
	}
)

// standingActs returns the act in force on each target: the one recorded last that was not
// itself voided.
func (r Register) standingActs() map[EventID]any {
	type found struct {
		stamp Stamp
		fact  Fact
	}
	var all []found
	for s, fact := range r.Facts() {
		if _, isAct := actOn(fact); isAct {
			all = append(all, found{s, fact})
		}
	}
	slices.SortFunc(all, func(a, b found) int { return int(b.stamp.Place.Sequence) - int(a.stamp.Place.Sequence) })
	acts := map[EventID]any{}
	for _, a := range all {
		target, _ := actOn(a.fact)
		if _, voided := acts[a.stamp.ID].(voidAct); voided || acts[target] != nil {
			continue
		}
		if correction, ok := a.fact.(*RecordCorrected); ok {
			acts[target] = correctionAct{a.stamp.ID, correction}
		} else {
			acts[target] = voidAct{a.stamp.ID}
		}
	}
	return acts
}

// Touches returns the other homes whose registers hold the fact of an event too, such as the
// households that a split founded; for a correction or a void, those of what it is about in the
// end. It is none when the register does not hold the event.
func (r Register) Touches(id EventID) []Entity {
	t, rest := r.open()
	for len(rest) > 0 {
		rec, size := readHead(rest, t)
		rest = rest[size:]
		if rec.id(t) != id {
			continue
		}
		fact := rec.fact(t)
		if target, act := TargetOf(fact); act && target != id {
			return r.Touches(target)
		}
		if wide, ok := fact.(interface{ Touches() []Entity }); ok {
			return wide.Touches()
		}
		return nil
	}
	return nil
}

// TargetOf returns the event that a correction, a void or a dispute is about; false for any other fact.
func TargetOf(f Fact) (EventID, bool) {
	if d, disputes := f.(*RecordDisputed); disputes {
		return d.TargetEvent, true
	}
	return actOn(f)
}

// actOn returns the event that a correction or a void is about.
func actOn(f Fact) (EventID, bool) {
	switch f := f.(type) {
	case *RecordVoided:
		return f.TargetEvent, true
	case *RecordCorrected:
		return f.TargetEvent, true
	}
	return EventID{}, false
}

// Concerns returns the one person, dwelling or other entity that a payload of the kind is about:
// the entity that its field person, dwelling or homestead names, absent when it is about its home.
func (k *Kind) Concerns(f Fact) (e Entity) {
	if _, whole := f.(*HouseholdMoved); whole || f == nil {
		return 0 // a household moves as a whole, into a dwelling
	}
	k.VisitEntities(f, func(ref EntityRef) {
		switch ref.Pointer {
		case "/person", "/dwelling", "/homestead", "/member/person":
			if !e.Present() {
				e = *ref.ID
			}
		}
	})
	return e
}
