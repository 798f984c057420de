package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// neighbours are folded files by home.
type neighbours map[Entity]*File

func (n neighbours) File(home Entity) (*File, bool) { f, ok := n[home]; return f, ok }

// tell inserts one fact into the registers of every home that it touches.
func tell(registers map[Entity]Register, subject Entity, n uint64, date, kind string, f Fact) {
	k, _ := KindOf(kind)
	s := Stamp{Time: day(date).Moment(), Kind: k, Place: Place{52, n}, ID: EventID{2, byte(n), 8: 0x80}, Division: "520603001", Source: Source{"township", "520603"}, Subject: subject}
	homes := []Entity{subject}
	if wide, ok := f.(interface{ Touches() []Entity }); ok {
		homes = append(homes, wide.Touches()...)
	}
	for _, home := range homes {
		registers[home], _ = registers[home].Insert(f, s)
	}
}

func foldAll(registers map[Entity]Register) neighbours {
	files := neighbours{}
	for home, r := range registers {
		files[home] = &File{Home: home}
		r.Fold(files[home])
	}
	return files
}

func TestASplitPartitionsTheMembersAndTheChildInheritsHistory(t *testing.T) {
	parent, child := sampleHousehold.Entity, MintEntity(HouseholdKind, 2)
	all := map[Entity]Register{parent: settled(worker1, worker2).works(2, "2019-08-01", "2021-05-20").register}
	tell(all, parent, 100, "2021-06-01", "household.split", &HouseholdSplit{Children: []Child{{Household: HouseholdID{child}, Members: []PersonID{pid(2)}, Dwelling: sampleDwelling}}})
	files := foldAll(all)
	p := DefaultParameters()
	before, after := day("2021-05-31"), day("2021-06-10")
	require.Equal(t, "verified", Status(files[parent], files, before, p).Dimensions[Employment].Level)
	require.Equal(t, "unknown", Status(files[parent], files, after, p).Dimensions[Employment].Level, "the worker went with the child")
	require.Equal(t, NotRegistered, Status(files[child], files, before, p).State)
	got := Status(files[child], files, after, p)
	require.Equal(t, "verified", got.Dimensions[Employment].Level, "the person's facts follow him")
	require.Equal(t, "issued", got.Dimensions[Title].Level, "the title follows the dwelling")
	require.True(t, got.Employed)
}

func TestASplitThatLeavesNobodyClosesTheParent(t *testing.T) {
	parent, child := sampleHousehold.Entity, MintEntity(HouseholdKind, 2)
	all := map[Entity]Register{parent: settled(worker1).register}
	tell(all, parent, 100, "2021-06-01", "household.split", &HouseholdSplit{Children: []Child{{Household: HouseholdID{child}, Members: []PersonID{pid(1)}}}})
	files := foldAll(all)
	require.Equal(t, Closed, Status(files[parent], files, day("2021-06-01"), DefaultParameters()).State)
	require.NotEqual(t, Closed, Status(files[child], files, day("2021-06-01"), DefaultParameters()).State)
}

func TestAMergeClosesTheSourceAndCarriesMembersAndOpenCasesOver(t *testing.T) {
	into, from := sampleHousehold.Entity, MintEntity(HouseholdKind, 2)
	other := &story{}
	other.on("2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{{Person: pid(9), Relation: Head, BirthMonth: MakeMonth(1985, 3), LabourClass: Ordinary}}})
	other.on("2019-08-01", "job.placed", &JobPlaced{Person: pid(9), Placement: wid(9)}).on("2021-05-20", "job.verified", &JobVerified{Person: pid(9), Placement: wid(9), Still: Yes})
	theCase(other, Borderline)
	all := map[Entity]Register{into: settled(oldPair...).income(2020, 9000, 10).register, from: other.register}
	tell(all, into, 100, "2021-06-01", "household.merged", &HouseholdMerged{Into: HouseholdID{into}, From: []HouseholdID{{from}}, Reason: "care"})
	files := foldAll(all)
	p := DefaultParameters()
	at := day("2021-06-30")
	require.Equal(t, Closed, Status(files[from], files, at, p).State)
	got := Status(files[into], files, at, p)
	require.Equal(t, "verified", got.Dimensions[Employment].Level)
	require.Equal(t, "monitored", got.Dimensions[Risk].Level)
	require.Equal(t, AtRisk, got.State)
}

func TestALeaverWhoDidNotArriveIsADiscrepancy(t *testing.T) {
	one, two := sampleHousehold.Entity, MintEntity(HouseholdKind, 2)
	s := settled(worker1, worker2).on("2021-06-01", "household.member_left", &MemberLeft{Person: pid(2), Reason: "marriage", MovedToHousehold: HouseholdID{two}})
	all := map[Entity]Register{one: s.register, two: (&story{}).on("2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{{Person: pid(9), Relation: Head}}}).register}
	files := foldAll(all)
	got := Status(files[one], files, day("2021-06-30"), DefaultParameters())
	require.Len(t, got.Discrepancies, 1)
	require.Equal(t, LeftNotArrived, got.Discrepancies[0].Kind)
	require.Equal(t, "discrepancy", got.Dimensions[Data].Level)
}

func TestTotalsCountFactsAndStates(t *testing.T) {
	f := fine().income(2020, 9000, 10).ends(1, "2021-06-01").on("2021-06-02", "job.verified", &JobVerified{Person: pid(1), Still: No}).file()
	sum := func(at string) map[string]int64 {
		got := map[string]int64{}
		Contributions(f, nil, func(n TotalNo, in Division, from Day, amount int64) {
			require.Equal(t, Division("520603001"), in)
			if from <= day(at) {
				got[Totals()[n].Key] += amount
			}
		})
		return got
	}
	got := sum("2021-05-31")
	require.EqualValues(t, 1, got["persons_in_open_placement"])
	require.EqualValues(t, 1, got["households_with_open_placement"])
	require.EqualValues(t, 0, got["stated_not_working"])
	got = sum("2021-06-30")
	for key, want := range map[string]int64{
		"households": 1, "households_poor": 1, "persons": 1, "labour_households": 1, "labour_persons": 1, "job_placed": 1, "job_verified": 1, "job_ended": 1,
		"stated_not_working": 1, "persons_in_open_placement": 0, "households_with_open_placement": 0, "titles_issued": 1, "incomes_declared": 1, "services_enrolled": 1,
	} {
		require.Equal(t, want, got[key], key)
	}
}

func TestFacilitiesAreOpenFromStageOpenToStageClosed(t *testing.T) {
	f := (&story{}).on("2018-01-01", "facility.changed", &FacilityChanged{Stage: FacilityBuilding, Kind: "workshop", PlannedOpen: DateOf(day("2018-12-31"))}).
		on("2019-02-01", "facility.changed", &FacilityChanged{Stage: FacilityOpen, Kind: "workshop"}).
		on("2020-02-01", "facility.changed", &FacilityChanged{Stage: FacilityClosed, Kind: "workshop"}).file()
	f.Home = sampleFacility.Entity
	var open []Day
	Contributions(f, nil, func(n TotalNo, _ Division, from Day, amount int64) {
		if Totals()[n].Key == "open_扶贫车间" {
			open = append(open, from*Day(amount))
		}
	})
	require.Equal(t, []Day{day("2019-02-01"), -day("2020-02-01")}, open)
	require.Len(t, OverdueOf(f, nil, day("2019-01-15"), DefaultParameters()), 1)
	require.Empty(t, OverdueOf(f, nil, day("2018-12-31"), DefaultParameters()))
	require.Empty(t, OverdueOf(f, nil, day("2019-02-01"), DefaultParameters()))
}

func TestDisbursingMoreThanAllocatedIsADiscrepancy(t *testing.T) {
	f := (&story{}).on("2019-01-01", "fund.allocated", &FundAllocated{AmountFen: 100}).on("2019-02-01", "fund.disbursed", &FundDisbursed{AmountFen: 60}).
		on("2019-03-01", "fund.disbursed", &FundDisbursed{AmountFen: 60}).file()
	require.Empty(t, ContradictionsOf(f, nil, day("2019-02-01")))
	got := ContradictionsOf(f, nil, day("2019-03-01"))[0]
	require.Equal(t, []any{OverspentFund, day("2019-03-01")}, []any{got.Kind, got.Since})
	var facts []string
	for _, one := range got.Facts {
		facts = append(facts, one.Day.String()+" "+one.Type)
	}
	require.Equal(t, []string{"2019-01-01 fund.allocated", "2019-02-01 fund.disbursed", "2019-03-01 fund.disbursed"}, facts, "all that do not fit together")
}

func TestOneNumberUnderTwoPersonsIsADuplicateSuspected(t *testing.T) {
	tagged := PersonalBox[string]{Box{Tag: 7}}
	f := (&story{}).on("2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{
		{Person: pid(1), Relation: Head, IDNumber: tagged}, {Person: pid(2), Relation: "child", IDNumber: tagged},
	}}).file()
	got := Status(f, nil, day("2019-06-01"), DefaultParameters())
	require.Equal(t, "duplicate_suspected", got.Dimensions[Data].Level)
	require.Len(t, Holders(f, nil), 2)
}

func TestEvidenceNamesTheEventByItsDerivedID(t *testing.T) {
	k, _ := KindOf("visit.made")
	s := Stamp{Time: day("2020-01-01").Moment(), Kind: k, Key: "visits/visit.made/h000000000001/2020-01-01/routine", Source: Source{"community", "520603"}, Place: Place{52, 1}, Division: "520603001"}
	s.ID = DeriveEventID(s.Source, s.Key)
	r, _ := Register(nil).Insert(&VisitMade{Purpose: "routine"}, s)
	var f File
	r.Fold(&f)
	require.Equal(t, s.ID, f.Visits[0].ID())
}

// TestTotalsLieWhereAHouseholdWas: a child's where the split was recorded; and what was true before a
// registration where it was recorded, which the registration does not change.
func TestTotalsLieWhereAHouseholdWas(t *testing.T) {
	parent, child := sampleHousehold.Entity, MintEntity(HouseholdKind, 2)
	all := map[Entity]Register{parent: settled(worker1, worker2).register}
	tell(all, parent, 100, "2021-06-01", "household.split", &HouseholdSplit{Children: []Child{{Household: HouseholdID{child}, Members: []PersonID{pid(2)}}}})
	tell(all, child, 101, "2021-07-01", "visit.made", &VisitMade{Purpose: "routine"})
	tell(all, parent, 102, "2010-07-01", "visit.made", &VisitMade{Purpose: "routine"})
	visits := map[Day]Division{}
	for _, f := range foldAll(all) {
		Contributions(f, nil, func(n TotalNo, in Division, from Day, _ int64) {
			if n == TotalVisits {
				visits[from] = in
			}
		})
	}
	require.Equal(t, Division("520603001"), visits[day("2021-07-01")], "the child's")
	require.Equal(t, Division("520603001"), visits[day("2010-07-01")], "before the registration")
}
