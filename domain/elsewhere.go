package domain

import "slices"

// What stands in two households at once: a person who belongs to both on a day, and a dwelling that both
// have. Households that are closed count no more. Each of the two tells it, since in each somebody may have to
// be put right, and the facts of both are named: those by which the person or the dwelling came to it.

// elsewhere finds the members and the dwellings that another household has at the same time, and moves of which
// another household knows nothing.
func (p *picture) elsewhere(add adder, all *[]contradiction) {
	w := whereabouts{h: &p.h}
	w.known, _ = p.h.around.(Homes)
	for i := range p.h.members {
		m := &p.h.members[i]
		for _, other := range w.ofPerson(m) {
			o := w.prepared(other)
			for k := range o.members {
				if s := &o.members[k]; s.person == m.person {
					p.meets(o, contradiction{kind: InTwoHouseholds, from: max(m.from, s.from), to: min(m.to, s.to), marks: [2]*Mark{m.joined, s.joined}, about: m.person.Entity}, all)
				}
			}
		}
	}
	for i := range p.keys {
		k := &p.keys[i]
		for _, other := range w.ofDwelling(k.dwelling) {
			o := w.prepared(other)
			for _, theirs := range o.holdings(nil) {
				if theirs.dwelling == k.dwelling {
					p.meets(o, contradiction{kind: DwellingTwice, from: max(k.Day, theirs.Day), to: min(k.to, theirs.to), marks: [2]*Mark{&k.Mark, &theirs.Mark}, about: k.dwelling.Entity}, all)
				}
			}
		}
	}
	p.moveContradictions(&w, add)
}

// moveContradictions: a member who left for a household that does not have him, and one who came
// from a household that never had him: as far as is known he has not left it.
func (p *picture) moveContradictions(w *whereabouts, add adder) {
	for i := range p.h.f.Memberships {
		m := &p.h.f.Memberships[i]
		if !m.Other.Present() || m.Reason == "split" || m.Other.Entity == p.h.f.Home {
			continue
		}
		other, ok := p.h.neighbour(m.Other.Entity)
		if !ok || !m.Leaves && w.everHad(m.Other.Entity, m.Person, m.Day) {
			continue
		}
		kind, to := InTwoHouseholds, farDay
		switch {
		case m.Leaves:
			kind = LeftNotArrived
		case other.county(m.Day) != p.h.f.county(m.Day):
			kind = InTwoCounties
		}
		if match := other.joining(m.Person, m.Day, !m.Leaves); match != nil {
			to = match.Day
		}
		if to > m.Day {
			add(kind, other.begins(), to, &m.Mark, nil)
		}
	}
}

// joining finds the entry of a file by which a person joined, or left, from about a day on.
func (f *File) joining(p PersonID, day Day, leaves bool) *Membership {
	for i := range f.Memberships {
		if m := &f.Memberships[i]; m.Person == p && m.Leaves == leaves && (m.Day >= day || leaves || f.member(p, day)) {
			return m
		}
	}
	return nil
}

// meets adds what stands in the household and in another while both are founded and neither is closed.
func (p *picture) meets(o *household, c contradiction, all *[]contradiction) {
	c.from, c.to, c.across = max(c.from, p.h.from, o.from), min(c.to, p.h.closed, o.closed), o.f.Home
	if c.from >= c.to {
		return
	}
	if c.kind == InTwoHouseholds && o.f.county(c.from) != p.h.f.county(c.from) {
		c.kind = InTwoCounties
	}
	*all = append(*all, c)
}

// whereabouts finds the other households in which a member, or a dwelling, of one may stand.
type whereabouts struct {
	h      *household
	known  Homes
	found  []Entity
	others []*household
}

// ofPerson returns the other known households that may have had the member: his home, those that facts say he
// joined, and those into which he left or was merged from one of these. The result holds until the next call.
func (w *whereabouts) ofPerson(m *membership) []Entity {
	w.found = append(w.found[:0], w.h.f.Home)
	if m.joined.rank() != rankRegistered { // whom a registration names is of this home
		w.add(w.h.homeOf(m.person))
	}
	if w.known != nil {
		w.add(w.known.Named(m.person.Entity)...)
	}
	for i := 0; i < len(w.found); i++ {
		f, ok := w.file(w.found[i])
		if !ok {
			w.found = slices.Delete(w.found, i, i+1)
			i--
			continue
		}
		for k := range f.Memberships {
			if e := &f.Memberships[k]; e.Leaves && e.Person == m.person {
				w.add(e.Other.Entity)
			}
		}
		for k := range f.Lineages {
			if l := &f.Lineages[k]; l.Joining {
				w.add(l.Parent.Entity)
			}
		}
	}
	slices.Sort(w.found[1:]) // not in the order in which they were met, which what is known no more may change
	return w.found[1:]
}

// ofDwelling returns the other known households that may have had the dwelling: the one that first had its keys, those
// that facts give it to, and those that inherited from one of these by a split or merge. The result holds until
// the next call.
func (w *whereabouts) ofDwelling(d DwellingID) []Entity {
	if w.known == nil {
		return nil
	}
	named := w.known.Named(d.Entity)
	if len(named) == 0 {
		return nil // nobody speaks of it but its own home, and who inherited it from there
	}
	w.found = append(w.found[:0], w.h.f.Home)
	if home, known := w.known.HomeOf(d.Entity); known {
		w.add(home)
	}
	w.add(named...)
	for i := 0; i < len(w.found); i++ {
		f, ok := w.file(w.found[i])
		if !ok {
			w.found = slices.Delete(w.found, i, i+1)
			i--
			continue
		}
		for k := range f.Lineages {
			l := &f.Lineages[k]
			w.add(l.Parent.Entity)
			for _, o := range l.Others {
				w.add(o.Entity)
			}
		}
	}
	slices.Sort(w.found[1:])
	return w.found[1:]
}

func (w *whereabouts) add(homes ...Entity) {
	for _, e := range homes {
		if e.Kind() == HouseholdKind && len(w.found) < maxSources && !slices.Contains(w.found, e) {
			w.found = append(w.found, e)
		}
	}
}

func (w *whereabouts) file(home Entity) (*File, bool) {
	if home == w.h.f.Home {
		return w.h.f, true
	}
	return w.h.neighbour(home)
}

// prepared reads another household's file, once; it is known.
func (w *whereabouts) prepared(home Entity) *household {
	for _, o := range w.others {
		if o.f.Home == home {
			return o
		}
	}
	f, _ := w.h.neighbour(home)
	o := &household{}
	o.prepare(f, w.h.around, nil)
	w.others = append(w.others, o)
	return o
}

// everHad reports that a known household had the person by a day, whether or not it has him still.
func (w *whereabouts) everHad(home Entity, p PersonID, by Day) bool {
	return slices.ContainsFunc(w.prepared(home).members, func(s membership) bool { return s.person == p && s.from <= by })
}

// rank is the rank of the type of the mark's fact.
func (m *Mark) rank() int { return recordRank(m.file.origin.records[m.at:]) }

// division is where the mark's fact was recorded.
func (m *Mark) division() Division {
	rec, _ := readHead(m.file.origin.records[m.at:], m.file.origin.symbols)
	return divisionOf(rec.division)
}
