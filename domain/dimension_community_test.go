package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommunity(t *testing.T) {
	site := (&story{}).on("2020-01-01", "community.established", &CommunityEstablished{Community: sampleCommunity, Code: "c", Name: "n", Kind: "town", Form: OwnCommittee}).file()
	site.Home = sampleCommunity.Entity
	around := neighbours{sampleCommunity.Entity: site}
	hukou := func(person int, kind HukouKind) *story {
		return registered(worker1, worker2).on("2021-06-01", "hukou.changed", &HukouChanged{Person: pid(person), Kind: kind})
	}
	cases := []struct {
		name, at, want string
		around         Files
		story          *story
	}{
		{"a community that nobody told of is unknown", "2021-06-30", "unknown", nil, registered(worker1)},
		{"before it was established it is unknown", "2019-12-31", "unknown", around, registered(worker1)},
		{"from its day on it is organised", "2020-01-01", "organised", around, registered(worker1)},
		{"the head's registration moved is registered_here", "2021-06-30", "registered_here", around, hukou(1, "moved")},
		{"of any kind", "2021-06-30", "registered_here", around, hukou(1, "residence_booklet")},
		{"but kept at origin", "2021-06-30", "organised", around, hukou(1, KeptAtOrigin)},
		{"that of another member does not count", "2021-06-30", "organised", around, hukou(2, "moved")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, Status(c.story.file(), c.around, day(c.at), DefaultParameters()).Dimensions[Organisation].Level)
		})
	}
}

func TestALinkEndsWithItsProject(t *testing.T) {
	project := (&story{}).on("2020-01-01", "industry.project_changed", &ProjectChanged{Project: sampleProject, Code: "p", Stage: "operating"}).
		on("2021-06-01", "industry.project_changed", &ProjectChanged{Project: sampleProject, Code: "p", Stage: ProjectEnded}).file()
	project.Home = sampleProject.Entity
	around := neighbours{sampleProject.Entity: project}
	f := registered(worker1).on("2021-01-01", "industry.household_linked", &HouseholdLinked{Household: sampleHousehold, Project: sampleProject, Kind: "wage"}).file()
	require.Equal(t, "linked", Status(f, around, day("2021-05-31"), DefaultParameters()).Dimensions[Industry].Level)
	require.Equal(t, "none", Status(f, around, day("2021-06-01"), DefaultParameters()).Dimensions[Industry].Level)
}
