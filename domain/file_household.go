package domain

import "slices"

// membership is one stay of a person in the household: [from, to).
type membership struct {
	person   PersonID
	relation Relation
	birth    Month
	tag      uint64
	from, to Day
	joined   *Mark
}

func (m *membership) holds(at Day) bool { return m.from <= at && at < m.to }

// household is a file prepared for reading: its members' stays and the files that hold their
// facts, which for members who moved in are other homes' (DOMAIN §2).
type household struct {
	f       *File
	around  Files
	p       *Parameters
	sources []*File // own file first, then the homes of members who came, of parents and of merged households
	members []membership

	from, closed Day // first day; first day on which it is closed, farDay
	closing      *Mark
	first        *Mark
}

// maxSources bounds the homes that one household's facts lie in: nobody moves more often.
const maxSources = 64

// prepare reads who belongs to the household and when.
func prepare(f *File, around Files, p *Parameters) *household {
	h := &household{f: f, around: around, p: p, from: farDay, closed: farDay}
	if len(f.Registrations) > 0 {
		h.from, h.first = f.Registrations[0].Day, &f.Registrations[0].Mark
	}
	for i := range f.Lineages {
		l := &f.Lineages[i]
		if l.child(f.Home) && l.Day < h.from {
			h.from, h.first = l.Day, &l.Mark
		}
	}
	h.gather(f)
	h.join()
	h.close()
	return h
}

// child reports whether the home was founded by this split.
func (l *Lineage) child(home Entity) bool {
	return !l.Joining && slices.ContainsFunc(l.Others, func(o HouseholdID) bool { return o.Entity == home })
}

// gather collects the files that may hold facts of the household's members.
func (h *household) gather(f *File) {
	if f == nil || slices.Contains(h.sources, f) || len(h.sources) == maxSources {
		return
	}
	h.sources = append(h.sources, f)
	if h.around == nil {
		return
	}
	visit := func(e Entity) {
		if !e.Present() || e == h.f.Home {
			return
		}
		if other, ok := h.around.File(e); ok {
			h.gather(other)
		}
	}
	for i := range f.Memberships {
		if m := &f.Memberships[i]; !m.Leaves {
			visit(m.Other.Entity)
		}
	}
	for i := range f.Lineages {
		l := &f.Lineages[i]
		switch {
		case l.Joining && l.Parent.Entity == f.Home:
			for _, from := range l.Others {
				visit(from.Entity)
			}
		case !l.Joining && l.child(f.Home):
			visit(l.Parent.Entity)
		}
	}
}

// join turns the entries of joining and leaving into stays.
func (h *household) join() {
	for i := range h.f.Memberships {
		m := &h.f.Memberships[i]
		open := h.open(m.Person)
		switch {
		case m.Leaves && open != nil:
			open.to = m.Day
		case !m.Leaves && open == nil:
			h.members = append(h.members, membership{m.Person, m.Relation, m.Birth, m.Tag, m.Day, farDay, &m.Mark})
		case !m.Leaves:
			open.learn(m)
		}
	}
	for i := range h.f.Lineages {
		h.takeOver(&h.f.Lineages[i])
	}
	for i := range h.members {
		h.complete(&h.members[i])
	}
}

// open returns the person's stay that has not ended.
func (h *household) open(p PersonID) *membership {
	for i := range h.members {
		if h.members[i].person == p && h.members[i].to == farDay {
			return &h.members[i]
		}
	}
	return nil
}

// learn fills what a first entry left out.
func (m *membership) learn(from *Membership) {
	if m.birth == 0 {
		m.birth = from.Birth
	}
	if m.relation == "" {
		m.relation = from.Relation
	}
	if m.tag == 0 {
		m.tag = from.Tag
	}
}

// takeOver moves the members of merged households in on the day of the merge.
func (h *household) takeOver(l *Lineage) {
	if !l.Joining || l.Parent.Entity != h.f.Home || h.around == nil {
		return
	}
	for _, from := range l.Others {
		other, ok := h.around.File(from.Entity)
		if !ok {
			continue
		}
		for i := range other.Memberships {
			m := &other.Memberships[i]
			if m.Leaves || m.Day > l.Day || h.open(m.Person) != nil || !other.member(m.Person, l.Day) {
				continue
			}
			h.members = append(h.members, membership{m.Person, m.Relation, m.Birth, m.Tag, l.Day, farDay, &l.Mark})
		}
	}
}

// member reports whether the file's own entries have the person in the household on a day.
func (f *File) member(p PersonID, at Day) bool {
	in := false
	for i := range f.Memberships {
		if m := &f.Memberships[i]; m.Person == p && m.Day <= at {
			in = !m.Leaves
		}
	}
	return in
}

// complete ends a stay at death and learns from the person's other homes what this one lacks.
func (h *household) complete(m *membership) {
	for _, f := range h.sources {
		for i := range f.Deaths {
			if d := &f.Deaths[i]; d.Person == m.person && d.Day < m.to {
				m.to = max(d.Day, m.from)
			}
		}
		for i := range f.Memberships {
			if e := &f.Memberships[i]; e.Person == m.person && !e.Leaves {
				m.learn(e)
			}
		}
	}
}

// close finds the day from which the household is closed: by a closing, by a merge into
// another, or by a split that left nobody.
func (h *household) close() {
	for i := range h.f.Closings {
		if c := &h.f.Closings[i]; c.Day < h.closed {
			h.closed, h.closing = c.Day, &c.Mark
		}
	}
	for i := range h.f.Lineages {
		l := &h.f.Lineages[i]
		if l.Joining || l.child(h.f.Home) || l.Day >= h.closed {
			continue
		}
		if !slices.ContainsFunc(h.members, func(m membership) bool { return m.holds(l.Day) }) {
			h.closed, h.closing = l.Day, &l.Mark
		}
	}
}

// class is the person's labour class on a day, "" when it was never stated.
func (h *household) class(p PersonID, at Day) LabourClass {
	var class LabourClass
	last := NoDay
	for _, f := range h.sources {
		for i := range f.Profiles {
			if e := &f.Profiles[i]; e.Person == p && e.Day <= at && e.Day >= last {
				class, last = e.Class, e.Day
			}
		}
	}
	return class
}

// required reports whether the member is required to work on a day: skilled or ordinary and of
// working age. A birth month that nobody stated does not excuse: the household is then
// asked, not passed over.
func (h *household) required(m *membership, at Day) bool {
	if c := h.class(m.person, at); c != Skilled && c != Ordinary {
		return false
	}
	from, to := h.workingAge(m)
	return from <= at && at < to
}

// workingAge is the time in which the member is of working age: [from, to).
func (h *household) workingAge(m *membership) (from, to Day) {
	if m.birth == 0 {
		return NoDay, farDay
	}
	return (m.birth + Month(h.p.WorkingAge[0]*12)).First(), (m.birth + Month((h.p.WorkingAge[1]+1)*12)).First()
}

// labour reports a labour household on a day: a member of a class other than none.
func (h *household) labour(at Day) bool {
	return slices.ContainsFunc(h.members, func(m membership) bool {
		c := h.class(m.person, at)
		return m.holds(at) && c != "" && c != NoLabour
	})
}

// memberDays appends the days on which the household's composition changes.
func (h *household) memberDays(days []Day) []Day {
	days = append(days, h.from)
	for i := range h.members {
		days = append(days, h.members[i].from)
		if h.members[i].to != farDay {
			days = append(days, h.members[i].to)
		}
	}
	return days
}
