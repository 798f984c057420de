package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	neturl "net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/projections"
)

// axesAsked are the questions that have an as-of day and a moment of knowledge: the command line without its axes, the
// path, and the NATS subject with its request. $h, $p and $c are ids.
var axesAsked = []struct{ name, line, path, subject, request string }{
	{"status", "status $h", "/v1/households/$h", "household", `"id":"$h"`},
	{"members", "", "/v1/households/$h/members", "members", `"id":"$h"`},
	{"person", "person $p", "/v1/persons/$p", "person", `"id":"$p"`},
	{"timeline", "timeline $h", "/v1/households/$h/timeline", "timeline", `"id":"$h"`},
	{"person's timeline", "timeline $p", "/v1/persons/$p/timeline", "timeline", `"id":"$p"`},
	{"community", "community $c", "/v1/communities/$c", "community", `"id":"$c"`},
	{"community's timeline", "timeline $c", "/v1/communities/$c/timeline", "timeline", `"id":"$c"`},
	{"board and totals", "board 520603", "/v1/divisions/520603/board", "board", `"id":"520603"`},
	{"households", "households --division 520603", "/v1/households?division=520603", "households", `"id":"520603"`},
	{"discrepancies", "discrepancies --division 520603", "/v1/discrepancies?division=520603", "discrepancies", `"id":"520603"`},
	{"targets", "targets 520603", "/v1/divisions/520603/targets", "targets", `"id":"520603"`},
	{"a standing question", "ask 3 --division 520603", "/v1/questions/no-verified-work?division=520603", "question", `"id":"3","options":{"division":"520603"}`},
}

// TestBothAxesOnEveryWay asks every question on both axes over HTTP, NATS and the command line, and gets one answer:
// the facts that count, what is said of days and moments before the first and after the last, and what is refused.
func TestBothAxesOnEveryWay(t *testing.T) {
	n, err := startNode(&session{ctx: t.Context(), err: &bytes.Buffer{}}, nodeConfig{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.close()) })
	ids, between := threeFacts(t, n.url)
	client, err := nats.Connect(n.ledger.ClientURL())
	require.NoError(t, err)
	t.Cleanup(client.Close)
	testDiffOnEveryWay(t, n.url, client, between)
	for _, q := range axesAsked {
		line, path, request := ids.Replace(q.line), ids.Replace(q.path), ids.Replace(q.request)
		for _, pair := range []struct{ asOf, knownAt, says string }{
			{"", "", `"as_of":"` + time.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)},
			{"2020-03-05", "", `"as_of":"2020-03-05"`},
			{"2020-03-05T23:30:00+08:00", "", `"as_of":"2020-03-05"`},
			{"2020-03-05T23:30:00Z", "", `"as_of":"2020-03-06"`},
			{"2020-03-05", between, `"known_at":"` + between + `","definition":"anju-status-1","position":{"ANJU-52":2}`},
			{"1990-01-01", "", "nothing was true yet by that day; the first fact is of 2019-01-01"},
			{"2100-01-01", "", "the day lies ahead"},
			{"2021-01-01", "", "the latest fact is of 2020-03-05"},
			{"2020-03-05", "1990-01-01", "nothing was recorded by that moment"},
			{"2020-03-05", "1970-01-01T08:00:00+08:00", "nothing was recorded by that moment"},
			{"2020-03-05", "2100-01-01", "the moment is after the last record"},
			{"2021-02-30", "", `"field":"as_of","value":"2021-02-30","rule":{"zh":"日历上没有这一天`},
			{"9999-12-31T00:00:00Z", "", "of the years 1600 to 2999"},
			{"yesterday", "", `"field":"as_of","value":"yesterday","rule":{"zh":"时间写作`},
			{"2021-06-30T10:00:00+09:00", "", `"field":"as_of","value":"2021-06-30T10:00:00+09:00","rule":{"zh":"时刻须注明时区`},
			{"2021-06-30T10:00:00", "", "a moment says its zone"},
			{"2020-03-05", "2021-13-01", `"field":"known_at","value":"2021-13-01","rule":{"zh":"日历上没有这一天`},
			{"2020-03-05", "now", `"field":"known_at","value":"now","rule":{"zh":"时间写作`},
			{"2020-03-05", "2021-06-30T10:00:00-05:00", "a moment says its zone"},
		} {
			what := fmt.Sprintf("%s as_of=%s known_at=%s", q.name, pair.asOf, pair.knownAt)
			axes := neturl.Values{}
			args, members := strings.Fields(line), request
			for _, axis := range [][2]string{{"as_of", pair.asOf}, {"known_at", pair.knownAt}} {
				if axis[1] == "" {
					continue
				}
				axes.Set(axis[0], axis[1])
				args = append(args, "--"+strings.ReplaceAll(axis[0], "_", "-"), axis[1])
				members += `,"` + axis[0] + `":"` + axis[1] + `"`
			}
			address := path + "?" + axes.Encode()
			if strings.Contains(path, "?") {
				address = path + "&" + axes.Encode()
			}
			want := body(t, n.url+address)
			require.Contains(t, want, pair.says, what)
			reply, err := client.Request("anju.status."+q.subject, []byte("{"+members+"}"), 10*time.Second)
			require.NoError(t, err, what)
			require.Equal(t, want, string(reply.Data), "%s over NATS", what)
			if q.line != "" {
				code, out, message := anju(t, append(args, "--json", "--server", n.url)...)
				require.Equal(t, want, out, "%s by command: %s", what, message)
				require.Equal(t, strings.Contains(want, `"status":400`), code == exitFailed, what)
			}
		}
	}
}

// testDiffOnEveryWay compares on one axis and the other; ranges are refused alike.
func testDiffOnEveryWay(t *testing.T, url string, client *nats.Conn, between string) {
	for _, pair := range []struct{ asOf, knownAt, says, total string }{
		{"2020-03-05", between + "..", `"differ":1,`, ""},
		{"2020-03-04..2020-03-05", "", `"differ":2,`, ""},
		{"2020-03-05..2020-08-01", between, `"passed":{"day":"2020-06-03","rule":"no_home_days","value":"90"`, ""},
		{"1990-01-01..2020-03-05", "", "nothing was true yet by that day", ""},
		{"2020-03-05", "1990-01-01..2100-01-01", "the moment is after the last record", ""},
		{"2021-02-30..2021-03-05", "", "日历上没有这一天", ""},
		{"2020-03-05", "2021-06-30T10:00:00+09:00..", "a moment says its zone", ""},
		{"2020-03-05..2020-03-04", "", "A is not after B", ""},
		{"2020-03-05", "", "exactly one of as_of and known_at is a range", ""},
		{"2020-03-05", between + "..", `"from":1,"to":2,"grew":1,"shrank":0,"differ":1,`, "households"},
		{"2020-03-04..2020-03-05", "", `"type":"household.registered"`, "households_poor"},
		{"2020-03-04..2020-03-05", "", "one of: cases cases_cleared communities", "luck"},
	} {
		axes := neturl.Values{"as_of": {pair.asOf}}
		args, request := []string{"diff", "520603", "--as-of", pair.asOf}, `{"id":"520603","as_of":"`+pair.asOf+`"`
		if pair.knownAt != "" {
			axes.Set("known_at", pair.knownAt)
			args, request = append(args, "--known-at", pair.knownAt), request+`,"known_at":"`+pair.knownAt+`"`
		}
		if pair.total != "" {
			axes.Set("total", pair.total)
			args, request = append(args, "--total", pair.total), request+`,"total":"`+pair.total+`"`
		}
		want := body(t, url+"/v1/divisions/520603/diff?"+axes.Encode())
		require.Contains(t, want, pair.says, "%v", pair)
		reply, err := client.Request("anju.status.diff", []byte(request+"}"), 10*time.Second)
		require.NoError(t, err)
		require.Equal(t, want, string(reply.Data), "%v over NATS", pair)
		_, out, message := anju(t, append(args, "--json", "--server", url)...)
		require.Equal(t, want, out, "%v by command: %s", pair, message)
		testEventsOfATotal(t, url, want)
	}
}

// testEventsOfATotal: each event that a total names can be asked for.
func testEventsOfATotal(t *testing.T, url, answer string) {
	var d projections.DiffAnswer
	require.NoError(t, json.Unmarshal([]byte(answer), &d))
	if d.Total == nil {
		return
	}
	require.NotEmpty(t, d.Total.Shares)
	for _, row := range d.Total.Shares {
		for _, e := range row.Events {
			require.Contains(t, body(t, url+"/v1/events/"+e.Event.String()), `"type":"`+e.Type+`"`)
		}
	}
}

// threeFacts records a community, a household in it and a second one, the last after a moment; every fact of the last
// is of the same day as the first's.
func threeFacts(t *testing.T, url string) (ids *strings.Replacer, between string) {
	t.Helper()
	record := func(department, body string) map[string]string {
		resp, err := http.Post(url+"/v1/events?department="+department+"&division=520603", "application/json", strings.NewReader(body))
		require.NoError(t, err)
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		var made struct{ IDs map[string]string }
		require.NoError(t, json.Unmarshal(answer, &made, json.MatchCaseInsensitiveNames(true)))
		require.NotEmpty(t, made.IDs, string(answer))
		return made.IDs
	}
	community := record("civil", `{"type":"community.established","key":"c/1","time":"2019-01-01","data":{"code":"X1","name":"甲社区","kind":"town","form":"own_committee"}}`)
	register := `{"type":"household.registered","key":"h/%d","time":"2020-03-05","data":{"number":"52060300000%d","category":"poor","members":[{"number":"5206030000010%d","name":"某甲","relation":"head"}]}}`
	first := record("rural", fmt.Sprintf(register, 1, 1, 1))
	for _, id := range []string{first["/subject"], first["/data/members/0/person"], community["/data/community"]} {
		require.NotEmpty(t, id, "%v %v", first, community)
	}
	last := time.Now()
	require.Eventually(t, func() bool { return time.Since(last) > 3*time.Millisecond }, time.Second, time.Millisecond)
	between = last.Add(2 * time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z")
	record("rural", fmt.Sprintf(register, 2, 2, 2))
	code, _, message := anju(t, "board", "52", "--server", url, "--at-least", "ANJU-52:3")
	require.Equal(t, exitDone, code, message)
	return strings.NewReplacer("$h", first["/subject"], "$p", first["/data/members/0/person"], "$c", community["/data/community"]), between
}
