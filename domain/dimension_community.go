package domain

// industry is D4: linked while a link runs: from its day through its until, or to the day
// before the project ends.
func (h *household) industry(t timeline) timeline {
	days := append(h.days[:0], h.from)
	for i := range h.f.Links {
		l := &h.f.Links[i]
		days = append(days, l.Day, h.linkEnd(l))
	}
	return h.sample(t, days, func(at Day) (Level, [3]*Mark) {
		for i := range h.f.Links {
			if l := &h.f.Links[i]; l.Day <= at && at < h.linkEnd(l) {
				return IndustryLinked, [3]*Mark{&l.Mark}
			}
		}
		return IndustryNone, [3]*Mark{}
	})
}

// linkEnd is the first day on which a link does not run any more.
func (h *household) linkEnd(l *Link) Day {
	end := farDay
	if l.Until.Present() {
		end = l.Until + 1
	}
	if f, ok := h.neighbour(l.Project.Entity); ok {
		for i := range f.Projects {
			if s := &f.Projects[i]; s.Stage == ProjectEnded {
				end = min(end, max(s.Day, l.Day))
				break
			}
		}
	}
	return end
}

// site returns the community that the household belongs to on a day.
func (h *household) site(at Day) CommunityID {
	var site CommunityID
	day := NoDay
	learn := func(c CommunityID, d Day) {
		if c.Present() && d <= at && d >= day {
			site, day = c, d
		}
	}
	for n := range h.sources {
		f := &h.sources[n]
		if n > 0 && len(h.f.Registrations) > 0 {
			break
		}
		for i := range f.Registrations {
			learn(f.Registrations[i].Community, f.day(f.Registrations[i].Day))
		}
	}
	for i := range h.f.Handovers {
		learn(h.f.Handovers[i].Community, h.f.Handovers[i].Day)
	}
	for i := range h.f.Moves {
		if m := &h.f.Moves[i]; m.Kind == ResettledAgain {
			learn(m.To, m.Day)
		}
	}
	return site
}

// organised returns the fact that founded the community, if it was there on the day.
func (h *household) organised(c CommunityID, at Day) *Mark {
	f, ok := h.neighbour(c.Entity)
	if !ok || len(f.Communities) == 0 || f.Communities[0].Day > at {
		return nil
	}
	return &f.Communities[0].Mark
}

// community is D6.
func (h *household) community(t timeline) timeline {
	days := h.memberDays(h.days[:0])
	for i := range h.heads {
		days = append(days, h.heads[i].day)
	}
	add := func(c CommunityID, day Day) {
		days = append(days, day)
		if m := h.organised(c, farDay); m != nil {
			days = append(days, m.Day)
		}
	}
	for n := range h.sources {
		f := &h.sources[n]
		for i := range f.Registrations {
			add(f.Registrations[i].Community, f.day(f.Registrations[i].Day))
		}
		for i := range f.Residences {
			days = append(days, f.day(f.Residences[i].Day))
		}
	}
	for i := range h.f.Handovers {
		add(h.f.Handovers[i].Community, h.f.Handovers[i].Day)
	}
	for i := range h.f.Moves {
		add(h.f.Moves[i].To, h.f.Moves[i].Day)
	}
	return h.sample(t, days, func(at Day) (Level, [3]*Mark) {
		if r := h.headsResidence(at); r != nil && r.Kind != KeptAtOrigin {
			return RegisteredHere, [3]*Mark{&r.Mark}
		}
		if m := h.organised(h.site(at), at); m != nil {
			return Organised, [3]*Mark{m}
		}
		return CommunityUnknown, [3]*Mark{}
	})
}

// headsResidence is the latest registration of the head of the household on a day.
func (h *household) headsResidence(at Day) (found *Residence) {
	head := h.head(at)
	if head == nil {
		return nil
	}
	for n := range h.sources {
		f := &h.sources[n]
		for i := range f.Residences {
			if r := &f.Residences[i]; r.Person == head.person && f.day(r.Day) <= at && (found == nil || r.Day >= found.Day) {
				found = r
			}
		}
	}
	return found
}

// openGrievance returns a grievance that is not resolved on a day.
func (h *household) openGrievance(at Day) *GrievanceStep {
	for i := range h.f.Grievances {
		g := &h.f.Grievances[i]
		if !g.Resolved && g.Day <= at && at < h.resolved(g) {
			return g
		}
	}
	return nil
}

// resolved is the day on which a grievance was resolved, farDay when it was not.
func (h *household) resolved(g *GrievanceStep) Day {
	for i := range h.f.Grievances {
		if r := &h.f.Grievances[i]; r.Resolved && r.Grievance == g.Grievance && r.Day >= g.Day {
			return r.Day
		}
	}
	return farDay
}

// homestead returns the worst of the latest states of the household's old homesteads: one that
// is lived in, else one in other use, else any.
func (h *household) homestead(at Day) (worst *HomesteadState) {
	rank := func(s *HomesteadState) int {
		switch s.State {
		case HomesteadInUse:
			return 2
		case "used_for_production":
			return 1
		}
		return 0
	}
	for i := range h.f.Homesteads {
		s := &h.f.Homesteads[i]
		if s.Day > at {
			break
		}
		last := true
		for k := i + 1; k < len(h.f.Homesteads); k++ {
			if n := &h.f.Homesteads[k]; n.Homestead == s.Homestead && n.Day <= at {
				last = false
			}
		}
		if last && (worst == nil || rank(s) >= rank(worst)) {
			worst = s
		}
	}
	return worst
}

// rights is D7.
func (h *household) rights(t timeline) timeline {
	days := append(h.days[:0], h.from)
	for i := range h.f.Grievances {
		days = append(days, h.f.Grievances[i].Day)
	}
	for i := range h.f.Homesteads {
		days = append(days, h.f.Homesteads[i].Day)
	}
	return h.sample(t, days, func(at Day) (Level, [3]*Mark) {
		if g := h.openGrievance(at); g != nil {
			return GrievanceOpen, [3]*Mark{&g.Mark}
		}
		s := h.homestead(at)
		switch {
		case s == nil:
			return RightsUnknown, [3]*Mark{}
		case s.State == HomesteadInUse || s.State == "used_for_production":
			return OldHouseUnsettled, [3]*Mark{&s.Mark}
		}
		return RightsSecured, [3]*Mark{&s.Mark}
	})
}
