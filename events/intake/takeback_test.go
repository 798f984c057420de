package intake

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
)

// undo asks over HTTP.
func (ds *doors) undo(t *testing.T, c Caller, event domain.EventID, pairs ...string) (answers []Receipt, problem Problem) {
	t.Helper()
	q := url.Values{"department": {string(c.Department)}, "division": {string(c.Division)}, "event": {event.String()}}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, ds.url+"/v1/undo?"+q.Encode(), nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	if res.StatusCode != http.StatusOK {
		require.NoError(t, json.UnmarshalRead(res.Body, &problem))
		require.Equal(t, res.StatusCode, problem.Status)
		return nil, problem
	}
	require.NoError(t, json.UnmarshalRead(res.Body, &answers))
	return answers, problem
}

func township() Caller { return Caller{"township", "520603"} }

// moveOut records that a household moved to another dwelling of the community.
func moveOut(t *testing.T, d *Door, key, day string, household domain.Entity) {
	t.Helper()
	accepted(t, d, rural(), fact("household.moved", key, day, quoted(household), `{"to_community":{"number":"AZ-1"},"kind":"resettled_again"}`))
	accepted(t, d, rural(), fact("dwelling.handed_over", key, day, quoted(household), `{"community":{"number":"AZ-1"},"address":{"block":"9","room":"`+key+`"}}`))
}

func TestASplitOnWhichFactsRestIsUndoneByChoiceOfAddress(t *testing.T) {
	ds := openDoors(t)
	d := ds.door
	ids := estate(t, d)
	parent, son := ids[one], ids[one+"03"]
	child, event := split(t, d, "1", "2021-03-01", parent, son)
	rests := accepted(t, d, psb(), fact("household.head_changed", "1", "2021-03-01", quoted(child), `{"new_head":`+quoted(son)+`,"reason":"split"}`))

	before := d.directory.Position(52)
	_, problem := ds.undo(t, township(), event)
	require.Equal(t, 409, problem.Status)
	require.Equal(t, []domain.EventID{rests.ID}, problem.Dependants)
	require.Equal(t, domain.Depends, problem.Refusals[0].Kind)
	for _, way := range []string{"return_to=household", "return_to=address"} {
		require.Contains(t, problem.Refusals[0].Fix.EN, way)
		require.Contains(t, problem.Refusals[0].Fix.ZH, way)
	}
	plain := record(t, d, township(), `{"type":"record.voided","key":"v/1","time":"2021-06-29","data":{"target_event":"`+event.String()+`","reason":"false"}}`)
	require.Equal(t, []domain.EventID{rests.ID}, plain.Problem.Dependants, "a void by itself tells the same")
	require.Equal(t, problem.Refusals[0].Fix, plain.Problem.Refusals[0].Fix)

	_, problem = ds.undo(t, township(), event, "return_to", "address", "time", "2021-05-01")
	require.Equal(t, "/return_to", problem.Refusals[0].Field, "the parent lives at the old address")
	_, problem = ds.undo(t, township(), event, "return_to", "nowhere", "time", "soon")
	require.Len(t, problem.Refusals, 2)
	_, problem = ds.undo(t, hrss(), event, "return_to", "household", "time", "2021-05-01")
	require.Equal(t, 403, problem.Status)
	_, problem = ds.undo(t, township(), rests.ID, "return_to", "household", "time", "2021-05-01")
	require.Equal(t, "/event", problem.Refusals[0].Field)
	require.Equal(t, before, d.directory.Position(52), "nothing is recorded by a refusal")

	moveOut(t, d, "1", "2021-04-01", parent)
	got, problem := ds.undo(t, township(), event, "return_to", "household", "time", "2021-05-01")
	require.Empty(t, problem.Refusals)
	again, _ := ds.undo(t, township(), event, "return_to", "household", "time", "2021-05-01")
	require.True(t, again[0].Already)
	require.Equal(t, got[0].ID, again[0].ID)
	require.Contains(t, d.directory.Members(parent), son, "he is where the old household is now")
	require.True(t, d.directory.Closed(child))
	require.Equal(t, event, ds.event(t, &got[0]).Cause)
	_, problem = ds.undo(t, township(), event, "return_to", "address", "time", "2021-06-01")
	require.Contains(t, problem.Refusals[0].Rule.EN, "nothing left to undo")
}

// event reads what a receipt is of.
func (ds *doors) event(t *testing.T, r *Receipt) (e struct{ Cause domain.EventID }) {
	t.Helper()
	for rec, err := range ds.door.log.Read(t.Context(), 52, r.Sequence-1) {
		require.NoError(t, err)
		e.Cause = rec.Event.Cause
		return e
	}
	return e
}

func TestASplitIsUndoneByANewHouseholdAtTheOldAddress(t *testing.T) {
	ds := openDoors(t)
	d := ds.door
	ids := estate(t, d)
	parent := ids[one]
	r := accepted(t, d, township(), fact("household.split", "1", "2021-03-01", quoted(parent), `{"children":[{"members":[`+quoted(ids[one+"02"])+`]},{"members":[`+quoted(ids[one+"03"])+`]}]}`))
	moveOut(t, d, "1", "2021-04-01", parent)
	got, problem := ds.undo(t, township(), r.ID, "return_to", "address", "time", "2021-05-01")
	require.Empty(t, problem.Refusals)
	require.Len(t, got, 2, "a new household follows one of the children, and takes the other in")
	fresh := got[0].IDs["/data/children/0/household"]
	require.ElementsMatch(t, []domain.Entity{ids[one+"02"], ids[one+"03"]}, d.directory.Members(fresh))
	dwelling, err := d.directory.DwellingOf(fresh, domain.MakeDay(2021, 5, 1))
	require.NoError(t, err)
	require.Equal(t, ids["home/"+one], dwelling)
	for _, child := range []string{"/data/children/0/household", "/data/children/1/household"} {
		require.True(t, d.directory.Closed(r.IDs[child]))
	}
}

func TestAMoveOnWhichFactsRestIsUndoneByChoice(t *testing.T) {
	ds := openDoors(t)
	d := ds.door
	ids := estate(t, d)
	from, to, son := ids[one], ids[two], ids[one+"03"]
	left := accepted(t, d, psb(), fact("household.member_left", "1", "2021-03-01", quoted(from), `{"person":`+quoted(son)+`,"reason":"marriage","moved_to_household":`+quoted(to)+`}`))
	joined := accepted(t, d, psb(), fact("household.member_joined", "1", "2021-03-01", quoted(to), `{"member":{"person":`+quoted(son)+`,"relation":"spouse"},"reason":"marriage","from_household":`+quoted(from)+`}`))
	accepted(t, d, hrss(), fact("job.placed", "1", "2021-03-02", "", `{"person":`+quoted(son)+`,"channel":"factory"}`)) // a job rests on no household
	_, problem := ds.undo(t, psb(), left.ID)
	require.Equal(t, []domain.EventID{joined.ID}, problem.Dependants)
	head := accepted(t, d, psb(), fact("household.head_changed", "1", "2021-03-02", quoted(to), `{"new_head":`+quoted(son)+`,"reason":"agreement"}`))
	_, problem = ds.undo(t, psb(), joined.ID)
	require.Equal(t, []domain.EventID{head.ID}, problem.Dependants)
	_, problem = ds.undo(t, psb(), joined.ID, "return_to", "household", "time", "2021-05-01")
	require.Equal(t, "/relation", problem.Refusals[0].Field)
	_, problem = ds.undo(t, psb(), joined.ID, "return_to", "address", "time", "2021-05-01")
	require.Equal(t, "/return_to", problem.Refusals[0].Field)

	moveOut(t, d, "1", "2021-04-01", from)
	got, problem := ds.undo(t, township(), joined.ID, "return_to", "address", "time", "2021-05-01")
	require.Empty(t, problem.Refusals)
	fresh := got[0].IDs["/data/children/0/household"]
	require.Equal(t, []domain.Entity{son}, d.directory.Members(fresh))
	require.NotContains(t, d.directory.Members(to), son)

	back := accepted(t, d, psb(), fact("household.member_left", "2", "2021-05-10", quoted(from), `{"person":`+quoted(ids[one+"02"])+`,"reason":"moved","moved_to_household":`+quoted(to)+`}`))
	accepted(t, d, psb(), fact("household.member_joined", "2", "2021-05-10", quoted(to), `{"member":{"person":`+quoted(ids[one+"02"])+`,"relation":"other"},"reason":"return","from_household":`+quoted(from)+`}`))
	_, problem = ds.undo(t, psb(), back.ID, "return_to", "household", "time", "2021-06-01", "relation", "spouse")
	require.Empty(t, problem.Refusals)
	require.Contains(t, d.directory.Members(from), ids[one+"02"])
	require.NotContains(t, d.directory.Members(to), ids[one+"02"])
}

func TestAHouseholdsMoveIsUndoneByVoidOrByMovingBack(t *testing.T) {
	ds := openDoors(t)
	d := ds.door
	ids := estate(t, d)
	home := ids[one]
	moved := accepted(t, d, township(), fact("household.moved", "9", "2021-03-01", quoted(home), `{"to_community":{"number":"AZ-1"},"kind":"resettled_again"}`))
	got, _ := ds.undo(t, township(), moved.ID)
	require.Len(t, got, 1, "nothing rests on it: it is voided")
	require.True(t, d.directory.Voided(moved.ID).Present())

	moved = accepted(t, d, township(), fact("household.moved", "10", "2021-04-01", quoted(home), `{"to_community":{"number":"AZ-1"},"kind":"resettled_again"}`))
	keys := accepted(t, d, rural(), fact("dwelling.handed_over", "10", "2021-04-01", quoted(home), `{"community":{"number":"AZ-1"},"address":{"block":"9","room":"1"}}`))
	_, problem := ds.undo(t, township(), moved.ID)
	require.Equal(t, []domain.EventID{keys.ID}, problem.Dependants)
	_, problem = ds.undo(t, township(), moved.ID, "return_to", "household", "time", "2021-05-01")
	require.Contains(t, problem.Refusals[0].Rule.EN, "it is where it is now")
	got, problem = ds.undo(t, township(), moved.ID, "return_to", "address", "time", "2021-05-01")
	require.Empty(t, problem.Refusals)
	require.Len(t, got, 1)
	dwelling, err := d.directory.DwellingOf(home, domain.MakeDay(2021, 5, 1))
	require.NoError(t, err)
	require.Equal(t, ids["home/"+one], dwelling)
}

func TestUndoOfWhatIsNotThereIsRefused(t *testing.T) {
	ds := openDoors(t)
	_, problem := ds.undo(t, township(), domain.EventID{1, 6: 0x70, 8: 0x80})
	require.Equal(t, domain.Unknown, problem.Refusals[0].Kind)
	require.True(t, strings.HasPrefix(problem.Refusals[0].Field, "/event"))
}

// undoByNATS asks on the subject of undoing.
func (ds *doors) undoByNATS(t *testing.T, c Caller, body string) (answers []Receipt, problem Problem) {
	t.Helper()
	m, err := ds.nc.Request("anju.record."+string(c.Department)+"."+string(c.Division)+".undo", []byte(body), 10*time.Second)
	require.NoError(t, err)
	if strings.HasPrefix(string(m.Data), "[") {
		require.NoError(t, json.Unmarshal(m.Data, &answers))
		return answers, problem
	}
	require.NoError(t, json.Unmarshal(m.Data, &problem), string(m.Data))
	return nil, problem
}

// approvals are who approved what receipts are of, as the log has it.
func (ds *doors) approvals(t *testing.T, receipts []Receipt) (by []string) {
	t.Helper()
	for _, r := range receipts {
		for rec, err := range ds.door.log.Read(t.Context(), 52, r.Sequence-1) {
			require.NoError(t, err)
			f, err := factOf(rec.Event)
			require.NoError(t, err)
			by = append(by, domain.ApprovedBy(f))
			break
		}
	}
	return by
}

// Who approved an undoing stands in every fact that it records, is told from who records, and goes in by HTTP and by
// NATS alike; the same wish by the other way gets the first receipts.
func TestAnUndoingNamesWhoApprovedIt(t *testing.T) {
	ds := openDoors(t)
	d := ds.door
	ids := estate(t, d)
	parent, son := ids[one], ids[one+"03"]
	_, event := split(t, d, "1", "2021-03-01", parent, son)
	accepted(t, d, psb(), fact("household.head_changed", "1", "2021-03-01", quoted(parent), `{"new_head":`+quoted(ids[one+"02"])+`,"reason":"other"}`))
	before := d.directory.Position(52)
	for _, by := range []string{"TOWNSHIP 520603", domain.Label(domain.Department("township")).ZH, "/departments/township/520603", "13800138000"} {
		_, problem := ds.undo(t, township(), event, "approved_by", by)
		require.Equal(t, "/approved_by", problem.Refusals[0].Field, by)
		require.NotEmpty(t, problem.Refusals[0].Fix.ZH)
		_, problem = ds.undoByNATS(t, township(), `{"event":"`+event.String()+`","approved_by":"`+by+`"}`)
		require.Equal(t, "/approved_by", problem.Refusals[0].Field, by)
		require.NotContains(t, problem.Refusals[0].Value, "13800138000")
	}
	for body, field := range map[string]string{
		`{"event":1}`: "", `[]`: "", ``: "", `{"evnt":"x"}`: "/evnt", `{"event":"x"}`: "/event", `{"event":"` + event.String() + `","return_to":"home"}`: "/return_to",
	} {
		_, problem := ds.undoByNATS(t, township(), body)
		require.NotEmpty(t, problem.Refusals, body)
		require.Equal(t, field, problem.Refusals[0].Field, body)
		require.NotEmpty(t, problem.Refusals[0].Fix.EN)
	}
	m, err := ds.nc.Request("anju.record.township.520603.redo", []byte(`{}`), 10*time.Second)
	require.NoError(t, err)
	require.Contains(t, string(m.Data), "anju.record.")
	require.Equal(t, before, d.directory.Position(52), "nothing of it is recorded")

	moveOut(t, d, "1", "2021-04-01", parent)
	wish := `{"event":"` + event.String() + `","return_to":"household","time":"2021-05-01","approved_by":"zhang_01"}`
	got, problem := ds.undoByNATS(t, township(), wish)
	require.Empty(t, problem.Refusals)
	require.Equal(t, []string{"zhang_01"}, ds.approvals(t, got), "a merge")
	again, problem := ds.undo(t, township(), event, "return_to", "household", "time", "2021-05-01", "approved_by", "zhang_01")
	require.Empty(t, problem.Refusals)
	require.True(t, again[0].Already)
	require.Equal(t, got[0].ID, again[0].ID)

	_, alone := split(t, d, "2", "2021-05-10", parent, son)
	got, problem = ds.undo(t, township(), alone, "approved_by", "li_02")
	require.Empty(t, problem.Refusals)
	require.Equal(t, []string{"li_02"}, ds.approvals(t, got), "a void")

	joined := accepted(t, d, psb(), fact("household.member_joined", "7", "2021-05-20", quoted(ids[two]), `{"member":{"person":`+quoted(son)+`,"relation":"other"},"reason":"return","from_household":`+quoted(parent)+`}`))
	accepted(t, d, psb(), fact("household.member_left", "7", "2021-05-20", quoted(parent), `{"person":`+quoted(son)+`,"reason":"moved","moved_to_household":`+quoted(ids[two])+`}`))
	got, problem = ds.undo(t, psb(), joined.ID, "return_to", "household", "time", "2021-06-01", "relation", "child", "approved_by", "li_02")
	require.Empty(t, problem.Refusals)
	require.Equal(t, []string{"li_02", "li_02"}, ds.approvals(t, got), "leaving and joining")

	moved := accepted(t, d, township(), fact("household.moved", "20", "2021-06-10", quoted(parent), `{"to_community":{"number":"AZ-1"},"kind":"resettled_again"}`))
	accepted(t, d, rural(), fact("dwelling.handed_over", "20", "2021-06-10", quoted(parent), `{"community":{"number":"AZ-1"},"address":{"block":"9","room":"20"}}`))
	got, problem = ds.undo(t, township(), moved.ID, "return_to", "address", "time", "2021-06-20", "approved_by", "li_02")
	require.Empty(t, problem.Refusals)
	require.Equal(t, []string{"li_02"}, ds.approvals(t, got), "a move back")
}

// Of an import in several departments' names nobody approves who stands for one of them, before anything is voided.
func TestWhoApprovesAnUndoneImportIsNoneOfItsDepartments(t *testing.T) {
	d := testDoor(t)
	var batch domain.Entity
	for _, name := range county.Names()[:2] {
		batch = imported(t, d, name).Batch
	}
	before := d.directory.Position(52)
	_, p := d.Undo(t.Context(), Undoing{Batch: batch, Division: "520603", Reason: "test", ApprovedBy: "RURAL 520603"})
	require.NotNil(t, p)
	require.Equal(t, "approved_by", p.Refusals[0].Field)
	require.Equal(t, before, d.directory.Position(52))
}
