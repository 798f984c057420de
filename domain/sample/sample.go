// Package sample makes histories of relocated households from a seed: the same seed gives the
// same facts for ever. Tests, `anju simulate` and the benchmarks share it.
//
// The figures behind it are params.json, derived from published ones; names and numbers are
// made up, ID numbers use an area code that is not assigned. It knows nothing of the ledger:
// entity ids here are the sample's own, and a caller that records through the door replaces them
// by those that the receipts return. TestHistoriesComeOutAsPublished compares the aggregates.
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
	Key        string // business key, unique for the department's source
	Data       domain.Fact
}

// County makes the histories of one county.
type County struct {
	Division   domain.Division // six digits
	Seed       uint64
	Households int

	params params
}

// householdsPerCommunity is the usual size of a large site: some 1,000 people.
const householdsPerCommunity = 280

// The span of the histories.
var (
	firstMove = domain.MakeDay(2018, 3, 1)
	lastMove  = domain.MakeDay(2019, 12, 20)
	lastDay   = domain.MakeDay(2022, 12, 31)
)

// NewCounty returns the county whose histories the seed decides.
func NewCounty(division domain.Division, seed uint64, households int) *County {
	return &County{division, seed, households, readParams()}
}

// communities counts the sites of the county.
func (c *County) communities() int { return c.Households/householdsPerCommunity + 1 }

// community returns site n's id and division.
func (c *County) community(n int) (domain.CommunityID, domain.Division) {
	id := domain.MintEntity(domain.CommunityKind, c.random(n, 1).Uint64())
	return domain.CommunityID{Entity: id}, c.Division + domain.Division(fmt.Sprintf("%03d%03d", 1+n/400, 501+n%400))
}

// random is the generator of one household or site; salt tells the uses apart.
func (c *County) random(n int, salt uint64) *rand.Rand {
	return rand.New(rand.NewPCG(c.Seed^salt<<56, uint64(n)))
}

// Foundations returns the facts that households refer to: communities, facilities, an industry
// project and the money of each site.
func (c *County) Foundations() []Event {
	var events []Event
	for n := range c.communities() {
		id, division := c.community(n)
		events = append(events, event("community.established", "civil", firstMove-30+domain.Day(n%20), site{id.Entity, division},
			&domain.CommunityEstablished{Community: id, Code: string(division), Name: fmt.Sprintf("安居%d社区", n+1), Kind: "town", Form: "own_committee"}))
		for i, kind := range []domain.FacilityType{"primary_school", "clinic", "service_centre"} {
			r := c.random(n*8+i, 2)
			f := domain.FacilityID{Entity: domain.MintEntity(domain.FacilityKind, r.Uint64())}
			code := fmt.Sprintf("%s-F%05d", c.Division, n*8+i)
			for _, stage := range []domain.FacilityPhase{"building", domain.FacilityOpen} {
				day := firstMove + domain.Day(r.IntN(200))
				if stage == domain.FacilityOpen {
					day += 300
				}
				events = append(events, event("facility.changed", "ndrc", day, site{f.Entity, division}, &domain.FacilityChanged{
					Facility: f, Code: code, Name: "设施", Stage: stage, Kind: kind, CommunitiesServed: []domain.CommunityID{id},
				}))
			}
		}
	}
	return events
}

// site is where a fact is recorded: under which subject, and in which division.
type site struct {
	subject  domain.Entity
	division domain.Division
}

func event(kind string, dept domain.Department, day domain.Day, at site, data domain.Fact) Event {
	k, ok := domain.KindOf(kind)
	if !ok {
		panic("sample: unknown kind " + kind)
	}
	return Event{
		Kind: k, Subject: at.subject, Department: dept, Time: day, Division: at.division, Data: data,
		Key: "sample/" + kind + "/" + at.subject.String() + "/" + day.String(),
	}
}

// Household returns the history of household n, ordered by time. At least thirty facts.
func (c *County) Household(n int) []Event {
	h := &household{county: c, params: &c.params, r: c.random(n, 3), n: n}
	h.community, h.division = c.community(n % c.communities())
	h.id = domain.HouseholdID{Entity: domain.MintEntity(domain.HouseholdKind, h.r.Uint64())}
	h.dwelling = domain.DwellingID{Entity: domain.MintEntity(domain.DwellingKind, h.r.Uint64())}
	h.moved = firstMove + domain.Day(h.r.IntN(int(lastMove-firstMove)))
	h.register()
	h.house()
	for i := range h.people {
		h.work(&h.people[i])
		h.school(&h.people[i])
	}
	h.years()
	h.risk()
	for i := 0; len(h.events) < minFacts; i++ {
		h.visit(h.moved + 40 + domain.Day(i*31))
	}
	slices.SortStableFunc(h.events, func(a, b Event) int { return int(a.Time - b.Time) })
	return h.events
}

// minFacts is what the issue of the benchmarks asks of a realistic history.
const minFacts = 30
