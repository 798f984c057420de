package ask

import (
	"context"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// childrenWithoutSchool is question 7.
func childrenWithoutSchool() Question {
	return Question{
		Number: 7, Name: "children-without-school", Title: domain.Text{ZH: "未在学的义务教育适龄儿童", EN: "Children of compulsory age without a school"},
		Meaning: domain.Text{
			ZH: "截至日满义务教育年龄（8月31日前满六周岁，自9月1日起九个学年）而未在学的成员：明确失学（辍学或走访发现，此后未入学）在前，无入学记录的为未知。",
			EN: "Members of compulsory school age on the day (six by 31 August, nine school years from 1 September) who are not enrolled: stated out of school (dropped out, or found by a visit, and not enrolled since) first; without any statement, unknown.",
		},
		Options: []Option{inDivision()},
		Summary: []Column{column("standing", Level, "情况", "standing"), column("children", Count, "人数", "children")},
		Columns: append(append([]Column{householdColumn(), personColumn()}, siteColumns()...),
			column("birth_month", Month, "出生月", "birth month"), column("standing", Level, "情况", "standing"), column("since", Date, "自", "since")),
		answer: answerChildren,
	}
}

// How a child without a school stands.
var (
	statedOut    = domain.Term{Code: "stated", Text: domain.Text{ZH: "明确失学", EN: "stated out of school"}}
	notStated    = domain.Term{Code: "unknown", Text: domain.Text{ZH: "未知", EN: "unknown"}}
	inSchool     = domain.Term{Code: "enrolled", Text: domain.Text{ZH: "在学", EN: "enrolled"}}
	unknownBirth = domain.Term{Code: "birth_unknown", Text: domain.Text{ZH: "出生月未知的成员", EN: "members of unknown birth month"}}
)

func answerChildren(ctx context.Context, a *asked) error {
	ids, err := a.households(ctx, domain.Word.Counted)
	if err != nil {
		return err
	}
	type children struct {
		rows             []Row
		enrolled, unborn int
	}
	made, err := projections.Look(ctx, a.Known, ids, a.At, func(id domain.Entity, r *domain.Reader) (c children) {
		roll := r.Roll()
		for _, s := range roll.Stays() {
			if s.Holds(a.At) && s.Birth == 0 {
				c.unborn++
			}
		}
		for _, child := range r.Pupils(a.At) {
			if child.Enrolled {
				c.enrolled++
				continue
			}
			standing, events := notStated, []domain.EventID(nil)
			if child.Out {
				standing, events = statedOut, []domain.EventID{child.By}
			}
			c.rows = append(c.rows, Row{[]Cell{
				entity(id), entity(child.Person.Entity), entity(siteOf(roll, a.At)), {}, plain(child.Birth.String()), term(standing), date(child.Since),
			}, events})
		}
		return c
	})
	if err != nil {
		return err
	}
	enrolled, unborn, stated := 0, 0, 0
	for _, c := range made {
		a.Rows, enrolled, unborn = append(a.Rows, c.rows...), enrolled+c.enrolled, unborn+c.unborn
	}
	for _, row := range a.Rows {
		if row.Cells[5].Code == statedOut.Code {
			stated++
		}
	}
	a.name(2)
	a.sort(6, false) // those stated have a day, the others stand last
	a.sum(term(statedOut), count(stated))
	a.sum(term(notStated), count(len(a.Rows)-stated))
	a.sum(term(inSchool), count(enrolled))
	a.sum(term(unknownBirth), count(unborn))
	return nil
}

// sitesLackingServices is question 8.
func sitesLackingServices() Question {
	columns := append(siteColumns(), column("persons", Count, "人数", "persons"), column("households", Count, "户数", "households"))
	for _, n := range needs() {
		columns = append(columns, column(n.name, Level, n.title.ZH, n.title.EN))
	}
	return Question{
		Number: 8, Name: "sites-lacking-services", Title: domain.Text{ZH: "缺配套设施的大型安置社区", EN: "Large sites lacking an open service"},
		Meaning: domain.Text{
			ZH: "常住登记人数达到 people（默认800）的安置社区中，学校（小学或初中）、幼儿园、卫生室（或医院）、服务中心至少一类没有投用的：每类列出最接近投用的状态；没有任何设施记录的为空，即未知。人数多的在前。",
			EN: "Communities of at least `people` members (800) for which no school (primary or junior), kindergarten, clinic (or hospital) or service centre that serves them is open: of each the stage that is nearest to open; empty where no such facility is recorded at all, which is not known. Largest first.",
		},
		Options: []Option{inDivision(), {
			Name: "people", Kind: NumberOption, Default: "800", Min: 1, Max: 1_000_000, Title: domain.Text{ZH: "最少人数", EN: "the least number of people of a site"},
		}},
		Columns: columns,
		answer:  answerLacking,
	}
}

// need is a service that a large site has to have, by the facilities that give it.
type need struct {
	name  string
	title domain.Text
	kinds []domain.FacilityType
}

func needs() []need {
	return []need{
		{"school", domain.Text{ZH: "学校", EN: "school"}, []domain.FacilityType{"primary_school", "junior_school"}},
		{"kindergarten", domain.Text{ZH: "幼儿园", EN: "kindergarten"}, []domain.FacilityType{"kindergarten"}},
		{"clinic", domain.Text{ZH: "卫生室", EN: "clinic"}, []domain.FacilityType{"clinic", "hospital"}},
		{"service_centre", domain.Text{ZH: "服务中心", EN: "service centre"}, []domain.FacilityType{"service_centre"}},
	}
}

// nearness orders the stages by how near they are to open.
func nearness(s domain.FacilityPhase) int {
	return slices.Index([]domain.FacilityPhase{domain.FacilityDemolished, domain.FacilityClosed, domain.FacilityPlanned, domain.FacilityBuilding, domain.FacilityReopened, domain.FacilityOpen}, s)
}

// isOpen reports a facility that serves.
func isOpen(s domain.FacilityPhase) bool {
	return s == domain.FacilityOpen || s == domain.FacilityReopened
}

func answerLacking(ctx context.Context, a *asked) error {
	ids, err := a.households(ctx, domain.Word.Counted)
	if err != nil {
		return err
	}
	people, err := a.residents(ctx, ids)
	if err != nil {
		return err
	}
	works, err := a.Known.Works(domain.Nation, a.At) // a facility may serve a site of another division
	if err != nil {
		return err
	}
	for site, r := range people {
		if !site.Present() || len(r.births) < a.number("people") {
			continue
		}
		cells, events, lacks := []Cell{entity(site), {}, count(len(r.births)), count(r.households)}, []domain.EventID(nil), false
		for _, n := range needs() {
			best, by := domain.FacilityPhase(""), []domain.EventID(nil)
			for i := range works.Facilities {
				f := &works.Facilities[i]
				if slices.Contains(n.kinds, f.Kind) && slices.Contains(f.Serves, site) && nearness(f.Stage) > nearness(best) {
					best, by = f.Stage, f.Events
				}
			}
			if lacks = lacks || !isOpen(best); !isOpen(best) {
				events = append(events, by...)
			}
			cells = append(cells, code(best))
		}
		if lacks {
			a.add(events, cells...)
		}
	}
	a.name(0)
	a.sort(2, true)
	return nil
}

// residents is what is known of the members of one community on a day.
type residents struct {
	households int
	labour     int                   // households with labour
	births     []domain.Month        // of each member, 0 when not stated
	enrolled   map[domain.Entity]int // members by the facility that they are enrolled in
}

// residents counts who of some households lives in each community; 0 is in none.
func (a *asked) residents(ctx context.Context, ids []domain.Entity) (map[domain.Entity]*residents, error) {
	type home struct {
		site     domain.Entity
		labour   bool
		births   []domain.Month
		enrolled []domain.Entity
	}
	made, err := projections.Look(ctx, a.Known, ids, a.At, func(_ domain.Entity, r *domain.Reader) (h home) {
		roll := r.Roll()
		stays := roll.Stays()
		h.site, h.labour = siteOf(roll, a.At), r.WordOn(a.At).Labour()
		for _, s := range stays {
			if s.Holds(a.At) {
				h.births = append(h.births, s.Birth)
			}
		}
		roll.Files(func(f *domain.File, _ domain.Day) { h.enrolled = append(h.enrolled, a.enrolments(f, stays)...) })
		return h
	})
	all := map[domain.Entity]*residents{}
	for _, h := range made {
		r := all[h.site]
		if r == nil {
			r = &residents{enrolled: map[domain.Entity]int{}}
			all[h.site] = r
		}
		r.households++
		if h.labour {
			r.labour++
		}
		r.births = append(r.births, h.births...)
		for _, f := range h.enrolled {
			r.enrolled[f]++
		}
	}
	return all, err
}

// enrolments are the facilities that members are enrolled in, one entry a member and service.
func (a *asked) enrolments(f *domain.File, stays []domain.Stay) (in []domain.Entity) {
	steps := domain.UpTo(f.Services, a.At)
	for i := range steps {
		s := &steps[i]
		left := slices.ContainsFunc(steps[i+1:], func(o domain.ServiceStep) bool { return o.Person == s.Person && o.Kind == s.Kind })
		if !s.Left && !left && s.Facility.Present() && member(stays, s.Person.Entity, a.At) {
			in = append(in, s.Facility.Entity)
		}
	}
	return in
}
