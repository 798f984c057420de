package domain

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// HomeOf implements Homes: the household that registered a person, or that first held a dwelling.
func (n neighbours) HomeOf(e Entity) (found Entity, known bool) {
	for home, f := range n {
		for i := range f.Memberships {
			if m := &f.Memberships[i]; m.Person.Entity == e && m.Reason == "registered" {
				return home, true
			}
		}
	}
	return 0, false
}

// Named implements Homes.
func (n neighbours) Named(e Entity) (homes []Entity) {
	for home, f := range n {
		if slices.ContainsFunc(f.Memberships, func(m Membership) bool { return m.Person.Entity == e && !m.Leaves && m.Reason != "registered" }) {
			homes = append(homes, home)
		}
	}
	slices.Sort(homes)
	return homes
}

// wrongs are the kinds of what a household's status tells on a day.
func (k *kin) wrongs(home int, date string) (kinds []DiscrepancyKind) {
	files := foldAll(k.all)
	for _, d := range Status(files[kinHome(home)], files, day(date), DefaultParameters()).Discrepancies {
		kinds = append(kinds, d.Kind)
	}
	return kinds
}

// Who is in two households is told by both from the day on which he is, until he has left one of them, is dead, or
// one of them is closed; however he came to be there.
func TestWhoIsInTwoHouseholdsIsToldByBoth(t *testing.T) {
	join := func(reason JoinReason) *MemberJoined {
		return &MemberJoined{Member: Member{Person: pid(2), Relation: "spouse"}, Reason: reason}
	}
	for _, c := range []struct {
		name string
		tell func(k *kin)
		till string // the first day on which it is over, "" when it is not
	}{
		{"he joins by his id", func(*kin) {}, ""},
		{"he leaves the first", func(k *kin) {
			k.tell(0, "2021-03-01", "household.member_left", &MemberLeft{Person: pid(2), Reason: "marriage"})
		}, "2021-03-01"},
		{"he leaves the second", func(k *kin) {
			k.tell(1, "2021-03-01", "household.member_left", &MemberLeft{Person: pid(2), Reason: "marriage"})
		}, "2021-03-01"},
		{"he dies", func(k *kin) { k.tell(0, "2021-03-01", "person.died", &PersonDied{Person: pid(2)}) }, "2021-03-01"},
		{"the first is closed", func(k *kin) {
			k.tell(0, "2021-03-01", "household.closed", &HouseholdClosed{Reason: "withdrawn"})
		}, "2021-03-01"},
		{"one is merged into the other", func(k *kin) { k.merge(0, 1, "2021-03-01") }, "2021-03-01"},
		{"the second came before the first was told of", func(k *kin) {
			k.tell(0, "2020-12-31", "household.member_left", &MemberLeft{Person: pid(2), Reason: "marriage"})
		}, "2021-02-01"},
	} {
		k := newKin(t, registered(worker1, worker2), (&story{}).on("2019-05-10", "household.registered", &HouseholdRegistered{
			Category: Poor, Members: []Member{{Person: pid(9), Relation: Head}},
		}))
		k.tell(1, "2021-02-01", "household.member_joined", join("marriage"))
		c.tell(k)
		for _, home := range []int{0, 1} {
			require.Empty(t, k.wrongs(home, "2021-01-31"), c.name)
			if c.till != "2021-02-01" {
				require.Equal(t, []DiscrepancyKind{InTwoHouseholds}, k.wrongs(home, "2021-02-01"), c.name)
			}
			if c.till != "" {
				require.NotContains(t, k.wrongs(home, c.till), InTwoHouseholds, c.name)
			}
		}
	}
}
