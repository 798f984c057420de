package domain

// contradiction is one discrepancy with the days on which it stands: [from, to).
type contradiction struct {
	kind     DiscrepancyKind
	from, to Day
	marks    [2]*Mark
	twins    [2]PersonID // of SecondNumber: the member, and who else stands under his number
	about    Entity      // whom or what it is about, where the facts do not say so
	across   Entity      // the other household that tells it too; absent when this one alone does
}

// suspected reports two persons under one ID number, who are perhaps one.
func (c *contradiction) suspected() bool { return c.twins[0] != c.twins[1] }

func (c *contradiction) holds(at Day) bool { return c.from <= at && at < c.to }

// contradictions finds what does not fit together. Each stands from the day on which the later
// of its facts was true, so that an answer as of a day rests on facts up to it.
func (p *picture) contradictions(all []contradiction) []contradiction {
	add := func(kind DiscrepancyKind, since, to Day, a, b *Mark) {
		from := max(since, a.Day)
		if b != nil {
			from = max(from, b.Day)
		}
		if from < to {
			all = append(all, contradiction{kind: kind, from: from, to: to, marks: [2]*Mark{a, b}})
		}
	}
	for n := range p.h.sources {
		f := &p.h.sources[n]
		p.jobContradictions(f, add)
		all = p.disputes(f, all)
		all = p.amendedContradictions(f, all)
	}
	p.untimely(add)
	p.dwellingContradictions(add)
	p.paymentContradictions(add)
	p.elsewhere(add, &all)
	p.headContradictions(add)
	p.splitContradictions(add)
	p.registrationContradictions(add)
	p.twins(&all)
	return all
}

// Numbers is what a Files may offer besides: who else stands under one ID number.
type Numbers interface {
	// Holders returns the stays of persons under the tag in other households than home.
	Holders(home Entity, tag uint64) []Holder
}

// twins finds who else stands under a member's ID number at the same time, in this household and,
// where around knows them, in others. That he himself stands in two is found without a number (elsewhere).
func (p *picture) twins(all *[]contradiction) {
	p.numbers = p.h.holders(p.numbers[:0])
	known, _ := p.h.around.(Numbers)
	for i := range p.numbers {
		own := &p.numbers[i]
		if known != nil {
			holders := known.Holders(p.h.f.Home, own.Tag)
			for k := range holders {
				p.meetsTwin(own, &holders[k], all)
			}
		}
		for k := range p.numbers[:i] { // each pair of the household once
			if o := &p.numbers[k]; o.Tag == own.Tag {
				p.meetsTwin(o, own, all)
			}
		}
	}
}

// meetsTwin adds two persons who stand under one number at the same time.
func (p *picture) meetsTwin(own, o *Holder, all *[]contradiction) {
	from, to := max(o.From, own.From), min(o.To, own.To)
	if from >= to || o.Person == own.Person {
		return
	}
	c := contradiction{kind: SecondNumber, from: from, to: to, marks: [2]*Mark{own.joined, o.joined}, twins: [2]PersonID{own.Person, o.Person}}
	if o.home != nil && o.home != p.h.f {
		c.across = o.home.Home
		if o.home.county(from) != p.h.f.county(from) {
			c.kind = InTwoCounties
		}
	}
	*all = append(*all, c)
}

// county is where the file's home is on a day: where it was registered or founded by a split, otherwise where its
// first fact was recorded, and then where it moved to. A move that is dated before it was founded moves nothing.
func (f *File) county(day Day) string {
	in, founded := f.foundedIn()
	for _, m := range UpTo(f.Moves, day) {
		if m.Division != "" && m.Day >= founded {
			in = m.Division
		}
	}
	return in.County()
}

func (f *File) foundedIn() (in Division, since Day) {
	if len(f.Registrations) > 0 {
		return f.Registrations[0].Division, f.Registrations[0].Day
	}
	for i := range f.Lineages {
		if l := &f.Lineages[i]; l.child(f.Home) {
			return l.division(), l.Day
		}
	}
	if len(f.origin.records) > 0 {
		rec, _ := readHead(f.origin.records, f.origin.symbols)
		in = divisionOf(rec.division)
	}
	return in, NoDay
}

// adder takes a contradiction of one or two facts: of the household since a day, till the day to.
type adder func(kind DiscrepancyKind, since, to Day, a, b *Mark)

// belongs returns the day on which a person first became a member; false when he never did.
func (p *picture) belongs(person PersonID) (since Day, ever bool) {
	since = farDay
	for i := range p.h.members {
		if m := &p.h.members[i]; m.person == person {
			since, ever = min(since, m.from), true
		}
	}
	return since, ever
}

// jobContradictions: two placements open at once, an end before its start, yes after the end.
func (p *picture) jobContradictions(f *source, add adder) {
	for i := range f.Spells {
		s := &f.Spells[i]
		since, ever := p.belongs(s.Person)
		if !ever {
			continue
		}
		since = f.day(since)
		end := f.ending(s)
		if end != nil && end.Day < s.Day {
			add(EndedBeforeStart, since, farDay, &s.Mark, &end.Mark)
		}
		for k := range f.Spells[:i] {
			o := &f.Spells[k]
			if o.Person != s.Person {
				continue
			}
			if to := min(f.endDay(o), f.endDay(s)); to > s.Day {
				add(TwoOpenPlacements, since, to, &o.Mark, &s.Mark)
			}
		}
	}
	for i := range f.Statements {
		e := &f.Statements[i]
		since, ever := p.belongs(e.Person)
		if e.Still != Yes || !e.Placement.Present() || !ever {
			continue
		}
		if end := f.ending(&Spell{Placement: e.Placement}); end != nil && e.Day > end.Day {
			add(VerifiedAfterEnd, f.day(since), farDay, &end.Mark, &e.Mark)
		}
	}
}

// ending is the first end of a placement, nil while it is open.
func (f *File) ending(s *Spell) *Ending {
	for i := range f.Endings {
		if f.Endings[i].Placement == s.Placement {
			return &f.Endings[i]
		}
	}
	return nil
}

func (f *File) endDay(s *Spell) Day {
	if e := f.ending(s); e != nil {
		return e.Day
	}
	return farDay
}

// dwellingContradictions: a title before the keys.
func (p *picture) dwellingContradictions(add adder) {
	f := p.h.f
	for i := range p.keys {
		k := &p.keys[i]
		for n := range f.TitleSteps {
			if s := &f.TitleSteps[n]; s.Dwelling == k.dwelling && s.Day < k.Day && !p.heldBefore(i, s) {
				add(TitleBeforeKeys, NoDay, farDay, &s.Mark, &k.Mark)
			}
		}
	}
}

// heldBefore reports a title step made while the household had the dwelling earlier.
func (p *picture) heldBefore(i int, s *TitleStep) bool {
	for n := range p.keys[:i] {
		if k := &p.keys[n]; k.dwelling == s.Dwelling && k.Day <= s.Day && s.Day < k.to {
			return true
		}
	}
	return false
}

// paymentContradictions: paid for a month that begins after the entitlement ended, or, where the
// month is not stated, on a day after it.
func (p *picture) paymentContradictions(add adder) {
	f := p.h.f
	for i := range f.Payments {
		pay := &f.Payments[i]
		day := pay.spokenOf()
		var last *EntitlementStep
		for k := range f.Entitlements {
			if e := &f.Entitlements[k]; e.Person == pay.Person && e.Kind == pay.Kind && e.Day <= min(day, pay.Day) {
				last = e
			}
		}
		switch {
		case last == nil || pay.Kind == "":
		case last.Ends && day > last.Day, !last.Ends && last.Until.Present() && day > last.Until:
			add(PaidAfterEnd, NoDay, farDay, &last.Mark, &pay.Mark)
		}
	}
}

// begins is the day of the file's first fact: before it nothing is known of the home.
func (f *File) begins() Day {
	for rest := f.origin.records; len(rest) > 0; {
		time, rank, size := readOrder(rest)
		if !isAct(rank) {
			return time.Day()
		}
		rest = rest[size:]
	}
	return NoDay
}

// registrationContradictions: the household was registered by a second fact.
func (p *picture) registrationContradictions(add adder) {
	for i := 1; i < len(p.h.f.Registrations); i++ {
		add(RegisteredAgain, NoDay, farDay, &p.h.f.Registrations[0].Mark, &p.h.f.Registrations[i].Mark)
	}
}

// overspent is the fact by which a fund has disbursed more than was allocated, nil when it has not.
func overspent(f *File, at Day) (since *Mark) {
	var allocated, spent Fen
	for i := range f.Money {
		m := &f.Money[i]
		if m.Day > at {
			break
		}
		if m.Spent {
			spent += m.Amount
		} else {
			allocated += m.Amount
		}
		switch {
		case spent <= allocated:
			since = nil
		case since == nil:
			since = &m.Mark
		}
	}
	return since
}
