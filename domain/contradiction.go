package domain

// Contradiction is a discrepancy with what is needed to settle it: the facts that contradict each other,
// and who recorded them, since only he who recorded a fact can correct or void it.
type Contradiction struct {
	Kind  DiscrepancyKind
	Since Day
	Facts []ContradictionFact
	Twins [2]PersonID // two persons under one ID number: the member, and the other

	About  Entity // whom or what it is about, where the facts do not say so
	Across Entity // the other household that tells it too; absent when one alone does
}

// ContradictionFact is one fact of a contradiction, as it is in force.
type ContradictionFact struct {
	Event  EventID `json:"event"`
	Type   string  `json:"type"`
	Day    Day     `json:"day"`
	Home   Entity  `json:"home"`           // under whose subject it stands
	About  Entity  `json:"about,omitzero"` // the person or dwelling that it concerns
	Other  Entity  `json:"other,omitzero"` // the other household that it names
	Source Source  `json:"-"`
}

// Contradictions are the discrepancies of a household on a day: those that Status tells, with their facts.
func (r *Reader) Contradictions(home Entity, register Register, around Files, at Day) (all []Contradiction) {
	r.file.Home = home
	r.scratch.fold(&r.file, register, at)
	r.history.draw(&r.file, around, r.p)
	for i := range r.history.wrong {
		w := &r.history.wrong[i]
		if !w.holds(at) {
			continue
		}
		c := Contradiction{Kind: w.kind, Since: w.from, Twins: w.twins, About: w.about, Across: w.across}
		for _, m := range w.marks {
			if m != nil {
				c.Facts = append(c.Facts, m.contradictionFact())
			}
		}
		all = append(all, c)
	}
	return all
}

// ContradictionsOf are the discrepancies on a day of a home that is no household; around may be nil.
func ContradictionsOf(f *File, around Files, at Day) (all []Contradiction) {
	if since := overspent(f, at); since != nil {
		c := Contradiction{Kind: OverspentFund, Since: since.Day}
		for i := range f.Money {
			if m := &f.Money[i]; m.Day <= at {
				c.Facts = append(c.Facts, m.contradictionFact())
			}
		}
		all = append(all, c)
	}
	if of := rowParts(f, at); of != nil {
		all = append(all, Contradiction{Kind: PartsDoNotSum, Since: of.Day, Facts: []ContradictionFact{of.contradictionFact()}})
	}
	if since, facts := costParts(f, around, at); len(facts) > 0 {
		c := Contradiction{Kind: PartsDoNotSum, Since: since}
		for _, m := range facts {
			c.Facts = append(c.Facts, m.contradictionFact())
		}
		all = append(all, c)
	}
	all = append(all, targetParts(f, around, at)...)
	for i := range f.Disputes {
		d := &f.Disputes[i]
		of, open := d.unanswered()
		if since := max(of.Day, d.Day); open && since <= at {
			all = append(all, Contradiction{Kind: Disputed, Since: since, Facts: []ContradictionFact{of.contradictionFact(), d.contradictionFact()}})
		}
	}
	return all
}

// contradictionFact reads the mark's fact off its register.
func (m *Mark) contradictionFact() ContradictionFact {
	t := m.file.origin.symbols
	rec, _ := readHead(m.file.origin.records[m.at:], t)
	s, fact := rec.stamp(t), rec.fact(t)
	f := ContradictionFact{Event: s.ID, Type: s.Kind.Name, Day: s.Day(), Home: m.file.Home, About: s.Kind.Concerns(fact), Source: s.Source}
	switch j := fact.(type) {
	case *MemberJoined:
		f.Other = j.FromHousehold.Entity
	case *MemberLeft:
		f.Other = j.MovedToHousehold.Entity
	}
	return f
}
