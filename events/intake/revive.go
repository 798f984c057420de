package intake

import (
	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// revives refuses an act by which a split, a merge, a move or a change of the head would count again, by the void of a
// void or by a correction after it, when it would be refused as households stand now: by that lineage could have a
// cycle, and people belong to no household or to two.
func (d *draft) revives(x *events.Index, e, target *events.Event) error {
	of, err := actedOn(x, target)
	if err != nil || !d.directory(x).Voided(of.ID).Present() {
		return err
	}
	after := d.directory(x).Over()
	stamp, err := e.Stamp()
	if err != nil {
		return err
	}
	after.Learn(e.Home, stamp, d.s.Fact)
	if after.Voided(of.ID).Present() {
		return nil
	}
	says, err := d.revived(x, of)
	if err != nil {
		return err
	}
	l := lineage{x: x, directory: d.directory(x), home: of.Home.Entity, day: of.Time.Day()}
	if err := l.stands(says); err != nil {
		return err
	}
	for i := range l.refusals {
		l.refusals[i] = comesBack(of.ID, l.refusals[i].Rule).at("/data/target_event", l.refusals[i].Value)
	}
	if len(l.refusals) > 0 {
		return d.refuse(l.refusals...)
	}
	return nil
}

// actedOn returns the fact that a chain of acts is about.
func actedOn(x *events.Index, of *events.Event) (*events.Event, error) {
	for isAct(of.Type) {
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

// revived is what an event says once the draft brings it back.
func (d *draft) revived(x *events.Index, of *events.Event) (domain.Fact, error) {
	if d.s.Correction != nil {
		return d.s.Correction.Fact, nil
	}
	own, err := d.open(of)
	if err != nil {
		return nil, err
	}
	return d.inForce(x, of, own)
}
