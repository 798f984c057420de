package twin

import (
	"cmp"
	"slices"
)

// life is what the files say of one household, in the order in which it became true.
type life struct {
	*household
	facts   []*Fact
	county  *County
	founded int         // when its community was established; never = far
	until   int         // the day that is asked about
	out     map[int]int // by day: since when nobody works, after a job ended; 0 = somebody does
}

const never = 1 << 30

// order is the place of a type among the facts of one day: the catalogue's order.
func order(kind string) int {
	return slices.Index([]string{
		"household.registered", "dwelling.handed_over", "dwelling.occupancy_checked", "title.application_accepted", "title.certificate_issued",
		"training.completed", "job.placed", "job.verified", "job.ended", "industry.household_linked", "service.enrolled", "service.left", "visit.made",
		"income.declared", "risk.flagged", "risk.decided", "help.planned", "risk.cleared",
	}, kind)
}

func (c *County) life(number string) *life {
	l := &life{household: c.households[number], facts: slices.Clone(c.byHome[number]), county: c, founded: never}
	slices.SortFunc(l.facts, func(a, b *Fact) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(order(a.Type), order(b.Type)), cmp.Compare(a.Key, b.Key))
	})
	for _, f := range c.facts {
		if f.Type == "community.established" && f.Says["安置区名称"] == l.community {
			l.founded = f.Day
		}
	}
	return l
}

// upTo yields the facts of some types that were true by a day.
func (l *life) upTo(at int, kinds ...string) (all []*Fact) {
	for _, f := range l.facts {
		if f.Day <= at && slices.Contains(kinds, f.Type) {
			all = append(all, f)
		}
	}
	return all
}

// present are the members on a day.
func (l *life) present(at int) (all []*person) {
	for _, p := range l.members {
		if p.from <= at {
			all = append(all, p)
		}
	}
	return all
}

// age is counted from the first day of the birth month.
func (p *person) age(at int) int {
	y, m, _ := civil(at)
	return (y*12 + m - 1 - p.birth) / 12
}

// required: labour class skilled or ordinary, 16 to 59 inclusive.
func (p *person) required(at int) bool {
	return (p.class == "skilled" || p.class == "ordinary") && p.birth != 0 && p.age(at) >= 16 && p.age(at) <= 59
}

// schooling: six by 31 August, for nine school years from 1 September.
func (p *person) schooling(at int) bool {
	if p.birth == 0 {
		return false
	}
	year, month := p.birth/12, p.birth%12+1
	first := year + 6
	if month > 8 {
		first++
	}
	return at >= Day(first, 9, 1) && at <= Day(first+9, 8, 31)
}

// worker is a person's work as the facts up to a day tell it.
type worker struct {
	open    []*Fact // placements
	proven  bool    // the latest statement about an open placement is yes
	since   int     // of the level: the day of that statement, or of the latest placement
	out     bool    // stated not working
	outFrom int     // the day his job ended, or the first of an unbroken run of statements
	outLast int     // the latest statement
}

// worker reads a person's facts of work in their order.
func (l *life) worker(p *person, at int) (w worker) {
	said := map[string]*Fact{} // the latest statement about a placement
	for _, f := range l.upTo(at, "job.placed", "job.verified", "job.ended") {
		if f.Person != p.number {
			continue
		}
		placement := f.Says["placement"]
		about := func(o *Fact) bool { return o.Says["placement"] == placement }
		isOpen := slices.ContainsFunc(w.open, about)
		if f.Type == "job.verified" {
			said[placement] = f
		}
		switch {
		case f.Type == "job.placed":
			w.open, w.out = append(w.open, f), false
		case f.Type == "job.ended":
			if w.open = slices.DeleteFunc(w.open, about); len(w.open) == 0 {
				w.stateOut(f.Day)
			}
		case f.Says["就业状态"] == "yes":
			w.out = w.out && !isOpen // of a job that ended it says nothing of his work now
		case w.out || isOpen || placement == "":
			w.stateOut(f.Day)
		}
	}
	for _, o := range w.open {
		f := said[o.Says["placement"]]
		switch {
		case f != nil && f.Says["就业状态"] == "yes" && !w.proven:
			w.proven, w.since = true, f.Day
		case f == nil && !w.proven:
			w.since = max(w.since, o.Day)
		case f != nil && (f.Says["就业状态"] == "yes") == w.proven:
			w.since = max(w.since, f.Day)
		}
	}
	return w
}

// stateOut notes a statement that he does not work.
func (w *worker) stateOut(day int) {
	if !w.out {
		w.outFrom = day
	}
	w.out, w.outLast = true, day
}

func (w worker) works() bool { return len(w.open) > 0 && !w.out }
