package domain

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// story builds the file of one household from facts, as a department would tell it.
type story struct {
	register Register
	n        uint64
}

func day(s string) Day {
	d, err := ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func (s *story) on(date, kind string, f Fact) *story { return s.at(day(date), kind, f) }

func (s *story) at(d Day, kind string, f Fact) *story {
	k, ok := KindOf(kind)
	if !ok {
		panic(kind)
	}
	s.n++
	stamp := Stamp{Time: d.Moment(), Kind: k, Place: Place{52, s.n}, ID: EventID{1, byte(s.n >> 8), byte(s.n), 8: 0x80}, Source: Source{"rural", "520603"}, Division: "520603001"}
	s.register, _ = s.register.Insert(f, stamp)
	return s
}

func (s *story) file() *File {
	f := &File{Home: sampleHousehold.Entity}
	s.register.Fold(f)
	return f
}

func (s *story) state(at string) string {
	return Status(s.file(), nil, day(at), DefaultParameters()).State.String()
}

func (s *story) on21(t *testing.T) *StatusAnswer {
	t.Helper()
	return Status(s.file(), nil, day("2021-06-30"), DefaultParameters())
}

func pid(n int) PersonID    { return PersonID{MintEntity(PersonKind, uint64(n))} }
func wid(n int) PlacementID { return PlacementID{MintEntity(PlacementKind, uint64(n))} }

type adult struct {
	birth string
	class LabourClass
}

// settled is a household that is well but for work and what a case changes: registered and
// handed over in May 2019, found lived in, with a title and a family doctor.
func settled(adults ...adult) *story { return settledBut("", adults...) }

func settledBut(without string, adults ...adult) *story {
	s := &story{}
	members := make([]Member, len(adults))
	for i, a := range adults {
		month, err := ParseMonth(a.birth)
		if err != nil {
			panic(err)
		}
		members[i] = Member{Person: pid(i + 1), Relation: "child", BirthMonth: month, LabourClass: a.class}
	}
	members[0].Relation = Head
	s.on("2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, SettlementMode: "concentrated", Members: members})
	s.on("2019-05-10", "dwelling.handed_over", &DwellingHandedOver{Dwelling: sampleDwelling})
	if without != "check" {
		s.on("2021-06-05", "dwelling.occupancy_checked", &OccupancyChecked{Dwelling: sampleDwelling, State: LivedIn})
	}
	if without != "title" {
		s.on("2020-11-20", "title.application_accepted", &TitleApplied{Dwelling: sampleDwelling})
		if without != "certificate" {
			s.on("2021-01-20", "title.certificate_issued", &CertificateIssued{Dwelling: sampleDwelling})
		}
	}
	if without != "doctor" {
		s.on("2019-06-01", "service.enrolled", &ServiceEnrolled{Person: pid(1), Kind: FamilyDoctor})
	}
	return s
}

func (s *story) income(year int, yuanHead, transferPercent int64) *story {
	total := yuanHead * 100
	transfer := total * transferPercent / 100
	return s.at(MakeDay(year, 12, 31), "income.declared", &IncomeDeclared{
		Year: int32(year), Persons: 1, WageFen: Some(Fen(total - transfer)), TransferFen: Some(Fen(transfer)),
	})
}

func (s *story) works(person int, placed, verified string) *story {
	s.on(placed, "job.placed", &JobPlaced{Person: pid(person), Placement: wid(person)})
	if verified != "" {
		s.on(verified, "job.verified", &JobVerified{Person: pid(person), Placement: wid(person), Still: Yes})
	}
	return s
}

func (s *story) ends(person int, date string) *story {
	return s.on(date, "job.ended", &JobEnded{Person: pid(person), Placement: wid(person)})
}

var (
	worker1 = adult{"1980-03", Ordinary}
	worker2 = adult{"1982-04", Ordinary}
	oldPair = []adult{{"1951-02", NoLabour}, {"1952-02", NoLabour}}
	fine    = func() *story { return settled(worker1).works(1, "2019-08-01", "2021-05-20") }
	theCase = func(s *story, class RiskClass) *story {
		s.on("2021-04-01", "risk.flagged", &RiskFlagged{Case: sampleCase, Source: "grid"})
		return s.on("2021-04-10", "risk.decided", &RiskDecided{Case: sampleCase, Class: class})
	}
)

// TestHandWorkedHouseholds are the 24 of the sample county, rebuilt from why each is what it is.
func TestHandWorkedHouseholds(t *testing.T) {
	cases := []struct {
		name, want string
		story      *story
	}{
		{"01 all is well; income did not rise", "stable", fine().income(2019, 9000, 10).income(2020, 9000, 10)},
		{"02 income up two years running, 14,000, transfers 10%", "getting_rich", fine().income(2018, 9000, 10).income(2019, 11000, 10).income(2020, 14000, 10)},
		{"03 no title and none applied for", "stabilising", settledBut("title", worker1).works(1, "2019-08-01", "2021-05-20").income(2020, 9000, 10)},
		{"04 no income declared", "unproven", fine()},
		{"05 sole earner out since 1 March, the other adult silent", "at_risk", settled(worker1, worker2).works(1, "2019-08-01", "2021-01-20").ends(1, "2021-03-01").income(2020, 9000, 10)},
		{"06 open case, borderline", "at_risk", theCase(fine().income(2020, 9000, 10), Borderline)},
		{"07 open case, sudden hardship", "in_crisis", theCase(fine().income(2020, 9000, 10), SuddenHardship)},
		{"08 3,000 a head in 2020", "in_crisis", fine().income(2020, 3000, 10)},
		{"09 two of 70 and 69, nobody required to work", "stable", settled(oldPair...).income(2020, 9000, 10)},
		{"10 a child of 12 dropped out in March", "at_risk", settled(worker1, adult{"2009-03", NoLabour}).works(1, "2019-08-01", "2021-05-20").income(2020, 9000, 10).
			on("2020-09-01", "service.enrolled", &ServiceEnrolled{Person: pid(2), Kind: PrimarySchool}).
			on("2021-03-10", "service.left", &ServiceLeft{Person: pid(2), Kind: PrimarySchool, Reason: DroppedOut})},
		{"11 work last verified in December", "unproven", settled(worker1).works(1, "2019-08-01", "2020-12-10").income(2020, 9000, 10)},
		{"12 a child of 10 enrolled", "stable", settled(worker1, adult{"2011-03", NoLabour}).works(1, "2019-08-01", "2021-05-20").income(2020, 9000, 10).
			on("2020-09-01", "service.enrolled", &ServiceEnrolled{Person: pid(2), Kind: PrimarySchool})},
		{"13 sole earner out since 10 June, under 30 days", "unproven", settled(worker1, worker2).works(1, "2019-08-01", "2021-04-20").ends(1, "2021-06-10").income(2020, 9000, 10)},
		{"14 one of two earners out since March, the other in verified work", "stable", settled(worker1, worker2).works(1, "2019-08-01", "").ends(1, "2021-03-01").works(2, "2019-08-01", "2021-05-20").income(2020, 9000, 10)},
		{"15 title in process inside its clock", "stable", settledBut("certificate", worker1).works(1, "2019-08-01", "2021-05-20").income(2020, 9000, 10)},
		{"16 case cleared on 20 May, so within 12 months", "stabilising", theCase(fine().income(2020, 9000, 10), Borderline).
			on("2021-05-20", "risk.cleared", &RiskCleared{Case: sampleCase, Kind: "cleared"})},
		{"17 found vacant on 5 June", "stabilising", fine().income(2020, 9000, 10).on("2021-06-06", "dwelling.occupancy_checked", &OccupancyChecked{Dwelling: sampleDwelling, State: Vacant})},
		{"18 5,000 a head in 2020, near the line", "at_risk", fine().income(2020, 5000, 10)},
		{"19 weak labour only: not required to work, silent", "stable", settled(adult{"1980-03", Weak}).income(2020, 9000, 10)},
		{"20 income up two years running, but 40% transfers", "stable", fine().income(2018, 9000, 40).income(2019, 11000, 40).income(2020, 14000, 40)},
		{"21 house never checked since the keys of May 2019", "unproven", settledBut("check", worker1).works(1, "2019-08-01", "2021-05-20").income(2020, 9000, 10)},
		{"22 both adults stated not working since 10 April, never placed", "at_risk", settled(worker1, worker2).income(2020, 9000, 10).
			on("2021-04-10", "job.verified", &JobVerified{Person: pid(1), Still: No}).on("2021-04-10", "job.verified", &JobVerified{Person: pid(2), Still: No})},
		{"23 two earners, one verification fresh and one stale", "stable", settled(worker1, worker2).works(1, "2019-08-01", "2021-05-20").works(2, "2019-08-01", "2020-12-01").income(2020, 9000, 10)},
		{"24 no family doctor and no child: services unknown", "stabilising", settledBut("doctor", worker1).works(1, "2019-08-01", "2021-05-20").income(2020, 9000, 10)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := c.story.on21(t)
			require.Equal(t, c.want, a.State.String(), a.StateReason.EN)
		})
	}
}

func TestCutOffsAreStrict(t *testing.T) {
	base := func() *story { return settled(worker1).income(2020, 9000, 10) }
	cases := []struct {
		name, at, want string
		story          *story
	}{
		{"work is fresh through day 90", "2021-06-29", "stable", base().works(1, "2019-08-01", "2021-03-31")},
		{"and stale from the next", "2021-06-30", "unproven", base().works(1, "2019-08-01", "2021-03-31")},
		{"a job over for 30 days is no risk yet", "2021-06-30", "unproven", settled(worker1, worker2).income(2020, 9000, 10).works(1, "2019-08-01", "2021-05-01").ends(1, "2021-05-31")},
		{"a job over for 31 days is", "2021-07-01", "at_risk", settled(worker1, worker2).income(2020, 9000, 10).works(1, "2019-08-01", "2021-05-01").ends(1, "2021-05-31")},
		{"stated out for 60 days is no risk yet", "2021-06-30", "stabilising", base().on("2021-05-01", "job.verified", &JobVerified{Person: pid(1), Still: No})},
		{"stated out for 61 days is", "2021-07-01", "at_risk", base().on("2021-05-01", "job.verified", &JobVerified{Person: pid(1), Still: No})},
		{"before its registration a household has no state", "2019-05-09", "not_registered", base()},
		{"a closed household is closed from that day", "2021-06-30", "closed", base().on("2021-06-30", "household.closed", &HouseholdClosed{Reason: "extinct"})},
		{"a household that moved back to its origin is at risk", "2021-06-30", "at_risk", fine().income(2020, 9000, 10).on("2021-06-01", "household.moved", &HouseholdMoved{Kind: ReturnedToOrigin})},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, c.story.state(c.at)) })
	}
}

func TestACorrectionReplacesAndAVoidRemoves(t *testing.T) {
	s := fine().income(2020, 9000, 10)
	s.on("2021-06-01", "job.ended", &JobEnded{Person: pid(1), Placement: wid(1)})
	ended := EventID{1, byte(s.n >> 8), byte(s.n), 8: 0x80}
	require.Equal(t, "unproven", settled(worker1, worker2).works(1, "2019-08-01", "2021-05-20").ends(1, "2021-06-01").income(2020, 9000, 10).state("2021-06-30"))
	require.False(t, s.on21(t).Employed)
	s.on("2021-06-20", "record.voided", &RecordVoided{TargetEvent: ended, Reason: "false"})
	void := EventID{1, byte(s.n >> 8), byte(s.n), 8: 0x80}
	require.True(t, s.on21(t).Employed)
	require.Equal(t, "stable", s.state("2021-06-30"))
	s.on("2021-06-21", "record.voided", &RecordVoided{TargetEvent: void, Reason: "false"})
	require.False(t, s.on21(t).Employed, "a voided void counts for nothing")
}

// randomStory tells a history without sense: the rules must hold on it all the same.
func randomStory(r *rand.Rand) ([]Stamp, []Fact) {
	var stamps []Stamp
	var facts []Fact
	add := func(d Day, kind string, f Fact) {
		k, _ := KindOf(kind)
		n := uint64(len(stamps) + 1)
		stamps = append(stamps, Stamp{Time: d.Moment(), Kind: k, Place: Place{52, n}, ID: EventID{1, byte(n >> 8), byte(n), 8: 0x80}, Source: Source{"rural", "520603"}, Division: "520603001"})
		facts = append(facts, f)
	}
	start := MakeDay(2019, 5, 1)
	when := func() Day { return start + Day(r.IntN(900)) }
	add(start, "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{
		{Person: pid(1), Relation: Head, BirthMonth: MakeMonth(1961, 1+r.IntN(12)), LabourClass: Ordinary},
		{Person: pid(2), Relation: "spouse", BirthMonth: MakeMonth(1985, 4), LabourClass: Skilled},
		{Person: pid(3), Relation: "child", BirthMonth: MakeMonth(2004+r.IntN(12), 8), LabourClass: NoLabour},
	}})
	person := func() PersonID { return pid(1 + r.IntN(3)) }
	answers := []Answer{Yes, No, No, Yes, NotKnown}
	for range 5 + r.IntN(40) {
		p, w := person(), wid(1+r.IntN(4))
		switch r.IntN(19) {
		case 0:
			add(when(), "dwelling.handed_over", &DwellingHandedOver{Dwelling: DwellingID{MintEntity(DwellingKind, uint64(r.IntN(2)))}})
		case 1, 2:
			add(when(), "dwelling.occupancy_checked", &OccupancyChecked{Dwelling: DwellingID{MintEntity(DwellingKind, uint64(r.IntN(2)))}, State: []OccupancyState{LivedIn, Vacant}[r.IntN(2)]})
		case 3:
			add(when(), "title.application_accepted", &TitleApplied{Dwelling: DwellingID{MintEntity(DwellingKind, uint64(r.IntN(2)))}})
		case 4:
			add(when(), "title.certificate_issued", &CertificateIssued{Dwelling: DwellingID{MintEntity(DwellingKind, uint64(r.IntN(2)))}})
		case 5, 6:
			add(when(), "job.placed", &JobPlaced{Person: p, Placement: w})
		case 7, 8:
			if r.IntN(3) == 0 {
				w = PlacementID{}
			}
			add(when(), "job.verified", &JobVerified{Person: p, Placement: w, Still: answers[r.IntN(5)]})
		case 9:
			add(when(), "job.ended", &JobEnded{Person: p, Placement: w})
		case 10:
			add(when(), []string{"business.started"}[0], &BusinessStarted{Person: p, Kind: "shop"})
		case 11:
			add(when(), "business.closed", &BusinessClosed{Person: p})
		case 12:
			k := CaseID{MintEntity(CaseKind, uint64(r.IntN(2)))}
			d := when()
			add(d, "risk.flagged", &RiskFlagged{Case: k})
			add(d+Day(r.IntN(30)), "risk.decided", &RiskDecided{Case: k, Class: []RiskClass{Unstable, SuddenHardship, NoCase}[r.IntN(3)]})
			add(d+Day(r.IntN(100)), "risk.cleared", &RiskCleared{Case: k})
		case 13:
			add(when(), "visit.made", &VisitMade{Purpose: "routine", Found: OpenSensitive([]VisitFinding{"ill", ChildNotInSchool}[r.IntN(2):][:1])})
		case 14:
			add(when(), "service.enrolled", &ServiceEnrolled{Person: p, Kind: []ServiceKind{PrimarySchool, JuniorSchool, FamilyDoctor}[r.IntN(3)]})
		case 15:
			add(when(), "service.left", &ServiceLeft{Person: p, Kind: PrimarySchool, Reason: []ServiceEndReason{Graduated, DroppedOut}[r.IntN(2)]})
		case 16:
			y := 2018 + r.IntN(4)
			add(MakeDay(y, 12, 31), "income.declared", &IncomeDeclared{Year: int32(y), Persons: 1, WageFen: Some(Fen(300_000 + r.IntN(1_000_000)))})
		case 17:
			add(when(), "entitlement.started", &EntitlementStarted{Person: p, Kind: OpenSensitive[EntitlementKind]("dibao"), Until: DateOf(when())})
		case 18:
			switch r.IntN(5) {
			case 0:
				add(when(), "household.member_left", &MemberLeft{Person: p, Reason: "moved"})
			case 1:
				add(when(), "household.member_joined", &MemberJoined{Member: Member{Person: p, Relation: "child", LabourClass: Ordinary}, Reason: "return"})
			case 2:
				add(when(), "person.died", &PersonDied{Person: p})
			case 3:
				add(when(), "household.moved", &HouseholdMoved{Kind: []MoveKind{ReturnedToOrigin, LeftCounty, ResettledAgain}[r.IntN(3)]})
			case 4:
				add(when(), "homestead.checked", &HomesteadChecked{Homestead: HomesteadID{MintEntity(HomesteadKind, uint64(r.IntN(2)))}, State: []HomesteadCondition{"empty", HomesteadInUse}[r.IntN(2)]})
			}
		}
	}
	return stamps, facts
}

func fileOf(stamps []Stamp, facts []Fact, order []int, until Day) *File {
	var reg Register
	for _, i := range order {
		if stamps[i].Day() <= until {
			reg, _ = reg.Insert(facts[i], stamps[i])
		}
	}
	f := &File{Home: sampleHousehold.Entity}
	reg.Fold(f)
	return f
}

// TestStatusIsAFunctionOfTheFactsUpToTheDay compares, on random histories, the steps with the
// status of every day, facts in any order of arrival, and the status of the facts up to a day with that of all.
func TestStatusIsAFunctionOfTheFactsUpToTheDay(t *testing.T) {
	p := DefaultParameters()
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		stamps, facts := randomStory(r)
		whole := fileOf(stamps, facts, r.Perm(len(facts)), farDay)
		steps := Steps(nil, whole, nil, p)
		require.Equal(t, steps, Steps(nil, fileOf(stamps, facts, r.Perm(len(facts)), farDay), nil, p), "seed %d: the order of arrival decides nothing", seed)
		c := draw(whole, nil, p)
		for at := MakeDay(2019, 4, 1); at < MakeDay(2023, 6, 1); at++ {
			var m moment
			m.start()
			m.to(at, c)
			require.Equal(t, c.word(&m), WordAt(steps, at), "seed %d on %s", seed, at)
		}
		for range 6 {
			at := MakeDay(2019, 4, 20) + Day(r.IntN(950))
			part := fileOf(stamps, facts, r.Perm(len(facts)), at)
			require.Equal(t, Status(part, nil, at, p), Status(whole, nil, at, p), "seed %d at %s", seed, at)
		}
	}
}

func TestEveryAnswerHasAReasonInBothLanguages(t *testing.T) {
	a := fine().income(2020, 9000, 10).on21(t)
	for _, d := range Dimensions() {
		require.NotEmpty(t, a.Dimensions[d].Reason.ZH, d.String())
		require.NotEmpty(t, a.Dimensions[d].Reason.EN, d.String())
	}
	require.Equal(t, "anju-2021-1", a.Parameters)
	require.Equal(t, "2019-05-10", fmt.Sprint(a.Dimensions[Industry].Since))
	require.Equal(t, "verified", a.Dimensions[Employment].Level)
	require.Equal(t, day("2021-05-20")+90, a.Dimensions[Employment].FreshUntil)
}

func BenchmarkStatus(b *testing.B) {
	s := fine().income(2018, 9000, 10).income(2019, 9500, 10).income(2020, 9900, 10)
	for i := range 20 {
		s.at(day("2020-01-01")+Day(i*25), "visit.made", &VisitMade{Purpose: "routine"})
	}
	f, p := &File{Home: sampleHousehold.Entity}, DefaultParameters()
	b.Run("fold", func(b *testing.B) {
		for b.Loop() {
			s.register.Fold(f)
		}
	})
	b.Run("status", func(b *testing.B) {
		for b.Loop() {
			Status(f, nil, day("2021-06-30"), p)
		}
	})
	b.Run("steps", func(b *testing.B) {
		var steps []Step
		for b.Loop() {
			steps = Steps(steps[:0], f, nil, p)
		}
	})
	b.ReportMetric(float64(len(s.register))/float64(s.register.Len()), "B/fact")
}
