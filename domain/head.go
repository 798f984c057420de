package domain

import (
	"cmp"
	"slices"
)

// HeadReason is why another member became the head of a household.
type HeadReason string

var _ = enumerate[HeadReason](
	Term{"death", Text{"原户主死亡", "the head died"}},
	Term{"left", Text{"原户主迁出", "the head left"}},
	Term{"incapacity", Text{"原户主丧失行为能力", "the head can no longer act"}},
	Term{"agreement", Text{"家庭协商", "the family agreed"}},
	Term{"split", Text{"分户", "the household was split"}},
	Term{"other", Text{"其他", "other"}})

// HeadChanged names the member who is the head of the household from a day on (户主变更).
type HeadChanged struct {
	OldHead PersonID   `json:"old_head,omitzero" zh:"原户主"`
	NewHead PersonID   `json:"new_head,omitzero" anju:"required" zh:"新户主"`
	Reason  HeadReason `json:"reason,omitzero" anju:"required" zh:"原因"`
}

// HeadChange is a change of the file's head.
type HeadChange struct {
	Mark
	Old, New PersonID
}

var _ = define[HeadChanged](Kind{
	Name: "household.head_changed", Rank: 40, Home: HouseholdKind, Departments: []Department{"community", "psb", "rural"},
	Label:  Text{"户主变更", "Head of household changed"},
	Effect: Text{"不影响状态水平；户主登记地和联系人随之改变", "no status by itself; the head's registration and the contact are the new head's"},
	Sample: &HeadChanged{OldHead: samplePerson, NewHead: PersonID{MintEntity(PersonKind, 2)}, Reason: "death"},
})

// Check refuses a head who follows himself.
func (h *HeadChanged) Check(r *Report) {
	if h.OldHead == h.NewHead {
		r.Add("/new_head", h.NewHead.String(), Conflict, Text{"新户主与原户主是同一人", "the new head is the old one"},
			Text{"请核对新户主", "check who the new head is"})
	}
}

func (h *HeadChanged) apply(f *File, s *Stamp) {
	f.HeadChanges = append(f.HeadChanges, HeadChange{s.mark(), h.OldHead, h.NewHead})
}

// headClaim is what a fact says of the head from a day on: who he is, or, absent, that he who was
// it is not any more.
type headClaim struct {
	day    Day
	person PersonID
	denied PersonID // instead: who joined again, and not as the head
	mark   *Mark
	change *HeadChange // of a claim by household.head_changed

	inherited bool // from the parent of a split
}

// maxAncestors bounds how far back a child of splits looks for its head.
const maxAncestors = 16

// claims appends what the file's facts say of its head, in their order: a head whom a split took
// along, then registrations and joinings, then changes of a day. The head of a merged household
// is none here.
func (h *household) claims(all []headClaim, f *File, ancestors int) []headClaim {
	for i := range f.Lineages {
		l := &f.Lineages[i]
		if ancestors == 0 || !l.child(f.Home) {
			continue
		}
		if head := h.headBefore(l, ancestors); head.Present() && f.tookAlong(l, head) {
			all = append(all, headClaim{day: l.Day, person: head, mark: &l.Mark, inherited: true})
		}
	}
	for i := range f.HeadChanges {
		c := &f.HeadChanges[i]
		all = append(all, headClaim{day: c.Day, person: c.New, mark: &c.Mark, change: c})
	}
	for i := range f.Memberships {
		m := &f.Memberships[i]
		switch {
		case m.Leaves || m.Relation == "":
		case m.Relation == Head:
			all = append(all, headClaim{day: m.Day, person: m.Person, mark: &m.Mark})
		case slices.ContainsFunc(all, func(c headClaim) bool { return c.person == m.Person }):
			all = append(all, headClaim{day: m.Day, denied: m.Person, mark: &m.Mark})
		}
	}
	if len(all) > 1 {
		slices.SortStableFunc(all, func(a, b headClaim) int {
			return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.order(), b.order()))
		})
	}
	kept := all[:0]
	for _, c := range all {
		if n := len(kept); c.person.Present() || n > 0 && kept[n-1].person == c.denied {
			kept = append(kept, c)
		}
	}
	return kept
}

// order is the place of a claim among those of a day.
func (c *headClaim) order() int {
	switch {
	case c.change != nil:
		return 2
	case c.inherited:
		return 0
	}
	return 1
}

// headBefore is the head of a split's parent when it was split.
func (h *household) headBefore(l *Lineage, ancestors int) (head PersonID) {
	parent, ok := h.neighbour(l.Parent.Entity)
	if !ok {
		return head
	}
	if c := claimed(h.claims(nil, parent, ancestors-1), l.Day); c != nil {
		head = c.person
	}
	return head
}

// tookAlong reports that the split made the person a member of the file's household.
func (f *File) tookAlong(l *Lineage, p PersonID) bool {
	return slices.ContainsFunc(f.Memberships, func(m Membership) bool { return m.at == l.at && m.Person == p && !m.Leaves })
}

// claimed returns what is said of the head on a day, nil when nothing is.
func claimed(claims []headClaim, at Day) (found *headClaim) {
	for i := range claims {
		c := &claims[i]
		if c.day <= at {
			found = c
		}
	}
	return found
}

// head returns who is the head on a day, and the fact that says so; nil when nobody is: nothing
// says who, or he is no member.
func (h *household) head(at Day) *headClaim {
	c := claimed(h.heads, at)
	if c == nil || !c.person.Present() || h.stay(c.person, at) == nil {
		return nil
	}
	return c
}

// stay returns the person's stay that holds on a day.
func (h *household) stay(p PersonID, at Day) *membership {
	for i := range h.members {
		if m := &h.members[i]; m.person == p && m.holds(at) {
			return m
		}
	}
	return nil
}

// headContradictions: members without a head, since he died, left or was never a member; a change
// from somebody who was not the head.
func (p *picture) headContradictions(add adder) {
	h := &p.h
	for i := range h.heads {
		c := &h.heads[i]
		to := h.closed
		if i+1 < len(h.heads) {
			to = min(to, h.heads[i+1].day)
		}
		if was := claimed(h.heads[:i], c.day); was != nil && was.person.Present() && c.change != nil && c.change.Old.Present() && was.person != c.change.Old {
			add(OtherHead, NoDay, farDay, was.mark, c.mark)
		}
		if !c.person.Present() {
			continue
		}
		p.headAbsences(c, to, add)
	}
}

// headAbsences are the times of a claim in which he whom it names is no member, though others are: he may come
// back, and be gone again.
func (p *picture) headAbsences(c *headClaim, to Day, add adder) {
	h := &p.h
	var by *Mark
	for at := c.day; at < to; {
		if stay := h.stay(c.person, at); stay != nil {
			at, by = stay.to, h.ended(stay)
			continue
		}
		back := to
		for k := range h.members {
			if m := &h.members[k]; m.person == c.person && m.from > at {
				back = min(back, m.from)
			}
		}
		for gone := at; gone < back; {
			from, till := h.peopled(gone)
			if from < min(till, back) {
				add(HeadGone, from, min(till, back), c.mark, by)
			}
			gone = till
		}
		at = back
	}
}

// peopled is the first time, from a day on, in which the household has members.
func (h *household) peopled(at Day) (from, to Day) {
	from = farDay
	for i := range h.members {
		if m := &h.members[i]; m.from < m.to && m.to > at {
			from = min(from, max(at, m.from))
		}
	}
	to = from
	for i := 0; i < len(h.members); i++ {
		if m := &h.members[i]; m.holds(to) {
			to, i = m.to, -1
		}
	}
	return from, to
}

// ended is the fact that ended a stay: a leaving, a split, a death; nil while it holds.
func (h *household) ended(m *membership) *Mark {
	for i := range h.f.Memberships {
		if e := &h.f.Memberships[i]; e.Leaves && e.Person == m.person && e.Day == m.to {
			return &e.Mark
		}
	}
	return h.death(m)
}

// death is the fact that ended a stay by death, nil when none did.
func (h *household) death(m *membership) *Mark {
	for n := range h.sources {
		f := &h.sources[n]
		for i := range f.Deaths {
			if d := &f.Deaths[i]; d.Person == m.person && max(f.day(d.Day), m.from) == m.to {
				return &d.Mark
			}
		}
	}
	return nil
}

// Headship is who is the head of a household, since when, and by which fact.
type Headship struct {
	Person PersonID
	Since  Day
	By     EventID
}

// Head returns the head on a day; false when nobody is known to be it, as in a household that a merge or split ended.
func (r Roll) Head(at Day) (Headship, bool) {
	c := r.h.head(at)
	if c == nil || at >= r.handedOn() {
		return Headship{}, false
	}
	return Headship{c.person, c.day, c.mark.ID()}, true
}

// Relation returns a member's relation on a day of his stay, or on its last day: head while he is
// it; absent for who was it once; of others what was stated when they joined.
func (r Roll) Relation(s *Stay, at Day) Relation {
	if s.To != NoDay {
		at = min(at, s.To-1)
	}
	c := r.h.head(max(at, s.From))
	switch {
	case c != nil && c.person == s.Person:
		return Head
	case s.Relation == Head:
		return ""
	}
	return s.Relation
}
