package page

import (
	"context"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// householdPage is a household's file (一户一档).
type householdPage struct {
	frame
	ID          domain.Entity
	Division    domain.Division
	Community   string
	CommunityAt string
	Address     string
	State       string
	StateTone   string
	StateReason string
	Readings    []reading
	Overdue     []duty
	Next        []duty
	Wrong       []duty
	Amended     []amended
	Twins       []field // other households that a suspected duplicate is to be compared with
	Members     []member
	Former      []member
	Timeline    []areaShown
}

// reading is a dimension of a household's status.
type reading struct {
	Name, Level, Tone string
	Stale             bool
	Reason            string
	Since, Until      domain.Day
	Evidence          []field
}

// amended is a record that the status rests on, or would, and the act in force on it.
type amended struct {
	Act        string
	Record, By []field
}

// duty is what should be done, or does not fit together.
type duty struct {
	Name, Reason string
	Due          domain.Day
	Days         int
	Evidence     []field
}

// member is a person of the household.
type member struct {
	ID, Href  string
	Relation  string
	Born      string
	Labour    string
	Schooling string
	Work      string
	WorkPlace string
	WorkStale bool
	Wage      string
	Services  string
	From, To  domain.Day
	Died      bool
	Evidence  []field
}

// entity reads the entity of the path.
func (v *visit) entity(kind domain.EntityKind) (domain.Entity, error) {
	e, err := domain.ParseEntity(v.PathValue("id"))
	if err != nil || e.Kind() != kind {
		return 0, notThere(noEntity)
	}
	return e, nil
}

func (p *Page) serveHousehold(v *visit) error {
	id, err := v.entity(domain.HouseholdKind)
	if err != nil {
		return err
	}
	a, err := p.household(id, v.moment)
	if err != nil {
		return err
	}
	h := householdPage{frame: p.frame(v, v.lang.say("搬迁户 ", "Household ")+id.String(), "find"), ID: id}
	h.Stand = standOf(a.Position, a.Lag, a.Parameters)
	h.note(a.Notes)
	h.read(&a)
	if err := p.readHousehold(v.Context(), &h); err != nil {
		return err
	}
	h.crumbs(h.Division)
	return p.render(v, "household", h)
}

// read takes the household's status.
func (h *householdPage) read(a *projections.HouseholdAnswer) {
	l := h.Lang
	h.State, h.StateTone, h.StateReason = l.pick(a.State.Label()), stateTone(a.State), l.pick(a.StateReason)
	for i := range a.Dimensions {
		d, r := domain.Dimension(i), &a.Dimensions[i]
		h.Readings = append(h.Readings, reading{
			Name: l.pick(d.Label()), Level: l.term(d.Levels(), r.Level), Tone: levelTone(d, r.Level), Stale: r.Stale,
			Reason: l.reason(d, r), Since: r.Since, Until: r.FreshUntil, Evidence: h.evidence(r.Events),
		})
	}
	for _, o := range a.Overdue {
		h.Overdue = append(h.Overdue, duty{l.duty(o.Kind), l.pick(o.Reason), o.Due, o.Days, h.evidence(o.Events)})
	}
	for _, d := range a.Discrepancies {
		h.Wrong = append(h.Wrong, duty{Name: l.pick(domain.Label(d.Kind)), Due: d.Since, Evidence: h.evidence(d.Events)})
	}
	for _, m := range a.Amended {
		act := l.say("已更正", "corrected")
		if m.Act == "voided" {
			act = l.say("已作废", "voided")
		}
		h.Amended = append(h.Amended, amended{act, h.evidence([]domain.EventID{m.Event}), h.evidence([]domain.EventID{m.By})})
	}
}

// readHousehold takes what stands beside the status: members, what is due, where it lives, and
// everything that was recorded.
func (p *Page) readHousehold(ctx context.Context, h *householdPage) error {
	members, err := p.members(h.ID, h.Moment)
	if err != nil {
		return err
	}
	for i := range members {
		if m := h.member(&members[i]); m.To.Present() {
			h.Former = append(h.Former, m)
		} else {
			h.Members = append(h.Members, m)
		}
	}
	if h.Twins, err = p.twins(h); err != nil {
		return err
	}
	next, err := p.dueNext(h.ID, h.Moment)
	if err != nil {
		return err
	}
	for _, d := range next {
		h.Next = append(h.Next, duty{Name: h.Lang.duty(d.Kind), Due: d.Due, Days: d.Days, Evidence: h.evidence(d.Events)})
	}
	entries, err := p.householdTimeline(h.ID, h.Moment)
	if err != nil {
		return err
	}
	if err := p.locate(ctx, h, entries); err != nil {
		return err
	}
	h.Timeline, err = p.timeline(ctx, &h.frame, entries)
	return err
}

// locate finds where the household lives: the division of its latest own fact, and the address
// that the last handover of a dwelling states.
func (p *Page) locate(ctx context.Context, h *householdPage, entries []projections.Entry) error {
	for i := range entries {
		if entries[i].Home == h.ID {
			h.Division = entries[i].Division
		}
	}
	d, err := p.dwells(h.ID, h.Moment)
	if err != nil {
		return stopped(err)
	}
	if d.Community.Present() {
		h.Community, h.CommunityAt = d.Name, h.To("/communities/", d.Community)
	}
	h.Address = p.addressOf(ctx, h.Lang, d)
	return nil
}

// address writes a dwelling's place in its community.
func (l language) address(a domain.Address) string {
	var parts []string
	for _, part := range []struct{ value, zh, en string }{{a.Block, "栋", "block "}, {a.Unit, "单元", "unit "}, {a.Room, "室", "room "}} {
		if part.value != "" {
			parts = append(parts, l.say(part.value+part.zh, part.en+part.value))
		}
	}
	return strings.Join(parts, l.say("", ", "))
}

// workWords say how a placement stands.
var workWords = map[string]domain.Text{
	"placed":      {ZH: "已安置待核实", EN: "placed, not verified yet"},
	"verified":    {ZH: "在岗，已核实", EN: "working, verified"},
	"not_working": {ZH: "核实为不在岗", EN: "found not working"},
	"unclear":     {ZH: "核实不清", EN: "unclear"},
	"ended":       {ZH: "已离职", EN: "ended"},
}

// member shows a member with his work and schooling.
func (h *householdPage) member(m *projections.HouseholdMember) member {
	l := h.Lang
	s := member{
		ID: m.Person.String(), Href: h.To("/persons/", m.Person), Relation: l.pick(domain.Label(m.Relation)), From: m.From, To: m.To,
		Labour: l.pick(domain.Label(m.Profile.LabourClass)), Schooling: l.pick(domain.Label(m.Profile.EducationStage)),
		Died: m.Died.Present(), Evidence: h.evidence(m.Events),
	}
	if m.Profile.BirthMonth != 0 {
		s.Born = m.Profile.BirthMonth.String()
	}
	var services []string
	for _, c := range m.Services {
		services = append(services, l.pick(domain.Label(domain.ServiceKind(c.Kind))))
	}
	s.Services = strings.Join(services, l.say("、", ", "))
	switch w := m.Work; {
	case m.NotWorking != nil && m.NotWorking.Still == domain.No && (w == nil || w.To.Present() && w.To <= m.NotWorking.Day):
		s.Work = l.say("未就业，", "not working, ") + m.NotWorking.Day.String()
		s.Evidence = append(s.Evidence, h.evidence([]domain.EventID{m.NotWorking.Event})...)
	case w != nil:
		s.Work, s.WorkStale = l.pick(workWords[w.Status]), w.Stale
		s.WorkPlace = l.workPlace(w)
		if w.WageFenMonth != nil {
			s.Wage = yuan(*w.WageFenMonth)
		}
		s.Evidence = append(s.Evidence, h.evidence(w.Events)...)
	case m.NotWorking == nil && !s.Died && (m.Profile.LabourClass == domain.Skilled || m.Profile.LabourClass == domain.Ordinary):
		s.Work = l.say("没有就业记录", "no record of work")
	}
	return s
}

// workPlace says since when, where and how somebody works.
func (l language) workPlace(w *projections.Placement) string {
	parts := []string{l.say(w.From.String()+" 起", "since "+w.From.String())}
	if w.To.Present() {
		parts[0] = w.From.String() + l.say(" 至 ", " to ") + w.To.String()
	}
	if w.Channel != "" {
		parts = append(parts, l.pick(domain.Label(w.Channel)))
	}
	if name := w.PlaceDivision.FullName(); name != "" {
		parts = append(parts, name)
	}
	return strings.Join(parts, l.say("，", ", "))
}
