package ask

import (
	"context"

	"github.com/anju-ledger/anju/domain"
)

// idleProjects is question 15.
func idleProjects() Question {
	return Question{
		Number: 15, Name: "idle-projects", Title: domain.Text{ZH: "闲置的产业项目与联结户", EN: "Industry projects idle, and the households linked"},
		Meaning: domain.Text{
			ZH: "截至日状态为闲置的产业项目，每个联结户一行（联结未到期、户未销户，户在本县或所问区划内）；没有联结户的项目一行，户为空。闲置最久的在前。",
			EN: "Industry projects that are idle on the day, a row for each household linked (whose link has not run out, that is not closed, and that lives in the county, or in the division where it is larger); a project without any has one row without a household. Idle longest first.",
		},
		Options: []Option{inDivision()},
		Summary: []Column{column("projects", Count, "闲置项目", "idle projects"), column("households", Count, "联结户", "households linked")},
		Columns: []Column{
			column("project", Project, "项目", "project"), column("code", Words, "编号", "code"), column("name", Words, "名称", "name"), column("kind", Level, "类型", "kind"),
			column("since", Date, "自", "since"), column("days", Days, "天数", "days"), householdColumn(), column("linked", Date, "联结", "linked"), column("until", Date, "截止", "until"),
		},
		answer: answerIdleProjects,
	}
}

// countyDigits is how long a county's code is.
const countyDigits = 6

func answerIdleProjects(ctx context.Context, a *asked) error {
	works, err := a.Known.Works(a.division, a.At)
	if err != nil {
		return err
	}
	idle := map[domain.Entity][]Cell{}
	events := map[domain.Entity][]domain.EventID{}
	for i := range works.Projects {
		if p := &works.Projects[i]; p.Stage == "idle" {
			idle[p.Project] = []Cell{entity(p.Project), plain(p.Code), plain(p.Name), code(p.Kind), date(p.Since), daysFrom(p.Since, a.At)}
			events[p.Project] = p.Events
		}
	}
	within := a.division
	if len(within) > countyDigits { // a household linked may live elsewhere in the county
		a.division = domain.Division(within.County())
	}
	type link struct {
		project domain.Entity
		row     Row
	}
	linked := map[domain.Entity]bool{}
	households := map[string]bool{}
	made, err := look(ctx, a, func(w domain.Word) bool { return w.Counted() && w.Level(domain.Industry) == domain.IndustryLinked }, func(id domain.Entity, r *domain.Reader) (all []link) {
		for _, l := range domain.UpTo(r.File().Links, a.At) {
			if _, lies := idle[l.Project.Entity]; lies && (!l.Until.Present() || a.At <= l.Until) {
				all = append(all, link{l.Project.Entity, Row{[]Cell{entity(id), date(l.Day), date(l.Until)}, []domain.EventID{l.ID()}}})
			}
		}
		return all
	})
	a.division = within
	if err != nil {
		return err
	}
	for _, l := range made {
		linked[l.project], households[l.row.Cells[0].Code] = true, true
		a.add(append(l.row.Events, events[l.project]...), append(append([]Cell{}, idle[l.project]...), l.row.Cells...)...)
	}
	for p, cells := range idle {
		if !linked[p] {
			a.add(events[p], append(cells, Cell{}, Cell{}, Cell{})...)
		}
	}
	a.sort(5, true)
	a.sum(count(len(idle)), count(len(households)))
	return nil
}
