package main

import (
	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// mostAhead is how many events are read before they are recorded: enough that each wave has facts of many homes, and
// few enough that a stop loses nothing but time.
const mostAhead = 8192

// unit is an event, or a set of them, which is recorded as one.
type unit struct {
	parts []carried
	set   bool
}

// events are its events.
func (u *unit) events() []*events.Event {
	all := make([]*events.Event, len(u.parts))
	for i := range u.parts {
		all[i] = u.parts[i].event
	}
	return all
}

// lane is what goes to the door in one order: units of one source, or one set.
type lane []unit

// window holds what was read of the source and is not recorded yet, in its order, and sorts it into waves: what stands
// in one wave rests on nothing in it but what stands before it in its own lane. Two units that touch one
// home keep their order, unless both only name it (a community, a fund); so does whatever names an entity that is not there yet.
// So each home's facts, and the acts on them, reach the door in the source's order, and the door, which decides by
// what it has of the homes that a fact names, decides as it did.
type window struct {
	units  []unit
	events int
	homes  map[domain.Entity]domain.Entity // of all entities that were read
}

func (w *window) add(u unit) {
	for i := range u.parts {
		w.learn(&u.parts[i])
	}
	w.units = append(w.units, u)
	w.events += len(u.parts)
}

// learn notes the home of what a fact may create.
func (w *window) learn(c *carried) {
	c.kind.VisitEntities(c.fact, func(ref domain.EntityRef) {
		if _, known := w.homes[*ref.ID]; !known && *ref.ID != c.event.Subject && ref.ID.Present() && (ref.Field.Minted || ref.Field.Created) {
			w.homes[*ref.ID] = c.event.Subject
		}
	})
}

// touches visits the homes that a unit concerns, its own and those of the entities that it names, and says whether it
// only names it; of a person, a dwelling, a job it visits both, since persons have facts under other homes too.
func (w *window) touches(u *unit, visit func(e domain.Entity, names bool)) {
	note := func(ref domain.EntityRef) {
		if !ref.ID.Present() {
			return
		}
		home, other := w.homes[*ref.ID]
		if !other {
			home = *ref.ID
		}
		visit(home, home.Kind() != domain.HouseholdKind)
		if other && home.Kind() == domain.HouseholdKind {
			visit(*ref.ID, false)
		}
	}
	for i := range u.parts {
		c := &u.parts[i]
		visit(c.event.Subject, false)
		c.kind.VisitEntities(c.fact, note)
		if c.inner != nil {
			c.inner.kind.VisitEntities(c.inner.fact, note)
		}
	}
}

// waves is a window that is being sorted.
type waves struct {
	window  *window
	known   identities
	lanes   [][]lane                           // by wave
	at      []map[domain.Source]int            // by wave, the lane of a source
	created map[domain.Entity]int              // by entity, the first wave that may name it
	changed map[domain.Entity]map[laneName]int // by home, the last wave in which a lane changes it
	named   map[domain.Entity]map[laneName]int // in which it only names it
}

// laneName tells lanes apart over all waves: those of a source are one, each set's is its own.
type laneName struct {
	source domain.Source
	set    int // its place among the units, from 1
}

// take empties the window, wave by wave; known are the entities whose ids are known.
func (w *window) take(known identities) [][]lane {
	s := &waves{
		window: w, known: known, created: map[domain.Entity]int{},
		changed: map[domain.Entity]map[laneName]int{}, named: map[domain.Entity]map[laneName]int{},
	}
	for i := range w.units {
		s.place(&w.units[i], i+1)
	}
	w.units, w.events = nil, 0
	return s.lanes
}

// place puts a unit into the first wave that it may stand in.
func (s *waves) place(u *unit, number int) {
	name := laneName{source: u.parts[0].event.Source}
	if u.set {
		name.set = number
	}
	wave := s.first(u, name)
	for len(s.lanes) <= wave {
		s.lanes, s.at = append(s.lanes, nil), append(s.at, map[domain.Source]int{})
	}
	at, begun := s.at[wave][name.source]
	if u.set || !begun {
		at = len(s.lanes[wave])
		s.lanes[wave] = append(s.lanes[wave], nil)
	}
	if !u.set {
		s.at[wave][name.source] = at
	}
	s.lanes[wave][at] = append(s.lanes[wave][at], *u)
	s.note(u, name, wave)
}

// first is the first wave in which a unit may stand.
func (s *waves) first(u *unit, name laneName) (wave int) {
	after := func(lanes map[laneName]int) {
		for other, last := range lanes {
			if other != name {
				last++
			}
			wave = max(wave, last)
		}
	}
	s.window.touches(u, func(e domain.Entity, names bool) {
		after(s.changed[e])
		if !names {
			after(s.named[e])
		}
	})
	for i := range u.parts {
		c := &u.parts[i]
		wave = max(wave, s.created[c.event.Subject])
		note := func(ref domain.EntityRef) { wave = max(wave, s.created[*ref.ID]) }
		c.kind.VisitEntities(c.fact, note)
		if c.inner != nil {
			c.inner.kind.VisitEntities(c.inner.fact, note)
		}
		if _, acts := domain.TargetOf(c.fact); !acts && c.kind.Home == 0 { // it may name any event
			wave = max(wave, len(s.lanes))
		}
	}
	return wave
}

// note notes what a unit creates and touches.
func (s *waves) note(u *unit, name laneName, wave int) {
	create := func(e domain.Entity) {
		_, before := s.created[e]
		if _, known := s.known[e]; e.Present() && !known && !before {
			s.created[e] = wave + 1
		}
	}
	for i := range u.parts {
		c := &u.parts[i]
		create(c.event.Subject) // of a registration
		c.kind.VisitEntities(c.fact, func(ref domain.EntityRef) {
			if ref.Field.Minted || ref.Field.Created {
				create(*ref.ID)
			}
		})
	}
	s.window.touches(u, func(e domain.Entity, names bool) {
		in := s.changed
		if names {
			in = s.named
		}
		if in[e] == nil {
			in[e] = map[laneName]int{}
		}
		in[e][name] = max(in[e][name], wave)
	})
}
