package domain

// keys is the time in which the household has one dwelling, from its keys on.
type keys struct {
	Mark
	dwelling DwellingID
	to       Day // first day without it
}

// holdings returns the household's dwellings one after the other. Keys to a second dwelling
// replace the first; a move without a new dwelling ends it.
func (h *household) holdings(all []keys) []keys {
	take := func(m Mark, d DwellingID) {
		all = append(giveUp(all, m.Day), keys{m, d, farDay})
	}
	i, k, l := 0, 0, 0
	for i < len(h.f.Handovers) || k < len(h.f.Moves) || l < len(h.f.Lineages) {
		split, move, hand := dayOf(h.f.Lineages, l), dayOf(h.f.Moves, k), dayOf(h.f.Handovers, i)
		switch {
		case split <= move && split <= hand:
			all = h.shareOut(all, &h.f.Lineages[l])
			l++
		case move <= hand:
			m := &h.f.Moves[k]
			if m.Kind == ResettledAgain && m.Dwelling.Present() {
				take(m.Mark, m.Dwelling)
			} else {
				all = giveUp(all, m.Day)
			}
			k++
		default:
			take(h.f.Handovers[i].Mark, h.f.Handovers[i].Dwelling)
			i++
		}
	}
	return all
}

// dayOf is the day of an entry, farDay past the last one.
func dayOf[T interface{ on() Day }](register []T, i int) Day {
	if i < len(register) {
		return register[i].on()
	}
	return farDay
}

// giveUp ends what the household holds on a day.
func giveUp(all []keys, day Day) []keys {
	if n := len(all); n > 0 && all[n-1].to > day {
		all[n-1].to = day
	}
	return all
}

// shareOut takes what a split or merge gives to this household, and gives up what it gives away.
func (h *household) shareOut(all []keys, l *Lineage) []keys {
	var has DwellingID
	if n := len(all); n > 0 && all[n-1].to > l.Day {
		has = all[n-1].dwelling
	}
	if l.Split != nil && l.Parent.Entity == h.f.Home && l.Split.names(has) {
		return giveUp(all, l.Day)
	}
	if d := h.inherited(l, has); d.Present() {
		all = append(giveUp(all, l.Day), keys{l.Mark, d, farDay})
	}
	return all
}

// housing is D1: what the latest check of the household's own dwelling found, since its keys.
func (h *household) housing(t timeline, all []keys) timeline {
	start := NoHome
	if len(h.f.Registrations) > 0 && h.f.Registrations[0].Mode == "dispersed" {
		start = HousingUnknown
	}
	t = append(t, span{From: min(h.from, dayOf(all, 0)), Level: start, Fresh: farDay, Rest: [3]*Mark{h.first}}) // keys may come first
	if start == HousingUnknown && len(all) == 0 {
		return h.found(t, DwellingID{}, h.from, farDay)
	}
	if start == HousingUnknown {
		t = h.found(t, DwellingID{}, h.from, all[0].Day)
	}
	for i := range all {
		k := &all[i]
		t = t.add(span{From: k.Day, Level: KeysOnly, Fresh: k.Day + Day(h.p.HousingDays), Rest: [3]*Mark{&k.Mark}})
		t = h.found(t, k.dwelling, k.Day, k.to)
		if k.to != farDay {
			t = t.add(span{From: k.to, Level: NoHome, Fresh: farDay, Rest: [3]*Mark{&k.Mark}})
		}
	}
	return t
}

// checkStep and titleStep are a check and a title's step on the day from which they count.
type (
	checkStep struct {
		day Day
		*Occupancy
	}
	titleStep struct {
		day Day
		*TitleStep
	}
)

func (s checkStep) on() Day { return s.day }

func (s titleStep) on() Day { return s.day }

// found adds what checks of a dwelling found in [from, to); an absent dwelling stands for
// whichever a dispersed household lives in.
func (h *household) found(t timeline, d DwellingID, from, to Day) timeline {
	h.checks = h.checks[:0]
	for n := range h.sources {
		f := &h.sources[n]
		for i := range f.Occupancies {
			o := &f.Occupancies[i]
			if o.Day >= from && o.Day < to && (o.Dwelling == d || !d.Present() && n == 0) {
				h.checks = append(h.checks, checkStep{f.day(o.Day), o})
			}
		}
	}
	if len(h.sources) > 1 {
		sortByDay(h.checks)
	}
	for _, o := range h.checks {
		if level := o.State.level(); level != NotApplicable && o.day < to {
			t = t.add(span{From: o.day, Level: level, Fresh: o.Day + Day(h.p.HousingDays), Rest: [3]*Mark{&o.Mark}})
		}
	}
	return t
}

// level is what a dwelling found so means for its household.
func (s OccupancyState) level() Level {
	switch s {
	case LivedIn:
		return HousingLivedIn
	case Vacant:
		return HousingVacant
	case LetOut:
		return HousingLetOut
	case Seasonal:
		return HousingSeasonal
	}
	return NotApplicable
}

// title is D2: none, in process or issued for the dwelling that the household has the keys of.
func (h *household) title(t timeline, all []keys) timeline {
	for i := range all {
		k := &all[i]
		t = t.add(span{From: k.Day, Level: TitleNone, Fresh: farDay, Rest: [3]*Mark{&k.Mark}})
		issued := false
		for _, s := range h.titleSteps(k) {
			if issued = issued || s.Issued; issued && !s.Issued {
				continue
			}
			level := TitleInProcess
			if s.Issued {
				level = TitleIssued
			}
			t = t.add(span{From: max(s.day, k.Day), Level: level, Fresh: farDay, Rest: [3]*Mark{&s.Mark}})
		}
		if k.to != farDay {
			t = t.add(span{From: k.to, Level: NotApplicable, Fresh: farDay})
		}
	}
	return t
}

// titleSteps are the steps of a dwelling's title while the household holds it. A dwelling that a
// split gave over brings the steps that it had. The steps hold until the next call.
func (h *household) titleSteps(k *keys) []titleStep {
	h.titles = h.titles[:0]
	for n := range h.sources {
		f := &h.sources[n]
		since := k.Day
		if n > 0 {
			since = NoDay
		}
		for i := range f.TitleSteps {
			if s := &f.TitleSteps[i]; s.Dwelling == k.dwelling && s.Day >= since && f.day(s.Day) < k.to {
				h.titles = append(h.titles, titleStep{f.day(s.Day), s})
			}
		}
	}
	if len(h.sources) > 1 {
		sortByDay(h.titles)
	}
	return h.titles
}

// titleDue is the last day in time for the title of the dwelling held on a day.
func (h *household) titleDue(k *keys) Day {
	return max(k.Day, h.p.TitlePolicyDate).AddMonths(h.p.TitleMonths)
}
