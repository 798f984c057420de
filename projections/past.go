package projections

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// Bounds of what is kept of the past: lines of the homes of two large counties or of some small
// ones, and the boards asked for last, some six kilobytes each. What a division beyond keptHomes
// asks for is counted while its lines are made, and they are thrown away.
const (
	keptHomes  = 1 << 16 // of one division
	allHomes   = 1 << 17 // of all divisions
	keptBoards = 256

	// pastBatch is how many lines are made at a time: enough work for every core, and a client
	// that has gone is noticed within some milliseconds.
	pastBatch = 256
)

// pasts keeps what was made of the past. Since a Known never changes, nothing in it grows stale.
type pasts struct {
	most   int           // homes of a division whose lines are kept
	making chan struct{} // holds one while lines are made: one question at a time, so that memory is bounded

	mu     sync.Mutex
	lines  []*past // the one used last stands last, as of boards
	boards []pastBoard
}

type pastBoard struct {
	judged  *judgement
	horizon domain.Horizon
	answer  BoardAnswer
}

// past is what boards read of the homes that ever named a division, as they were known: lines
// like those of live views, good for every day.
type past struct {
	judged   *judgement
	division domain.Division
	horizon  domain.Horizon
	names    glossary
	ids      []domain.Entity // in order
	ends     []int           // of their lines
	packed   []byte
	sums     sums
	twice    twice
}

func newPasts() pasts { return pasts{making: make(chan struct{}, 1), most: keptHomes} }

func newGlossary() glossary {
	return glossary{newDictionary[domain.Division](), newDictionary[domain.Word]()}
}

// line returns the line of a home by its place.
func (p *past) line(n homeNo) line {
	from := 0
	if n > 0 {
		from = p.ends[n-1]
	}
	return p.packed[from:p.ends[n]]
}

// add takes the next home's line.
func (p *past) add(id domain.Entity, l line) {
	p.packed = append(p.packed, l...)
	p.ids, p.ends = append(p.ids, id), append(p.ends, len(p.packed))
	n := homeNo(len(p.ids) - 1)
	l.identities(func(i identity) { p.twice.add(n, i, p.line) })
	l.shares(func(s share) { p.sums.add(p.names.divisions.values[s.division], s, 1) })
}

// named returns the homes whose facts name a division, in the order of their ids: no other home
// adds to its figures, on any day, at any moment.
func (v *Views) named(division domain.Division) (found []homeNo) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	v.homes.all(func(n homeNo) {
		if v.homes.register(n).Names(division) {
			found = append(found, n)
		}
	})
	slices.SortFunc(found, func(x, y homeNo) int { return cmp.Compare(v.homes.id(x), v.homes.id(y)) })
	return found
}

// makeLines makes the lines of homes as they were known, and hands them on in order until take
// wants no more.
func (k *Known) makeLines(ctx context.Context, names *glossary, homes []homeNo, take func(domain.Entity, line) bool) error {
	v := k.views
	var now, next []sheet // packed while the next are made
	var packed line
	for made := false; len(homes) > 0 || made; {
		if err := cmp.Or(ctx.Err(), v.ctx.Err()); err != nil {
			return err
		}
		n := min(pastBatch, len(homes))
		next = slices.Grow(next[:0], n)[:n]
		for i, home := range homes[:n] {
			next[i].home = home
		}
		homes = homes[n:]
		var drawing sync.WaitGroup
		drawing.Go(func() { k.draw(next) })
		more := true
		for i := 0; i < len(now) && more; i++ {
			packed = names.appendLine(packed[:0], &now[i], now[i].id.Kind() == domain.HouseholdKind)
			more = take(now[i].id, packed)
		}
		drawing.Wait()
		if !more {
			return nil
		}
		now, next, made = next, now, n > 0
	}
	return nil
}

// pastLines returns the lines of a division, kept or made; nil, and its homes, when it is too large
// to keep them. done is called when the caller needs neither.
func (k *Known) pastLines(ctx context.Context, division domain.Division) (p *past, homes []homeNo, done func(), err error) {
	kept := &k.views.pasts
	if p = kept.find(division, k); p != nil {
		return p, nil, func() {}, nil
	}
	select {
	case kept.making <- struct{}{}:
		done = func() { <-kept.making }
	case <-ctx.Done():
		return nil, nil, func() {}, ctx.Err()
	}
	if p = kept.find(division, k); p != nil { // it was made while this one waited
		return p, nil, done, nil
	}
	if homes = k.views.named(division); len(homes) > kept.most {
		return nil, homes, done, nil
	}
	p = &past{judged: k.judged, division: division, horizon: *k.horizon, twice: newTwice(), sums: newSums(), names: newGlossary()}
	err = k.makeLines(ctx, &p.names, homes, func(id domain.Entity, l line) bool {
		p.add(id, l)
		return true
	})
	if err == nil {
		kept.keep(p)
	}
	return p, nil, done, err
}

// find returns lines that hold those of a division.
func (p *pasts) find(division domain.Division, k *Known) *past {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.IndexFunc(p.lines, func(l *past) bool {
		return l.judged == k.judged && l.horizon == *k.horizon && division.Within(l.division)
	})
	if at < 0 {
		return nil
	}
	found := p.lines[at]
	p.lines = append(slices.Delete(p.lines, at, at+1), found)
	return found
}

// keep keeps lines, and lets go of those that were not used for the longest time.
func (p *pasts) keep(lines *past) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, lines)
	all := 0
	for i := len(p.lines) - 1; i >= 0; i-- {
		if all += len(p.lines[i].ids); all > allHomes {
			p.lines = slices.Delete(p.lines, 0, i+1)
			return
		}
	}
}

// board returns a board that was made before.
func (p *pasts) board(division domain.Division, at domain.Day, k *Known) (BoardAnswer, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := slices.IndexFunc(p.boards, func(b pastBoard) bool {
		return b.answer.At == at && b.answer.Division == division && b.judged == k.judged && b.horizon == *k.horizon
	})
	if found < 0 {
		return BoardAnswer{}, false
	}
	b := p.boards[found]
	p.boards = append(slices.Delete(p.boards, found, found+1), b)
	return b.answer, true
}

func (p *pasts) keepBoard(b BoardAnswer, k *Known) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.boards) == keptBoards {
		p.boards = slices.Delete(p.boards, 0, 1)
	}
	p.boards = append(p.boards, pastBoard{k.judged, *k.horizon, b})
}

// pastBoard is Board of what was known; the caller adds what it rests on.
func (k *Known) pastBoard(ctx context.Context, division domain.Division, at domain.Day) (BoardAnswer, error) {
	kept := &k.views.pasts
	if b, made := kept.board(division, at, k); made {
		return b, nil
	}
	p, homes, done, err := k.pastLines(ctx, division)
	defer done()
	if err != nil {
		return BoardAnswer{}, err
	}
	b, made := kept.board(division, at, k)
	switch {
	case made: // while this one waited
		return b, nil
	case p != nil:
		b = p.board(division, at)
	default:
		if b, err = k.countPast(ctx, division, at, homes); err != nil {
			return BoardAnswer{}, err
		}
	}
	b.Parameters = k.judged.parameters.Name
	kept.keepBoard(b, k)
	return b, nil
}

// newScan returns a scan of a division; small when it reads the totals off the lines.
func newScan(division domain.Division, at domain.Day, small bool, names *glossary) *scan {
	s := &scan{at: at, small: small, totals: make([]int64, len(domain.Totals()))}
	s.widen(division, names)
	return s
}

// widen makes room for what the dictionaries learned since.
func (s *scan) widen(division domain.Division, names *glossary) {
	for _, d := range names.divisions.values[len(s.within):] {
		s.within = append(s.within, d.Within(division))
	}
	s.words = append(s.words, make([]uint32, len(names.words.values)-len(s.words))...)
}

// board counts the lines that are kept.
func (p *past) board(division domain.Division, at domain.Day) BoardAnswer {
	s := newScan(division, at, len(division) > areaDigits, &p.names)
	for n := range p.ids {
		s.home(p.line(homeNo(n)))
	}
	if !s.small {
		p.sums.read(division, at, s.totals)
	}
	s.totals[domain.TotalTwice] = pairs(p.twice.holders, p.line, s.within, at)
	return s.answer(division, &p.names)
}

// countPast counts the lines of a large division while they are made.
func (k *Known) countPast(ctx context.Context, division domain.Division, at domain.Day, homes []homeNo) (BoardAnswer, error) {
	names := newGlossary()
	k = k.on(at)
	s := newScan(division, at, true, &names)
	holders := map[uint64]int64{}
	err := k.makeLines(ctx, &names, homes, func(_ domain.Entity, l line) bool {
		s.widen(division, &names)
		s.home(l)
		if l.in(s.within, at) {
			l.identities(func(i identity) {
				if i.day <= at {
					s.totals[domain.TotalTwice] += holders[i.tag]
					holders[i.tag]++
				}
			})
		}
		return true
	})
	return s.answer(division, &names), err
}

// on is the same knowledge for lines of one day, which cost less than those of all days.
func (k *Known) on(at domain.Day) *Known {
	day := *k
	day.only = &at
	return &day
}

// pastWords is words of what was known.
func (k *Known) pastWords(ctx context.Context, c *Choice, at domain.Day, take func(domain.Entity, domain.Word) bool) error {
	p, homes, done, err := k.pastLines(ctx, c.Division)
	defer done()
	if err != nil {
		return err
	}
	if p != nil {
		within := p.names.within(c.Division)
		from, met := slices.BinarySearch(p.ids, c.After)
		if met {
			from++
		}
		for n := from; n < len(p.ids); n++ {
			l := p.line(homeNo(n))
			if w := p.names.wordAt(l, at); c.wants(w) && l.in(within, at) && !take(p.ids[n], w) {
				break
			}
		}
		return nil
	}
	names := newGlossary()
	k = k.on(at)
	s := newScan(c.Division, at, true, &names)
	homes = slices.DeleteFunc(homes, func(n homeNo) bool { return !k.lists(n, c.After) })
	return k.makeLines(ctx, &names, homes, func(id domain.Entity, l line) bool {
		s.widen(c.Division, &names)
		w := names.wordAt(l, at)
		return !c.wants(w) || !l.in(s.within, at) || take(id, w)
	})
}

// lists reports a household beyond a cursor.
func (k *Known) lists(n homeNo, after domain.Entity) bool {
	v := k.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	id := v.homes.id(n)
	return id.Kind() == domain.HouseholdKind && id > after
}
