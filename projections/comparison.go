package projections

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// Bounds of what is kept of comparisons, for the pages that follow: some sixteen megabytes.
const (
	keptComparisons = 16
	keptDiffering   = 1 << 19 // households, of all of them
)

// comparison is what a page of differences is told from. Its sides are pinned to where they were.
type comparison struct {
	asked    comparisonKey
	pinned   comparisonKey // as a page that follows asks
	pictures []picture     // of the sides that have all that is known
	from, to Side
	answer   DiffAnswer // without households
	rows     []differing
	parts    *partsDiffer // of the total asked for last; the mu of comparisons is held
}

// differing is a household with its two words.
type differing struct {
	id            domain.Entity
	before, after domain.Word
}

// comparisonKey is what was asked for.
type comparisonKey struct {
	division domain.Division
	from, to sideKey
}

// sideKey is one side as it was asked for. All that is known is another horizon from moment to moment.
type sideKey struct {
	judged  *judgement
	at      domain.Day
	by      domain.Moment
	today   domain.Day
	all     bool
	horizon domain.Horizon
}

func (s Side) key() sideKey {
	k := sideKey{judged: s.Known.judged, at: s.At, by: s.Known.by, today: s.Known.today, all: s.Known.horizon == nil}
	if !k.all {
		k.horizon = *s.Known.horizon
	}
	return k
}

// comparisons keeps those asked for last, the latest last.
type comparisons struct {
	mu   sync.Mutex
	kept []*comparison
}

// compared returns a comparison, made or kept. A first page wants the newest facts; one that follows goes
// on with the comparison of the page before: kept, or made again of what its cursor names.
func (from Side) compared(ctx context.Context, to Side, division domain.Division, follows bool) (*comparison, error) {
	v := from.Known.views
	asked := comparisonKey{division, from.key(), to.key()}
	if c := v.comparisons.find(asked, follows); c != nil {
		return c, nil
	}
	c := &comparison{asked: asked, from: from, to: to, answer: DiffAnswer{
		Division: division, Transitions: []Transition{}, Totals: []TotalChange{}, Parameters: from.Known.judged.parameters.Name,
	}}
	if from.Known.judged != to.Known.judged {
		c.answer.sets(from.Known.judged.parameters, to.Known.judged.parameters)
	}
	var before []Sifted
	totals, err := c.from.read(ctx, division, &c.answer.From, func(id domain.Entity, w domain.Word) bool {
		before = append(before, Sifted{id, w})
		return true
	})
	if err != nil {
		return nil, err
	}
	look := func(id domain.Entity, x, y domain.Word) {
		if len(changesOf(x, y)) > 0 {
			c.rows = append(c.rows, differing{id, x, y})
		}
	}
	then, err := c.to.read(ctx, division, &c.answer.To, func(id domain.Entity, w domain.Word) bool { // both in the order of ids
		for len(before) > 0 && before[0].Household < id {
			look(before[0].Household, before[0].Word, 0)
			before = before[1:]
		}
		was := domain.Word(0)
		if len(before) > 0 && before[0].Household == id {
			was, before = before[0].Word, before[1:]
		}
		look(id, was, w)
		return true
	})
	if err != nil {
		return nil, err
	}
	for _, b := range before {
		look(b.Household, b.Word, 0)
	}
	c.count(totals, then)
	c.take()
	v.comparisons.keep(c)
	return c, nil
}

// take notes the pictures, for the cursors of pages that follow.
func (c *comparison) take() {
	c.pinned = c.asked
	for i, side := range []*sideKey{&c.pinned.from, &c.pinned.to} {
		if !side.all && ![...]Side{c.from, c.to}[i].Known.taken {
			continue
		}
		p := [...]*Basis{&c.answer.From, &c.answer.To}[i].taken()
		side.by, side.all, side.horizon = p.recorded, false, p.ends
		if len(c.pictures) == 0 || c.pictures[0] != p {
			c.pictures = append(c.pictures, p)
		}
	}
}

// cursor is where a page goes on behind a home.
func (c *comparison) cursor(after domain.Entity) string { return Cursor{after, c.pictures}.String() }

// read hands on the words of a division's households in the order of their ids, returns its totals, and
// pins the side to where it was.
func (s *Side) read(ctx context.Context, division domain.Division, basis *Basis, take func(domain.Entity, domain.Word) bool) (map[string]float64, error) {
	k, choice := s.Known, Choice{Division: division}
	k.views.follow()
	release := k.settled()
	*basis = k.basis(s.At)
	s.Known = k.pinned()
	if k.hasLines() {
		defer release()
		k.listLines(&choice, s.At, take)
		return k.countLines(division, s.At).Totals, k.views.failed
	}
	release()
	if err := s.Known.pastWords(ctx, &choice, s.At, take); err != nil {
		return nil, err
	}
	b, err := s.Known.pastBoard(ctx, division, s.At)
	return b.Totals, err
}

// count counts the transitions and the totals that differ.
func (c *comparison) count(before, after map[string]float64) {
	a, counts := &c.answer, map[Transition]int{}
	for _, d := range c.rows {
		for _, change := range changesOf(d.before, d.after) {
			counts[Transition{Dimension: change.Dimension, From: change.From, To: change.To, FromStale: change.FromStale, ToStale: change.ToStale}]++
		}
	}
	for t, n := range counts {
		t.Households = n
		a.Transitions = append(a.Transitions, t)
	}
	slices.SortFunc(a.Transitions, func(x, y Transition) int {
		return cmp.Or(-cmp.Compare(x.Households, y.Households), cmp.Compare(x.Dimension, y.Dimension), cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To), cmp.Compare(fmt.Sprint(x), fmt.Sprint(y)))
	})
	for _, t := range domain.Totals() {
		if x, y := before[t.Key], after[t.Key]; x != y {
			a.Totals = append(a.Totals, TotalChange{t.Key, x, y})
		}
	}
	a.Differ = len(c.rows)
}

// isNewest reports that no side has all that is known while more became known since.
func (c *comparison) isNewest() bool {
	v := c.from.Known.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	return (!c.asked.from.all || c.from.Known.isNow()) && (!c.asked.to.all || c.to.Known.isNow())
}

// find finds the comparison of a page before or, of a first page, one with the newest facts.
func (k *comparisons) find(asked comparisonKey, follows bool) *comparison {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := len(k.kept) - 1
	for at >= 0 {
		c := k.kept[at]
		if c.asked == asked && (follows || c.isNewest()) || c.pinned == asked {
			break
		}
		at--
	}
	if at < 0 {
		return nil
	}
	c := k.kept[at]
	k.kept = append(slices.Delete(k.kept, at, at+1), c)
	return c
}

// keep keeps a comparison, which may be there already, made by somebody else.
func (k *comparisons) keep(c *comparison) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(slices.DeleteFunc(k.kept, func(o *comparison) bool { return o.pinned == c.pinned }), c)
	k.bound()
}

// bound lets go of the oldest; mu is held.
func (k *comparisons) bound() {
	rows := 0
	for i := len(k.kept) - 1; i >= 0; i-- {
		rows += len(k.kept[i].rows)
		if parts := k.kept[i].parts; parts != nil {
			rows += len(parts.homes)
		}
		if rows > keptDiffering || len(k.kept)-i > keptComparisons {
			k.kept = slices.Delete(k.kept, 0, i+1)
			return
		}
	}
}

// others returns the facts of other homes that a household's status rests on, which the two sides do not
// share and its own timeline has not.
func (c *comparison) others(id domain.Entity, own []Entry) ([]Entry, error) {
	before, after := c.from.rests(id), c.to.rests(id)
	found := unshared(before, after)
	told := map[domain.EventID]bool{}
	for i := range own {
		told[own[i].Event] = true
	}
	return slices.DeleteFunc(found, func(e Entry) bool { return told[e.Event] }), nil
}

// cameWith reports whether a person or dwelling of which something was true on a day came to the household later.
func (c *composition) cameWith(e domain.Entity, day domain.Day) bool {
	return slices.ContainsFunc(c.stays, func(s domain.Stay) bool { return s.Person.Entity == e && day < s.From }) ||
		slices.ContainsFunc(c.dwellings, func(t domain.Tenure) bool { return t.Of == e && day < t.From })
}

// rests returns the facts of other homes that a household's status rests on: of households those that say who
// belongs to them, what dwelling is theirs, and what was recorded of its members and dwelling before they came; of others all.
func (s Side) rests(id domain.Entity) []Entry {
	k := s.Known
	k.views.mu.RLock()
	defer k.views.mu.RUnlock()
	var about sheet
	r := k.judged.scrap.Get().(*domain.Reader)
	defer k.judged.scrap.Put(r)
	around := noted{k.around(), &about}
	r.ReadTo(id, k.register(id), around, s.At)
	homes := slices.Clone(about.neighbours)
	for _, h := range r.Holders(nil) {
		homes = append(homes, around.holding(h.Tag)...)
	}
	slices.Sort(homes)
	h := composed(domain.RollOf(r.File(), around))
	c := collection{known: k, at: s.At}
	for _, home := range slices.Compact(homes) {
		if home == id {
			continue
		}
		c.add(home, func(stamp domain.Stamp, _ domain.Standing, about domain.Entity) bool {
			return home.Kind() != domain.HouseholdKind || strings.HasPrefix(stamp.Kind.Name, "household.") ||
				stamp.Kind.Name == "person.identity_linked" || stamp.Kind.Name == "dwelling.handed_over" || h.cameWith(about, stamp.Day())
		})
	}
	return c.entries()
}
