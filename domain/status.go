package domain

// Files gives the folded files of neighbours: communities, projects, and the homes of members
// who moved in or out. A nil Files knows none; what rests on neighbours is then unknown.
type Files interface {
	// File returns the folded file of a home. The file is the callee's; it may be read until
	// the answer is given. Neighbours' neighbours are asked for through the same Files.
	File(home Entity) (*File, bool)
}

// Homes is what a Files may offer besides: where the facts of a person or a dwelling stand, and where else
// they are spoken of.
type Homes interface {
	// HomeOf returns the household under which an entity's facts stand; false when it is not known.
	HomeOf(e Entity) (Entity, bool)
	// Named returns the other homes whose facts name the entity; homes of which that is true no more, or of
	// a later day only, do no harm.
	Named(e Entity) []Entity
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
	Amended       []Amendment   `json:"amended,omitempty"`
	Lineage       []LineageStep `json:"lineage,omitempty"` // splits and merges that it took part in
	Parameters    string        `json:"parameters"`        // name of the set that produced it
}

// Status returns the household's support status on a day, as a function of the facts that were
// true by then: what was true later changes nothing. f is the folded file of its home; around
// may be nil.
func Status(f *File, around Files, at Day, p *Parameters) *StatusAnswer {
	return draw(f, around, p).answer(at)
}

// evidenceRoom is room for the events of most answers.
const evidenceRoom = 24

// speaker writes the texts of an answer one behind the other: they become one string.
type speaker struct {
	text    []byte
	phrases []phrase
	events  []EventID   // of the answer; its room goes with it
	amended []Amendment // of those events; mostly none
}

// phrase is where the text of a reason lies.
type phrase struct {
	of          *Text
	zh, en, end int
}

func (s *speaker) begin() {
	s.text, s.phrases, s.events, s.amended = s.text[:0], s.phrases[:0], make([]EventID, 0, evidenceRoom), nil
}

// finish gives the reasons their texts.
func (s *speaker) finish() {
	all := string(s.text)
	for _, p := range s.phrases {
		p.of.ZH, p.of.EN = all[p.zh:p.en], all[p.en:p.end]
	}
}

// say adds to the text: words, and a day where there is one.
func (s *speaker) say(words string, day Day, more string) {
	s.text = append(s.text, words...)
	s.text, _ = day.AppendText(s.text)
	s.text = append(s.text, more...)
}

// ids are the events of marks that were true by a day.
func (s *speaker) ids(marks []*Mark, at Day) []EventID {
	start := len(s.events)
	for _, m := range marks {
		if m == nil || m.Day > at {
			continue
		}
		id := m.ID()
		s.events = append(s.events, id)
		if a, amended := m.file.acts[id]; amended {
			s.amend(Amendment{id, "corrected", a.by})
		}
	}
	return s.events[start:len(s.events):len(s.events)]
}

func (p *picture) answer(at Day) *StatusAnswer {
	m, s := &p.moment, &p.speaker
	m.start()
	m.to(at, p)
	s.begin()
	r := p.state(m)
	a := &StatusAnswer{
		Household: p.h.f.Home, At: at, State: r.state, StateReason: r.told(p.h.p), Parameters: p.h.p.Name,
		Employed: m.work.labour > 0 && m.work.employed >= at && r.state != Closed,
		Overdue:  []Overdue{}, Discrepancies: []Discrepancy{},
	}
	for d := range Data {
		p.reading(&a.Dimensions[d], d)
	}
	if r.state != NotRegistered && r.state != Closed {
		a.Overdue = p.overdue(at)
	}
	for i := range p.wrong {
		if c := &p.wrong[i]; c.holds(at) {
			a.Discrepancies = append(a.Discrepancies, Discrepancy{c.kind, c.from, Label(c.kind), s.ids(c.marks[:], at)})
		}
	}
	level := p.dataLevel(m)
	a.Dimensions[Data] = Reading{
		Level: Data.Code(level), Since: p.dataSince(m, level), FreshUntil: NoDay, Events: []EventID{}, Reason: Data.Levels()[level].Text,
	}
	if level == DataDiscrepancy {
		a.Dimensions[Data].Events = a.Discrepancies[0].Events
	}
	p.amendments(at)
	a.Amended = s.amended
	a.Lineage = p.h.lineage(at)
	s.finish()
	return a
}

// overdue is what is overdue on a day.
func (p *picture) overdue(at Day) []Overdue {
	n := 0
	for i := range p.owed {
		if p.owed[i].holds(at) {
			n++
		}
	}
	all := make([]Overdue, n)
	n = 0
	for i := range p.owed {
		if o := &p.owed[i]; o.holds(at) {
			o.answer(&all[n], at, &p.speaker)
			n++
		}
	}
	return all
}

// reading is one dimension at the moment, with its reason.
func (p *picture) reading(r *Reading, d Dimension) {
	m, s := &p.moment, &p.speaker
	now := m.spans[d]
	*r = Reading{
		Level: d.Code(now.Level), Stale: now.stale(m.at), Since: p.lines[d].run(m.places[d]), FreshUntil: NoDay, Events: s.ids(now.Rest[:], m.at),
	}
	if now.Fresh != farDay {
		r.FreshUntil = now.Fresh
	}
	if now.Rest[0] == nil && d.Code(now.Level) == "unknown" {
		r.Events = p.turned(d, r.Since)
	}
	level, label, rest := d.Levels()[now.Level].Text, d.Label(), now.Rest[0]
	zh := len(s.text)
	s.say(label.ZH, NoDay, "：")
	s.text = append(s.text, level.ZH...)
	if rest != nil {
		s.say("，依据", rest.Day, "的记录")
	}
	if r.Stale {
		s.say("，", now.Fresh, "后未再核实，已过期")
	}
	en := len(s.text)
	s.say(label.EN, NoDay, ": ")
	s.text = append(s.text, level.EN...)
	if rest != nil {
		s.say(", by the record of ", rest.Day, "")
	}
	if r.Stale {
		s.say("; not confirmed since, stale after ", now.Fresh, "")
	}
	s.phrases = append(s.phrases, phrase{&r.Reason, zh, en, len(s.text)})
}

// dataLevel is D10: a contradiction, a person who may be registered twice, something stale.
func (p *picture) dataLevel(m *moment) Level {
	level := DataFresh
	for _, s := range m.spans[:Data] {
		if s.stale(m.at) {
			level = DataStale
			break
		}
	}
	for i := range p.wrong {
		c := &p.wrong[i]
		switch {
		case !c.holds(m.at):
		case c.suspected():
			level = min(level, DataDuplicate)
		default:
			return DataDiscrepancy
		}
	}
	return level
}

// dataSince goes back over the days on which D10 can change to the first of its run.
func (p *picture) dataSince(now *moment, level Level) Day {
	days := append(p.moments[:0], p.h.from)
	for d := range Data {
		days = p.lines[d].agedDays(days)
	}
	for i := range p.wrong {
		days = append(days, p.wrong[i].from, p.wrong[i].to)
	}
	days = sortDays(days)
	p.moments = days
	since, differs := now.at, false
	m := &p.past
	m.start()
	for _, day := range days { // a moment only moves on: the last change to this level counts
		if day < p.h.from || day > now.at {
			continue
		}
		m.to(day, p)
		switch here := p.dataLevel(m) == level; {
		case !here:
			differs = true
		case differs || since == now.at && day == p.h.from:
			since, differs = day, false
		}
	}
	if differs {
		return now.at
	}
	return since
}
