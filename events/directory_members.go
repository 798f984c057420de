package events

import (
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// step is one change of a household's members beyond their registration.
type step struct {
	Person domain.Entity
	Day    domain.Day
	Joins  bool
	First  bool // the ledger heard of him by this joining: he was born, or found
	Place  uint64
	Event  domain.EventID
}

// act is a split or merge that concerned a household.
type act struct {
	Day   domain.Day
	Event domain.EventID
	Merge bool
}

// farDay is after every day that a fact may have.
const farDay domain.Day = 1<<31 - 1

// Home returns the home of an entity that the ledger knows.
func (l *Ledger) Home(e domain.Entity) (Home, bool) { return l.directory.Home(e) }

// HeldBy returns the entities of the kind whose home is the entity: a household's persons ever
// registered in it, its dwellings, cases.
func (d *Directory) HeldBy(home domain.Entity, kind domain.EntityKind) (held []domain.Entity) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.heldBy(home, kind)
}

// heldBy is HeldBy; the caller holds mu.
func (d *Directory) heldBy(home domain.Entity, kind domain.EntityKind) (held []domain.Entity) {
	if d.base != nil {
		held = d.base.HeldBy(home, kind)
	}
	p, at, ok := d.find(home)
	if !ok || !home.Kind().HasSubject() {
		return held
	}
	before := len(held)
	for at = p.Slots[at].Next; at != 0; at = p.Slots[at].Next {
		if e := p.Slots[at].Entity; e.Kind() == kind {
			held = append(held, e)
		}
	}
	slices.Reverse(held[before:])
	return held
}

// Members returns who is known to belong to the household now, the dead left out.
func (d *Directory) Members(household domain.Entity) []domain.Entity {
	return slices.DeleteFunc(d.MembersOn(household, farDay), func(e domain.Entity) bool { return d.Death(e).Present() })
}

// MembersOn returns who is known to have belonged to the household at the end of a day, the dead
// among them: on which day somebody died, the event says that Death names.
func (d *Directory) MembersOn(household domain.Entity, day domain.Day) []domain.Entity {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.membersOn(household, day)
}

// membersOn is MembersOn; the caller holds mu.
func (d *Directory) membersOn(household domain.Entity, day domain.Day) (members []domain.Entity) {
	all := d.heldBy(household, domain.PersonKind)
	latest := map[domain.Entity]step{}
	since := d.since(household)
	for _, e := range all {
		latest[e] = step{Day: since, Joins: since <= day}
	}
	steps := d.steps(household)
	for _, s := range steps {
		if s.First { // he does not belong to it by its registration
			latest[s.Person] = step{Day: domain.NoDay}
		}
	}
	for _, s := range steps {
		if s.Day > day || d.void(s.Event) {
			continue
		}
		if !slices.Contains(all, s.Person) {
			all = append(all, s.Person)
		}
		if was, is := latest[s.Person]; !is || s.Day > was.Day || s.Day == was.Day && (!s.Joins || s.Place > was.Place) {
			latest[s.Person] = s
		}
	}
	for _, e := range all {
		if latest[e].Joins {
			members = append(members, e)
		}
	}
	return members
}

// join finds again which households people joined.
func (p *province) join() {
	for at, steps := range p.Steps {
		for _, s := range steps {
			if s.Joins && !s.First && !slices.Contains(p.joined[s.Person], at) {
				p.joined[s.Person] = append(p.joined[s.Person], at)
			}
		}
	}
}

// HouseholdsOf returns the households to which a person is known to have belonged at the end of a day, in
// the order of their ids; those that ended and those in which he died are among them.
func (d *Directory) HouseholdsOf(person domain.Entity, day domain.Day) (households []domain.Entity) {
	var may []domain.Entity
	if home, known := d.Home(person); known {
		may = append(may, home.Entity)
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	may = d.joinedBy(person, may)
	slices.Sort(may)
	for _, e := range slices.Compact(may) {
		if slices.Contains(d.membersOn(e, day), person) {
			households = append(households, e)
		}
	}
	return households
}

// joinedBy appends the households that a person joined, on whatever day; the caller holds mu.
func (d *Directory) joinedBy(person domain.Entity, all []domain.Entity) []domain.Entity {
	if d.base != nil {
		d.base.mu.RLock()
		all = d.base.joinedBy(person, all)
		d.base.mu.RUnlock()
	}
	for _, p := range d.provinces {
		for _, at := range p.joined[person] {
			all = append(all, p.Slots[at].Entity)
		}
	}
	return all
}

// steps returns the changes of a household's members; the caller holds mu.
func (d *Directory) steps(household domain.Entity) (steps []step) {
	if d.base != nil {
		d.base.mu.RLock()
		steps = slices.Clone(d.base.steps(household))
		d.base.mu.RUnlock()
	}
	if p, at, ok := d.find(household); ok {
		steps = append(steps, p.Steps[at]...)
	}
	return steps
}

// since is the day on which a household was registered, NoDay when no event says so; the caller
// holds mu.
func (d *Directory) since(household domain.Entity) domain.Day {
	if p, at, ok := d.find(household); ok {
		if since, registered := p.Since[at]; registered {
			return since
		}
	}
	if d.base == nil {
		return domain.NoDay
	}
	d.base.mu.RLock()
	defer d.base.mu.RUnlock()
	return d.base.since(household)
}

// RegisteredOn returns the day on which a household was registered, NoDay when no event says so.
func (d *Directory) RegisteredOn(household domain.Entity) domain.Day {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.since(household)
}

// LaterAct returns the split or merge that concerned the household latest, if it was true after a
// day, or was a merge of that very day and merges count, since splits come before merges of one day.
// It is absent when none was. What comes after it has to be undone first.
func (d *Directory) LaterAct(household domain.Entity, day domain.Day, merges bool) domain.EventID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	found := act{Day: domain.NoDay}
	for _, p := range d.provinces {
		for _, a := range p.Acts[household] {
			later := a.Day > day || merges && a.Merge && a.Day == day
			if later && a.Day >= found.Day && !d.void(a.Event) {
				found = a
			}
		}
	}
	if !found.Event.Present() && d.base != nil {
		return d.base.LaterAct(household, day, merges)
	}
	return found.Event
}

// FoundedAfter reports a household that a split founded after a day.
func (d *Directory) FoundedAfter(household domain.Entity, day domain.Day) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.provinces {
		acts := p.Acts[household]
		at, known := p.index.get(p.Slots, household)
		if _, registered := p.Since[at]; known && !registered && len(acts) > 0 {
			return acts[0].Day > day
		}
	}
	return d.base != nil && d.base.FoundedAfter(household, day)
}

// LaterStep reports that the person, or when absent anybody, joined or left the household after a day.
func (d *Directory) LaterStep(household, person domain.Entity, day domain.Day) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.ContainsFunc(d.steps(household), func(s step) bool {
		return (s.Person == person || !person.Present()) && s.Day > day && !d.void(s.Event)
	})
}

// Death returns the event that says that the person died, absent when none does.
func (d *Directory) Death(person domain.Entity) domain.EventID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.provinces {
		if by, ok := p.Died[person]; ok && !d.void(by) {
			return by
		}
	}
	if d.base != nil {
		return d.base.Death(person)
	}
	return domain.EventID{}
}

// DiedOn returns the day on which a person died, as far as is known; false while nobody says that he did.
func (d *Directory) DiedOn(person domain.Entity) (domain.Day, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.provinces {
		if by, ok := p.Died[person]; ok && !d.void(by) {
			return p.DiedOn[person], true
		}
	}
	if d.base != nil {
		return d.base.DiedOn(person)
	}
	return domain.NoDay, false
}

// lives reports that the person had not died by the end of a day, as far as is known; the caller holds mu.
func (d *Directory) lives(person domain.Entity, day domain.Day) bool {
	for _, p := range d.provinces {
		if by, ok := p.Died[person]; ok && !d.void(by) {
			return p.DiedOn[person] > day
		}
	}
	return d.base == nil || d.base.livedOn(person, day)
}

func (d *Directory) livedOn(person domain.Entity, day domain.Day) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.lives(person, day)
}
