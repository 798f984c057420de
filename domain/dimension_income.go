package domain

// declared returns the household's latest declaration of a year, as known on a day.
func (h *household) declared(year int32, at Day) (found *Income) {
	for i := range h.f.Incomes {
		if e := &h.f.Incomes[i]; e.Year == year && e.Day <= at {
			found = e
		}
	}
	return found
}

// latestIncome returns the declaration of the latest declared year.
func (h *household) latestIncome(at Day) (found *Income) {
	for i := range h.f.Incomes {
		if e := &h.f.Incomes[i]; e.Day <= at && (found == nil || e.Year >= found.Year) {
			found = e
		}
	}
	return found
}

// atLeast compares the income a head with percent of the year's line, without rounding.
func (h *household) atLeast(e *Income, percent int64) bool {
	return int64(e.Total)*100 >= int64(h.p.line(e.Year))*int64(e.Persons)*percent
}

// more reports an income a head above another's, without rounding.
func (i *Income) more(than *Income) bool {
	return int64(i.Total)*int64(than.Persons) > int64(than.Total)*int64(i.Persons)
}

// income is D8: the latest declared year against that year's line. It is stale from 1 February
// on while the year before is not declared.
func (h *household) income(t timeline) timeline {
	t = append(t, span{From: h.from, Level: IncomeUnknown, Fresh: farDay})
	for i := range h.f.Incomes {
		day := h.f.Incomes[i].Day
		if i+1 < len(h.f.Incomes) && h.f.Incomes[i+1].Day == day {
			continue
		}
		e := h.latestIncome(day)
		before := h.declared(e.Year-1, day)
		s := span{From: max(day, h.from), Level: AboveLine, Fresh: MakeDay(int(e.Year)+2, 1, 31), Rest: [3]*Mark{&e.Mark}}
		switch {
		case !h.atLeast(e, 100):
			s.Level = BelowLine
		case !h.atLeast(e, h.p.NearLinePercent):
			s.Level = NearLine
		case before != nil && e.more(before):
			s.Level = IncomeGrowing
			s.Rest[1] = &before.Mark
		}
		t = t.add(s)
	}
	return t
}

// rich reports what getting_rich asks of the income on a day: up two declared years running, the
// latest at 2.5 lines, transfers under three tenths.
func (h *household) rich(at Day) bool {
	e := h.latestIncome(at)
	if e == nil || !h.atLeast(e, h.p.RichPercent) || int64(e.Transfer)*100 >= int64(e.Total)*h.p.TransferPercent {
		return false
	}
	one, two := h.declared(e.Year-1, at), h.declared(e.Year-2, at)
	return one != nil && two != nil && e.more(one) && one.more(two)
}

// safetyNet returns the entitlements that keep a household that cannot work, as stretches.
func (h *household) safetyNet(all []stretch) []stretch {
	for n := range h.sources {
		f := &h.sources[n]
		for i := range f.Entitlements {
			e := &f.Entitlements[i]
			if e.Ends || !e.Kind.SafetyNet() {
				continue
			}
			all = h.entitled(all, f, i)
		}
	}
	return all
}

// entitled adds the time of the entitlement that entry i of a file starts: to its end, its
// until, the bearer's death or leaving.
func (h *household) entitled(all []stretch, f *source, i int) []stretch {
	e := &f.Entitlements[i]
	s := stretch{f.day(e.Day), farDay, &e.Mark}
	if e.Until.Present() {
		s.To = e.Until + 1
	}
	for k := range f.Entitlements {
		if n := &f.Entitlements[k]; n.Ends && n.Person == e.Person && n.Kind == e.Kind && n.Day >= e.Day {
			s.To = min(s.To, n.Day)
		}
	}
	if !e.Person.Present() && f.File == h.f {
		return append(all, s)
	}
	for k := range h.members {
		m := &h.members[k]
		if from, to := max(s.From, m.from), min(s.To, m.to); m.person == e.Person && from < to {
			all = append(all, stretch{from, to, s.Mark})
		}
	}
	return all
}
