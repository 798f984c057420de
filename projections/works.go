package projections

import (
	"cmp"

	"github.com/anju-ledger/anju/domain"
)

// FundRow is one fund: a source's money for one facility or project.
type FundRow struct {
	Fund      domain.Entity      `json:"fund"`
	For       domain.Entity      `json:"for"`
	Source    domain.FundSource  `json:"source"`
	Measure   domain.MeasureCode `json:"measure,omitzero"`
	Division  domain.Division    `json:"division"`
	Since     domain.Day         `json:"since"`         // of the first allocation
	Last      domain.Day         `json:"last,omitzero"` // disbursement
	Moved     domain.Day         `json:"moved"`         // allocated or disbursed last
	Allocated domain.Fen         `json:"allocated_fen"`
	Disbursed domain.Fen         `json:"disbursed_fen"`
	Events    []domain.EventID   `json:"events"`
}

// Idle reports money that lies unused on a day: not all of it is spent, and nothing was allocated or
// disbursed for more than so many months.
func (f *FundRow) Idle(at domain.Day, months int) bool {
	return f.Disbursed < f.Allocated && at > f.Moved.AddMonths(months)
}

// CommunityRow is one resettlement community as it was established.
type CommunityRow struct {
	Community  domain.Entity        `json:"community"`
	Code       string               `json:"code"`
	Name       string               `json:"name"`
	Kind       domain.CommunityType `json:"kind"`
	Form       domain.CommunityForm `json:"form"`
	Division   domain.Division      `json:"division"`
	Since      domain.Day           `json:"since"`
	Households int                  `json:"households"` // that ever said they are of it, closed and moved ones too
}

// WorksAnswer is what stands in a division beside its households: facilities, money, communities, projects.
type WorksAnswer struct {
	Division    domain.Division `json:"division"`
	At          domain.Day      `json:"at"`
	Facilities  []FacilityRow   `json:"facilities"`
	Funds       []FundRow       `json:"funds"`
	Communities []CommunityRow  `json:"communities"`
	Projects    []ProjectRow    `json:"projects"`
	Basis
}

// ProjectRow is one industry project as it stood on a day.
type ProjectRow struct {
	Project   domain.Entity           `json:"project"`
	Code      string                  `json:"code,omitzero"`
	Name      string                  `json:"name,omitzero"`
	Kind      domain.ProjectKindCode  `json:"kind,omitzero"`
	Stage     domain.ProjectStageCode `json:"stage"`
	Since     domain.Day              `json:"since"` // of the run of this stage
	Community domain.Entity           `json:"community,omitzero"`
	Division  domain.Division         `json:"division"`
	Events    []domain.EventID        `json:"events"`
}

// FacilityRow is one facility as it stood on a day.
type FacilityRow struct {
	Facility    domain.Entity        `json:"facility"`
	Code        string               `json:"code,omitzero"`
	Name        string               `json:"name,omitzero"`
	Kind        domain.FacilityType  `json:"kind"`
	Stage       domain.FacilityPhase `json:"stage"`
	Since       domain.Day           `json:"since"`
	PlannedOpen domain.Day           `json:"planned_open,omitzero"`
	Overdue     bool                 `json:"overdue,omitzero"` // the planned day is over, and it never opened
	Division    domain.Division      `json:"division"`
	Capacity    domain.Opt[int32]    `json:"capacity,omitzero"`
	Unit        domain.CapacityUnit  `json:"capacity_unit,omitzero"`
	Serves      []domain.Entity      `json:"communities_served"` // as stated last
	Events      []domain.EventID     `json:"events"`
}

// Works returns the facilities, funds and communities of a division as of a day.
func (k *Known) Works(division domain.Division, at domain.Day) (WorksAnswer, error) {
	v := k.views
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	a := WorksAnswer{Division: division, At: at, Facilities: []FacilityRow{}, Funds: []FundRow{}, Communities: []CommunityRow{}, Projects: []ProjectRow{}}
	around := k.around()
	for _, n := range v.homes.places {
		id := v.homes.id(n)
		switch id.Kind() {
		case domain.FacilityKind, domain.FundKind, domain.CommunityKind, domain.ProjectKind:
		default:
			continue
		}
		if file, known := around.File(id); known {
			a.take(file, v.mentions)
		}
	}
	a.Basis = k.basis(at).In(division)
	return a, v.failed
}

// take adds what a file says, when it lies in the division.
func (a *WorksAnswer) take(file *domain.File, named mentions) {
	if stages := domain.UpTo(file.Facilities, a.At); len(stages) > 0 && stages[0].Division.Within(a.Division) {
		a.Facilities = append(a.Facilities, facilityRow(file.Home, stages, a.At))
	}
	if steps := domain.UpTo(file.Money, a.At); len(steps) > 0 && steps[0].Division.Within(a.Division) {
		a.Funds = append(a.Funds, fundRow(file.Home, steps))
	}
	if stages := domain.UpTo(file.Projects, a.At); len(stages) > 0 && stages[0].Division.Within(a.Division) {
		a.Projects = append(a.Projects, projectRow(file.Home, stages))
	}
	if records := domain.UpTo(file.Communities, a.At); len(records) > 0 && records[0].Division.Within(a.Division) {
		last := &records[len(records)-1]
		c := CommunityRow{
			Community: file.Home, Code: last.Code, Name: last.Name, Kind: last.Kind, Form: last.Form, Division: last.Division, Since: records[0].Day,
		}
		for _, e := range named.of(file.Home) {
			if e.Kind() == domain.HouseholdKind {
				c.Households++
			}
		}
		a.Communities = append(a.Communities, c)
	}
}

// facilityRow takes what was stated last by a day: a later stage need not repeat the name.
func facilityRow(id domain.Entity, stages []domain.FacilityStage, at domain.Day) FacilityRow {
	f := FacilityRow{Facility: id, PlannedOpen: domain.NoDay, Division: stages[0].Division, Serves: []domain.Entity{}, Events: []domain.EventID{}}
	opened := false
	for i := range stages {
		s := &stages[i]
		opened = opened || s.Stage == domain.FacilityOpen || s.Stage == domain.FacilityDemolished
		if f.Code == "" || s.Code != "" {
			f.Code = s.Code
		}
		if s.Name != "" {
			f.Name = s.Name
		}
		if s.PlannedOpen.Present() {
			f.PlannedOpen = s.PlannedOpen
		}
		if s.Capacity.OK {
			f.Capacity, f.Unit = s.Capacity, s.Unit
		}
		if len(s.Served) > 0 {
			f.Serves = f.Serves[:0]
			for _, c := range s.Served {
				f.Serves = append(f.Serves, c.Entity)
			}
		}
		f.Kind, f.Stage, f.Since = s.Kind, s.Stage, s.Day
		f.Events = append(f.Events, s.ID())
	}
	f.Overdue = f.PlannedOpen.Present() && f.PlannedOpen < at && !opened
	return f
}

// projectRow takes what was stated last, and the first day of the run of its stage.
func projectRow(id domain.Entity, stages []domain.ProjectStage) ProjectRow {
	p := ProjectRow{Project: id, Division: stages[0].Division, Events: []domain.EventID{}}
	for i := range stages {
		s := &stages[i]
		p.Code, p.Name, p.Kind = cmp.Or(s.Code, p.Code), cmp.Or(s.Name, p.Name), cmp.Or(s.Kind, p.Kind)
		p.Community = cmp.Or(s.Community.Entity, p.Community)
		if s.Stage != p.Stage {
			p.Stage, p.Since = s.Stage, s.Day
		}
		p.Events = append(p.Events, s.ID())
	}
	return p
}

func fundRow(id domain.Entity, steps []domain.MoneyStep) FundRow {
	f := FundRow{Fund: id, Since: steps[0].Day, Last: domain.NoDay, Division: steps[0].Division, Events: []domain.EventID{}}
	for i := range steps {
		s := &steps[i]
		f.Moved = s.Day
		if s.Spent {
			f.Disbursed += s.Amount
			f.Last = s.Day
		} else {
			f.Allocated += s.Amount
			f.Source, f.Measure = s.Source, s.Measure
			f.For = s.For.Facility.Entity
			if s.For.Project.Present() {
				f.For = s.For.Project.Entity
			}
		}
		f.Events = append(f.Events, s.ID())
	}
	return f
}

// NameOf returns the open name that was known to be stated last of a community or facility, "" when
// there is none.
func (k *Known) NameOf(e domain.Entity) string {
	k.views.mu.RLock()
	defer k.views.mu.RUnlock()
	file, known := k.around().File(e)
	if !known {
		return ""
	}
	name := ""
	for i := range file.Communities {
		name = file.Communities[i].Name
	}
	for i := range file.Facilities {
		if n := file.Facilities[i].Name; n != "" {
			name = n
		}
	}
	return name
}
