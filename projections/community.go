package projections

import (
	"fmt"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// Facility is a facility that serves a community, as it stood on a day.
type Facility struct {
	Facility     domain.Entity        `json:"facility"`
	Code         string               `json:"code,omitzero"`
	Name         string               `json:"name,omitzero"`
	Kind         domain.FacilityType  `json:"kind"`
	Stage        domain.FacilityPhase `json:"stage"`
	Since        domain.Day           `json:"since"` // the day of the stage
	Capacity     *int32               `json:"capacity,omitzero"`
	CapacityUnit domain.CapacityUnit  `json:"capacity_unit,omitzero"`
	PlannedOpen  domain.Day           `json:"planned_open,omitzero"`
	Events       []domain.EventID     `json:"events"`
}

// Project is an industry project of a community, as it stood on a day.
type Project struct {
	Project domain.Entity           `json:"project"`
	Code    string                  `json:"code,omitzero"`
	Stage   domain.ProjectStageCode `json:"stage"`
	Since   domain.Day              `json:"since"`
	Events  []domain.EventID        `json:"events"`
}

// Residents counts the households that live in a community on a day.
type Residents struct {
	Households int            `json:"households"`
	States     map[string]int `json:"states"`
}

// CommunityAnswer is what is known of one resettlement community as of a day. Its record stays
// empty while nobody recorded that it was established.
type CommunityAnswer struct {
	Community  domain.Entity        `json:"community"`
	At         domain.Day           `json:"at"`
	Organised  bool                 `json:"organised"` // a record established it
	Since      domain.Day           `json:"since,omitzero"`
	Code       string               `json:"code,omitzero"`
	Name       string               `json:"name,omitzero"`
	Kind       domain.CommunityType `json:"kind,omitzero"`
	Form       domain.CommunityForm `json:"form,omitzero"`
	Division   domain.Division      `json:"division,omitzero"`
	Events     []domain.EventID     `json:"events"`
	Facilities []Facility           `json:"facilities"`
	Projects   []Project            `json:"projects"`
	Residents  Residents            `json:"residents"`
	Parameters string               `json:"parameters"`
	Basis
}

// Community returns what is known of a community as of a day; ErrUnknown when nothing is.
func (k *Known) Community(id domain.Entity, at domain.Day) (CommunityAnswer, error) {
	v := k.views
	v.follow()
	release := k.settled() // the residents' states may have to be made anew
	defer release()
	named := v.mentions.of(id)
	if id.Kind() != domain.CommunityKind || !k.exists(id) && len(named) == 0 {
		return CommunityAnswer{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	a := CommunityAnswer{
		Community: id, At: at, Since: domain.NoDay, Events: []domain.EventID{}, Facilities: []Facility{}, Projects: []Project{},
		Residents: Residents{States: map[string]int{}}, Parameters: k.judged.parameters.Name,
	}
	a.record(k.register(id))
	around := k.around()
	for _, e := range named {
		switch e.Kind() {
		case domain.FacilityKind:
			a.facility(around, e)
		case domain.ProjectKind:
			a.project(k.register(e), e)
		}
	}
	for _, e := range k.residents(id, around) {
		if word := k.word(e, at); word.Counted() && livesIn(around, e, id, at) {
			a.Residents.Households++
			a.Residents.States[word.State().String()]++
		}
	}
	a.Basis = k.basis(at)
	return a, v.failed
}

// record reads the community's own facts.
func (a *CommunityAnswer) record(register domain.Register) {
	for stamp, s := range register.Standings() {
		fact, ok := s.InForce.(*domain.CommunityEstablished)
		if !ok || stamp.Day() > a.At {
			continue
		}
		if !a.Organised {
			a.Organised, a.Since = true, stamp.Day()
		}
		a.Code, a.Name, a.Kind, a.Form, a.Division = fact.Code, fact.Name, fact.Kind, fact.Form, stamp.Division
		a.Events = append(a.Events, stamp.ID)
	}
}

// facility adds a facility that serves the community on the day, with what was stated of it
// last: a later stage need not repeat name and capacity.
func (a *CommunityAnswer) facility(around domain.Files, id domain.Entity) {
	file, known := around.File(id)
	if !known {
		return
	}
	f := Facility{Facility: id, PlannedOpen: domain.NoDay, Events: []domain.EventID{}}
	serves := false
	stages := domain.UpTo(file.Facilities, a.At)
	for i := range stages {
		s := &stages[i]
		if f.Code == "" || s.Code != "" {
			f.Code = s.Code
		}
		if s.Name != "" {
			f.Name = s.Name
		}
		if s.Capacity.OK {
			f.Capacity, f.CapacityUnit = &s.Capacity.V, s.Unit
		}
		if s.PlannedOpen.Present() {
			f.PlannedOpen = s.PlannedOpen
		}
		if len(s.Served) > 0 {
			serves = false
			for _, c := range s.Served {
				serves = serves || c.Entity == a.Community
			}
		}
		f.Kind, f.Stage, f.Since = s.Kind, s.Stage, s.Day
		f.Events = append(f.Events, s.ID())
	}
	if serves {
		a.Facilities = append(a.Facilities, f)
	}
}

// project adds a project that is the community's on the day.
func (a *CommunityAnswer) project(register domain.Register, id domain.Entity) {
	p, here := Project{Project: id, Events: []domain.EventID{}}, false
	for stamp, s := range register.Standings() {
		fact, ok := s.InForce.(*domain.ProjectChanged)
		if !ok || stamp.Day() > a.At {
			continue
		}
		if fact.Community.Present() {
			here = fact.Community.Entity == a.Community
		}
		if fact.Code != "" {
			p.Code = fact.Code
		}
		p.Stage, p.Since = fact.Stage, stamp.Day()
		p.Events = append(p.Events, stamp.ID)
	}
	if here {
		a.Projects = append(a.Projects, p)
	}
}

// Residents returns the households that live in a community on a day, in no order; ErrUnknown when
// nothing is known of it.
func (k *Known) Residents(id domain.Entity, at domain.Day) ([]domain.Entity, error) {
	v := k.views
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id.Kind() != domain.CommunityKind || !k.exists(id) && len(v.mentions.of(id)) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	around := k.around()
	return slices.DeleteFunc(k.residents(id, around), func(e domain.Entity) bool { return !livesIn(around, e, id, at) }), v.failed
}

// residents returns the households that ever said they are of a community, and those that these
// were divided into.
func (k *Known) residents(community domain.Entity, around domain.Files) (found []domain.Entity) {
	seen := map[domain.Entity]bool{}
	add := func(e domain.Entity) {
		if e.Kind() == domain.HouseholdKind && !seen[e] {
			seen[e] = true
			found = append(found, e)
		}
	}
	for _, e := range k.views.mentions.of(community) {
		add(e)
	}
	for i := 0; i < len(found); i++ {
		f, known := around.File(found[i])
		if !known {
			continue
		}
		for k := range f.Lineages {
			if l := &f.Lineages[k]; !l.Joining {
				for _, child := range l.Others {
					add(child.Entity)
				}
			}
		}
	}
	return found
}

// livesIn reports whether a household lives in a community on a day.
func livesIn(around domain.Files, household, community domain.Entity, at domain.Day) bool {
	f, known := around.File(household)
	if !known {
		return false
	}
	for _, site := range domain.RollOf(f, around).Sites() {
		if site.Of == community && site.Holds(at) {
			return true
		}
	}
	return false
}
