package domain

// Files gives the folded files of neighbours: communities, projects, and the homes of members
// who moved in or out. A nil Files knows none; what rests on neighbours is then unknown.
type Files interface {
	// File returns the folded file of a home. The file is the callee's; it may be read until
	// the answer is given. Neighbours' neighbours are asked for through the same Files.
	File(home Entity) (*File, bool)
}

// Reading is one dimension of a status.
type Reading struct {
	Level      string    `json:"level"`
	Stale      bool      `json:"stale"`
	Since      Day       `json:"since,omitzero"`       // first day of the run of this level
	FreshUntil Day       `json:"fresh_until,omitzero"` // last day that it counts as fresh; absent = does not age
	Reason     Text      `json:"reason"`
	Events     []EventID `json:"events"` // what it rests on
}

// Overdue is one thing that should have been done by a day (DOMAIN §4).
type Overdue struct {
	Kind   OverdueKind `json:"kind"`
	Due    Day         `json:"due"`  // the last day in time
	Days   int         `json:"days"` // since then
	Reason Text        `json:"reason"`
	Events []EventID   `json:"events,omitempty"`
}

// Discrepancy is a contradiction between facts, shown and never refused (DESIGN D5).
type Discrepancy struct {
	Kind   DiscrepancyKind `json:"kind"`
	Since  Day             `json:"since"`
	Reason Text            `json:"reason"`
	Events []EventID       `json:"events"`
}

// StatusAnswer is a household's support status on a day. Position and lag are added by the
// view that gives it.
type StatusAnswer struct {
	Household     Entity        `json:"household"`
	At            Day           `json:"at"`
	State         State         `json:"state"`
	StateReason   Text          `json:"state_reason"`
	Employed      bool          `json:"employed"`
	Dimensions    Readings      `json:"dimensions"`
	Overdue       []Overdue     `json:"overdue"`
	Discrepancies []Discrepancy `json:"discrepancies"`
	Parameters    string        `json:"parameters"` // name of the set that produced it
}

// Status returns the household's support status on a day, as a function of the facts that were
// true by then: what was true later changes nothing. f is the folded file of its home; around
// may be nil.
func Status(f *File, around Files, at Day, p *Parameters) *StatusAnswer {
	return draw(f, around, p).answer(at)
}

func (p *picture) answer(at Day) *StatusAnswer {
	r := p.state(at)
	w := p.workAt(at)
	a := &StatusAnswer{
		Household: p.h.f.Home, At: at, State: r.state, StateReason: r.why, Parameters: p.h.p.Name,
		Employed: w.labour > 0 && w.provenTo >= at && r.state != Closed,
		Overdue:  []Overdue{}, Discrepancies: []Discrepancy{},
	}
	for d := range Data {
		a.Dimensions[d] = p.reading(d, at)
	}
	if r.state != NotRegistered && r.state != Closed {
		for i := range p.owed {
			if o := &p.owed[i]; o.holds(at) {
				a.Overdue = append(a.Overdue, overdueAnswer(o, at))
			}
		}
	}
	for i := range p.wrong {
		if c := &p.wrong[i]; c.holds(at) {
			a.Discrepancies = append(a.Discrepancies, Discrepancy{c.kind, c.from, Label(c.kind), ids(c.marks[:], at)})
		}
	}
	level := p.dataLevel(at)
	a.Dimensions[Data] = Reading{
		Level: Data.Code(level), Since: p.dataSince(at, level), FreshUntil: NoDay, Events: []EventID{}, Reason: Data.Levels()[level].Text,
	}
	if level == DataDiscrepancy {
		a.Dimensions[Data].Events = a.Discrepancies[0].Events
	}
	return a
}

// ids are the events of marks that were true by a day.
func ids(marks []*Mark, at Day) []EventID {
	out := make([]EventID, 0, len(marks))
	for _, m := range marks {
		if m != nil && m.Day <= at {
			out = append(out, m.ID())
		}
	}
	return out
}

// reading is one dimension on a day, with its reason.
func (p *picture) reading(d Dimension, at Day) Reading {
	s, _ := p.lines[d].at(at)
	r := Reading{
		Level: d.Code(s.Level), Stale: s.Level != NotApplicable && s.stale(at), Since: p.lines[d].since(at),
		FreshUntil: NoDay, Events: ids(s.Rest[:], at),
	}
	if s.Fresh != farDay {
		r.FreshUntil = s.Fresh
	}
	t := d.Levels()[s.Level].Text
	r.Reason = Text{d.Label().ZH + "：" + t.ZH, d.Label().EN + ": " + t.EN}
	if m := s.Rest[0]; m != nil {
		r.Reason.ZH += "，依据" + m.Day.String() + "的记录"
		r.Reason.EN += ", by the record of " + m.Day.String()
	}
	if r.Stale {
		r.Reason.ZH += "，" + s.Fresh.String() + "后未再核实，已过期"
		r.Reason.EN += "; not confirmed since, stale after " + s.Fresh.String()
	}
	return r
}

// dataLevel is D10: a contradiction, a person who may be registered twice, something stale.
func (p *picture) dataLevel(at Day) Level {
	level := DataFresh
	for d := range Data {
		if s, _ := p.lines[d].at(at); s.Level != NotApplicable && s.stale(at) {
			level = DataStale
		}
	}
	for i := range p.wrong {
		c := &p.wrong[i]
		switch {
		case !c.holds(at):
		case c.kind == SecondNumber:
			level = min(level, DataDuplicate)
		default:
			return DataDiscrepancy
		}
	}
	return level
}

// dataSince goes back over the days on which D10 can change.
func (p *picture) dataSince(at Day, level Level) Day {
	since := at
	days := p.days()
	for i := len(days) - 1; i >= 0; i-- {
		switch {
		case days[i] > at:
		case p.dataLevel(days[i]) != level:
			return since
		default:
			since = days[i]
		}
	}
	return since
}
