package domain

import (
	"cmp"
	"slices"
)

// workKind is what kind of fact about somebody's work an entry is; those of one day count in this
// order, which is the catalogue's.
type workKind uint8

const (
	classStated workKind = iota // who counts changes before anything of that day
	wished
	placed
	verified
	ended
	businessStarted
	businessClosed
)

// ability is what a labour class means for the rules.
type ability uint8

const (
	unable ability = iota // none, or never stated
	weak                  // counts as labour, is not required to work
	able                  // skilled or ordinary: required to work while of working age
)

// workFact is one fact about somebody's work, of any type.
type workFact struct {
	Mark
	person    PersonID
	placement PlacementID
	kind      workKind
	still     Answer  // of a statement
	ability   ability // of a class
}

func (c LabourClass) ability() ability {
	switch c {
	case Skilled, Ordinary:
		return able
	case NoLabour, "":
		return unable
	}
	return weak
}

// workEvent is a work fact on the day from which it counts for the household.
type workEvent struct {
	day  Day
	fact *workFact
}

// job is one placement, or a business (no id), of a worker while it is open.
type job struct {
	id     PlacementID
	last   *Mark // the start, or the latest statement about it
	proven bool  // the latest statement is still = yes
}

// worker is what is known of one member's work while the facts are gone through.
type worker struct {
	stay      *membership
	ability   ability
	jobs      []job
	denied    *Mark // stated not working, or his job ended: the first of an unbroken run; nil = not stated
	refreshed *Mark // the latest such statement
	wish      *Mark // wants a job, since the last placement
}

// work is the household's employment from a day on.
type work struct {
	from     Day
	level    Level
	fresh    Day
	rest     [3]*Mark
	working  bool
	provenTo Day  // somebody is in verified work through this day; NoDay = nobody
	employed Day  // what the set calls employed holds through this day, of a labour household; NoDay = it does not
	required bool // somebody is required to work
	placed   bool // a member is in an open placement
	allOut   Day  // everybody required is stated not working: the day of the last of them; NoDay = not so
	jobless  Day  // the household's last open placement ended and nobody works since; NoDay = not so
	labour   int  // members of a class other than none
}

// crew is the room in which employment is gone through.
type crew struct {
	workers []worker
	events  []workEvent
}

// employment goes through the facts about work in fold order and appends D3's history.
func (c *crew) employment(history []work, h *household) []work {
	c.gather(h)
	h.days = sortDays(h.workDays(h.days[:0]))
	days, events := h.days, c.events
	jobless := NoDay
	for len(days) > 0 || len(events) > 0 {
		day := farDay
		if len(days) > 0 {
			day = days[0]
		}
		if len(events) > 0 {
			day = min(day, events[0].day)
		}
		for len(days) > 0 && days[0] == day {
			days = days[1:]
		}
		for ; len(events) > 0 && events[0].day == day; events = events[1:] {
			jobless = c.take(events[0], jobless)
		}
		if day < h.from || day == farDay {
			continue
		}
		now := c.weigh(day, h.p)
		if now.working {
			jobless = NoDay
		}
		if !now.placed {
			now.jobless = jobless
		}
		if n := len(history); n == 0 || !now.same(&history[n-1]) {
			history = append(history, now)
		}
	}
	return history
}

// same reports that nothing but the day differs.
func (n work) same(as *work) bool {
	n.from = as.from
	return n == *as
}

// gather makes a worker of each stay, and orders what the sources say of their work.
func (c *crew) gather(h *household) {
	c.events = c.events[:0]
	for n := range h.sources {
		f := &h.sources[n]
		for i := range f.work {
			c.events = append(c.events, workEvent{f.day(f.work[i].Day), &f.work[i]})
		}
	}
	if len(h.sources) > 1 {
		slices.SortStableFunc(c.events, func(a, b workEvent) int {
			return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.fact.Day, b.fact.Day), cmp.Compare(a.fact.kind, b.fact.kind))
		})
	}
	if cap(c.workers) < len(h.members) {
		c.workers = slices.Grow(c.workers[:0], len(h.members))
	}
	c.workers = c.workers[:len(h.members)]
	for i := range c.workers {
		c.workers[i] = worker{stay: &h.members[i], jobs: c.workers[i].jobs[:0]}
	}
}

// workDays appends the days on which who counts changes.
func (h *household) workDays(days []Day) []Day {
	days = h.memberDays(days)
	if h.closed != farDay {
		days = append(days, h.closed)
	}
	for i := range h.members {
		if m := &h.members[i]; m.birth != 0 {
			days = append(days, max(m.workFrom, m.born), max(m.workTo, m.born))
		}
	}
	return days
}

// take gives a fact to the worker whom it is about. It returns since when the household's last
// open placement is over.
func (c *crew) take(e workEvent, jobless Day) Day {
	fact := e.fact
	over := fact.kind == ended && (jobless == NoDay || c.holds(fact.placement))
	among := false
	for i := range c.workers {
		if w := &c.workers[i]; w.stay.person == fact.person {
			w.take(fact)
			among = among || w.stay.holds(e.day)
		}
	}
	if over && among && !c.anyPlaced(e.day) {
		return e.day
	}
	return jobless
}

// holds reports a placement that is open.
func (c *crew) holds(id PlacementID) bool {
	for i := range c.workers {
		if c.workers[i].about(id) >= 0 {
			return true
		}
	}
	return false
}

func (c *crew) anyPlaced(day Day) bool {
	for i := range c.workers {
		if w := &c.workers[i]; w.stay.holds(day) && w.placed() {
			return true
		}
	}
	return false
}

// take changes what is known of the worker by one fact about him.
func (w *worker) take(f *workFact) {
	switch f.kind {
	case classStated:
		w.ability = f.ability
	case wished:
		w.wish = &f.Mark
	case placed, businessStarted:
		w.jobs = append(w.jobs, job{f.placement, &f.Mark, false})
		w.denied, w.refreshed, w.wish = nil, nil, nil
	case verified:
		w.state(f)
	case ended, businessClosed:
		w.end(f, f.placement)
	}
}

// about finds the open job of an id, -1 = none.
func (w *worker) about(id PlacementID) int {
	for i := range w.jobs {
		if w.jobs[i].id == id {
			return i
		}
	}
	return -1
}

// end closes a job; without another open one he is out of work from then.
func (w *worker) end(f *workFact, id PlacementID) {
	before := len(w.jobs)
	w.jobs = slices.DeleteFunc(w.jobs, func(j job) bool { return j.id == id })
	if len(w.jobs) > 0 || before == 0 && w.denied == nil && w.refreshed == nil && !id.Present() {
		return
	}
	w.deny(&f.Mark)
}

// deny records a statement that he does not work.
func (w *worker) deny(m *Mark) {
	if w.denied == nil {
		w.denied = m
	}
	w.refreshed = m
}

// state takes a statement. One about a placement that has ended confirms at most that he is
// out of work; one without a placement speaks of him, and yes verifies his business.
func (w *worker) state(f *workFact) {
	at := w.about(f.placement)
	switch {
	case f.still == No && at >= 0 && f.placement.Present():
		w.jobs[at].last, w.jobs[at].proven = &f.Mark, false
		w.deny(&f.Mark)
	case f.still == No && !f.placement.Present():
		w.deny(&f.Mark)
	case f.still == No:
		if w.denied != nil {
			w.refreshed = &f.Mark
		}
	case f.still == Yes && at >= 0:
		w.jobs[at].last, w.jobs[at].proven = &f.Mark, true
		w.denied, w.refreshed = nil, nil
	case f.still == Yes && !f.placement.Present():
		w.denied, w.refreshed = nil, nil
	}
}

func (w *worker) placed() bool {
	for i := range w.jobs {
		if w.jobs[i].id.Present() {
			return true
		}
	}
	return false
}

// best is the job that counts: a verified one before others, then the one spoken of last.
func (w *worker) best() *job {
	if w.denied != nil {
		return nil
	}
	var best *job
	for i := range w.jobs {
		j := &w.jobs[i]
		if best == nil || j.proven && !best.proven || j.proven == best.proven && j.last.Day >= best.last.Day {
			best = j
		}
	}
	return best
}

// weigh reads the household's level off its members on a day.
func (c *crew) weigh(day Day, p *Parameters) work {
	now := work{from: day, level: EmploymentUnknown, fresh: farDay, provenTo: NoDay, employed: NoDay, allOut: NoDay, jobless: NoDay}
	out, need, proven := 0, 0, 0
	var wish, last *Mark
	var open [2]freshest // of members in work: unproven, proven
	for i := range c.workers {
		w := &c.workers[i]
		if !w.stay.holds(day) {
			continue
		}
		now.placed = now.placed || w.placed()
		if w.wish != nil {
			wish = later(wish, w.wish)
		}
		if j := w.best(); j != nil && j.proven {
			proven++
			now.provenTo = max(now.provenTo, j.last.Day+Day(p.JobDays))
			now.employed = max(now.employed, j.last.Day+Day(p.EmployedDays))
			open[1].add(j.last)
		} else if j != nil {
			open[0].add(j.last)
		}
		if w.ability != unable {
			now.labour++
		}
		if w.ability == able && w.stay.workingAge(day) {
			need++
			if w.denied != nil {
				out++
				now.allOut = max(now.allOut, w.denied.Day)
				last = later(last, w.refreshed)
			}
		}
	}
	now.working, now.required = open[0][0] != nil || proven > 0, need > 0
	now.employed = now.employedTo(p)
	if now.working || need == 0 || out < need {
		now.allOut = NoDay
	}
	switch {
	case proven > 0:
		now.level = EmploymentProven
		if proven > 1 {
			now.level = EmploymentTwo
		}
		now.restOn(open[1], p)
	case now.working:
		now.level = EmploymentPlaced
		now.restOn(open[0], p)
	case need == 0:
		now.level = NotApplicable
	case out == need:
		now.level = EmploymentNone
		rest := freshest{last}
		if wish != nil {
			now.level = EmploymentSeeking
			rest.add(wish)
		}
		now.restOn(rest, p)
	}
	return now
}

// employedTo applies the set's rule to who is in work; verified work is entered already.
func (n *work) employedTo(p *Parameters) Day {
	switch {
	case p.Employed == EmployedVerified:
		return n.employed
	case p.Employed == EmployedWorking && n.working, p.Employed == EmployedPlaced && n.placed:
		return farDay
	}
	return NoDay
}

func later(a, b *Mark) *Mark {
	if a == nil || b != nil && b.Day >= a.Day {
		return b
	}
	return a
}

// freshest are the latest three of some marks, the latest first; of one day, the earlier added.
type freshest [3]*Mark

func (f *freshest) add(m *Mark) {
	for i := range f {
		if f[i] == nil || m.Day > f[i].Day {
			copy(f[i+1:], f[i:])
			f[i] = m
			return
		}
	}
}

// restOn makes the level as fresh as the freshest of what it rests on.
func (n *work) restOn(marks freshest, p *Parameters) {
	n.fresh = marks[0].Day + Day(p.JobDays)
	n.rest = marks
}

// workTimeline is D3 as a timeline.
func workTimeline(t timeline, history []work) timeline {
	for i := range history {
		n := &history[i]
		t = t.add(span{From: n.from, Level: n.level, Fresh: n.fresh, Rest: n.rest})
	}
	return t
}
