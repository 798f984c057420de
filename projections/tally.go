package projections

import "github.com/anju-ledger/anju/domain"

// Room for the levels of a dimension (three bits of a word), the states and the kinds of overdue.
const (
	maxLevels  = 8
	maxStates  = 16
	maxOverdue = 32
)

// tally counts words in arrays; the words of the answer come at the end.
type tally struct {
	households, employed int
	states               [maxStates]int
	levels, stale        [][maxLevels]int // by dimension
	overdue              [maxOverdue]int
	dimensions           []domain.Dimension
	kinds                int
}

func newTally() *tally {
	n := len(domain.Dimensions())
	return &tally{
		levels: make([][maxLevels]int, n), stale: make([][maxLevels]int, n),
		dimensions: domain.Dimensions(), kinds: len(domain.OverdueKinds()),
	}
}

// add counts n households under one word.
func (t *tally) add(w domain.Word, n int) {
	if w.State() == domain.NotRegistered {
		return
	}
	t.states[w.State()] += n
	if !w.Counted() {
		return
	}
	t.households += n
	if w.Employed() {
		t.employed += n
	}
	for i, d := range t.dimensions {
		level := w.Level(d)
		t.levels[i][level] += n
		if w.Stale(d) {
			t.stale[i][level] += n
		}
	}
	for i := range t.kinds {
		if w.Overdue(domain.OverdueKind(i)) {
			t.overdue[i] += n
		}
	}
}

// answer writes the counts into the board; what counts nobody is left out.
func (t *tally) answer(b *BoardAnswer) {
	b.Households, b.Employed = t.households, t.employed
	for s, n := range t.states {
		if n > 0 {
			b.States[domain.State(s).String()] = n
		}
	}
	for i, d := range t.dimensions {
		levels := map[string]LevelCount{}
		for level, n := range t.levels[i] {
			if n > 0 {
				levels[d.Code(domain.Level(level))] = LevelCount{n, t.stale[i][level]}
			}
		}
		b.Dimensions[d.String()] = levels
	}
	for i, kind := range domain.OverdueKinds() {
		if t.overdue[i] > 0 {
			b.Overdue[kind.Code] = t.overdue[i]
		}
	}
}
