package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A second registration of one household is an inconvenient truth: both stand, the first counts,
// and whoever settles it is told.
func TestASecondRegistrationIsADiscrepancy(t *testing.T) {
	s := registered(worker1).on("2020-05-10", "household.registered", &HouseholdRegistered{
		Category: "accompanying", Members: []Member{{Person: pid(1), Relation: Head}},
	})
	kinds := func(at string) (kinds []DiscrepancyKind) {
		for _, d := range Status(s.file(), nil, day(at), DefaultParameters()).Discrepancies {
			kinds = append(kinds, d.Kind)
		}
		return kinds
	}
	require.Empty(t, kinds("2020-05-09"))
	require.Equal(t, []DiscrepancyKind{RegisteredAgain}, kinds("2020-05-10"))
}

// neighbourhood is files that know who else stands under an ID number.
type neighbourhood struct {
	Files
	holders []Holder
}

func (n neighbourhood) Holders(Entity, uint64) []Holder { return n.holders }

func TestOneNumberInTwoHouseholdsIsSuspected(t *testing.T) {
	s := (&story{}).on("2019-05-10", "household.registered", &HouseholdRegistered{
		Category: Poor, Members: []Member{{Person: pid(1), Relation: Head, IDNumber: OpenPersonal("990101198001010011")}},
	})
	f := s.file()
	f.Memberships[0].Tag = 7
	read := func(at string, holders ...Holder) string {
		return Status(f, neighbourhood{holders: holders}, day(at), DefaultParameters()).Dimensions[Data].Level
	}
	other := Holder{Tag: 7, Person: pid(2), From: day("2020-01-01"), To: day("2021-01-01")}
	require.NotEqual(t, "duplicate_suspected", read("2019-12-31", other))
	require.Equal(t, "duplicate_suspected", read("2020-01-01", other))
	require.NotEqual(t, "duplicate_suspected", read("2021-01-01", other), "he has left the other household")
	other.Person = pid(1)
	require.NotEqual(t, "duplicate_suspected", read("2020-06-01", other), "he himself is no other person: see elsewhere")
}
