package domain

// Open folds what was true by a day of a household and draws its history: Answer, Roll and the rest
// then answer from that one fold, and no later fact of the household's own counts. around may be nil.
func (r *Reader) Open(home Entity, register Register, around Files, at Day) {
	r.file.Home = home
	r.scratch.fold(&r.file, register, at)
	r.history.draw(&r.file, around, r.p)
}

// Answer is the status on a day, up to which it was opened, of the household opened last.
func (r *Reader) Answer(at Day) *StatusAnswer { return r.history.answer(at) }

// Word is the status on a day, up to which it was opened, of the household opened last, in one word.
func (r *Reader) Word(at Day) Word {
	m := &r.history.moment
	m.start()
	m.to(at, &r.history)
	return r.history.word(m)
}

// Roll is who belongs to the household opened last; it is the reader's, until the next.
func (r *Reader) Roll() Roll { return Roll{&r.history.h} }

// Files yields the files that hold facts of the household's members, its own first, and the day from
// which a fact of each concerns it. Those of others hold facts of every day: UpTo takes what counts.
func (r Roll) Files(yield func(f *File, since Day)) {
	for i := range r.h.sources {
		yield(r.h.sources[i].File, r.h.sources[i].since)
	}
}

// From is the first day of the household.
func (r Roll) From() Day { return r.h.from }

// Pupil is a member of compulsory school age on a day: enrolled, stated out of school, or neither.
type Pupil struct {
	Person   PersonID
	Birth    Month
	Enrolled bool
	Out      bool    // left as a dropout, or found out of school by a visit, and not enrolled since
	Since    Day     // of the statement, NoDay without one
	By       EventID // the statement
}

// Pupils are the members of compulsory school age on a day, up to which the household was opened.
func (r *Reader) Pupils(at Day) (all []Pupil) {
	h := &r.history.h
	var s school
	s.gather(h)
	for _, e := range s.enrolments {
		if e.day <= at {
			s.take(e.step)
		}
	}
	for i := range s.pupils {
		p := &s.pupils[i]
		if !p.stay.child(at) {
			continue
		}
		c := Pupil{Person: p.stay.person, Birth: p.stay.birth, Since: NoDay}
		one := school{pupils: s.pupils[i : i+1]}
		by := p.enrolled
		if found := one.uncured(at, h.f.Visits); found != nil {
			c.Out, by = true, found
		} else if p.dropped != nil {
			c.Out, by = true, p.dropped
		}
		c.Enrolled = !c.Out && by != nil
		if by != nil {
			c.Since, c.By = by.Day, by.ID()
		}
		all = append(all, c)
	}
	return all
}

// Holding is a dwelling that the household has on a day, with its title: NoDay where a step was not taken.
type Holding struct {
	Dwelling        DwellingID
	Keys, TitleDue  Day // TitleDue is the last day in time
	Applied, Issued Day
	Events          []EventID // the keys, then the steps
}

// Holdings are the household's dwellings on a day, up to which it was opened.
func (r *Reader) Holdings(at Day) (all []Holding) {
	p := &r.history
	for i := range p.keys {
		k := &p.keys[i]
		if k.Day > at || at >= k.to {
			continue
		}
		held := Holding{k.dwelling, k.Day, p.h.titleDue(k), NoDay, NoDay, []EventID{k.Mark.ID()}}
		for _, s := range p.h.titleSteps(k) {
			switch {
			case s.day > at:
				continue
			case s.Issued && held.Issued == NoDay:
				held.Issued = max(s.day, k.Day)
			case !s.Issued && held.Applied == NoDay:
				held.Applied = s.day
			}
			held.Events = append(held.Events, s.ID())
		}
		all = append(all, held)
	}
	return all
}

// Case is a case of the household as it stood on a day: NoDay where a step was not taken by then.
type Case struct {
	ID                                CaseID
	Class                             RiskClass // "" before the decision
	Flagged, Decided, Planned, Closed Day       // Decided that it is monitored; Closed by clearing or dismissal
	Events                            []EventID // the flag, the decisions, the end
}

// Cases are the cases of the household, closed ones too, as they stood on a day up to which it was opened.
func (r *Reader) Cases(at Day) (all []Case) {
	by := func(d Day) Day {
		if d > at {
			return NoDay
		}
		return d
	}
	for i := range r.history.cases {
		c := &r.history.cases[i]
		if c.since > at {
			continue
		}
		stood := Case{c.id, c.class(at).class, by(c.flagged), by(c.decided), by(c.planned), by(c.closedOn()), nil}
		marks := []*Mark{c.flag}
		for k := range c.classes {
			marks = append(marks, c.classes[k].mark)
		}
		for _, m := range append(marks, c.end) {
			if m != nil && m.Day <= at {
				stood.Events = append(stood.Events, m.ID())
			}
		}
		if len(stood.Events) > 0 {
			all = append(all, stood)
		}
	}
	return all
}

// Division is where the household opened last is on a day: of its registration, or of its last move.
func (r *Reader) Division(at Day) (in Division) {
	f := &r.file
	if len(f.Registrations) > 0 {
		in = f.Registrations[0].Division
	}
	for _, m := range UpTo(f.Moves, at) {
		if m.Division != "" {
			in = m.Division
		}
	}
	return in
}

// Ended is what a household's payments have to end by: a death, the closing, a move away.
type Ended struct {
	Why    PaymentEnd
	Person PersonID // who died; absent = the whole household
	Since  Day
	By     EventID
}

// PaymentEnd is why nothing is to be paid any more.
type PaymentEnd string

// The ends, the graver first.
const (
	PayeeDead   PaymentEnd = "dead"
	PayeeClosed PaymentEnd = "closed"
	PayeeMoved  PaymentEnd = "moved" // back to the origin, or out of the county
)

var _ = enumerate[PaymentEnd](
	Term{"dead", Text{"已死亡", "dead"}},
	Term{"closed", Text{"已销户", "household closed"}},
	Term{"moved", Text{"已迁离", "moved away"}})

// Ends are the ends of payments by a day, up to which the household was opened. A household that moved away
// and was resettled since has not moved.
func (r *Reader) Ends(at Day) (all []Ended) {
	h := &r.history.h
	for n := range h.sources {
		f := &h.sources[n]
		for _, d := range UpTo(f.Deaths, at) {
			all = append(all, Ended{PayeeDead, d.Person, d.Day, d.ID()})
		}
	}
	if h.closed <= at && h.closing != nil {
		all = append(all, Ended{PayeeClosed, PersonID{}, h.closed, h.closing.ID()})
	}
	if moves := UpTo(h.f.Moves, at); len(moves) > 0 {
		if last := moves[len(moves)-1]; last.Kind != ResettledAgain {
			all = append(all, Ended{PayeeMoved, PersonID{}, last.Day, last.ID()})
		}
	}
	return all
}
