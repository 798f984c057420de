package projections

import (
	"cmp"
	"slices"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// Bounds of what is told of one home's share: its first hundred events. Up to wholeWalk events that the two pictures do not
// share are looked at one by one; of more, stretches over which the share comes out the same are passed over.
const (
	toldShareEvents = 100
	wholeWalk       = 64
)

// ShareEvent is an event that changed a home's share of a total.
type ShareEvent struct {
	Entry
	Amount float64 `json:"amount"` // by how much, in the total's unit
	Share  float64 `json:"share"`  // the share after it
}

// ShareTurns is how a home's share of a total came from one picture to another: the events' amounts sum up to the
// difference, unless there are more.
type ShareTurns struct {
	Events []ShareEvent `json:"events"`
	More   bool         `json:"more,omitzero"` // further events are left out,
	Rest   float64      `json:"rest,omitzero"` // which make this together

	now int64 // the share after the last of them
}

// shareOf is a home's share of a total of a division.
type shareOf struct {
	home     domain.Entity
	total    domain.TotalNo
	division domain.Division
}

// per is how many parts the total's unit has.
func (o shareOf) per() float64 { return float64(domain.Totals()[o.total].Per) }

// in is the share of a home.
func (o shareOf) in(home domain.Entity) shareOf {
	o.home = home
	return o
}

// shareTurns tells how a share went from this picture to another, both pinned: first by what was recorded between the
// two moments of knowledge, in the order of the ledger, then by what was true between the two days, in theirs. Every
// total rests on facts alone and none on the time that passes, so that these are its events, of whichever home.
func (from Side) shareTurns(to Side, of shareOf, before, after int64) (ShareTurns, error) {
	v := from.Known.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	turns := ShareTurns{Events: []ShareEvent{}, now: before}
	between := Side{to.Known, from.At}
	for _, w := range []*shareWalk{from.learnt(between, of), between.elapsed(to, of)} {
		w.take(&turns)
	}
	if turns.More {
		turns.Rest = float64(after-turns.now) / of.per()
	}
	return turns, v.failed
}

// shareWalk leads from one picture of a share to another, an event at a time.
type shareWalk struct {
	shareOf
	known  *Known          // what either picture sees
	homes  []domain.Entity // that the share is read off in either
	at     domain.Day
	events []Entry // that one picture has and the other has not, in the order in which they come or go
	goes   []bool  // of an event: the second picture has it not
}

// newShareWalk returns a walk without events.
func newShareWalk(from, to Side, of shareOf) *shareWalk {
	w := &shareWalk{shareOf: of, at: max(from.At, to.At)}
	horizon := *from.Known.horizon
	for province, at := range to.Known.horizon {
		horizon[province] = max(horizon[province], at)
	}
	w.known = &Known{views: to.Known.views, judged: to.Known.judged, horizon: &horizon, neighbours: &sync.Map{}}
	w.homes = append(from.homesOf(of), to.homesOf(of)...)
	slices.Sort(w.homes)
	w.homes = slices.Compact(w.homes)
	return w
}

// entries are what is recorded under the homes of the share, in fold order, acts among them.
func (w *shareWalk) entries() []Entry {
	c := collection{known: w.known, at: never}
	for _, home := range w.homes {
		c.add(home, func(domain.Stamp, domain.Standing, domain.Entity) bool { return true })
	}
	return c.entries()
}

// learnt walks from what was known by one moment to what was known by another, as of one day; mu is held.
func (from Side) learnt(to Side, of shareOf) *shareWalk {
	if *from.Known.horizon == *to.Known.horizon {
		return nil
	}
	w := newShareWalk(from, to, of)
	w.events = slices.DeleteFunc(w.entries(), func(e Entry) bool {
		p := e.place()
		return from.Known.horizon.Sees(p) == to.Known.horizon.Sees(p) || e.Day > w.at && !e.isAct()
	})
	slices.SortFunc(w.events, func(x, y Entry) int {
		p, q := x.place(), y.place()
		return cmp.Or(cmp.Compare(p.Province, q.Province), cmp.Compare(p.Sequence, q.Sequence))
	})
	for i := range w.events {
		w.goes = append(w.goes, !to.Known.horizon.Sees(w.events[i].place()))
	}
	return w
}

// elapsed walks from one day to another, in what is known to both; mu is held. Corrections and voids count from
// the days of what they are about.
func (from Side) elapsed(to Side, of shareOf) *shareWalk {
	if from.At == to.At {
		return nil
	}
	w := newShareWalk(from, to, of)
	w.events = slices.DeleteFunc(w.entries(), func(e Entry) bool {
		return e.isAct() || e.Day <= min(from.At, to.At) || e.Day > w.at
	})
	for range w.events {
		w.goes = append(w.goes, to.At < from.At)
	}
	return w
}

// isAct reports a correction, a void or a dispute.
func (e *Entry) isAct() bool {
	switch e.Type {
	case "record.corrected", "record.voided", "record.disputed":
		return true
	}
	return false
}

// take tells the events that change the share.
func (w *shareWalk) take(turns *ShareTurns) {
	if w != nil && len(w.events) > 0 {
		w.between(0, len(w.events), w.after(0), w.after(len(w.events)), turns)
	}
}

// between tells those among some of the events, of which the share before and after is known.
func (w *shareWalk) between(first, end int, before, after int64, turns *ShareTurns) {
	if end-first > wholeWalk {
		if before == after {
			return
		}
		half := (first + end) / 2
		then := w.after(half)
		w.between(first, half, before, then, turns)
		w.between(half, end, then, after, turns)
		return
	}
	for i := first; i < end && !turns.More; i++ {
		now := after
		if i+1 < end {
			now = w.after(i + 1)
		}
		switch {
		case now == before:
		case len(turns.Events) == toldShareEvents:
			turns.More = true
		default:
			turns.now += now - before
			turns.Events = append(turns.Events, ShareEvent{w.events[i], float64(now-before) / w.per(), float64(turns.now) / w.per()})
		}
		before = now
	}
}

// after is the share when so many of the events came or went.
func (w *shareWalk) after(n int) int64 {
	k := *w.known
	k.only, k.hidden, k.neighbours = &w.at, hidden{}, &sync.Map{}
	for i := range w.events {
		if w.goes[i] == (i < n) {
			k.hidden[w.events[i].place()] = true
		}
	}
	return k.partOf(w.shareOf, w.homes, w.at)
}

// partOf is a home's share on a day; homes are those with which it may make pairs; mu is held.
func (k *Known) partOf(of shareOf, homes []domain.Entity, at domain.Day) (sum int64) {
	add := func(home domain.Entity, amount int64) {
		if home == of.home {
			sum = amount
		}
	}
	c := &partCount{total: of.total, at: at, add: add, pairing: newPairing()}
	if of.total != domain.TotalTwice {
		homes = []domain.Entity{of.home}
	}
	for _, home := range homes {
		n, known := k.views.homes.find(home)
		if !known {
			continue
		}
		names, s := newGlossary(), sheet{home: n}
		k.fill(&s)
		l := names.appendLine(nil, &s, home.Kind() == domain.HouseholdKind)
		c.home(home, l, names.within(of.division))
	}
	c.pairing.tell(add)
	return sum
}

// homesOf are the homes whose facts a share is read off.
func (s Side) homesOf(of shareOf) []domain.Entity {
	k, own := s.Known, sheet{}
	n, known := k.views.homes.find(of.home)
	if !known {
		return nil
	}
	own.home = n
	k.fill(&own)
	homes := append(own.neighbours, of.home)
	if of.total == domain.TotalTwice {
		around := k.around()
		for _, i := range own.identities {
			homes = append(homes, around.holding(i.tag)...)
		}
	}
	return homes
}
