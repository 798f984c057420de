package twin

import (
	"maps"
	"slices"
)

// Status is how a household stands on a day.
type Status struct {
	State    string
	Employed bool
	Levels   map[string]Level // by the dimension's name; data is not judged
	Overdue  []string         // kinds
}

// Status reads a household's facts up to a day. A household that is not registered by then has
// the state "not_registered".
func (c *County) Status(number string, at int) Status {
	l := c.life(number)
	l.until = at
	if at < l.from {
		return Status{State: "not_registered"}
	}
	s := Status{Levels: map[string]Level{
		"housing": l.housing(at), "title": l.title(at), "employment": l.employment(at), "industry": l.industry(at), "services": l.services(at),
		"community": l.organised(at), "rights": {Name: "unknown"}, "income": l.income(at), "risk": l.risk(at),
	}}
	for _, p := range l.present(at) {
		if p.class != "none" && p.class != "" {
			s.Employed = l.inVerifiedWork(at)
		}
	}
	s.State, s.Overdue = l.state(at, s.Levels), l.overdue(at)
	return s
}

// Edges are days on which a household's status may turn: so many days, or months, after what a
// fact or the end of a year made true. One in a few is returned, as random chooses below n.
func (c *County) Edges(number string, count int, random func(n int) int) (days []int) {
	l := c.life(number)
	after := []int{-1, 0, 1, 10, 11, 15, 16, 30, 31, 60, 61, 90, 91, 180, 181}
	months := []int{6, 12, 24}
	for range count {
		day := l.someFact(random).Day
		switch kind := random(12); {
		case kind < 2: // a member comes to an age that counts
			p := l.members[random(len(l.members))]
			day = Day(p.birth/12+[]int{6, 7, 15, 16, 16, 60}[random(6)], p.birth%12+1, random(3))
			if kind == 0 {
				year, _, _ := civil(day)
				day = Day(year, 9, random(3))
			}
		case kind < 8:
			day += after[random(len(after))]
		case kind < 10:
			day = addMonths(day, months[random(len(months))]) + random(3) - 1
		default:
			year, _, _ := civil(day)
			day = Day(year+random(3), []int{1, 2, 9}[random(3)], 1) + random(2) - 1
		}
		days = append(days, day)
	}
	return days
}

// someFact chooses a type first, so that the rare ones have their turn.
func (l *life) someFact(random func(n int) int) *Fact {
	by := map[string][]*Fact{}
	for _, f := range l.facts {
		by[f.Type] = append(by[f.Type], f)
	}
	of := by[slices.Sorted(maps.Keys(by))[random(len(by))]]
	return of[random(len(of))]
}

func (l *life) state(at int, levels map[string]Level) string {
	name := func(dimension string) string { return levels[dimension].Name }
	switch {
	case l.inCrisis(at, levels):
		return "in_crisis"
	case l.allOutTooLong(at), l.lastJobGone(at), name("risk") == "flagged", name("risk") == "monitored", name("services") == "gap", name("income") == "near_line":
		return "at_risk"
	case name("housing") == "unknown", name("employment") == "unknown", name("income") == "unknown",
		levels["housing"].Stale, levels["employment"].Stale, levels["income"].Stale:
		return "unproven"
	case !l.settled(at, levels):
		return "stabilising"
	case l.rich(at):
		return "getting_rich"
	}
	return "stable"
}

func (l *life) inCrisis(at int, levels map[string]Level) bool {
	for _, c := range l.cases(at) {
		if c.class == "sudden_hardship" && c.cleared == never {
			return true
		}
	}
	homeless := 0
	for day := at; day >= l.from && l.housing(day).Name == "no_home"; day-- {
		homeless++
	}
	return levels["income"].Name == "below_line" || homeless > 90 && !l.inVerifiedWork(at)
}

func (l *life) anyWorks(at int) bool {
	for _, p := range l.present(at) {
		if l.worker(p, at).works() {
			return true
		}
	}
	return false
}

// allOutTooLong: nobody works and all required to work are stated not working, the last of them
// for more than 60 days.
func (l *life) allOutTooLong(at int) bool {
	if l.anyWorks(at) {
		return false
	}
	required, latest := 0, 0
	for _, p := range l.present(at) {
		if !p.required(at) {
			continue
		}
		w := l.worker(p, at)
		if !w.out {
			return false
		}
		required++
		latest = max(latest, w.outFrom)
	}
	return required > 0 && at-latest > 60
}

// openPlacements counts the household's on a day.
func (l *life) openPlacements(at int) (open int) {
	for _, p := range l.present(at) {
		open += len(l.worker(p, at).open)
	}
	return open
}

// jobless is the day on which the household's last open placement ended, since which nobody
// works; 0 when there is none. It walks over the days up to the one that is asked for, and keeps
// what it found.
func (l *life) jobless(at int) int {
	if l.out == nil {
		l.out = map[int]int{}
		start, open := 0, 0
		for day := l.from; day <= l.until; day++ {
			start, open = l.goOn(day, start, open)
			l.out[day] = start
		}
	}
	return l.out[at]
}

// goOn takes one day in: since when the household is jobless, and how many placements are open.
func (l *life) goOn(day, start, was int) (since, open int) {
	ended := false
	for _, f := range l.on(day) {
		ended = ended || f.Type == "job.ended"
		if f.Type == "job.placed" {
			was++ // a job may end on its first day
		}
	}
	open = l.openPlacements(day)
	switch {
	case open > 0 || l.anyWorks(day):
		start = 0
	case ended && was > 0:
		start = day
	}
	return start, open
}

// on are the facts of work of one day.
func (l *life) on(day int) (all []*Fact) {
	for _, f := range l.upTo(day, "job.placed", "job.verified", "job.ended") {
		if f.Day == day {
			all = append(all, f)
		}
	}
	return all
}

// lastJobGone: the household's only open placement ended more than 30 days ago and nobody works
// since, where somebody is required to work.
func (l *life) lastJobGone(at int) bool {
	required := false
	for _, p := range l.present(at) {
		required = required || p.required(at)
	}
	day := l.jobless(at)
	return required && day > 0 && at-day > 30
}

func (l *life) settled(at int, levels map[string]Level) bool {
	title, work := levels["title"].Name, levels["employment"].Name
	switch {
	case levels["housing"].Name != "lived_in", levels["services"].Name != "covered", levels["risk"].Name != "none":
		return false
	case title != "issued" && (title != "in_process" || !l.titleInTime(at)):
		return false
	case work != "verified" && work != "verified_2plus" && work != "n/a":
		return false
	case at < addMonths(l.keys(at), 12):
		return false
	}
	for _, c := range l.cases(at) {
		if c.decided != never && (c.cleared == never || at < addMonths(c.cleared, 12)) {
			return false
		}
	}
	return !l.longStretch(at)
}

// longStretch: in the last 12 months there was a stretch of more than 60 days without work after
// a job ended. It counts whole though it began earlier.
func (l *life) longStretch(at int) bool {
	for day := at; day > l.from && at < addMonths(day, 12); day-- {
		if start := l.jobless(day); start > 0 && day+1-start > 60 {
			return true
		}
	}
	return false
}

// rich: income a head up over two declared years running, the latest 2.5 times the line,
// transfers under 30 in a hundred.
func (l *life) rich(at int) bool {
	all := l.declared(at)
	latest := 0
	for year := range all {
		latest = max(latest, year)
	}
	one, ok1 := all[latest-1]
	two, ok2 := all[latest-2]
	d := all[latest]
	return ok1 && ok2 && d.moreThan(one) && one.moreThan(two) && d.total*2 >= d.line()*5 && d.transfer*10 < d.total*3
}
