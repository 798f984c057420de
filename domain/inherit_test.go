package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// kin are three households that split and merge, with the questions of conservation.
type kin struct {
	t   *testing.T
	all map[Entity]Register
	n   uint64
}

func newKin(t *testing.T, stories ...*story) *kin {
	k := &kin{t: t, all: map[Entity]Register{}, n: 100}
	for i, s := range stories {
		k.all[kinHome(i)] = s.register
	}
	return k
}

func kinHome(n int) Entity {
	if n == 0 {
		return sampleHousehold.Entity
	}
	return MintEntity(HouseholdKind, uint64(n+1))
}

func (k *kin) tell(home int, date, kind string, f Fact) {
	k.n++
	tell(k.all, kinHome(home), k.n, date, kind, f)
}

func (k *kin) split(home int, date string, children ...Child) {
	k.tell(home, date, "household.split", &HouseholdSplit{Children: children})
}

func (k *kin) merge(into, from int, date string) {
	k.tell(into, date, "household.merged", &HouseholdMerged{Into: HouseholdID{kinHome(into)}, From: []HouseholdID{{kinHome(from)}}, Reason: "care"})
}

func child(home, dwelling int, members ...int) Child {
	c := Child{Household: HouseholdID{kinHome(home)}}
	if dwelling > 0 {
		c.Dwelling = kinDwelling(dwelling)
	}
	for _, m := range members {
		c.Members = append(c.Members, pid(m))
	}
	return c
}

func kinDwelling(n int) DwellingID { return DwellingID{MintEntity(DwellingKind, uint64(100+n))} }

// holds reads, on a day, which dwelling a household has and whether a case of it is open.
func (k *kin) holds(home int, date string) (dwelling DwellingID, monitored bool) {
	files := foldAll(k.all)
	roll := RollOf(files[kinHome(home)], files)
	for _, d := range roll.Dwellings() {
		if d.Holds(day(date)) {
			dwelling = DwellingID{d.Of}
		}
	}
	return dwelling, Status(files[kinHome(home)], files, day(date), DefaultParameters()).Dimensions[Risk].Level == "monitored"
}

func (k *kin) requireHolds(home int, date string, dwelling int, monitored bool) {
	k.t.Helper()
	want := DwellingID{}
	if dwelling > 0 {
		want = kinDwelling(dwelling)
	}
	got, open := k.holds(home, date)
	require.Equal(k.t, want, got)
	require.Equal(k.t, monitored, open)
}

func (s *story) withCase() *story {
	s.flagged("2020-01-01").decided("2020-01-10", Borderline)
	return s
}

func TestWhatAnEmptiedParentLeavesGoesToTheChildNamedFirst(t *testing.T) {
	k := newKin(t, registered(worker1, worker2).keys("2019-06-01", kinDwelling(1)).withCase())
	k.split(0, "2021-06-01", child(1, 0, 1), child(2, 0, 2))
	k.requireHolds(0, "2021-05-31", 1, true)
	k.requireHolds(1, "2021-05-31", 0, false)
	k.requireHolds(1, "2021-06-01", 1, true)
	k.requireHolds(2, "2021-06-01", 0, false)
	k.split(1, "2021-07-01", child(3, 0, 1))
	k.requireHolds(3, "2021-07-01", 1, true)
}

func TestAParentKeepsItsCaseAndTheDwellingThatItGivesToNobody(t *testing.T) {
	k := newKin(t, registered(worker1, worker2, worker1).keys("2019-06-01", kinDwelling(1)).withCase())
	k.split(0, "2021-06-01", child(1, 0, 2))
	k.requireHolds(0, "2021-06-01", 1, true)
	k.requireHolds(1, "2021-06-01", 0, false)
	k.split(0, "2021-07-01", child(2, 1, 3))
	k.requireHolds(0, "2021-07-01", 0, true)
	k.requireHolds(2, "2021-07-01", 1, false)
}

func TestAMergeTakesCasesAlongHoweverFarAndADwellingWhereThereIsNone(t *testing.T) {
	other := (&story{}).on("2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{{Person: pid(8), Relation: Head}}})
	last := (&story{}).on("2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{{Person: pid(9), Relation: Head}}}).keys("2019-06-01", kinDwelling(2))
	k := newKin(t, registered(worker1).keys("2019-06-01", kinDwelling(1)).withCase(), other, last)
	k.merge(1, 0, "2021-06-01")
	k.requireHolds(1, "2021-05-31", 0, false)
	k.requireHolds(1, "2021-06-01", 1, true)
	k.merge(2, 1, "2021-07-01")
	k.requireHolds(2, "2021-07-01", 2, true)
}

func TestALateFactShowsWhomASplitTookAlongOrLeftBehind(t *testing.T) {
	kinds := func(k *kin, home int, date string) (kinds []DiscrepancyKind) {
		files := foldAll(k.all)
		for _, d := range Status(files[kinHome(home)], files, day(date), DefaultParameters()).Discrepancies {
			kinds = append(kinds, d.Kind)
		}
		return kinds
	}
	k := newKin(t, registered(worker1, worker2))
	k.split(0, "2021-06-01", child(1, 0, 2))
	require.Empty(t, kinds(k, 0, "2021-06-30"))
	k.tell(0, "2021-05-01", "household.member_joined", &MemberJoined{Member: Member{Person: pid(3), Relation: "child"}, Reason: "found"})
	require.Empty(t, kinds(k, 0, "2021-05-31"))
	require.Equal(t, []DiscrepancyKind{FoundAfterSplit}, kinds(k, 0, "2021-06-01"))
	k.tell(0, "2021-05-15", "household.member_left", &MemberLeft{Person: pid(2), Reason: "moved"})
	require.Equal(t, []DiscrepancyKind{FoundAfterSplit, LeftNonMember}, kinds(k, 0, "2021-06-30"))
}
