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

// Employed reports a labour household with somebody in work as the parameter set wants it: verified, by default.
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
	var m moment
	m.start()
	for _, day := range p.days() {
		m.to(day, p)
		if w := p.word(&m); w != last {
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

// word packs the status at a moment.
func (p *picture) word(m *moment) Word {
	at, state := m.at, p.state(m).state
	w := Word(state)
	if state == NotRegistered {
		return 0
	}
	if state == Closed {
		return w
	}
	for d, s := range m.spans[:Data] {
		w |= Word(s.Level)<<(3+3*d) | bit(s.stale(at), wordStale+d)
	}
	w |= Word(p.dataLevel(m)) << (3 + 3*Data)
	n := m.work
	w |= bit(n.labour > 0 && n.employed >= at, wordEmployed) | bit(n.labour > 0, wordLabour) |
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
	days := append(p.moments[:0], p.h.from, p.h.closed)
	for d := range Data {
		t := p.lines[d]
		for i := range t {
			if i == 0 || t[i].Level != t[i-1].Level {
				days = append(days, t[i].From)
			}
			if d == Housing && t[i].Level == NoHome {
				days = append(days, t.since(t[i].From)+Day(par.NoHomeDays))
			}
		}
		days = t.agedDays(days)
	}
	days = p.workDays(days)
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

// agedDays appends the days on which a span goes stale and is followed.
func (t timeline) agedDays(days []Day) []Day {
	for i := range t {
		if from, to := t.aged(i); from < to {
			days = append(days, from, to)
		}
	}
	return days
}

// workDays appends the days on which what is counted of work changes, besides D3.
func (p *picture) workDays(days []Day) []Day {
	for i := range p.work {
		n, next := &p.work[i], farDay
		if i+1 < len(p.work) {
			next = p.work[i+1].from
		}
		if i == 0 || !n.counts(&p.work[i-1]) {
			days = append(days, n.from)
		}
		for _, end := range [...]Day{n.provenTo, n.employed, n.allOut + Day(p.h.p.OutOfWorkDays), n.jobless + Day(p.h.p.LastJobDays)} {
			if end >= n.from && end < next {
				days = append(days, end+1)
			}
		}
	}
	return days
}

// counts reports that employment counts as the one before it did, on its first day.
func (n *work) counts(as *work) bool {
	return n.working == as.working && n.required == as.required && n.placed == as.placed && n.allOut == as.allOut && n.jobless == as.jobless &&
		(n.labour > 0) == (as.labour > 0) && (n.provenTo >= n.from) == (as.provenTo >= n.from-1) &&
		(n.employed >= n.from) == (as.employed >= n.from-1)
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
	for i := range p.h.f.Incomes {
		days = append(days, p.h.f.Incomes[i].Day)
	}
	for i := range p.h.f.Moves {
		days = append(days, p.h.f.Moves[i].Day)
	}
	for i := range p.h.f.Homesteads {
		days = append(days, p.h.f.Homesteads[i].Day)
	}
	days = sortDays(days)
	p.moments = days
	for len(days) > 0 && days[len(days)-1] == farDay {
		days = days[:len(days)-1]
	}
	for len(days) > 0 && days[0] < p.h.from {
		days = days[1:]
	}
	return days
}
