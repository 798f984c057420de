package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func (s *story) heads(date string, old, head int) *story {
	f := &HeadChanged{NewHead: pid(head), Reason: "agreement"}
	if old > 0 {
		f.OldHead = pid(old)
	}
	return s.on(date, "household.head_changed", f)
}

func (s *story) hukou(date string, person int, kind HukouKind) *story {
	return s.on(date, "hukou.changed", &HukouChanged{Person: pid(person), Kind: kind})
}

func (s *story) dies(date string, person int) *story {
	return s.on(date, "person.died", &PersonDied{Person: pid(person)})
}

func (s *story) departs(date string, person int) *story {
	return s.on(date, "household.member_left", &MemberLeft{Person: pid(person), Reason: "moved"})
}

func (s *story) joins(date string, person int, r Relation) *story {
	return s.on(date, "household.member_joined", &MemberJoined{Member: Member{Person: pid(person), Relation: r}, Reason: "return"})
}

func TestTheHeadIsWhoeverWasNamedLastAndBelongs(t *testing.T) {
	two := func() *story { return registered(worker1, worker2) }
	for _, c := range []struct {
		name, at string
		want     int // 0 = nobody
		kind     DiscrepancyKind
		story    *story
	}{
		{"as registered", "2021-06-30", 1, "", two()},
		{"a change counts from its day", "2021-03-01", 2, "", two().heads("2021-03-01", 1, 2)},
		{"and not before it", "2021-02-28", 1, "", two().heads("2021-03-01", 1, 2)},
		{"a head who died has no successor until one is named", "2021-03-01", 0, HeadGone, two().dies("2021-03-01", 1)},
		{"a successor of the same day follows him", "2021-03-01", 2, "", two().heads("2021-03-01", 1, 2).dies("2021-03-01", 1)},
		{"a successor who is named later ends the discrepancy", "2021-04-01", 2, "", two().dies("2021-03-01", 1).heads("2021-04-01", 1, 2)},
		{"which stood till then", "2021-03-31", 0, HeadGone, two().dies("2021-03-01", 1).heads("2021-04-01", 1, 2)},
		{"a head who left is no head", "2021-06-30", 0, HeadGone, two().departs("2021-03-01", 1)},
		{"where nobody is left no head is missing", "2021-06-30", 0, "", registered(worker1).dies("2021-03-01", 1)},
		{"nor in a household that was closed", "2021-06-30", 0, "", two().dies("2021-03-01", 1).on("2021-03-01", "household.closed", &HouseholdClosed{Reason: "withdrawn"})},
		{"who comes back as a child is no head", "2021-06-30", 0, "", two().departs("2021-03-01", 1).joins("2021-04-01", 1, "child")},
		{"who comes back as the head is", "2021-06-30", 1, "", two().departs("2021-03-01", 1).joins("2021-04-01", 1, Head)},
		{"a head who never belonged is none", "2021-06-30", 0, HeadGone, two().heads("2021-03-01", 1, 9)},
		{"a change from another than the head is shown", "2021-06-30", 2, OtherHead, two().heads("2021-03-01", 9, 2)},
		{"a joining of another says nothing of the head", "2021-06-30", 1, "", two().joins("2021-03-01", 3, "child")},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := c.story.file()
			got, there := RollOf(f, nil).Head(day(c.at))
			require.Equal(t, c.want != 0, there)
			if there {
				require.Equal(t, pid(c.want), got.Person)
			}
			var kinds []DiscrepancyKind
			for _, d := range Status(f, nil, day(c.at), DefaultParameters()).Discrepancies {
				kinds = append(kinds, d.Kind)
			}
			if c.kind == "" {
				require.Empty(t, kinds)
			} else {
				require.Equal(t, []DiscrepancyKind{c.kind}, kinds)
			}
		})
	}
}

func TestRegisteredHereFollowsTheHead(t *testing.T) {
	requireLevels(t, Organisation, []clause{
		{"the new head is registered here", "2021-03-01", "registered_here", registered(worker1, worker2).hukou("2020-01-01", 2, "moved").heads("2021-03-01", 1, 2)},
		{"the old head was not", "2021-02-28", "unknown", registered(worker1, worker2).hukou("2020-01-01", 2, "moved").heads("2021-03-01", 1, 2)},
		{"the new head is not", "2021-03-01", "unknown", registered(worker1, worker2).hukou("2020-01-01", 1, "moved").heads("2021-03-01", 1, 2)},
		{"a head who died is none", "2021-03-01", "unknown", registered(worker1, worker2).hukou("2020-01-01", 1, "moved").dies("2021-03-01", 1)},
	})
}

func TestAHeadGoesAlongWithASplitAndStaysBehindInAMerge(t *testing.T) {
	parent, child := sampleHousehold.Entity, MintEntity(HouseholdKind, 2)
	all := map[Entity]Register{parent: registered(worker1, worker2).register}
	tell(all, parent, 100, "2021-06-01", "household.split", &HouseholdSplit{Children: []Child{{Household: HouseholdID{child}, Members: []PersonID{pid(1)}}}})
	files := foldAll(all)
	head := func(home Entity, at string) PersonID {
		h, _ := RollOf(files[home], files).Head(day(at))
		return h.Person
	}
	require.Equal(t, pid(1), head(parent, "2021-05-31"))
	require.Equal(t, PersonID{}, head(parent, "2021-06-01"))
	require.Equal(t, PersonID{}, head(child, "2021-05-31"))
	require.Equal(t, pid(1), head(child, "2021-06-01"))
	require.Equal(t, HeadGone, Status(files[parent], files, day("2021-06-01"), DefaultParameters()).Discrepancies[0].Kind)

	tell(all, child, 101, "2021-06-01", "household.head_changed", &HeadChanged{NewHead: pid(1), Reason: "split"})
	tell(all, parent, 102, "2021-07-01", "household.merged", &HouseholdMerged{Into: HouseholdID{parent}, From: []HouseholdID{{child}}, Reason: "care"})
	tell(all, parent, 103, "2021-06-02", "household.head_changed", &HeadChanged{NewHead: pid(2), Reason: "split"})
	files = foldAll(all)
	require.Equal(t, pid(1), head(child, "2021-06-01"), "a change of the day of the split follows it")
	require.Equal(t, pid(2), head(parent, "2021-07-01"), "the merged household's head is not this one's")
	roll := RollOf(files[parent], files)
	relations := map[PersonID]Relation{}
	for _, s := range roll.Stays() {
		if s.Holds(day("2021-07-01")) {
			relations[s.Person] = roll.Relation(&s, day("2021-07-01"))
		}
	}
	require.Equal(t, map[PersonID]Relation{pid(1): "", pid(2): Head}, relations)
}
