package intake

import (
	"strings"
	"testing"
	"time"

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
