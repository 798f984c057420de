// Package sample makes histories of relocated households from a seed: the same seed gives the
// same facts for ever. Tests, `anju simulate` and the benchmarks share it.
//
// The figures behind it are params.json, derived from published ones; names and numbers are
// made up, ID numbers use an area code that is not assigned. It knows nothing of the ledger:
// entity ids here are the sample's own, and a caller that records through the door replaces them
// by those that the receipts return. TestANationComesOutAsPublished compares the aggregates.
package sample

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// Event is one fact of a history, complete but for what a ledger adds.
type Event struct {
	Kind       *domain.Kind
	Subject    domain.Entity
	Department domain.Department
	Time       domain.Day
	Division   domain.Division
	Key        string        // business key, unique for the department's source
	Of         domain.Entity // the entity whose id stands in Key; absent where none does
	Data       domain.Fact
}

// County makes the histories of one county.
type County struct {
	Division   domain.Division // six digits
	Seed       uint64
	Households int

	params params
	sites  []site
}

// The span of the histories.
var (
	firstMove = domain.MakeDay(2019, 1, 5)
	lastMove  = domain.MakeDay(2020, 3, 20)
	lastDay   = domain.MakeDay(2022, 12, 31)
)

// NewCounty returns the county whose histories the seed decides. More households go on where
// fewer ended: the histories of the first ones stay the same.
func NewCounty(division domain.Division, seed uint64, households int) *County {
	c := &County{Division: division, Seed: seed, Households: households, params: readParams()}
	c.sites = c.drawSites()
	return c
}

// random is the generator of one household or site; salt tells the uses apart.
func (c *County) random(n int, salt uint64) *rand.Rand {
	place := uint64(0)
	for _, digit := range []byte(c.Division) {
		place = place*10 + uint64(digit-'0')
	}
	return rand.New(rand.NewPCG(c.Seed^salt<<56, uint64(n)^place<<32))
}

// place is where a fact is recorded: under which subject, and in which division.
type where struct {
	subject  domain.Entity
	division domain.Division
}

// event makes a fact; its key is kind, the entity of and the day, or part where of is absent.
func event(kind string, dept domain.Department, day domain.Day, at where, data domain.Fact) Event {
	k, ok := domain.KindOf(kind)
	if !ok {
		panic("sample: unknown kind " + kind)
	}
	return Event{Kind: k, Subject: at.subject, Department: dept, Time: day, Division: at.division, Data: data}
}

// keyed names a fact by the entity that it is about, its day and what else tells it apart.
func (e Event) keyed(of domain.Entity, part string) Event {
	e.Of = of
	e.Key = "sample/" + e.Kind.Name + "/" + of.String() + "/" + e.Time.String()
	if part != "" {
		e.Key += "/" + part
	}
	return e
}

// founding names a fact that brings an entity into being, which has no id before.
func (e Event) founding(c *County, n int) Event {
	e.Key = fmt.Sprintf("sample/%s/%s/%d/%d", e.Kind.Name, c.Division, c.Seed, n)
	return e
}

// Household returns the history of household n, ordered by time; some thirty facts.
func (c *County) Household(n int) []Event {
	h := &household{county: c, params: &c.params, r: c.random(n, 3), n: n, site: c.siteOf(n)}
	h.id = domain.HouseholdID{Entity: domain.MintEntity(domain.HouseholdKind, h.r.Uint64())}
	h.dwelling = domain.DwellingID{Entity: domain.MintEntity(domain.DwellingKind, h.r.Uint64())}
	h.moved = firstMove + domain.Day(h.r.IntN(int(lastMove-firstMove)))
	h.register()
	h.house()
	h.work()
	for i := range h.people {
		h.school(&h.people[i])
	}
	h.years()
	h.industry()
	h.risk()
	slices.SortStableFunc(h.events, func(a, b Event) int { return int(a.Time - b.Time) })
	return h.events
}
