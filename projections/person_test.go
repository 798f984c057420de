package projections

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
)

// village is a ledger with two households of one community, a person who went from one to the
// other, and acts on what was recorded.
type village struct {
	t      *testing.T
	ledger *events.Ledger
	door   *intake.Door
	ids    map[string]string // event ids by key, entities by "key/pointer"
}

// record records one event through the real door; $name stands for an id that is known already.
func (v *village) record(department domain.Department, kind, key, day, data string) {
	v.t.Helper()
	for name, id := range v.ids {
		data = strings.ReplaceAll(data, "$"+name+"$", id)
	}
	subject := ""
	if before, after, found := strings.Cut(data, "|"); found {
		subject, data = `"subject":"household/`+before+`",`, after
	}
	body := `{"type":"` + kind + `","key":"` + key + `","time":"` + day + `",` + subject + `"data":` + data + `}`
	caller := intake.Caller{Department: department, Division: "520603"}
	answers := v.door.Record(context.Background(), caller, []*intake.Submission{intake.Parse([]byte(body), caller, testNow())}, false)
	require.Nil(v.t, answers[0].Problem, "%s %+v", body, answers[0].Problem)
	v.ids[key] = answers[0].Receipt.ID.String()
	for pointer, id := range answers[0].Receipt.IDs {
		v.ids[key+pointer] = id.String()
	}
}

func (v *village) entity(name string) domain.Entity {
	v.t.Helper()
	e, err := domain.ParseEntity(v.ids[name])
	require.NoError(v.t, err, name)
	return e
}

func newVillage(t *testing.T) *village {
	t.Helper()
	ledger, err := events.Open(t.Context(), events.Config{Clock: testNow})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	v := &village{t: t, ledger: ledger, ids: map[string]string{}, door: intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
		Random: rand.Reader, Now: testNow,
	})}
	v.record("civil", "community.established", "c", "2018-01-10", `{"code":"520603001501","name":"安和社区","kind":"town","form":"own_committee"}`)
	v.record("edu", "facility.changed", "f1", "2017-06-01", `{"code":"520603-F001","name":"小学","stage":"building","kind":"primary_school","capacity":300,"capacity_unit":"places","communities_served":["$c/data/community$"]}`)
	v.record("edu", "facility.changed", "f2", "2020-09-01", `{"facility":"$f1/data/facility$","stage":"open","kind":"primary_school"}`)
	v.record("agri", "industry.project_changed", "j", "2020-10-01", `{"code":"520603-P01","name":"食用菌基地","stage":"operating","community":"$c/data/community$","kind":"farming"}`)
	v.record("rural", "household.registered", "a", "2018-09-01", `{"number":"520603000001","category":"poor","community":"$c/data/community$","members":[
		{"number":"52060300000101","name":"某甲","relation":"head","birth_month":"1981-12","labour_class":"skilled"},
		{"number":"52060300000102","name":"某乙","relation":"child","birth_month":"2000-02","labour_class":"ordinary","health":"healthy"}]}`)
	v.record("rural", "household.registered", "b", "2018-10-01", `{"number":"520603000002","category":"poor","members":[
		{"number":"52060300000201","name":"某丙","relation":"head","labour_class":"ordinary"}]}`)
	v.record("housing", "dwelling.handed_over", "keys", "2019-01-05", `$a/subject$|{"community":"$c/data/community$","address":{"block":"1","unit":"1","room":"101"}}`)
	v.record("hrss", "job.placed", "w1", "2020-03-05", `{"person":"$a/data/members/1/person$","channel":"factory","wage_fen_month":320000}`)
	v.record("hrss", "job.verified", "s1", "2020-06-01", `{"person":"$a/data/members/1/person$","placement":"$w1/data/placement$","still":"yes"}`)
	v.record("psb", "household.member_left", "left", "2021-01-10", `$a/subject$|{"person":"$a/data/members/1/person$","reason":"marriage"}`)
	v.record("psb", "household.member_joined", "joined", "2021-01-10", `$b/subject$|{"member":{"person":"$a/data/members/1/person$","relation":"spouse"},"reason":"marriage"}`)
	v.record("hrss", "job.ended", "e1", "2021-02-01", `{"person":"$a/data/members/1/person$","placement":"$w1/data/placement$","reason":"resigned"}`)
	v.record("hrss", "job.placed", "w2", "2021-03-01", `{"person":"$a/data/members/1/person$","channel":"workshop"}`)
	v.record("hrss", "training.completed", "t1", "2021-03-02", `{"person":"$a/data/members/1/person$","course":"缝纫"}`)
	v.record("civil", "entitlement.started", "n1", "2020-01-01", `{"person":"$a/data/members/0/person$","kind":"dibao","amount_fen_month":35000,"until":"2020-12-31"}`)
	v.record("hrss", "record.corrected", "fix", "2021-04-01T00:00:00Z", `{"target_event":"$w2$","data":{"person":"$a/data/members/1/person$","channel":"self_found"},"reason":"typo"}`)
	v.record("hrss", "record.voided", "void", "2021-04-02T00:00:00Z", `{"target_event":"$t1$","reason":"false"}`)
	return v
}

func TestAPersonIsComposedOverEveryHousehold(t *testing.T) {
	v := newVillage(t)
	views := viewsOf(t, v.ledger)
	mover, a, b := v.entity("a/data/members/1/person"), v.entity("a/subject"), v.entity("b/subject")
	p, err := views.now().Person(mover, v.ledger.Directory(), at)
	require.NoError(t, err)
	require.Equal(t, a, p.Home)
	require.Len(t, p.Memberships, 2)
	require.Equal(t, Member{a, "child", domain.MakeDay(2018, 9, 1), domain.MakeDay(2021, 1, 10), v.events("a", "left")}, p.Memberships[0])
	require.Equal(t, Member{b, "spouse", domain.MakeDay(2021, 1, 10), domain.NoDay, v.events("joined")}, p.Memberships[1])
	require.Equal(t, domain.MakeMonth(2000, 2), p.Profile.BirthMonth)
	require.EqualValues(t, "ordinary", p.Profile.LabourClass)
	require.Len(t, p.Placements, 2)
	first, second := p.Placements[0], p.Placements[1]
	require.Equal(t, placementEnded, first.Status)
	require.Equal(t, domain.MakeDay(2021, 2, 1), first.To)
	require.Equal(t, v.events("w1", "s1", "e1"), first.Events)
	require.Equal(t, placementPlaced, second.Status)
	require.EqualValues(t, "self_found", second.Channel, "the correction is in force")
	require.True(t, second.Stale)
	require.Empty(t, p.Trainings, "a voided fact counts for nothing")

	p, err = views.now().Person(mover, v.ledger.Directory(), domain.MakeDay(2020, 7, 1))
	require.NoError(t, err)
	require.Equal(t, placementVerified, p.Placements[0].Status)
	require.Equal(t, domain.NoDay, p.Memberships[0].To, "what comes later is not known of that day")
	require.Len(t, p.Memberships, 1)

	head, err := views.now().Person(v.entity("a/data/members/0/person"), v.ledger.Directory(), at)
	require.NoError(t, err)
	require.Len(t, head.Entitlements, 1)
	require.False(t, head.Entitlements[0].InForce, "it ran out")
	_, err = views.now().Person(domain.MintEntity(domain.PersonKind, 1), v.ledger.Directory(), at)
	require.ErrorIs(t, err, ErrUnknown)
}

// events are the ids of the facts recorded under keys.
func (v *village) events(keys ...string) (ids []domain.EventID) {
	for _, k := range keys {
		id, err := domain.ParseEventID(v.ids[k])
		require.NoError(v.t, err, k)
		ids = append(ids, id)
	}
	return ids
}

// listed are the events of a timeline, in its order.
func listed(a TimelineAnswer) (ids []domain.EventID) {
	for _, e := range a.Entries {
		ids = append(ids, e.Event)
	}
	return ids
}

func TestATimelineIsComposedThroughMembership(t *testing.T) {
	v := newVillage(t)
	views := viewsOf(t, v.ledger)
	homes := v.ledger.Directory()
	a, err := views.now().Timeline(v.entity("a/subject"), homes, at)
	require.NoError(t, err)
	require.Equal(t, v.events("a", "keys", "n1", "w1", "s1", "f2", "j", "left"), listed(a),
		"own facts, the community's while it lives there, nothing of the member after he left")
	b, err := views.now().Timeline(v.entity("b/subject"), homes, at)
	require.NoError(t, err)
	require.Equal(t, v.events("b", "joined", "e1", "w2", "t1", "fix", "void"), listed(b), "the facts of who moved in, from his day on")
	require.Equal(t, v.entity("a/subject"), b.Entries[2].Home)
	require.Equal(t, v.entity("a/data/members/1/person"), b.Entries[2].About)
	require.Equal(t, v.events("fix")[0], b.Entries[3].Corrected)
	require.Equal(t, v.events("void")[0], b.Entries[4].Voided)
	require.Equal(t, 2, b.Entries[2].Area)
	p, err := views.now().PersonTimeline(v.entity("a/data/members/1/person"), homes, at)
	require.NoError(t, err)
	require.Equal(t, v.events("a", "w1", "s1", "joined", "left", "e1", "w2", "t1", "fix", "void"), listed(p))
	c, err := views.now().CommunityTimeline(v.entity("c/data/community"), at)
	require.NoError(t, err)
	require.Equal(t, v.events("f1", "c", "f2", "j"), listed(c))
	short, err := views.now().Timeline(v.entity("a/subject"), homes, domain.MakeDay(2019, 12, 31))
	require.NoError(t, err)
	require.Equal(t, v.events("a", "keys"), listed(short))
}

func TestACommunityCountsWhoLivesThere(t *testing.T) {
	v := newVillage(t)
	views := viewsOf(t, v.ledger)
	c, err := views.now().Community(v.entity("c/data/community"), at)
	require.NoError(t, err)
	require.True(t, c.Organised)
	require.Equal(t, "安和社区", c.Name)
	require.Equal(t, 1, c.Residents.Households)
	require.Len(t, c.Facilities, 1)
	require.Equal(t, domain.FacilityOpen, c.Facilities[0].Stage)
	require.EqualValues(t, 300, *c.Facilities[0].Capacity, "a later stage keeps the capacity")
	require.Equal(t, v.events("f1", "f2"), c.Facilities[0].Events)
	require.Len(t, c.Projects, 1)
	early, err := views.now().Community(v.entity("c/data/community"), domain.MakeDay(2018, 8, 31))
	require.NoError(t, err)
	require.Zero(t, early.Residents.Households)
	require.EqualValues(t, "building", early.Facilities[0].Stage)
	require.Empty(t, early.Projects)
	v.record("psb", "household.moved", "away", "2021-05-01", `$a/subject$|{"kind":"returned_to_origin"}`)
	require.NoError(t, views.CaughtUp(t.Context()))
	gone, err := views.now().Community(v.entity("c/data/community"), at)
	require.NoError(t, err)
	require.Zero(t, gone.Residents.Households, "a household that went back lives there no more")
	_, err = views.now().Community(domain.MintEntity(domain.CommunityKind, 1), at)
	require.ErrorIs(t, err, ErrUnknown)
}

func TestASplitAndAMergeCarryTheirMembersAlong(t *testing.T) {
	v := newVillage(t)
	v.record("county", "household.split", "split", "2021-04-10", `$a/subject$|{"children":[{"members":["$a/data/members/0/person$"]}],"legal_basis":"township_decision"}`)
	v.record("hrss", "job.placed", "w3", "2021-04-20", `{"person":"$a/data/members/0/person$","channel":"factory"}`)
	v.record("county", "household.merged", "merge", "2021-05-01", `$split/data/children/0/household$|{"into":"$split/data/children/0/household$","from":["$b/subject$"],"reason":"care"}`)
	v.record("hrss", "job.placed", "w4", "2021-05-10", `{"person":"$b/data/members/0/person$","channel":"workshop"}`)
	v.record("psb", "person.died", "died", "2021-06-01", `{"person":"$b/data/members/0/person$"}`)
	v.record("finance", "benefit.paid", "late", "2021-06-10", `{"person":"$b/data/members/0/person$","kind":"pension","amount_fen":10000}`)
	views := viewsOf(t, v.ledger)
	homes := v.ledger.Directory()
	child := v.entity("split/data/children/0/household")
	line, err := views.now().Timeline(child, homes, at)
	require.NoError(t, err)
	require.Subset(t, listed(line), v.events("split", "w3", "merge", "w4", "died", "late"), "what is paid to the dead is shown where they lived")
	require.NotContains(t, listed(line), v.events("keys")[0])
	parent, err := views.now().Timeline(v.entity("a/subject"), homes, at)
	require.NoError(t, err)
	require.Contains(t, listed(parent), v.events("split")[0])
	require.NotContains(t, listed(parent), v.events("w3")[0], "who went with the split is the child's")
	head, err := views.now().Person(v.entity("a/data/members/0/person"), homes, at)
	require.NoError(t, err)
	require.Len(t, head.Memberships, 2)
	require.Equal(t, child, head.Memberships[1].Household)
	dead, err := views.now().Person(v.entity("b/data/members/0/person"), homes, at)
	require.NoError(t, err)
	require.Equal(t, domain.MakeDay(2021, 6, 1), dead.Died)
	require.Equal(t, placementEnded, dead.Placements[0].Status)
	require.EqualValues(t, "died", dead.Placements[0].EndReason)
	last := dead.Memberships[len(dead.Memberships)-1]
	require.Equal(t, child, last.Household)
	require.Equal(t, domain.MakeDay(2021, 6, 1), last.To)
	community, err := views.now().Community(v.entity("c/data/community"), at)
	require.NoError(t, err)
	require.Equal(t, 1, community.Residents.Households, "the child lives where its parent lived; the parent has nobody left")
}
