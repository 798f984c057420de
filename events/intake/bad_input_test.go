package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// badEvent is one event that no door may take: where it is wrong, and how.
type badEvent struct {
	name, body, field string
	kind              domain.RefusalKind
	caller            Caller // absent = hrss
	status            int    // 0 = 422
}

// badEvents are the bad events of the issue and of DOMAIN §6, each wrong in one place.
func badEvents(t testing.TB) []badEvent {
	with := func(old, replacement string) string {
		require.Contains(t, placed, old)
		return strings.Replace(placed, old, replacement, 1)
	}
	attribute := func(text string) string { return with(`"time"`, text+`,"time"`) }
	person := func(text string) string { return with(`{"number":"52060300000101"}`, text) }
	tomorrow := time.Now().Add(25 * time.Hour).UTC().Format(time.RFC3339)
	const known = "0192f3c1-0000-7000-8000-0000000000"
	return []badEvent{
		{name: "unknown type", body: with("job.placed", "job.plaiced"), field: "/type", kind: domain.UnknownCode},
		{name: "type with a star", body: with("job.placed", "job.*"), field: "/type", kind: domain.UnknownCode},
		{name: "no type", body: with(`"type":"job.placed",`, ""), field: "/type", kind: domain.Missing},
		{name: "type that is no text", body: with(`"job.placed"`, "7"), field: "/type", kind: domain.Malformed},
		{name: "unknown version", body: attribute(`"dataschema":"anju:job.placed/9"`), field: "/dataschema", kind: domain.UnknownCode},
		{name: "older version", body: attribute(`"dataschema":"anju:job.placed/1"`), field: "/dataschema", kind: domain.UnknownCode},
		{name: "unknown field", body: with(`"employer"`, `"boss"`), field: "/data/boss", kind: domain.UnknownField},
		{name: "unknown attribute", body: attribute(`"colour":"red"`), field: "/colour", kind: domain.UnknownField},
		{name: "another specversion", body: attribute(`"specversion":"0.3"`), field: "/specversion", kind: domain.Malformed},
		{name: "sequence", body: attribute(`"sequence":"00000000000000000001"`), field: "/sequence", kind: domain.NotAllowed},
		{name: "home", body: attribute(`"home":"52.520603"`), field: "/home", kind: domain.NotAllowed},
		{name: "recordedtime", body: attribute(`"recordedtime":"2021-01-01T00:00:00.000Z"`), field: "/recordedtime", kind: domain.NotAllowed},
		{name: "batch", body: attribute(`"batch":"x/1"`), field: "/batch", kind: domain.NotAllowed},
		{name: "set", body: attribute(`"set":"x/1/2"`), field: "/set", kind: domain.NotAllowed},
		{name: "data_base64", body: attribute(`"data_base64":"e30="`), field: "/data_base64", kind: domain.NotAllowed},
		{name: "minted id", body: with(`"employer"`, `"placement":"w000000000001","employer"`), field: "/data/placement", kind: domain.NotAllowed},
		{name: "no data", body: `{"type":"job.placed","key":"job/1","time":"2020-03-05"}`, field: "/data", kind: domain.Missing},
		{name: "data that is no object", body: `{"type":"job.placed","key":"job/1","time":"2020-03-05","data":[]}`, field: "/data", kind: domain.Malformed},
		{name: "required field missing", body: person(`""`), field: "/data/person", kind: domain.Malformed},

		{name: "missing id", body: with(`"key":"job/1",`, ``), field: "/id", kind: domain.Missing},
		{name: "id and key", body: attribute(`"id":"` + known + `01"`), field: "/id", kind: domain.Malformed},
		{name: "malformed id", body: with(`"key":"job/1"`, `"id":"1"`), field: "/id", kind: domain.Malformed},
		{name: "id in capitals", body: with(`"key":"job/1"`, `"id":"0192F3C1-0000-7000-8000-000000000001"`), field: "/id", kind: domain.Malformed},
		{name: "id of another version", body: with(`"key":"job/1"`, `"id":"0192f3c1-0000-4000-8000-000000000001"`), field: "/id", kind: domain.Malformed},
		{name: "id with a dot", body: with(`"key":"job/1"`, `"id":"0192f3c1.0000-7000-8000-000000000001"`), field: "/id", kind: domain.Malformed},
		{name: "missing time", body: with(`"time":"2020-03-05",`, ``), field: "/time", kind: domain.Missing},
		{name: "malformed time", body: with("2020-03-05", "2020-02-30"), field: "/time", kind: domain.BadDate},
		{name: "spreadsheet serial for a time", body: with("2020-03-05", "43895"), field: "/time", kind: domain.BadDate},
		{name: "time without a zone", body: with("2020-03-05", "2020-03-05T00:00:00"), field: "/time", kind: domain.BadDate},
		{name: "time a day in the future", body: with("2020-03-05", tomorrow), field: "/time", kind: domain.Future},

		{name: "key with a star", body: with("job/1", "job/*"), field: "/key", kind: domain.Malformed},
		{name: "key with >", body: with("job/1", "job/>"), field: "/key", kind: domain.Malformed},
		{name: "key with a space", body: with("job/1", "job 1"), field: "/key", kind: domain.Malformed},
		{name: "key with a control character", body: with("job/1", `job\u0007`), field: "/key", kind: domain.Malformed},
		{name: "empty key", body: with("job/1", ""), field: "/key", kind: domain.Malformed},
		{name: "key of 201 bytes", body: with("job/1", strings.Repeat("k", 201)), field: "/key", kind: domain.Malformed},
		{name: "key with a phone number", body: with("job/1", "job/13800138000"), field: "/key", kind: domain.PersonalText},
		{name: "subject with dots", body: attribute(`"subject":"household.h7k"`), field: "/subject", kind: domain.Malformed},
		{name: "subject with a star", body: attribute(`"subject":"household/h7k2m9qx4w1*z"`), field: "/subject", kind: domain.Malformed},
		{name: "subject with >", body: attribute(`"subject":"household/>"`), field: "/subject", kind: domain.Malformed},
		{name: "subject with a control character", body: attribute(`"subject":"household/h7k2m9q\u00004w1tz"`), field: "/subject", kind: domain.Malformed},
		{name: "subject of another kind than its id", body: attribute(`"subject":"community/h000000000001"`), field: "/subject", kind: domain.Malformed},
		{name: "subject that nobody knows", body: attribute(`"subject":"household/h000000000000"`), field: "/subject", kind: domain.Unknown},
		{name: "person with a space", body: person(`"p00000000000 "`), field: "/data/person", kind: domain.Malformed},
		{name: "person with a dot", body: person(`"p0000000000.1"`), field: "/data/person", kind: domain.Malformed},
		{name: "person of another kind", body: person(`"h000000000001"`), field: "/data/person", kind: domain.Malformed},
		{name: "person without a number", body: person(`{"number":""}`), field: "/data/person", kind: domain.Malformed},
		{name: "person by another name", body: person(`{"name":"某甲"}`), field: "/data/person", kind: domain.Malformed},
		{name: "person in no division", body: person(`{"number":"52060300000101","division":"x"}`), field: "/data/person/division", kind: domain.Malformed},
		{name: "unknown person", body: with("52060300000101", "52060300000999"), field: "/data/person", kind: domain.Unknown},
		{name: "person of another county", body: person(`{"number":"52060300000101","division":"440300"}`), field: "/data/person", kind: domain.Unknown},
		{name: "number in exponents", body: person(`{"number":"5.20603E+13"}`), field: "/data/person", kind: domain.Unknown},

		{name: "duplicate keys", body: attribute(`"type":"job.placed"`), field: "/type", kind: domain.Malformed, status: 422},
		{name: "duplicate keys in data", body: with(`"employer"`, `"channel":"factory","employer"`), field: "/data/channel", kind: domain.Malformed},
		{name: "duplicate keys, one escaped", body: with(`"employer"`, `"channe\u006c":"factory","employer"`), field: "/data/channel", kind: domain.Malformed},
		{name: "invalid UTF-8", body: with("某服装车间", "\xff\xfe"), field: "/data/employer", kind: domain.Malformed},
		{name: "half a surrogate", body: with("某服装车间", `\ud800`), field: "/data/employer", kind: domain.Malformed},
		{name: "trailing bytes", body: placed + `{}`, field: "", kind: domain.Malformed, status: 400},
		{name: "end in the middle", body: placed[:len(placed)-20], kind: domain.Malformed, field: "/data"},
		{name: "depth bomb", body: `{"data":` + strings.Repeat("[", 10_000), field: "", kind: domain.Malformed, status: 400},
		{name: "no object", body: `"x"`, field: "", kind: domain.Malformed, status: 400},
		{name: "33 KiB", body: with("某服装车间", strings.Repeat("x", 33<<10)), field: "", kind: domain.TooLarge, status: 413},
		{name: "text of 201 characters", body: with("某服装车间", strings.Repeat("厂", 201)), field: "/data/employer", kind: domain.TooLarge},
		{name: "control character in a text", body: with("某服装车间", `车\u0007间`), field: "/data/employer", kind: domain.Malformed},
		{name: "text that turns direction", body: with("某服装车间", `车\u202e间`), field: "/data/employer", kind: domain.Malformed},
		{name: "phone number in an open text", body: with("某服装车间", "联系13800138000"), field: "/data/employer", kind: domain.PersonalText},
		{name: "phone number in full width", body: with("某服装车间", "联系１３８００１３８０００"), field: "/data/employer", kind: domain.PersonalText},
		{name: "ID number in an open text", body: with("某服装车间", "990101198112010025"), field: "/data/employer", kind: domain.PersonalText},
		{name: "phone number as a code", body: with("factory", "13800138000"), field: "/data/channel", kind: domain.UnknownCode},
		{name: "phone number as an attribute", body: attribute(`"13800138000":"x"`), field: "/?", kind: domain.UnknownField},
		{name: "phone number as a field", body: with(`"employer"`, `"13800138000"`), field: "/data/?", kind: domain.UnknownField},

		{name: "fraction of a fen", body: with("320000", "3200.5"), field: "/data/wage_fen_month", kind: domain.BadNumber},
		{name: "number in exponents for money", body: with("320000", "3.2e5"), field: "/data/wage_fen_month", kind: domain.BadNumber},
		{name: "money over its bound", body: with("320000", "99999999999999999"), field: "/data/wage_fen_month", kind: domain.BadNumber},
		{name: "money of 30 digits", body: with("320000", strings.Repeat("9", 30)), field: "/data/wage_fen_month", kind: domain.BadNumber},
		{name: "negative money", body: with("320000", "-1"), field: "/data/wage_fen_month", kind: domain.Negative},
		{name: "text for a number", body: with("320000", `"320000"`), field: "/data/wage_fen_month", kind: domain.BadNumber},
		{name: "null", body: with("320000", `null`), field: "/data/wage_fen_month", kind: domain.Malformed},
		{name: "unlisted code", body: with("factory", "mine"), field: "/data/channel", kind: domain.UnknownCode},
		{name: "list for a text", body: with(`"某服装车间"`, `["某服装车间"]`), field: "/data/employer", kind: domain.Malformed},
		{name: "malformed date", body: with(`"employer"`, `"contract_to":"2022年3月4日","employer"`), field: "/data/contract_to", kind: domain.BadDate},
		{name: "malformed division", body: attribute(`"division":"5206x3"`), field: "/division", kind: domain.Malformed},
		{name: "malformed cause", body: attribute(`"cause":"x"`), field: "/cause", kind: domain.Malformed},
		{name: "another content type inside", body: attribute(`"datacontenttype":"text/xml"`), field: "/datacontenttype", kind: domain.Malformed},
		{name: "another's source", body: attribute(`"source":"/departments/nr/520603"`), field: "/source", kind: domain.NotAllowed, status: 403},
		{name: "department without the right", body: placed, field: "department", kind: domain.NotAllowed, caller: Caller{"nr", "520603"}, status: 403},
		{name: "the closing of an import", body: `{"type":"import.batch_closed","key":"x/1","time":"2021-06-30","data":{"batch":"i000000000001","template":"labour","template_version":1,"rows":0}}`, field: "/type", kind: domain.NotAllowed, status: 403},
		{name: "same key, other content", body: with("job/1", "job/0"), field: "/id", kind: domain.Conflict, status: 409},
		{name: "sealed form handed in", body: strings.Replace(household, `"520603000001"`, `{"sealed":"AAAA"}`, 1), field: "/data/number", kind: domain.Malformed, caller: rural()},
		{name: "void of an unknown event", body: `{"type":"record.voided","id":"` + known + `02","time":"2021-06-30","data":{"target_event":"` + known + `03","reason":"false"}}`, field: "/data/target_event", kind: domain.Unknown},
	}
}

// doors are one ledger in a folder with its HTTP and NATS doors.
type doors struct {
	door   *Door
	ledger *events.Ledger
	url    string
	nc     *nats.Conn
}

func openDoors(t testing.TB) *doors {
	ledger, d := served(t, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.ServeNATS(ctx, ledger.Answers()) }()
	server := httptest.NewServer(d.Handler())
	nc, err := nats.Connect(ledger.ClientURL(), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	require.NoError(t, err)
	t.Cleanup(func() {
		nc.Close()
		server.Close()
		cancel()
		require.NoError(t, errors.Join(<-done, ledger.Close()))
	})
	ds := &doors{d, ledger, server.URL, nc}
	require.Eventually(t, func() bool {
		_, err := nc.Request("anju.record.rural.520603", []byte("x"), time.Second)
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
	return ds
}

// http sends a body over HTTP.
func (ds *doors) http(t testing.TB, c Caller, media, query, body string, header ...string) (status int, answer string) {
	t.Helper()
	url := ds.url + "/v1/events?department=" + string(c.Department) + "&division=" + string(c.Division) + query
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", media)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(b)
}

// request sends a body over NATS.
func (ds *doors) request(t testing.TB, c Caller, header nats.Header, body string) string {
	t.Helper()
	m, err := ds.nc.RequestMsg(&nats.Msg{Subject: "anju.record." + string(c.Department) + "." + string(c.Division), Header: header, Data: []byte(body)}, 10*time.Second)
	require.NoError(t, err)
	return string(m.Data)
}

// position is how far the province's stream goes.
func (ds *doors) position() uint64 { return ds.door.directory.Position(52) }

func (ds *doors) register(t testing.TB) {
	t.Helper()
	status, body := ds.http(t, rural(), "application/cloudevents+json", "", household)
	require.Equal(t, 201, status, body)
	status, body = ds.http(t, hrss(), "application/cloudevents+json", "", strings.NewReplacer("job/1", "job/0", "320000", "310000").Replace(placed))
	require.Equal(t, 201, status, body)
}

// refusedBy checks that an answer is a refusal that names what is wrong in both languages, and
// tells nobody's number or name.
func refusedBy(t testing.TB, answer string, status int, field string, kind domain.RefusalKind) {
	t.Helper()
	var p Problem
	require.NoError(t, json.Unmarshal([]byte(answer), &p), answer)
	require.Equal(t, status, p.Status, answer)
	require.Equal(t, p.Names.ZH+" / "+p.Names.EN, p.Title, "RFC 9457: the title is a text")
	require.NotEmpty(t, p.Refusals, answer)
	first := p.Refusals[0]
	require.Equal(t, kind, first.Kind, answer)
	require.Equal(t, field, first.Field, answer)
	for _, text := range []string{p.Names.ZH, p.Names.EN, first.Rule.ZH, first.Rule.EN, first.Fix.ZH, first.Fix.EN} {
		require.NotEmpty(t, text, answer)
	}
	for _, personal := range []string{"13800138000", "１３８", "990101198112010025", "52060300000101", "520603000001", "某甲", "某乙"} {
		require.NotContains(t, answer, personal)
	}
}

// TestBadInputIsRefusedByName lists the bad events, over every way in: one by HTTP, one in a
// stream, one by NATS. Nothing of them is recorded and nothing lost.
func TestBadInputIsRefusedByName(t *testing.T) {
	ds := openDoors(t)
	ds.register(t)
	for _, r := range badEvents(t) {
		t.Run(r.name, func(t *testing.T) {
			caller, want := r.caller, r.status
			if caller == (Caller{}) {
				caller = hrss()
			}
			if want == 0 {
				want = 422
			}
			status, answer := ds.http(t, caller, "application/cloudevents+json; charset=utf-8", "", r.body)
			require.Equal(t, want, status, answer)
			refusedBy(t, answer, want, r.field, r.kind)
			refusedBy(t, ds.request(t, caller, nil, r.body), want, r.field, r.kind)
			status, answer = ds.http(t, caller, "application/x-ndjson", "", strings.ReplaceAll(r.body, "\n", "")+"\n")
			require.Equal(t, 200, status)
			refusedBy(t, answer, want, r.field, r.kind)
		})
	}
	require.Equal(t, uint64(2), ds.position(), "nothing of it was recorded")
	status, answer := ds.http(t, hrss(), "application/cloudevents+json", "", placed)
	require.Equal(t, 201, status, answer)
	require.Contains(t, answer, `"position":"ANJU-52:3"`)
}

// TestBadBodiesAreRefusedWhole lists bodies and sets that are wrong as a whole.
func TestBadBodiesAreRefusedWhole(t *testing.T) {
	ds := openDoors(t)
	ds.register(t)
	list := func(n int, event string) string { return "[" + strings.Repeat(event+",", n-1) + event + "]" }
	elsewhere := strings.Replace(household, `"division":"520603003"`, `"division":"440100"`, 1)
	stranger := strings.Replace(placed, "52060300000101", "52060300000999", 1)
	const forgotten = `{"type":"person.key_destroyed","key":"f/1","time":"2021-06-30","subject":"household/h000000000000","data":{"person":"p000000000000","request_ref":"r","legal_basis":"law_47"}}`
	const ce, batch, atomic = "application/cloudevents+json", "application/cloudevents-batch+json", "&atomic=true"
	for _, r := range []struct {
		name               string
		caller             Caller
		media, query, body string
		header             []string
		status             int
		field              string
		kind               domain.RefusalKind
		overNATS           bool
	}{
		{"no caller", Caller{}, ce, "", placed, nil, 422, "department", domain.Malformed, false},
		{"unknown department", Caller{"x", "520603"}, ce, "", placed, nil, 422, "department", domain.Malformed, true},
		{"malformed division", Caller{"hrss", "5206031"}, ce, "", placed, nil, 422, "division", domain.Malformed, true},
		{"in the ledger's own name", Caller{"ledger", "520603"}, ce, "", forgotten, nil, 403, "department", domain.NotAllowed, true},
		{"unknown parameter", hrss(), batch, "&atomci=true", "[" + placed + "]", nil, 400, "atomci", domain.UnknownField, false},
		{"parameter that is a phone number", hrss(), batch, "&13800138000=1", "[" + placed + "]", nil, 400, "?", domain.UnknownField, false},
		{"atomic misspelt", hrss(), batch, "&atomic=yes", "[" + placed + "]", nil, 400, "atomic", domain.Malformed, false},
		{"atomic empty", hrss(), batch, "&atomic=", "[" + placed + "]", nil, 400, "atomic", domain.Malformed, false},
		{"atomic twice", hrss(), batch, "&atomic=true&atomic=false", "[" + placed + "]", nil, 400, "atomic", domain.Malformed, false},
		{"wrong content type", hrss(), "text/plain", "", placed, nil, 415, "Content-Type", domain.Malformed, false},
		{"no content type", hrss(), "", "", placed, nil, 415, "Content-Type", domain.Malformed, false},
		{"compressed", hrss(), ce, "", placed, []string{"Content-Encoding", "gzip"}, 415, "Content-Encoding", domain.Malformed, false},
		{"binary mode", hrss(), "application/json", "", `{"channel":"factory"}`, []string{"ce-type", "job.placed"}, 415, "Ce-Type", domain.Malformed, false},
		{"empty", hrss(), ce, "", " ", nil, 400, "", domain.Missing, true},
		{"set of 0", hrss(), batch, atomic, "[]", nil, 400, "", domain.Missing, true},
		{"set of 1025", hrss(), batch, atomic, list(1025, `{}`), nil, 413, "", domain.TooLarge, true},
		{"set over 4 MiB", hrss(), batch, atomic, list(200, strings.Repeat(" ", 21<<10)+placed), nil, 413, "", domain.TooLarge, false},
		{"set over two provinces", rural(), batch, atomic, "[" + strings.Replace(household, "register/1", "register/2", 1) + "," + elsewhere + "]", nil, 422, "/1/division", domain.Malformed, true},
		{"set with a stranger", hrss(), batch, atomic, "[" + strings.Replace(placed, "job/1", "job/2", 1) + "," + stranger + "]", nil, 422, "/1/data/person", domain.Unknown, true},
		{"set with a conflict", hrss(), batch, atomic, "[" + strings.Replace(placed, "job/1", "job/2", 1) + "," + strings.Replace(placed, "job/1", "job/0", 1) + "]", nil, 409, "/1/id", domain.Conflict, true},
		{"set of which a part is recorded", hrss(), batch, atomic, "[" + strings.NewReplacer("job/1", "job/0", "320000", "310000").Replace(placed) + "," + placed + "]", nil, 409, "", domain.Conflict, true},
		{"set with a phone number", hrss(), "application/x-ndjson", atomic, placed + "\n" + strings.Replace(placed, "job/1", "job/13800138000", 1), nil, 422, "/1/key", domain.PersonalText, true},
		{"set that is cut off", hrss(), batch, atomic, "[" + placed + ",", nil, 400, "", domain.Malformed, true},
		{"bytes behind the list", hrss(), batch, "", "[" + placed + "]x", nil, 400, "", domain.Malformed, true},
		{"depth bomb", hrss(), batch, "", strings.Repeat("[", 100_000), nil, 400, "", domain.Malformed, true},
		{"over 4 MiB", hrss(), ce, "", strings.Repeat(" ", maxBytes+1), nil, 413, "", domain.TooLarge, false},
	} {
		t.Run(r.name, func(t *testing.T) {
			status, answer := ds.http(t, r.caller, r.media, r.query, r.body, r.header...)
			require.Equal(t, r.status, status, answer)
			refusedBy(t, answer, r.status, r.field, r.kind)
			if !r.overNATS {
				return
			}
			header := nats.Header{}
			if r.query == atomic {
				header.Set("Anju-Atomic", "true")
			}
			answer = ds.request(t, r.caller, header, r.body)
			refusedBy(t, answer, r.status, r.field, r.kind)
		})
	}
	refusedBy(t, ds.request(t, hrss(), nats.Header{"Anju-Atomic": {"True"}}, placed), 400, "Anju-Atomic", domain.Malformed)
	_, err := ds.nc.Request("anju.record.hrss.520603", make([]byte, 1<<20+1), time.Second)
	require.ErrorIs(t, err, nats.ErrMaxPayload, "NATS bodies hold 1 MiB; the client says so")
	require.Equal(t, uint64(2), ds.position(), "nothing of it was recorded")
	require.Zero(t, ds.door.directory.Position(44))
}

func TestForgedHeadersAndForeignMessagesHarmNothing(t *testing.T) {
	ds := openDoors(t)
	ds.register(t)
	forged := nats.Header{
		"Nats-Msg-Id": {"1"}, "Nats-Expected-Last-Sequence": {"0"}, "Nats-Expected-Stream": {"OTHER"}, "Nats-Rollup": {"all"},
		"Nats-TTL": {"1s"}, "Nats-Batch-Id": {"b"}, "Nats-Batch-Sequence": {"1"},
	}
	require.Contains(t, ds.request(t, hrss(), forged, placed), `"position":"ANJU-52:3"`)
	status, answer := ds.http(t, hrss(), "application/json", "", placed, "Nats-Msg-Id", "1", "Nats-Rollup", "all")
	require.Equal(t, 200, status, answer)
	require.Contains(t, answer, `"already":true`)
	js, err := jetstream.New(ds.ledger.Conn())
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "ANJU-52")
	require.NoError(t, err)
	m, err := stream.GetMsg(t.Context(), 3)
	require.NoError(t, err)
	for _, name := range []string{"Nats-Rollup", "Nats-TTL", "Nats-Expected-Stream"} {
		require.Empty(t, m.Header.Get(name), "what a client says in headers goes nowhere")
	}

	const subject = "anju.52.520603.household.h000000000000"
	require.NoError(t, ds.nc.Publish(subject, []byte("{}")))
	require.NoError(t, ds.nc.Flush())
	info, err := stream.Info(t.Context())
	require.NoError(t, err)
	require.Equal(t, uint64(3), info.State.LastSeq, "a client cannot write into the stream")
	_, err = js.Publish(t.Context(), subject, []byte(`{"specversion":"1.0"}`)) // who has the ledger's own password can
	require.NoError(t, err)

	next := strings.Replace(placed, "job/1", "job/3", 1)
	status, answer = ds.http(t, hrss(), "application/json", "", next)
	require.Equal(t, 201, status, answer)
	require.Contains(t, answer, `"position":"ANJU-52:5"`, "behind the foreign message, which is kept and skipped")
	var seen []bool
	for rec, err := range ds.ledger.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		seen = append(seen, rec.Event != nil)
	}
	require.Equal(t, []bool{true, true, true, false, true}, seen)
}

// post sends a body to the door's handler.
func post(t *testing.T, d *Door, query, contentType string, body io.Reader) (status int, answer string) {
	t.Helper()
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL+"/v1/events?"+query, body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Nats-Msg-Id", "forged")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(b)
}

func TestHTTPTakesOneABatchAndAStream(t *testing.T) {
	d := testDoor(t)
	const ruralHere, hrssHere = "department=rural&division=520603", "department=hrss&division=520603"
	status, _ := post(t, d, ruralHere, "application/cloudevents+json", strings.NewReader(household))
	require.Equal(t, 201, status)
	status, _ = post(t, d, ruralHere, "application/cloudevents+json", strings.NewReader(household))
	require.Equal(t, 200, status, "it was there already")
	status, body := post(t, d, hrssHere, "application/cloudevents-batch+json", strings.NewReader("["+placed+"]"))
	require.Equal(t, 200, status)
	require.Contains(t, body, `"position":"ANJU-52:2"`)
	require.Contains(t, body, selfNamed)

	var lines bytes.Buffer
	for i := range 1500 {
		lines.WriteString(strings.Replace(placed, "job/1", "job/"+strings.Repeat("x", i%150)+string(rune('a'+i/150)), 1) + "\n")
	}
	lines.WriteString("nonsense\n")
	status, body = post(t, d, hrssHere, "application/x-ndjson", &lines)
	require.Equal(t, 200, status)
	answers := strings.Split(strings.TrimSpace(body), "\n")
	require.Len(t, answers, 1501)
	var last Problem
	require.NoError(t, json.Unmarshal([]byte(answers[1500]), &last))
	require.Equal(t, 1500, last.Index)
	require.Equal(t, uint64(1502), d.directory.Position(52))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(placed))
	f.Add([]byte(household))
	f.Add([]byte(`{"type":"record.corrected","id":"0192f3c1-0000-7000-8000-000000000001","time":"2021-06-30","data":{"target_event":"0192f3c1-0000-7000-8000-000000000001","data":{},"reason":"typo"}}`))
	for _, k := range domain.Kinds() {
		data, err := domain.Encode(k.Sample)
		require.NoError(f, err)
		f.Add([]byte(`{"type":"` + k.Name + `","key":"k","time":"2020-01-01","data":` + string(data) + `}`))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := Parse(body, hrss(), testNow())
		require.True(t, s.Fact != nil || len(s.Refusals) > 0, "neither read nor refused")
		_, _ = Split(body)
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if s := Parse([]byte(placed), hrss(), testNow()); len(s.Refusals) > 0 {
			b.Fatal(s.Refusals)
		}
	}
}
