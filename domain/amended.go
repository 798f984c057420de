package domain

import "slices"

// Amendment is a correction or a void that a status rests on: the event that it is about, which would have
// counted for the household, or counts with the correction's payload; and the act in force.
type Amendment struct {
	Event EventID `json:"event"`
	Act   string  `json:"act" enum:"corrected,voided"`
	By    EventID `json:"by"`
}

func (s *speaker) amend(a Amendment) {
	if !slices.Contains(s.amended, a) {
		s.amended = append(s.amended, a)
	}
}

// amendments adds the acts on what counts for the household by a day, be it evidence of a reading or not: a void
// leaves none behind, nor does a correction by which a level is unknown.
func (p *picture) amendments(at Day) {
	h := &p.h
	for n := range h.sources {
		if f := &h.sources[n]; f.acts != nil {
			p.amended(f, at, n == 0)
		}
	}
	for i := range h.met {
		if f := h.met[i].file; f != nil && f.acts != nil && h.near(f.Home, at) {
			p.amended(&source{f, NoDay}, at, true)
		}
	}
}

// near reports the household's community on a day, or a project that it was linked with by then.
func (h *household) near(home Entity, at Day) bool {
	switch home.Kind() {
	case CommunityKind:
		return h.site(at).Entity == home
	case ProjectKind:
		return slices.ContainsFunc(UpTo(h.f.Links, at), func(l Link) bool { return l.Project.Entity == home })
	}
	return false
}

// amended adds the acts on a file's facts: on all of them, or on those that concern the household.
func (p *picture) amended(f *source, at Day, all bool) {
	t := f.origin.symbols
	for rest := f.origin.records; len(rest) > 0; {
		rec, size := readHead(rest, t)
		rest = rest[size:]
		if f.day(rec.day) > at || isAct(rec.kind.Rank) || rec.kind.Rank == rankDisputed {
			continue
		}
		id := rec.id(t)
		a, done := f.acts[id]
		if !done || !all && !p.concernedBy(&rec, t, &a, at) {
			continue
		}
		act := "corrected"
		if a.void {
			act = "voided"
		}
		p.speaker.amend(Amendment{id, act, a.by})
	}
}

// concernedBy reports that a fact of another home, as recorded or as corrected, names whom or what is the
// household's by a day: a member who had not left before it, a dwelling, a case.
func (p *picture) concernedBy(rec *record, t symbols, a *act, at Day) (yes bool) {
	look := func(ref EntityRef) { yes = yes || p.has(*ref.ID, rec.day, at) }
	rec.kind.VisitEntities(rec.fact(t), look)
	if a.correction != nil {
		if corrected, err := a.correction.Carried(rec.kind); err == nil {
			rec.kind.VisitEntities(corrected, look)
		}
	}
	return yes
}

func (p *picture) has(e Entity, day, at Day) bool {
	switch e.Kind() {
	case PersonKind:
		return slices.ContainsFunc(p.h.members, func(m membership) bool { return m.person.Entity == e && m.from <= at && day < m.to })
	case DwellingKind:
		return slices.ContainsFunc(p.keys, func(k keys) bool { return k.dwelling.Entity == e && k.Day <= at && day < k.to })
	case CaseKind:
		return slices.ContainsFunc(p.cases, func(c caseFile) bool { return c.id.Entity == e && c.since <= at })
	}
	return false
}

// turned are the facts of the day from which a dimension is unknown: what is unknown rests on no statement, but it
// may have become so by one, or by who came or left.
func (p *picture) turned(d Dimension, since Day) []EventID {
	h, s := &p.h, &p.speaker
	start := len(s.events)
	if since == NoDay || since <= h.from {
		return s.events[start:start:start]
	}
	name := func(m *Mark) {
		if m != nil && !slices.Contains(s.events[start:], m.ID()) {
			s.ids([]*Mark{m}, farDay)
		}
	}
	for i := range h.members {
		m := &h.members[i]
		if m.from == since {
			name(m.joined)
		}
		if m.to == since {
			name(h.ended(m))
		}
	}
	for n := range h.sources {
		h.sources[n].stated(h, d, since, name)
	}
	if d == Organisation {
		for i := range h.heads {
			if h.heads[i].day == since {
				name(h.heads[i].mark)
			}
		}
		onDay(h.f.Moves, since, func(m *Move) { name(&m.Mark) })
		onDay(h.f.Handovers, since, func(m *Handover) { name(&m.Mark) })
	}
	return s.events[start:len(s.events):len(s.events)]
}

// stated hands on what a source states of members in a dimension, on the day on which it counts.
func (f *source) stated(h *household, d Dimension, since Day, name func(*Mark)) {
	member := func(p PersonID) bool {
		return slices.ContainsFunc(h.members, func(m membership) bool { return m.person == p && m.from <= since && since <= m.to })
	}
	switch d {
	case Employment:
		for i := range f.work {
			if w := &f.work[i]; f.day(w.Day) == since && w.kind != wished && member(w.person) {
				name(&w.Mark)
			}
		}
	case Services:
		for i := range f.Services {
			if s := &f.Services[i]; f.day(s.Day) == since && member(s.Person) {
				name(&s.Mark)
			}
		}
	case Organisation:
		for i := range f.Residences {
			if r := &f.Residences[i]; f.day(r.Day) == since && member(r.Person) {
				name(&r.Mark)
			}
		}
	}
}

// onDay calls take for the entries of a day.
func onDay[T interface{ on() Day }](register []T, day Day, take func(*T)) {
	for i := range register {
		if register[i].on() == day {
			take(&register[i])
		}
	}
}
