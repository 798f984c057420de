package web

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// draft is a voided record with a key: the shortest event that needs no entity.
type draft struct {
	key      string
	division domain.Division
}

func (d draft) IDs() map[string]domain.Entity { return nil }

func (d draft) Settle(*events.Index) (*events.Event, *events.Receipt, error) {
	home := domain.MintEntity(domain.HouseholdKind, 7)
	source := domain.Source{Department: "hrss", Division: "520603"}
	fact := &domain.TrainingCompleted{Person: domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, 1)}, Course: "缝纫"}
	data, err := domain.Encode(fact)
	return &events.Event{
		ID: domain.DeriveEventID(source, d.key), Source: source, Type: "training.completed", Version: 1, Subject: home,
		Time: domain.MakeDay(2020, 3, 5).Moment(), Home: events.HomeIn(d.division, home), Division: d.division,
		Key: d.key, Data: data, Fact: fact,
	}, nil, err
}

func serve(t *testing.T) (*events.Ledger, *httptest.Server) {
	t.Helper()
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	views := projections.New(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters())
	server := httptest.NewServer(New(ledger, views, time.Now).Handler())
	t.Cleanup(func() {
		views.Close()
		server.CloseClientConnections()
		server.Close()
		require.NoError(t, ledger.Close())
	})
	return ledger, server
}

func appendKeys(t *testing.T, l *events.Ledger, division domain.Division, keys ...string) {
	t.Helper()
	for _, k := range keys {
		outcomes, err := l.Append(t.Context(), uint8(52), false, []events.Draft{draft{k, division}})
		require.NoError(t, err)
		require.NoError(t, outcomes[0].Err)
	}
}

func get(t *testing.T, url string) (*http.Response, []string) {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	var lines []string
	for scanner := bufio.NewScanner(resp.Body); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return resp, lines
}

func TestEventsAreReplayedByteForByte(t *testing.T) {
	ledger, server := serve(t)
	appendKeys(t, ledger, "520603001501", "a", "b")
	appendKeys(t, ledger, "520602", "c")
	resp, lines := get(t, server.URL+"/v1/events")
	require.Equal(t, "application/x-ndjson", resp.Header.Get("Content-Type"))
	require.Len(t, lines, 3)
	for i, line := range lines {
		e, err := events.Parse([]byte(line))
		require.NoError(t, err)
		require.EqualValues(t, i+1, e.Sequence)
	}
	for query, want := range map[string]int{
		"after=ANJU-52:2": 1, "division=520603": 2, "type=training.completed": 3, "type=job.placed": 0,
		"subject=household/" + domain.MintEntity(domain.HouseholdKind, 7).String(): 3,
		"since=2020-01-01": 3, "since=" + time.Now().Add(time.Hour).UTC().Format(time.RFC3339): 0,
	} {
		_, lines := get(t, server.URL+"/v1/events?"+query)
		require.Len(t, lines, want, query)
	}
}

func TestFollowersGetWhatIsRecordedLater(t *testing.T) {
	ledger, server := serve(t)
	appendKeys(t, ledger, "520603", "a")
	resp, err := http.Get(server.URL + "/v1/events?follow=true")
	require.NoError(t, err)
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	require.True(t, lines.Scan())
	appendKeys(t, ledger, "520603", "b")
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), `"key":"b"`)
}

func TestABoardAndAHouseholdTellWhereTheyWereRead(t *testing.T) {
	ledger, server := serve(t)
	appendKeys(t, ledger, "520603", "a")
	resp, lines := get(t, server.URL+"/v1/divisions/520603/board?at=2021-06-30&at_least=ANJU-52:1")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Contains(t, lines[0], `"position":{"ANJU-52":1}`)
	id := domain.MintEntity(domain.HouseholdKind, 7).String()
	resp, lines = get(t, server.URL+"/v1/households/"+id+"?at=2021-06-30T12:00:00Z")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Contains(t, lines[0], `"lag":{"ANJU-52":0}`)
	require.Contains(t, lines[0], `"state":`)
}

func TestReferenceIsServed(t *testing.T) {
	ledger, server := serve(t)
	appendKeys(t, ledger, "520603", "a")
	for path, part := range map[string]string{
		"/v1/kinds": "title.certificate_issued", "/v1/schemas/job.placed": "wage_fen_month", "/v1/measures": "b5",
		"/v1/parameters": "2020-11-05", "/v1/ledger": `"durable":1`, "/healthz": "ok", "/readyz": "ready",
	} {
		resp, lines := get(t, server.URL+path)
		require.Equal(t, http.StatusOK, resp.StatusCode, path)
		require.Contains(t, lines[0], part, path)
	}
}

func TestAForeignMessageIsToldAndTheDoorIsReady(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{Dir: t.TempDir(), Port: -1, ScrubEvery: time.Second})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	appendKeys(t, ledger, "520603001501", "a")
	_, err = ledger.Conn().Request("anju.52.520603.household.x", []byte("x"), 10*time.Second)
	require.NoError(t, err)
	appendKeys(t, ledger, "520603001501", "b")
	views := projections.New(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters())
	t.Cleanup(views.Close)
	server := httptest.NewServer(New(ledger, views, time.Now).Handler())
	t.Cleanup(server.Close)
	resp, lines := get(t, server.URL+"/readyz")
	require.Equal(t, http.StatusOK, resp.StatusCode, lines)
	_, lines = get(t, server.URL+"/v1/ledger")
	require.Contains(t, lines[0], `"foreign":1,"alarm":"数据流中有 1 条消息不是账本的记录，请查明是谁接触了 JetStream API / messages in the stream that are no events of ours: 1`)
	require.Eventually(t, func() bool {
		_, lines = get(t, server.URL+"/readyz")
		return strings.Contains(lines[0], `"scrubs":[{"stream":"ANJU-52","ended":"20`)
	}, time.Minute, 50*time.Millisecond, "a round is to end, and to be told")
}
