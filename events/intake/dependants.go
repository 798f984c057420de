package intake

import (
	"errors"
	"iter"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// scan is the search for what rests on an event that is to be voided: it reads the stream, so
// it runs between two attempts, not under the fence.
type scan struct {
	target   *events.Event
	entities []domain.Entity // that the target created
	matters  *matters        // that it opened
	kinship  *kinship        // of a split, merge or move: whom it concerned
	found    []domain.EventID
	done     bool
	undo     bool // it is an import's that is undone: what the void of a later act of it took away may be voided, too
}

// errScan asks the door to run the draft's scan and offer the draft again.
var errScan = errors.New("look for dependants first")

// maxDependants bounds the list in a refusal; the first few say where to begin.
const maxDependants = 50

// mostFound bounds what a search keeps: one more than the earlier voids of a set can take away.
const mostFound = maxSet

// dependants refuses a void that other facts rest on.
func (d *draft) dependants(x *events.Index, target *events.Event) error {
	if d.scan == nil {
		was, err := d.open(target)
		if err != nil {
			return err
		}
		d.scan = &scan{target: target}
		for _, e := range receiptOf(target, was).IDs {
			if home, known := d.resolver.directory.Home(e); !known || e.Kind().HasSubject() || home.Entity == target.Home.Entity {
				d.scan.entities = append(d.scan.entities, e) // not who came from another household
			}
		}
		if k, moves := kinshipOf(d.resolver.directory, target, was); moves {
			d.scan.kinship = &k
		}
		now, err := d.inForce(x, target, was)
		if err != nil {
			return err
		}
		if m, opens := domain.Opens(now); opens {
			d.scan.matters = &matters{opened: m, day: target.Time.Day()}
		}
		d.scan.done = len(d.scan.entities) == 0 && d.scan.kinship == nil && d.scan.matters == nil
	}
	if !d.scan.done {
		return errScan
	}
	left := slices.DeleteFunc(slices.Clone(d.scan.found), func(id domain.EventID) bool { // by an earlier part of the set
		return d.resolver.directory.Voided(id).Present()
	})
	if len(left) == 0 {
		return nil
	}
	d.answer.Problem = problemOf(0, []domain.Refusal{restedOn(target).at("/data/target_event", target.ID.String())})
	d.answer.Problem.Dependants = left[:min(len(left), maxDependants)]
	return errAnswered
}

// add notes the event when it names, or stands under, an entity of the target.
func (s *scan) add(e *events.Event, f domain.Fact) {
	if len(s.found) >= mostFound || e.ID == s.target.ID || e.Type == batchClosed {
		return
	}
	if s.matters != nil {
		s.matters.see(e, f)
	}
	if c, corrects := f.(*domain.RecordCorrected); corrects && c.TargetEvent == s.target.ID {
		return
	}
	if s.kinship != nil && s.kinship.holds(e, f) {
		s.found = append(s.found, e.ID)
		return
	}
	for entity := range named(e, f) {
		if slices.Contains(s.entities, entity) {
			s.found = append(s.found, e.ID)
			return
		}
	}
}

// named yields the entities that an event rests on: those that it names, and its home. An act on a record
// does not rest on it: what rests on the record itself is found by that; a correction rests on what it
// states instead.
func named(e *events.Event, f domain.Fact) iter.Seq[domain.Entity] {
	return func(yield func(domain.Entity) bool) {
		kind, known := domain.KindOf(e.Type)
		if c, corrects := f.(*domain.RecordCorrected); corrects {
			name, _, _ := domain.ParseSchema(c.Schema)
			if kind, known = domain.KindOf(name); known {
				f, known = carried(c, kind)
			}
		} else if isAct(e.Type) || !yield(e.Subject) {
			return
		}
		more := known
		if known {
			kind.VisitEntities(f, func(ref domain.EntityRef) { more = more && (!ref.ID.Present() || yield(*ref.ID)) })
		}
	}
}

// carried reads what a correction states.
func carried(c *domain.RecordCorrected, kind *domain.Kind) (domain.Fact, bool) {
	f, err := c.Carried(kind)
	return f, err == nil
}
