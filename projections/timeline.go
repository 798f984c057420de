package projections

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Entry is one fact of a timeline, without its payload: what is sealed stays so.
type Entry struct {
	Day        domain.Day        `json:"day"`
	Event      domain.EventID    `json:"event"`
	Type       string            `json:"type"`
	Name       domain.Text       `json:"name"`
	Area       int               `json:"area"`
	Home       domain.Entity     `json:"home"`             // under whose subject it stands
	About      domain.Entity     `json:"about,omitzero"`   // the person or dwelling that it concerns; absent = its home
	Words      domain.Text       `json:"words,omitzero"`   // of a split, a merge, a move or a new head: what happened
	Others     []domain.Entity   `json:"others,omitempty"` // the other households of it
	Division   domain.Division   `json:"division"`
	Department domain.Department `json:"department"`         // who recorded it
	Position   string            `json:"position"`           // where it stands in the log
	Corrected  domain.EventID    `json:"corrected,omitzero"` // the correction in force on it
	Voided     domain.EventID    `json:"voided,omitzero"`    // the void in force on it: it has no effect
	Disputed   domain.EventID    `json:"disputed,omitzero"`  // the first dispute of it that is not answered
}

// TimelineAnswer is everything recorded of a household, person or community, in the order in
// which it was true, up to a day. It is composed through membership (DOMAIN §2); corrections and
// voids stand in it as facts of their own, on the day on which they were recorded.
type TimelineAnswer struct {
	Household domain.Entity `json:"household,omitzero"`
	Person    domain.Entity `json:"person,omitzero"`
	Community domain.Entity `json:"community,omitzero"`
	At        domain.Day    `json:"at"`
	Entries   []Entry       `json:"entries"`
	Basis
}

// Timeline returns what was recorded of a household up to a day: its own facts, those of its
// members and of its dwelling while they are its own, wherever they stand, and those of its
// community and the facilities that serve it while it lives there. Facts about a member who left
// go on in the timeline of the household that he went to.
func (k *Known) Timeline(id domain.Entity, homes Homes, at domain.Day) (TimelineAnswer, error) {
	v := k.views
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id.Kind() != domain.HouseholdKind || !k.exists(id) {
		return TimelineAnswer{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	around := k.around()
	file, known := around.File(id)
	if !known {
		file = &domain.File{Home: id}
	}
	h := composed(domain.RollOf(file, around))
	c := collection{known: k, at: at}
	c.add(id, func(s domain.Stamp, _ domain.Standing, about domain.Entity) bool {
		return !h.elsewhere(about, s)
	})
	for _, other := range h.otherHomes(id, homes) {
		c.add(other, func(s domain.Stamp, _ domain.Standing, about domain.Entity) bool {
			return about.Present() && h.has(about, s.Day()) && !strings.HasPrefix(s.Kind.Name, "household.") // who left it is its own affair
		})
	}
	for _, site := range h.sites {
		c.addSite(site)
	}
	return TimelineAnswer{Household: id, At: at, Entries: c.entries(), Basis: k.basis(at)}, v.failed
}

// PersonTimeline returns what was recorded of a person up to a day, in whichever household.
func (k *Known) PersonTimeline(id domain.Entity, homes Homes, at domain.Day) (TimelineAnswer, error) {
	v := k.views
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	home, known := homes.Home(id)
	if !known || id.Kind() != domain.PersonKind {
		return TimelineAnswer{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	c := collection{known: k, at: at}
	for _, e := range k.households(id, home.Entity, k.around()) {
		c.add(e, func(_ domain.Stamp, s domain.Standing, about domain.Entity) bool {
			return about == id || names(s.Recorded, id)
		})
	}
	return TimelineAnswer{Person: id, At: at, Entries: c.entries(), Basis: k.basis(at)}, v.failed
}

// CommunityTimeline returns what was recorded of a community up to a day, with the facilities
// that serve it and its projects; households have timelines of their own.
func (k *Known) CommunityTimeline(id domain.Entity, at domain.Day) (TimelineAnswer, error) {
	v := k.views
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id.Kind() != domain.CommunityKind || !k.exists(id) && len(v.mentions.of(id)) == 0 {
		return TimelineAnswer{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	c := collection{known: k, at: at}
	c.addSite(domain.Tenure{Of: id, From: domain.NoDay, To: domain.NoDay})
	return TimelineAnswer{Community: id, At: at, Entries: c.entries(), Basis: k.basis(at)}, v.failed
}

// names reports whether a fact about a whole household names a person as one of its members.
func names(fact domain.Fact, person domain.Entity) bool {
	switch f := fact.(type) {
	case *domain.HouseholdRegistered:
		return slices.ContainsFunc(f.Members, func(m domain.Member) bool { return m.Person.Entity == person })
	case *domain.HeadChanged:
		return f.OldHead.Entity == person || f.NewHead.Entity == person
	case *domain.HouseholdSplit:
		return slices.ContainsFunc(f.Children, func(c domain.Child) bool {
			return slices.ContainsFunc(c.Members, func(p domain.PersonID) bool { return p.Entity == person })
		})
	}
	return false
}

// composition is what a household's timeline is put together by.
type composition struct {
	stays     []domain.Stay
	dwellings []domain.Tenure
	sites     []domain.Tenure
}

func composed(r domain.Roll) composition {
	return composition{r.Stays(), r.Dwellings(), r.Sites()}
}

// has reports whether a person belongs to the household, or a dwelling is its own, on a day. Of
// the dead everything counts that is recorded of them.
func (c *composition) has(e domain.Entity, day domain.Day) bool {
	return slices.ContainsFunc(c.stays, func(s domain.Stay) bool {
		return s.Person.Entity == e && (s.Holds(day) || s.Died && day >= s.From)
	}) || slices.ContainsFunc(c.dwellings, func(t domain.Tenure) bool { return t.Of == e && t.Holds(day) })
}

// elsewhere reports whether a fact of the household's own subject belongs into another
// household's timeline: it is about a member who had left by then, or a dwelling given up.
func (c *composition) elsewhere(e domain.Entity, s domain.Stamp) bool {
	if !e.Present() || c.has(e, s.Day()) {
		return false
	}
	ended := slices.ContainsFunc(c.dwellings, func(t domain.Tenure) bool {
		return t.Of == e && t.To != domain.NoDay && t.To <= s.Day()
	})
	for i := range c.stays {
		stay := &c.stays[i]
		if stay.Person.Entity == e && stay.Left == s.ID {
			return false
		}
		ended = ended || stay.Person.Entity == e && stay.To != domain.NoDay && stay.To <= s.Day()
	}
	return ended
}

// otherHomes returns the other homes under whose subjects facts of members and dwellings stand.
func (c *composition) otherHomes(own domain.Entity, homes Homes) (others []domain.Entity) {
	add := func(e domain.Entity) {
		home, known := homes.Home(e)
		if known && home.Entity != own && !slices.Contains(others, home.Entity) && len(others) < maxHomes {
			others = append(others, home.Entity)
		}
	}
	for i := range c.stays {
		add(c.stays[i].Person.Entity)
	}
	for i := range c.dwellings {
		add(c.dwellings[i].Of)
	}
	return others
}

// collection gathers facts for a timeline.
type collection struct {
	known *Known
	at    domain.Day
	facts []collected
}

// collected is a fact with the home that it was found in.
type collected struct {
	standingFact
	home  domain.Entity
	about domain.Entity
}

// add takes the facts of a home that wants accepts and that were true by the day asked for, and
// the corrections and voids of those.
func (c *collection) add(home domain.Entity, wants func(domain.Stamp, domain.Standing, domain.Entity) bool) {
	register := c.known.register(home)
	taken := map[domain.EventID]domain.Entity{}
	var acts []collected
	for stamp, s := range register.Standings() {
		fact := collected{standingFact{stamp, s}, home, stamp.Kind.Concerns(s.Recorded)}
		if _, isAct := domain.TargetOf(s.Recorded); isAct {
			acts = append(acts, fact)
			continue
		}
		if !wants(stamp, s, fact.about) {
			continue
		}
		taken[stamp.ID] = fact.about
		c.keep(fact)
	}
	slices.SortFunc(acts, func(a, b collected) int { return int(a.stamp.Place.Sequence) - int(b.stamp.Place.Sequence) })
	for _, act := range acts { // an act may be the target of a later one
		target, _ := domain.TargetOf(act.Recorded)
		about, ours := taken[target]
		if !ours {
			continue
		}
		act.about = about
		taken[act.stamp.ID] = about
		c.keep(act)
	}
}

// keep takes a fact that was true by the day, once.
func (c *collection) keep(fact collected) {
	same := func(f collected) bool { return f.stamp.ID == fact.stamp.ID }
	if fact.stamp.Day() <= c.at && !slices.ContainsFunc(c.facts, same) {
		c.facts = append(c.facts, fact)
	}
}

// addSite takes the facts of a community and of the facilities and projects that say they are
// its own, as far as they were true in the tenure.
func (c *collection) addSite(site domain.Tenure) {
	c.add(site.Of, func(s domain.Stamp, _ domain.Standing, _ domain.Entity) bool { return site.Holds(s.Day()) })
	for _, e := range c.known.views.mentions.of(site.Of) {
		if kind := e.Kind(); kind != domain.FacilityKind && kind != domain.ProjectKind {
			continue
		}
		c.add(e, func(s domain.Stamp, standing domain.Standing, _ domain.Entity) bool {
			return site.Holds(s.Day()) && isOf(standing.Recorded, site.Of)
		})
	}
}

// isOf reports whether a fact of a facility or project names the community; one that names none
// goes on with what was stated before.
func isOf(fact domain.Fact, community domain.Entity) bool {
	switch f := fact.(type) {
	case *domain.FacilityChanged:
		return len(f.CommunitiesServed) == 0 || slices.ContainsFunc(f.CommunitiesServed, func(c domain.CommunityID) bool { return c.Entity == community })
	case *domain.ProjectChanged:
		return !f.Community.Present() || f.Community.Entity == community
	}
	return true
}

// entries writes what was gathered, in fold order.
func (c *collection) entries() []Entry {
	slices.SortStableFunc(c.facts, func(a, b collected) int { return a.compare(b.standingFact) })
	told := map[domain.EventID]bool{} // a dispute of a later day is not
	for i := range c.facts {
		told[c.facts[i].stamp.ID] = true
	}
	entries := make([]Entry, 0, len(c.facts))
	for i := range c.facts {
		f := &c.facts[i]
		s := &f.stamp
		home := f.home
		if s.Subject.Present() { // a split or merge stands under one subject, and is known in several homes
			home = s.Subject
		}
		fact := f.InForce
		if fact == nil {
			fact = f.Recorded
		}
		words, others := domain.Told(fact, home, f.home)
		entries = append(entries, Entry{
			Day: s.Day(), Event: s.ID, Type: s.Kind.Name, Name: s.Kind.Label, Area: s.Kind.Area, Home: home, About: f.about, Words: words, Others: others,
			Division: s.Division, Department: s.Source.Department,
			Position:  events.StreamName(s.Place.Province) + ":" + strconv.FormatUint(s.Place.Sequence, 10),
			Corrected: f.Corrected, Voided: f.Voided,
		})
		if told[f.Disputed] {
			entries[i].Disputed = f.Disputed
		}
	}
	return entries
}
