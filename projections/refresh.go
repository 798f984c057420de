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

// mark says that the lines of a home, and of those that rest on its facts, are older than its facts; mu
// is held for writing.
func (v *Views) mark(n homeNo) {
	id := v.homes.id(n)
	for _, j := range v.kept {
		j.mark(n)
		if j.changed != nil {
			j.changed[id] = struct{}{}
		}
		for _, reader := range j.readers[id] {
			j.mark(reader)
		}
	}
}

// mark says that a home's line is older than what it was made from; mu is held for writing.
func (j *judgement) mark(n homeNo) {
	state := &j.page(n).state[n%blockHomes]
	if *state&queued == 0 {
		j.waiting = append(j.waiting, n)
	}
	*state |= stale | queued
}

// noteReader notes that a home's line rests on the facts of another, known yet or not.
func (j *judgement) noteReader(id domain.Entity, reader homeNo) {
	list := j.readers[id]
	if at, noted := slices.BinarySearch(list, reader); !noted {
		j.readers[id] = slices.Insert(list, at, reader)
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
	v.buildChosen()
	for {
		v.refreshAll()
		select {
		case <-v.ctx.Done():
			return
		case <-v.changed:
		}
	}
}

// refreshAll makes the lines that wait: those of the set in force first, a batch at a time of the others
// in between.
func (v *Views) refreshAll() {
	for more := true; more && v.ctx.Err() == nil; {
		more = false
		for _, j := range v.keptNow() {
			if j == v.inForce.Load() {
				for j.refresh(v.ctx.Done()) > 0 {
				}
			} else if j.refresh(v.ctx.Done()) > 0 {
				more = true
			}
		}
	}
}

// keptNow returns the judgements that have lines.
func (v *Views) keptNow() []*judgement {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return slices.Clone(v.kept)
}

// refresh makes the lines of a batch of homes that wait, and returns how many wait then; none
// when ended is closed.
func (j *judgement) refresh(ended <-chan struct{}) int {
	select {
	case <-ended:
		return 0
	default:
	}
	j.refreshing.Lock()
	defer j.refreshing.Unlock()
	return j.refreshSome()
}

// refreshSome is refresh; refreshing is held.
func (j *judgement) refreshSome() int {
	v := j.views
	if j.count() == 0 {
		return 0
	}
	v.mu.Lock()
	n := min(refreshBatch, len(j.waiting))
	j.sheets = slices.Grow(j.sheets[:0], n)[:n]
	for i, home := range j.waiting[:n] {
		j.sheets[i].home = home
		j.page(home).state[home%blockHomes] &^= queued
	}
	if j.waiting = j.waiting[n:]; len(j.waiting) == 0 {
		j.waiting = nil
	}
	j.changed = map[domain.Entity]struct{}{}
	v.mu.Unlock()
	j.now().draw(j.sheets)
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range j.sheets {
		j.store(&j.sheets[i])
	}
	j.changed = nil
	j.first = max(0, j.first-n) // homes wait in a queue, those without a line before all others
	return len(j.waiting)
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
	r := k.judged.scrap.Get().(*domain.Reader)
	defer k.judged.scrap.Put(r)
	s.id = v.homes.id(s.home)
	register := k.seen(s.home, s.room[:0])
	if k.horizon != nil {
		s.room = register
	}
	if k.only == nil {
		r.Read(s.id, register, noted{k.aroundReader(r), s})
	} else {
		r.ReadTo(s.id, register, noted{k.aroundReader(r), s}, *k.only)
	}
	r.Contributions(func(total domain.TotalNo, division domain.Division, day domain.Day, amount int64) {
		s.contributions = append(s.contributions, contribution{total, division, day, amount})
	})
	slices.SortStableFunc(s.contributions, func(x, y contribution) int { return int(x.day) - int(y.day) })
	f := r.File()
	if f.Home.Kind() != domain.HouseholdKind {
		return
	}
	if k.only == nil {
		s.steps = r.Steps(s.steps)
	} else {
		s.steps = append(s.steps, domain.Step{From: *k.only, Word: r.WordOn(*k.only)})
	}
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
func (j *judgement) store(s *sheet) {
	p := j.page(s.home)
	if state := &p.state[s.home%blockHomes]; *state&queued == 0 {
		*state &^= stale
	}
	id := j.views.homes.id(s.home)
	for _, e := range s.neighbours {
		if _, since := j.changed[e]; since {
			j.mark(s.home) // it may have been drawn before, when nobody knew that it reads the other
		}
		j.noteReader(e, s.home)
	}
	j.packed = j.names.appendLine(j.packed[:0], s, id.Kind() == domain.HouseholdKind)
	before := j.line(s.home)
	if slices.Equal(before, j.packed) {
		return
	}
	j.unindex(s.home, before)
	p.rack.lines.put(s.home, j.packed)
	j.index(s.home)
}

// index enters what boards read besides lines: the sums of counties, the counties that a line
// speaks of, and who shares an ID number.
func (j *judgement) index(n homeNo) {
	areas, l := j.page(n).rack.areas, j.line(n)
	l.shares(func(s share) { j.sums.add(j.names.divisions.values[s.division], s, 1) })
	l.divisions(func(d uint32) { areas[j.names.divisions.values[d].County()] = struct{}{} })
	l.identities(func(i identity) {
		j.twice.add(n, i, j.line)
		if j.markTwins(n, i.tag) {
			j.mark(n) // it may have been drawn before the other was stored
		}
	})
}

// unindex takes the line before back.
func (j *judgement) unindex(n homeNo, l line) {
	l.shares(func(s share) { j.sums.add(j.names.divisions.values[s.division], s, -1) })
	l.identities(func(i identity) {
		j.twice.remove(n, i)
		j.markTwins(n, i.tag)
	})
}

// markTwins marks the other homes that hold an ID number: whether one person stands in two homes
// is told by the lines of both. It reports whether there are others.
func (j *judgement) markTwins(n homeNo, tag uint64) (met bool) {
	for _, other := range j.twice.others(tag, j.line) {
		if other != n {
			j.mark(other)
			met = true
		}
	}
	return met
}

// settled returns with every line made from the newest facts and every household in order, and
// holds followers and writers up until release is called.
func (j *judgement) settled() (release func()) {
	v := j.views
	for range settleRounds {
		for n := j.count(); n > 0; n -= refreshBatch {
			j.refresh(nil)
		}
	}
	v.gate.Lock() // nothing is applied from here
	defer v.gate.Unlock()
	j.refreshing.Lock() // and no line is in the making
	defer j.refreshing.Unlock()
	for j.count() > 0 {
		j.refreshSome()
	}
	v.sortHouseholds()
	v.mu.RLock()
	return v.mu.RUnlock
}

// count is how many homes wait for a line.
func (j *judgement) count() int {
	j.views.mu.RLock()
	defer j.views.mu.RUnlock()
	return len(j.waiting)
}
