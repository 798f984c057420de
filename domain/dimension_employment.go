package domain

import (
	"cmp"
	"slices"
)

// job is one placement, or a business (no id), of a worker while it is open.
type job struct {
	id     PlacementID
	last   *Mark // the start, or the latest statement about it
	proven bool  // the latest statement is still = yes
}

// worker is what is known of one member's work while the facts are gone through.
type worker struct {
	stay      *membership
	jobs      []job
	denied    *Mark // stated not working, or his job ended: the first of an unbroken run; nil = not stated
	refreshed *Mark // the latest such statement
	wish      *Mark // wants a job, since the last placement
}

// workFact is one fact about somebody's work, or a day on which who counts changes.
type workFact struct {
	mark      *Mark
	day       Day
	rank      int
	person    PersonID
	placement PlacementID
	still     Answer
}

// The ranks of the catalogue, which order the facts of one day.
const (
	wishRank = 280 + iota*10
	_
	placedRank
	verifiedRank
	endedRank
	businessRank
	businessEndRank
	memberRank = 0 // who counts changes before anything of that day
)

// work is the household's employment from a day on.
type work struct {
	from     Day
	level    Level
	fresh    Day
	rest     [3]*Mark
	working  bool
	provenTo Day  // somebody is in verified work through this day; NoDay = nobody
	required bool // somebody is required to work
	placed   bool // a member is in an open placement
	allOut   Day  // everybody required is stated not working: the day of the last of them; NoDay = not so
	jobless  Day  // the household's last open placement ended and nobody works since; NoDay = not so
	labour   bool
}

// employment goes through the facts about work in fold order and returns D3's history.
func (h *household) employment() []work {
	facts := h.workFacts()
	workers := make([]worker, len(h.members))
	for i := range workers {
		workers[i].stay = &h.members[i]
	}
	var history []work
	jobless := NoDay
	for i := 0; i < len(facts); {
		day := facts[i].day
		for ; i < len(facts) && facts[i].day == day; i++ {
			fact := &facts[i]
			held := fact.rank == endedRank && holds(workers, fact.placement)
			for w := range workers {
				if workers[w].stay.person == fact.person {
					workers[w].take(fact)
				}
			}
			if (held || jobless == NoDay) && fact.rank == endedRank && !anyPlaced(workers, day) && among(workers, fact.person, day) {
				jobless = day
			}
		}
		if day < h.from {
			continue
		}
		now := h.weigh(workers, day)
		if now.working {
			jobless = NoDay
		}
		now.jobless = jobless
		if now.placed {
			now.jobless = NoDay
		}
		history = append(history, now)
	}
	return history
}

func among(workers []worker, p PersonID, day Day) bool {
	return slices.ContainsFunc(workers, func(w worker) bool { return w.stay.person == p && w.stay.holds(day) })
}

// holds reports a placement that is open.
func holds(workers []worker, id PlacementID) bool {
	return slices.ContainsFunc(workers, func(w worker) bool {
		return slices.ContainsFunc(w.jobs, func(j job) bool { return j.id == id })
	})
}

func anyPlaced(workers []worker, day Day) bool {
	return slices.ContainsFunc(workers, func(w worker) bool { return w.stay.holds(day) && w.placed() })
}

// workFacts collects what concerns the members' work, in fold order.
func (h *household) workFacts() []workFact {
	facts := make([]workFact, 0, 64)
	for _, f := range h.sources {
		for i := range f.Wishes {
			e := &f.Wishes[i]
			facts = append(facts, workFact{mark: &e.Mark, day: e.Day, rank: wishRank, person: e.Person})
		}
		for i := range f.Spells {
			e := &f.Spells[i]
			facts = append(facts, workFact{&e.Mark, e.Day, placedRank, e.Person, e.Placement, ""})
		}
		for i := range f.Statements {
			e := &f.Statements[i]
			facts = append(facts, workFact{&e.Mark, e.Day, verifiedRank, e.Person, e.Placement, e.Still})
		}
		for i := range f.Endings {
			e := &f.Endings[i]
			facts = append(facts, workFact{&e.Mark, e.Day, endedRank, e.Person, e.Placement, ""})
		}
		for i := range f.Businesses {
			e := &f.Businesses[i]
			rank := businessRank
			if e.Closed {
				rank = businessEndRank
			}
			facts = append(facts, workFact{mark: &e.Mark, day: e.Day, rank: rank, person: e.Person})
		}
		for i := range f.Profiles {
			facts = append(facts, workFact{day: f.Profiles[i].Day})
		}
	}
	for _, day := range h.memberDays(nil) {
		facts = append(facts, workFact{day: day})
	}
	if h.closed != farDay {
		facts = append(facts, workFact{day: h.closed})
	}
	for i := range h.members {
		from, to := h.workingAge(&h.members[i])
		if from != NoDay {
			facts = append(facts, workFact{day: from}, workFact{day: to})
		}
	}
	slices.SortStableFunc(facts, func(a, b workFact) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.rank, b.rank))
	})
	return facts
}

// take changes what is known of the worker by one fact about him.
func (w *worker) take(f *workFact) {
	switch f.rank {
	case wishRank:
		w.wish = f.mark
	case placedRank:
		w.jobs = append(w.jobs, job{f.placement, f.mark, false})
		w.denied, w.refreshed, w.wish = nil, nil, nil
	case businessRank:
		w.jobs = append(w.jobs, job{PlacementID{}, f.mark, false})
		w.denied, w.refreshed, w.wish = nil, nil, nil
	case verifiedRank:
		w.state(f)
	case endedRank:
		w.end(f, f.placement)
	case businessEndRank:
		w.end(f, PlacementID{})
	}
}

// end closes a job; without another open one he is out of work from then.
func (w *worker) end(f *workFact, id PlacementID) {
	before := len(w.jobs)
	w.jobs = slices.DeleteFunc(w.jobs, func(j job) bool { return j.id == id })
	if len(w.jobs) > 0 || before == 0 && w.denied == nil && w.refreshed == nil && !id.Present() {
		return
	}
	w.deny(f.mark)
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
	at := slices.IndexFunc(w.jobs, func(j job) bool { return j.id == f.placement })
	switch {
	case f.still == No && at >= 0 && f.placement.Present():
		w.jobs[at].last, w.jobs[at].proven = f.mark, false
		w.deny(f.mark)
	case f.still == No && !f.placement.Present():
		w.deny(f.mark)
	case f.still == No:
		if w.denied != nil {
			w.refreshed = f.mark
		}
	case f.still == Yes && at >= 0:
		w.jobs[at].last, w.jobs[at].proven = f.mark, true
		w.denied, w.refreshed = nil, nil
	case f.still == Yes && !f.placement.Present():
		w.denied, w.refreshed = nil, nil
	}
}

func (w *worker) placed() bool {
	return slices.ContainsFunc(w.jobs, func(j job) bool { return j.id.Present() })
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
func (h *household) weigh(workers []worker, day Day) work {
	now := work{from: day, level: EmploymentUnknown, fresh: farDay, provenTo: NoDay, allOut: NoDay, labour: h.labour(day)}
	out, need, proven := 0, 0, 0
	var wish, last *Mark
	var open [2][]*Mark // of members in work: unproven, proven
	for i := range workers {
		w := &workers[i]
		if !w.stay.holds(day) {
			continue
		}
		now.placed = now.placed || w.placed()
		if w.wish != nil {
			wish = later(wish, w.wish)
		}
		if j := w.best(); j != nil {
			k := 0
			if j.proven {
				k = 1
				proven++
				now.provenTo = max(now.provenTo, j.last.Day+Day(h.p.JobDays))
			}
			open[k] = append(open[k], j.last)
		}
		if h.required(w.stay, day) {
			need++
			if w.denied != nil {
				out++
				now.allOut = max(now.allOut, w.denied.Day)
				last = later(last, w.refreshed)
			}
		}
	}
	now.working, now.required = len(open[0])+len(open[1]) > 0, need > 0
	if now.working || need == 0 || out < need {
		now.allOut = NoDay
	}
	switch {
	case proven > 0:
		now.level = EmploymentProven
		if proven > 1 {
			now.level = EmploymentTwo
		}
		now.restOn(open[1], h.p)
	case now.working:
		now.level = EmploymentPlaced
		now.restOn(open[0], h.p)
	case need == 0:
		now.level = NotApplicable
	case out == need:
		now.level = EmploymentNone
		marks := []*Mark{last}
		if wish != nil {
			now.level = EmploymentSeeking
			marks = append(marks, wish)
		}
		now.restOn(marks, h.p)
	}
	return now
}

func later(a, b *Mark) *Mark {
	if a == nil || b != nil && b.Day >= a.Day {
		return b
	}
	return a
}

// restOn makes the level as fresh as the freshest of what it rests on.
func (n *work) restOn(marks []*Mark, p *Parameters) {
	slices.SortStableFunc(marks, func(a, b *Mark) int { return int(b.Day) - int(a.Day) })
	n.fresh = marks[0].Day + Day(p.JobDays)
	copy(n.rest[:], marks)
}

// workTimeline is D3 as a timeline.
func workTimeline(history []work) timeline {
	t := make(timeline, 0, len(history))
	for i := range history {
		n := &history[i]
		t = t.add(span{From: n.from, Level: n.level, Fresh: n.fresh, Rest: n.rest})
	}
	return t
}
