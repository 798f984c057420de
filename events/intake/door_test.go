package intake

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/stretchr/testify/require"
)

// rural and hrss are callers of the tests' county.
func rural() Caller { return Caller{"rural", "520603"} }
func hrss() Caller  { return Caller{"hrss", "520603"} }

// testNow is the tests' wall clock.
func testNow() time.Time { return time.Date(2021, 6, 30, 4, 0, 0, 0, time.UTC) }

func testDoor(t testing.TB) *Door {
	ledger, err := events.Open(t.Context(), events.Config{Clock: testNow})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	return NewDoor(Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
		Random: rand.Reader, Now: testNow,
	})
}

const household = `{"specversion":"1.0","type":"household.registered","key":"register/1","time":"2018-09-01","division":"520603003","data":{
	"number":"520603000001","category":"poor","members":[
	{"number":"52060300000101","name":"某甲","id_number":"990101198112010025","relation":"head","birth_month":"1981-12","labour_class":"skilled"},
	{"number":"52060300000102","name":"某乙","relation":"spouse"}]}}`

const placed = `{"type":"job.placed","key":"job/1","time":"2020-03-05","data":{"person":{"number":"52060300000101"},"employer":"某服装车间","channel":"factory","wage_fen_month":320000}}`

// record records one event and returns its answer.
func record(t *testing.T, d *Door, c Caller, body string) Answer {
	t.Helper()
	answers := d.Record(context.Background(), c, []*Submission{Parse([]byte(body), c, testNow())}, false)
	require.Len(t, answers, 1)
	return answers[0]
}

// accepted records one event that must be taken.
func accepted(t *testing.T, d *Door, c Caller, body string) *Receipt {
	t.Helper()
	a := record(t, d, c, body)
	require.Nil(t, a.Problem, "%+v", a.Problem)
	return a.Receipt
}

func TestAHouseholdAndAJobAreRecordedOnce(t *testing.T) {
	d := testDoor(t)
	first := accepted(t, d, rural(), household)
	require.Equal(t, uint64(1), first.Sequence)
	require.Equal(t, "ANJU-52:1", first.Position)
	require.Equal(t, domain.HouseholdKind, first.IDs["/subject"].Kind())
	require.Equal(t, domain.PersonKind, first.IDs["/data/members/0/person"].Kind())

	job := accepted(t, d, hrss(), placed)
	require.Equal(t, domain.PlacementKind, job.IDs["/data/placement"].Kind())

	again := accepted(t, d, hrss(), placed)
	require.True(t, again.Already)
	require.Equal(t, job.ID, again.ID)
	require.Equal(t, job.IDs, again.IDs)
	twice := accepted(t, d, rural(), household)
	require.True(t, twice.Already)
	require.Equal(t, first.IDs, twice.IDs)
}

func TestOtherContentUnderOneKeyIsAConflictThatHidesSealedFields(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), household)
	accepted(t, d, hrss(), placed)
	a := record(t, d, hrss(), strings.Replace(placed, "320000", "330000", 1))
	require.NotNil(t, a.Problem)
	require.Equal(t, 409, a.Problem.Status)
	require.Equal(t, []Difference{{Field: "/data/wage_fen_month", Was: "320000", Now: "330000"}}, a.Problem.Differs)
	a = record(t, d, rural(), strings.Replace(household, "某乙", "某丙", 1))
	require.Equal(t, []Difference{{Field: "/data/members/1/name", Sealed: true}}, a.Problem.Differs)
}

func TestALaterLineSeesWhatAnEarlierOneMinted(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), household)
	subs := []*Submission{Parse([]byte(placed), hrss(), testNow()), {
		Kind: kindOf(t, "job.verified"), Key: Key{Text("labour"), Text("job.verified"), At("/data/placement"), Text("2020-06-01")},
		Time: domain.MakeDay(2020, 6, 1).Moment(), Fact: &domain.JobVerified{Still: domain.Yes},
		Names: []Name{
			{Pointer: "/data/person", Kind: domain.PersonKind, Number: "52060300000101"},
			{
				Pointer: "/data/placement", Kind: domain.PlacementKind, Day: domain.MakeDay(2020, 3, 5),
				Of: &Name{Kind: domain.PersonKind, Number: "52060300000101"},
			},
		},
	}}
	trial := d.Try(t.Context(), hrss(), subs)
	require.Nil(t, trial[0].Problem)
	require.Nil(t, trial[1].Problem, "%+v", trial[1].Problem)
	require.Equal(t, uint64(1), d.directory.Position(52), "a dry run records nothing")
	answers := d.Record(t.Context(), hrss(), subs, true)
	require.Nil(t, answers[1].Problem, "%+v", answers[1].Problem)
	require.Equal(t, uint64(3), answers[1].Receipt.Sequence)
	trial = d.Try(t.Context(), hrss(), subs)
	require.True(t, trial[1].Receipt.Already)
}

func kindOf(t *testing.T, name string) *domain.Kind {
	k, ok := domain.KindOf(name)
	require.True(t, ok)
	return k
}

func TestAVoidThatOthersDependOnIsRefusedWithTheList(t *testing.T) {
	d := testDoor(t)
	registered := accepted(t, d, rural(), household)
	job := accepted(t, d, hrss(), placed)
	void := func(target domain.EventID, id string) string {
		return `{"type":"record.voided","id":"` + id + `","time":"2021-06-30","data":{"target_event":"` + target.String() + `","reason":"false"}}`
	}
	a := record(t, d, rural(), void(registered.ID, "0192f3c1-0000-7000-8000-000000000001"))
	require.NotNil(t, a.Problem)
	require.Equal(t, []domain.EventID{job.ID}, a.Problem.Dependants)
	a = record(t, d, rural(), void(job.ID, "0192f3c1-0000-7000-8000-000000000002"))
	require.Equal(t, domain.NotAllowed, a.Problem.Refusals[0].Kind, "only the target's department voids it")
	accepted(t, d, hrss(), void(job.ID, "0192f3c1-0000-7000-8000-000000000003"))
	require.True(t, accepted(t, d, hrss(), placed).Voided)
	accepted(t, d, rural(), void(registered.ID, "0192f3c1-0000-7000-8000-000000000004"))
}

func TestACorrectionKeepsWhatItsTargetMinted(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), household)
	job := accepted(t, d, hrss(), placed)
	body := `{"type":"record.corrected","key":"fix/1","time":"2021-06-30","data":{"target_event":"` + job.ID.String() +
		`","data":{"person":{"number":"52060300000101"},"channel":"workshop"},"reason":"typo"}}`
	accepted(t, d, hrss(), body)
	require.True(t, accepted(t, d, hrss(), body).Already)
	same := strings.NewReplacer(`"employer":"某服装车间",`, "", "factory", "workshop", `,"wage_fen_month":320000`, "").Replace(placed)
	require.True(t, accepted(t, d, hrss(), same).Already, "the corrected content is in force")
}

func TestACorrectionOfSealedFieldsIsSealedAndRepeatable(t *testing.T) {
	d := testDoor(t)
	r := accepted(t, d, rural(), household)
	data := household[strings.Index(household, `"data":`)+len(`"data":`) : len(household)-1]
	body := `{"type":"record.corrected","key":"fix/2","time":"2021-06-30","data":{"target_event":"` + r.ID.String() +
		`","data":` + strings.Replace(data, "某乙", "某丙", 1) + `,"reason":"typo"}}`
	accepted(t, d, rural(), body)
	require.True(t, accepted(t, d, rural(), body).Already)
	a := record(t, d, rural(), strings.Replace(body, "某丙", "某丁", 1))
	require.Equal(t, []Difference{{Field: "/data/data", Sealed: true}}, a.Problem.Differs)
	for rec, err := range d.log.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		require.NotContains(t, string(rec.Body), "某")
	}
}

// TestACorrectionIsAboutAFact: an act is voided, not corrected, and nothing is recorded when somebody tries.
func TestACorrectionIsAboutAFact(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), household)
	job := accepted(t, d, hrss(), placed)
	correct := func(key, target string) string {
		data := placed[strings.Index(placed, `"data":`)+len(`"data":`) : len(placed)-1]
		return `{"type":"record.corrected","key":"` + key + `","time":"2021-06-30","data":{"target_event":"` + target + `","data":` + data + `,"reason":"typo"}}`
	}
	void := func(key, target string) string {
		return `{"type":"record.voided","key":"` + key + `","time":"2021-06-30","data":{"target_event":"` + target + `","reason":"false"}}`
	}
	refused := func(body string) {
		t.Helper()
		before := d.directory.Position(52)
		a := record(t, d, hrss(), body)
		require.Equal(t, "/data/target_event", a.Problem.Refusals[0].Field)
		require.Equal(t, domain.Conflict, a.Problem.Refusals[0].Kind)
		require.Equal(t, before, d.directory.Position(52))
	}
	first := accepted(t, d, hrss(), correct("fix/1", job.ID.String()))
	refused(correct("fix/2", first.ID.String()))
	gone := accepted(t, d, hrss(), void("void/1", job.ID.String()))
	refused(correct("fix/3", gone.ID.String()))
	refused(void("void/2", job.ID.String()))
	accepted(t, d, hrss(), void("void/3", gone.ID.String()))
}

func TestAForgottenPersonIsErased(t *testing.T) {
	d := testDoor(t)
	r := accepted(t, d, rural(), household)
	_, problem := d.Forget(t.Context(), r.IDs["/data/members/0/person"], "req_1", "law_47")
	require.Nil(t, problem, "%+v", problem)
	a := record(t, d, hrss(), placed)
	require.Equal(t, domain.Erased, a.Problem.Refusals[0].Kind)
	a = record(t, d, rural(), household)
	require.Equal(t, domain.Erased, a.Problem.Refusals[0].Kind)
	require.NoError(t, d.Replay())
}

func TestASplitTakesOnlyActiveMembers(t *testing.T) {
	d := testDoor(t)
	r := accepted(t, d, rural(), household)
	split := func(person string) string {
		return `{"type":"household.split","key":"split/1","time":"2021-01-01","subject":"` + r.IDs["/subject"].String() +
			`","data":{"children":[{"members":["` + person + `"]}]}}`
	}
	county := Caller{"county", "520603"}
	spouse := r.IDs["/data/members/1/person"]
	accepted(t, d, county, split(spouse.String()))
	require.NotContains(t, d.directory.Members(r.IDs["/subject"]), spouse)
	a := record(t, d, county, strings.Replace(split(spouse.String()), "split/1", "split/2", 1))
	require.Equal(t, domain.Conflict, a.Problem.Refusals[0].Kind)
}

func TestASetIsAllOrNothing(t *testing.T) {
	d := testDoor(t)
	bad := Parse([]byte(strings.Replace(placed, "52060300000101", "52060300000999", 1)), hrss(), testNow())
	c := rural()
	answers := d.Record(t.Context(), c, []*Submission{Parse([]byte(household), c, testNow()), bad}, true)
	require.Empty(t, answers[0].Problem.Refusals, "nothing is wrong with it")
	require.Contains(t, answers[0].Problem.Detail, "event 1")
	require.Equal(t, "department", answers[1].Problem.Refusals[0].Field)
	require.Zero(t, d.directory.Position(52))
}

// TestASetWithAVoidIsScannedAtItsOwnPart: the other parts are told the same error, and have
// nothing to look for.
func TestASetWithAVoidIsScannedAtItsOwnPart(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), household)
	job := accepted(t, d, hrss(), placed)
	parse := func(body string) *Submission { return Parse([]byte(body), hrss(), testNow()) }
	set := func(key string) []*Submission {
		return []*Submission{parse(strings.Replace(placed, "job/1", key, 1)), parse(`{"type":"record.voided","key":"void/1","time":"2021-06-30","data":{"target_event":"` + job.ID.String() + `","reason":"false"}}`)}
	}
	for _, a := range d.Record(t.Context(), hrss(), set("job/2"), true) {
		require.Nil(t, a.Problem, "%+v", a.Problem)
	}
	require.Equal(t, uint64(4), d.directory.Position(52))
	answers := d.Record(t.Context(), hrss(), set("job/3"), true)
	require.Equal(t, 409, answers[0].Problem.Status, "the void is recorded, the job is not")
	require.Equal(t, uint64(4), d.directory.Position(52))
}

// TestASetGoesWhereItsPartsBelong: its caller is of another province than its events.
func TestASetGoesWhereItsPartsBelong(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), household)
	accepted(t, d, hrss(), placed)
	far := Caller{"hrss", "440300"}
	moved := strings.NewReplacer("job/1", "job/2", "2020-03-05", "2020-03-06", `"number":"52060300000101"`, `"number":"52060300000101","division":"520603"`).Replace(placed)
	for _, a := range d.Record(t.Context(), far, []*Submission{Parse([]byte(moved), far, testNow()), Parse([]byte(strings.Replace(moved, "job/2", "job/3", 1)), far, testNow())}, true) {
		require.Nil(t, a.Problem, "%+v", a.Problem)
	}
	require.Equal(t, uint64(4), d.directory.Position(52))
}

// TestADisputeIsAnybodys: whoever records facts may contest one, of any department; what the ledger records
// itself, disputes, and events that are not there are refused by name.
func TestADisputeIsAnybodys(t *testing.T) {
	d := testDoor(t)
	registered := accepted(t, d, rural(), household)
	job := accepted(t, d, hrss(), placed)
	dispute := func(key, target, rest string) string {
		return `{"type":"record.disputed","key":"` + key + `","time":"2021-06-30","data":{"target_event":"` + target + `"` + rest + `}}`
	}
	audit := Caller{"audit", "520603"}
	first := accepted(t, d, audit, dispute("d/1", job.ID.String(), `,"claim":"not_so","note":"某甲不在该厂"`))
	require.True(t, accepted(t, d, audit, dispute("d/1", job.ID.String(), `,"claim":"not_so","note":"某甲不在该厂"`)).Already)
	accepted(t, d, rural(), dispute("d/2", job.ID.String(), `,"claim":"other"`))
	for rec, err := range d.log.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		require.NotContains(t, string(rec.Body), "不在该厂", "the words are sealed")
	}
	refused := func(c Caller, body, field string, kind domain.RefusalKind) {
		t.Helper()
		before := d.directory.Position(52)
		a := record(t, d, c, body)
		require.NotNil(t, a.Problem)
		require.Equal(t, field, a.Problem.Refusals[0].Field)
		require.Equal(t, kind, a.Problem.Refusals[0].Kind)
		require.Equal(t, before, d.directory.Position(52))
	}
	target := "/data/target_event"
	refused(rural(), dispute("d/3", first.ID.String(), `,"claim":"other"`), target, domain.Conflict)
	refused(rural(), dispute("d/3", "0192f3c1-0000-7000-8000-0000000000ff", `,"claim":"other"`), target, domain.Unknown)
	refused(rural(), dispute("d/3", job.ID.String(), ``), "/data/claim", domain.Missing)
	refused(rural(), dispute("d/3", job.ID.String(), `,"claim":"I was never there"`), "/data/claim", domain.UnknownCode)
	refused(audit, `{"type":"record.corrected","key":"fix/d","time":"2021-06-30","data":{"target_event":"`+first.ID.String()+`","data":{"claim":"other"},"reason":"typo"}}`, target, domain.Conflict)
	refused(hrss(), `{"type":"record.voided","key":"void/d","time":"2021-06-30","data":{"target_event":"`+first.ID.String()+`","reason":"false"}}`, "department", domain.NotAllowed)
	accepted(t, d, audit, `{"type":"record.voided","key":"void/d","time":"2021-06-30","data":{"target_event":"`+first.ID.String()+`","reason":"false"}}`)
	a := record(t, d, rural(), `{"type":"record.voided","key":"void/r","time":"2021-06-30","data":{"target_event":"`+registered.ID.String()+`","reason":"false"}}`)
	require.Equal(t, []domain.EventID{job.ID}, a.Problem.Dependants, "acts are none")
	_, problem := d.Forget(t.Context(), registered.IDs["/data/members/1/person"], "req_1", "law_47")
	require.Nil(t, problem)
	for rec, err := range d.log.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		if rec.Event.Type == "person.key_destroyed" {
			refused(rural(), dispute("d/4", rec.Event.ID.String(), `,"claim":"other"`), target, domain.Conflict)
		}
	}
}
