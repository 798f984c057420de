package domain

import "slices"

// What splits and merges hand on: no person, dwelling or open case is lost or doubled by them.
// A parent that keeps a member keeps its cases, and the dwelling that it gives to no child; what a
// parent without members leaves goes to the child named first. A merged household's cases go
// along, and its dwelling where the other has none.

// carried returns the day from which the open cases of another home are this household's.
func (h *household) carried(home Entity) (since Day, yes bool) {
	return h.carriedTo(h.f, home, maxAncestors)
}

func (h *household) carriedTo(to *File, home Entity, ancestors int) (since Day, yes bool) {
	if ancestors == 0 {
		return 0, false
	}
	for i := range to.Lineages {
		l := &to.Lineages[i]
		from := h.leavesTo(l, to)
		for k := range from {
			if from[k].Entity == home {
				return l.Day, true
			}
			other, known := h.neighbour(from[k].Entity)
			if !known {
				continue
			}
			if day, yes := h.carriedTo(other, home, ancestors-1); yes {
				return max(day, l.Day), true
			}
		}
	}
	return 0, false
}

// leavesTo returns the households that ended by a split or merge and left what they had to the
// file's household.
func (h *household) leavesTo(l *Lineage, to *File) []HouseholdID {
	switch {
	case l.Joining && l.Parent.Entity == to.Home:
		return slices.DeleteFunc(slices.Clone(l.Others), func(o HouseholdID) bool { return !h.ends(o.Entity, l) })
	case l.child(to.Home) && l.Others[0].Entity == to.Home && h.ends(l.Parent.Entity, l):
		return []HouseholdID{l.Parent}
	}
	return nil
}

// ends reports that a split or merge is what ended a household: the merge of one that a late fact
// shows to have ended before hands nothing on.
func (h *household) ends(home Entity, l *Lineage) bool {
	a, ok := h.ancestor(home, l.Day)
	return ok && a.closed == l.Day && a.closing != nil && a.closing.ID() == l.ID()
}

// ancestor prepares another household for reading on a day; false when it is not known, or too far
// back.
func (h *household) ancestor(home Entity, day Day) (*household, bool) {
	f, ok := h.neighbour(home)
	if !ok || h.ancestors == maxAncestors {
		return nil, false
	}
	a := &household{ancestors: h.ancestors + 1, until: day}
	a.prepare(f, h.around, h.p)
	return a, true
}

// dwellingOn is the dwelling that another household had on a day, absent when it had none.
func (h *household) dwellingOn(home Entity, day Day) (found DwellingID) {
	a, ok := h.ancestor(home, day)
	if !ok {
		return found
	}
	for _, k := range a.holdings(nil) {
		if k.Day <= day && day < k.to {
			found = k.dwelling
		}
	}
	return found
}

// names reports that a split gives the dwelling to one of its children.
func (h *HouseholdSplit) names(d DwellingID) bool {
	return d.Present() && slices.ContainsFunc(h.Children, func(c Child) bool { return c.Dwelling == d })
}

// inherited returns the dwelling that a split or merge gives to this household; has is the one
// that it has.
func (h *household) inherited(l *Lineage, has DwellingID) (got DwellingID) {
	if !l.Joining && l.Split != nil {
		for _, c := range l.Split.Children {
			if c.Household.Entity == h.f.Home && c.Dwelling.Present() {
				return c.Dwelling
			}
		}
	}
	if has.Present() {
		return got
	}
	for _, from := range h.leavesTo(l, h.f) {
		d := h.dwellingOn(from.Entity, l.Day)
		if !got.Present() && (l.Split == nil || !l.Split.names(d)) {
			got = d
		}
	}
	return got
}

// splitContradictions: a split, merge or joining after the household ended; a leaving or a split of somebody who was no member then, as is known since; and a member who was found since to have been there when the household was split, and stays in
// what remained of it.
func (p *picture) splitContradictions(add adder) {
	h := &p.h
	for i := range h.f.Lineages {
		if l := &h.f.Lineages[i]; l.Parent.Entity == h.f.Home && h.closing != nil && l.Day > h.closed {
			add(AfterClosing, NoDay, farDay, h.closing, &l.Mark)
		}
	}
	for i := range h.f.Memberships {
		m := &h.f.Memberships[i]
		if !m.Leaves && h.closing != nil && m.Day > h.closed {
			add(AfterClosing, NoDay, farDay, h.closing, &m.Mark)
		}
		switch {
		case m.Leaves:
			if !h.endedBy(m) {
				add(LeftNonMember, NoDay, farDay, &m.Mark, nil)
			}
		case !m.Leaves && m.Reason != "registered" && m.Reason != "split":
			h.foundSince(m, add)
		}
	}
}

// endedBy reports that the entry ended a stay.
func (h *household) endedBy(m *Membership) bool {
	for i := range h.members {
		if s := &h.members[i]; s.person == m.Person && s.to == m.Day {
			if by := h.ended(s); by != nil && by.at == m.at {
				return true
			}
		}
	}
	return false
}

func (h *household) foundSince(m *Membership, add adder) {
	for i := range h.f.Lineages {
		l := &h.f.Lineages[i]
		if l.Joining || l.Parent.Entity != h.f.Home || l.Day < m.Day || l.Place().Sequence > m.Place().Sequence {
			continue
		}
		if s := h.stay(m.Person, l.Day); s != nil && s.joined == &m.Mark {
			add(FoundAfterSplit, NoDay, s.to, &m.Mark, &l.Mark)
		}
	}
}
