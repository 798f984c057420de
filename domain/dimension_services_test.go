package domain

import "testing"

func TestServices(t *testing.T) {
	child := adult{"2011-03", NoLabour}
	alone := func() *story { return registered(worker1) }
	family := func() *story { return registered(worker1, child).enrols(1, "2019-06-01", FamilyDoctor) }
	at := func(birth string) *story {
		return registered(worker1, adult{birth, NoLabour}).enrols(1, "2019-06-01", FamilyDoctor)
	}
	requireLevels(t, Services, []clause{
		{"nothing stated is unknown", "", "unknown", alone()},
		{"a family doctor is all that a household without children needs", "", "covered", alone().enrols(1, "2019-06-01", FamilyDoctor)},
		{"one member signed is enough", "", "covered", registered(worker1, worker2).enrols(2, "2019-06-01", FamilyDoctor)},
		{"signed off again is unknown", "", "unknown", alone().enrols(1, "2019-06-01", FamilyDoctor).leaves(1, "2021-06-01", FamilyDoctor, "moved")},
		{"a child without a school is partial", "", "partial", family()},
		{"a child in school and no doctor is partial", "", "partial", registered(worker1, child).enrols(2, "2020-09-01", PrimarySchool)},
		{"a child in school and a doctor are covered", "", "covered", family().enrols(2, "2020-09-01", PrimarySchool)},
		{"of two children each needs a school", "", "partial", registered(worker1, child, child).enrols(1, "2019-06-01", FamilyDoctor).enrols(2, "2020-09-01", PrimarySchool)},
		{"six by 31 August: school from 1 September", "2020-09-01", "partial", at("2014-08")},
		{"and not the day before", "2020-08-31", "covered", at("2014-08")},
		{"six in September: a year later", "2021-08-31", "covered", at("2014-09")},
		{"then from 1 September", "2021-09-01", "partial", at("2014-09")},
		{"for nine school years", "2021-08-31", "partial", at("2006-08")},
		{"and no longer", "2021-09-01", "covered", at("2006-08")},
		{"dropped out is a gap", "", "gap", family().enrols(2, "2020-09-01", PrimarySchool).leaves(2, "2021-03-01", PrimarySchool, DroppedOut)},
		{"until enrolled again", "", "covered", family().enrols(2, "2020-09-01", PrimarySchool).leaves(2, "2021-03-01", PrimarySchool, DroppedOut).enrols(2, "2021-06-01", PrimarySchool)},
		{"left by graduation without a next school is not stated", "", "partial", family().enrols(2, "2020-09-01", PrimarySchool).leaves(2, "2021-06-01", PrimarySchool, Graduated)},
		{"a dropout past school age is no gap", "", "covered", at("2003-01").leaves(2, "2021-03-01", JuniorSchool, DroppedOut)},
		{"a visit that found him out of school is a gap", "", "gap", family().enrols(2, "2020-09-01", PrimarySchool).visited("2021-06-01", pid(2), ChildNotInSchool)},
		{"cured when he is enrolled since", "", "covered", family().visited("2021-06-01", pid(2), ChildNotInSchool).enrols(2, "2021-06-10", PrimarySchool)},
		{"a finding without a person concerns every child", "", "gap", registered(worker1, child, child).visited("2021-06-01", PersonID{}, ChildNotInSchool).enrols(2, "2021-06-10", PrimarySchool)},
		{"and is cured when all are enrolled since", "", "partial", registered(worker1, child, child).visited("2021-06-01", PersonID{}, ChildNotInSchool).enrols(2, "2021-06-10", PrimarySchool).enrols(3, "2021-06-11", PrimarySchool)},
		{"another finding is none of a school", "", "partial", family().visited("2021-06-01", PersonID{}, "ill")},
		{"a kindergarten is no school", "", "partial", family().enrols(2, "2020-09-01", "kindergarten")},
	})
}

func TestRights(t *testing.T) {
	g := GrievanceID{MintEntity(GrievanceKind, 1)}
	old := HomesteadID{MintEntity(HomesteadKind, 1)}
	found := func(s *story, date string, c HomesteadCondition) *story {
		return s.on(date, "homestead.checked", &HomesteadChecked{Homestead: old, State: c})
	}
	vacated := func(s *story) *story {
		return s.on("2020-01-01", "homestead.vacated", &HomesteadGivenUp{Homestead: old, Outcome: "reclaimed"})
	}
	filed := func(s *story) *story {
		return s.on("2021-06-01", "grievance.filed", &GrievanceFiled{Grievance: g, Kind: "title"})
	}
	requireLevels(t, Rights, []clause{
		{"no homestead fact is unknown", "", "unknown", registered(worker1)},
		{"vacated is secured", "", "secured", vacated(registered(worker1))},
		{"found empty is secured", "", "secured", found(registered(worker1), "2021-06-01", "empty")},
		{"found demolished is secured", "", "secured", found(registered(worker1), "2021-06-01", "demolished")},
		{"found used for production is unsettled", "", "old_house_unsettled", found(registered(worker1), "2021-06-01", "used_for_production")},
		{"found lived in is unsettled", "", "old_house_unsettled", found(vacated(registered(worker1)), "2021-06-01", HomesteadInUse)},
		{"a grievance filed is open", "", "grievance_open", filed(vacated(registered(worker1)))},
		{"and comes before an old house", "", "grievance_open", filed(found(registered(worker1), "2021-05-01", HomesteadInUse))},
		{"resolved it is not open", "", "secured", filed(vacated(registered(worker1))).on("2021-06-20", "grievance.resolved", &GrievanceResolved{Grievance: g, Outcome: "settled"})},
	})
}

func TestIncome(t *testing.T) {
	base := func() *story { return registered(worker1) }
	requireLevels(t, IncomeLevel, []clause{
		{"nothing declared is unknown", "", "unknown", base()},
		{"below the line of the year", "", "below_line", base().income(2020, 3999, 0)},
		{"on the line is near", "", "near_line", base().income(2020, 4000, 0)},
		{"under one and a half lines is near", "", "near_line", base().income(2020, 5999, 0)},
		{"one and a half lines is above", "", "above", base().income(2020, 6000, 0)},
		{"each year has its line", "2020-01-15", "near_line", base().income(2019, 3747, 0)},
		{"more than the year before is growing", "", "growing", base().income(2019, 7000, 0).income(2020, 7001, 0)},
		{"as much as the year before is above", "", "above", base().income(2019, 7000, 0).income(2020, 7000, 0)},
		{"the year before not declared is above", "", "above", base().income(2018, 6000, 0).income(2020, 9000, 0)},
		{"growing does not lift above the line", "", "near_line", base().income(2019, 4500, 0).income(2020, 5000, 0)},
		{"the latest declared year counts, and an earlier one told late is compared", "", "growing", base().income(2020, 9000, 0).on("2021-06-01", "income.declared", &IncomeDeclared{Year: 2019, Persons: 1, WageFen: Some[Fen](100)})},
		{"a year told again counts as told last", "", "below_line", base().income(2020, 9000, 0).on("2021-06-01", "income.declared", &IncomeDeclared{Year: 2020, Persons: 1, WageFen: Some[Fen](100)})},
		{"wage, business, property, transfer less costs, a head", "", "near_line", base().on("2020-12-31", "income.declared", &IncomeDeclared{
			Year: 2020, Persons: 2, WageFen: Some[Fen](400_000), BusinessFen: Some[Fen](300_000), PropertyFen: Some[Fen](200_000), TransferFen: Some[Fen](100_000), CostsFen: Some[Fen](200_000),
		})},
		{"through January of the year after the next", "2022-01-31", "above", base().income(2020, 9000, 0)},
		{"stale from 1 February while the year before is not declared", "2022-02-01", "above, stale", base().income(2020, 9000, 0)},
	})
}

func TestRisk(t *testing.T) {
	base := func() *story { return registered(worker1) }
	requireLevels(t, Risk, []clause{
		{"no case is none", "", "none", base()},
		{"a flag is flagged", "", "flagged", base().flagged("2021-06-01")},
		{"decided with a class is monitored", "", "monitored", base().flagged("2021-06-01").decided("2021-06-10", Borderline)},
		{"a case is open from its decision, flagged or not", "", "monitored", base().decided("2021-06-10", Unstable)},
		{"decided as class none was no case", "", "none", base().flagged("2021-06-01").decided("2021-06-10", NoCase)},
		{"cleared is watched", "", "cleared_watching", base().flagged("2021-01-01").decided("2021-01-10", Unstable).cleared("2021-06-01")},
		{"for six months", "2021-11-30", "cleared_watching", base().decided("2021-01-10", Unstable).cleared("2021-06-01")},
		{"and no longer", "2021-12-01", "none", base().decided("2021-01-10", Unstable).cleared("2021-06-01")},
		{"a calendar month ends with its last day", "2021-02-27", "cleared_watching", base().decided("2020-01-10", Unstable).cleared("2020-08-31")},
		{"which counts as the same day", "2021-02-28", "none", base().decided("2020-01-10", Unstable).cleared("2020-08-31")},
	})
}

func TestData(t *testing.T) {
	base := func() *story { return registered(oldPair...) }
	requireLevels(t, Data, []clause{
		{"unknown levels do not touch it", "", "fresh", base()},
		{"a stale level makes it stale", "", "stale", base().keys("2019-06-01", sampleDwelling)},
		{"a contradiction comes before", "", "discrepancy", base().keys("2019-06-01", sampleDwelling).on("2019-05-20", "title.application_accepted", &TitleApplied{Dwelling: sampleDwelling})},
		{"two placements open at once", "", "discrepancy", base().works(1, "2021-05-01", "").on("2021-06-01", "job.placed", &JobPlaced{Person: pid(1), Placement: wid(8)})},
		{"until one has ended", "", "fresh", base().works(1, "2021-05-01", "").on("2021-06-01", "job.placed", &JobPlaced{Person: pid(1), Placement: wid(8)}).ends(1, "2021-06-10")},
		{"an end before its start", "", "discrepancy", base().works(1, "2021-06-01", "").ends(1, "2021-05-01")},
		{"verified after the end", "", "discrepancy", base().works(1, "2021-05-01", "").ends(1, "2021-06-01").statesOf(1, 1, "2021-06-10", Yes)},
		{"a fact after death", "", "discrepancy", base().on("2021-05-01", "person.died", &PersonDied{Person: pid(1)}).works(1, "2021-06-01", "")},
		{"a fact before birth", "", "discrepancy", registered(worker1, adult{"2021-01", NoLabour}).enrols(2, "2020-09-01", PrimarySchool)},
		{"a visit before the registration", "", "discrepancy", base().visited("2019-05-01", PersonID{})},
		{"a visit after the closing", "2021-06-30", "discrepancy", base().on("2021-06-01", "household.closed", &HouseholdClosed{Reason: "extinct"}).visited("2021-06-10", PersonID{})},
		{"paid after the entitlement ended", "", "discrepancy", base().entitled("2020-01-01", "dibao", "2021-01-31").on("2021-06-01", "benefit.paid", &BenefitPaid{Household: sampleHousehold, Kind: OpenSensitive[EntitlementKind]("dibao"), AmountFen: Some[Fen](1), Period: MakeMonth(2021, 5)})},
	})
}
