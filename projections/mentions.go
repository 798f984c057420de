package projections

import (
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// mentions finds the homes whose facts name an entity of another home: for a person the
// households that he joined, for a community the households, facilities and projects that say
// they are of it, for a facility or project the funds for it. It may hold more than is true today, never less: who asks folds the homes and
// looks. Under Views.mu.
type mentions map[domain.Entity][]domain.Entity

// note takes one fact of a home.
func (m mentions) note(home domain.Entity, fact domain.Fact) {
	switch f := fact.(type) {
	case *domain.HouseholdRegistered:
		m.add(f.Community.Entity, home)
	case *domain.DwellingHandedOver:
		m.add(f.Community.Entity, home)
	case *domain.HouseholdMoved:
		m.add(f.ToCommunity.Entity, home)
	case *domain.MemberJoined:
		if f.Reason != "birth" || f.FromHousehold.Present() { // a child born is of this home
			m.add(f.Member.Person.Entity, home)
		}
	case *domain.FacilityChanged:
		for _, c := range f.CommunitiesServed {
			m.add(c.Entity, home)
		}
	case *domain.ProjectChanged:
		m.add(f.Community.Entity, home)
	case *domain.FundAllocated:
		m.add(f.For.Facility.Entity, home)
		m.add(f.For.Project.Entity, home)
	case *domain.HouseholdSplit: // the children stand where the parent stood
		for _, c := range f.Children {
			for _, p := range c.Members {
				m.add(p.Entity, c.Household.Entity)
			}
		}
	case *domain.RecordCorrected:
		m.noteCorrected(home, f)
	}
}

// noteCorrected takes what a correction states instead.
func (m mentions) noteCorrected(home domain.Entity, f *domain.RecordCorrected) {
	if corrected, states := correctedTo(f); states {
		m.note(home, corrected)
	}
}

// correctedTo is what a correction states instead; false where it is none of a fact.
func correctedTo(f *domain.RecordCorrected) (domain.Fact, bool) {
	name, _, _ := domain.ParseSchema(f.Schema)
	kind, known := domain.KindOf(name)
	if !known || strings.HasPrefix(name, "record.") {
		return nil, false
	}
	corrected, err := f.Carried(kind)
	return corrected, err == nil
}

// add notes that a home names an entity. Ids are random, so that a home comes in anywhere; the
// largest communities have some thousand.
func (m mentions) add(named, home domain.Entity) {
	if !named.Present() {
		return
	}
	if at, met := slices.BinarySearch(m[named], home); !met {
		m[named] = slices.Insert(m[named], at, home)
	}
}

// of returns the homes that name an entity, for as long as the lock is held.
func (m mentions) of(named domain.Entity) []domain.Entity { return m[named] }

// put takes the homes of a snapshot, which an earlier program may have written in any order.
func (m mentions) put(named domain.Entity, homes []domain.Entity) {
	slices.Sort(homes)
	m[named] = slices.Compact(homes)
}
