package intake

import (
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

func psb() Caller { return Caller{"psb", "520603"} }

// family writes a household of three: its members' numbers end in 01, 02, 03.
func family(number string) string {
	return `{"type":"household.registered","key":"register/` + number + `","time":"2018-09-01","division":"520603003","data":{"number":"` + number + `","category":"poor","members":[
	{"number":"` + number + `01","relation":"head","birth_month":"1951-12"},{"number":"` + number + `02","relation":"spouse"},{"number":"` + number + `03","relation":"child"}]}}`
}

// fact writes an event under its type and a number as its key.
func fact(kind, key, time, subject, data string) string {
	if subject != "" {
		subject = `"subject":` + subject + `,`
	}
	return `{"type":"` + kind + `","key":"` + kind + `/` + key + `","time":"` + time + `",` + subject + `"data":` + data + `}`
}

// numbered is how an entity is named by its number.
func byNumber(number string) string { return `{"number":"` + number + `"}` }

// refusedAt records one event that must be refused at a field, with nothing recorded.
func refusedAt(t *testing.T, d *Door, c Caller, field string, kind domain.RefusalKind, body string) domain.Refusal {
	t.Helper()
	before := d.directory.Position(52)
	a := record(t, d, c, body)
	require.NotNil(t, a.Problem, body)
	require.Equal(t, before, d.directory.Position(52), "nothing is recorded")
	require.Equal(t, field, a.Problem.Refusals[0].Field, "%+v", a.Problem.Refusals)
	require.Equal(t, kind, a.Problem.Refusals[0].Kind)
	require.NotEmpty(t, a.Problem.Refusals[0].Fix.ZH)
	return a.Problem.Refusals[0]
}

const one, two, three = "5206030001", "5206030002", "5206030003"

func TestTheHeadsDeathAndTheNewHeadAreOneActInAnyOrder(t *testing.T) {
	ds := openDoors(t)
	for i, number := range []string{one, two, three} {
		accepted(t, ds.door, rural(), family(number))
		died := fact("person.died", number, "2021-03-01", "", `{"person":`+byNumber(number+"01")+`,"register_ref":"civil_2021_1"}`)
		head := fact("household.head_changed", number, "2021-03-01", byNumber(number), `{"old_head":`+byNumber(number+"01")+`,"new_head":`+byNumber(number+"02")+`,"reason":"death"}`)
		set := "[" + died + "," + head + "]"
		if i > 0 {
			set = "[" + head + "," + died + "]"
		}
		for range 2 { // the second time it is there already
			if i < 2 {
				status, answer := ds.http(t, psb(), "application/cloudevents-batch+json", "&atomic=true", set)
				require.Equal(t, 200, status, answer)
				continue
			}
			m, err := ds.nc.RequestMsg(&nats.Msg{Subject: "anju.record.psb.520603", Data: []byte(set), Header: nats.Header{"Anju-Atomic": {"true"}}}, 5*time.Second)
			require.NoError(t, err)
			require.Equal(t, 2, strings.Count(string(m.Data), `"position"`), string(m.Data))
		}
		require.Equal(t, uint64(3*(i+1)), ds.door.directory.Position(52))
	}
	// A death without a successor is a truth: it is accepted, and the household's status says
	// that nobody is the head.
	accepted(t, ds.door, psb(), fact("person.died", "alone", "2021-04-01", "", `{"person":`+byNumber(one+"02")+`}`))
}

func TestAHeadIsAMemberOnTheDay(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), family(one))
	accepted(t, d, rural(), family(two))
	head := func(key, day, subject, person string) string {
		return fact("household.head_changed", key, day, byNumber(subject), `{"new_head":`+byNumber(person)+`,"reason":"other"}`)
	}
	refusedAt(t, d, psb(), "/data/new_head", domain.Conflict, head("1", "2021-01-01", one, two+"02"))
	refusedAt(t, d, psb(), "/data/new_head", domain.Conflict, head("2", "2018-08-31", one, one+"02"))
	refusedAt(t, d, psb(), "/data/new_head", domain.Unknown, head("3", "2021-01-01", one, one+"09"))
	refusedAt(t, d, psb(), "/data/new_head", domain.Conflict, fact("household.head_changed", "4", "2021-01-01", byNumber(one), `{"old_head":`+byNumber(one+"02")+`,"new_head":`+byNumber(one+"02")+`,"reason":"other"}`))
	accepted(t, d, psb(), fact("household.member_left", "1", "2021-02-01", byNumber(one), `{"person":`+byNumber(one+"02")+`,"reason":"moved"}`))
	accepted(t, d, psb(), fact("person.died", "1", "2021-03-01", "", `{"person":`+byNumber(one+"03")+`}`))
	refusedAt(t, d, psb(), "/data/new_head", domain.Conflict, head("5", "2021-02-01", one, one+"02"))
	refusedAt(t, d, psb(), "/data/new_head", domain.Conflict, head("6", "2021-03-01", one, one+"03"))
	accepted(t, d, psb(), head("7", "2021-01-31", one, one+"02")) // told late: he was a member then
	accepted(t, d, psb(), head("8", "2021-02-28", one, one+"03"))
}

// both sends a body as one set over HTTP, and the same again over NATS, which finds it there.
func (ds *doors) both(t *testing.T, c Caller, body string) (answers []Receipt) {
	t.Helper()
	status, answer := ds.http(t, c, "application/cloudevents-batch+json", "&atomic=true", body)
	require.Equal(t, 200, status, answer)
	m, err := ds.nc.RequestMsg(&nats.Msg{Subject: "anju.record." + string(c.Department) + "." + string(c.Division), Data: []byte(body), Header: nats.Header{"Anju-Atomic": {"true"}}}, 5*time.Second)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(m.Data, &answers), string(m.Data))
	for _, a := range answers {
		require.True(t, a.Already)
	}
	return answers
}

func TestAMoveAndWhatIsNewAtItsAddressAreOneAct(t *testing.T) {
	ds := openDoors(t)
	accepted(t, ds.door, rural(), family(one))
	site := `{"number":"AZ-1"}`
	accepted(t, ds.door, Caller{"civil", "520603"}, fact("community.established", "1", "2018-01-01", "", `{"code":"AZ-1","name":"安和社区","kind":"town","form":"own_committee"}`))
	move := fact("household.moved", "1", "2021-03-01", byNumber(one), `{"to_community":`+site+`,"kind":"resettled_again"}`)
	keys := fact("dwelling.handed_over", "1", "2021-03-01", byNumber(one), `{"community":`+site+`,"address":{"block":"1","room":"101"}}`)
	check := fact("dwelling.occupancy_checked", "1", "2021-03-02", "", `{"dwelling":{"event":1,"at":"/data/dwelling"},"state":"lived_in"}`)
	got := ds.both(t, rural(), "["+move+","+keys+","+check+"]")
	dwelling := got[1].IDs["/data/dwelling"]
	had, err := ds.door.directory.DwellingOf(got[0].entity(t, ds.door), domain.MakeDay(2021, 3, 1))
	require.NoError(t, err)
	require.Equal(t, dwelling, had)

	for _, wrong := range []string{
		strings.Replace(check, `"event":1`, `"event":3`, 1),                // itself
		strings.Replace(check, `/data/dwelling"}`, `/data/placement"}`, 1), // which it does not create
		strings.Replace(check, `"event":1`, `"event":0`, 1),
	} {
		before := ds.door.directory.Position(52)
		again := strings.NewReplacer(`/1"`, `/2"`, `"101"`, `"102"`)
		status, answer := ds.http(t, rural(), "application/cloudevents-batch+json", "&atomic=true", again.Replace("["+move+","+keys+","+wrong+"]"))
		require.Equal(t, 422, status, answer)
		require.Contains(t, answer, `"/2/data/dwelling"`)
		require.Contains(t, answer, "no earlier event of the set")
		require.Equal(t, before, ds.door.directory.Position(52))
	}
	refusedAt(t, ds.door, rural(), "/data/dwelling", domain.Unknown, strings.Replace(check, "checked/1", "checked/3", 1)) // in no set
	refusedAt(t, ds.door, rural(), "/data/dwelling", domain.Malformed, strings.Replace(check, `"event":1`, `"event":-1`, 1))
}

// entity is the home of a recorded event.
func (r *Receipt) entity(t *testing.T, d *Door) domain.Entity {
	t.Helper()
	for rec, err := range d.log.Read(t.Context(), 52, r.Sequence-1) {
		require.NoError(t, err)
		return rec.Event.Subject
	}
	return 0
}

func TestAMemberLeavesOneHouseholdAndJoinsAnotherInOneAct(t *testing.T) {
	ds := openDoors(t)
	accepted(t, ds.door, rural(), family(one))
	other := accepted(t, ds.door, rural(), family(two)).IDs["/subject"]
	left := fact("household.member_left", "1", "2021-03-01", byNumber(one), `{"person":`+byNumber(one+"03")+`,"reason":"marriage","moved_to_household":`+byNumber(two)+`}`)
	joined := fact("household.member_joined", "1", "2021-03-01", byNumber(two), `{"member":{"person":`+byNumber(one+"03")+`,"relation":"spouse"},"reason":"marriage","from_household":`+byNumber(one)+`}`)
	ds.both(t, psb(), "["+left+","+joined+"]")
	person, err := ds.door.Lookup(domain.PersonKind, "520603", one+"03")
	require.NoError(t, err)
	require.Contains(t, ds.door.directory.Members(other), person)

	back := strings.NewReplacer(`/1"`, `/2"`, byNumber(one+"03"), byNumber(two+"03"), byNumber(one), byNumber(two), byNumber(two), byNumber(one))
	ds.both(t, psb(), "["+back.Replace(joined)+","+back.Replace(left)+"]")
	require.Equal(t, uint64(6), ds.door.directory.Position(52))
}
