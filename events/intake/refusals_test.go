package intake

import (
	"bytes"
	"fmt"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/scripts/refusals"
)

// bench is one ledger with all its ways in, and a past on which every rule has something to say.
type bench struct {
	*doors
	t     *testing.T
	files *httptest.Server
	ids   map[string]domain.Entity
	at    map[string]domain.EventID
	batch domain.Entity
}

// told are the refusals of an answer.
type told []domain.Refusal

func openBench(t *testing.T) *bench {
	ds := openDoors(t)
	staging, err := NewStaging(ds.door, t.TempDir())
	require.NoError(t, err)
	b := &bench{doors: ds, t: t, files: httptest.NewServer(staging.Handler()), ids: estate(t, ds.door), at: map[string]domain.EventID{}}
	t.Cleanup(b.files.Close)
	ds.register(t)
	b.past()
	return b
}

func (b *bench) did(name string, c Caller, body string) *Receipt {
	b.t.Helper()
	r := accepted(b.t, b.door, c, body)
	b.at[name] = r.ID
	return r
}

// past records what the rules look at.
func (b *bench) past() {
	ids, town := b.ids, township()
	for _, number := range []string{three, "5206030004", "5206030005", "5206030006", "5206030010", "5206030011", "5206030012"} {
		r := b.did("registered", rural(), family(number))
		if ids[number] = r.IDs["/subject"]; number == three {
			b.at["registered of three"] = r.ID
		}
		for m := range 3 {
			ids[number+"0"+strconv.Itoa(m+1)] = r.IDs["/data/members/"+strconv.Itoa(m)+"/person"]
		}
	}
	far := accepted(b.t, b.door, Caller{"rural", "440300"}, strings.ReplaceAll(family("4403000001"), "520603003", "440300"))
	ids["far"] = far.IDs["/subject"]
	ids["young"], b.at["split"] = split(b.t, b.door, "1", "2021-03-01", ids[one], ids[one+"03"])
	b.did("head of the child", psb(), fact("household.head_changed", "1", "2021-03-01", quoted(ids["young"]), `{"new_head":`+quoted(ids[one+"03"])+`,"reason":"split"}`))
	b.did("merge", town, merging("1", "2021-04-01", quoted(ids[three]), quoted(ids["5206030004"])))
	for _, number := range []string{"5206030011", "5206030012"} {
		var child domain.Entity
		child, b.at["split of "+number] = split(b.t, b.door, number, "2021-03-01", ids[number], ids[number+"03"])
		ended := ids[number]
		if number == "5206030012" {
			ended = child
		}
		accepted(b.t, b.door, town, merging(number, "2021-04-01", quoted(ids[three]), quoted(ended)))
	}
	for _, number := range []string{"5206030013", "5206030014", "5206030015"} {
		r := b.did("registered "+number, rural(), family(number))
		ids[number] = r.IDs["/subject"]
	}
	b.did("void of 13", rural(), act("record.voided", "v/13", b.at["registered 5206030013"].String(), ""))
	b.did("merge undone", town, merging("14", "2021-02-01", quoted(ids["5206030015"]), quoted(ids["5206030014"])))
	b.did("void of the merge", town, act("record.voided", "v/14", b.at["merge undone"].String(), ""))
	accepted(b.t, b.door, town, merging("15", "2021-04-02", quoted(ids[three]), quoted(ids["5206030014"])))
	accepted(b.t, b.door, psb(), fact("household.member_joined", "10", "2021-05-01", quoted(ids["5206030010"]), `{"member":{"relation":"child"},"reason":"birth"}`))
	for e := range b.door.directory.Members(ids["5206030010"]) {
		ids["newborn"] = b.door.directory.Members(ids["5206030010"])[e]
	}
	b.did("move", rural(), fact("household.moved", "1", "2021-03-01", quoted(ids[two]), `{"to_community":{"number":"AZ-1"},"kind":"resettled_again"}`))
	accepted(b.t, b.door, rural(), fact("dwelling.handed_over", "new", "2021-03-01", quoted(ids[two]), `{"community":{"number":"AZ-1"},"address":{"block":"9","room":"1"}}`))
	b.did("left the merged", psb(), fact("household.member_left", "4", "2021-05-01", quoted(ids[three]), `{"person":`+quoted(ids["520603000402"])+`,"reason":"moved"}`))
	b.did("joined", psb(), fact("household.member_joined", "1", "2021-05-01", quoted(ids[three]), `{"member":{"relation":"child"},"reason":"birth"}`))
	b.did("left", psb(), fact("household.member_left", "1", "2021-05-01", quoted(ids["5206030005"]), `{"person":`+quoted(ids["520603000503"])+`,"reason":"moved","moved_to_household":`+quoted(ids["5206030006"])+`}`))
	b.did("away", psb(), fact("household.member_left", "2", "2021-05-02", quoted(ids["5206030006"]), `{"person":`+quoted(ids["520603000603"])+`,"reason":"moved"}`))
	b.did("job", hrss(), fact("job.placed", "j", "2021-02-01", "", `{"person":`+quoted(ids[two+"02"])+`,"channel":"factory"}`))
	b.did("income", town, fact("income.declared", "x/2020", "2021-01-31", quoted(ids[two]), `{"year":2020,"wage_fen":1,"persons":3,"method":"declared"}`))
	b.did("checked", rural(), fact("dwelling.occupancy_checked", "1", "2021-02-01", "", `{"dwelling":`+quoted(ids["home/"+two])+`,"state":"lived_in"}`))
	b.did("false", hrss(), fact("job.verified", "f", "2021-02-02", "", `{"person":`+quoted(ids[two+"02"])+`,"still":"yes"}`))
	b.did("void", hrss(), act("record.voided", "v/false", b.at["false"].String(), ""))
	ids["dead"] = ids["520603000503"[:10]+"02"]
	b.did("death", Caller{"civil", "520603"}, fact("person.died", "1", "2021-05-03", "", `{"person":`+quoted(ids["dead"])+`}`))
	b.did("dispute", rural(), `{"type":"record.disputed","key":"d/1","time":"2021-06-30","data":{"target_event":"`+b.at["job"].String()+`","claim":"not_so"}}`)
	for _, number := range []string{"P-1", "P-2"} {
		accepted(b.t, b.door, Caller{"agri", "520603"}, fact("industry.project_changed", number, "2018-01-01", "", `{"code":"`+number+`","name":"食用菌基地","stage":"operating","kind":"farming"}`))
	}
	for _, code := range []string{"AZ-8", "AZ-9"} {
		accepted(b.t, b.door, Caller{"civil", "520603"}, fact("community.established", code, "2018-01-01", "", `{"code":"`+code+`","name":"同名社区","kind":"town","form":"own_committee"}`))
	}
	ids["case"] = accepted(b.t, b.door, rural(), fact("risk.flagged", "1", "2020-01-01", quoted(ids[two]), `{"source":"grid"}`)).IDs["/data/case"]
	forgotten := accepted(b.t, b.door, rural(), strings.ReplaceAll(family("5206030009"), `"520603000902",`, `"520603000902","name":"某乙",`))
	_, problem := b.door.Forget(b.t.Context(), forgotten.IDs["/data/members/1/person"], "req_1", "law_47")
	require.Nil(b.t, problem)
	ids["forgotten"] = forgotten.IDs["/data/members/1/person"]
	for rec, err := range b.door.log.Read(b.t.Context(), 52, 0) {
		require.NoError(b.t, err)
		if rec.Event.Type == "person.key_destroyed" {
			b.at["forgotten"] = rec.Event.ID
		}
	}
	report, err := b.door.Import(b.t.Context(), Caller{Division: "520603"}, "c.csv", []byte("安置区名称,社区编码,类型,成立日期,组织形式\n新苑社区,520603002502,城镇,2018-04-01,单独成立居委会\n"), ImportOptions{Record: true})
	require.NoError(b.t, err)
	b.batch = report.Batch
	_, err = b.door.Import(b.t.Context(), Caller{Division: "520603"}, "r.csv", []byte("户编号,人编号,与户主关系,户类型,安置区,入住日期\nh8,p8,户主,脱贫户,安和社区,2019-01-01\n"), ImportOptions{Record: true})
	require.NoError(b.t, err)
	for rec, err := range b.door.log.Read(b.t.Context(), 52, 0) {
		require.NoError(b.t, err)
		switch {
		case rec.Event.Type == batchClosed:
			b.at["closed"] = rec.Event.ID
		case strings.HasPrefix(rec.Event.Batch, b.batch.String()):
			b.ids["imported"], b.at["imported"] = rec.Event.Subject, rec.Event.ID
		}
	}
	accepted(b.t, b.door, Caller{"ndrc", "520603"}, fact("dwelling.handed_over", "imported", "2021-06-01", quoted(ids["5206030006"]), `{"community":`+quoted(b.ids["imported"])+`,"address":{"block":"1","room":"1"}}`))
}

// of reads the refusals of a problem's document, or of the problems of a list or stream.
func (b *bench) of(answer string) (all told) {
	b.t.Helper()
	var p Problem
	require.NoError(b.t, json.Unmarshal([]byte(answer), &p), answer)
	return p.Refusals
}

// one records an event.
func (b *bench) event(c Caller, body string) told {
	b.t.Helper()
	a := record(b.t, b.door, c, body)
	if a.Problem == nil {
		return nil // the table says of which
	}
	return a.Problem.Refusals
}

func (b *bench) set(c Caller, bodies ...string) told {
	b.t.Helper()
	_, answer := b.http(b.t, c, "application/cloudevents-batch+json", "&atomic=true", "["+strings.Join(bodies, ",")+"]")
	return b.of(answer)
}

func (b *bench) sent(media, query, body string, header ...string) told {
	b.t.Helper()
	_, answer := b.http(b.t, hrss(), media, query, body, header...)
	return b.of(answer)
}

func (b *bench) takenBack(c Caller, name string, pairs ...string) told {
	b.t.Helper()
	_, p := b.undo(b.t, c, b.at[name], pairs...)
	return p.Refusals
}

func (b *bench) file(query, media, body string) told {
	b.t.Helper()
	_, answer := send(b.t, "POST", b.files.URL+"/v1/imports?division=520603"+query, media, strings.NewReader(body))
	return b.of(string(answer))
}

// rows tries a file and returns what is refused of its rows, the column in the place of the field.
func (b *bench) rows(template, file string) (all told) {
	b.t.Helper()
	o := ImportOptions{}
	if template != "" {
		parsed, err := ParseTemplate([]byte(template))
		require.NoError(b.t, err)
		o.Template = parsed
	}
	report, err := b.door.Import(b.t.Context(), Caller{Division: "520603"}, "f.csv", []byte(file), o)
	require.NoError(b.t, err)
	for _, r := range report.Rejected {
		all = append(all, domain.Refusal{Field: r.Column, Value: r.Value, Kind: r.Kind, Rule: r.Rule, Fix: r.Fix})
	}
	return all
}

// refusal is one line of the table: what is asked, and the first refusal that it gets.
type refusal struct {
	name         string
	told         told
	field, value string
	kind         domain.RefusalKind
}

// TestEveryRefusalSaysWhatIsWrongAndTheWayOut is the table of all refusals of the door, the importer, undo, void and
// correct: the field that is really wrong, its value unless it could be somebody's, the rule and a way out of its own in both languages, and
// nothing recorded. It fails when a rule is written in events/intake or domain that it does not have.
func TestEveryRefusalSaysWhatIsWrongAndTheWayOut(t *testing.T) {
	b := openBench(t)
	before := []uint64{b.door.directory.Position(52), b.door.directory.Position(44)}
	known, otherwise := &ways{}, []string(nil)
	for _, part := range []func() []refusal{b.envelopes, b.payloads, b.acts, b.lineages, b.returns, b.requests, b.imports} {
		for _, r := range part() {
			first := domain.Refusal{Field: "nothing is refused"}
			if len(r.told) > 0 {
				first = r.told[0]
			}
			if first.Field != r.field || first.Value != r.value || first.Kind != r.kind {
				otherwise = append(otherwise, fmt.Sprintf("%s: %+v", r.name, first))
			}
			for _, one := range r.told {
				known.learn(t, one)
			}
		}
		require.Empty(t, strings.Join(otherwise, "\n"))
		require.Equal(t, before, []uint64{b.door.directory.Position(52), b.door.directory.Position(44)}, "something was recorded")
	}
	for _, bad := range badEvents(t) {
		caller := bad.caller
		if caller == (Caller{}) {
			caller = hrss()
		}
		for _, one := range b.event(caller, bad.body) {
			known.learn(t, one)
		}
	}
	known.all(t, func(at string) bool { return !strings.HasPrefix(at, "parameters_file.go") }, ".", "../../domain")
}

// ways are the refusals that were told, by their rule.
type ways struct{ rules map[string]domain.Refusal }

// learn checks a refusal's texts and keeps it.
func (w *ways) learn(t *testing.T, r domain.Refusal) {
	t.Helper()
	for _, text := range []string{r.Rule.ZH, r.Rule.EN, r.Fix.ZH, r.Fix.EN} {
		require.NotEmpty(t, text, "%+v", r)
	}
	require.NotEqual(t, r.Rule.EN, r.Fix.EN)
	for _, personal := range []string{"13800138000", "990101198112010025", "52060300000101", "某甲", "某乙"} {
		require.NotContains(t, fmt.Sprint(r), personal)
	}
	if w.rules == nil {
		w.rules = map[string]domain.Refusal{}
	}
	w.rules[r.Rule.EN] = r
}

// all compares what was told with the rules that the source holds: none is missing, and no two share a way out.
func (w *ways) all(t *testing.T, counts func(at string) bool, folders ...string) {
	t.Helper()
	sites, err := refusals.In(folders...)
	require.NoError(t, err)
	var missing, shared []string
	by := map[string]string{} // ways out that are written as one text, with the rule that they belong to
	for _, s := range sites {
		if !counts(s.At) {
			continue
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(w.rules)), s.Rule.MatchString) {
			missing = append(missing, s.At+": "+s.Rule.String())
		}
		if other, there := by[s.Fix]; there && other != s.Rule.String() && s.Fix != "" {
			shared = append(shared, s.At+": "+s.Fix)
		}
		by[s.Fix] = s.Rule.String()
	}
	slices.Sort(missing)
	require.Empty(t, strings.Join(missing, "\n"), "rules that the table does not have")
	require.Empty(t, strings.Join(shared, "\n"), "rules that share a way out")
}

// envelopes are refused by what the attributes say.
func (b *bench) envelopes() []refusal {
	with := func(old, replacement string) told {
		return b.event(hrss(), strings.Replace(placed, old, replacement, 1))
	}
	tomorrow := time.Now().Add(25 * time.Hour).UTC().Format(time.RFC3339)
	nothing := b.door.Record(b.t.Context(), hrss(), []*Submission{{}}, false)[0].Problem.Refusals
	unnamed := Parse([]byte(placed), hrss(), testNow())
	unnamed.Key = nil
	_, none := b.door.record(b.t.Context(), hrss(), nil, true)
	return []refusal{
		{"no JSON", b.event(hrss(), placed+"{}"), "", "", domain.Malformed},
		{"33 KiB", with("某服装车间", strings.Repeat("x", 33<<10)), "", "", domain.TooLarge},
		{"an unknown attribute", with(`"time"`, `"colour":"red","time"`), "/colour", "", domain.UnknownField},
		{"the ledger's own attribute", with(`"time"`, `"home":"52.520603","time"`), "/home", "", domain.NotAllowed},
		{"no submission", nothing, "/type", "", domain.Missing},
		{"neither id nor key", b.door.Record(b.t.Context(), hrss(), []*Submission{unnamed}, false)[0].Problem.Refusals, "/id", "", domain.Missing},
		{"a set of none", none.Refusals, "", "0", domain.Malformed},
		{"a time in the future", with("2020-03-05", tomorrow), "/time", domain.Shown(tomorrow), domain.Future},
		{"the wrong department", b.event(Caller{"nr", "520603"}, placed), "department", "nr", domain.NotAllowed},
		{"another's source", with(`"time"`, `"source":"/departments/nr/520603","time"`), "/source", "/departments/nr/520603", domain.NotAllowed},
		{"a subject that is not the home", with(`"time"`, `"subject":`+quoted(b.ids[two])+`,"time"`), "/subject", b.ids[two].String(), domain.Malformed},
		{"no subject", b.event(township(), fact("income.declared", "n", "2021-01-31", "", `{"year":2020,"wage_fen":1,"persons":3}`)), "/subject", "", domain.Missing},
		{"a subject of another kind", b.event(township(), fact("income.declared", "n", "2021-01-31", `{"number":"P-1"}`, `{"year":2020,"wage_fen":1,"persons":3}`)), "/subject", b.project("P-1"), domain.Malformed},
		{"a list of more than 1024", with(`"某服装车间"`, `["x"]`), "/data/employer", "", domain.Malformed},
		{"a set in two provinces", b.set(rural(), family("5206030077"), strings.ReplaceAll(family("4403000077"), "520603003", "440300")), "/1/division", "4403", domain.Malformed},
		{"a set of which a part is recorded", b.set(hrss(), strings.NewReplacer("job/1", "job/0", "320000", "310000").Replace(placed), placed), "", "", domain.Conflict},
		{"a set whose department may not", b.set(Caller{"nr", "520603"}, placed), "department", "nr", domain.NotAllowed},
		{"a place that no event of the set makes", b.set(hrss(), strings.Replace(placed, `{"number":"52060300000101"}`, `{"event":0,"at":"/subject"}`, 1)), "/0/data/person", "/subject", domain.Unknown},
		{"no body", b.sent("application/json", "", " "), "", "", domain.Missing},
		{"no list", b.sent("application/json", "", `"x"`), "", "", domain.Malformed},
		{"bytes that are no events", b.sent("application/cloudevents-batch+json", "", "["+placed+","), "", "", domain.Malformed},
		{"1025 events", b.sent("application/cloudevents-batch+json", "", "["+strings.Repeat("{},", 1024)+"{}]"), "", "", domain.TooLarge},
		{"over 4 MiB", b.sent("application/json", "", strings.Repeat(" ", maxBytes+1)), "", "", domain.TooLarge},
	}
}

func (b *bench) project(code string) string {
	id, err := b.door.Lookup(domain.ProjectKind, "520603", code)
	require.NoError(b.t, err)
	return id.String()
}

// payloads are refused by what a fact states, each by the rule of its type.
func (b *bench) payloads() []refusal {
	one, person, three := quoted(b.ids[two]), quoted(b.ids[two+"02"]), quoted(b.ids["520603000301"])
	of := func(department domain.Department, kind, subject, data string) told {
		return b.event(Caller{department, "520603"}, fact(kind, "p", "2021-02-01", subject, data))
	}
	members := func(list string) told {
		return of("rural", "household.registered", "", `{"number":"520603000088","category":"poor","members":[`+list+`]}`)
	}
	children := func(list string) told { return of("township", "household.split", one, `{"children":[`+list+`]}`) }
	many := func(n int, entry string) string { return strings.Repeat(entry+",", n-1) + entry }
	facility := func(more string) told {
		return of("edu", "facility.changed", "", `{"stage":"open","kind":"primary_school"`+more+`}`)
	}
	fund := `"source":"bond","amount_fen":100,"year":2020`
	return []refusal{
		{"a field that the type has not", of("hrss", "job.placed", "", `{"boss":"x"}`), "/data/boss", "", domain.UnknownField},
		{"two sites of one name", of("rural", "household.moved", one, `{"kind":"resettled_again","to_community":{"number":"同名社区"}}`), "/data/to_community", "", domain.Unknown},
		{"somebody forgotten", members(`{"relation":"head","number":"520603000902"}`), "/data/members/0/person", "", domain.Erased},
		{"a fact of somebody forgotten", of("psb", "person.identity_linked", "", `{"person":`+quoted(b.ids["forgotten"])+`,"id_number":"990101198112010033","scheme":"resident_id","match":"exact"}`), "/data/id_number", "", domain.Erased},
		{"no sealed form", of("psb", "person.identity_linked", "", `{"person":`+person+`,"id_number":{"sealed":"x"},"scheme":"resident_id","match":"exact"}`), "/data/id_number", "", domain.Malformed},
		{"a sealed text of 2001 bytes", members(`{"relation":"head","name":"` + strings.Repeat("x", 2100) + `"}`), "/data/members/0/name", "", domain.TooLarge},
		{"a sealed code out of its list", of("civil", "entitlement.started", "", `{"person":`+person+`,"kind":"gold"}`), "/data/kind", "", domain.UnknownCode},
		{"sealed findings that are no texts", of("township", "visit.made", one, `{"purpose":"routine","found":[1]}`), "/data/found", "", domain.Malformed},
		{"a text that is no UTF-8", of("hrss", "job.placed", "", "{\"person\":"+person+",\"channel\":\"factory\",\"employer\":\"\xff\"}"), "/data/employer", "", domain.Malformed},
		{"a sealed text with a control character", members(`{"relation":"head","name":"x\u0007"}`), "/data/members/0/name", "", domain.Malformed},
		{"no number", of("hrss", "job.placed", "", `{"person":`+person+`,"channel":"factory","wage_fen_month":"x"}`), "/data/wage_fen_month", "", domain.BadNumber},
		{"less than may be", of("township", "income.declared", one, `{"year":1999,"wage_fen":1,"persons":3}`), "/data/year", "1999", domain.BadNumber},
		{"more than may be", of("township", "income.declared", one, `{"year":2020,"wage_fen":1,"persons":9999}`), "/data/persons", "9999", domain.BadNumber},
		{"below nought", of("township", "income.declared", one, `{"year":2020,"wage_fen":-1,"persons":1}`), "/data/wage_fen", "-1", domain.Negative},
		{"a list of 401", facility(`,"code":"F-9","name":"x","communities_served":[` + many(401, quoted(b.ids["imported"])) + `]`), "/data/communities_served", "401", domain.TooLarge},
		{"a list of 1025", facility(`,"code":"F-9","name":"x","communities_served":[` + many(1025, quoted(b.ids["imported"])) + `]`), "/data/communities_served", "", domain.Malformed},
		{"no list", facility(`,"code":"F-9","name":"x","communities_served":{}`), "/data/communities_served", "", domain.Malformed},
		{"an empty entry", of("nr", "title.application_accepted", "", `{"dwelling":`+quoted(b.ids["home/"+two])+`,"missing":[""]}`), "/data/missing/0", "", domain.Missing},
		{"an entry twice", facility(`,"code":"F-9","name":"x","communities_served":[` + many(2, quoted(b.ids["imported"])) + `]`), "/data/communities_served/1", b.ids["imported"].String(), domain.Malformed},
		{"a division that is none", of("psb", "hukou.changed", "", `{"person":`+person+`,"kind":"moved","division":"5206031"}`), "/data/division", "5206031", domain.Malformed},
		{"an id of another kind", of("psb", "hukou.changed", "", `{"person":`+one+`,"kind":"moved"}`), "/data/person", b.ids[two].String(), domain.Malformed},
		{"a year that nobody lives in", of("hrss", "job.placed", "", `{"person":`+person+`,"channel":"factory","contract_to":"1890-01-01"}`), "/data/contract_to", "1890", domain.BadDate},
		{"no day", of("hrss", "job.placed", "", `{"person":`+person+`,"channel":"factory","contract_to":"2022-13-01"}`), "/data/contract_to", "2022-13-01", domain.BadDate},
		{"no month", members(`{"relation":"head","birth_month":"1981-13"}`), "/data/members/0/birth_month", "1981-13", domain.BadDate},
		{"no event", of("audit", "inspection.found", one, `{"kind":"money_idle","severity":"minor","owner":"rural","due":"2021-12-31","refs":["x"]}`), "/data/refs/0", "x", domain.Malformed},
		{"no object", members(`"x"`), "/data/members/0", "", domain.Malformed},
		{"no yes or no", of("hrss", "training.completed", "", `{"person":`+person+`,"course":"x","hours":1,"certificate":7}`), "/data/certificate", "", domain.Malformed},
		{"a finding about an unknown event", of("audit", "inspection.found", one, `{"kind":"money_idle","severity":"minor","owner":"rural","due":"2021-12-31","refs":["0192f3c1-0000-7000-8000-0000000000ff"]}`), "/data/refs/0", "0192f3c1-0000-7000-8000-0000000000ff", domain.Unknown},
		{"a finding about nothing", of("audit", "inspection.found", one, `{"kind":"money_idle","severity":"minor","owner":"rural","due":"2021-12-31"}`), "/data/about", "", domain.Missing},
		{"a capacity without its unit", facility(`,"code":"F-9","name":"x","capacity":7`), "/data/capacity_unit", "", domain.Missing},
		{"a facility without a code", facility(`,"name":"x"`), "/data/code", "", domain.Missing},
		{"a facility without a name", facility(`,"code":"F-9"`), "/data/name", "", domain.Missing},
		{"61 members", members(`{"relation":"head"},` + many(60, `{"relation":"other"}`)), "/data/members", "", domain.TooLarge},
		{"a member twice", b.event(rural(), correcting(b.at["registered of three"], `{"category":"poor","members":[{"relation":"head","person":`+three+`},{"relation":"other","person":`+three+`}]}`)), "/data/data/members/1/person", b.ids["520603000301"].String(), domain.Conflict},
		{"no head", members(`{"relation":"other"}`), "/data/members", "", domain.Malformed},
		{"resettled nowhere", of("rural", "household.moved", one, `{"kind":"resettled_again"}`), "/data/to_community", "", domain.Missing},
		{"whose is a payment", of("civil", "benefit.paid", "", `{"kind":"dibao","amount_fen":1}`), "/data/person", "", domain.Missing},
		{"an income of nothing", of("township", "income.declared", one, `{"year":2020,"persons":1}`), "/data/wage_fen", "", domain.Missing},
		{"a head who follows himself", of("psb", "household.head_changed", one, `{"old_head":`+person+`,"new_head":`+person+`,"reason":"other"}`), "/data/new_head", b.ids[two+"02"].String(), domain.Conflict},
		{"a measure of no list", of("ndrc", "fund.allocated", "", `{"for":{"project":{"number":"P-1"}},`+fund+`,"measure":"B 5"}`), "/data/measure", "B 5", domain.UnknownCode},
		{"a measure of help", of("rural", "help.planned", one, `{"case":`+quoted(b.ids["case"])+`,"measures":[{"code":"B 5","owner":"x"}]}`), "/data/measures/0/code", "", domain.UnknownCode},
		{"a dwelling without address", of("ndrc", "dwelling.handed_over", one, `{}`), "/data/address", "", domain.Missing},
		{"an update of nothing", of("rural", "person.profile_updated", "", `{"person":`+person+`}`), "/data/labour_class", "", domain.Missing},
		{"money for nothing", of("ndrc", "fund.allocated", "", `{"for":{"project":{"number":"P-1"},"facility":{"number":"F-1"}},`+fund+`}`), "/data/for", "", domain.Malformed},
		{"a school and an institution", of("edu", "service.enrolled", "", `{"person":`+person+`,"facility":{"number":"F"},"institution":"x","kind":"primary"}`), "/data/institution", "x", domain.Malformed},
		{"a rate over 100%", of("county", "target.set", "", `{"indicator":"employed_rate","value":10001,"due":"2021-12-31"}`), "/data/value", "10001", domain.BadNumber},
		{"a text that is no UTF-8 in a file", kindNamed("job.placed").Check(&domain.JobPlaced{Person: domain.PersonID{Entity: b.ids[two+"02"]}, Channel: "factory", Employer: "\xff"}), "/data/employer", "", domain.Malformed},
		{"a number that its field cannot hold", of("township", "income.declared", one, `{"year":2020,"wage_fen":1,"persons":99999999999}`), "/data/persons", "", domain.Malformed},
		{"201 named rows", kindNamed(batchClosed).Check(&domain.BatchClosed{Batch: domain.BatchID{Entity: b.batch}, Template: "x", TemplateVersion: 1, Rejected: domain.Rejected{First: slices.Repeat([]domain.RefusedRow{{Row: 1, Column: "x", Kind: domain.Missing}}, 201)}}), "/data/rejected/first", "", domain.TooLarge},
		{"a dwelling for two children", children(`{"members":[` + person + `],"dwelling":` + quoted(b.ids["home/"+two]) + `},{"members":[` + quoted(b.ids[two+"03"]) + `],"dwelling":` + quoted(b.ids["home/"+two]) + `}`), "/data/children/1/dwelling", b.ids["home/"+two].String(), domain.Conflict},
		{"a person for two children", children(`{"members":[` + person + `]},{"members":[` + person + `]}`), "/data/children/1/members/0", b.ids[two+"02"].String(), domain.Conflict},
		{"a merge into itself", of("township", "household.merged", "", `{"into":`+one+`,"from":[`+one+`],"reason":"care"}`), "/data/from/0", b.ids[two].String(), domain.Conflict},
	}
}

// acts are refused corrections, voids and disputes.
func (b *bench) acts() []refusal {
	at := func(name string) string { return b.at[name].String() }
	void := func(c Caller, name string) told { return b.event(c, act("record.voided", "new", at(name), "")) }
	correct := func(c Caller, name, data string) told { return b.event(c, correcting(b.at[name], data)) }
	dispute := func(name string) told {
		return b.event(rural(), `{"type":"record.disputed","key":"new","time":"2021-06-30","data":{"target_event":"`+at(name)+`","claim":"other"}}`)
	}
	const target = "/data/target_event"
	job := `{"person":` + quoted(b.ids[two+"02"]) + `,"channel":"factory"`
	unknown := domain.EventID{1, 8: 0x80}
	return []refusal{
		{"another department's event", void(rural(), "job"), "department", "rural", domain.NotAllowed},
		{"another county's event", void(Caller{"hrss", "520602"}, "job"), "division", "520602", domain.NotAllowed},
		{"another department's dispute", void(hrss(), "dispute"), "department", "hrss", domain.NotAllowed},
		{"an event that is none", b.event(hrss(), act("record.voided", "new", unknown.String(), "")), target, unknown.String(), domain.Unknown},
		{"voided already", void(hrss(), "false"), target, at("false"), domain.Conflict},
		{"a destroyed key", void(rural(), "forgotten"), target, at("forgotten"), domain.Conflict},
		{"what others rest on", void(Caller{"civil", "520603"}, "imported"), target, at("imported"), domain.Depends},
		{"a merge that others rest on", void(township(), "merge"), target, at("merge"), domain.Depends},
		{"a split that others rest on", void(township(), "split"), target, at("split"), domain.Depends},
		{"a move that others rest on", void(rural(), "move"), target, at("move"), domain.Depends},
		{"a correction of a void", correct(hrss(), "void", job+"}"), target, at("void"), domain.Conflict},
		{"a correction of an import's end", correct(Caller{"civil", "520603"}, "closed", `{}`), target, at("closed"), domain.NotAllowed},
		{"a correction of what was created", correct(hrss(), "job", job+`,"placement":"w000000000001"}`), "/data/data/placement", "w000000000001", domain.Conflict},
		{"a correction without payload", b.event(hrss(), `{"type":"record.corrected","key":"n","time":"2021-06-30","data":{"target_event":"`+at("job")+`","data":[],"reason":"typo"}}`), "/data/data", "", domain.Malformed},
		{"a correction of no type", b.event(hrss(), `{"type":"record.corrected","key":"n","time":"2021-06-30","data":{"target_event":"`+at("job")+`","schema":"anju:x/1","data":`+job+`},"reason":"typo"}}`), "/data/schema", "anju:x/1", domain.UnknownCode},
		{"a correction of another type", b.event(hrss(), `{"type":"record.corrected","key":"n","time":"2021-06-30","data":{"target_event":"`+at("job")+`","schema":"anju:visit.made/1","data":`+job+`},"reason":"typo"}}`), "/data/schema", "anju:visit.made/1", domain.Malformed},
		{"a void under another's subject", b.event(hrss(), strings.Replace(act("record.voided", "new", at("job"), ""), `"data":`, `"subject":`+quoted(b.ids[one])+`,"data":`, 1)), "/subject", b.ids[one].String(), domain.Conflict},
		{"a correction to another household", correct(hrss(), "job", `{"person":`+quoted(b.ids[one+"02"])+`,"channel":"factory"}`), "/data/data/person", b.ids[one+"02"].String(), domain.Conflict},
		{"a correction of who moved", correct(psb(), "left", `{"person":`+quoted(b.ids["520603000502"])+`,"reason":"moved"}`), "/data/data/person", b.ids["520603000502"].String(), domain.Conflict},
		{"a correction to a household that ended", correct(psb(), "left", `{"person":`+quoted(b.ids["520603000503"])+`,"reason":"moved","moved_to_household":`+quoted(b.ids["5206030004"])+`}`), "/data/data/moved_to_household", b.ids["5206030004"].String(), domain.Conflict},
		{"a correction of what the key says", correct(township(), "income", `{"year":2019,"wage_fen":1,"persons":3}`), "/data/data/year", "2019", domain.Conflict},
		{"a dispute of a dispute", dispute("dispute"), target, at("dispute"), domain.Conflict},
		{"approved by who records", b.event(hrss(), act("record.voided", "new", at("job"), `,"approved_by":"hrss"`)), "/data/approved_by", "hrss", domain.Conflict},
		{"approved by a name", b.event(hrss(), act("record.voided", "new", at("job"), `,"approved_by":"某甲"`)), "/data/approved_by", "", domain.Malformed},
	}
}

// lineages are refused by who belongs to which household.
func (b *bench) lineages() []refusal {
	ids, town := b.ids, township()
	join := func(day string, into domain.Entity, who, more string) told {
		return b.event(psb(), fact("household.member_joined", "new", day, quoted(into), `{"member":{`+who+`"relation":"other"},"reason":"return"`+more+`}`))
	}
	child := func(day string, of domain.Entity, more string, members ...domain.Entity) told {
		return b.event(town, strings.Replace(splitting("new", day, of, members...), "]}]", "]"+more+"}]", 1))
	}
	merge := func(day string, into, from domain.Entity) told {
		return b.event(town, merging("new", day, quoted(into), quoted(from)))
	}
	return []refusal{
		{"into a household that ended", join("2021-05-01", ids["5206030004"], "", ""), "/subject", ids["5206030004"].String(), domain.Conflict},
		{"to a household that ended", b.event(psb(), fact("household.member_left", "new", "2021-05-01", quoted(ids[two]), `{"person":`+quoted(ids[two+"03"])+`,"reason":"moved","moved_to_household":`+quoted(ids["5206030004"])+`}`)), "/data/moved_to_household", ids["5206030004"].String(), domain.Conflict},
		{"before the household was founded", join("2021-02-01", ids["young"], "", ""), "/subject", ids["young"].String(), domain.Conflict},
		{"a member already", join("2021-05-01", ids[two], `"person":`+quoted(ids[two+"03"])+`,`, ""), "/data/member/person", ids[two+"03"].String(), domain.Conflict},
		{"of another household", join("2021-05-01", ids[three], `"person":`+quoted(ids[two+"03"])+`,`, ""), "/data/from_household", ids[two].String(), domain.Conflict},
		{"from the very household", join("2021-05-01", ids[three], "", `,"from_household":`+quoted(ids[three])), "/data/from_household", ids[three].String(), domain.Conflict},
		{"a dead person who joins", join("2021-06-01", ids[three], `"person":`+quoted(ids["dead"])+`,`, `,"from_household":`+quoted(ids["5206030005"])), "/data/member/person", ids["dead"].String(), domain.Conflict},
		{"a dead member who joins again", join("2021-06-01", ids["5206030005"], `"person":`+quoted(ids["dead"])+`,`, ""), "/data/member/person", ids["dead"].String(), domain.Conflict},
		{"a child who has died", child("2021-06-01", ids["5206030005"], "", ids["dead"]), "/data/children/0/members/0", ids["dead"].String(), domain.Conflict},
		{"a head who has died", b.event(psb(), fact("household.head_changed", "new", "2021-06-01", quoted(ids["5206030005"]), `{"new_head":`+quoted(ids["dead"])+`,"reason":"other"}`)), "/data/new_head", ids["dead"].String(), domain.Conflict},
		{"a split before the household was registered", child("1999-02-01", ids[two], "", ids[two+"03"]), "/time", "1999-02-01", domain.Conflict},
		{"a child who is no member", child("2021-05-01", ids[two], "", ids[one+"02"]), "/data/children/0/members/0", ids[one+"02"].String(), domain.Conflict},
		{"a child with another's dwelling", child("2021-05-01", ids[two], `,"dwelling":`+quoted(ids["home/"+one]), ids[two+"03"]), "/data/children/0/dwelling", ids["home/"+one].String(), domain.Conflict},
		{"before a later split", child("2021-02-01", ids[one], "", ids[one+"02"]), "/subject", b.at["split"].String(), domain.Conflict},
		{"a split that leaves nobody", child("2021-04-15", ids["5206030006"], "", ids["520603000601"], ids["520603000602"], ids["520603000603"]), "/data/children/0/members/2", ids["520603000603"].String(), domain.Conflict},
		{"a split that ends a household that goes on", child("2021-04-15", ids["5206030010"], "", ids["520603001001"], ids["520603001002"], ids["520603001003"]), "/subject", ids["newborn"].String(), domain.Conflict},
		{"a merge into a voided household", merge("2021-05-01", ids["5206030013"], ids[two]), "/data/into", b.at["void of 13"].String(), domain.Conflict},
		{"a merge that comes back", b.event(town, act("record.voided", "back", b.at["void of the merge"].String(), "")), "/data/target_event", ids["5206030014"].String(), domain.Conflict},
		{"a merge over provinces", merge("2021-05-01", ids[two], ids["far"]), "/data/from/0", ids["far"].String(), domain.Conflict},
		{"a merge before its members changed", merge("2021-04-30", ids[two], ids["5206030006"]), "/data/from/0", ids["5206030006"].String(), domain.Conflict},
		{"a merge under another's subject", b.event(town, strings.Replace(merging("new", "2021-05-10", quoted(ids[two]), quoted(ids["5206030005"])), `"data":`, `"subject":`+quoted(ids[one])+`,"data":`, 1)), "/subject", ids[one].String(), domain.Conflict},
	}
}

// returns are refused undoings of splits, moves and imports.
func (b *bench) returns() []refusal {
	at := func(name string) string { return b.at[name].String() }
	batch := func(id, query string) told {
		_, answer := b.post(b.t, "/v1/batches/"+id+"/void?"+query)
		return b.of(answer)
	}
	own := b.batch.String()
	_, nats := b.undoByNATS(b.t, township(), `{"event":7}`)
	return []refusal{
		{"a merge", b.takenBack(township(), "merge"), "/event", at("merge"), domain.Conflict},
		{"a job", b.takenBack(hrss(), "job"), "/event", at("job"), domain.Conflict},
		{"a split that others rest on", b.takenBack(township(), "split"), "/data/target_event", at("split"), domain.Depends},
		{"to an address where others live", b.takenBack(township(), "split", "return_to", "address", "time", "2021-05-01"), "/return_to", "address", domain.Conflict},
		{"a move to the household", b.takenBack(rural(), "move", "return_to", "household", "time", "2021-05-01"), "/return_to", "household", domain.Conflict},
		{"to a household that ended", b.takenBack(township(), "split of 5206030011", "return_to", "household", "time", "2021-05-01"), "/return_to", "household", domain.Conflict},
		{"to an address that nobody knows", b.takenBack(township(), "split of 5206030011", "return_to", "address", "time", "2021-05-01"), "/return_to", "address", domain.Unknown},
		{"a split of which nothing is left", b.takenBack(township(), "split of 5206030012", "return_to", "household", "time", "2021-05-01"), "/event", at("split of 5206030012"), domain.Conflict},
		{"a leaving to nobody knows where", b.takenBack(psb(), "away", "return_to", "household", "time", "2021-05-05"), "/event", at("away"), domain.Conflict},
		{"who moved on", b.takenBack(psb(), "left", "return_to", "household", "time", "2021-05-05"), "/event", at("left"), domain.Conflict},
		{"a return before the move", b.takenBack(psb(), "left", "return_to", "household", "time", "2021-04-30", "relation", "child"), "/time", "2021-04-30", domain.Conflict},
		{"no relation", b.takenBack(psb(), "left", "return_to", "household", "time", "2021-05-05", "relation", "nephew"), "/relation", "nephew", domain.Malformed},
		{"no choice", b.takenBack(psb(), "left", "return_to", "nowhere", "time", "2021-05-05"), "/return_to", "nowhere", domain.Malformed},
		{"no day", b.takenBack(psb(), "left", "return_to", "household", "time", "soon"), "/time", "soon", domain.BadDate},
		{"no division", b.takenBack(psb(), "left", "return_to", "household", "time", "2021-05-05", "in", "5206031"), "/in", "5206031", domain.Malformed},
		{"no body of texts", nats.Refusals, "", "", domain.Malformed},
		{"no batch", batch("h000000000001", "division=520603&reason=test"), "batch", "h000000000001", domain.Malformed},
		{"a batch that is not there", batch("i000000000001", "division=520603&reason=test"), "batch", "i000000000001", domain.Unknown},
		{"another department's import", batch(own, "division=520603&reason=test&department=hrss"), "department", "hrss", domain.NotAllowed},
		{"another county's import", batch(own, "division=520602&reason=test"), "division", "520602", domain.NotAllowed},
		{"an import that others rest on", batch(own, "division=520603&reason=test"), "batch", own, domain.Depends},
	}
}

// requests are refused before a fact is read.
func (b *bench) requests() []refusal {
	caller := func(department, division string) told {
		_, answer := b.http(b.t, Caller{domain.Department(department), domain.Division(division)}, "application/json", "", placed)
		return b.of(answer)
	}
	m, err := b.nc.Request("anju.record.hrss", []byte(placed), 10*time.Second)
	require.NoError(b.t, err)
	atomic := b.of(b.request(b.t, hrss(), nats.Header{"Anju-Atomic": {"True"}}, placed))
	return []refusal{
		{"no department", caller("tea", "520603"), "department", "tea", domain.Malformed},
		{"no division", caller("hrss", "5206031"), "division", "5206031", domain.Malformed},
		{"the ledger itself", caller("ledger", "520603"), "department", "ledger", domain.NotAllowed},
		{"no division over NATS", b.of(string(m.Data)), "division", "", domain.Missing},
		{"a choice misspelt", atomic, "Anju-Atomic", "True", domain.Malformed},
		{"a parameter that is none", b.sent("application/json", "&colour=red", placed), "colour", "", domain.UnknownField},
		{"a content type", b.sent("text/plain", "", placed), "Content-Type", "text/plain", domain.Malformed},
		{"compressed", b.sent("application/json", "", placed, "Content-Encoding", "gzip"), "Content-Encoding", "gzip", domain.Malformed},
		{"binary mode", b.sent("application/json", "", placed, "ce-type", "job.placed"), "Ce-Type", "", domain.Malformed},
		{"a body that does not arrive", tooSlow().Refusals, "", "", domain.Malformed},
		{"taken meanwhile in another province", failure(events.ErrTaken).Refusals, "/id", "", domain.Conflict},
	}
}

// imports are refused files and rows; the field of a row is its column.
func (b *bench) imports() []refusal {
	ask := func(method, path string) told {
		_, answer := send(b.t, method, b.files.URL+path, "", nil)
		return b.of(string(answer))
	}
	form := func(parts ...string) told {
		body, media := formOf(b.t, parts...)
		return b.file("", media, body)
	}
	const communities = "安置区名称,社区编码,类型,成立日期,组织形式\n"
	_, answer := send(b.t, "POST", b.files.URL+"/v1/imports?division=520603", "text/csv", strings.NewReader(communities+"丙社区,520603003503,农村,2018-03-01,并入原有村\n"))
	var staged Import
	require.NoError(b.t, json.Unmarshal(answer, &staged), string(answer))
	here := "/v1/imports/" + staged.ID
	const register, labour, income = "户编号,人编号,与户主关系,户类型,安置区,入住日期\n", "人编号,就业状态,入职日期,离职日期,月工资(元)\n", "户编号,年度,家庭人口,工资性收入(元)\n"
	const head = "h7,p7,户主,脱贫户,安和社区,2019-01-01\n"
	county := func(division string) told {
		_, answer := send(b.t, "POST", b.files.URL+"/v1/imports?division="+division, "text/csv", strings.NewReader(communities))
		return b.of(string(answer))
	}
	return []refusal{
		{"a file of a prefecture", county("5206"), "division", "5206", domain.Malformed},
		{"a day that is none", b.file("&effective=soon", "text/csv", communities), "effective", "soon", domain.BadDate},
		{"a choice misspelt", b.file("&changes=recrod", "text/csv", communities), "changes", "recrod", domain.Malformed},
		{"no type of a file", b.file("", "text/plain", communities), "Content-Type", "text/plain", domain.Malformed},
		{"a form without file", form("data"), "file", "", domain.Missing},
		{"a form with another part", form("file", "tempalte"), "tempalte", "", domain.UnknownField},
		{"21 files", form(slices.Repeat([]string{"file"}, 21)...), "file", "", domain.Malformed},
		{"a form that is cut off", b.file("", "multipart/form-data; boundary=x", "--x\r\nbroken"), "", "", domain.Malformed},
		{"an import that is not there", ask("GET", "/v1/imports/ibcdefghjkmnp"), "id", "", domain.Unknown},
		{"a file that it has not", ask("GET", here+"/remarks?file=5"), "file", "5", domain.Unknown},
		{"no number of a file", ask("GET", here+"/remarks?file=x"), "file", "x", domain.Malformed},
		{"no template", b.file("", "text/csv", "甲,乙\n1,2\n"), "file", "", domain.Malformed},
		{"no table", b.file("", "application/octet-stream", "PK\x03\x04x"), "file", "", domain.Malformed},
		{"a template that is none", b.file("", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"template\"\r\n\r\ntemplate: [\r\n--x--\r\n"), "file", "", domain.Malformed},
		{"a file over the limit", b.file("", "text/csv", strings.Repeat("x", 65<<20)), "file", "", domain.TooLarge},
		{"no row of the head", b.rows("", register+"h7,p7,子女,脱贫户,安和社区,2019-01-01\n"), "户编号", "", domain.Unknown},
		{"two heads", b.rows("", register+head+strings.Replace(head, "p7", "p8", 1)), "与户主关系", "", domain.Conflict},
		{"a row that goes with a refused head", b.rows("", register+strings.Replace(head, "脱贫户", "", 1)+strings.Replace(strings.Replace(head, "p7", "p8", 1), "户主", "子女", 1)), "户类型", "", domain.Missing},
		{"a row whose head the type refuses", b.rows("", strings.Replace(register, "与户主", "姓名,与户主", 1)+"h7,p7,甲\u202e乙,户主,脱贫户,安和社区,2019-01-01\nh7,p9,丙,子女,脱贫户,安和社区,2019-01-01\n"), "姓名", "", domain.Malformed},
		{"a new member without a day", b.rows("", register+"h8,p99,子女,脱贫户,安和社区,\n"), "人编号", "", domain.Missing},
		{"a row of which the fact is refused by the type", b.rows("", income+two+",2019,3,\n"), "工资性收入(元)", "", domain.Missing},
		{"an empty cell", b.rows("", labour+two+"02,在岗,,,\n"), "入职日期", "", domain.Missing},
		{"no date", b.rows("", labour+two+"02,在岗,去年,,\n"), "入职日期", "去年", domain.BadDate},
		{"below nought", b.rows("", income+two+",2019,3,-1\n"), "工资性收入(元)", "-1", domain.Negative},
		{"no amount", b.rows("", income+two+",2019,3,三\n"), "工资性收入(元)", "三", domain.BadNumber},
		{"a rounded number", b.rows("", income+"5.20603E+13,2019,3,1\n"), "户编号", "", domain.LossyNumber},
		{"a word of no list", b.rows("", labour+two+"02,闲,,,\n"), "就业状态", "闲", domain.UnknownCode},
		{"an end before its beginning", b.rows("", labour+two+"02,在岗,2020-01-01,2019-01-01,\n"), "离职日期", "2019-01-01", domain.BeforeStart},
		{"somebody whom nobody knows", b.rows("", labour+"p404,在岗,2020-01-01,,\n"), "人编号", "", domain.Unknown},
	}
}

// formOf writes a form with a file in each part.
func formOf(t *testing.T, names ...string) (body, media string) {
	t.Helper()
	var b bytes.Buffer
	for _, name := range names {
		b.WriteString("--x\r\nContent-Disposition: form-data; name=\"" + url.QueryEscape(name) + "\"; filename=\"c.csv\"\r\n\r\na,b\n1,2\n\r\n")
	}
	b.WriteString("--x--\r\n")
	return b.String(), "multipart/form-data; boundary=x"
}
