package intake

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/anju-ledger/anju/domain"
	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

func TestBadInputIsRefusedByName(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), household)
	with := func(old, replacement string) string {
		require.Contains(t, placed, old)
		return strings.Replace(placed, old, replacement, 1)
	}
	rows := []struct {
		name, body, field string
		kind              domain.RefusalKind
	}{
		{"unknown type", with("job.placed", "job.plaiced"), "/type", domain.UnknownCode},
		{"unknown version", with(`"time"`, `"dataschema":"anju:job.placed/9","time"`), "/dataschema", domain.UnknownCode},
		{"unknown field", with(`"employer"`, `"boss"`), "/data/boss", domain.UnknownField},
		{"unknown attribute", with(`"time"`, `"colour":"red","time"`), "/colour", domain.UnknownField},
		{"sealed attribute set by hand", with(`"time"`, `"sequence":"00000000000000000001","time"`), "/sequence", domain.NotAllowed},
		{"home", with(`"time"`, `"home":"52.520603","time"`), "/home", domain.NotAllowed},
		{"recordedtime", with(`"time"`, `"recordedtime":"2021-01-01T00:00:00.000Z","time"`), "/recordedtime", domain.NotAllowed},
		{"batch", with(`"time"`, `"batch":"x/1","time"`), "/batch", domain.NotAllowed},
		{"set", with(`"time"`, `"set":"x/1/2","time"`), "/set", domain.NotAllowed},
		{"data_base64", with(`"time"`, `"data_base64":"e30=","time"`), "/data_base64", domain.NotAllowed},
		{"minted id", with(`"employer"`, `"placement":"w000000000001","employer"`), "/data/placement", domain.NotAllowed},
		{"missing id", with(`"key":"job/1",`, ``), "/id", domain.Malformed},
		{"id and key", with(`"key"`, `"id":"0192f3c1-0000-7000-8000-000000000001","key"`), "/id", domain.Malformed},
		{"malformed id", with(`"key":"job/1"`, `"id":"1"`), "/id", domain.Malformed},
		{"id of another version", with(`"key":"job/1"`, `"id":"0192f3c1-0000-4000-8000-000000000001"`), "/id", domain.Malformed},
		{"missing time", with(`"time":"2020-03-05",`, ``), "/time", domain.Missing},
		{"malformed time", with("2020-03-05", "2020-02-30"), "/time", domain.BadDate},
		{"time in the future", with("2020-03-05", "2021-07-02"), "/time", domain.Future},
		{"key with a star", with("job/1", "job/*"), "/key", domain.Malformed},
		{"key with a space", with("job/1", "job 1"), "/key", domain.Malformed},
		{"key with a control character", with("job/1", `job\u0007`), "/key", domain.Malformed},
		{"key with a phone number", with("job/1", "job/13800138000"), "/key", domain.PersonalText},
		{"subject with dots", with(`"time"`, `"subject":"household.h7k","time"`), "/subject", domain.Malformed},
		{"subject of another home", with(`"time"`, `"subject":"household/h000000000000","time"`), "/subject", domain.Unknown},
		{"duplicate keys", with(`"time"`, `"type":"job.placed","time"`), "/type", domain.Malformed},
		{"duplicate keys in data", with(`"employer"`, `"channel":"factory","employer"`), "/data/channel", domain.Malformed},
		{"invalid UTF-8", with("某服装车间", "\xff\xfe"), "/data/employer", domain.Malformed},
		{"trailing bytes", placed + `{}`, "", domain.Malformed},
		{"depth bomb", strings.Repeat("[", 10_000), "", domain.Malformed},
		{"no object", `"x"`, "", domain.Malformed},
		{"33 KiB", with("某服装车间", strings.Repeat("x", 33<<10)), "", domain.TooLarge},
		{"phone number in an open text", with("某服装车间", "联系13800138000"), "/data/employer", domain.PersonalText},
		{"ID number in an open text", with("某服装车间", "990101198112010025"), "/data/employer", domain.PersonalText},
		{"fraction of a fen", with("320000", "3200.5"), "/data/wage_fen_month", domain.BadNumber},
		{"negative money", with("320000", "-1"), "/data/wage_fen_month", domain.Negative},
		{"text for a number", with("320000", `"320000"`), "/data/wage_fen_month", domain.BadNumber},
		{"null", with("320000", `null`), "/data/wage_fen_month", domain.Malformed},
		{"unlisted code", with("factory", "mine"), "/data/channel", domain.UnknownCode},
		{"unknown person", with("52060300000101", "52060300000999"), "/data/person", domain.Unknown},
		{"person of another kind", with(`{"number":"52060300000101"}`, `"h000000000001"`), "/data/person", domain.Malformed},
		{"another's source", with(`"time"`, `"source":"/departments/nr/520603","time"`), "/source", domain.NotAllowed},
		{"malformed division", with(`"time"`, `"division":"5206x3","time"`), "/division", domain.Malformed},
		{"malformed cause", with(`"time"`, `"cause":"x","time"`), "/cause", domain.Malformed},
		{"another content type inside", with(`"time"`, `"datacontenttype":"text/xml","time"`), "/datacontenttype", domain.Malformed},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			a := record(t, d, hrss(), r.body)
			require.NotNil(t, a.Problem, "it was accepted")
			require.Less(t, a.Problem.Status, 500)
			first := a.Problem.Refusals[0]
			require.Equal(t, r.kind, first.Kind, "%+v", a.Problem.Refusals)
			require.Equal(t, r.field, first.Field)
			require.NotEmpty(t, first.Rule.ZH)
			require.NotEmpty(t, first.Fix.EN)
			require.NotContains(t, first.Value, "13800138000")
		})
	}
	require.Equal(t, uint64(1), d.directory.Position(52), "nothing of it was recorded")
	a := record(t, d, Caller{"nr", "520603"}, placed)
	require.Equal(t, 403, a.Problem.Status, "a department records only what the catalogue lets it")
	sealed := strings.Replace(household, `"520603000001"`, `{"sealed":"AAAA"}`, 1)
	require.Equal(t, "/data/number", record(t, d, rural(), sealed).Problem.Refusals[0].Field)
}

func TestSetsHaveBounds(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), household)
	many := make([]*Submission, maxSet+1)
	for i := range many {
		many[i] = Parse([]byte(placed), hrss(), testNow())
	}
	require.NotNil(t, d.Record(t.Context(), hrss(), many, true)[0].Problem)
	two := []*Submission{Parse([]byte(placed), hrss(), testNow()), Parse([]byte(strings.Replace(placed, `"time"`, `"division":"440100","time"`, 1)), hrss(), testNow())}
	require.NotNil(t, d.Record(t.Context(), hrss(), two, true)[1].Problem, "a set lies within one province")
	require.Equal(t, uint64(1), d.directory.Position(52))
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

func TestHTTPRefusesBodiesItCannotRead(t *testing.T) {
	d := testDoor(t)
	rows := []struct {
		name, query, contentType, body string
		status                         int
	}{
		{"no caller", "", "application/json", placed, 422},
		{"unknown department", "department=x&division=520603", "application/json", placed, 422},
		{"wrong content type", "department=hrss&division=520603", "text/plain", placed, 415},
		{"empty body", "department=hrss&division=520603", "application/json", "", 400},
		{"empty batch", "department=hrss&division=520603", "application/json", "[]", 413},
		{"over 4 MiB", "department=hrss&division=520603", "application/json", strings.Repeat(" ", maxBytes+1), 413},
		{"set of 1025", "department=hrss&division=520603&atomic=true", "application/json", "[" + strings.Repeat("{},", maxSet) + "{}]", 400},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			status, body := post(t, d, r.query, r.contentType, strings.NewReader(r.body))
			require.Equal(t, r.status, status, body)
			require.Contains(t, body, `"title"`)
		})
	}
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
