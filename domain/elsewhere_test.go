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
	first := farDay
	for home, f := range n {
		for i := range f.Handovers {
			if h := &f.Handovers[i]; h.Dwelling.Entity == e && h.Day < first {
				first, found = h.Day, home
			}
		}
	}
	return found, found.Present()
}

// Named implements Homes.
func (n neighbours) Named(e Entity) (homes []Entity) {
	for home, f := range n {
		if slices.ContainsFunc(f.Memberships, func(m Membership) bool { return m.Person.Entity == e && !m.Leaves && m.Reason != "registered" }) {
			homes = append(homes, home)
		}
		own, _ := n.HomeOf(e)
		given := slices.ContainsFunc(f.Handovers, func(h Handover) bool { return h.Dwelling.Entity == e && own != home }) ||
			slices.ContainsFunc(f.Moves, func(m Move) bool { return m.Dwelling.Entity == e && own != home }) ||
			slices.ContainsFunc(f.Lineages, func(l Lineage) bool { return l.child(home) && l.Split.names(DwellingID{e}) })
		if e.Kind() == DwellingKind && given {
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

// One dwelling that two households have is told by both while both have it, whichever facts give it to them.
func TestADwellingOfTwoHouseholdsIsToldByBoth(t *testing.T) {
	keys := &DwellingHandedOver{Dwelling: kinDwelling(1)}
	other := func() *story {
		return (&story{}).on("2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{{Person: pid(9), Relation: Head}}})
	}
	for _, c := range []struct {
		name     string
		tell     func(k *kin)
		from, to string // "" = it is not over, or never was
		sides    [2]int
	}{
		{"both have its keys", func(k *kin) { k.tell(1, "2021-01-01", "dwelling.handed_over", keys) }, "2021-01-01", "", [2]int{0, 1}},
		{"the first got another", func(k *kin) {
			k.tell(1, "2021-01-01", "dwelling.handed_over", keys)
			k.tell(0, "2021-02-01", "dwelling.handed_over", &DwellingHandedOver{Dwelling: kinDwelling(2)})
		}, "2021-01-01", "2021-02-01", [2]int{0, 1}},
		{"the second moved away", func(k *kin) {
			k.tell(1, "2021-01-01", "dwelling.handed_over", keys)
			k.tell(1, "2021-02-01", "household.moved", &HouseholdMoved{Kind: ReturnedToOrigin})
		}, "2021-01-01", "2021-02-01", [2]int{0, 1}},
		{"the second moved there as a whole", func(k *kin) {
			k.tell(1, "2021-01-01", "household.moved", &HouseholdMoved{Kind: ResettledAgain, Dwelling: kinDwelling(1)})
		}, "2021-01-01", "", [2]int{0, 1}},
		{"the first was closed before", func(k *kin) {
			k.tell(0, "2020-12-31", "household.closed", &HouseholdClosed{Reason: "withdrawn"})
			k.tell(1, "2021-01-01", "dwelling.handed_over", keys)
		}, "", "", [2]int{0, 1}},
		{"a child of a split has it, which the parent gave it", func(k *kin) {
			k.split(0, "2021-01-01", child(2, 1, 2))
		}, "", "", [2]int{0, 2}},
		{"the parent got its keys again", func(k *kin) {
			k.split(0, "2021-01-01", child(2, 1, 2))
			k.tell(0, "2021-02-01", "dwelling.handed_over", keys)
		}, "2021-02-01", "", [2]int{0, 2}},
		{"who inherited it by a merge has it too", func(k *kin) {
			k.merge(2, 0, "2021-01-01")
			k.tell(1, "2021-02-01", "dwelling.handed_over", keys)
		}, "2021-02-01", "", [2]int{1, 2}},
	} {
		third := (&story{}).on("2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{{Person: pid(8), Relation: Head}}})
		k := newKin(t, registered(worker1, worker2).keys("2019-06-01", kinDwelling(1)), other(), third)
		if c.sides == [2]int{0, 2} {
			delete(k.all, kinHome(2))
		}
		c.tell(k)
		for _, side := range c.sides {
			if c.from == "" {
				require.NotContains(t, k.wrongs(side, "2021-06-01"), DwellingTwice, c.name)
				continue
			}
			require.NotContains(t, k.wrongs(side, (day(c.from)-1).String()), DwellingTwice, c.name)
			require.Contains(t, k.wrongs(side, c.from), DwellingTwice, c.name)
			if c.to != "" {
				require.NotContains(t, k.wrongs(side, c.to), DwellingTwice, c.name)
			}
		}
	}
}

// numbered is files that also find who stands under one ID number.
type numbered struct{ neighbours }

// Holders implements Numbers.
func (n numbered) Holders(home Entity, tag uint64) (found []Holder) {
	for other, f := range n.neighbours {
		for _, h := range Holders(f, n) {
			if other != home && h.Tag == tag {
				found = append(found, h)
			}
		}
	}
	return found
}

// Two persons under one number are told by both of their households, or by one once, from when both are known under it
// until one of them is linked to another: whichever fact brought the number.
func TestTwoPersonsUnderOneNumberAreToldAlikeByBoth(t *testing.T) {
	k := newKin(t)
	family := func(home int, persons ...int) {
		var members []Member
		for _, p := range persons {
			members = append(members, Member{Person: pid(p), Relation: "child", IDNumber: PersonalBox[string]{Box: Box{Tag: uint64(p)}}})
		}
		members[0].Relation = Head
		k.tell(home, "2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Members: members})
	}
	family(0, 1, 2, 3)
	family(1, 4)
	link := func(home int, date string, person int, tag uint64) {
		k.tell(home, date, "person.identity_linked", &IdentityLinked{Person: pid(person), IDNumber: PersonalBox[string]{Box: Box{Tag: tag}}})
	}
	link(0, "2020-01-01", 1, 4)  // as the other household's
	link(0, "2020-02-01", 1, 11) // and no more
	link(0, "2020-03-01", 2, 3)  // as another of his own
	told := func(home int, date string) (kinds []DiscrepancyKind) {
		files := numbered{foldAll(k.all)}
		for _, d := range Status(files.neighbours[kinHome(home)], files, day(date), DefaultParameters()).Discrepancies {
			kinds = append(kinds, d.Kind)
		}
		return kinds
	}
	for home := range 2 {
		require.Empty(t, told(home, "2019-12-31"))
		require.Equal(t, []DiscrepancyKind{SecondNumber}, told(home, "2020-01-01"))
		require.Equal(t, []DiscrepancyKind{SecondNumber}, told(home, "2020-01-31"))
		require.Empty(t, told(home, "2020-02-01"))
	}
	require.Equal(t, []DiscrepancyKind{SecondNumber}, told(0, "2020-03-01"))
	require.Empty(t, told(1, "2020-03-01"))
}

// A move that is dated before a split founded the household, or before its registration, moves nothing.
func TestAMoveBeforeTheFoundingMovesNothing(t *testing.T) {
	k := newKin(t, registered(worker1, worker2))
	k.split(0, "2021-06-01", child(1, 0, 2))
	county := func(home int, date string) string { return foldAll(k.all)[kinHome(home)].county(day(date)) }
	require.Equal(t, "520603", county(1, "2021-06-30"))
	for home, date := range map[int]string{0: "2019-01-01", 1: "2021-05-01"} {
		k.n++
		register := k.all[kinHome(home)]
		kind, _ := KindOf("household.moved")
		k.all[kinHome(home)], _ = register.Insert(&HouseholdMoved{Kind: LeftCounty}, Stamp{Time: day(date).Moment(), Kind: kind, Place: Place{52, k.n}, ID: EventID{2, byte(k.n), 8: 0x80}, Division: "440305", Source: Source{"psb", "440305"}, Subject: kinHome(home)})
		require.Equal(t, "520603", county(home, "2021-06-30"), home)
	}
	k.tell(1, "2021-06-10", "household.moved", &HouseholdMoved{Kind: LeftCounty})
	require.Equal(t, "520603", county(1, "2021-06-30"), "where the move was recorded")
}
