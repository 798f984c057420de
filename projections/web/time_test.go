package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// TestEveryQuestionIsAskedOnBothAxes registers two households, months apart, both of the same day in
// the world, and asks what was known in between.
func TestEveryQuestionIsAskedOnBothAxes(t *testing.T) {
	var now atomic.Int64
	clock := func() time.Time { return time.UnixMilli(now.Load()) }
	set := func(day string) {
		at, err := time.Parse(time.RFC3339, day+"T10:00:00+08:00")
		require.NoError(t, err)
		now.Store(at.UnixMilli())
	}
	set("2021-03-01")
	ledger, err := events.Open(t.Context(), events.Config{Clock: clock})
	require.NoError(t, err)
	views := projections.New(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters())
	server := httptest.NewServer(New(ledger, views, clock).Handler())
	t.Cleanup(func() {
		views.Close()
		server.Close()
		require.NoError(t, ledger.Close())
	})
	ask := func(path string, answer any) string {
		resp, lines := get(t, server.URL+path)
		require.Equal(t, http.StatusOK, resp.StatusCode, "%s %s", path, lines)
		require.NoError(t, json.Unmarshal([]byte(lines[0]), answer))
		return lines[0]
	}
	for n, day := range []string{"2021-03-01", "2021-05-01"} {
		set(day)
		outcomes, err := ledger.Append(t.Context(), 52, false, []events.Draft{register{draft{day, "520603001"}, uint64(n + 1)}})
		require.NoError(t, err)
		require.NoError(t, outcomes[0].Err)
	}
	set("2021-06-01")
	households := func(pair string) int {
		var b projections.BoardAnswer
		ask("/v1/divisions/520603/board?at_least=ANJU-52:2&"+pair, &b)
		var l projections.HouseholdList
		ask("/v1/households?"+pair, &l)
		require.Equal(t, b.Households, len(l.Households), pair)
		require.EqualValues(t, b.Households, b.Totals["households"], pair)
		return b.Households
	}
	for pair, want := range map[string]int{
		"": 2, "as_of=2020-03-05": 2, "as_of=2020-03-04": 0, "at=2020-03-05": 2,
		"known_at=2021-02-28": 0, "known_at=2021-03-01T09:59:59%2B08:00": 0, "known_at=2021-03-01T10:00:00%2B08:00": 1, "known_at=2021-03-01T02:00:00Z": 1,
		"known_at=2021-03-01": 1, "known_at=2021-04-30": 1, "known_at=2021-05-01": 2, "known_at=2031-01-01": 2, "known_at=2021-04-30&as_of=2020-03-04": 0,
	} {
		require.Equal(t, want, households(pair), pair)
	}
	var d projections.DiffAnswer
	ask("/v1/divisions/520603/diff?known_at=2021-04-30..", &d)
	require.Equal(t, 1, d.Differ)
	require.Equal(t, []projections.Transition{{Dimension: "state", From: "absent", To: "in_crisis", Households: 1}}, d.Transitions)
	require.Len(t, d.Households[0].Events, 1, "the registration that was recorded in between")
	require.Equal(t, "household.registered", d.Households[0].Events[0].Type)
	registration := d.Households[0].Events[0]
	ask("/v1/divisions/520603/diff?known_at=2021-04-30..&total=households", &d)
	require.Empty(t, d.Households, "the page is the total's")
	require.Equal(t, &projections.TotalDiff{
		Key: "households", Label: domain.Text{ZH: "搬迁户", EN: "households"}, From: 1, To: 2, Grew: 1, Differ: 1, Shares: []projections.ShareRow{{
			Home: registration.Home, To: 1, ShareTurns: projections.ShareTurns{Events: []projections.ShareEvent{{Entry: registration, Amount: 1, Share: 1}}},
		}},
	}, d.Total)
	d = projections.DiffAnswer{}
	ask("/v1/divisions/520603/diff?as_of=2020-03-05..2021-05-01&known_at=2021-04-30", &d)
	require.Equal(t, 1, d.Differ, "time alone: nobody has a home for 90 days")
	require.Empty(t, d.Households[0].Events)
	states := d.Households[0].Changes[0]
	require.Equal(t, &domain.Passing{
		Day: domain.MakeDay(2020, 6, 3), Rule: "no_home_days", Value: "90", Events: states.Passed.Events,
		Reason: domain.Text{ZH: "收入情况未知 → 无房满90天且无核实就业", EN: "income is unknown → no home for 90 days and nobody in verified work"},
	}, states.Passed, "ninety days after the fifth of March, from when nobody had a home")
	second := "/v1/households/" + domain.MintEntity(domain.HouseholdKind, 2).String()
	var a projections.HouseholdAnswer
	body := ask(second+"?known_at=2021-04-30", &a)
	require.Equal(t, domain.NotRegistered, a.State)
	require.Contains(t, body, `"as_of":"2021-06-01","known_at":"2021-04-30T15:59:59.999Z","definition":"anju-status-1","position":{"ANJU-52":1},"lag":{"ANJU-52":0}}`)
	body = ask(second, &a)
	require.Equal(t, domain.InCrisis, a.State, "no home for more than 90 days")
	require.Contains(t, body, `"known_at":"2021-05-01T02:00:00.000Z"`, "when the newest of what counts was recorded")
	var line projections.TimelineAnswer
	ask(second+"/timeline?known_at=2021-04-30", &line)
	require.Empty(t, line.Entries)
	ask(second+"/timeline?known_at=2021-05-01", &line)
	require.Len(t, line.Entries, 1)
	for pair, note := range map[string]string{
		"known_at=2021-02-28": "nothing was recorded by that moment; the first record is of 2021-03-01T02:00:00.000Z", "known_at=2021-05-02": "after the last record", "as_of=2021-06-02": "the day lies ahead",
		"as_of=2020-03-06": "the latest fact is of 2020-03-05", "as_of=2021-06-03": "the latest fact is of 2020-03-05",
	} {
		require.Contains(t, ask("/v1/divisions/52/board?"+pair, &projections.BoardAnswer{}), note, pair)
	}
	require.NotContains(t, ask("/v1/divisions/52/board", &projections.BoardAnswer{}), "latest fact", "today is what nobody asked for")
	first := "nothing was true yet by that day; the first fact is of 2020-03-05"
	for _, path := range []string{
		"/v1/divisions/52/board?", "/v1/households?", second + "?", second + "/timeline?", "/v1/discrepancies?", "/v1/divisions/52/targets?", "/v1/questions/1?division=52&",
	} {
		var any map[string]jsontext.Value
		require.Contains(t, ask(path+"as_of=1990-01-01", &any), first, path)
		require.NotContains(t, ask(path+"as_of=2020-03-05", &any), first, path)
	}
	require.Contains(t, ask("/v1/divisions/52/diff?as_of=1990-01-01..2021-05-01", &d), first)
	for path, rule := range map[string]string{
		"/v1/events?since=2021-03-01T10:00:00":                                   "a moment says its zone",
		"/v1/divisions/52/board?at=2021-03-01T10:00:00":                          "a moment says its zone",
		"/v1/events?since=2021-02-30":                                            "there is no such day",
		"/v1/divisions/52/diff?as_of=2021-06-01&known_at=2021-05-01..2021-04-30": "\"field\":\"known_at\"",
		"/v1/divisions/52/diff?known_at=2021-06-02..":                            "left out, B is now",
		"/v1/divisions/52/diff?as_of=2021-06-02..2021-06-01&known_at=2021-05-01": "\"field\":\"as_of\"",
		"/v1/questions/changed-figure?from=2021-06-02":                           "not after known_at",
		"/v1/export?as_of=2021-06-01T10:00:00Z":                                  "a date",
	} {
		resp, lines := get(t, server.URL+path)
		require.Equal(t, http.StatusBadRequest, resp.StatusCode, path)
		require.Contains(t, strings.Join(lines, ""), rule, path)
	}
}
