package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// timely is a fact and what it is when it is of 2020-02-01 and the person died, or the household closed, on
// 2020-01-01, was registered on 2020-03-01, or the person was born in 2020-03.
type timely struct {
	kind                               string
	fact                               Fact
	death, closing, birth, registering bool
}

func timelyFacts() []timely {
	return []timely{
		{"training.completed", &TrainingCompleted{Person: pid(2)}, true, true, true, false},
		{"job.wanted", &JobWanted{Person: pid(2)}, true, true, true, false},
		{"job.placed", &JobPlaced{Person: pid(2), Placement: wid(1)}, true, true, true, false},
		{"job.verified", &JobVerified{Person: pid(2), Still: Yes}, true, true, true, false},
		{"job.verified", &JobVerified{Person: pid(2), Still: No}, false, false, true, false},
		{"job.ended", &JobEnded{Person: pid(2), Placement: wid(1)}, false, false, true, false},
		{"business.started", &BusinessStarted{Person: pid(2)}, true, true, true, false},
		{"business.closed", &BusinessClosed{Person: pid(2)}, false, false, true, false},
		{"service.enrolled", &ServiceEnrolled{Person: pid(2), Kind: "family_doctor"}, true, true, true, false},
		{"service.left", &ServiceLeft{Person: pid(2), Kind: "family_doctor"}, false, false, true, false},
		{"hukou.changed", &HukouChanged{Person: pid(2), Kind: "moved"}, true, true, true, false},
		{"person.profile_updated", &ProfileUpdated{Person: pid(2), LabourClass: Ordinary}, true, true, true, false},
		{"person.identity_linked", &IdentityLinked{Person: pid(2)}, false, false, true, false},
		{"entitlement.started", &EntitlementStarted{Person: pid(2), Kind: OpenSensitive(EntitlementKind("medical"))}, true, true, true, false},
		{"entitlement.ended", &EntitlementEnded{Person: pid(2), Kind: OpenSensitive(EntitlementKind("medical"))}, false, false, true, false},
		{"benefit.paid", &BenefitPaid{Person: pid(2), Kind: OpenSensitive(EntitlementKind("medical"))}, true, true, true, false},
		{"benefit.paid", &BenefitPaid{Person: pid(2), Period: MakeMonth(2020, 2)}, true, true, true, false},
		{"benefit.paid", &BenefitPaid{Person: pid(2), Period: MakeMonth(2019, 12)}, false, false, true, false},
		{"benefit.paid", &BenefitPaid{Household: sampleHousehold, Period: MakeMonth(2020, 2)}, false, true, false, false},
		{"visit.made", &VisitMade{Purpose: "routine", Person: pid(2)}, true, true, true, true},
		{"income.declared", &IncomeDeclared{Year: 2020, Persons: 2}, false, true, false, false},
		{"income.declared", &IncomeDeclared{Year: 2019, Persons: 2}, false, false, false, false},
		{"dwelling.handed_over", &DwellingHandedOver{Dwelling: sampleDwelling}, false, true, false, true},
		{"dwelling.occupancy_checked", &OccupancyChecked{Dwelling: sampleDwelling, State: "lived_in"}, false, true, false, true},
		{"title.application_accepted", &TitleApplied{Dwelling: sampleDwelling}, false, true, false, true},
		{"homestead.vacated", &HomesteadGivenUp{}, false, false, false, false},
		{"industry.household_linked", &HouseholdLinked{Project: sampleProject}, false, true, false, false},
		{"household.moved", &HouseholdMoved{Kind: ResettledAgain, Dwelling: sampleDwelling}, false, true, false, true},
		{"household.member_joined", &MemberJoined{Member: Member{Person: pid(3), Relation: "child"}, Reason: "birth"}, false, true, false, true},
		{"grievance.filed", &GrievanceFiled{Grievance: GrievanceID{MintEntity(GrievanceKind, 1)}}, false, true, false, true},
		{"grievance.resolved", &GrievanceResolved{Grievance: GrievanceID{MintEntity(GrievanceKind, 1)}}, false, false, false, true},
		{"risk.flagged", &RiskFlagged{Case: sampleCase, Source: "grid"}, false, true, false, true},
		{"risk.decided", &RiskDecided{Case: sampleCase, Class: SuddenHardship}, false, true, false, true},
		{"help.planned", &HelpPlanned{Case: sampleCase}, false, true, false, true},
		{"risk.cleared", &RiskCleared{Case: sampleCase}, false, false, false, true},
	}
}

// family is a household of two, the second born in a month when one is given.
func family(date string, birth Month) *story {
	return (&story{}).on(date, "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{
		{Person: pid(1), Relation: Head}, {Person: pid(2), Relation: "child", BirthMonth: birth},
	}})
}

// untimelyOf are the kinds about the times of facts that a story shows.
func untimelyOf(s *story, kind DiscrepancyKind) bool {
	for _, d := range Status(s.file(), nil, day("2021-06-30"), DefaultParameters()).Discrepancies {
		if d.Kind == kind {
			return true
		}
	}
	return false
}

// Every fact type that can be of a time at which its person or household was not there is told, and what
// may be said afterwards is not.
func TestEveryFactOutOfItsTimeIsTold(t *testing.T) {
	const date = "2020-02-01"
	for _, c := range timelyFacts() {
		dead := family("2019-06-01", 0).on("2020-01-01", "person.died", &PersonDied{Person: pid(2)}).on(date, c.kind, c.fact)
		require.Equal(t, c.death, untimelyOf(dead, AfterDeath), "%s after death %+v", c.kind, c.fact)
		closed := family("2019-06-01", 0).on("2020-01-01", "household.closed", &HouseholdClosed{Reason: "withdrawn"}).on(date, c.kind, c.fact)
		require.Equal(t, c.closing, untimelyOf(closed, AfterClosing), "%s after closing %+v", c.kind, c.fact)
		born := family("2020-04-01", MakeMonth(2020, 3)).on(date, c.kind, c.fact)
		require.Equal(t, c.birth, untimelyOf(born, BeforeBirth), "%s before birth %+v", c.kind, c.fact)
		require.Equal(t, c.registering, untimelyOf(born, BeforeRegistration), "%s before registration %+v", c.kind, c.fact)
	}
}

// A register is of its first day and names who was born since; who joins is born.
func TestNobodyJoinsBeforeHisBirth(t *testing.T) {
	s := family("2019-06-01", MakeMonth(2020, 3))
	require.False(t, untimelyOf(s, BeforeBirth))
	s = s.on("2020-02-01", "household.member_joined", &MemberJoined{Member: Member{Person: pid(3), Relation: "child", BirthMonth: MakeMonth(2020, 4)}, Reason: "birth"})
	require.True(t, untimelyOf(s, BeforeBirth))
}

// Facts of those whose household was merged, or who left it, go on in their old file and are none of a
// closed household.
func TestWhoLeftAClosedHouseholdGoesOn(t *testing.T) {
	work := func(s *story) *story {
		return s.on("2020-02-01", "job.placed", &JobPlaced{Person: pid(2), Placement: wid(1)})
	}
	merged := family("2019-06-01", 0).on("2020-01-01", "household.closed", &HouseholdClosed{Reason: "merged"})
	require.False(t, untimelyOf(work(merged), AfterClosing))
	left := family("2019-06-01", 0).on("2019-12-01", "household.member_left", &MemberLeft{Person: pid(2), Reason: "marriage"}).
		on("2020-01-01", "household.closed", &HouseholdClosed{Reason: "withdrawn"})
	require.False(t, untimelyOf(work(left), AfterClosing))
}
