package projections

import (
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// reach is from which day to which the facts of a ledger reach. Acts on records (corrections,
// voids, disputes) and what the ledger records of itself are of the day on which somebody acted
// and do not count.
type reach struct {
	first, last domain.Day // NoDay when there is none

	once   sync.Once // what a snapshot held is read when somebody asks
	loaded [2]domain.Day
}

func newReach() *reach {
	return &reach{first: domain.NoDay, last: domain.NoDay, loaded: [2]domain.Day{domain.NoDay, domain.NoDay}}
}

// widened is first and last with a day of a fact.
func widened(first, last, day domain.Day, kind *domain.Kind) (domain.Day, domain.Day) {
	if kind.Home == 0 || kind.Home == domain.BatchKind || !day.Present() {
		return first, last
	}
	if !first.Present() || day < first {
		first = day
	}
	return first, max(last, day)
}

// note takes in a fact; the views' mu is held for writing.
func (r *reach) note(s *domain.Stamp) { r.first, r.last = widened(r.first, r.last, s.Day(), s.Kind) }

// beyond says whether a day lies before the first fact or after the last, and which day that is of.
// Only a day outside of what was read since the start asks for what a snapshot held, once; mu is held.
func (v *Views) beyond(at domain.Day) (before, after bool, day domain.Day) {
	r := v.reach
	if r.first.Present() && r.first <= at && at <= r.last {
		return false, false, domain.NoDay
	}
	r.once.Do(func() {
		v.homes.all(func(n homeNo) {
			for h := range v.homes.register(n).Headings() {
				r.loaded[0], r.loaded[1] = widened(r.loaded[0], r.loaded[1], h.Day, h.Kind)
			}
		})
	})
	first, last := r.first, max(r.last, r.loaded[1])
	if loaded := r.loaded[0]; !first.Present() || loaded.Present() && loaded < first {
		first = loaded
	}
	switch {
	case first.Present() && at < first:
		return true, false, first
	case first.Present() && at > last:
		return false, true, last
	}
	return false, false, domain.NoDay
}
