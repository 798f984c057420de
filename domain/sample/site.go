package sample

import (
	"fmt"
	"math"
	"sort"

	"github.com/anju-ledger/anju/domain"
)

// site is one resettlement site (安置点) of a county and what was built there.
type site struct {
	n         int // of the county
	first     int // its first household
	people    int // as planned
	community domain.CommunityID
	project   domain.ProjectID // absent at a site without one
	division  domain.Division
}

// The sizes from which a site has a facility of its own, chosen so that 35,000 sites of the
// published sizes have the published numbers of them: 6,100 schools and kindergartens, 12,000
// clinics, 3,400 homes for the elderly, 40,000 places of culture.
const (
	schoolFrom  = 520
	clinicFrom  = 240
	elderlyFrom = 870
	centreFrom  = 800
	townFrom    = 640  // 5,000 of 35,000 sites are urban
	largest     = 4155 // households of the largest site known
)

// projectShare is the industry projects a site: 25,400 of 35,000.
const projectShare = 0.73

// drawSites draws sites of log-normal size until the county's households have one.
func (c *County) drawSites() (sites []site) {
	fit := c.params.Sites.Fit.Shanxi
	townships := c.Division.Children()
	if len(townships) == 0 {
		townships = []domain.Division{c.Division + "001"}
	}
	for n, first := 0, 0; first < c.Households; n++ {
		r := c.random(n, 1)
		people := math.Exp(fit.Mu + fit.Sigma*r.NormFloat64())
		households := min(largest, max(1, int(math.Round(people/c.params.size(c.Division.Province())))))
		s := site{n: n, first: first, people: int(people)}
		s.community = domain.CommunityID{Entity: domain.MintEntity(domain.CommunityKind, r.Uint64())}
		s.division = townships[n%len(townships)] + domain.Division(fmt.Sprintf("%03d", 501+n/len(townships)))
		if r.Float64() < projectShare {
			s.project = domain.ProjectID{Entity: domain.MintEntity(domain.ProjectKind, r.Uint64())}
		}
		sites = append(sites, s)
		first += households
	}
	return sites
}

// siteOf returns the site of household n.
func (c *County) siteOf(n int) *site {
	return &c.sites[sort.Search(len(c.sites), func(i int) bool { return c.sites[i].first > n })-1]
}

// Foundations returns the facts that households refer to: communities, their facilities with
// the money for them, and industry projects.
func (c *County) Foundations() []Event {
	var events []Event
	for i := range c.sites {
		events = append(events, c.found(&c.sites[i])...)
	}
	return events
}

// found returns the facts of one site.
func (c *County) found(s *site) []Event {
	r := c.random(s.n, 2)
	kind := domain.CommunityType("rural")
	if s.people >= townFrom {
		kind = "town"
	}
	at := where{s.community.Entity, s.division}
	events := []Event{event("community.established", "civil", firstMove-30+domain.Day(r.IntN(25)), at, &domain.CommunityEstablished{
		Community: s.community, Code: string(s.division), Name: fmt.Sprintf("安居%d社区", s.n+1), Kind: kind, Form: "own_committee",
	}).founding(c, s.n)}
	for i, f := range facilities(s) {
		id := domain.FacilityID{Entity: domain.MintEntity(domain.FacilityKind, r.Uint64())}
		events = append(events, c.build(s, id, i, f, firstMove+domain.Day(r.IntN(200)))...)
	}
	if s.project.Present() {
		events = append(events, event("industry.project_changed", "agri", firstMove+domain.Day(r.IntN(500)), where{s.project.Entity, s.division}, &domain.ProjectChanged{
			Project: s.project, Code: fmt.Sprintf("%s-P%05d", c.Division, s.n), Name: "产业项目", Stage: "operating", Community: s.community,
			Kind: "farming", CapitalFen: domain.Some(domain.Fen(r.IntN(2_000_000_00))),
		}).founding(c, s.n))
	}
	return events
}

// facilities lists what a site of that size has.
func facilities(s *site) []domain.FacilityType {
	all := []domain.FacilityType{"culture"}
	for _, f := range []struct {
		from int
		kind domain.FacilityType
	}{{schoolFrom, "primary_school"}, {clinicFrom, "clinic"}, {elderlyFrom, "elderly_care"}, {centreFrom, "service_centre"}} {
		if s.people >= f.from {
			all = append(all, f.kind)
		}
	}
	return all
}

// build returns a facility's way from the building site to the opening, and its money.
func (c *County) build(s *site, id domain.FacilityID, i int, kind domain.FacilityType, begun domain.Day) []Event {
	n := s.n*8 + i
	changed := func(stage domain.FacilityPhase, day domain.Day) Event {
		return event("facility.changed", "ndrc", day, where{id.Entity, s.division}, &domain.FacilityChanged{
			Facility: id, Code: fmt.Sprintf("%s-F%05d", c.Division, n), Name: "设施", Stage: stage, Kind: kind,
			CommunitiesServed: []domain.CommunityID{s.community}, PlannedOpen: domain.DateOf(begun + 300),
		})
	}
	fund := domain.FundID{Entity: domain.MintEntity(domain.FundKind, c.random(n, 4).Uint64())}
	cost := domain.Fen(s.people) * 300_000 // 3,000 yuan a head
	money := where{fund.Entity, s.division}
	purpose := domain.Purpose{Facility: id}
	return []Event{
		changed("building", begun).founding(c, n),
		changed(domain.FacilityOpen, begun+300).keyed(id.Entity, ""),
		event("fund.allocated", "finance", begun-10, money, &domain.FundAllocated{
			Fund: fund, For: purpose, Source: "central_budget", AmountFen: cost + 1, Year: int32((begun - 10).Year()),
		}).keyed(id.Entity, ""),
		event("fund.disbursed", "finance", begun+100, money, &domain.FundDisbursed{
			Fund: fund, For: purpose, AmountFen: cost*9/10 + 1, VoucherNo: fmt.Sprintf("PZ%06d", n),
		}).keyed(fund.Entity, ""),
	}
}
