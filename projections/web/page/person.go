package page

import (
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// personPage is what is known of a person.
type personPage struct {
	frame
	ID        domain.Entity
	Forgotten bool
	Died      domain.Day
	Facts     []fieldShown
	Stays     []stay
	Jobs      []job
	Support   []support
	Timeline  []areaShown
}

// stay is a time in a household.
type stay struct {
	Household, Href string
	Relation        string
	From, To        domain.Day
	Evidence        []field
}

// job is a placement with what was stated about it.
type job struct {
	Status, Where string
	Stale         bool
	From, To      domain.Day
	Wage          string
	Statements    []field
	Evidence      []field
}

// support is a service, business or entitlement.
type support struct {
	Name     string
	From, To domain.Day
	Note     string
	Evidence []field
}

func (p *Page) servePerson(v *visit) error {
	id, err := v.entity(domain.PersonKind)
	if err != nil {
		return err
	}
	a, entries, err := p.person(id, v.moment)
	if err != nil {
		return err
	}
	s := personPage{frame: p.frame(v, v.lang.say("人员 ", "Person ")+id.String(), "find"), ID: id, Forgotten: a.Forgotten, Died: a.Died}
	s.Stand = standOf(a.Position, a.Lag, a.Parameters)
	s.note(a.Notes)
	s.profile(&a)
	for _, m := range a.Memberships {
		s.Stays = append(s.Stays, stay{m.Household.String(), s.To("/households/", m.Household), s.Lang.pick(domain.Label(m.Relation)), m.From, m.To, s.evidence(m.Events)})
	}
	for i := range a.Placements {
		s.Jobs = append(s.Jobs, s.job(&a.Placements[i]))
	}
	s.support(&a)
	for _, e := range entries {
		if e.Home == a.Home {
			s.frame.Crumbs = nil
			s.crumbs(e.Division)
		}
	}
	if s.Timeline, err = p.timeline(v.Context(), &s.frame, entries); err != nil {
		return err
	}
	return p.render(v, "person", s)
}

// profile shows what is openly known.
func (s *personPage) profile(a *projections.PersonAnswer) {
	l := s.Lang
	add := func(zh, en, value string) {
		if value != "" {
			s.Facts = append(s.Facts, fieldShown{Label: l.say(zh, en), Value: value})
		}
	}
	if a.Profile.BirthMonth != 0 {
		add("出生年月", "Born", a.Profile.BirthMonth.String())
	}
	add("劳动能力", "Labour", l.pick(domain.Label(a.Profile.LabourClass)))
	add("受教育阶段", "Schooling", l.pick(domain.Label(a.Profile.EducationStage)))
	add("户籍", "Hukou", strings.TrimSpace(l.pick(domain.Label(a.Profile.Hukou))+" "+a.Profile.HukouDivision.FullName()))
	s.Facts = append(s.Facts, fieldShown{Label: l.say("姓名、证件号", "Name and numbers"), Value: l.say("已封存", "sealed"), Sealed: true})
}

func (s *personPage) job(w *projections.Placement) job {
	l := s.Lang
	j := job{Status: l.pick(workWords[w.Status]), Stale: w.Stale, From: w.From, To: w.To, Where: l.workPlace(w), Evidence: s.evidence(w.Events)}
	if w.WageFenMonth != nil {
		j.Wage = yuan(*w.WageFenMonth)
	}
	for _, st := range w.Statements {
		j.Statements = append(j.Statements, field{st.Day.String() + " " + l.pick(domain.Label(st.Still)) + " " + l.pick(domain.Label(st.Method)), s.To("/events/", st.Event)})
	}
	return j
}

// support shows services, businesses and entitlements, whose kinds stay sealed.
func (s *personPage) support(a *projections.PersonAnswer) {
	l := s.Lang
	for _, c := range a.Services {
		s.Support = append(s.Support, support{l.pick(domain.Label(domain.ServiceKind(c.Kind))), c.From, c.To, l.pick(domain.Label(domain.ServiceEndReason(c.Reason))), s.evidence(c.Events)})
	}
	for _, c := range a.Businesses {
		s.Support = append(s.Support, support{l.say("自主创业：", "Business: ") + l.pick(domain.Label(domain.BusinessKind(c.Kind))), c.From, c.To, l.pick(domain.Label(domain.BusinessEndReason(c.Reason))), s.evidence(c.Events)})
	}
	for _, t := range a.Trainings {
		s.Support = append(s.Support, support{l.say("培训", "Training"), t.Day, t.Day, "", s.evidence([]domain.EventID{t.Event})})
	}
	for _, e := range a.Entitlements {
		note := l.say("类型已封存", "its kind is sealed")
		if e.AmountFenMonth != nil {
			note = yuan(*e.AmountFenMonth) + l.say(" 元/月，类型已封存", " yuan a month, its kind is sealed")
		}
		s.Support = append(s.Support, support{l.say("待遇", "Entitlement"), e.From, e.To, note, s.evidence(e.Events)})
	}
}
