package domain

import (
	"cmp"
	"slices"
)

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

// enrolment is a step of a person's services on the day from which it counts for the household.
type enrolment struct {
	day  Day
	step *ServiceStep
}

// pupil is what is stated of one stay's services while the facts are gone through.
type pupil struct {
	stay     *membership
	enrolled *Mark // in a school, and not left since
	last     *Mark // the latest enrolment in a school, left or not
	dropped  *Mark // left school as a dropout and not enrolled since
	doctor   *Mark // signed up with a family doctor, and not left since
	open     ServiceKind
}

// school is the room in which services are gone through.
type school struct {
	pupils     []pupil
	enrolments []enrolment
}

// services is D5 over all days: it changes only with a fact, a member, or a school year.
func (s *school) services(t timeline, h *household) timeline {
	s.gather(h)
	h.days = sortDays(h.serviceDays(h.days[:0]))
	days, steps := h.days, s.enrolments
	for len(days) > 0 || len(steps) > 0 {
		day := farDay
		if len(days) > 0 {
			day = days[0]
		}
		if len(steps) > 0 {
			day = min(day, steps[0].day)
		}
		for len(days) > 0 && days[0] == day {
			days = days[1:]
		}
		for ; len(steps) > 0 && steps[0].day == day; steps = steps[1:] {
			s.take(steps[0].step)
		}
		if day >= h.from && day != farDay {
			level, rest := s.read(day, h.f.Visits)
			t = t.change(span{From: day, Level: level, Fresh: farDay, Rest: rest})
		}
	}
	return t
}

// gather makes a pupil of each stay, and orders what the sources say of services.
func (s *school) gather(h *household) {
	s.enrolments = s.enrolments[:0]
	for n := range h.sources {
		f := &h.sources[n]
		for i := range f.Services {
			s.enrolments = append(s.enrolments, enrolment{f.day(f.Services[i].Day), &f.Services[i]})
		}
	}
	if len(h.sources) > 1 {
		slices.SortStableFunc(s.enrolments, func(a, b enrolment) int {
			return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.step.Day, b.step.Day))
		})
	}
	s.pupils = s.pupils[:0]
	for i := range h.members {
		s.pupils = append(s.pupils, pupil{stay: &h.members[i]})
	}
}

// serviceDays appends the days on which a need begins or ends.
func (h *household) serviceDays(days []Day) []Day {
	days = h.memberDays(days)
	for i := range h.f.Visits {
		if len(h.f.Visits[i].Found) > 0 {
			days = append(days, h.f.Visits[i].Day)
		}
	}
	for i := range h.members {
		if m := &h.members[i]; m.birth != 0 {
			days = append(days, max(m.schoolFrom, m.born), max(m.schoolTo, m.born))
		}
	}
	return days
}

// take gives a step to the pupil whom it is about.
func (s *school) take(e *ServiceStep) {
	for i := range s.pupils {
		if p := &s.pupils[i]; p.stay.person == e.Person {
			p.take(e)
		}
	}
}

func (p *pupil) take(e *ServiceStep) {
	switch {
	case e.Kind == FamilyDoctor && e.Left:
		p.doctor = nil
	case e.Kind == FamilyDoctor:
		p.doctor = &e.Mark
	case !isSchool(e.Kind):
	case !e.Left:
		p.enrolled, p.last, p.dropped, p.open = &e.Mark, &e.Mark, nil, e.Kind
	case e.Kind == p.open || e.Reason == DroppedOut:
		p.enrolled, p.open = nil, ""
		if e.Reason == DroppedOut {
			p.dropped = &e.Mark
		}
	}
}

// child reports a member of compulsory school age on a day, as far as is known by then.
func (m *membership) child(at Day) bool {
	return m.holds(at) && m.born <= at && m.schoolFrom <= at && at < m.schoolTo
}

// read reads D5 on a day off what is stated by then.
func (s *school) read(at Day, visits []Visit) (Level, [3]*Mark) {
	needs, met := 1, 0
	var gap, doctor *Mark
	var rest [3]*Mark
	for i := range s.pupils {
		if p := &s.pupils[i]; p.stay.holds(at) {
			doctor = later(doctor, p.doctor)
		}
	}
	if doctor != nil {
		rest[met] = doctor
		met++
	}
	for i := range s.pupils {
		p := &s.pupils[i]
		if !p.stay.child(at) {
			continue
		}
		needs++
		if p.dropped != nil {
			gap = p.dropped
		}
		if p.enrolled != nil {
			if met < len(rest) {
				rest[met] = p.enrolled
			}
			met++
		}
	}
	if found := s.uncured(at, visits); found != nil {
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

// uncured returns a visit up to a day that found a child out of school, and is not cured by then:
// one without a person concerns every child of school age on its day, and is cured when all are
// enrolled since.
func (s *school) uncured(at Day, visits []Visit) *Mark {
	for i := range visits {
		v := &visits[i]
		if v.Day > at {
			break
		}
		if len(v.Found) == 0 || !slices.Contains(v.Found, ChildNotInSchool) {
			continue
		}
		for k := range s.pupils {
			p := &s.pupils[k]
			m := p.stay
			then := m.holds(v.Day) && m.schoolFrom <= v.Day && v.Day < m.schoolTo
			if !m.child(at) || v.Person.Present() && v.Person != m.person || !v.Person.Present() && !then {
				continue
			}
			if p.last == nil || p.last.Day <= v.Day {
				return &v.Mark
			}
		}
	}
	return nil
}

// sample reads a dimension that does not age on the days on which it can change.
func (h *household) sample(t timeline, days []Day, read func(Day) (Level, [3]*Mark)) timeline {
	h.days = sortDays(days)
	for _, day := range h.days {
		if day >= h.from && day != farDay {
			level, rest := read(day)
			t = t.change(span{From: day, Level: level, Fresh: farDay, Rest: rest})
		}
	}
	return t
}

// isSchool reports a service that gives a child of compulsory age his school.
func isSchool(k ServiceKind) bool { return k == PrimarySchool || k == JuniorSchool || k == "senior" }
