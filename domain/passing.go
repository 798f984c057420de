package domain

import "strings"

// Passing is why something of a household's status became otherwise though no fact was true on that day: the
// day, the rule that it passed, and the facts that the rule counts from.
type Passing struct {
	Day    Day       `json:"day"`              // the first day on which it is otherwise
	Rule   string    `json:"rule,omitzero"`    // the parameter that counts; absent where the rule has none
	Value  string    `json:"value,omitzero"`   // of the parameter, in the set that judges
	Reason Text      `json:"reason"`           // in plain words
	Events []EventID `json:"events,omitempty"` // what it counts from
}

// Passage says of what differs in a household's status between two days since when it is so, and what rule makes
// it so. Whether time alone did is the asker's to see: whether a fact was true on that day.
type Passage struct {
	history       *picture
	from, to      Day
	steps         []Step
	before, after *StatusAnswer
}

// Passage tells of two days of the household that was opened up to the later one. It is the reader's, until it
// reads another.
func (r *Reader) Passage(from, to Day) Passage {
	h := &r.history
	return Passage{history: h, from: from, to: to, steps: h.steps(nil), before: h.answer(from), after: h.answer(to)}
}

// Word is the status on the second day.
func (p *Passage) Word() Word { return WordAt(p.steps, p.to) }

// Level says why a dimension stands as it does on the second day.
func (p *Passage) Level(d Dimension) Passing {
	word := p.Word()
	was, is := &p.before.Dimensions[d], &p.after.Dimensions[d]
	w := p.passing(func(w Word) bool { return w.Level(d) == word.Level(d) && w.Stale(d) == word.Stale(d) }, levelRule(d, is.Stale))
	w.Reason, w.Events = is.Reason, is.Events
	switch {
	case d == Data:
		w.Reason, w.Events = p.wentStale(w.Day)
	case !is.Stale && is.Level != was.Level:
		w.Reason = turned(d, was.Reason, is.Reason)
	}
	if len(w.Events) == 0 {
		w.Events = was.Events
	}
	return w
}

// State says why the overall state is what it is on the second day: what made it so on the day on which it came.
func (p *Passage) State() Passing {
	state, h := p.Word().State(), p.history
	w := p.passing(func(w Word) bool { return w.State() == state }, "")
	was, before := h.answer(w.Day-1), h.state(&h.moment).because
	is, after := h.answer(w.Day), h.state(&h.moment).because
	rule := after.by
	if rule == "" { // what stood in the way is over
		rule = before.by
	}
	w.rule(rule, h.h.p)
	first, then := before.told(h.h.p), after.told(h.h.p)
	w.Reason = Text{first.ZH + " → " + then.ZH, first.EN + " → " + then.EN}
	if d, known := countedFrom(rule); known {
		w.Events = is.Dimensions[d].Events
		if len(w.Events) == 0 {
			w.Events = was.Dimensions[d].Events
		}
	} else if rule == "settled_months" && len(h.keys) > 0 {
		w.Events = []EventID{h.keys[0].ID()}
	}
	return w
}

// Employed says why the household counts as employed, or does not, on the second day.
func (p *Passage) Employed() Passing {
	employed := p.after.Employed
	w := p.passing(func(w Word) bool { return w.Employed() == employed }, "employed_days")
	w.Reason, w.Events = p.history.h.p.EmployedReason(), p.before.Dimensions[Employment].Events
	return w
}

// Overdue says why something of a kind is overdue on the second day.
func (p *Passage) Overdue(k OverdueKind) Passing {
	late := p.Word().Overdue(k)
	w := p.passing(func(w Word) bool { return w.Overdue(k) == late }, "")
	for _, o := range p.after.Overdue {
		if o.Kind == k && (w.Reason.EN == "" || o.Due+1 == w.Day) {
			w.Reason, w.Events = o.Reason, o.Events
		}
	}
	for i := range p.history.owed {
		if o := &p.history.owed[i]; o.kind == k && o.holds(p.to) && o.from == w.Day {
			w.rule(p.history.dueRule(o), p.history.h.p)
		}
	}
	return w
}

// passing finds the first day of the run, up to the second day, on which something is as it is then.
func (p *Passage) passing(same func(Word) bool, rule string) Passing {
	w := Passing{Day: p.from + 1}
	for i := len(p.steps) - 1; i >= 0; i-- {
		if s := &p.steps[i]; s.From <= p.to {
			if s.From <= p.from || !same(s.Word) {
				break
			}
			w.Day = s.From
		}
	}
	w.rule(rule, p.history.h.p)
	return w
}

// rule names a parameter, where the set has it.
func (w *Passing) rule(name string, p *Parameters) {
	if w.Value = p.Value(name); w.Value != "" {
		w.Rule = name
	}
}

// wentStale names the dimensions that went stale on a day, and what they rest on.
func (p *Passage) wentStale(day Day) (Text, []EventID) {
	var zh, en []string
	var events []EventID
	is := p.history.answer(day)
	for d := range Data {
		if r := &is.Dimensions[d]; r.Stale && r.FreshUntil == day-1 {
			zh, en, events = append(zh, d.Label().ZH), append(en, d.Label().EN), append(events, r.Events...)
		}
	}
	if len(zh) == 0 {
		return Text{"随时间推移", "time passed"}, nil
	}
	return Text{strings.Join(zh, "、") + "已过期", strings.Join(en, ", ") + " went stale"}, events
}

// turned is why a level turns into another one by itself, as far as a dimension knows why.
func turned(d Dimension, from, to Text) Text {
	why := Text{"随时间推移", "time passed"}
	switch d {
	case Employment:
		why = Text{"成员年满或超过应就业年龄", "a member came of working age, or passed it"}
	case Services:
		why = Text{"学年更替，义务教育年龄按9月1日计", "the school year turned: compulsory age counts from 1 September"}
	case Industry:
		why = Text{"联结或项目到期", "the link or the project ran out"}
	case Risk:
		why = Text{"消除后的观察期已满", "the watch after a case was cleared is over"}
	}
	return Text{from.ZH + " → " + to.ZH + "：" + why.ZH, from.EN + " → " + to.EN + ": " + why.EN}
}

// levelRule is the parameter by which a dimension goes stale, or turns into another level by itself.
func levelRule(d Dimension, stale bool) string {
	switch {
	case d == Housing:
		return "housing_fresh_days"
	case d == Employment && stale:
		return "job_fresh_days"
	case d == Employment:
		return "working_age"
	case d == Risk:
		return "watch_months"
	}
	return ""
}

// dueRule is the parameter by which something falls due.
func (p *picture) dueRule(o *obligation) string {
	rules := [...]string{
		OverdueTitle: "title_months", OverdueVerification: "job_fresh_days", OverdueZeroJobVisit: "zero_job_visit_days",
		OverdueDecision: "decision_days", OverduePlan: "plan_days", OverdueReview: "review_days", OverdueVisit: "",
		OverdueIncome: "", OverdueGrievance: "", OverdueRectification: "", OverdueFacility: "", OverdueRejected: "rejected_workdays",
	}
	switch par := p.h.p; {
	case o.kind != OverdueVisit:
		return rules[o.kind]
	case o.mark != nil && o.due == o.mark.Day+Day(par.VisitDays):
		return "visit_days"
	case o.mark != nil && o.due == o.mark.Day+Day(par.MonitoredVisitDays):
		return "monitored_visit_days"
	}
	for i := range p.cases {
		if c := &p.cases[i]; o.due == c.decided+Day(p.h.p.MonitoredVisitDays) {
			return "monitored_visit_days"
		}
	}
	return "" // the visit before named the day
}
