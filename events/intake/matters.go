package intake

import (
	"context"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// matters finds the facts that go on with what a record opened, such as the certificate of an application, and that no
// other record in force opened by their day (domain.Opens).
type matters struct {
	opened domain.Matter
	day    domain.Day // of the record that is to be voided
	others []domain.Day
	goOn   []dated
}

// dated is a fact, its day, and its place in the stream, which is that of what it goes on with.
type dated struct {
	id       domain.EventID
	day      domain.Day
	sequence uint64
}

// see takes in a fact in force.
func (m *matters) see(e *events.Event, f domain.Fact) {
	day := e.Time.Day()
	if same, opens := domain.Opens(f); opens && same == m.opened {
		m.others = append(m.others, day)
	}
	if same, goesOn := domain.GoesOn(f); goesOn && same == m.opened && day >= m.day {
		m.goOn = append(m.goOn, dated{e.ID, day, e.Sequence})
	}
	c, corrects := f.(*domain.RecordCorrected)
	if !corrects || m.opened.Kind == "entitlement" { // whose kind is sealed: what the record itself says is believed
		return
	}
	name, _, _ := domain.ParseSchema(c.Schema)
	if kind, known := domain.KindOf(name); known {
		if now, reads := carried(c, kind); reads {
			if same, goesOn := domain.GoesOn(now); !goesOn || same != m.opened {
				m.goOn = slices.DeleteFunc(m.goOn, func(d dated) bool { return d.id == c.TargetEvent })
			}
		}
	}
}

// left are the facts that nothing else opened by their day.
func (m *matters) left() (all []domain.EventID) {
	for _, d := range m.goOn {
		if !slices.ContainsFunc(m.others, func(day domain.Day) bool { return day <= d.day }) {
			all = append(all, d.id)
		}
	}
	return all
}

// factIn reads a payload as it lies in the log; that of an entitlement opened, whose kind is sealed and tells one from the other.
func (d *Door) factIn(e *events.Event) (domain.Fact, error) {
	if strings.HasPrefix(e.Type, "entitlement.") {
		return d.opener.OpenAll(e)
	}
	return factOf(e)
}

// before takes in what was recorded before the record that is to be voided: it is read only when something would go on with nothing.
func (m *matters) before(ctx context.Context, d *Door, target *events.Event) error {
	if len(m.left()) == 0 {
		return nil
	}
	for rec, err := range d.log.Read(ctx, target.Home.Province, 0) {
		if err != nil {
			return err
		}
		if rec.Sequence >= target.Sequence {
			return nil
		}
		if rec.Event == nil || rec.Event.Subject != target.Subject || d.directory.Voided(rec.Event.ID).Present() {
			continue
		}
		f, err := d.factIn(rec.Event)
		if err != nil {
			return err
		}
		if same, opens := domain.Opens(f); opens && same == m.opened {
			m.others = append(m.others, rec.Event.Time.Day())
		}
	}
	return nil
}

// see takes in a fact outside of the import about what its events opened.
func (u *undo) see(e *events.Event, f domain.Fact) {
	if m, opens := domain.Opens(f); opens && u.opened[m] != nil {
		u.others[m] = append(u.others[m], e.Time.Day())
	}
	if m, goesOn := domain.GoesOn(f); goesOn && u.opened[m] != nil {
		u.goOn[m] = append(u.goOn[m], dated{e.ID, e.Time.Day(), e.Sequence})
	}
}

// goingOn notes each fact that goes on with what nothing but the import opened by its day.
func (u *undo) goingOn() {
	for opened, all := range u.goOn {
		for _, by := range u.opened[opened] {
			m := matters{opened: opened, day: by.day, others: u.others[opened]}
			for _, d := range all {
				if d.day >= by.day && d.sequence > by.place.Sequence {
					m.goOn = append(m.goOn, d)
				}
			}
			for _, id := range m.left() {
				if !slices.Contains(by.dependants, id) && len(by.dependants) < maxDependants {
					by.dependants = append(by.dependants, id)
				}
			}
		}
	}
}
