package projections

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// A split that was voided never founded a household, and one whose void was voided did: acts reach
// every home that their target did.
func TestAnActReachesEveryHomeOfItsTarget(t *testing.T) {
	v := emptyViews(t)
	parent, child := domain.MintEntity(domain.HouseholdKind, 1), domain.MintEntity(domain.HouseholdKind, 2)
	person := func(n uint64) domain.PersonID {
		return domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, n)}
	}
	tell := func(n int, kind string, fact domain.Fact) domain.EventID {
		k, _ := domain.KindOf(kind)
		id := domain.EventID{9, byte(n), 8: 0x80}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.apply(parent, fact, domain.Stamp{
			Time: domain.MakeDay(2020, 1, n).Moment(), Kind: k, ID: id, Division: "520603001", Source: domain.Source{Department: "county", Division: "520603"},
			Subject: parent, Place: domain.Place{Province: 52, Sequence: uint64(n)},
		})
		v.position[52] = uint64(n)
		v.wake()
		return id
	}
	states := func() (all []domain.State) {
		board, err := v.Board("52", domain.MakeDay(2020, 2, 1))
		require.NoError(t, err)
		for _, id := range []domain.Entity{parent, child} {
			a, err := v.Household(id, domain.MakeDay(2020, 2, 1))
			require.NoError(t, err)
			if a.State != domain.NotRegistered {
				all = append(all, a.State)
			}
		}
		require.Equal(t, len(all), board.Households)
		return all
	}
	tell(1, "household.registered", &domain.HouseholdRegistered{Category: domain.Poor, Members: []domain.Member{{Person: person(1), Relation: domain.Head}, {Person: person(2), Relation: "child"}}})
	split := tell(2, "household.split", &domain.HouseholdSplit{Children: []domain.Child{{Household: domain.HouseholdID{Entity: child}, Members: []domain.PersonID{person(2)}}}})
	require.Len(t, states(), 2)
	void := tell(3, "record.voided", &domain.RecordVoided{TargetEvent: split, Reason: "false"})
	require.Len(t, states(), 1, "the split is undone for the child too")
	tell(4, "record.voided", &domain.RecordVoided{TargetEvent: void, Reason: "false"})
	require.Len(t, states(), 2)
	p, err := v.Person(person(2).Entity, homesOf{parent}, domain.MakeDay(2020, 2, 1))
	require.NoError(t, err)
	require.Len(t, p.Memberships, 2)
}

// A discrepancy is on the worklist with who can settle it, is gone when one of its facts is
// voided, and is there still for who asks what was known before.
func TestADiscrepancyIsGoneWhenItIsSettled(t *testing.T) {
	v := emptyViews(t)
	home := domain.MintEntity(domain.HouseholdKind, 1)
	person := domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, 1)}
	tell := func(n int, department domain.Department, kind string, fact domain.Fact) domain.EventID {
		k, _ := domain.KindOf(kind)
		id := domain.EventID{9, byte(n), 8: 0x80}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.apply(home, fact, domain.Stamp{
			Time: domain.MakeDay(2020, 1, n).Moment(), Kind: k, ID: id, Division: "520603001", Source: domain.Source{Department: department, Division: "520603"},
			Subject: home, Place: domain.Place{Province: 52, Sequence: uint64(n)},
		})
		v.position[52] = uint64(n)
		v.wake()
		return id
	}
	list := func(k *Known, kind domain.DiscrepancyKind) []DiscrepancyRow {
		a, err := k.Discrepancies(t.Context(), Query{Division: "520603", Kind: kind, Limit: 10}, domain.MakeDay(2020, 2, 1))
		require.NoError(t, err)
		return a.Discrepancies
	}
	tell(1, "rural", "household.registered", &domain.HouseholdRegistered{Category: domain.Poor, Members: []domain.Member{{Person: person, Relation: domain.Head}}})
	one := tell(2, "hrss", "job.placed", &domain.JobPlaced{Person: person, Placement: domain.PlacementID{Entity: domain.MintEntity(domain.PlacementKind, 1)}})
	two := tell(3, "agri", "job.placed", &domain.JobPlaced{Person: person, Placement: domain.PlacementID{Entity: domain.MintEntity(domain.PlacementKind, 2)}})
	before := &Known{views: v, judged: v.inForce.Load(), horizon: &domain.Horizon{52: 3}, by: 1, today: domain.NoDay, neighbours: &sync.Map{}}
	told := list(v.now(), "")
	require.Len(t, told, 1)
	require.Equal(t, domain.TwoOpenPlacements, told[0].Kind)
	require.Equal(t, domain.MakeDay(2020, 1, 3), told[0].Since)
	require.Equal(t, []domain.Entity{home, person.Entity}, told[0].Entities)
	require.Equal(t, []string{"/departments/hrss/520603", "/departments/agri/520603"}, told[0].Settle)
	require.Equal(t, []domain.EventID{one, two}, []domain.EventID{told[0].Facts[0].Event, told[0].Facts[1].Event})
	require.Empty(t, list(v.now(), domain.AfterDeath))
	tell(4, "agri", "record.voided", &domain.RecordVoided{TargetEvent: two, Reason: "duplicate"})
	require.Empty(t, list(v.now(), ""))
	require.Equal(t, told, list(before, ""))
}

// homesOf has every person's facts under one home.
type homesOf struct{ domain.Entity }

func (h homesOf) Home(domain.Entity) (events.Home, bool) {
	return events.HomeIn("520603", h.Entity), true
}
