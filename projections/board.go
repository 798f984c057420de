package projections

import (
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
	for _, d := range domain.Dimensions() {
		b.Dimensions[d.String()] = map[string]LevelCount{}
	}
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
			b.count(domain.WordAt(h.steps, at))
			h.countIdentities(holders, at)
		}
	}
	for _, n := range holders {
		sums[domain.TotalTwice] += int64(n * (n - 1) / 2)
	}
	for i, t := range totals {
		b.Totals[t.Key] = float64(sums[i]) / float64(t.Per)
	}
	b.Position, b.Lag = v.where()
	return b, v.failed
}

// count takes one household's word into the board.
func (b *BoardAnswer) count(w domain.Word) {
	if w.State() == domain.NotRegistered {
		return
	}
	b.States[w.State().String()]++
	if !w.Counted() {
		return
	}
	b.Households++
	if w.Employed() {
		b.Employed++
	}
	for _, d := range domain.Dimensions() {
		level := d.Code(w.Level(d))
		c := b.Dimensions[d.String()][level]
		c.Households++
		if w.Stale(d) {
			c.Stale++
		}
		b.Dimensions[d.String()][level] = c
	}
	for i, kind := range domain.OverdueKinds() {
		if w.Overdue(domain.OverdueKind(i)) {
			b.Overdue[kind.Code]++
		}
	}
}

// countIdentities counts, once a household, each ID number known in it by a day.
func (h *home) countIdentities(holders map[uint64]int, at domain.Day) {
	seen := make(map[uint64]bool, len(h.identities))
	for _, i := range h.identities {
		if i.day <= at && !seen[i.tag] {
			seen[i.tag] = true
			holders[i.tag]++
		}
	}
}
