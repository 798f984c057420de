package sample

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/anju-ledger/anju/domain"
)

// household is one history while it is made.
type household struct {
	county   *County
	params   *params
	r        *rand.Rand
	n        int
	site     *site
	id       domain.HouseholdID
	dwelling domain.DwellingID
	moved    domain.Day
	elderly  bool
	people   []person
	events   []Event
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

// add appends a fact about the household itself.
func (h *household) add(kind string, dept domain.Department, day domain.Day, data domain.Fact) {
	h.about(h.id.Entity, kind, dept, day, data)
}

// about appends a fact about an entity of the household, under the household's subject.
func (h *household) about(of domain.Entity, kind string, dept domain.Department, day domain.Day, data domain.Fact) {
	if day <= lastDay {
		h.events = append(h.events, event(kind, dept, day, where{h.id.Entity, h.site.division}, data).keyed(of, ""))
	}
}

// size draws a household's size: one to nine, with its province's published mean.
func (h *household) size() int {
	mean := h.params.size(h.county.Division.Province())
	if h.elderly {
		return 1 + h.r.IntN(2)
	}
	return min(9, 1+h.poisson((mean-elderlyShare*1.5)/(1-elderlyShare)-1))
}

func (h *household) poisson(mean float64) int {
	limit, p, k := math.Exp(-mean), 1.0, 0
	for p > limit {
		p *= h.r.Float64()
		k++
	}
	return k - 1
}

// number is the household's official number: the county, the seed and its place there.
func (h *household) number() string {
	return fmt.Sprintf("%s%03d%06d", h.county.Division, h.county.Seed%1000, h.n+1)
}

func (h *household) register() {
	number := h.number()
	category := domain.Category("accompanying")
	if h.r.Float64() < h.params.PeoplePoor/(h.params.PeoplePoor+h.params.PeopleAlong) {
		category = domain.Poor
	}
	h.elderly = h.r.Float64() < elderlyShare
	members := make([]domain.Member, h.size())
	h.people = make([]person, len(members))
	for i := range members {
		p := &h.people[i]
		p.id = domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, h.r.Uint64())}
		p.birth = h.birth(i)
		p.class = h.class(p)
		members[i] = domain.Member{
			Person: p.id, Relation: h.relation(i, p), BirthMonth: p.birth, LabourClass: p.class,
			Number:   domain.OpenPersonal(fmt.Sprintf("%s%02d", number, i+1)),
			Name:     domain.OpenPersonal("某" + string([]rune("甲乙丙丁戊己庚辛壬")[i])),
			IDNumber: domain.OpenPersonal(fmt.Sprintf("99%s%s%01d", number[:6], number[6:], i+1)),
			Phone:    domain.OpenPersonal(fmt.Sprintf("1990%07d", h.r.IntN(10_000_000))),
			Health:   domain.OpenSensitive("healthy"),
		}
	}
	h.events = append(h.events, event("household.registered", "rural", h.moved, where{h.id.Entity, h.site.division}, &domain.HouseholdRegistered{
		Number: domain.OpenPersonal(number), Category: category, SettlementMode: "concentrated",
		Community: h.site.community, Members: members, OriginDivision: h.county.Division,
	}).founding(h.county, h.n))
	head := h.people[0].id
	h.about(head.Entity, "service.enrolled", "health", h.moved+30, &domain.ServiceEnrolled{Person: head, Kind: domain.FamilyDoctor, Institution: "社区卫生室"})
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

// house gives the keys, checks the dwelling about twice a year, and brings the title: few before
// October 2020, the rest in the campaign of the fourteen months after.
func (h *household) house() {
	flat := h.n - h.site.first
	h.add("dwelling.handed_over", "rural", h.moved, &domain.DwellingHandedOver{
		Dwelling: h.dwelling, AreaDm2: domain.Dm2(h.params.FloorArea*100) - 1500 + domain.Dm2(h.r.IntN(3000)), Community: h.site.community,
		Address: domain.Address{Block: fmt.Sprint(1 + flat/120), Unit: fmt.Sprint(1 + flat/30%4), Room: fmt.Sprint(101 + flat%30*100)},
	})
	for day := h.moved + 30 + domain.Day(h.r.IntN(90)); day <= lastDay; day += 170 + domain.Day(h.r.IntN(70)) {
		state := domain.LivedIn
		if h.r.Float64() < 0.05 {
			state = []domain.OccupancyState{domain.Vacant, domain.LetOut, domain.Seasonal}[h.r.IntN(3)]
		}
		h.add("dwelling.occupancy_checked", "community", day, &domain.OccupancyChecked{Dwelling: h.dwelling, State: state, Method: "visit"})
	}
	issued := titlesCounted + 1 + domain.Day(h.r.IntN(int(titlesDone-titlesCounted)))
	if h.r.Float64() < h.params.TitleShare.October2020 {
		issued = lastMove + 60 + domain.Day(h.r.IntN(int(titlesCounted-lastMove)-60))
	}
	number := fmt.Sprintf("SL%08d", h.n)
	h.add("title.application_accepted", "nr", issued-20-domain.Day(h.r.IntN(20)), &domain.TitleApplied{Dwelling: h.dwelling, ApplicationNo: number})
	h.add("title.certificate_issued", "nr", issued, &domain.CertificateIssued{
		Dwelling: h.dwelling, ApplicationNo: number, CertificateNo: domain.OpenPersonal("证" + number), LandKind: "state",
	})
	if h.r.Float64() < h.params.HomesteadShare {
		old := domain.HomesteadID{Entity: domain.MintEntity(domain.HomesteadKind, h.r.Uint64())}
		h.add("homestead.vacated", "township", h.moved+60+domain.Day(h.r.IntN(300)), &domain.HomesteadGivenUp{Homestead: old, Outcome: "reclaimed"})
	}
}

// The days of the published figures on titles.
var (
	titlesCounted = domain.MakeDay(2020, 10, 20)
	titlesDone    = domain.MakeDay(2021, 12, 20)
)

// school enrols a child each September that a new school begins.
func (h *household) school(p *person) {
	for year := 2018; year <= 2022; year++ {
		day := domain.MakeDay(year, 9, 1)
		kind := domain.PrimarySchool
		switch age := p.agedOn(day - 1); {
		case age >= 12 && age < 15:
			kind = domain.JuniorSchool
		case age < 6 || age >= 15:
			continue
		}
		if begins := p.agedOn(day-366) < 6 || p.agedOn(day-366) == 11; day < h.moved || !begins && day >= h.moved+366 {
			continue
		}
		h.about(p.id.Entity, "service.enrolled", "edu", day, &domain.ServiceEnrolled{Person: p.id, Kind: kind, Institution: "某学校"})
	}
}

// years brings what every year brings: visits, and the income from the second December on.
func (h *household) years() {
	for day := h.moved + 20 + domain.Day(h.r.IntN(40)); day <= lastDay; day += 330 + domain.Day(h.r.IntN(60)) {
		h.add("visit.made", "community", day, &domain.VisitMade{
			Purpose: "routine", NextDue: domain.DateOf(day + 360), Note: domain.OpenPersonal("情况正常"),
		})
	}
	growth := math.Pow(h.params.IncomePerHead.Y2022/h.params.IncomePerHead.Y2019, 1.0/3)
	spread := math.Exp(h.r.NormFloat64()*incomeSigma - incomeSigma*incomeSigma/2)
	for year := 2019; year <= 2022; year++ {
		head := h.params.IncomePerHead.Y2019 * math.Pow(growth, float64(year-2019)) * spread * (0.92 + h.r.Float64()*0.16)
		total := domain.Fen(head*100) * domain.Fen(len(h.people))
		wage := domain.Fen(float64(total) * h.params.WageShare)
		if day := domain.MakeDay(year, 12, 31); day > h.moved {
			h.add("income.declared", "township", day, &domain.IncomeDeclared{
				Year: int32(year), WageFen: domain.Some(wage), TransferFen: domain.Some((total - wage) / 2),
				BusinessFen: domain.Some((total - wage) / 2), Persons: int32(len(h.people)), Method: "declared",
			})
		}
	}
}

// incomeSigma spreads the incomes of households about their mean, log-normally.
const incomeSigma = 0.45

// linkedShare is the share of households, at sites with a project, that have a part in it.
const linkedShare = 0.5

// industry links a household with its site's project.
func (h *household) industry() {
	if h.site.project.Present() && h.r.Float64() < linkedShare {
		h.add("industry.household_linked", "agri", h.moved+100+domain.Day(h.r.IntN(500)), &domain.HouseholdLinked{
			Household: h.id, Project: h.site.project, Kind: "share", ExpectedFenYear: domain.Some(domain.Fen(50_000 + h.r.IntN(200_000))),
		})
	}
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
	h.add("risk.flagged", "rural", day, &domain.RiskFlagged{Case: k, Source: "grid", Kind: domain.OpenSensitive[domain.RiskKind]("illness")})
	h.add("risk.decided", "rural", day+10, &domain.RiskDecided{Case: k, Class: class, Reason: "income_fell"})
	h.add("help.planned", "rural", day+18, &domain.HelpPlanned{Case: k, Measures: []domain.PlannedMeasure{{Code: domain.OpenSensitive[domain.MeasureCode]("d4")}}})
	if h.r.Float64() < h.params.RiskClearedShare {
		h.add("risk.cleared", "rural", day+120+domain.Day(h.r.IntN(120)), &domain.RiskCleared{Case: k, Basis: "help_worked", Kind: "cleared"})
	}
}
