package domain

// caseFile is one case under monitoring with its dates; farDay = not yet.
type caseFile struct {
	id                        CaseID
	since                     Day // it concerns the household: a case that a merge brought, from then on
	flagged, decided, planned Day
	dismissed, cleared        Day
	flag, end                 *Mark
	classes                   []classFrom
}

type classFrom struct {
	from  Day
	class RiskClass
	mark  *Mark
}

// cases reads the household's cases, with those that splits and merges carried over.
func (h *household) cases(all []caseFile) []caseFile {
	for n := range h.sources {
		f := &h.sources[n]
		if len(f.CaseSteps) == 0 {
			continue
		}
		since, ours := NoDay, n == 0
		if !ours {
			since, ours = h.carried(f.Home)
		}
		for i := range f.CaseSteps {
			if ours {
				all = addCaseStep(all, &f.CaseSteps[i], since)
			}
		}
	}
	return all
}

func addCaseStep(all []caseFile, s *CaseStep, since Day) []caseFile {
	at := len(all)
	for i := range all {
		if all[i].id == s.Case {
			at = i
		}
	}
	if at == len(all) {
		all = append(all, caseFile{id: s.Case, since: since, flagged: farDay, decided: farDay, planned: farDay, dismissed: farDay, cleared: farDay})
	}
	c := &all[at]
	switch s.Step {
	case Flagged:
		if c.flagged == farDay {
			c.flagged, c.flag = s.Day, &s.Mark
		}
	case Decided:
		c.decide(s)
	case Planned:
		if c.planned == farDay {
			c.planned = s.Day
		}
	case Cleared:
		if c.cleared == farDay {
			c.cleared = s.Day
			if c.end == nil {
				c.end = &s.Mark
			}
		}
	}
	return all
}

// decide takes a decision: the first that names a class opens the case, a later one changes the
// class; none dismisses.
func (c *caseFile) decide(s *CaseStep) {
	if s.Class == NoCase {
		if c.dismissed == farDay {
			c.dismissed = s.Day
			if c.end == nil {
				c.end = &s.Mark
			}
		}
		return
	}
	if c.decided == farDay {
		c.decided = s.Day
	}
	c.classes = append(c.classes, classFrom{s.Day, s.Class, &s.Mark})
}

// closedOn is the first day on which the case or flag is not open.
func (c *caseFile) closedOn() Day { return min(c.dismissed, c.cleared) }

// monitored reports an open case on a day; it is open from its decision.
func (c *caseFile) monitored(at Day) bool {
	return c.since <= at && c.decided <= at && at < c.closedOn()
}

// waiting reports a flag without a decision on a day.
func (c *caseFile) waiting(at Day) bool {
	return c.since <= at && c.flagged <= at && at < min(c.closedOn(), c.decided)
}

// class is the class in force on a day.
func (c *caseFile) class(at Day) (in classFrom) {
	for _, k := range c.classes {
		if k.from <= at {
			in = k
		}
	}
	return in
}

// watched reports a case that was cleared less than the watching time ago.
func (c *caseFile) watched(at Day, p *Parameters) bool {
	return c.since <= at && c.decided != farDay && c.decided <= c.closedOn() && c.closedOn() <= at && at < c.closedOn().AddMonths(p.WatchMonths)
}

// risk is D9.
func (h *household) risk(t timeline, cases []caseFile) timeline {
	days := append(h.days[:0], h.from)
	for i := range cases {
		c := &cases[i]
		days = append(days, c.flagged, c.decided, c.since)
		if end := c.closedOn(); end != farDay {
			days = append(days, end, end.AddMonths(h.p.WatchMonths))
		}
	}
	return h.sample(t, days, func(at Day) (Level, [3]*Mark) {
		level, rest := RiskNone, [3]*Mark{}
		take := func(l Level, m *Mark) {
			if l < level {
				level, rest = l, [3]*Mark{m}
			}
		}
		for i := range cases {
			c := &cases[i]
			switch {
			case c.monitored(at):
				take(Monitored, c.class(at).mark)
			case c.waiting(at):
				take(RiskFlag, c.flag)
			case c.watched(at, h.p):
				take(ClearedWatching, c.end)
			}
		}
		return level, rest
	})
}
