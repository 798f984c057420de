package domain

import "slices"

// compulsory is the time in which a child is of compulsory school age: from 1 September of the
// year in which he is six by 31 August, for nine school years. [S: Compulsory Education Law, art. 11]
func compulsory(birth Month) (from, to Day) {
	if birth == 0 {
		return farDay, farDay
	}
	year, month := int(birth)/12+6, int(birth)%12+1
	if month > 8 {
		year++
	}
	return MakeDay(year, 9, 1), MakeDay(year+9, 9, 1)
}

// schooling is what is stated of a child's school up to a day.
type schooling struct {
	enrolled *Mark // not left since
	last     *Mark // the latest enrolment, left or not
	dropped  *Mark // left as a dropout and not enrolled since
}

// school reads a child's schooling up to a day.
func (h *household) school(p PersonID, at Day) (s schooling) {
	var open ServiceKind
	for _, f := range h.sources {
		for i := range f.Services {
			e := &f.Services[i]
			if e.Person != p || e.Day > at || !isSchool(e.Kind) {
				continue
			}
			switch {
			case !e.Left:
				s.enrolled, s.last, s.dropped, open = &e.Mark, &e.Mark, nil, e.Kind
			case e.Kind == open || e.Reason == DroppedOut:
				s.enrolled, open = nil, ""
				if e.Reason == DroppedOut {
					s.dropped = &e.Mark
				}
			}
		}
	}
	return s
}

// doctor returns the sign-up of a member with a family doctor that runs on a day.
func (h *household) doctor(at Day) (found *Mark) {
	for k := range h.members {
		m := &h.members[k]
		if !m.holds(at) {
			continue
		}
		var signed *Mark
		for _, f := range h.sources {
			for i := range f.Services {
				e := &f.Services[i]
				if e.Person != m.person || e.Day > at || e.Kind != FamilyDoctor {
					continue
				}
				signed = &e.Mark
				if e.Left {
					signed = nil
				}
			}
		}
		found = later(found, signed)
	}
	return found
}

// children calls yield for every member of compulsory school age on a day.
func (h *household) children(at Day, yield func(*membership)) {
	for i := range h.members {
		m := &h.members[i]
		if from, to := compulsory(m.birth); m.holds(at) && from <= at && at < to {
			yield(m)
		}
	}
}

// findings are visits up to a day that found a child out of school, and are not cured by then.
func (h *household) findings(at Day) *Mark {
	for i := range h.f.Visits {
		v := &h.f.Visits[i]
		if v.Day > at || !slices.Contains(v.Found, ChildNotInSchool) {
			continue
		}
		cured := true
		h.children(at, func(m *membership) {
			from, to := compulsory(m.birth)
			then := m.holds(v.Day) && from <= v.Day && v.Day < to
			if v.Person.Present() && v.Person != m.person || !v.Person.Present() && !then {
				return
			}
			if s := h.school(m.person, at); s.last == nil || s.last.Day <= v.Day {
				cured = false
			}
		})
		if !cured {
			return &v.Mark
		}
	}
	return nil
}

// services reads D5 on a day.
func (h *household) services(at Day) (Level, [3]*Mark) {
	needs, met := 1, 0
	var gap *Mark
	var rest [3]*Mark
	if d := h.doctor(at); d != nil {
		rest[met] = d
		met++
	}
	h.children(at, func(m *membership) {
		needs++
		s := h.school(m.person, at)
		if s.dropped != nil {
			gap = s.dropped
		}
		if s.enrolled != nil {
			if met < len(rest) {
				rest[met] = s.enrolled
			}
			met++
		}
	})
	if found := h.findings(at); found != nil {
		gap = found
	}
	switch {
	case gap != nil:
		return ServicesGap, [3]*Mark{gap}
	case met == needs:
		return ServicesCovered, rest
	case met == 0:
		return ServicesUnknown, rest
	}
	return ServicesPartial, rest
}

// servicesTimeline is D5 over all days: it changes only with a fact, a member, or a school year.
func (h *household) servicesTimeline() timeline {
	days := h.memberDays(nil)
	for _, f := range h.sources {
		for i := range f.Services {
			days = append(days, f.Services[i].Day)
		}
	}
	for i := range h.f.Visits {
		if len(h.f.Visits[i].Found) > 0 {
			days = append(days, h.f.Visits[i].Day)
		}
	}
	for i := range h.members {
		from, to := compulsory(h.members[i].birth)
		if from != farDay {
			days = append(days, from, to)
		}
	}
	return h.sample(days, h.services)
}

// sample reads a dimension that does not age on the days on which it can change.
func (h *household) sample(days []Day, read func(Day) (Level, [3]*Mark)) timeline {
	days = sortDays(days)
	t := make(timeline, 0, len(days))
	for _, day := range days {
		if day >= h.from && day != farDay {
			level, rest := read(day)
			t = append(t, span{From: day, Level: level, Fresh: farDay, Rest: rest})
		}
	}
	return t
}

// isSchool reports a service that gives a child of compulsory age his school.
func isSchool(k ServiceKind) bool { return k == PrimarySchool || k == JuniorSchool || k == "senior" }
