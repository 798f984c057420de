package domain

import (
	"cmp"
	"slices"
)

// membership is one stay of a person in the household: [from, to). What a later entry teaches
// about him is known from that entry's day on: facts of a later time do not count.
type membership struct {
	person   PersonID
	from, to Day
	joined   *Mark

	relation Relation
	birth    Month
	tag      uint64
	related  Day // the relation is known since
	born     Day // the birth month is known since
	tagged   Day // the tag is known since

	ages // read off the birth month
}

func (m *membership) holds(at Day) bool { return m.from <= at && at < m.to }

// ages are the times in which a member is of working age and of compulsory school age.
type ages struct{ workFrom, workTo, schoolFrom, schoolTo Day }

// source is a file that holds facts of the household's members, and the day since which they
// concern it: that of the joining, split or merge that led there.
type source struct {
	*File
	since Day
}

// day is the day from which a fact of the source counts for the household.
func (s *source) day(d Day) Day { return max(d, s.since) }

// neighbour is another home that was asked for; nil = not known.
type neighbour struct {
	home Entity
	file *File
}

// household is a file prepared for reading: its members' stays and the files that hold their
// facts, which for members who moved in are other homes' (DOMAIN §2). Its room is used again.
type household struct {
	f       *File
	around  Files
	p       *Parameters
	sources []source // own file first, then the homes of members who came, of parents and of merged households
	members []membership
	met     []neighbour
	heads   []headClaim // by day

	ancestors int // households that are prepared one for the sake of the other, this the last
	until     Day // whose merges from this day on do not matter; 0 = all do

	from, closed Day // first day; first day on which it is closed, farDay
	closing      *Mark
	first        *Mark

	days   []Day       // room for one dimension's
	checks []checkStep // likewise
	titles []titleStep // likewise
}

// maxSources bounds the homes that one household's facts lie in: nobody moves more often.
const maxSources = 64

// prepare reads who belongs to the household and when. p may be nil where no rule is read.
func (h *household) prepare(f *File, around Files, p *Parameters) {
	h.f, h.around, h.p = f, around, p
	h.sources, h.members, h.met = h.sources[:0], h.members[:0], h.met[:0]
	h.from, h.closed, h.closing, h.first = farDay, farDay, nil, nil
	if len(f.Registrations) > 0 {
		h.from, h.first = f.Registrations[0].Day, &f.Registrations[0].Mark
	}
	for i := range f.Lineages {
		l := &f.Lineages[i]
		if l.child(f.Home) && l.Day < h.from {
			h.from, h.first = l.Day, &l.Mark
		}
	}
	h.gather(f, NoDay)
	if len(h.sources) > 2 {
		slices.SortStableFunc(h.sources[1:], func(a, b source) int {
			return cmp.Or(cmp.Compare(a.since, b.since), cmp.Compare(a.Home, b.Home))
		})
	}
	h.join()
	h.close()
	h.heads = h.claims(h.heads[:0], f, maxAncestors)
}

// child reports whether the home was founded by this split.
func (l *Lineage) child(home Entity) bool {
	return !l.Joining && slices.ContainsFunc(l.Others, func(o HouseholdID) bool { return o.Entity == home })
}

// neighbour returns the folded file of another home, asked for once.
func (h *household) neighbour(home Entity) (*File, bool) {
	if h.around == nil || !home.Present() {
		return nil, false
	}
	for i := range h.met {
		if h.met[i].home == home {
			return h.met[i].file, h.met[i].file != nil
		}
	}
	f, ok := h.around.File(home)
	if !ok {
		f = nil
	}
	h.met = append(h.met, neighbour{home, f})
	return f, f != nil
}

// gather collects the files that may hold facts of the household's members, each with the first
// day that leads to it.
func (h *household) gather(f *File, since Day) {
	at := slices.IndexFunc(h.sources, func(s source) bool { return s.File == f })
	switch {
	case at >= 0 && since >= h.sources[at].since, at < 0 && len(h.sources) == maxSources:
		return
	case at >= 0:
		h.sources[at].since = since
	default:
		h.sources = append(h.sources, source{f, since})
	}
	for i := range f.Memberships {
		m := &f.Memberships[i]
		if m.Leaves || m.Reason == "registered" {
			continue
		}
		h.visit(m.Other.Entity, max(since, m.Day))
		if m.Reason != "split" { // it may be said that he came from a household that knows nothing of him
			h.visit(h.homeOf(m.Person), max(since, m.Day))
		}
	}
	for i := range f.Lineages {
		l := &f.Lineages[i]
		switch {
		case l.Joining && l.Parent.Entity == f.Home:
			for _, from := range l.Others {
				h.visit(from.Entity, max(since, l.Day))
			}
		case !l.Joining && l.child(f.Home):
			h.visit(l.Parent.Entity, max(since, l.Day))
		}
	}
}

// homeOf is the home of a person, where his facts stand, for who joined without saying whence;
// absent when around cannot tell.
func (h *household) homeOf(p PersonID) Entity {
	if known, ok := h.around.(Homes); ok {
		if home, ok := known.HomeOf(p.Entity); ok {
			return home
		}
	}
	return 0
}

func (h *household) visit(e Entity, since Day) {
	if e == h.f.Home || !e.Present() {
		return
	}
	if other, ok := h.neighbour(e); ok {
		h.gather(other, since)
	}
}

// join turns the entries of joining and leaving into stays.
func (h *household) join() {
	merges := h.f.Lineages
	for i := range h.f.Memberships {
		m := &h.f.Memberships[i]
		for ; len(merges) > 0 && merges[0].Day < m.Day; merges = merges[1:] {
			h.takeOver(&merges[0])
		}
		open := h.open(m.Person)
		switch {
		case m.Leaves && open != nil:
			open.to = m.Day
		case !m.Leaves && open == nil:
			h.enter(m, m.Day, &m.Mark)
		}
	}
	for i := range merges {
		h.takeOver(&merges[i])
	}
	for i := range h.members {
		h.complete(&h.members[i])
	}
}

// enter begins a stay by an entry, on a day that a mark proves.
func (h *household) enter(m *Membership, day Day, by *Mark) {
	stay := membership{person: m.Person, from: day, to: farDay, joined: by}
	stay.learn(m, day)
	h.members = append(h.members, stay)
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

// learn takes what an entry states of the person, known from a day on: the first to state a
// thing holds.
func (m *membership) learn(from *Membership, day Day) {
	if from.Birth != 0 && (m.birth == 0 || day < m.born) {
		m.birth, m.born = from.Birth, day
	}
	if from.Relation != "" && (m.relation == "" || day < m.related) {
		m.relation, m.related = from.Relation, day
	}
	if from.Tag != 0 && (m.tag == 0 || day < m.tagged) {
		m.tag, m.tagged = from.Tag, day
	}
}

// takeOver moves the members of merged households in on the day of the merge, those among them who
// came there by a merge themselves. What is known of them complete finds.
func (h *household) takeOver(l *Lineage) {
	if !l.Joining || l.Parent.Entity != h.f.Home || h.until != 0 && l.Day >= h.until {
		return
	}
	for _, from := range l.Others {
		source, ok := h.ancestor(from.Entity, l.Day)
		if !ok {
			continue
		}
		for i := range source.members {
			if m := &source.members[i]; m.holds(l.Day) && h.open(m.person) == nil {
				h.enter(&Membership{Person: m.person}, l.Day, &l.Mark)
			}
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

// complete ends a stay at death and learns what further entries, here and in the person's other
// homes, state of him.
func (h *household) complete(m *membership) {
	for n := range h.sources {
		f := &h.sources[n]
		for i := range f.Deaths {
			if d := &f.Deaths[i]; d.Person == m.person && f.day(d.Day) < m.to {
				m.to = max(f.day(d.Day), m.from)
			}
		}
		for i := range f.Memberships {
			if e := &f.Memberships[i]; e.Person == m.person && !e.Leaves {
				m.learn(e, f.day(e.Day))
			}
		}
	}
	if h.p != nil {
		m.ages = h.p.agesOf(m.birth)
	}
}

// agesOf reads the ages off a birth month. One that nobody stated does not excuse from work: the
// household is then asked, not passed over.
func (p *Parameters) agesOf(birth Month) ages {
	if birth == 0 {
		return ages{NoDay, farDay, farDay, farDay}
	}
	a := ages{workFrom: (birth + Month(p.WorkingAge[0]*12)).First(), workTo: (birth + Month((p.WorkingAge[1]+1)*12)).First()}
	a.schoolFrom, a.schoolTo = compulsory(birth)
	return a
}

// workingAge reports whether the member is of working age on a day, as far as is known by then.
func (m *membership) workingAge(at Day) bool {
	return at < m.born || m.workFrom <= at && at < m.workTo
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

// memberDays appends the days on which the household's composition changes.
func (h *household) memberDays(days []Day) []Day {
	days = append(days, h.from)
	for i := range h.members {
		m := &h.members[i]
		days = append(days, m.from)
		if m.to != farDay {
			days = append(days, m.to)
		}
		if m.birth != 0 && m.born > m.from {
			days = append(days, m.born)
		}
	}
	return days
}
