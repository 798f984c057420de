package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEmployment(t *testing.T) {
	one := func() *story { return registered(worker1) }
	two := func() *story { return registered(worker1, worker2) }
	weakOne := func() *story { return registered(adult{"1980-03", Weak}) }
	requireLevels(t, Employment, []clause{
		{"nobody required to work and nobody works is not applicable", "", "n/a", registered(oldPair...)},
		{"weak labour is not required to work", "", "n/a", weakOne()},
		{"required and silent is unknown", "", "unknown", one()},
		{"a skilled member is required", "", "unknown", registered(adult{"1980-03", Skilled})},
		{"sixteen from the first day of the birth month", "2021-03-01", "unknown", registered(adult{"2005-03", Ordinary})},
		{"and not the day before", "2021-02-28", "n/a", registered(adult{"2005-03", Ordinary})},
		{"through fifty-nine", "2021-02-28", "unknown", registered(adult{"1961-03", Ordinary})},
		{"and not from sixty on", "2021-03-01", "n/a", registered(adult{"1961-03", Ordinary})},
		{"a birth month that nobody stated does not excuse", "", "unknown", registered(adult{"", Ordinary})},
		{"stated not working is none", "", "none", one().states(1, "2021-06-01", No)},
		{"one of two stated and the other silent is unknown", "", "unknown", two().states(1, "2021-06-01", No)},
		{"every member required stated is none", "", "none", two().states(1, "2021-06-01", No).states(2, "2021-06-02", No)},
		{"one who wants a job makes it seeking", "", "seeking", one().states(1, "2021-06-01", No).on("2021-06-02", "job.wanted", &JobWanted{Person: pid(1), Wish: "work"})},
		{"a wish alone states nothing of work", "", "unknown", one().on("2021-06-02", "job.wanted", &JobWanted{Person: pid(1), Wish: "work"})},
		{"a placement is placed", "", "placed", one().works(1, "2021-06-01", "")},
		{"a placement of one who is not required counts", "", "placed", weakOne().works(1, "2021-06-01", "")},
		{"a verified one is verified", "", "verified", one().works(1, "2021-05-01", "2021-06-01")},
		{"two verified members are verified_2plus", "", "verified_2plus", two().works(1, "2021-05-01", "2021-06-01").works(2, "2021-05-01", "2021-06-01")},
		{"the best member's level counts", "", "verified", two().works(1, "2021-05-01", "").works(2, "2021-05-01", "2021-06-01")},
		{"only an end ends it: a contract that ran out does not", "", "verified", one().on("2021-01-01", "job.placed", &JobPlaced{Person: pid(1), Placement: wid(1), ContractTo: DateOf(day("2021-02-01"))}).statesOf(1, 1, "2021-06-01", Yes)},
		{"an end is a statement that he does not work", "", "none", one().works(1, "2021-01-01", "2021-05-01").ends(1, "2021-06-01")},
		{"no on an open placement is such a statement", "", "none", one().works(1, "2021-01-01", "2021-05-01").statesOf(1, 1, "2021-06-01", No)},
		{"until a later placement", "", "placed", one().works(1, "2021-01-01", "2021-05-01").statesOf(1, 1, "2021-06-01", No).on("2021-06-10", "job.placed", &JobPlaced{Person: pid(1), Placement: wid(7)})},
		{"or until a statement yes", "", "verified", one().works(1, "2021-01-01", "2021-05-01").statesOf(1, 1, "2021-06-01", No).statesOf(1, 1, "2021-06-10", Yes)},
		{"no without a placement speaks of the person", "", "none", one().works(1, "2021-01-01", "2021-05-01").states(1, "2021-06-01", No)},
		{"unknown states nothing", "", "verified", one().works(1, "2021-01-01", "2021-06-01").statesOf(1, 1, "2021-06-10", NotKnown)},
		{"and does not refresh", "2021-08-31", "verified, stale", one().works(1, "2021-01-01", "2021-06-01").statesOf(1, 1, "2021-08-10", NotKnown)},
		{"a business is placed", "", "placed", one().business(1, "2021-06-01")},
		{"yes without a placement verifies it", "", "verified", one().business(1, "2021-05-01").states(1, "2021-06-01", Yes)},
		{"its close ends it", "", "none", one().business(1, "2021-05-01").on("2021-06-01", "business.closed", &BusinessClosed{Person: pid(1)})},
		{"yes about an ended placement is no work", "", "none", one().works(1, "2021-01-01", "").ends(1, "2021-06-01").statesOf(1, 1, "2021-06-10", Yes)},
		{"fresh through day 90 of the latest statement", "2021-08-30", "verified", one().works(1, "2021-01-01", "2021-06-01")},
		{"and stale from the next", "2021-08-31", "verified, stale", one().works(1, "2021-01-01", "2021-06-01")},
		{"never verified: 90 days after the placement", "2021-08-31", "placed, stale", one().works(1, "2021-06-01", "")},
		{"the freshest member counts", "", "verified_2plus", two().works(1, "2020-01-01", "2020-06-01").works(2, "2021-05-01", "2021-06-01")},
		{"a statement of not working ages too", "2021-08-31", "none, stale", one().states(1, "2021-06-01", No)},
		{"no on an ended placement refreshes it", "2021-08-31", "none", one().works(1, "2021-01-01", "").ends(1, "2021-06-01").statesOf(1, 1, "2021-06-10", No)},
		{"facts of one day: placed, verified, ended", "", "none", one().ends(1, "2021-06-01").statesOf(1, 1, "2021-06-01", Yes).on("2021-06-01", "job.placed", &JobPlaced{Person: pid(1), Placement: wid(1)})},
		{"one who left does not count", "", "n/a", registered(oldPair[0], worker1).works(2, "2021-05-01", "2021-06-01").on("2021-06-10", "household.member_left", &MemberLeft{Person: pid(2), Reason: "moved"})},
	})
}

func TestAMonthOfBirthCountsFromWhenItIsKnown(t *testing.T) {
	s := registered(adult{"", Ordinary}).on("2021-06-01", "household.member_joined", &MemberJoined{Member: Member{Person: pid(1), Relation: Head, BirthMonth: MakeMonth(1950, 1)}, Reason: "correction"})
	requireLevels(t, Employment, []clause{
		{"until the entry he is asked about", "2021-05-31", "unknown", s},
		{"from its day on he is too old", "2021-06-01", "n/a", s},
	})
}

func TestEmployedIsALabourHouseholdInVerifiedWork(t *testing.T) {
	cases := []struct {
		name  string
		story *story
		want  bool
	}{
		{"verified and fresh", registered(worker1).works(1, "2021-01-01", "2021-06-01"), true},
		{"placed only", registered(worker1).works(1, "2021-06-01", ""), false},
		{"verified and stale", registered(worker1).works(1, "2021-01-01", "2021-03-01"), false},
		{"weak labour is labour", registered(adult{"1980-03", Weak}).works(1, "2021-01-01", "2021-06-01"), true},
		{"labour whatever the age", registered(adult{"1940-03", Ordinary}).works(1, "2021-01-01", "2021-06-01"), true},
		{"no labour household", registered(adult{"1980-03", NoLabour}).works(1, "2021-01-01", "2021-06-01"), false},
		{"verified beside an unproven one", registered(worker1, worker2).works(1, "2021-01-01", "2021-06-01").works(2, "2021-06-01", ""), true},
		{"closed", registered(worker1).works(1, "2021-01-01", "2021-06-01").on("2021-06-30", "household.closed", &HouseholdClosed{Reason: "extinct"}), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, c.story.on21(t).Employed) })
	}
}
