package domain

import "slices"

// timing says which times an entry can be of although its person or household was not there.
type timing uint8

const (
	lived    timing = iota // only while the person lives, or the household is open
	woundUp                // afterwards too: an end is recorded when the office hears of it
	followed               // of a household: goes on elsewhere when it was split up or merged
	earlier                // before the registration, or the birth, too
)

// entry is told of each dated entry of a file: who it is about, the day that it speaks of, and when that
// can be.
type entry func(person PersonID, m *Mark, day Day, when timing)

// unlessEnd is the timing of a step that ends something, or does not.
func unlessEnd(ends bool, otherwise timing) timing {
	if ends {
		return woundUp
	}
	return otherwise
}

// spokenOf is the day from which a payment is: the first of its month, where one is stated.
func (p *Payment) spokenOf() Day {
	if p.Period != 0 {
		return p.Period.First()
	}
	return p.Day
}

// ofPersons goes through every dated entry about a person. Acts of the ledger are none.
func (f *File) ofPersons(tell entry) {
	for i := range f.Memberships {
		switch e := &f.Memberships[i]; e.Reason {
		case "split":
		case "registered":
			tell(e.Person, &e.Mark, e.Day, earlier) // the register is of its first day, with those born since
		default:
			tell(e.Person, &e.Mark, e.Day, unlessEnd(e.Leaves, lived))
		}
	}
	for i := range f.Identities {
		e := &f.Identities[i]
		tell(e.Person, &e.Mark, e.Day, woundUp) // a number is compared at any time
	}
	for i := range f.Deaths {
		e := &f.Deaths[i]
		tell(e.Person, &e.Mark, e.Day, woundUp)
	}
	for i := range f.Residences {
		e := &f.Residences[i]
		tell(e.Person, &e.Mark, e.Day, lived)
	}
	for i := range f.Services {
		e := &f.Services[i]
		tell(e.Person, &e.Mark, e.Day, unlessEnd(e.Left, lived))
	}
	for i := range f.Visits {
		if e := &f.Visits[i]; e.Person.Present() {
			tell(e.Person, &e.Mark, e.Day, lived)
		}
	}
	f.ofPersonsMoney(tell)
	f.ofPersonsWork(tell)
}

func (f *File) ofPersonsMoney(tell entry) {
	for i := range f.Entitlements {
		if e := &f.Entitlements[i]; e.Person.Present() {
			tell(e.Person, &e.Mark, e.Day, unlessEnd(e.Ends, lived))
		}
	}
	for i := range f.Payments {
		if e := &f.Payments[i]; e.Person.Present() {
			tell(e.Person, &e.Mark, e.spokenOf(), lived)
		}
	}
}

func (f *File) ofPersonsWork(tell entry) {
	for i := range f.Trainings {
		e := &f.Trainings[i]
		tell(e.Person, &e.Mark, e.Day, lived)
	}
	for i := range f.work {
		e := &f.work[i]
		when := lived
		switch e.kind {
		case ended, businessClosed:
			when = woundUp
		case verified:
			when = unlessEnd(e.still != Yes, lived) // that the dead do not work is true
		case classStated:
			if slices.ContainsFunc(f.Memberships, func(m Membership) bool { return m.at == e.at }) {
				continue // stated by the entry of joining, which is told
			}
		}
		tell(e.person, &e.Mark, e.Day, when)
	}
}

// ofHousehold goes through the dated entries about the household itself.
func (f *File) ofHousehold(tell entry) {
	f.ofDwelling(tell)
	for i := range f.Visits {
		tell(PersonID{}, &f.Visits[i].Mark, f.Visits[i].Day, lived)
	}
	for i := range f.Memberships {
		if e := &f.Memberships[i]; e.Reason != "registered" && e.Reason != "split" {
			tell(PersonID{}, &e.Mark, e.Day, woundUp) // who joins after the closing is told as a person
		}
	}
	for i := range f.HeadChanges {
		tell(PersonID{}, &f.HeadChanges[i].Mark, f.HeadChanges[i].Day, lived)
	}
	for i := range f.Moves {
		tell(PersonID{}, &f.Moves[i].Mark, f.Moves[i].Day, lived)
	}
	for i := range f.Closings {
		tell(PersonID{}, &f.Closings[i].Mark, f.Closings[i].Day, woundUp)
	}
	for i := range f.Links {
		tell(PersonID{}, &f.Links[i].Mark, f.Links[i].Day, earlier) // projects of the old village too
	}
	for i := range f.CaseSteps {
		e := &f.CaseSteps[i]
		tell(PersonID{}, &e.Mark, e.Day, unlessEnd(e.Step == Cleared, followed))
	}
	for i := range f.Grievances {
		e := &f.Grievances[i]
		tell(PersonID{}, &e.Mark, e.Day, unlessEnd(e.Resolved, followed))
	}
	f.ofHouseholdMoney(tell)
}

func (f *File) ofDwelling(tell entry) {
	for i := range f.Handovers {
		tell(PersonID{}, &f.Handovers[i].Mark, f.Handovers[i].Day, lived)
	}
	for i := range f.Occupancies {
		tell(PersonID{}, &f.Occupancies[i].Mark, f.Occupancies[i].Day, lived)
	}
	for i := range f.TitleSteps {
		tell(PersonID{}, &f.TitleSteps[i].Mark, f.TitleSteps[i].Day, followed)
	}
}

// ofHouseholdMoney: income is of its year, which may be declared later; what a family got and earned
// before it was registered is true.
func (f *File) ofHouseholdMoney(tell entry) {
	for i := range f.Incomes {
		e := &f.Incomes[i]
		begun := MakeDay(int(e.Year), 1, 1) + 1 // nothing of a year that begins with the closing is the household's
		tell(PersonID{}, &e.Mark, min(e.Day, begun), earlier)
	}
	for i := range f.Entitlements {
		if e := &f.Entitlements[i]; !e.Person.Present() && !e.Ends {
			tell(PersonID{}, &e.Mark, e.Day, earlier)
		}
	}
	for i := range f.Payments {
		if e := &f.Payments[i]; !e.Person.Present() {
			tell(PersonID{}, &e.Mark, e.spokenOf(), earlier)
		}
	}
}

// untimely: facts of a person after his death or before his birth, of a household before its registration
// or after its closing, and of those who were its members still.
func (p *picture) untimely(add adder) {
	for n := range p.h.sources {
		f := &p.h.sources[n]
		f.ofPersons(func(person PersonID, m *Mark, day Day, when timing) {
			if when != woundUp {
				p.afterDeath(f, person, m, day, add)
			}
			if when != earlier {
				p.beforeBirth(f, person, m, day, add)
			}
			if when == lived && p.closedFor(followed, day) && p.h.stay(person, day) != nil {
				add(AfterClosing, f.day(NoDay), farDay, p.h.closing, m)
			}
		})
	}
	p.h.f.ofHousehold(func(_ PersonID, m *Mark, day Day, when timing) {
		if when != woundUp && p.closedFor(when, day) {
			add(AfterClosing, NoDay, farDay, p.h.closing, m)
		}
		if when != earlier && p.h.first != nil && day < p.h.from {
			add(BeforeRegistration, NoDay, farDay, p.h.first, m)
		}
	})
}

// closedFor reports that a day lies after the household's closing, where entries of the timing do not go
// on in another household.
func (p *picture) closedFor(when timing, day Day) bool {
	if p.h.closing == nil || day <= p.h.closed {
		return false
	}
	return when != followed || slices.ContainsFunc(p.h.f.Closings, func(c Closing) bool {
		return c.at == p.h.closing.at && c.Reason != "merged"
	})
}

// afterDeath adds an entry of the source that speaks of a day after the person's death, in whichever
// source that stands.
func (p *picture) afterDeath(f *source, person PersonID, m *Mark, day Day, add adder) {
	for k := range p.h.sources {
		s := &p.h.sources[k]
		for i := range s.Deaths {
			d := &s.Deaths[i]
			if d.Person != person || day <= d.Day {
				continue
			}
			if s.File == p.h.f && f.File == p.h.f {
				add(AfterDeath, NoDay, farDay, &d.Mark, m) // both stand here, whoever he is
			} else if since, ever := p.belongs(person); ever {
				add(AfterDeath, f.day(s.day(since)), farDay, &d.Mark, m)
			}
		}
	}
}

// beforeBirth adds an entry that speaks of a day before the person's month of birth.
func (p *picture) beforeBirth(f *source, person PersonID, m *Mark, day Day, add adder) {
	for i := range p.h.members {
		b := &p.h.members[i]
		if b.person != person || b.birth == 0 || day >= b.birth.First() {
			continue
		}
		other := m
		if b.joined.at == m.at && b.joined.file == m.file {
			other = nil
		}
		add(BeforeBirth, f.day(max(b.born, b.from)), farDay, b.joined, other)
		return
	}
}
