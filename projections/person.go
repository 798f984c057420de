package projections

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Homes says which home an entity's facts stand under: the ledger's directory.
type Homes interface {
	Home(e domain.Entity) (events.Home, bool)
}

// maxHomes bounds the households that one person's file is composed of: nobody moves more often.
const maxHomes = 64

// Member is one stay of a person in a household: from, to, and the facts that say so.
type Member struct {
	Household domain.Entity    `json:"household"`
	Relation  domain.Relation  `json:"relation,omitzero"`
	From      domain.Day       `json:"from"`
	To        domain.Day       `json:"to,omitzero"` // absent while he belongs to it
	Events    []domain.EventID `json:"events"`
}

// Profile is what is openly known of a person; sealed fields (names, numbers, health) stay closed.
type Profile struct {
	BirthMonth     domain.Month          `json:"birth_month,omitzero"`
	LabourClass    domain.LabourClass    `json:"labour_class,omitzero"`
	EducationStage domain.EducationStage `json:"education_stage,omitzero"`
	Hukou          domain.HukouKind      `json:"hukou,omitzero"`
	HukouDivision  domain.Division       `json:"hukou_division,omitzero"`
	Events         []domain.EventID      `json:"events"` // each value rests on the latest of them that states it
}

// PersonAnswer is what is known of one person as of a day, composed over the homes of every
// household that he belonged to.
type PersonAnswer struct {
	Person       domain.Entity  `json:"person"`
	At           domain.Day     `json:"at"`
	Home         domain.Entity  `json:"home"`                // under whose subject his facts stand
	Forgotten    bool           `json:"forgotten"`           // his key was destroyed: sealed fields never open again
	Died         domain.Day     `json:"died,omitzero"`       //
	DeathEvent   domain.EventID `json:"died_event,omitzero"` //
	Profile      Profile        `json:"profile"`
	Memberships  []Member       `json:"memberships"`
	Placements   []Placement    `json:"placements"`
	Statements   []Statement    `json:"statements"` // about his work, without a placement
	Businesses   []Course       `json:"businesses"`
	Trainings    []Dated        `json:"trainings"`
	Services     []Course       `json:"services"`
	Entitlements []Entitlement  `json:"entitlements"`
	Parameters   string         `json:"parameters"`
	Basis
}

// Person returns what is known of a person as of a day; ErrUnknown when nothing is.
func (k *Known) Person(id domain.Entity, homes Homes, at domain.Day) (PersonAnswer, error) {
	v := k.views
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	home, known := homes.Home(id)
	if !known || id.Kind() != domain.PersonKind {
		return PersonAnswer{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	a := PersonAnswer{
		Person: id, At: at, Home: home.Entity, Parameters: k.judged.parameters.Name, Profile: Profile{Events: []domain.EventID{}},
		Memberships: []Member{}, Placements: []Placement{}, Statements: []Statement{}, Businesses: []Course{},
		Trainings: []Dated{}, Services: []Course{}, Entitlements: []Entitlement{},
	}
	around := k.around()
	var facts []standingFact
	for _, e := range k.households(id, home.Entity, around) {
		a.belongs(around, e)
		facts = append(facts, k.about(id, e)...)
	}
	slices.SortStableFunc(a.Memberships, func(x, y Member) int { return cmp.Compare(x.From, y.From) })
	slices.SortStableFunc(facts, standingFact.compare)
	p := personFold{answer: &a, parameters: k.judged.parameters}
	for _, f := range facts {
		if f.stamp.Day() <= at {
			p.take(f)
		}
	}
	p.end()
	a.Basis = k.basis(at)
	return a, v.failed
}

// households returns every household whose file may speak of a person: his home, those that he
// joined, and those into which one of these was merged.
func (k *Known) households(person, home domain.Entity, around domain.Files) []domain.Entity {
	found := []domain.Entity{home}
	add := func(e domain.Entity) {
		if e.Kind() == domain.HouseholdKind && !slices.Contains(found, e) && len(found) < maxHomes {
			found = append(found, e)
		}
	}
	for _, e := range k.views.mentions.of(person) {
		add(e)
	}
	for i := 0; i < len(found); i++ {
		f, known := around.File(found[i])
		if !known {
			continue
		}
		for k := range f.Memberships {
			if m := &f.Memberships[k]; m.Leaves && m.Person.Entity == person {
				add(m.Other.Entity)
			}
		}
		for k := range f.Lineages {
			if l := &f.Lineages[k]; l.Joining {
				add(l.Parent.Entity)
			}
		}
	}
	return found
}

// belongs adds the person's stays in a household, as far as they had begun.
func (a *PersonAnswer) belongs(around domain.Files, household domain.Entity) {
	f, known := around.File(household)
	if !known {
		return
	}
	roll := domain.RollOf(f, around)
	for _, s := range roll.Stays() {
		if s.Person.Entity != a.Person || s.From > a.At {
			continue
		}
		m := Member{Household: household, Relation: roll.Relation(&s, a.At), From: s.From, To: domain.NoDay, Events: []domain.EventID{s.Joined}}
		if s.To != domain.NoDay && s.To <= a.At {
			m.To = s.To
			if s.Left.Present() {
				m.Events = append(m.Events, s.Left)
			}
		}
		if a.Profile.BirthMonth == 0 {
			a.Profile.BirthMonth = s.Birth
		}
		a.Memberships = append(a.Memberships, m)
	}
}

// standingFact is a fact with how it stands.
type standingFact struct {
	stamp domain.Stamp
	domain.Standing
}

// compare is the fold order (WIRE §3).
func (f standingFact) compare(g standingFact) int {
	return cmp.Or(cmp.Compare(f.stamp.Time, g.stamp.Time), cmp.Compare(f.stamp.Kind.Rank, g.stamp.Kind.Rank),
		strings.Compare(f.stamp.Key, g.stamp.Key), slices.Compare(f.stamp.ID[:], g.stamp.ID[:]))
}

// about returns the facts of a home that concern a person and are in force. What a household's
// registration says of him counts as one.
func (k *Known) about(person, home domain.Entity) (found []standingFact) {
	for stamp, s := range k.register(home).Standings() {
		if s.InForce == nil {
			continue
		}
		if h, ok := s.InForce.(*domain.HouseholdRegistered); ok {
			for i := range h.Members {
				if h.Members[i].Person.Entity == person {
					found = append(found, standingFact{stamp, s})
				}
			}
		} else if stamp.Kind.Concerns(s.InForce) == person {
			found = append(found, standingFact{stamp, s})
		}
	}
	return found
}
