package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The door took a merge under the name of a household that it does not concern: it is told like any other, and that
// household lives on.
func TestAMergeUnderAThirdHouseholdsNameIsOneOfThoseItNames(t *testing.T) {
	into, from, third := sampleHousehold.Entity, MintEntity(HouseholdKind, 2), MintEntity(HouseholdKind, 3)
	register := func(n int) Register {
		return (&story{}).on("2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{{Person: pid(n), Relation: Head}}}).register
	}
	merge := &HouseholdMerged{Into: HouseholdID{into}, From: []HouseholdID{{from}}, Reason: "care"}
	var told []neighbours
	for _, subject := range []Entity{into, third} {
		all := map[Entity]Register{into: register(1), from: register(2), third: register(3)}
		tell(all, subject, 100, "2021-06-01", "household.merged", merge)
		told = append(told, foldAll(all))
	}
	at, p := day("2021-06-30"), DefaultParameters()
	for _, home := range []Entity{into, from, third} {
		require.Equal(t, Status(told[0][home], told[0], at, p), Status(told[1][home], told[1], at, p))
		require.Equal(t, home == from, Status(told[1][home], told[1], at, p).State == Closed)
	}
	members := 0
	for _, s := range RollOf(told[1][into], told[1]).Stays() {
		if s.Holds(at) {
			members++
		}
	}
	require.Equal(t, 2, members)
	words, others := Told(merge, third, third)
	require.Empty(t, words)
	require.Empty(t, others)
}
