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
