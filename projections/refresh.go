package projections

import (
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// Bounds of refreshing: a batch is written under the lock in well under a millisecond, and is
// made by as many goroutines as there are cores, up to a few.
const (
	refreshBatch   = 64
	refreshWorkers = 8

	// settleRounds is how often a board goes after what changed meanwhile before it holds the
	// followers up for the rest.
	settleRounds = 3
)

// mark says that a home's line is older than its facts; mu is held for writing.
func (v *Views) mark(n homeNo) {
	state := &v.homes.block(n).state[n%blockHomes]
	if *state&queued == 0 {
		v.waiting = append(v.waiting, n)
	}
	*state |= stale | queued
}

// markReaders marks the homes whose lines were made from a home's facts too.
func (v *Views) markReaders(id domain.Entity) {
	for _, n := range v.readers[id] {
		v.mark(n)
	}
}

// noteReader notes that a home's line rests on the facts of another, known yet or not.
func (v *Views) noteReader(id domain.Entity, reader homeNo) {
	list := v.readers[id]
	if at, noted := slices.BinarySearch(list, reader); !noted {
		v.readers[id] = slices.Insert(list, at, reader)
	}
}

// keepLines makes new lines in the background, from when the followers have caught up for the
// first time: before that a home changes again and again.
func (v *Views) keepLines() {
	select {
	case <-v.ctx.Done():
		return
	case <-v.ready:
	}
	for {
		for v.refresh(v.ctx.Done()) > 0 {
		}
		select {
		case <-v.ctx.Done():
			return
		case <-v.changed:
		}
	}
}

// refresh makes the lines of a batch of homes that wait, and returns how many wait then; none
// when ended is closed.
func (v *Views) refresh(ended <-chan struct{}) int {
	select {
	case <-ended:
		return 0
	default:
	}
	v.refreshing.Lock()
	defer v.refreshing.Unlock()
	return v.refreshSome()
}

// refreshSome is refresh; refreshing is held.
func (v *Views) refreshSome() int {
	if v.count() == 0 {
		return 0
	}
	v.mu.Lock()
	n := min(refreshBatch, len(v.waiting))
	v.sheets = slices.Grow(v.sheets[:0], n)[:n]
	for i, home := range v.waiting[:n] {
		v.sheets[i].home = home
		v.homes.block(home).state[home%blockHomes] &^= queued
	}
	if v.waiting = v.waiting[n:]; len(v.waiting) == 0 {
		v.waiting = nil
	}
	v.mu.Unlock()
	v.now.draw(v.sheets)
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range v.sheets {
		v.store(&v.sheets[i])
	}
	return len(v.waiting)
}

// draw fills the sheets of homes, each under a read lock of its own.
func (k *Known) draw(sheets []sheet) {
	workers := min(refreshWorkers, runtime.GOMAXPROCS(0), len(sheets))
	var drawing sync.WaitGroup
	for w := range workers {
		drawing.Go(func() {
			for i := w; i < len(sheets); i += workers {
				k.views.mu.RLock()
				k.fill(&sheets[i])
				k.views.mu.RUnlock()
			}
		})
	}
	drawing.Wait()
}

// fill makes a sheet of what is known of its home; mu is held.
func (k *Known) fill(s *sheet) {
	v := k.views
	s.steps, s.stays, s.contributions, s.identities, s.neighbours = s.steps[:0], s.stays[:0], s.contributions[:0], s.identities[:0], s.neighbours[:0]
	r := v.scrap.Get().(*domain.Reader)
	defer v.scrap.Put(r)
	register := k.seen(s.home, s.room[:0])
	if k.horizon != nil {
		s.room = register
	}
	r.Read(v.homes.id(s.home), register, noted{k.around(), s})
	r.Contributions(func(total domain.TotalNo, division domain.Division, day domain.Day, amount int64) {
		s.contributions = append(s.contributions, contribution{total, division, day, amount})
	})
	f := r.File()
	if f.Home.Kind() != domain.HouseholdKind {
		return
	}
	s.steps = r.Steps(s.steps)
	s.settle(f, register)
	for _, m := range f.Memberships {
		s.identify(m.Tag, m.Day)
	}
	for _, i := range f.Identities {
		s.identify(i.Tag, i.Day)
	}
	s.holders = r.Holders(s.holders[:0])
	for _, h := range s.holders {
		s.identify(h.Tag, never)
	}
	if register.Acts() {
		s.identifyFormer(register)
	}
}

// never is the day of an ID number that another home stated of a member, or that an act took away:
// no pair is counted by it, and the household is found by it, as it is now or was known before the
// act.
const never = domain.Day(math.MaxInt32)

// identifyFormer notes the ID numbers that facts stated which are voided or corrected.
func (s *sheet) identifyFormer(register domain.Register) {
	for _, standing := range register.Standings() {
		switch f := standing.Recorded.(type) {
		case *domain.HouseholdRegistered:
			for i := range f.Members {
				s.identify(f.Members[i].IDNumber.Tag, never)
			}
		case *domain.MemberJoined:
			s.identify(f.Member.IDNumber.Tag, never)
		case *domain.IdentityLinked:
			s.identify(f.IDNumber.Tag, never)
		}
	}
}

// settle notes where the household was.
func (s *sheet) settle(f *domain.File, register domain.Register) {
	for _, r := range f.Registrations {
		s.stays = append(s.stays, stay{r.Day, r.Division})
	}
	if len(s.stays) == 0 { // founded by a split: it begins where the split was recorded
		for stamp := range register.Facts() {
			s.stays = append(s.stays, stay{stamp.Day(), stamp.Division})
			break
		}
	}
	for _, m := range f.Moves {
		if m.Division != "" {
			s.stays = append(s.stays, stay{m.Day, m.Division})
		}
	}
}

// identify notes an ID number of the household with the first day on which it was known.
func (s *sheet) identify(tag uint64, day domain.Day) {
	if tag == 0 {
		return
	}
	for i := range s.identities {
		if s.identities[i].tag == tag {
			s.identities[i].day = min(s.identities[i].day, day)
			return
		}
	}
	s.identities = append(s.identities, identity{tag, day})
}

// store keeps a sheet as its home's line, in place of the one before, with all that boards read
// besides; mu is held for writing.
func (v *Views) store(s *sheet) {
	b := v.homes.block(s.home)
	if state := &b.state[s.home%blockHomes]; *state&queued == 0 {
		*state &^= stale
	}
	id := v.homes.id(s.home)
	for _, e := range s.neighbours {
		v.noteReader(e, s.home)
	}
	v.packed = v.names.appendLine(v.packed[:0], s, id.Kind() == domain.HouseholdKind)
	before := v.homes.line(s.home)
	if slices.Equal(before, v.packed) {
		return
	}
	v.unindex(s.home, before)
	b.shelf.lines.put(s.home, v.packed)
	v.index(s.home)
}

// index enters what boards read besides lines: the sums of counties, the counties that a line
// speaks of, and who shares an ID number.
func (v *Views) index(n homeNo) {
	c, l := v.homes.block(n).shelf, v.homes.line(n)
	l.shares(func(s share) { v.sums.add(v.names.divisions.values[s.division], s, 1) })
	l.divisions(func(d uint32) { c.areas[v.names.divisions.values[d].County()] = struct{}{} })
	l.identities(func(i identity) {
		v.twice.add(n, i, v.homes.line)
		if v.markTwins(n, i.tag) {
			v.mark(n) // it may have been drawn before the other was stored
		}
	})
}

// unindex takes the line before back.
func (v *Views) unindex(n homeNo, l line) {
	l.shares(func(s share) { v.sums.add(v.names.divisions.values[s.division], s, -1) })
	l.identities(func(i identity) {
		v.twice.remove(n, i)
		v.markTwins(n, i.tag)
	})
}

// markTwins marks the other homes that hold an ID number: whether one person stands in two homes
// is told by the lines of both. It reports whether there are others.
func (v *Views) markTwins(n homeNo, tag uint64) (met bool) {
	for _, other := range v.twice.others(tag, v.homes.line) {
		if other != n {
			v.mark(other)
			met = true
		}
	}
	return met
}

// settled returns with every line made from the newest facts and every household in order, and
// holds followers and writers up until release is called.
func (v *Views) settled() (release func()) {
	for range settleRounds {
		for n := v.count(); n > 0; n -= refreshBatch {
			v.refresh(nil)
		}
	}
	v.gate.Lock() // nothing is applied from here
	defer v.gate.Unlock()
	v.refreshing.Lock() // and no line is in the making
	defer v.refreshing.Unlock()
	for v.refreshSome() > 0 {
	}
	v.sortHouseholds()
	v.mu.RLock()
	return v.mu.RUnlock
}

// count is how many homes wait for a line.
func (v *Views) count() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.waiting)
}
