package projections

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// told is one fact of a story: its day, its home and what it says.
type told struct {
	day  string
	kind string
	home domain.Entity
	fact domain.Fact
}

// tell applies facts as a follower would, from the given number on.
func tell(t *testing.T, v *Views, from int, story []told) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	for i, s := range story {
		k, known := domain.KindOf(s.kind)
		require.True(t, known, s.kind)
		day, err := domain.ParseDay(s.day)
		require.NoError(t, err)
		v.apply(s.home, s.fact, domain.Stamp{
			Time: day.Moment(), Kind: k, ID: domain.EventID{1, byte(from + i), 8: 0x80}, Subject: s.home, Division: "520603001",
			Source: domain.Source{Department: "rural", Division: "520603"}, Place: domain.Place{Province: 52, Sequence: uint64(from + i)},
		})
	}
}

// A person's facts stand under the home that registered him, also after he moved: a board made
// before such a fact must see it in the household where he lives now.
func TestABoardSeesWhatAMemberWhoMovedInDoes(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	old, now := domain.MintEntity(domain.HouseholdKind, 1), domain.MintEntity(domain.HouseholdKind, 2)
	mover := domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, 3)}
	person := func(n uint64, r domain.Relation) domain.Member {
		return domain.Member{
			Person: domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, n)}, Relation: r,
			BirthMonth: domain.MakeMonth(1985, 1), LabourClass: "ordinary",
		}
	}
	before := []told{
		{"2018-05-01", "household.registered", old, &domain.HouseholdRegistered{Category: domain.Poor, Members: []domain.Member{person(4, "head"), person(3, "child")}}},
		{"2018-05-01", "household.registered", now, &domain.HouseholdRegistered{Category: domain.Poor, Members: []domain.Member{person(5, "head")}}},
		{"2019-05-01", "household.member_left", old, &domain.MemberLeft{Person: mover, Reason: "marriage", MovedToHousehold: domain.HouseholdID{Entity: now}}},
		{"2019-05-01", "household.member_joined", now, &domain.MemberJoined{Member: person(3, "spouse"), Reason: "marriage", FromHousehold: domain.HouseholdID{Entity: old}}},
	}
	after := []told{{"2021-05-01", "job.placed", old, &domain.JobPlaced{
		Person: mover, Placement: domain.PlacementID{Entity: domain.MintEntity(domain.PlacementKind, 6)}, Channel: "factory",
	}}}
	live := viewsOf(t, ledger)
	tell(t, live, 1, before)
	first, err := live.Board("520603", at)
	require.NoError(t, err)
	require.Zero(t, first.Dimensions["employment"]["placed"].Households)
	tell(t, live, 10, after)
	board, err := live.Board("520603", at)
	require.NoError(t, err)

	rebuilt := viewsOf(t, ledger)
	tell(t, rebuilt, 1, before)
	tell(t, rebuilt, 10, after)
	want, err := rebuilt.Board("520603", at)
	require.NoError(t, err)
	require.Equal(t, want, board)
	require.Equal(t, 1, board.Dimensions["employment"]["placed"].Households)
}
