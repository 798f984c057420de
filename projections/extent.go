package projections

import (
	"maps"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// Counties returns the counties of which anything is recorded that boards count, in the order of
// their codes; what was stated of a wider division counts under that division's own code.
func (v *Views) Counties() []domain.Division {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return slices.Sorted(maps.Keys(v.sums.areas))
}

// LatestDay returns the latest day, not after a day, on which a total of any division changed:
// how far the facts of boards reach. It is NoDay when there are none.
func (v *Views) LatestDay(by domain.Day) domain.Day {
	v.mu.RLock()
	defer v.mu.RUnlock()
	latest := domain.NoDay
	for _, a := range v.sums.areas {
		for _, changes := range a.totals {
			for i := len(changes) - 1; i >= 0; i-- {
				if c := &changes[i]; c.day <= by && c.amount != 0 {
					latest = max(latest, c.day)
					break
				}
			}
		}
	}
	return latest
}
