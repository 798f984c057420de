package main

import (
	"math"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// sharePage is how many homes of the source's worklist are asked for at a time: the most that it gives.
const sharePage = "1000"

// share tells the stand-ins which persons of the source have one ID number, as its worklist names them: each pair is
// to have one made-up number here. No number is opened for it, and nobody learns more than the worklist says. It is
// what holds as of the bounds, now by default.
func (r *rehearsal) share(source string) error {
	for _, kind := range []domain.DiscrepancyKind{domain.SecondNumber, domain.InTwoCounties} {
		pairs := map[string]string{"kind": string(kind), "limit": sharePage}
		if r.bounds.asOf != domain.NoDay {
			pairs["as_of"] = r.bounds.asOf.String()
		}
		if r.bounds.until != math.MaxInt64 {
			pairs["known_at"] = r.bounds.until.String()
		}
		for {
			var page projections.DiscrepancyList
			if err := fetch(r.s.plain(), get(source+"/v1/discrepancies", pairs), &page); err != nil {
				return err
			}
			for i := range page.Discrepancies {
				r.sharedBy(page.Discrepancies[i].Entities)
			}
			if page.Cursor == "" {
				break
			}
			pairs["cursor"] = page.Cursor
		}
	}
	return nil
}

// sharedBy notes the two persons of a pair; a person in two households by himself is no pair.
func (r *rehearsal) sharedBy(entities []domain.Entity) {
	var persons []domain.Entity
	for _, e := range entities {
		if e.Kind() == domain.PersonKind {
			persons = append(persons, e)
		}
	}
	if len(persons) == 2 {
		r.made.Same(persons[0], persons[1])
	}
}
