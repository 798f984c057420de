package intake

import (
	"os"
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

func TestWhoBelongsToAHouseholdDoesNotJoinIt(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), family(one))
	join := func(key, day string) string {
		return fact("household.member_joined", key, day, byNumber(one), `{"member":{"person":`+byNumber(one+"03")+`,"relation":"child"},"reason":"return"}`)
	}
	r := refusedAt(t, d, psb(), "/data/member/person", domain.Conflict, join("1", "2021-03-01"))
	require.Contains(t, r.Fix.EN, "member_left")
	accepted(t, d, psb(), fact("household.member_left", "1", "2021-02-01", byNumber(one), `{"person":`+byNumber(one+"03")+`,"reason":"moved"}`))
	again := accepted(t, d, psb(), join("1", "2021-03-01"))
	require.Equal(t, again.ID, accepted(t, d, psb(), join("1", "2021-03-01")).ID, "repeated, it is there already")
	refusedAt(t, d, psb(), "/data/member/person", domain.Conflict, join("2", "2021-04-01"))
}

// Who belongs to one household does not come to belong to a second one unnoticed: the refusal names the
// first, and both ways out lead on.
func TestWhoBelongsElsewhereSaysWhenceHeComes(t *testing.T) {
	d := testDoor(t)
	first := accepted(t, d, rural(), family(one)).IDs["/subject"]
	accepted(t, d, rural(), family(two))
	join := func(n, who, day, from string) string {
		return fact("household.member_joined", n, day, byNumber(two), `{"member":{"person":`+byNumber(one+who)+`,"relation":"spouse"},"reason":"marriage"`+from+`}`)
	}
	refused := func(body string) {
		t.Helper()
		r := refusedAt(t, d, psb(), "/data/from_household", domain.Conflict, body)
		require.Equal(t, first.String(), r.Value)
		require.Contains(t, r.Fix.EN, "give from_household")
		require.Contains(t, r.Fix.EN, "household.member_left")
		require.Contains(t, r.Rule.ZH, "另一户")
	}
	refused(join("1", "02", "2021-03-01", ""))
	refusedAt(t, d, psb(), "/data/from_household", domain.Conflict, join("1", "02", "2021-03-01", `,"from_household":`+byNumber(two)))
	refusedAt(t, d, psb(), "/data/moved_to_household", domain.Conflict, fact("household.member_left", "9", "2021-02-01", byNumber(one), `{"person":`+byNumber(one+"02")+`,"reason":"moved","moved_to_household":`+byNumber(one)+`}`))
	accepted(t, d, psb(), join("1", "02", "2021-03-01", `,"from_household":`+byNumber(one)))
	// In the other order: the office of the old household told of his leaving first.
	accepted(t, d, Caller{"community", "520603001"}, fact("household.member_left", "3", "2021-02-01", byNumber(one), `{"person":`+byNumber(one+"03")+`,"reason":"moved"}`))
	refused(join("3", "03", "2021-01-31", "")) // a day too early
	accepted(t, d, psb(), join("3", "03", "2021-03-01", ""))
	// A second joining looks at every household that he joined since, not at his first alone.
	third := family(three)
	accepted(t, d, rural(), third)
	again := fact("household.member_joined", "4", "2021-04-01", byNumber(three), `{"member":{"person":`+byNumber(one+"03")+`,"relation":"other"},"reason":"return"}`)
	r := refusedAt(t, d, psb(), "/data/from_household", domain.Conflict, again)
	require.NotEqual(t, first.String(), r.Value)
	// A leaving that is voided puts him back where he was: the door can refuse it no more than any late fact.
	accepted(t, d, psb(), fact("household.member_left", "5", "2021-05-01", byNumber(two), `{"person":`+byNumber(one+"03")+`,"reason":"moved"}`))
	accepted(t, d, psb(), strings.NewReplacer("2021-04-01", "2021-05-02").Replace(again))
	// The dead and households that ended hold nobody back.
	accepted(t, d, psb(), fact("person.died", "1", "2021-06-01", "", `{"person":`+byNumber(one+"01")+`}`))
	refused(join("6", "01", "2021-05-31", ""))
	accepted(t, d, psb(), join("6", "01", "2021-06-01", "")) // told as a fact after his death
	accepted(t, d, Caller{"county", "520603"}, fact("household.closed", "1", "2021-06-10", byNumber(two), `{"reason":"withdrawn"}`))
	accepted(t, d, psb(), fact("household.member_joined", "7", "2021-06-11", byNumber(three), `{"member":{"person":`+byNumber(two+"02")+`,"relation":"other"},"reason":"return"}`))
}

// What the door learnt of who joined where holds after a start, from a snapshot or from the log, in another county and
// in another province.
func TestTheDoorKnowsAfterAStartWhoBelongsElsewhere(t *testing.T) {
	folder := t.TempDir()
	there := map[string]Caller{"520602": {"psb", "520602"}, "440300": {"psb", "440300"}}
	var ids map[string]domain.Entity
	for round := range 3 {
		ledger, d := served(t, folder)
		if round == 0 {
			ids = accepted(t, d, rural(), family(one)).IDs
			for county := range there {
				accepted(t, d, Caller{"rural", domain.Division(county)}, strings.ReplaceAll(family(two), "520603003", county))
				accepted(t, d, Caller{"rural", domain.Division(county)}, strings.ReplaceAll(family(three), "520603003", county))
			}
		}
		for county, caller := range there {
			who := quoted(ids["/data/members/1/person"])
			if county == "440300" {
				who = quoted(ids["/data/members/2/person"])
			}
			join := func(n, to, day, from string) string {
				return fact("household.member_joined", n+county, day, byNumber(to), `{"member":{"person":`+who+`,"relation":"other"},"reason":"return"`+from+`}`)
			}
			if round == 0 {
				a := record(t, d, caller, join("1", two, "2021-03-01", ""))
				require.NotNil(t, a.Problem)
				require.Equal(t, ids["/subject"].String(), a.Problem.Refusals[0].Value, "of the other county")
				accepted(t, d, caller, join("1", two, "2021-03-01", `,"from_household":`+quoted(ids["/subject"])))
				accepted(t, d, rural(), fact("household.member_left", county, "2021-03-01", byNumber(one), `{"person":`+who+`,"reason":"moved"}`))
				continue
			}
			a := record(t, d, caller, join("2", three, "2021-04-01", ""))
			require.NotNil(t, a.Problem)
			require.Equal(t, "/data/from_household", a.Problem.Refusals[0].Field)
		}
		require.NoError(t, ledger.Close())
	}
}

func TestAHeadIsAMemberOnTheDay(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), family(one))
	accepted(t, d, rural(), family(two))
	head := func(key, day, subject, person string) string {
		return fact("household.head_changed", key, day, byNumber(subject), `{"new_head":`+byNumber(person)+`,"reason":"other"}`)
	}
	refusedAt(t, d, psb(), "/data/new_head", domain.Conflict, head("1", "2021-01-01", one, two+"02"))
	refusedAt(t, d, psb(), "/time", domain.Conflict, head("2", "2018-08-31", one, one+"02"))
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

// estate is a county with two households of three, each with a dwelling.
func estate(t *testing.T, d *Door) map[string]domain.Entity {
	t.Helper()
	ids := map[string]domain.Entity{}
	accepted(t, d, Caller{"civil", "520603"}, fact("community.established", "1", "2018-01-01", "", `{"code":"AZ-1","name":"安和社区","kind":"town","form":"own_committee"}`))
	for _, number := range []string{one, two} {
		r := accepted(t, d, rural(), family(number))
		ids[number] = r.IDs["/subject"]
		for _, m := range []string{"1", "2", "3"} {
			ids[number+"0"+m], _ = d.Lookup(domain.PersonKind, "520603", number+"0"+m)
		}
		keys := accepted(t, d, rural(), fact("dwelling.handed_over", number, "2018-09-01", byNumber(number), `{"community":{"number":"AZ-1"},"address":{"block":"1","room":"`+number+`"}}`))
		ids["home/"+number] = keys.IDs["/data/dwelling"]
	}
	return ids
}

func quoted(e domain.Entity) string { return `"` + e.String() + `"` }

// split records a split of members into one child and returns it with the event.
func split(t *testing.T, d *Door, key, day string, parent domain.Entity, members ...domain.Entity) (child domain.Entity, event domain.EventID) {
	t.Helper()
	r := accepted(t, d, Caller{"township", "520603"}, splitting(key, day, parent, members...))
	return r.IDs["/data/children/0/household"], r.ID
}

func splitting(key, day string, parent domain.Entity, members ...domain.Entity) string {
	list := make([]string, len(members))
	for i, m := range members {
		list[i] = quoted(m)
	}
	return fact("household.split", key, day, quoted(parent), `{"children":[{"members":[`+strings.Join(list, ",")+`]}]}`)
}

func merging(key, day string, into, from string) string {
	return fact("household.merged", key, day, "", `{"into":`+into+`,"from":[`+from+`],"reason":"care"}`)
}

func correcting(target domain.EventID, data string) string {
	return `{"type":"record.corrected","key":"fix/` + target.String() + `","time":"2021-06-30","data":{"target_event":"` + target.String() + `","data":` + data + `,"reason":"typo"}}`
}

func TestLineageRefusesWhatLosesDoublesOrTurnsBack(t *testing.T) {
	d := testDoor(t)
	ids := estate(t, d)
	township := Caller{"township", "520603"}
	parent, other, mother, son := ids[one], ids[two], ids[one+"02"], ids[one+"03"]
	refuse := func(field string, kind domain.RefusalKind, body string) {
		t.Helper()
		refusedAt(t, d, township, field, kind, body)
	}
	children := func(key, list string) string {
		return fact("household.split", key, "2021-02-01", quoted(parent), `{"children":[`+list+`]}`)
	}
	child := func(more string, members ...domain.Entity) string {
		one := splitting("", "", 0, members...)
		one = one[strings.Index(one, `[{`)+1 : strings.LastIndex(one, `}]`)]
		return one + more + "}"
	}
	refuse("/data/children/0/members", domain.Missing, children("a", `{}`))
	refuse("/data/children", domain.Missing, children("b", ``))
	refuse("/data/children/1/members/0", domain.Conflict, children("c", child("", son)+","+child("", son)))
	refuse("/data/children/1/members/0", domain.Conflict, children("d", `{"members":[`+byNumber(one+"03")+`]},{"members":[`+byNumber(one+"03")+`]}`))
	refuse("/data/children/0/members/0", domain.Conflict, children("e", child("", ids[two+"01"])))
	refuse("/data/children/0/household", domain.NotAllowed, children("f", child(`,"household":`+quoted(other), son)))
	refuse("/data/children/1/dwelling", domain.Conflict, children("g", child(`,"dwelling":`+quoted(ids["home/"+one]), son)+","+child(`,"dwelling":`+quoted(ids["home/"+one]), mother)))
	refuse("/data/children/0/dwelling", domain.Conflict, children("h", child(`,"dwelling":`+quoted(ids["home/"+two]), son)))
	refuse("/data/from/0", domain.Conflict, merging("a", "2021-02-01", quoted(parent), quoted(parent)))
	refuse("/data/from/0", domain.Conflict, merging("b", "2021-02-01", byNumber(one), byNumber(one)))

	young, founding := split(t, d, "1", "2021-03-01", parent, son)
	refuse("/data/children/0/members/0", domain.Conflict, splitting("2", "2021-04-01", parent, son)) // he went with the child
	refuse("/subject", domain.Conflict, splitting("3", "2021-02-28", parent, mother))                // before an act
	refuse("/data/into", domain.Conflict, merging("c", "2021-02-28", quoted(parent), quoted(young))) // the child is not there yet: a cycle
	refuse("/data/data/children", domain.Conflict, correcting(founding, `{"children":[{"members":[`+quoted(mother)+`]}]}`))
	refuse("/data/data/children", domain.Conflict, correcting(founding, `{"children":[{"members":[`+quoted(mother)+`,`+quoted(son)+`]}]}`))
	accepted(t, d, township, correcting(founding, `{"children":[{"members":[`+quoted(son)+`]}],"legal_basis":"agreement_2021_3"}`))

	ofAnother := strings.Replace(merging("s", "2021-04-01", quoted(other), quoted(parent)), `"data":`, `"subject":`+quoted(young)+`,"data":`, 1)
	refuse("/subject", domain.Conflict, ofAnother)
	merged := accepted(t, d, township, merging("d", "2021-04-01", quoted(other), quoted(parent)))
	refuse("/data/into", domain.Conflict, merging("e", "2021-05-01", quoted(parent), quoted(other))) // a cycle over two sets
	refuse("/data/from/0", domain.Conflict, merging("f", "2021-05-01", quoted(young), quoted(parent)))
	refuse("/subject", domain.Conflict, splitting("4", "2021-05-01", parent, mother))
	refuse("/data/data/into", domain.Conflict, correcting(merged.ID, `{"into":`+quoted(young)+`,"from":[`+quoted(parent)+`],"reason":"care"}`))
	refuse("/data/data/from", domain.Conflict, correcting(merged.ID, `{"into":`+quoted(other)+`,"from":[`+quoted(young)+`],"reason":"care"}`))
	refuse("/data/data/from/0", domain.Conflict, correcting(merged.ID, `{"into":`+quoted(other)+`,"from":[`+quoted(other)+`],"reason":"care"}`))

	join := func(key, day string) string {
		return fact("household.member_joined", key, day, quoted(parent), `{"member":{"relation":"child"},"reason":"birth"}`)
	}
	refusedAt(t, d, psb(), "/subject", domain.Conflict, join("1", "2021-04-01"))
	refusedAt(t, d, psb(), "/data/moved_to_household", domain.Conflict, fact("household.member_left", "1", "2021-05-01", quoted(other), `{"person":`+quoted(mother)+`,"reason":"moved","moved_to_household":`+quoted(parent)+`}`))
	accepted(t, d, psb(), join("2", "2021-03-31")) // told late: the household was there
}

func TestADeathAndTheNewHeadAreOneRowOfAFile(t *testing.T) {
	d := testDoor(t)
	for _, number := range []string{one, two} {
		accepted(t, d, rural(), family(number))
	}
	docs, err := os.ReadFile("../../docs/templates.md")
	require.NoError(t, err)
	_, form, found := strings.Cut(string(docs), "```yaml\ntemplate: heads")
	require.True(t, found)
	form, _, _ = strings.Cut(form, "```")
	template, err := ParseTemplate([]byte("template: heads" + form))
	require.NoError(t, err)
	file := []byte("户编号,死亡人员,死亡日期,新户主\n" + one + "," + one + "01,2021-03-01," + one + "02\n" + two + "," + two + "01,2021-03-01," + one + "02\n")
	for _, dry := range []bool{true, false} {
		report, err := d.Import(t.Context(), Caller{Division: "520603"}, "heads.csv", file, ImportOptions{Template: template, Record: !dry})
		require.NoError(t, err)
		require.Equal(t, 1, report.Accepted, "%+v", report)
		require.Len(t, report.Rejected, 1, "the new head is no member there")
	}
	require.Equal(t, uint64(5), d.directory.Position(52), "two registrations, a death, a head, the end of the import")
}

// TestACorrectionLosesNobody: who stands in a register stays in it, since jobs and cases rest on him;
// whom it forgot joins by a fact of his own.
func TestACorrectionLosesNobody(t *testing.T) {
	d := testDoor(t)
	registered := accepted(t, d, rural(), family(one))
	person := func(m string) string {
		id, err := d.Lookup(domain.PersonKind, "520603", one+m)
		require.NoError(t, err)
		return `"person":` + quoted(id)
	}
	head, wife, son := `{`+person("01")+`,"relation":"head"}`, `{`+person("02")+`,"relation":"spouse"}`, `{`+person("03")+`,"relation":"child"}`
	with := func(members ...string) string {
		return correcting(registered.ID, `{"category":"poor","members":[`+strings.Join(members, ",")+`]}`)
	}
	refusedAt(t, d, rural(), "/data/data/members", domain.Conflict, with(head, wife))
	refusedAt(t, d, rural(), "/data/data/members/3/person", domain.Conflict, with(head, wife, son, `{"relation":"parent"}`))
	accepted(t, d, rural(), with(head, wife, strings.ReplaceAll(son, "child", "grandchild")))
	joined := accepted(t, d, rural(), fact("household.member_joined", "1", "2020-01-01", byNumber(one), `{"member":{"relation":"child"},"reason":"birth"}`))
	refusedAt(t, d, rural(), "/data/data/member/person", domain.Conflict, correcting(joined.ID, `{"member":{`+person("02")+`,"relation":"child"},"reason":"birth"}`))
}
