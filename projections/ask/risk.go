package ask

import (
	"cmp"
	"context"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// monitoredHouseholds is question 10.
func monitoredHouseholds() Question {
	return Question{
		Number: 10, Name: "monitored-households", Title: domain.Text{ZH: "监测中的户", EN: "Households under monitoring"},
		Meaning: domain.Text{
			ZH: "截至日未结束的监测个案：自认定之日起的天数，有无帮扶计划；没有计划而已过 plan_days（10天）的为超期。天数多的在前。",
			EN: "Cases open on the day: days since the decision, and whether there is a help plan; without one after plan_days (10) it is overdue. Longest first.",
		},
		Options: []Option{inDivision()},
		Summary: []Column{
			column("class", Level, "类别", "class"), column("cases", Count, "个案", "cases"), column("plan_missing", Count, "缺计划", "plan missing"),
		},
		Columns: append(append([]Column{householdColumn(), column("case", Object, "个案", "case")}, siteColumns()...),
			column("class", Level, "类别", "class"), column("decided", Date, "认定", "decided"), column("days", Days, "天数", "days open"),
			column("plan", Level, "计划", "plan"), column("planned", Date, "计划日期", "planned"), column("plan_due", Date, "计划应于", "plan due")),
		answer: answerMonitored,
	}
}

// How the plan of a case stands.
var (
	planMade    = domain.Term{Code: "made", Text: domain.Text{ZH: "已定", EN: "made"}}
	planMissing = domain.Term{Code: "missing", Text: domain.Text{ZH: "缺", EN: "missing"}}
	planLate    = domain.Term{Code: "overdue", Text: domain.Text{ZH: "缺，已超期", EN: "missing, overdue"}}
)

func answerMonitored(ctx context.Context, a *asked) error {
	days := domain.Day(a.Known.Parameters().PlanDays)
	err := a.gather(ctx, func(w domain.Word) bool { return w.Counted() && w.Level(domain.Risk) == domain.Monitored }, func(id domain.Entity, r *domain.Reader) (rows []Row) {
		for _, c := range r.Cases(a.At) {
			if !c.Decided.Present() || c.Closed.Present() {
				continue
			}
			plan := planMade
			switch {
			case c.Planned.Present():
			case a.At > c.Decided+days:
				plan = planLate
			default:
				plan = planMissing
			}
			rows = append(rows, Row{[]Cell{
				entity(id), entity(c.ID.Entity), entity(siteOf(r.Roll(), a.At)),
				{},
				code(c.Class), date(c.Decided), daysFrom(c.Decided, a.At),
				term(plan), date(c.Planned), date(c.Decided + days),
			}, c.Events})
		}
		return rows
	})
	if err != nil {
		return err
	}
	a.name(2)
	a.sort(6, true)
	for _, t := range domain.TermsOf[domain.RiskClass]() {
		cases, missing := 0, 0
		for _, row := range a.Rows {
			if row.Cells[4].Code == t.Code {
				cases++
				if row.Cells[7].Code != planMade.Code {
					missing++
				}
			}
		}
		if t.Code != string(domain.NoCase) {
			a.sum(term(t), count(cases), count(missing))
		}
	}
	return nil
}

// backWithinAYear is question 12.
func backWithinAYear() Question {
	return Question{
		Number: 12, Name: "back-within-a-year", Title: domain.Text{ZH: "消除后一年内返回监测的户", EN: "Risk cleared and back within a year"},
		Meaning: domain.Text{
			ZH: "监测个案消除后十二个月之内，又有另一个案：已认定纳入监测的，或仍待认定的线索。被排除的线索不算。最近返回的在前。",
			EN: "Households of which a monitored case was cleared, and another came within twelve months: decided as monitored, or a flag that still waits. A dismissed flag does not count. The latest first.",
		},
		Options: []Option{inDivision()},
		Columns: append(append([]Column{householdColumn()}, siteColumns()...),
			column("cleared", Date, "消除", "cleared"), column("back", Date, "返回", "back"), column("days", Days, "间隔天数", "days between"),
			column("class_before", Level, "原类别", "class before"), column("class", Level, "现类别", "class now"), column("how", Level, "方式", "how")),
		answer: func(ctx context.Context, a *asked) error {
			err := a.gather(ctx, domain.Word.Counted, a.back)
			if err == nil {
				a.name(1)
				a.sort(4, true)
			}
			return err
		},
	}
}

// back are the returns of a household: the first after each clearing.
func (a *asked) back(id domain.Entity, r *domain.Reader) (rows []Row) {
	cases := r.Cases(a.At)
	came := func(c *domain.Case) (day domain.Day, level domain.Level, is bool) {
		switch {
		case c.Decided.Present():
			return c.Decided, domain.Monitored, true
		case c.Flagged.Present() && !c.Closed.Present():
			return c.Flagged, domain.RiskFlag, true
		}
		return 0, 0, false
	}
	for i := range cases {
		old := &cases[i]
		if !old.Decided.Present() || !old.Closed.Present() {
			continue
		}
		again := slices.Clone(cases)
		again = slices.DeleteFunc(again, func(c domain.Case) bool {
			day, _, is := came(&c)
			return !is || c.ID == old.ID || day < old.Closed || day > old.Closed.AddMonths(12)
		})
		if len(again) == 0 {
			continue
		}
		next := slices.MinFunc(again, func(x, y domain.Case) int {
			first, _, _ := came(&x)
			second, _, _ := came(&y)
			return cmp.Compare(first, second)
		})
		day, standing, _ := came(&next)
		rows = append(rows, Row{[]Cell{
			entity(id), entity(siteOf(r.Roll(), a.At)), {}, date(old.Closed), date(day), daysFrom(old.Closed, day), code(old.Class), code(next.Class), level(domain.Risk, standing),
		}, slices.Concat(old.Events, next.Events)})
	}
	return rows
}
