package domain

// Roll says who belongs to a household and when, and where it lives: what a file that is
// composed of several homes is put together by (DOMAIN §2).
type Roll struct{ h *household }

// RollOf reads the roll off a household's folded file; around may be nil.
func RollOf(f *File, around Files) Roll {
	h := &household{}
	h.prepare(f, around, nil)
	return Roll{h}
}

// Stay is a time in which a person belongs to the household: [From, To). Left is absent, and To
// NoDay, while he does.
type Stay struct {
	Person   PersonID
	Relation Relation
	Birth    Month
	From, To Day
	Joined   EventID
	Left     EventID // what ended it: a leaving, a split, a merge, a death
	Died     bool    // it ended by death: what is recorded of him after it still concerns this household
}

// Holds reports whether the stay holds on a day.
func (s *Stay) Holds(at Day) bool { return s.From <= at && (s.To == NoDay || at < s.To) }

// Stays returns the members' stays in the order in which they became members.
func (r Roll) Stays() []Stay {
	stays := make([]Stay, 0, len(r.h.members))
	for i := range r.h.members {
		m := &r.h.members[i]
		s := Stay{m.person, m.relation, m.birth, m.from, m.to, m.joined.ID(), EventID{}, false}
		switch {
		case m.to > r.handedOn():
			s.To, s.Left = max(r.handedOn(), m.from), r.h.closing.ID()
		case m.to == farDay:
			s.To = NoDay
		default:
			s.Left, s.Died = r.ended(m)
		}
		stays = append(stays, s)
	}
	return stays
}

// handedOn is the day on which the household ended by a split or merge, and whoever and whatever it had
// went on to another; farDay when it did not.
func (r Roll) handedOn() Day {
	for i := range r.h.f.Lineages {
		l := &r.h.f.Lineages[i]
		if l.Day == r.h.closed && r.h.closing != nil && l.ID() == r.h.closing.ID() {
			return l.Day
		}
	}
	return farDay
}

// ended finds what ended a member's stay.
func (r Roll) ended(m *membership) (by EventID, died bool) {
	e := r.h.ended(m)
	if e == nil {
		return EventID{}, false
	}
	return e.ID(), e == r.h.death(m)
}

// Tenure is a time in which the household has a dwelling, or lives in a community: [From, To),
// To NoDay while it does.
type Tenure struct {
	Of       Entity
	From, To Day
}

// Holds reports whether the tenure holds on a day.
func (t *Tenure) Holds(at Day) bool { return t.From <= at && (t.To == NoDay || at < t.To) }

// Dwellings returns the household's dwellings, one after the other.
func (r Roll) Dwellings() []Tenure {
	var all []Tenure
	for _, k := range r.h.holdings(nil) {
		t := Tenure{k.dwelling.Entity, k.Day, min(k.to, r.handedOn())}
		if t.To == farDay {
			t.To = NoDay
		}
		all = append(all, t)
	}
	return all
}

// Sites returns the communities that the household lives in, one after the other; a household
// that went back to its origin or left the county lives in none.
func (r Roll) Sites() []Tenure {
	days := []Day{r.h.from}
	for i := range r.h.f.Handovers {
		days = append(days, r.h.f.Handovers[i].Day)
	}
	for i := range r.h.f.Moves {
		days = append(days, r.h.f.Moves[i].Day)
	}
	if r.h.closed != farDay {
		days = append(days, r.h.closed)
	}
	var all []Tenure
	for _, day := range sortDays(days) {
		if day == farDay {
			break
		}
		site := r.siteOn(day)
		n := len(all)
		if n > 0 && all[n-1].To == NoDay {
			if all[n-1].Of == site.Entity {
				continue
			}
			all[n-1].To = day
		}
		if site.Present() {
			all = append(all, Tenure{site.Entity, day, NoDay})
		}
	}
	return all
}

// siteOn is the community of a day, none after a move away that no keys followed.
func (r Roll) siteOn(day Day) CommunityID {
	if day >= r.h.closed {
		return CommunityID{}
	}
	away := NoDay
	for i := range r.h.f.Moves {
		if m := &r.h.f.Moves[i]; m.Day <= day && m.Kind != ResettledAgain {
			away = m.Day
		} else if m.Day <= day {
			away = NoDay
		}
	}
	for i := range r.h.f.Handovers {
		if h := &r.h.f.Handovers[i]; h.Day <= day && h.Day > away {
			away = NoDay
		}
	}
	if away != NoDay {
		return CommunityID{}
	}
	return r.h.site(day)
}
