package twin

import (
	"maps"
	"slices"
)

// overdue are the kinds of what should have been done for a household by the day before.
func (l *life) overdue(at int) []string {
	late := map[string]bool{}
	if l.keys(at) != never && l.title(at).Name != "issued" && !l.titleInTime(at) {
		late["title"] = true
	}
	late["job_verification"] = l.unverified(at)
	late["zero_job_visit"] = l.zeroJobUnseen(at)
	year, month, _ := civil(at)
	if month == 1 {
		year--
	}
	registered, _, _ := civil(l.from)
	latest := 0
	for declared := range l.declared(at) {
		latest = max(latest, declared)
	}
	late["income"] = year-1 >= registered && latest < year-1
	l.overdueCases(at, late)
	l.overdueVisit(at, late)
	maps.DeleteFunc(late, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(late))
}

// unverified: an open placement of a member that nobody spoke of for 90 days.
func (l *life) unverified(at int) bool {
	for _, p := range l.present(at) {
		for _, o := range l.worker(p, at).open {
			last := o.Day
			for _, f := range l.upTo(at, "job.verified") {
				if f.Says["placement"] == o.Says["placement"] {
					last = max(last, f.Day)
				}
			}
			if at > last+90 {
				return true
			}
		}
	}
	return false
}

// zeroJobUnseen: somebody is required to work, nobody works, for more than 30 days, and nobody
// visited since it began.
func (l *life) zeroJobUnseen(at int) bool {
	day := at
	for ; day >= l.from; day-- {
		required := slices.ContainsFunc(l.present(day), func(p *person) bool { return p.required(day) })
		if !required || l.anyWorks(day) {
			break
		}
	}
	since := day + 1
	return at > since+30 && !slices.ContainsFunc(l.upTo(at, "visit.made"), func(f *Fact) bool { return f.Day >= since })
}

func (l *life) overdueCases(at int, late map[string]bool) {
	for _, c := range l.cases(at) {
		if c.cleared != never {
			continue
		}
		if c.decided == never {
			late["risk_decision"] = late["risk_decision"] || at > c.flagged+15
			continue
		}
		last := c.decided
		for _, f := range l.upTo(at, "visit.made") {
			last = max(last, f.Day)
		}
		late["risk_review"] = late["risk_review"] || at > last+90
		late["help_plan"] = late["help_plan"] || c.planned == never && at > c.decided+10
	}
}

func (l *life) overdueVisit(at int, late map[string]bool) {
	last, due := l.from, 0
	for _, f := range l.upTo(at, "visit.made") {
		last, due = f.Day, 0
		if next, ok := readDay(f.Says["下次走访日期"]); ok {
			due = next
		}
	}
	if due > 0 {
		late["visit"] = at > due
		return
	}
	late["visit"] = at > last+180
	for _, c := range l.cases(at) {
		if c.decided != never && c.cleared == never {
			late["visit"] = late["visit"] || at > max(last, c.decided)+30
		}
	}
}
