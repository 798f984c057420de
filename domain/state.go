package domain

import (
	"strconv"
	"strings"
)

// picture is a household's whole history of status, read off its file once: every dimension as
// a timeline, and what the overall state needs besides. Any day can be read from it.
type picture struct {
	h      household
	crew   crew
	school school
	lines  [dimensions]timeline // Data excepted
	work   []work
	keys   []keys
	cases  []caseFile
	nets   []stretch // safety-net entitlements
	breaks []stretch // days on which a long stretch without work stands in the way of stability
	owed   []obligation
	wrong  []contradiction

	numbers []Holder // of the members
	moments []Day    // room for the days of D10, and of all
	changes []change // room for a person's placements
	moment  moment   // of an answer
	past    moment   // of the days before it
	speaker speaker
}

func draw(f *File, around Files, p *Parameters) *picture {
	c := &picture{}
	c.draw(f, around, p)
	return c
}

// draw reads the history anew, in the room of the one before.
func (p *picture) draw(f *File, around Files, by *Parameters) {
	h := &p.h
	h.prepare(f, around, by)
	p.keys, p.cases, p.nets = h.holdings(p.keys[:0]), h.cases(p.cases[:0]), h.safetyNet(p.nets[:0])
	p.work = p.crew.employment(p.work[:0], h)
	lines := &p.lines
	lines[Housing] = h.housing(lines[Housing][:0], p.keys)
	lines[Title] = h.title(lines[Title][:0], p.keys)
	lines[Employment] = workTimeline(lines[Employment][:0], p.work)
	lines[Industry] = h.industry(lines[Industry][:0])
	lines[Services] = p.school.services(lines[Services][:0], h)
	lines[Organisation] = h.community(lines[Organisation][:0])
	lines[Rights] = h.rights(lines[Rights][:0])
	lines[IncomeLevel] = h.income(lines[IncomeLevel][:0])
	lines[Risk] = h.risk(lines[Risk][:0], p.cases)
	p.breaks = p.longStretches(p.breaks[:0])
	p.owed = p.obligations()
	p.wrong = p.contradictions(p.wrong[:0])
}

// moment is what a history says on a day, found once for all rules: the spans in force, and the
// household's employment.
type moment struct {
	at    Day
	spans [dimensions]*span // Data excepted
	work  *work

	places   [dimensions]int // of the spans in their timelines, -1 before the first
	worked   int             // of work, likewise
	nothing  span
	idleness work
}

// start sets the moment before every day.
func (m *moment) start() {
	m.nothing = span{From: NoDay, Fresh: farDay}
	m.idleness = work{fresh: farDay, provenTo: NoDay, employed: NoDay, allOut: NoDay, jobless: NoDay}
	for d := range m.spans {
		m.spans[d], m.places[d] = &m.nothing, -1
	}
	m.work, m.worked = &m.idleness, -1
}

// to moves the moment on to a day, which may not be earlier than the one before.
func (m *moment) to(at Day, p *picture) {
	m.at = at
	for d := range Data {
		t := p.lines[d]
		for m.places[d]+1 < len(t) && t[m.places[d]+1].From <= at {
			m.places[d]++
			m.spans[d] = &t[m.places[d]]
		}
	}
	for m.worked+1 < len(p.work) && p.work[m.worked+1].from <= at {
		m.worked++
		m.work = &p.work[m.worked]
	}
}

func (m *moment) level(d Dimension) Level { return m.spans[d].Level }

// longStretches are the days on which a stretch of more than 60 days without work after a job
// ended is running, or ended less than twelve months ago.
func (p *picture) longStretches(all []stretch) []stretch {
	limit := Day(p.h.p.OutOfWorkDays)
	for i := 0; i < len(p.work); i++ {
		start := p.work[i].jobless
		if start == NoDay {
			continue
		}
		for i+1 < len(p.work) && p.work[i+1].jobless != NoDay {
			i++
			start = min(start, p.work[i].jobless)
		}
		to := farDay
		if i+1 < len(p.work) {
			end := p.work[i+1].from
			if end-start <= limit {
				continue
			}
			to = end.AddMonths(p.h.p.SettledMonths)
		}
		all = append(all, stretch{start + limit + 1, to, nil})
	}
	return all
}

// rule is why a household is in its state.
type rule struct {
	state State
	because
}

// because is what a rule says, and the parameter that it counts by, "" where there is none. Parameters stand in the text by
// their names in braces: most states are asked for without their reason.
type because struct {
	why Text
	by  string
}

// told is the text with the numbers of a set.
func (b because) told(p *Parameters) Text {
	if !strings.Contains(b.why.EN, "{") {
		return b.why
	}
	numbers := strings.NewReplacer(
		"{no_home_days}", strconv.Itoa(p.NoHomeDays), "{out_of_work_days}", strconv.Itoa(p.OutOfWorkDays), "{last_job_days}", strconv.Itoa(p.LastJobDays),
		"{settled_months}", strconv.Itoa(p.SettledMonths), "{rich_percent}", strconv.FormatFloat(float64(p.RichPercent)/100, 'f', -1, 64))
	return Text{numbers.Replace(b.why.ZH), numbers.Replace(b.why.EN)}
}

// countedFrom is the dimension whose evidence a state's rule counts from, by the rule's parameter.
func countedFrom(parameter string) (Dimension, bool) {
	switch parameter {
	case "no_home_days", "housing_fresh_days":
		return Housing, true
	case "out_of_work_days", "last_job_days", "job_fresh_days":
		return Employment, true
	case "title_months":
		return Title, true
	case "watch_months":
		return Risk, true
	case "income_year", "near_line_percent":
		return IncomeLevel, true
	}
	return 0, false
}

// state reads the overall state at a moment: the first rule that matches (DOMAIN §4).
func (p *picture) state(m *moment) rule {
	h, at := &p.h, m.at
	switch {
	case at < h.from:
		return rule{NotRegistered, because{Text{"该日尚未登记", "not registered yet on that day"}, ""}}
	case at >= h.closed:
		return rule{Closed, because{Text{"已销户", "the file was closed"}, ""}}
	}
	_, net := held(p.nets, at)
	excused := m.level(Employment) == NotApplicable && net
	if why, yes := p.crisis(m); yes {
		return rule{InCrisis, why}
	}
	if why, yes := p.atRisk(m, excused); yes {
		return rule{AtRisk, why}
	}
	if why, yes := unproven(m, excused); yes {
		return rule{Unproven, why}
	}
	if why, no := p.unsettled(m); no {
		return rule{Stabilising, why}
	}
	if h.rich(at) {
		return rule{GettingRich, because{Text{"稳得住，且人均收入连续两年增长并达到线的{rich_percent}倍", "stable, income up two declared years running and {rich_percent} times the line"}, ""}}
	}
	return rule{Stable, because{Text{"各项条件均已满足", "everything that stability asks for is met"}, ""}}
}

func (p *picture) crisis(m *moment) (because, bool) {
	at := m.at
	for i := range p.cases {
		if c := &p.cases[i]; c.monitored(at) && c.class(at).class == SuddenHardship {
			return because{Text{"突发严重困难，监测未解除", "open case of sudden hardship"}, ""}, true
		}
	}
	switch {
	case m.level(IncomeLevel) == BelowLine:
		return because{Text{"人均收入低于线", "income a head is below the line"}, ""}, true
	case m.level(Housing) == NoHome && m.work.provenTo < at && at >= p.lines[Housing].since(at)+Day(p.h.p.NoHomeDays):
		return because{Text{"无房满{no_home_days}天且无核实就业", "no home for {no_home_days} days and nobody in verified work"}, "no_home_days"}, true
	}
	return because{}, false
}

func (p *picture) atRisk(m *moment, excused bool) (because, bool) {
	at, w := m.at, m.work
	old := p.h.homestead(at)
	switch {
	case w.allOut != NoDay && at-w.allOut > Day(p.h.p.OutOfWorkDays):
		return because{Text{"应就业成员均已明确无业，超过{out_of_work_days}天", "everybody required to work is stated not working, for more than {out_of_work_days} days"}, "out_of_work_days"}, true
	case w.jobless != NoDay && w.required && !w.working && at-w.jobless > Day(p.h.p.LastJobDays):
		return because{Text{"唯一的就业已结束超过{last_job_days}天，至今无人就业", "the only open placement ended more than {last_job_days} days ago and nobody works since"}, "last_job_days"}, true
	case m.level(Risk) == RiskFlag:
		return because{Text{"有返贫风险线索", "a risk flag is open"}, ""}, true
	case m.level(Risk) == Monitored:
		return because{Text{"纳入监测", "the household is monitored"}, ""}, true
	case m.level(Services) == ServicesGap:
		return because{Text{"适龄儿童失学", "a child of school age is out of school"}, ""}, true
	case old != nil && old.State == HomesteadInUse:
		return because{Text{"旧房复住", "the old house is lived in again"}, ""}, true
	case m.level(IncomeLevel) == NearLine && !excused:
		return because{Text{"人均收入接近线", "income a head is near the line"}, "near_line_percent"}, true
	case p.h.returned(at):
		return because{Text{"已返回原籍", "the household moved back to its origin"}, ""}, true
	}
	return because{}, false
}

// returned reports that the household's latest move was back to its origin.
func (h *household) returned(at Day) bool {
	moves := UpTo(h.f.Moves, at)
	return len(moves) > 0 && moves[len(moves)-1].Kind == ReturnedToOrigin
}

func unproven(m *moment, excused bool) (because, bool) {
	switch {
	case m.level(Housing) == HousingUnknown:
		return because{Text{"住房情况未知", "housing is unknown"}, ""}, true
	case m.spans[Housing].stale(m.at):
		return because{Text{"住房情况已过期", "housing is stale"}, "housing_fresh_days"}, true
	case m.level(Employment) == EmploymentUnknown:
		return because{Text{"就业情况未知", "employment is unknown"}, ""}, true
	case m.spans[Employment].stale(m.at):
		return because{Text{"就业情况已过期", "employment is stale"}, "job_fresh_days"}, true
	case excused:
		return because{}, false
	case m.level(IncomeLevel) == IncomeUnknown:
		return because{Text{"收入情况未知", "income is unknown"}, ""}, true
	case m.spans[IncomeLevel].stale(m.at):
		return because{Text{"收入情况已过期", "income is stale"}, "income_year"}, true
	}
	return because{}, false
}

// unsettled names the first condition of stability that is not met.
func (p *picture) unsettled(m *moment) (because, bool) {
	at, months := m.at, p.h.p.SettledMonths
	_, broken := held(p.breaks, at)
	switch {
	case m.level(Housing) != HousingLivedIn:
		return because{Text{"住房不是常住", "the dwelling is not lived in"}, ""}, true
	case m.level(Title) != TitleIssued && (m.level(Title) != TitleInProcess || at > p.titleDueAt(at)):
		return because{Text{"产权未办结", "the title is not settled"}, "title_months"}, true
	case m.level(Employment) != NotApplicable && m.level(Employment) < EmploymentProven:
		return because{Text{"就业未核实", "no verified work"}, ""}, true
	case m.level(Services) != ServicesCovered:
		return because{Text{"公共服务未全覆盖", "services are not covered"}, ""}, true
	case m.level(Rights) == GrievanceOpen || m.level(Rights) == OldHouseUnsettled:
		return because{Text{"权益事项未了结", "a matter of rights is open"}, ""}, true
	case m.level(Risk) != RiskNone:
		return because{Text{"风险观察期未满", "the watch after a case is not over"}, "watch_months"}, true
	case len(p.keys) == 0 || at < p.firstKeys().AddMonths(months):
		return because{Text{"入住不足{settled_months}个月", "the keys were given less than {settled_months} months ago"}, "settled_months"}, true
	case broken:
		return because{Text{"近{settled_months}个月内有超过{out_of_work_days}天的失业", "more than {out_of_work_days} days without work within {settled_months} months"}, "settled_months"}, true
	}
	for i := range p.cases {
		if c := &p.cases[i]; c.since <= at && c.decided <= at && c.decided < c.closedOn() && (c.closedOn() == farDay || at < c.closedOn().AddMonths(months)) {
			return because{Text{"近{settled_months}个月内曾被监测", "a case was open within {settled_months} months"}, "settled_months"}, true
		}
	}
	return because{}, false
}

// firstKeys is the day of the household's first keys; a split hands on its parent's.
func (p *picture) firstKeys() Day {
	first := p.keys[0].Day
	for i := range p.h.f.Lineages {
		l := &p.h.f.Lineages[i]
		if !l.child(p.h.f.Home) {
			continue
		}
		if f, ok := p.h.neighbour(l.Parent.Entity); ok && len(f.Handovers) > 0 && f.Handovers[0].Day <= l.Day {
			first = min(first, f.Handovers[0].Day)
		}
	}
	return first
}

// titleDueAt is the last day in time for the title of the dwelling held on a day.
func (p *picture) titleDueAt(at Day) Day {
	for i := range p.keys {
		if k := &p.keys[i]; k.Day <= at && at < k.to {
			return p.h.titleDue(k)
		}
	}
	return NoDay
}
