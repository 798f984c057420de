package projections

import (
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// sums hold what all homes contribute to the totals of counties and of wider divisions, so that
// a board adds up days instead of homes. Boards of smaller divisions read the lines themselves.
type sums struct {
	areas map[domain.Division]*area
}

// area holds the contributions that lie in one county, or were stated of a wider division.
type area struct {
	totals [][]change // by number of the total, each in the order of days
}

// change is what a total gains on a day.
type change struct {
	day    domain.Day
	amount int64
}

// areaDigits is how far divisions are told apart: counties.
const areaDigits = 6

func newSums() sums { return sums{areas: map[domain.Division]*area{}} }

// add enters a contribution, or takes it back when sign is -1.
func (s *sums) add(division domain.Division, c share, sign int64) {
	division = division[:min(len(division), areaDigits)]
	a, known := s.areas[division]
	if !known {
		a = &area{make([][]change, len(domain.Totals()))}
		s.areas[division] = a
	}
	list := a.totals[c.total]
	at, met := slices.BinarySearchFunc(list, c.day, func(x change, day domain.Day) int { return int(x.day) - int(day) })
	if !met {
		list = slices.Insert(list, at, change{day: c.day})
		a.totals[c.total] = list
	}
	list[at].amount += sign * c.amount
}

// read adds up to a day what lies within a division of at most six digits.
func (s *sums) read(within domain.Division, at domain.Day, totals []int64) {
	for division, a := range s.areas {
		if !division.Within(within) {
			continue
		}
		for i, list := range a.totals {
			for k := range list {
				if list[k].day > at {
					break
				}
				totals[i] += list[k].amount
			}
		}
	}
}
