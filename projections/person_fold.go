package projections

import (
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// Statement is what somebody stated about a person's work on a day.
type Statement struct {
	Day          domain.Day          `json:"day"`
	Still        domain.Answer       `json:"still"`
	WageFenMonth *domain.Fen         `json:"wage_fen_month,omitzero"`
	Method       domain.VerifyMethod `json:"method,omitzero"`
	Event        domain.EventID      `json:"event"`
}

// The status of a placement as of a day.
const (
	placementPlaced     = "placed"      // never stated about since it began
	placementVerified   = "verified"    // the latest statement is still = yes
	placementNotWorking = "not_working" // the latest statement is still = no
	placementUnclear    = "unclear"     // the latest statement is still = unknown
	placementEnded      = "ended"       // by job.ended or death
)

// Placement is one job spell with the statements about it.
type Placement struct {
	Placement     domain.Entity       `json:"placement"`
	From          domain.Day          `json:"from"`
	To            domain.Day          `json:"to,omitzero"` // the day on which it ended
	Status        string              `json:"status" enum:"placed,verified,not_working,unclear,ended"`
	Stale         bool                `json:"stale"` // open, and nothing was stated for longer than the parameters allow
	EndReason     domain.JobEndReason `json:"end_reason,omitzero"`
	Channel       domain.JobChannel   `json:"channel,omitzero"`
	PlaceDivision domain.Division     `json:"place_division,omitzero"`
	ContractTo    domain.Day          `json:"contract_to,omitzero"`
	WageFenMonth  *domain.Fen         `json:"wage_fen_month,omitzero"` // the latest stated
	Statements    []Statement         `json:"statements"`
	Events        []domain.EventID    `json:"events"`
}

// Course is a time in which a person had a service or a business: [from, to).
type Course struct {
	Kind     string           `json:"kind"`
	From     domain.Day       `json:"from,omitzero"` // absent when only its end is known
	To       domain.Day       `json:"to,omitzero"`
	Reason   string           `json:"reason,omitzero"` // why it ended
	Facility domain.Entity    `json:"facility,omitzero"`
	Events   []domain.EventID `json:"events"`
}

// Dated is a fact of one day.
type Dated struct {
	Day   domain.Day     `json:"day"`
	Event domain.EventID `json:"event"`
}

// Entitlement is a payment that a person has a right to. Its kind is sealed and not shown.
type Entitlement struct {
	From           domain.Day       `json:"from,omitzero"`
	Until          domain.Day       `json:"until,omitzero"` // as first granted
	To             domain.Day       `json:"to,omitzero"`    // the day on which it ended
	InForce        bool             `json:"in_force"`
	AmountFenMonth *domain.Fen      `json:"amount_fen_month,omitzero"`
	Events         []domain.EventID `json:"events"`

	kind domain.EntitlementKind // tells which one an ending ends; never shown
}

// personFold reads a person's facts, in fold order, into the answer.
type personFold struct {
	answer     *PersonAnswer
	parameters *domain.Parameters
}

// take folds one fact that was true by the day asked for.
func (p *personFold) take(f standingFact) {
	a, day, id := p.answer, f.stamp.Day(), f.stamp.ID
	switch fact := f.InForce.(type) {
	case *domain.HouseholdRegistered:
		for i := range fact.Members {
			if fact.Members[i].Person.Entity == a.Person {
				p.member(&fact.Members[i], id)
			}
		}
	case *domain.MemberJoined:
		p.member(&fact.Member, id)
	case *domain.ProfileUpdated:
		if fact.LabourClass != "" {
			a.Profile.LabourClass = fact.LabourClass
		}
		if fact.EducationStage != "" {
			a.Profile.EducationStage = fact.EducationStage
		}
		a.Profile.Events = append(a.Profile.Events, id)
	case *domain.HukouChanged:
		a.Profile.Hukou, a.Profile.HukouDivision = fact.Kind, fact.Division
		a.Profile.Events = append(a.Profile.Events, id)
	case *domain.PersonDied:
		a.Died, a.DeathEvent = day, id
	case *domain.KeyDestroyed:
		a.Forgotten = true
	case *domain.TrainingCompleted:
		a.Trainings = append(a.Trainings, Dated{day, id})
	default:
		p.takeWork(f)
		p.takeSupport(f)
	}
}

// member takes what a registration or a joining says of the person.
func (p *personFold) member(m *domain.Member, id domain.EventID) {
	if m.LabourClass != "" {
		p.answer.Profile.LabourClass = m.LabourClass
	}
	if m.BirthMonth != 0 {
		p.answer.Profile.BirthMonth = m.BirthMonth
	}
	p.answer.Profile.Events = append(p.answer.Profile.Events, id)
}

// fen returns an amount that was stated.
func fen(w domain.Opt[domain.Fen]) *domain.Fen {
	if !w.OK {
		return nil
	}
	return &w.V
}

// takeWork folds placements, statements and businesses.
func (p *personFold) takeWork(f standingFact) {
	a, day, id := p.answer, f.stamp.Day(), f.stamp.ID
	switch fact := f.InForce.(type) {
	case *domain.JobPlaced:
		a.Placements = append(a.Placements, Placement{
			Placement: fact.Placement.Entity, From: day, To: domain.NoDay, Status: placementPlaced, Channel: fact.Channel,
			PlaceDivision: fact.PlaceDivision, ContractTo: fact.ContractTo.Day(), WageFenMonth: fen(fact.WageFenMonth),
			Statements: []Statement{}, Events: []domain.EventID{id},
		})
	case *domain.JobVerified:
		s := Statement{day, fact.Still, fen(fact.WageFenMonth), fact.Method, id}
		if at := p.placement(fact.Placement.Entity); at != nil {
			at.state(s)
		} else {
			a.Statements = append(a.Statements, s)
		}
	case *domain.JobEnded:
		if at := p.placement(fact.Placement.Entity); at != nil {
			at.To, at.EndReason, at.Status = day, fact.Reason, placementEnded
			at.Events = append(at.Events, id)
		}
	case *domain.BusinessStarted:
		a.Businesses = append(a.Businesses, Course{Kind: string(fact.Kind), From: day, To: domain.NoDay, Events: []domain.EventID{id}})
	case *domain.BusinessClosed:
		a.Businesses = closeCourse(a.Businesses, func(*Course) bool { return true }, Course{From: domain.NoDay, To: day, Reason: string(fact.Reason), Events: []domain.EventID{id}})
	}
}

// takeSupport folds services and entitlements.
func (p *personFold) takeSupport(f standingFact) {
	a, day, id := p.answer, f.stamp.Day(), f.stamp.ID
	switch fact := f.InForce.(type) {
	case *domain.ServiceEnrolled:
		a.Services = append(a.Services, Course{Kind: string(fact.Kind), From: day, To: domain.NoDay, Facility: fact.Facility.Entity, Events: []domain.EventID{id}})
	case *domain.ServiceLeft:
		same := func(c *Course) bool { return c.Kind == string(fact.Kind) }
		a.Services = closeCourse(a.Services, same, Course{Kind: string(fact.Kind), From: domain.NoDay, To: day, Reason: string(fact.Reason), Events: []domain.EventID{id}})
	case *domain.EntitlementStarted:
		kind, _ := fact.Kind.Value()
		a.Entitlements = append(a.Entitlements, Entitlement{
			From: day, Until: fact.Until.Day(), To: domain.NoDay, InForce: true, AmountFenMonth: fen(fact.AmountFenMonth),
			Events: []domain.EventID{id}, kind: kind,
		})
	case *domain.EntitlementEnded:
		kind, _ := fact.Kind.Value()
		for i := range a.Entitlements {
			if e := &a.Entitlements[i]; e.kind == kind && e.To == domain.NoDay {
				e.To, e.InForce = day, false
				e.Events = append(e.Events, id)
			}
		}
	}
}

// placement finds a spell by its id.
func (p *personFold) placement(id domain.Entity) *Placement {
	at := slices.IndexFunc(p.answer.Placements, func(s Placement) bool { return s.Placement == id && id.Present() })
	if at < 0 {
		return nil
	}
	return &p.answer.Placements[at]
}

// state adds a statement about the placement; an ended one keeps its end.
func (p *Placement) state(s Statement) {
	p.Statements = append(p.Statements, s)
	p.Events = append(p.Events, s.Event)
	if s.WageFenMonth != nil {
		p.WageFenMonth = s.WageFenMonth
	}
	if p.Status == placementEnded {
		return
	}
	switch s.Still {
	case domain.Yes:
		p.Status = placementVerified
	case domain.No:
		p.Status = placementNotWorking
	default:
		p.Status = placementUnclear
	}
}

// closeCourse ends the latest open course that same accepts, or adds an end without a beginning.
func closeCourse(all []Course, same func(*Course) bool, end Course) []Course {
	for i := len(all) - 1; i >= 0; i-- {
		if c := &all[i]; c.To == domain.NoDay && same(c) {
			c.To, c.Reason = end.To, end.Reason
			c.Events = append(c.Events, end.Events...)
			return all
		}
	}
	return append(all, end)
}

// end puts in what no single fact says: death ends spells and entitlements (DOMAIN §5), an
// entitlement runs out, a placement goes stale.
func (p *personFold) end() {
	a := p.answer
	for i := range a.Placements {
		s := &a.Placements[i]
		if s.To == domain.NoDay && a.DeathEvent.Present() {
			s.To, s.EndReason, s.Status = max(a.Died, s.From), "died", placementEnded
			s.Events = append(s.Events, a.DeathEvent)
		}
		fresh := s.From
		if n := len(s.Statements); n > 0 {
			fresh = s.Statements[n-1].Day
		}
		s.Stale = s.Status != placementEnded && a.At > fresh+domain.Day(p.parameters.JobDays)
	}
	for i := range a.Entitlements {
		e := &a.Entitlements[i]
		if e.To == domain.NoDay && a.DeathEvent.Present() {
			e.To = max(a.Died, e.From)
			e.Events = append(e.Events, a.DeathEvent)
		}
		e.InForce = e.To == domain.NoDay && (e.Until == domain.NoDay || a.At <= e.Until)
	}
	if !a.DeathEvent.Present() {
		a.Died = domain.NoDay
	}
}
