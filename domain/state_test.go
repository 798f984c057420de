package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// at9000 is a household that is well, with 9,000 yuan a head in 2020.
func at9000(s *story) *story { return s.income(2020, 9000, 10) }

func TestCrisis(t *testing.T) {
	noHome := func() *story {
		return at9000(registered(worker1).keys("2019-06-01", sampleDwelling).checked("2021-01-05", sampleDwelling, LivedIn)).moves("2021-04-01", LeftCounty, DwellingID{})
	}
	requireStates(t, []clause{
		{"closed comes before all", "", "closed", theCase(fine(), SuddenHardship).on("2021-06-01", "household.closed", &HouseholdClosed{Reason: "extinct"})},
		{"an open case of sudden hardship", "", "in_crisis", theCase(at9000(fine()), SuddenHardship)},
		{"a case changed to sudden hardship", "", "in_crisis", theCase(at9000(fine()), Unstable).decided("2021-06-01", SuddenHardship)},
		{"a case changed to another class is none", "", "at_risk", theCase(at9000(fine()), SuddenHardship).decided("2021-06-01", Unstable)},
		{"a cleared one is none", "", "stabilising", theCase(at9000(fine()), SuddenHardship).cleared("2021-06-01")},
		{"income below the line", "", "in_crisis", fine().income(2020, 3999, 10)},
		{"a stale level still counts where a rule names the level alone", "2022-03-01", "in_crisis", fine().income(2020, 3999, 10)},
		{"no home for ninety days and nobody in verified work", "2021-06-30", "in_crisis", noHome()},
		{"no home for eighty-nine", "2021-06-29", "unproven", noHome()},
		{"no home, and somebody in verified work", "2021-06-30", "stabilising", noHome().works(1, "2020-01-01", "2021-06-01")},
		{"no home, and the work is stale", "2021-06-30", "in_crisis", noHome().works(1, "2020-01-01", "2021-03-01")},
	})
}

func TestRiskOfFallingBack(t *testing.T) {
	one := func() *story { return at9000(settled(worker1)) }
	two := func() *story { return at9000(settled(worker1, worker2)) }
	out := func(s *story) *story { return s.states(1, "2021-04-01", No).states(2, "2021-05-01", No) }
	requireStates(t, []clause{
		{"all required stated not working, the last for 60 days", "2021-06-30", "stabilising", out(two())},
		{"the last for 61 days", "2021-07-01", "at_risk", out(two())},
		{"one of them silent is not known", "", "unproven", two().states(1, "2021-04-01", No)},
		{"somebody works, required or not", "", "stabilising", at9000(settled(worker1, adult{"1980-01", Weak})).states(1, "2021-03-01", No).works(2, "2021-06-01", "")},
		{"an unbroken run of statements counts from its first", "", "at_risk", one().states(1, "2021-04-01", No).states(1, "2021-06-01", No)},
		{"a run that a yes broke counts anew", "", "stabilising", one().works(1, "2021-01-01", "").statesOf(1, 1, "2021-04-01", No).statesOf(1, 1, "2021-05-01", Yes).statesOf(1, 1, "2021-06-01", No)},
		{"from the day that his job ended", "2021-06-30", "at_risk", one().works(1, "2020-01-01", "2021-04-01").ends(1, "2021-04-10").states(1, "2021-06-01", No)},
		{"the only open placement ended 30 days ago", "2021-06-30", "unproven", two().works(1, "2020-01-01", "2021-05-01").ends(1, "2021-05-31")},
		{"31 days ago, whoever is silent", "2021-07-01", "at_risk", two().works(1, "2020-01-01", "2021-05-01").ends(1, "2021-05-31")},
		{"and another works since", "2021-07-01", "stabilising", two().works(1, "2020-01-01", "2021-05-01").ends(1, "2021-05-31").works(2, "2021-06-10", "")},
		{"the last open placement counts, when there were two", "2021-06-30", "stabilising", two().works(1, "2020-01-01", "2021-03-01").works(2, "2020-01-01", "2021-03-01").ends(1, "2021-03-10").ends(2, "2021-05-31")},
		{"thirty-one days after that one", "2021-07-01", "at_risk", two().works(1, "2020-01-01", "2021-03-01").works(2, "2020-01-01", "2021-03-01").ends(1, "2021-03-10").ends(2, "2021-05-31")},
		{"not where nobody is required to work", "2021-07-01", "stabilising", at9000(settled(adult{"1980-03", Weak})).works(1, "2020-01-01", "2021-05-01").ends(1, "2021-04-30")},
		{"a flag", "", "at_risk", at9000(fine()).flagged("2021-06-01")},
		{"monitored", "", "at_risk", theCase(at9000(fine()), Unstable)},
		{"a gap of services", "", "at_risk", at9000(settled(worker1, adult{"2011-03", NoLabour})).works(1, "2019-08-01", "2021-05-20").visited("2021-06-01", pid(2), ChildNotInSchool)},
		{"the old homestead lived in again", "", "at_risk", at9000(fine()).on("2021-06-01", "homestead.checked", &HomesteadChecked{Homestead: HomesteadID{MintEntity(HomesteadKind, 1)}, State: HomesteadInUse})},
		{"used for production is no such risk", "", "stabilising", at9000(fine()).on("2021-06-01", "homestead.checked", &HomesteadChecked{Homestead: HomesteadID{MintEntity(HomesteadKind, 1)}, State: "used_for_production"})},
		{"income near the line", "", "at_risk", fine().income(2020, 5000, 10)},
		{"not where nobody can work and dibao runs", "", "stable", settled(oldPair...).income(2020, 5000, 10).entitled("2020-01-01", "dibao", "")},
		{"until its until", "2021-06-30", "stable", settled(oldPair...).income(2020, 5000, 10).entitled("2020-01-01", "dibao", "2021-06-30")},
		{"and not from the next day", "2021-07-01", "at_risk", settled(oldPair...).income(2020, 5000, 10).entitled("2020-01-01", "dibao", "2021-06-30")},
		{"another payment is no safety net", "", "at_risk", settled(oldPair...).income(2020, 5000, 10).entitled("2020-01-01", "other", "")},
		{"moved back to its origin", "", "at_risk", at9000(fine()).moves("2021-06-01", ReturnedToOrigin, DwellingID{})},
	})
}

func TestUnproven(t *testing.T) {
	requireStates(t, []clause{
		{"housing unknown", "", "unproven", at9000(registeredAs("dispersed", worker1)).works(1, "2020-01-01", "2021-06-01")},
		{"housing stale", "2021-12-03", "unproven", at9000(fine()).statesOf(1, 1, "2021-11-01", Yes)},
		{"employment unknown", "", "unproven", at9000(settled(worker1))},
		{"employment stale", "", "unproven", at9000(settled(worker1)).works(1, "2020-01-01", "2021-03-01")},
		{"income unknown", "", "unproven", fine()},
		{"income stale", "2022-02-01", "unproven", at9000(fine()).checked("2022-01-10", sampleDwelling, LivedIn).statesOf(1, 1, "2022-01-10", Yes)},
		{"not the income where nobody can work and a pension runs", "", "stable", settled(oldPair...).entitled("2020-01-01", "pension", "")},
	})
}

func TestStability(t *testing.T) {
	rise := func(year3, transfers int64) *story {
		return fine().income(2018, 7000, transfers).income(2019, 8000, transfers).income(2020, year3, transfers)
	}
	young := func() *story {
		s := registered(worker1).keys("2020-07-01", sampleDwelling).checked("2021-06-05", sampleDwelling, LivedIn)
		s.on("2021-01-20", "title.certificate_issued", &CertificateIssued{Dwelling: sampleDwelling}).enrols(1, "2019-06-01", FamilyDoctor)
		return at9000(s).works(1, "2019-08-01", "2021-05-20")
	}
	requireStates(t, []clause{
		{"up two years running, 2.5 lines, few transfers", "", "getting_rich", rise(10_000, 29)},
		{"under 2.5 lines", "", "stable", rise(9_999, 29)},
		{"transfers of three tenths", "", "stable", rise(10_000, 30)},
		{"two declarations only", "", "stable", fine().income(2019, 8000, 10).income(2020, 11_000, 10)},
		{"up in one of the two years", "", "stable", fine().income(2018, 9000, 10).income(2019, 8000, 10).income(2020, 11_000, 10)},
		{"rich but not stable", "", "stabilising", rise(10_000, 29).checked("2021-06-10", sampleDwelling, Seasonal)},
		{"all is well", "", "stable", at9000(fine())},
		{"found let out", "", "stabilising", at9000(fine()).checked("2021-06-10", sampleDwelling, LetOut)},
		{"title in process inside its clock", "2021-11-05", "stable", at9000(settledBut("certificate", worker1)).works(1, "2019-08-01", "2021-10-20")},
		{"and past it", "2021-11-06", "stabilising", at9000(settledBut("certificate", worker1)).works(1, "2019-08-01", "2021-10-20")},
		{"placed and not verified", "", "stabilising", at9000(settled(worker1)).works(1, "2021-06-01", "")},
		{"a grievance open", "", "stabilising", at9000(fine()).on("2021-06-01", "grievance.filed", &GrievanceFiled{Grievance: GrievanceID{MintEntity(GrievanceKind, 1)}, Kind: "title"})},
		{"rights unknown do not matter", "", "stable", at9000(fine())},
		{"keys twelve months ago", "2021-07-01", "stable", young()},
		{"and a day less", "2021-06-30", "stabilising", young()},
		{"twelve months run from the first keys", "", "stable", at9000(fine()).keys("2021-05-01", secondDwelling).checked("2021-06-10", secondDwelling, LivedIn).on("2021-06-01", "title.certificate_issued", &CertificateIssued{Dwelling: secondDwelling})},
		{"a case open within twelve months", "2021-06-01", "stabilising", at9000(fine()).checked("2021-05-25", sampleDwelling, LivedIn).decided("2020-01-01", Unstable).cleared("2020-06-02")},
		{"and longer ago", "2021-06-02", "stable", at9000(fine()).checked("2021-06-01", sampleDwelling, LivedIn).decided("2020-01-01", Unstable).cleared("2020-06-02")},
		{"a dismissed flag was no case", "", "stable", at9000(fine()).flagged("2021-05-01").decided("2021-05-10", NoCase)},
		{"61 days without work after a job ended", "", "stabilising", at9000(settled(worker1)).works(1, "2019-08-01", "").ends(1, "2021-01-01").on("2021-03-03", "job.placed", &JobPlaced{Person: pid(1), Placement: wid(2)}).statesOf(1, 2, "2021-06-01", Yes)},
		{"sixty days are not more than sixty", "", "stable", at9000(settled(worker1)).works(1, "2019-08-01", "").ends(1, "2021-01-01").on("2021-03-02", "job.placed", &JobPlaced{Person: pid(1), Placement: wid(2)}).statesOf(1, 2, "2021-06-01", Yes)},
		{"a stretch counts whole though it began earlier", "", "stabilising", at9000(settled(worker1)).works(1, "2019-08-01", "").ends(1, "2020-05-01").on("2020-07-05", "job.placed", &JobPlaced{Person: pid(1), Placement: wid(2)}).statesOf(1, 2, "2021-06-01", Yes)},
		{"one that ended twelve months ago does not", "2021-07-05", "stable", at9000(settled(worker1)).works(1, "2019-08-01", "").ends(1, "2020-05-01").on("2020-07-05", "job.placed", &JobPlaced{Person: pid(1), Placement: wid(2)}).statesOf(1, 2, "2021-06-01", Yes)},
	})
}

// A state's reason says the numbers of the set that judges, in both languages.
func TestAReasonSaysTheNumbersOfItsSet(t *testing.T) {
	other := *DefaultParameters()
	other.NoHomeDays, other.OutOfWorkDays, other.LastJobDays, other.SettledMonths = 45, 20, 10, 24
	noHome := at9000(registered(worker1).keys("2019-06-01", sampleDwelling).checked("2021-01-05", sampleDwelling, LivedIn)).moves("2021-04-01", LeftCounty, DwellingID{})
	two := func() *story { return at9000(settled(worker1, worker2)) }
	for want, s := range map[string]*story{
		"no home for 45 days and nobody in verified work":                            noHome,
		"everybody required to work is stated not working, for more than 20 days":    two().states(1, "2021-04-01", No).states(2, "2021-05-01", No),
		"the only open placement ended more than 10 days ago and nobody works since": two().works(1, "2020-01-01", "2021-05-01").ends(1, "2021-05-31"),
	} {
		a := Status(s.file(), nil, day("2021-06-30"), &other)
		require.Equal(t, want, a.StateReason.EN)
		require.NotContains(t, a.StateReason.ZH, "{")
	}
}
