package domain

import "time"

// obligation is one thing to be done by a day: overdue on every day in [from, to), where from is
// the day after due, or later when the household took it over later.
type obligation struct {
	kind     OverdueKind
	due      Day
	from, to Day
	mark     *Mark
}

func (o *obligation) holds(at Day) bool { return o.from <= at && at < o.to }

// obligations returns everything that the household ever owed, done or not.
func (p *picture) obligations() []obligation {
	all := p.owed[:0]
	add := func(kind OverdueKind, due, since, to Day, m *Mark) {
		if m != nil {
			since = max(since, m.Day) // due before it was stated
		}
		if from := max(due+1, since); from < to {
			all = append(all, obligation{kind, due, from, to, m})
		}
	}
	for i := range p.keys {
		k := &p.keys[i]
		issued := k.to
		for _, s := range p.h.titleSteps(k) {
			if s.Issued {
				issued = min(issued, max(s.day, k.Day))
			}
		}
		add(OverdueTitle, p.h.titleDue(k), NoDay, issued, &k.Mark)
	}
	p.caseObligations(add)
	p.visitObligations(add)
	p.incomeObligations(add)
	p.zeroJobObligations(add)
	for i := range p.h.f.Grievances {
		if g := &p.h.f.Grievances[i]; !g.Resolved && g.Due.Present() {
			add(OverdueGrievance, g.Due, NoDay, p.h.resolved(g), &g.Mark)
		}
	}
	addFindings(p.h.f, add)
	return p.verificationObligations(all)
}

// owes takes one thing to be done by due: of the household since a day, done on the day to.
type owes func(kind OverdueKind, due, since, to Day, m *Mark)

func addFindings(f *File, add owes) {
	for i := range f.Findings {
		found := &f.Findings[i]
		if found.Rectified || !found.Due.Present() {
			continue
		}
		done := farDay
		for k := range f.Findings {
			if r := &f.Findings[k]; r.Rectified && r.Finding == found.Finding && r.Day >= found.Day {
				done = min(done, r.Day)
			}
		}
		add(OverdueRectification, found.Due, NoDay, done, &found.Mark)
	}
}

func (p *picture) caseObligations(add owes) {
	for i := range p.cases {
		c := &p.cases[i]
		end := c.closedOn()
		if c.flagged != farDay {
			add(OverdueDecision, c.flagged+Day(p.h.p.DecisionDays), c.since, min(c.decided, end), c.flag)
		}
		if c.decided == farDay {
			continue
		}
		add(OverduePlan, c.decided+Day(p.h.p.PlanDays), c.since, min(c.planned, end), c.classes[0].mark)
		for k := range c.classes {
			p.reviews(c, k, add)
		}
	}
}

// reviews are what a decision starts: a review every so often, by a visit or a new decision.
func (p *picture) reviews(c *caseFile, k int, add owes) {
	end := c.closedOn()
	if k+1 < len(c.classes) {
		end = min(end, c.classes[k+1].from)
	}
	last, mark := c.classes[k].from, c.classes[k].mark
	for i := range p.h.f.Visits {
		v := &p.h.f.Visits[i]
		if v.Day < last || v.Day >= end {
			continue
		}
		add(OverdueReview, last+Day(p.h.p.ReviewDays), c.since, v.Day, mark)
		last, mark = v.Day, &v.Mark
	}
	add(OverdueReview, last+Day(p.h.p.ReviewDays), c.since, end, mark)
}

// visitObligations: the day that the last visit set, otherwise 180 days after it, 30 while
// monitored. A household never visited counts from its registration.
func (p *picture) visitObligations(add owes) {
	owe := func(v Day, next Day, m *Mark) {
		add(OverdueVisit, v+Day(p.h.p.VisitDays), NoDay, next, m)
		for i := range p.cases {
			if c := &p.cases[i]; c.decided != farDay {
				add(OverdueVisit, max(v, c.decided)+Day(p.h.p.MonitoredVisitDays), c.since, min(next, c.closedOn()), m)
			}
		}
	}
	visits := p.h.f.Visits
	owe(p.h.from, dayOf(visits, 0), p.h.first)
	for i := range visits {
		v, next := &visits[i], dayOf(visits, i+1)
		if v.NextDue.Present() {
			add(OverdueVisit, max(v.NextDue, v.Day), NoDay, next, &v.Mark)
		} else {
			owe(v.Day, next, &v.Mark)
		}
	}
}

// incomeObligations: the year after the latest declared one is due by 31 January; without a
// declaration the year of registration.
func (p *picture) incomeObligations(add owes) {
	incomes := p.h.f.Incomes
	year, mark := int32(p.h.from.Year())-1, p.h.first
	for i := range incomes {
		e := &incomes[i]
		if e.Year <= year {
			continue
		}
		add(OverdueIncome, MakeDay(int(year)+2, 1, 31), NoDay, e.Day, mark)
		year, mark = e.Year, &e.Mark
	}
	add(OverdueIncome, MakeDay(int(year)+2, 1, 31), NoDay, farDay, mark)
}

// zeroJobObligations: a household in which somebody is required to work and nobody works is
// visited within thirty days of becoming one.
func (p *picture) zeroJobObligations(add owes) {
	start := farDay
	for i := range p.work {
		n := &p.work[i]
		zero := n.required && !n.working
		if zero && start == farDay {
			start = n.from
		}
		if zero && i+1 < len(p.work) || start == farDay {
			continue
		}
		end := n.from
		if zero {
			end = farDay
		}
		for k := range p.h.f.Visits {
			if v := &p.h.f.Visits[k]; v.Day >= start {
				end = min(end, v.Day)
				break
			}
		}
		add(OverdueZeroJobVisit, start+Day(p.h.p.ZeroJobVisitDays), NoDay, end, p.h.first)
		start = farDay
	}
}

// verificationObligations: an open placement of a member is verified every ninety days.
func (p *picture) verificationObligations(all []obligation) []obligation {
	for n := range p.h.sources {
		f := &p.h.sources[n]
		for i := range f.Spells {
			s := &f.Spells[i]
			for k := range p.h.members {
				if m := &p.h.members[k]; m.person == s.Person {
					all = p.verifications(all, m, f, s)
				}
			}
		}
	}
	return all
}

func (p *picture) verifications(all []obligation, m *membership, f *source, s *Spell) []obligation {
	end := m.to
	for i := range f.Endings {
		if e := &f.Endings[i]; e.Placement == s.Placement {
			end = min(end, max(e.Day, s.Day))
		}
	}
	last, mark := s.Day, &s.Mark
	owe := func(to Day) {
		due := last + Day(p.h.p.JobDays)
		if from := f.day(max(due+1, m.from)); from < to {
			all = append(all, obligation{OverdueVerification, due, from, to, mark})
		}
	}
	for i := range f.Statements {
		e := &f.Statements[i]
		if e.Placement == s.Placement && e.Day >= s.Day && e.Day < end && e.Still != NotKnown {
			owe(e.Day)
			last, mark = e.Day, &e.Mark
		}
	}
	owe(end)
	return all
}

// Imports is what a Files may offer besides: the ends of imports.
type Imports interface {
	// Imports returns the ends of all imports of a template for a division.
	Imports(template string, division Division) []Batch
}

// settled is the day on which an import's refused rows are put right, farDay while they are not:
// that of the first later import of the template for the division that refuses nothing. The
// departments' files grow and come whole, so that one without a refusal has every row put right;
// rows themselves cannot be told apart from one file to the next. Where around knows no imports
// the rows stay due.
func (b *Batch) settled(around Files) Day {
	done := farDay
	known, ok := around.(Imports)
	if !ok || b.Template == "" {
		return done
	}
	for _, later := range known.Imports(b.Template, b.Division) {
		if later.Closed > b.Closed && later.Rejected == 0 {
			done = min(done, later.Day)
		}
	}
	return done
}

// OverdueOf returns what is overdue on a day in the file of a home that is no household: a
// facility not open by its planned day, a finding not rectified, rows not put right. around may
// be nil.
func OverdueOf(f *File, around Files, at Day, p *Parameters) []Overdue {
	var s speaker
	all := make([]Overdue, 0, len(f.Findings)+len(f.Batches)+1) // each reason stays where it is
	add := func(kind OverdueKind, due, _, to Day, m *Mark) {
		if m.Day <= at && due < at && at < to {
			o := obligation{kind, due, due + 1, to, m}
			all = append(all, Overdue{})
			o.answer(&all[len(all)-1], at, &s)
		}
	}
	addFindings(f, add)
	opened, planned := farDay, NoDay
	var mark *Mark
	for i := range f.Facilities {
		s := &f.Facilities[i]
		if s.Stage == FacilityOpen || s.Stage == FacilityDemolished {
			opened = min(opened, s.Day)
		}
		if s.Day <= at && s.PlannedOpen.Present() {
			planned, mark = s.PlannedOpen, &s.Mark
		}
	}
	if planned.Present() {
		add(OverdueFacility, planned, NoDay, opened, mark)
	}
	for i := range f.Batches {
		if b := &f.Batches[i]; b.Rejected > 0 {
			add(OverdueRejected, workdays(b.Day, p.RejectedWorkdays), NoDay, b.settled(around), &b.Mark)
		}
	}
	s.finish()
	return all
}

// workdays returns the day n working days, Monday to Friday, after d.
func workdays(d Day, n int) Day {
	for n > 0 {
		d++
		if w := d.Moment().Time().In(China).Weekday(); w != time.Saturday && w != time.Sunday {
			n--
		}
	}
	return d
}

// answer fills in what is said of an obligation that is overdue on a day.
func (o *obligation) answer(a *Overdue, at Day, s *speaker) {
	t := overdueTerms[o.kind]
	*a = Overdue{Kind: o.kind, Due: o.due, Days: int(at - o.due)}
	if o.mark != nil {
		a.Events = s.ids([]*Mark{o.mark}, farDay)
	}
	zh := len(s.text)
	s.say(t.ZH, NoDay, "：应于")
	s.say("", o.due, "前完成")
	en := len(s.text)
	s.say(t.EN, NoDay, ": due by ")
	s.say("", o.due, "")
	s.phrases = append(s.phrases, phrase{&a.Reason, zh, en, len(s.text)})
}
