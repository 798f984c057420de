package projections

import (
	"fmt"

	"github.com/anju-ledger/anju/domain"
)

// HouseholdMember is one stay of a person in a household, with what is openly known of him.
type HouseholdMember struct {
	Person     domain.Entity    `json:"person"`
	Relation   domain.Relation  `json:"relation,omitzero"` // head while he is it, absent for who was it once; of others as stated when they joined
	From       domain.Day       `json:"from"`
	To         domain.Day       `json:"to,omitzero"`   // absent while he belongs to it
	Died       domain.Day       `json:"died,omitzero"` //
	Forgotten  bool             `json:"forgotten"`
	Profile    Profile          `json:"profile"`
	Work       *Placement       `json:"work,omitzero"`      // the open placement that began last, otherwise the last one
	NotWorking *Statement       `json:"statement,omitzero"` // the last statement about his work beyond any placement
	Services   []Course         `json:"services"`           // in force: school, doctor
	Events     []domain.EventID `json:"events"`             // of the stay
}

// Headship is who is the head of a household, and the fact that says so.
type Headship struct {
	Person domain.Entity  `json:"person"`
	Since  domain.Day     `json:"since"`
	Event  domain.EventID `json:"event"`
}

// MembersAnswer are the members of a household as of a day, those who left included.
type MembersAnswer struct {
	Household  domain.Entity     `json:"household"`
	At         domain.Day        `json:"at"`
	Head       *Headship         `json:"head,omitzero"` // absent when nobody is known to be it
	Members    []HouseholdMember `json:"members"`
	Parameters string            `json:"parameters"`
	Basis                        // each member rests on so much of the log, or more
}

// Members returns who belongs or belonged to a household as of a day, with work and schooling;
// ErrUnknown when the household is not known.
func (k *Known) Members(id domain.Entity, homes Homes, at domain.Day) (MembersAnswer, error) {
	a, err := k.stays(id, at)
	for i := range a.Members {
		if err != nil {
			return a, err
		}
		var p PersonAnswer
		p, err = k.Person(a.Members[i].Person, homes, at)
		a.Members[i].know(&p)
	}
	return a, err
}

// stays reads who belonged to a household by a day.
func (k *Known) stays(id domain.Entity, at domain.Day) (MembersAnswer, error) {
	v := k.views
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	a := MembersAnswer{Household: id, At: at, Members: []HouseholdMember{}, Parameters: k.judged.parameters.Name, Basis: k.basis(at)}
	if id.Kind() != domain.HouseholdKind || !k.exists(id) {
		return a, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	around := k.around()
	file, known := around.File(id)
	if !known {
		return a, v.failed
	}
	roll := domain.RollOf(file, around)
	if head, known := roll.Head(at); known {
		a.Head = &Headship{head.Person.Entity, head.Since, head.By}
	}
	for _, s := range roll.Stays() {
		if s.From > at {
			continue
		}
		m := HouseholdMember{
			Person: s.Person.Entity, Relation: roll.Relation(&s, at), From: s.From, To: domain.NoDay, Died: domain.NoDay,
			Events: []domain.EventID{s.Joined},
		}
		if s.To != domain.NoDay && s.To <= at {
			m.To = s.To
			if s.Left.Present() {
				m.Events = append(m.Events, s.Left)
			}
		}
		a.Members = append(a.Members, m)
	}
	return a, v.failed
}

// know takes what is known of the person.
func (m *HouseholdMember) know(p *PersonAnswer) {
	m.Profile, m.Forgotten, m.Died = p.Profile, p.Forgotten, p.Died
	m.Services = []Course{}
	for i := range p.Placements {
		open := m.Work != nil && m.Work.To == domain.NoDay
		if s := &p.Placements[i]; !open || s.To == domain.NoDay {
			m.Work = s
		}
	}
	if n := len(p.Statements); n > 0 {
		m.NotWorking = &p.Statements[n-1]
	}
	for _, s := range p.Services {
		if s.To == domain.NoDay {
			m.Services = append(m.Services, s)
		}
	}
}

// DueNext returns what a household owes after a day, the earliest first; ErrUnknown when it is
// not known.
func (k *Known) DueNext(id domain.Entity, at domain.Day) ([]domain.Due, error) {
	v := k.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	register := k.register(id)
	if len(register) == 0 || id.Kind() != domain.HouseholdKind {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	return domain.DueNext(id, register, k.around(), at, k.judged.parameters), v.failed
}
