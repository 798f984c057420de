package projections

import (
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// home is what the views keep of one home.
type home struct {
	id       domain.Entity
	register domain.Register

	// Made from the register when a board is asked for, and until the next fact that it rests on.
	fresh         bool
	steps         []domain.Step
	places        []stay
	contributions []contribution
	identities    []identity
}

// stay says in which division a household was from a day on.
type stay struct {
	from     domain.Day
	division domain.Division
}

// contribution is what a home adds to a total of its division from a day on.
type contribution struct {
	total    domain.TotalNo
	division domain.Division
	day      domain.Day
	amount   int64
}

// identity is the keyed tag of a member's ID number, known from a day on.
type identity struct {
	tag uint64
	day domain.Day
}

// file folds the home's register.
func (h *home) file() *domain.File {
	f := &domain.File{Home: h.id}
	h.register.Fold(f)
	return f
}

// refresh makes anew what boards read, when the home or one that it reads changed.
func (h *home) refresh(around domain.Files, p *domain.Parameters) {
	if h.fresh {
		return
	}
	h.fresh = true
	f := h.file()
	h.contributions = h.contributions[:0]
	domain.Contributions(f, around, func(total domain.TotalNo, division domain.Division, day domain.Day, amount int64) {
		h.contributions = append(h.contributions, contribution{total, division, day, amount})
	})
	if h.id.Kind() != domain.HouseholdKind {
		return
	}
	h.steps = domain.Steps(h.steps[:0], f, around, p)
	h.places, h.identities = h.places[:0], h.identities[:0]
	for _, r := range f.Registrations {
		h.places = append(h.places, stay{r.Day, r.Division})
	}
	if len(h.places) == 0 { // founded by a split: it begins where the split was recorded
		for stamp := range h.register.Facts() {
			h.places = append(h.places, stay{stamp.Day(), stamp.Division})
			break
		}
	}
	for _, m := range f.Moves {
		if m.Division != "" {
			h.places = append(h.places, stay{m.Day, m.Division})
		}
	}
	for _, m := range f.Memberships {
		if m.Tag != 0 {
			h.identities = append(h.identities, identity{m.Tag, m.Day})
		}
	}
	for _, i := range f.Identities {
		if i.Tag != 0 {
			h.identities = append(h.identities, identity{i.Tag, i.Day})
		}
	}
}

// in reports whether the household was in the division on a day.
func (h *home) in(division domain.Division, at domain.Day) bool {
	for i := len(h.places) - 1; i >= 0; i-- {
		if h.places[i].from <= at {
			return h.places[i].division.Within(division)
		}
	}
	return false
}

// LevelCount is how many households are at a level, and how many of them by a stale word.
type LevelCount struct {
	Households int `json:"households"`
	Stale      int `json:"stale"`
}

// BoardAnswer counts the households of a division as of a day.
type BoardAnswer struct {
	Division   domain.Division                  `json:"division"`
	At         domain.Day                       `json:"at"`
	Households int                              `json:"households"`
	Employed   int                              `json:"employed"`
	States     map[string]int                   `json:"states"`
	Dimensions map[string]map[string]LevelCount `json:"dimensions"`
	Overdue    map[string]int                   `json:"overdue"`
	Totals     map[string]float64               `json:"totals"`
	Parameters string                           `json:"parameters"`
	Position   Position                         `json:"position"`
	Lag        Position                         `json:"lag"`
}

// Board counts the households of a division as of a day, and sums the division's totals.
func (v *Views) Board(division domain.Division, at domain.Day) (BoardAnswer, error) {
	v.follow()
	v.mu.Lock()
	defer v.mu.Unlock()
	b := BoardAnswer{
		Division: division, At: at, States: map[string]int{}, Dimensions: map[string]map[string]LevelCount{},
		Overdue: map[string]int{}, Totals: map[string]float64{}, Parameters: v.parameters.Name,
	}
	counts := newTally()
	totals := domain.Totals()
	sums := make([]int64, len(totals))
	holders := map[uint64]int{}
	around := v.around()
	for _, h := range v.homes {
		h.refresh(noted{around, h, v.readers}, v.parameters)
		for _, c := range h.contributions {
			if c.day <= at && c.division.Within(division) {
				sums[c.total] += c.amount
			}
		}
		if h.id.Kind() == domain.HouseholdKind && h.in(division, at) {
			counts.add(domain.WordAt(h.steps, at))
			h.countIdentities(holders, at)
		}
	}
	counts.answer(&b)
	for _, n := range holders {
		sums[domain.TotalTwice] += int64(n * (n - 1) / 2)
	}
	for i, t := range totals {
		b.Totals[t.Key] = float64(sums[i]) / float64(t.Per)
	}
	b.Position, b.Lag = v.where()
	return b, v.failed
}

// Room for the levels of a dimension (three bits of a word), the states and the kinds of overdue.
const (
	maxLevels  = 8
	maxStates  = 16
	maxOverdue = 32
)

// tally counts words in arrays, for a county has twenty thousand of them; the words of the
// answer come at the end.
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

// add counts one household.
func (t *tally) add(w domain.Word) {
	if w.State() == domain.NotRegistered {
		return
	}
	t.states[w.State()]++
	if !w.Counted() {
		return
	}
	t.households++
	if w.Employed() {
		t.employed++
	}
	for i, d := range t.dimensions {
		level := w.Level(d)
		t.levels[i][level]++
		if w.Stale(d) {
			t.stale[i][level]++
		}
	}
	for i := range t.kinds {
		if w.Overdue(domain.OverdueKind(i)) {
			t.overdue[i]++
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

// countIdentities counts, once a household, each ID number known in it by a day.
func (h *home) countIdentities(holders map[uint64]int, at domain.Day) {
	for n, i := range h.identities {
		same := func(earlier identity) bool { return earlier.tag == i.tag && earlier.day <= at }
		if i.day <= at && !slices.ContainsFunc(h.identities[:n], same) {
			holders[i.tag]++
		}
	}
}
