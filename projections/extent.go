package projections

import (
	"maps"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// Extent returns the counties of which anything is recorded that boards count, in the order of
// their codes (what was stated of a wider division counts under that division's own code), and
// the latest day, not after a day, on which a total of any of them changed: how far the facts of
// boards reach. The day is NoDay when there are none.
func (v *Views) Extent(by domain.Day) (counties []domain.Division, latest domain.Day) {
	j := v.inForce.Load()
	release := j.settled()
	defer release()
	latest = domain.NoDay
	for _, a := range j.sums.areas {
		for _, changes := range a.totals {
			latest = max(latest, lastChange(changes, by))
		}
	}
	return slices.Sorted(maps.Keys(j.sums.areas)), latest
}

// lastChange is the last day, not after a day, on which a total changed.
func lastChange(changes []change, by domain.Day) domain.Day {
	for i := len(changes) - 1; i >= 0; i-- {
		if c := &changes[i]; c.day <= by && c.amount != 0 {
			return c.day
		}
	}
	return domain.NoDay
}
