package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// clause is one sentence of DOMAIN §4 about a dimension: what a story reads as on a day, as
// "level", or "level, stale". Without a day it is read on 30 June 2021.
type clause struct {
	name, at, want string
	story          *story
}

func requireLevels(t *testing.T, d Dimension, clauses []clause) {
	t.Helper()
	for _, c := range clauses {
		t.Run(c.name, func(t *testing.T) {
			if c.at == "" {
				c.at = "2021-06-30"
			}
			r := Status(c.story.file(), nil, day(c.at), DefaultParameters()).Dimensions[d]
			got := r.Level
			if r.Stale {
				got += ", stale"
			}
			require.Equal(t, c.want, got)
		})
	}
}

// requireStates is requireLevels for the overall state.
func requireStates(t *testing.T, clauses []clause) {
	t.Helper()
	for _, c := range clauses {
		t.Run(c.name, func(t *testing.T) {
			if c.at == "" {
				c.at = "2021-06-30"
			}
			a := Status(c.story.file(), nil, day(c.at), DefaultParameters())
			require.Equal(t, c.want, a.State.String(), a.StateReason.EN)
		})
	}
}

// registered is a household of which only the registration of May 2019 is known.
func registered(adults ...adult) *story { return registeredAs("concentrated", adults...) }

func registeredAs(mode SettlementMode, adults ...adult) *story {
	members := make([]Member, len(adults))
	for i, a := range adults {
		members[i] = Member{Person: pid(i + 1), Relation: "child", LabourClass: a.class}
		if a.birth != "" {
			members[i].BirthMonth, _ = ParseMonth(a.birth)
		}
	}
	members[0].Relation = Head
	return (&story{}).on("2019-05-10", "household.registered", &HouseholdRegistered{
		Category: Poor, SettlementMode: mode, Community: sampleCommunity, Members: members,
	})
}

func (s *story) keys(date string, d DwellingID) *story {
	return s.on(date, "dwelling.handed_over", &DwellingHandedOver{Dwelling: d})
}

func (s *story) checked(date string, d DwellingID, found OccupancyState) *story {
	return s.on(date, "dwelling.occupancy_checked", &OccupancyChecked{Dwelling: d, State: found})
}

func (s *story) moves(date string, kind MoveKind, to DwellingID) *story {
	return s.on(date, "household.moved", &HouseholdMoved{Kind: kind, Dwelling: to})
}

func (s *story) states(person int, date string, still Answer) *story {
	return s.on(date, "job.verified", &JobVerified{Person: pid(person), Still: still})
}

func (s *story) statesOf(person, placement int, date string, still Answer) *story {
	return s.on(date, "job.verified", &JobVerified{Person: pid(person), Placement: wid(placement), Still: still})
}

func (s *story) business(person int, date string) *story {
	return s.on(date, "business.started", &BusinessStarted{Person: pid(person), Kind: "shop"})
}

func (s *story) enrols(person int, date string, kind ServiceKind) *story {
	return s.on(date, "service.enrolled", &ServiceEnrolled{Person: pid(person), Kind: kind})
}

func (s *story) leaves(person int, date string, kind ServiceKind, why ServiceEndReason) *story {
	return s.on(date, "service.left", &ServiceLeft{Person: pid(person), Kind: kind, Reason: why})
}

func (s *story) visited(date string, person PersonID, found ...VisitFinding) *story {
	v := &VisitMade{Purpose: "routine", Person: person}
	if len(found) > 0 {
		v.Found = OpenSensitive(found)
	}
	return s.on(date, "visit.made", v)
}

func (s *story) flagged(date string) *story {
	return s.on(date, "risk.flagged", &RiskFlagged{Case: sampleCase, Source: "grid"})
}

func (s *story) decided(date string, c RiskClass) *story {
	return s.on(date, "risk.decided", &RiskDecided{Case: sampleCase, Class: c})
}

func (s *story) cleared(date string) *story {
	return s.on(date, "risk.cleared", &RiskCleared{Case: sampleCase, Kind: "cleared"})
}

func (s *story) entitled(date string, kind EntitlementKind, until string) *story {
	e := &EntitlementStarted{Household: sampleHousehold, Kind: OpenSensitive(kind)}
	if until != "" {
		e.Until = DateOf(day(until))
	}
	return s.on(date, "entitlement.started", e)
}

var secondDwelling = DwellingID{MintEntity(DwellingKind, 2)}
