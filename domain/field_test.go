package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBoxesAreVisitedUnderTheirOwnersKey(t *testing.T) {
	k, _ := KindOf("household.registered")
	second := PersonID{MintEntity(PersonKind, 2)}
	h := &HouseholdRegistered{
		Number:  OpenPersonal("520603000001"),
		Members: []Member{{Person: samplePerson, Name: OpenPersonal("某甲")}, {Person: second}},
	}
	owner := map[string]Entity{}
	class := map[string]FieldClass{}
	k.VisitBoxes(h, func(ref BoxRef) {
		owner[ref.Pointer] = ref.Person
		class[ref.Pointer] = ref.Field.Class
	})
	require.Equal(t, Entity(0), owner["/number"], "the household's own")
	require.Equal(t, samplePerson.Entity, owner["/members/0/name"])
	require.Equal(t, second.Entity, owner["/members/1/health"], "absent boxes are visited too")
	require.Equal(t, Personal, class["/members/0/id_number"])
	require.Equal(t, Sensitive, class["/members/0/health"])
	require.NotContains(t, owner, "/category")
}

func TestBoxesMayBeWrittenThrough(t *testing.T) {
	k, _ := KindOf("visit.made")
	v := &VisitMade{Found: OpenSensitive([]VisitFinding{"ill"})}
	k.VisitBoxes(v, func(ref BoxRef) {
		if ref.Pointer == "/found" {
			*ref.Box = Box{Sealed: "AQID"}
		}
	})
	require.Equal(t, "AQID", v.Found.Sealed)
}

func TestEntitiesAreVisitedAndMayBeWrittenThrough(t *testing.T) {
	k, _ := KindOf("household.split")
	f := &HouseholdSplit{Children: []Child{{Members: []PersonID{samplePerson, {}}}, {}}}
	var pointers []string
	k.VisitEntities(f, func(ref EntityRef) {
		pointers = append(pointers, ref.Pointer)
		if ref.Field.Minted {
			*ref.ID = MintEntity(ref.Field.Entity, 9)
		}
	})
	require.Equal(t, []string{
		"/children/0/household", "/children/0/members/0", "/children/0/members/1", "/children/0/dwelling",
		"/children/1/household", "/children/1/dwelling",
	}, pointers)
	require.Equal(t, MintEntity(HouseholdKind, 9), f.Children[1].Household.Entity)
	require.Equal(t, []Entity{MintEntity(HouseholdKind, 9), MintEntity(HouseholdKind, 9)}, f.Touches())
}

func TestWhatTheDoorFillsIn(t *testing.T) {
	minted, created := map[string]string{}, map[string]string{}
	for _, k := range Kinds() {
		k.VisitEntities(k.Sample, func(ref EntityRef) {
			if ref.Field.Minted {
				minted[k.Name] = ref.Pointer
			}
			if ref.Field.Created {
				created[k.Name] = ref.Pointer
			}
		})
	}
	require.Equal(t, map[string]string{
		"household.registered": "/members/0/person", "household.split": "/children/0/household", "job.placed": "/placement",
		"risk.flagged": "/case", "grievance.filed": "/grievance", "inspection.found": "/finding",
	}, minted)
	require.Equal(t, map[string]string{
		"household.member_joined": "/member/person", "dwelling.handed_over": "/dwelling", "homestead.vacated": "/homestead",
		"homestead.checked": "/homestead", "community.established": "/community", "facility.changed": "/facility",
		"industry.project_changed": "/project", "target.set": "/target", "fund.allocated": "/fund",
	}, created)
}

func TestSchemaNamesAreReadStrictly(t *testing.T) {
	for _, k := range Kinds() {
		name, version, ok := ParseSchema(k.Schema())
		require.True(t, ok)
		require.Equal(t, k.Name, name)
		require.Equal(t, k.Version, version)
	}
	for _, s := range []string{"", "anju:", "anju:job.placed", "anju:job.placed/", "anju:job.placed/02", "anju:job.placed/-1", "anju:job.placed/2x", "job.placed/2", "anju:job.placed/99999"} {
		_, _, ok := ParseSchema(s)
		require.False(t, ok, s)
	}
}

func TestLabelsNameUnknownCodesByThemselves(t *testing.T) {
	require.Equal(t, "公益性岗位", Label(JobChannel("public_welfare_post")).ZH)
	require.Equal(t, Text{"x", "x"}, Label(JobChannel("x")))
	require.Len(t, TermsOf[RefusalKind](), 17)
}

func TestSealedFieldsAreTexts(t *testing.T) {
	for _, k := range Kinds() {
		k.VisitBoxes(k.Sample, func(ref BoxRef) {
			require.Contains(t, []FieldType{TextField, CodeField}, ref.Field.Type, "%s%s", k.Name, ref.Pointer)
		})
	}
}
