package sample

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/anju-ledger/anju/domain"
)

// household is one history while it is made.
type household struct {
	county    *County
	params    *params
	r         *rand.Rand
	n         int
	id        domain.HouseholdID
	community domain.CommunityID
	dwelling  domain.DwellingID
	division  domain.Division
	moved     domain.Day
	elderly   bool
	people    []person
	events    []Event
}

type person struct {
	id    domain.PersonID
	birth domain.Month
	class domain.LabourClass
}

// elderlyShare is the share of households of old people alone, chosen so that the share of
// households with labour comes out as published.
const elderlyShare = 0.08

// agedOn returns the person's age in full years.
func (p *person) agedOn(d domain.Day) int {
	y, m, _ := d.Date()
	return (y*12 + m - 1 - int(p.birth)) / 12
}

// add appends a fact under the household's subject; part tells apart facts of one kind and day.
func (h *household) add(kind string, dept domain.Department, day domain.Day, part string, data domain.Fact) {
	if day > lastDay {
		return
	}
	e := event(kind, dept, day, site{h.id.Entity, h.division}, data)
	e.Key += "/" + part
	h.events = append(h.events, e)
}

// size draws a household's size: one to eight, with the published mean.
func (h *household) size() int {
	return min(8, 1+h.poisson(h.params.HouseholdSize.National-1+2*elderlyShare))
}

func (h *household) poisson(mean float64) int {
	limit, p, k := math.Exp(-mean), 1.0, 0
	for p > limit {
		p *= h.r.Float64()
		k++
	}
	return k - 1
}

func (h *household) register() {
	number := fmt.Sprintf("%s%06d", h.county.Division, h.n+1)
	category := domain.Category("accompanying")
	if h.r.Float64() < h.params.PeoplePoor/(h.params.PeoplePoor+h.params.PeopleAlong) {
		category = domain.Poor
	}
	h.elderly = h.r.Float64() < elderlyShare
	size := h.size()
	if h.elderly {
		size = min(size, 2)
	}
	members := make([]domain.Member, size)
	h.people = make([]person, len(members))
	for i := range members {
		p := &h.people[i]
		p.id = domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, h.r.Uint64())}
		p.birth = h.birth(i)
		p.class = h.class(p)
		members[i] = domain.Member{
			Person: p.id, Relation: h.relation(i, p), BirthMonth: p.birth, LabourClass: p.class,
			Number:   domain.OpenPersonal(fmt.Sprintf("%s%02d", number, i+1)),
			Name:     domain.OpenPersonal("某" + string([]rune("甲乙丙丁戊己庚辛")[i])),
			IDNumber: domain.OpenPersonal(fmt.Sprintf("9901%s%06d%02d", p.birth.First().String()[:4], h.n, i)),
			Phone:    domain.OpenPersonal(fmt.Sprintf("1990%07d", h.r.IntN(10_000_000))),
			Health:   domain.OpenSensitive("healthy"),
		}
	}
	h.add("household.registered", "rural", h.moved, "", &domain.HouseholdRegistered{
		Number: domain.OpenPersonal(number), Category: category, SettlementMode: "concentrated",
		Community: h.community, Members: members, OriginDivision: h.county.Division,
	})
	h.add("service.enrolled", "health", h.moved+30, h.people[0].id.String(), &domain.ServiceEnrolled{
		Person: h.people[0].id, Kind: domain.FamilyDoctor, Institution: "社区卫生室",
	})
}

func (h *household) birth(i int) domain.Month {
	age := 18 + h.r.IntN(42)
	switch x := h.r.Float64(); {
	case h.elderly:
		age = 66 + h.r.IntN(16)
	case i == 0:
		age = 28 + h.r.IntN(35)
	case x < h.params.Age.Under16*1.35:
		age = h.r.IntN(16)
	case x > h.params.Age.Under16+h.params.Age.From16:
		age = 60 + h.r.IntN(25)
	}
	return domain.MakeMonth(2019-age, 1+h.r.IntN(12))
}

func (h *household) class(p *person) domain.LabourClass {
	age := p.agedOn(h.moved)
	switch x := h.r.Float64(); {
	case age < 16 || age >= 65:
		return domain.NoLabour
	case x < 0.06:
		return domain.Weak
	case age < 60 && x < 0.30:
		return domain.Skilled
	case age < 60 && x < 0.74:
		return domain.Ordinary
	}
	return domain.NoLabour
}

func (h *household) relation(i int, p *person) domain.Relation {
	switch {
	case i == 0:
		return domain.Head
	case i == 1 && p.agedOn(h.moved) >= 20:
		return "spouse"
	case p.birth > h.people[0].birth+15*12:
		return "child"
	case p.birth < h.people[0].birth-15*12:
		return "parent"
	}
	return "other"
}

// house gives the keys, checks the dwelling twice a year, and brings the title in the campaign
// of 2020 and 2021.
func (h *household) house() {
	h.add("dwelling.handed_over", "rural", h.moved, "", &domain.DwellingHandedOver{
		Dwelling: h.dwelling, AreaDm2: domain.Dm2(h.params.FloorArea*100) - 1500 + domain.Dm2(h.r.IntN(3000)), Community: h.community,
		Address: domain.Address{Block: fmt.Sprint(1 + h.n/120), Unit: fmt.Sprint(1 + h.n/30%4), Room: fmt.Sprint(101 + h.n%30*100)},
	})
	for day := h.moved + 30 + domain.Day(h.r.IntN(90)); day <= lastDay; day += 150 + domain.Day(h.r.IntN(60)) {
		state := domain.LivedIn
		if h.r.Float64() < 0.05 {
			state = []domain.OccupancyState{domain.Vacant, domain.LetOut, domain.Seasonal}[h.r.IntN(3)]
		}
		h.add("dwelling.occupancy_checked", "community", day, "", &domain.OccupancyChecked{Dwelling: h.dwelling, State: state, Method: "visit"})
	}
	accepted := domain.MakeDay(2020, 9, 1) + domain.Day(h.r.IntN(400))
	number := fmt.Sprintf("SL%08d", h.n)
	h.add("title.application_accepted", "nr", accepted, "", &domain.TitleApplied{Dwelling: h.dwelling, ApplicationNo: number})
	h.add("title.certificate_issued", "nr", accepted+20+domain.Day(h.r.IntN(60)), "", &domain.CertificateIssued{
		Dwelling: h.dwelling, ApplicationNo: number, CertificateNo: domain.OpenPersonal("证" + number), LandKind: "state",
	})
	if h.r.Float64() < h.params.HomesteadShare {
		old := domain.HomesteadID{Entity: domain.MintEntity(domain.HomesteadKind, h.r.Uint64())}
		h.add("homestead.vacated", "township", h.moved+60+domain.Day(h.r.IntN(300)), "", &domain.HomesteadGivenUp{Homestead: old, Outcome: "reclaimed"})
	}
}

// work gives a person of working age one to three jobs and verifies each every quarter or so;
// many jobs end before the spring festival and begin after it.
func (h *household) work(p *person) {
	age := p.agedOn(h.moved)
	if p.class == domain.NoLabour || p.class == domain.Weak || age < 16 || age > 58 || h.r.Float64() < 0.05 {
		return
	}
	start := h.moved + domain.Day(h.r.IntN(400))
	for spell := 0; spell < 3 && start < lastDay-60; spell++ {
		w := domain.PlacementID{Entity: domain.MintEntity(domain.PlacementKind, h.r.Uint64())}
		part := p.id.String()
		wage := domain.Some(domain.Fen(200_000 + h.r.IntN(350_000)))
		h.add("job.placed", "hrss", start, part, &domain.JobPlaced{
			Person: p.id, Placement: w, Employer: "某企业", Channel: h.channel(), PlaceDivision: h.workplace(), WageFenMonth: wage,
		})
		end := start + 300 + domain.Day(h.r.IntN(900))
		for day := start + 20 + domain.Day(h.r.IntN(60)); day < min(end, lastDay); day += 70 + domain.Day(h.r.IntN(110)) {
			h.add("job.verified", "hrss", day, part, &domain.JobVerified{Person: p.id, Placement: w, Still: domain.Yes, Method: "insurance_match", WageFenMonth: wage})
		}
		h.add("job.ended", "hrss", end, part, &domain.JobEnded{Person: p.id, Placement: w, Reason: "contract_ended"})
		start = end + 10 + domain.Day(h.r.IntN(60))
	}
}

func (h *household) channel() domain.JobChannel {
	return []domain.JobChannel{"factory", "factory", "factory", "labour_export", "labour_export", "self_found", "workshop", "public_welfare_post"}[h.r.IntN(8)]
}

func (h *household) workplace() domain.Division {
	switch x := h.r.Float64(); {
	case x < h.params.EmploymentPlace.OutsideProvince:
		return []domain.Division{"4403", "3301", "3502", "3205"}[h.r.IntN(4)]
	case x < h.params.EmploymentPlace.OutsideProvince+h.params.EmploymentPlace.OtherCounty:
		return h.county.Division[:4]
	}
	return h.county.Division
}

// school enrols a child each September that a new school begins.
func (h *household) school(p *person) {
	for year := 2018; year <= 2022; year++ {
		day := domain.MakeDay(year, 9, 1)
		if day < h.moved {
			continue
		}
		kind := domain.PrimarySchool
		switch age := p.agedOn(day - 1); {
		case age >= 12 && age < 15:
			kind = domain.JuniorSchool
		case age < 6 || age >= 15:
			continue
		}
		h.add("service.enrolled", "edu", day, p.id.String(), &domain.ServiceEnrolled{Person: p.id, Kind: kind, Institution: "某学校"})
	}
}

// years brings what every year brings: visits and the income.
func (h *household) years() {
	for day := h.moved + 20; day <= lastDay; day += 150 + domain.Day(h.r.IntN(60)) {
		h.visit(day)
	}
	head := 7000 + h.r.Float64()*6000
	for year := h.moved.Year(); year <= 2022; year++ {
		head *= 1.02 + h.r.Float64()*0.14
		total := domain.Fen(head*100) * domain.Fen(len(h.people))
		wage := domain.Fen(float64(total) * h.params.WageShare)
		h.add("income.declared", "township", domain.MakeDay(year, 12, 31), "", &domain.IncomeDeclared{
			Year: int32(year), WageFen: domain.Some(wage), TransferFen: domain.Some((total - wage) / 2),
			BusinessFen: domain.Some((total - wage) / 2), Persons: int32(len(h.people)), Method: "declared",
		})
	}
}

func (h *household) visit(day domain.Day) {
	h.add("visit.made", "community", day, fmt.Sprint(len(h.events)), &domain.VisitMade{
		Purpose: "routine", NextDue: domain.DateOf(day + 180), Note: domain.OpenPersonal("情况正常"),
	})
}

// risk puts one household in seven under monitoring; half of the cases are cleared.
func (h *household) risk() {
	if h.r.Float64() >= h.params.MonitoredShare {
		return
	}
	k := domain.CaseID{Entity: domain.MintEntity(domain.CaseKind, h.r.Uint64())}
	day := domain.MakeDay(2020, 6, 1) + domain.Day(h.r.IntN(600))
	class := domain.Unstable
	switch x := h.r.Float64(); {
	case x > h.params.MonitoredClasses[0]+h.params.MonitoredClasses[1]:
		class = domain.SuddenHardship
	case x > h.params.MonitoredClasses[0]:
		class = domain.Borderline
	}
	h.add("risk.flagged", "rural", day, "", &domain.RiskFlagged{Case: k, Source: "grid", Kind: domain.OpenSensitive[domain.RiskKind]("illness")})
	h.add("risk.decided", "rural", day+10, "", &domain.RiskDecided{Case: k, Class: class, Reason: "income_fell"})
	h.add("help.planned", "rural", day+18, "", &domain.HelpPlanned{Case: k, Measures: []domain.PlannedMeasure{{Code: domain.OpenSensitive[domain.MeasureCode]("d4")}}})
	if h.r.Float64() < h.params.RiskClearedShare {
		h.add("risk.cleared", "rural", day+120+domain.Day(h.r.IntN(120)), "", &domain.RiskCleared{Case: k, Basis: "help_worked", Kind: "cleared"})
	}
}
