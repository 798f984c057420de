package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// last is the id of the story's latest event.
func (s *story) last() EventID { return EventID{1, byte(s.n >> 8), byte(s.n), 8: 0x80} }

// corrects tells a correction of an event by a payload.
func (s *story) corrects(t *testing.T, target EventID, date, kind string, f Fact) *story {
	t.Helper()
	k, known := KindOf(kind)
	require.True(t, known)
	c := &RecordCorrected{TargetEvent: target, Reason: "typo"}
	require.NoError(t, c.Carry(k, f))
	return s.on(date, "record.corrected", c)
}

// A correction that takes a level away is named, and the fact by which the dimension became unknown; from the day
// of that fact, not of the correction.
func TestACorrectionThatMakesALevelUnknownIsNamed(t *testing.T) {
	s := settled(worker1, worker2).works(1, "2019-08-01", "2021-05-20").income(2020, 9000, 10)
	verified := EventID{1, byte((s.n - 1) >> 8), byte(s.n - 1), 8: 0x80}
	before := s.on21(t)
	require.Equal(t, "verified", before.Dimensions[Employment].Level)
	require.Equal(t, []EventID{verified}, before.Dimensions[Employment].Events)
	require.Empty(t, before.Amended)

	s.corrects(t, verified, "2021-06-25", "job.verified", &JobVerified{Person: pid(1), Placement: wid(1), Still: No})
	after := s.on21(t)
	require.Equal(t, "unknown", after.Dimensions[Employment].Level)
	require.Equal(t, day("2021-05-20"), after.Dimensions[Employment].Since)
	require.Equal(t, []EventID{verified}, after.Dimensions[Employment].Events)
	require.Equal(t, []Amendment{{verified, "corrected", s.last()}}, after.Amended)
	require.Empty(t, Status(s.file(), nil, day("2021-05-19"), DefaultParameters()).Amended, "before its day it does not count")
}

// A correction that changes nothing of any reading is named: the status was read off its payload.
func TestACorrectionWithoutEffectIsNamed(t *testing.T) {
	s := fine().income(2020, 9000, 10)
	s.on("2021-06-10", "visit.made", &VisitMade{Purpose: "routine"})
	visit := s.last()
	before := s.on21(t)
	s.corrects(t, visit, "2021-06-25", "visit.made", &VisitMade{Purpose: "risk_check"})
	after := s.on21(t)
	require.Equal(t, before.Dimensions, after.Dimensions)
	require.Equal(t, []Amendment{{visit, "corrected", s.last()}}, after.Amended)
}

// What is unknown from the first day on is so by no fact, and what became so by who left names that.
func TestWhatIsUnknownNamesWhatMadeItSo(t *testing.T) {
	require.Empty(t, settled(worker1).on21(t).Dimensions[Employment].Events)
	s := settled(worker1, worker2).works(1, "2019-08-01", "2021-05-20")
	s.on("2021-06-10", "household.member_left", &MemberLeft{Person: pid(1), Reason: "marriage"})
	a := s.on21(t)
	require.Equal(t, "unknown", a.Dimensions[Employment].Level)
	require.Equal(t, day("2021-06-10"), a.Dimensions[Employment].Since)
	require.Equal(t, []EventID{s.last()}, a.Dimensions[Employment].Events)
}

// A void in the home from which a member came is named by the household that he joined, from the day on which he
// did; one about somebody else of that home is not, nor what happened there after he had left this household.
func TestAVoidInASourceHomeIsNamed(t *testing.T) {
	here, there := sampleHousehold.Entity, MintEntity(HouseholdKind, 2)
	all := map[Entity]Register{here: settled(oldPair...).register}
	n := uint64(100)
	add := func(home Entity, date, kind string, f Fact) EventID {
		n++
		tell(all, home, n, date, kind, f)
		return EventID{2, byte(n), 8: 0x80}
	}
	add(there, "2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{
		{Person: pid(8), Relation: Head, BirthMonth: MakeMonth(1960, 3), LabourClass: Ordinary}, {Person: pid(9), Relation: "child", BirthMonth: MakeMonth(1985, 3), LabourClass: Ordinary},
	}})
	add(there, "2019-08-01", "job.placed", &JobPlaced{Person: pid(9), Placement: wid(9)})
	proof := add(there, "2021-05-20", "job.verified", &JobVerified{Person: pid(9), Placement: wid(9), Still: Yes})
	other := add(there, "2021-05-20", "job.verified", &JobVerified{Person: pid(8), Still: Yes})
	late := add(there, "2021-07-10", "job.verified", &JobVerified{Person: pid(9), Placement: wid(9), Still: Yes})
	add(there, "2021-06-01", "household.member_left", &MemberLeft{Person: pid(9), Reason: "moved", MovedToHousehold: HouseholdID{here}})
	add(here, "2021-06-01", "household.member_joined", &MemberJoined{Member: Member{Person: pid(9), Relation: "child"}, Reason: "return", FromHousehold: HouseholdID{there}})
	add(here, "2021-07-01", "household.member_left", &MemberLeft{Person: pid(9), Reason: "moved"})
	status := func(at string) *StatusAnswer {
		files := foldAll(all)
		return Status(files[here], files, day(at), DefaultParameters())
	}
	require.Equal(t, "verified", status("2021-06-30").Dimensions[Employment].Level)
	void := add(there, "2021-06-20", "record.voided", &RecordVoided{TargetEvent: proof, Reason: "false"})
	add(there, "2021-06-20", "record.voided", &RecordVoided{TargetEvent: other, Reason: "false"})
	add(there, "2021-07-20", "record.voided", &RecordVoided{TargetEvent: late, Reason: "false"})
	require.Equal(t, "placed", status("2021-06-30").Dimensions[Employment].Level)
	require.Equal(t, []Amendment{{proof, "voided", void}}, status("2021-06-30").Amended)
	require.Empty(t, status("2021-05-31").Amended, "he was no member yet")
	require.Equal(t, []Amendment{{proof, "voided", void}}, status("2021-07-31").Amended)
}

// The founding of its community and the end of a project are others' facts: a void of them is named where the
// household lives there, or was linked.
func TestAVoidOfACommunityIsNamed(t *testing.T) {
	home, site := MintEntity(HouseholdKind, 1), villageCommunity
	all := map[Entity]Register{}
	tell(all, home, 1, "2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Community: CommunityID{site}, Members: []Member{{Person: pid(1), Relation: Head}}})
	founded, void := EventID{2, 2, 8: 0x80}, EventID{2, 3, 8: 0x80}
	tell(all, site, 2, "2019-01-01", "community.established", &CommunityEstablished{Community: CommunityID{site}, Code: "c", Name: "n", Kind: "town", Form: OwnCommittee})
	files := foldAll(all)
	require.Equal(t, "organised", Status(files[home], files, day("2021-06-30"), DefaultParameters()).Dimensions[Organisation].Level)
	tell(all, site, 3, "2021-06-01", "record.voided", &RecordVoided{TargetEvent: founded, Reason: "false"})
	files = foldAll(all)
	a := Status(files[home], files, day("2021-06-30"), DefaultParameters())
	require.Equal(t, "unknown", a.Dimensions[Organisation].Level)
	require.Equal(t, []Amendment{{founded, "voided", void}}, a.Amended)
}
