package domain

// Word is a household's status on a day, packed for boards: everything that is counted.
//
//	0..2 state | 3..32 ten levels, 3 bits each | 33..42 stale flags | 43 employed |
//	44..55 overdue kinds | 56 labour household | 57 zero-job household | 58 somebody in an open placement
type Word uint64

const (
	wordStale    = 33
	wordEmployed = 43
	wordOverdue  = 44
	wordLabour   = 56
	wordZeroJob  = 57
	wordPlaced   = 58
)

// State is the overall state.
func (w Word) State() State { return State(w & 7) }

// Level is the level of a dimension.
func (w Word) Level(d Dimension) Level { return Level(w >> (3 + 3*d) & 7) }

// Stale reports whether the dimension's level is stale.
func (w Word) Stale(d Dimension) bool { return w>>(wordStale+d)&1 != 0 }

// Employed reports a labour household with somebody in verified work.
func (w Word) Employed() bool { return w>>wordEmployed&1 != 0 }

// Overdue reports whether something of the kind is overdue.
func (w Word) Overdue(k OverdueKind) bool { return w>>(wordOverdue+k)&1 != 0 }

// Labour reports a labour household.
func (w Word) Labour() bool { return w>>wordLabour&1 != 0 }

// ZeroJob reports that somebody is required to work and nobody works.
func (w Word) ZeroJob() bool { return w>>wordZeroJob&1 != 0 }

// Placed reports that a member is in an open placement.
func (w Word) Placed() bool { return w>>wordPlaced&1 != 0 }

// Counted reports a household that is registered and not closed.
func (w Word) Counted() bool { return w.State() != NotRegistered && w.State() != Closed }

// Step says that a household's status is Word from a day on, until the next step.
type Step struct {
	From Day
	Word Word
}

func bit(on bool, at int) Word {
	if on {
		return 1 << at
	}
	return 0
}

// Steps appends to dst the household's status over all days: the step in force on a day is what
// Status answers for it. It is exact for every day, past and to come, on the facts of f.
func Steps(dst []Step, f *File, around Files, p *Parameters) []Step {
	return draw(f, around, p).steps(dst)
}

func (p *picture) steps(dst []Step) []Step {
	last := Word(0)
	for _, day := range p.days() {
		if w := p.word(day); w != last {
			dst = append(dst, Step{day, w})
			last = w
		}
	}
	return dst
}

// WordAt returns the word in force on a day; 0 before the first step.
func WordAt(steps []Step, at Day) Word {
	lo, hi := 0, len(steps)
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); steps[mid].From <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return 0
	}
	return steps[lo-1].Word
}

// word packs the status on a day.
func (p *picture) word(at Day) Word {
	state := p.state(at).state
	w := Word(state)
	if state == NotRegistered {
		return 0
	}
	if state == Closed {
		return w
	}
	for d := range Data {
		s, _ := p.lines[d].at(at)
		w |= Word(s.Level)<<(3+3*d) | bit(s.Level != NotApplicable && s.stale(at), wordStale+int(d))
	}
	w |= Word(p.dataLevel(at)) << (3 + 3*Data)
	n := p.workAt(at)
	w |= bit(n.labour > 0 && n.provenTo >= at, wordEmployed) | bit(n.labour > 0, wordLabour) |
		bit(n.required && !n.working, wordZeroJob) | bit(n.placed, wordPlaced)
	for i := range p.owed {
		if o := &p.owed[i]; o.holds(at) {
			w |= 1 << (wordOverdue + o.kind)
		}
	}
	return w
}

// days returns, in order, every day on which anything of the status can change, and more.
func (p *picture) days() []Day {
	par := p.h.p
	days := make([]Day, 0, 128)
	days = append(days, p.h.from, p.h.closed)
	for d := range Data {
		for i, s := range p.lines[d] {
			days = append(days, s.From)
			if s.Fresh != farDay && (i+1 == len(p.lines[d]) || p.lines[d][i+1].From > s.Fresh) {
				days = append(days, s.Fresh+1)
			}
			if d == Housing && s.Level == NoHome {
				days = append(days, p.lines[d].since(s.From)+Day(par.NoHomeDays))
			}
		}
	}
	for i := range p.work {
		n := &p.work[i]
		if n.provenTo != NoDay {
			days = append(days, n.provenTo+1)
		}
		if n.allOut != NoDay {
			days = append(days, n.allOut+Day(par.OutOfWorkDays)+1)
		}
		if n.jobless != NoDay {
			days = append(days, n.jobless+Day(par.LastJobDays)+1)
		}
	}
	for i := range p.keys {
		days = append(days, p.h.titleDue(&p.keys[i])+1)
	}
	if len(p.keys) > 0 {
		days = append(days, p.firstKeys().AddMonths(par.SettledMonths))
	}
	for i := range p.cases {
		c := &p.cases[i]
		for _, k := range c.classes {
			days = append(days, k.from)
		}
		if end := c.closedOn(); end != farDay {
			days = append(days, end, end.AddMonths(par.SettledMonths))
		}
		if c.since != NoDay {
			days = append(days, c.since)
		}
	}
	return p.moreDays(days)
}

func (p *picture) moreDays(days []Day) []Day {
	for _, all := range [][]stretch{p.nets, p.breaks} {
		for _, s := range all {
			days = append(days, s.From, s.To)
		}
	}
	for i := range p.owed {
		days = append(days, p.owed[i].from, p.owed[i].to)
	}
	for i := range p.wrong {
		days = append(days, p.wrong[i].from, p.wrong[i].to)
	}
	for i := range p.h.f.Moves {
		days = append(days, p.h.f.Moves[i].Day)
	}
	for i := range p.h.f.Homesteads {
		days = append(days, p.h.f.Homesteads[i].Day)
	}
	days = sortDays(days)
	for len(days) > 0 && days[len(days)-1] == farDay {
		days = days[:len(days)-1]
	}
	for len(days) > 0 && days[0] < p.h.from {
		days = days[1:]
	}
	return days
}
