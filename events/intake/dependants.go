package intake

import (
	"errors"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// scan is the search for what rests on an event that is to be voided: it reads the stream, so
// it runs between two attempts, not under the fence.
type scan struct {
	target   *events.Event
	entities []domain.Entity // that the target created
	found    []domain.EventID
	done     bool
}

// errScan asks the door to run the draft's scan and offer the draft again.
var errScan = errors.New("look for dependants first")

// maxDependants bounds the list in a refusal; the first few say where to begin.
const maxDependants = 50

// dependants refuses a void that other facts rest on.
func (d *draft) dependants(target *events.Event) error {
	if d.scan == nil {
		was, err := d.open(target)
		if err != nil {
			return err
		}
		d.scan = &scan{target: target}
		for _, e := range receiptOf(target, was).IDs {
			d.scan.entities = append(d.scan.entities, e)
		}
		d.scan.done = len(d.scan.entities) == 0
	}
	switch {
	case !d.scan.done:
		return errScan
	case len(d.scan.found) == 0:
		return nil
	}
	d.answer.Problem = problemOf(0, []domain.Refusal{dependants().at("/data/target_event", target.ID.String())})
	d.answer.Problem.Dependants = d.scan.found
	return errAnswered
}

// add notes the event when it names, or stands under, an entity of the target. An act on a record does
// not depend on it: what rests on the record itself is found by that. A correction depends on
// what it states instead.
func (s *scan) add(e *events.Event, f domain.Fact, kind *domain.Kind) {
	if len(s.found) >= maxDependants || e.ID == s.target.ID || kind.Name == batchClosed {
		return
	}
	if isAct(kind.Name) {
		s.addCorrection(e, f)
		return
	}
	names := slices.Contains(s.entities, e.Subject)
	kind.VisitEntities(f, func(ref domain.EntityRef) { names = names || slices.Contains(s.entities, *ref.ID) })
	if names {
		s.found = append(s.found, e.ID)
	}
}

// addCorrection notes a correction of another record that names an entity of the target.
func (s *scan) addCorrection(e *events.Event, f domain.Fact) {
	c, corrects := f.(*domain.RecordCorrected)
	if !corrects || c.TargetEvent == s.target.ID {
		return
	}
	name, _, _ := domain.ParseSchema(c.Schema)
	kind, known := domain.KindOf(name)
	if !known {
		return
	}
	if stated, err := c.Carried(kind); err == nil {
		names := false
		kind.VisitEntities(stated, func(ref domain.EntityRef) { names = names || slices.Contains(s.entities, *ref.ID) })
		if names {
			s.found = append(s.found, e.ID)
		}
	}
}
