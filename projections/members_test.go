package projections

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

func TestMembersStandWithTheirWork(t *testing.T) {
	v := newVillage(t)
	views := viewsOf(t, v.ledger)
	a, err := views.Members(v.entity("a/subject"), v.ledger.Directory(), at)
	require.NoError(t, err)
	require.Len(t, a.Members, 2)
	head, mover := a.Members[0], a.Members[1]
	require.Equal(t, domain.Head, head.Relation)
	require.Equal(t, domain.NoDay, head.To)
	require.Nil(t, head.Work)
	require.Equal(t, domain.MakeDay(2021, 1, 10), mover.To, "who left stands among them, with the day")
	require.Equal(t, v.events("a", "left"), mover.Events)

	b, err := views.Members(v.entity("b/subject"), v.ledger.Directory(), at)
	require.NoError(t, err)
	require.Len(t, b.Members, 2)
	joined := b.Members[1]
	require.Equal(t, mover.Person, joined.Person)
	require.EqualValues(t, "self_found", joined.Work.Channel, "the open placement, as corrected")
	require.Equal(t, domain.MakeMonth(2000, 2), joined.Profile.BirthMonth)

	before, err := views.Members(v.entity("a/subject"), v.ledger.Directory(), domain.MakeDay(2020, 7, 1))
	require.NoError(t, err)
	require.Equal(t, placementVerified, before.Members[1].Work.Status)
	require.Equal(t, domain.NoDay, before.Members[1].To)
	_, err = views.Members(domain.MintEntity(domain.HouseholdKind, 1), v.ledger.Directory(), at)
	require.ErrorIs(t, err, ErrUnknown)
}

func TestWorksOfADivision(t *testing.T) {
	v := newVillage(t)
	views := viewsOf(t, v.ledger)
	require.NoError(t, views.CaughtUp(t.Context()))
	w, err := views.now().Works("5206", at)
	require.NoError(t, err)
	require.Len(t, w.Facilities, 1)
	require.Equal(t, domain.FacilityOpen, w.Facilities[0].Stage)
	require.Equal(t, "小学", w.Facilities[0].Name, "a later stage need not repeat the name")
	require.Len(t, w.Communities, 1)
	w, err = views.now().Works("520603", domain.MakeDay(2018, 1, 1))
	require.NoError(t, err)
	require.EqualValues(t, "building", w.Facilities[0].Stage)
	require.Empty(t, w.Communities)
	w, err = views.now().Works("11", at)
	require.NoError(t, err)
	require.Empty(t, w.Facilities)

	d, err := views.now().Dwells(v.entity("a/subject"), at)
	require.NoError(t, err)
	require.Equal(t, "安和社区", d.Name)
	rec, err := v.ledger.Get(t.Context(), d.Keys.Province, d.Keys.Sequence)
	require.NoError(t, err)
	require.Equal(t, v.events("keys"), []domain.EventID{rec.Event.ID})
	require.Equal(t, "小学", views.now().NameOf(v.entity("f1/data/facility")))
	before, err := views.KnownTo(t.Context(), Position{"ANJU-52": 0})
	require.NoError(t, err)
	require.Empty(t, before.NameOf(v.entity("f1/data/facility")), "nobody had named it yet")

	counties, latest := views.Extent(at)
	require.Equal(t, []domain.Division{"520603"}, counties)
	require.Equal(t, domain.MakeDay(2021, 3, 1), latest, "voided and corrected facts aside")
	_, latest = views.Extent(domain.MakeDay(2019, 2, 1))
	require.Equal(t, domain.MakeDay(2019, 1, 5), latest)

	next, err := views.now().DueNext(v.entity("a/subject"), domain.MakeDay(2018, 9, 1))
	require.NoError(t, err)
	require.NotEmpty(t, next)
	all, err := views.now().Sift(t.Context(), "520603", at, func(domain.Word) bool { return true })
	require.NoError(t, err)
	require.Len(t, all.Households, 2)
	none, err := views.now().Sift(t.Context(), "11", at, func(domain.Word) bool { return true })
	require.NoError(t, err)
	require.Empty(t, none.Households)
}
