package domain

import "slices"

// farDay stands for "never": the end of what is still open.
const farDay Day = 1<<31 - 1

// span is one run of a dimension: from a day on it reads a level, fresh through a day.
type span struct {
	From  Day
	Level Level
	Fresh Day // last fresh day; farDay = does not age
	Rest  [3]*Mark
}

// stale reports that the level aged; one that is not applicable does not.
func (s *span) stale(at Day) bool { return at > s.Fresh && s.Level != NotApplicable }

// aged is the time in which span i is stale: [from, to), empty when it never is.
func (t timeline) aged(i int) (from, to Day) {
	s := &t[i]
	if s.Fresh == farDay || s.Level == NotApplicable {
		return farDay, farDay
	}
	to = farDay
	if i+1 < len(t) {
		to = t[i+1].From
	}
	return max(s.Fresh+1, s.From), to
}

// timeline is a dimension over all days, in the order of From; before the first it is n/a.
type timeline []span

// add appends a span; one of the same day replaces it, since the later fact of a day holds.
func (t timeline) add(s span) timeline {
	if n := len(t); n > 0 && t[n-1].From == s.From {
		t[n-1] = s
		return t
	}
	return append(t, s)
}

// change appends a span of a later day, where it says something else than the one before.
func (t timeline) change(s span) timeline {
	if n := len(t); n > 0 && t[n-1].Level == s.Level && t[n-1].Fresh == s.Fresh && t[n-1].Rest == s.Rest {
		return t
	}
	return append(t, s)
}

// at returns the place of the span in force on a day, -1 before the first. Most questions are
// about the last ones.
func (t timeline) at(day Day) int {
	i := len(t) - 1
	for i >= 0 && t[i].From > day {
		i--
	}
	return i
}

// since returns the first day of the run of the level that is in force on a day.
func (t timeline) since(day Day) Day { return t.run(t.at(day)) }

// run returns the first day of the run of levels that span i belongs to, NoDay for none.
func (t timeline) run(i int) Day {
	if i < 0 {
		return NoDay
	}
	for i > 0 && t[i-1].Level == t[i].Level {
		i--
	}
	return t[i].From
}

// stretch is a time in which something holds: [From, To).
type stretch struct {
	From, To Day
	Mark     *Mark
}

func (s stretch) holds(at Day) bool { return s.From <= at && at < s.To }

// held returns the first stretch that holds on a day.
func held(all []stretch, at Day) (stretch, bool) {
	for _, s := range all {
		if s.holds(at) {
			return s, true
		}
	}
	return stretch{}, false
}

// sortDays sorts days and removes the second of equal ones.
func sortDays(days []Day) []Day {
	slices.Sort(days)
	return slices.Compact(days)
}

// sortByDay sorts entries of several files by day; those of one day keep their order.
func sortByDay[T interface{ on() Day }](entries []T) {
	slices.SortStableFunc(entries, func(a, b T) int { return int(a.on()) - int(b.on()) })
}
