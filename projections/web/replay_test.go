package web

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// serveAPI serves an empty ledger by an API that the test has set.
func serveAPI(t *testing.T, set func(*API)) (*events.Ledger, *API, *httptest.Server) {
	t.Helper()
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	views := projections.New(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters())
	api := New(ledger, views, time.Now)
	set(api)
	server := httptest.NewUnstartedServer(api.Handler())
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		_ = c.(*net.TCPConn).SetWriteBuffer(4096) // a client that takes nothing is soon noticed
		return ctx
	}
	server.Start()
	t.Cleanup(func() {
		views.Close()
		server.CloseClientConnections()
		server.Close()
		require.NoError(t, ledger.Close())
	})
	return ledger, api, server
}

func TestAStreamThatHasNothingToTellBeats(t *testing.T) {
	ledger, _, server := serveAPI(t, func(a *API) { a.beat = 5 * time.Millisecond })
	resp, err := http.Get(server.URL + "/v1/events?follow=true")
	require.NoError(t, err)
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	require.True(t, lines.Scan())
	require.Empty(t, lines.Text(), "an empty line keeps the way open")
	appendKeys(t, ledger, "520603", "a") // founds its stream while it is followed
	for lines.Scan() && lines.Text() == "" {
		continue
	}
	require.Contains(t, lines.Text(), `"key":"a"`)
}

// TestAClientThatTakesNothingIsLeft: it holds up neither recording nor other followers, and its
// connection ends.
func TestAClientThatTakesNothingIsLeft(t *testing.T) {
	ledger, api, server := serveAPI(t, func(a *API) { a.slow = 100 * time.Millisecond })
	appendKeys(t, ledger, "520603", "first")
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4096))
	_, err = conn.Write([]byte("GET /v1/events?follow=true HTTP/1.1\r\nHost: a\r\n\r\n"))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return followers(t, server) == 1 }, 10*time.Second, time.Millisecond)

	other, err := http.Get(server.URL + "/v1/events?follow=true")
	require.NoError(t, err)
	defer other.Body.Close()
	lines := bufio.NewScanner(other.Body)
	require.True(t, lines.Scan())
	for round := 0; followers(t, server) == 2; round++ { // until the buffers of its connection are full
		require.Less(t, round, 1000, "it is never left")
		drafts := make([]events.Draft, 200)
		for i := range drafts {
			drafts[i] = draft{strconv.Itoa(round*len(drafts) + i), "520603"}
		}
		_, err := ledger.Append(t.Context(), 52, false, drafts)
		require.NoError(t, err)
		for range drafts {
			require.True(t, lines.Scan(), "the other follower gets all of it")
		}
	}
	require.Equal(t, 1, followers(t, server))
	require.NotNil(t, api)
}

// followers reads how many clients follow off GET /metrics.
func followers(t *testing.T, server *httptest.Server) int {
	t.Helper()
	_, lines := get(t, server.URL+"/metrics")
	for _, line := range lines {
		if n, found := strings.CutPrefix(line, "anju_http_followers "); found {
			count, err := strconv.Atoi(n)
			require.NoError(t, err)
			return count
		}
	}
	t.Fatal("no such figure")
	return 0
}

func TestMetricsNameStreamsAndRoutesOnly(t *testing.T) {
	ledger, _, server := serveAPI(t, func(*API) {})
	appendKeys(t, ledger, "520603", "a", "b")
	get(t, server.URL+"/v1/households?at_least=ANJU-52:2")
	get(t, server.URL+"/v1/households/"+number+"?division=520603")
	get(t, server.URL+"/nowhere/"+number)
	_, lines := get(t, server.URL+"/metrics")
	text := strings.Join(lines, "\n")
	for _, figure := range []string{
		`anju_stream_durable_position{stream="ANJU-52"} 2`, `anju_view_position{stream="ANJU-52"} 2`, `anju_view_lag_events{stream="ANJU-52"} 0`,
		`anju_stream_foreign_entries{stream="ANJU-52"} 0`, `anju_stream_alarm{stream="ANJU-52"} 0`, `anju_views_follow 1`, `anju_views_caught_up 1`, `anju_view_lines_waiting `,
		`anju_events_recorded_total{stream="ANJU-52"} 2`, `anju_groups_committed_total{stream="ANJU-52"} 2`, `anju_requests_waiting{stream="ANJU-52"} 0`,
		`anju_http_request_duration_seconds_count{route="GET /v1/households/{id}",status="4xx"} 1`,
		`anju_http_request_duration_seconds_count{route="other",status="4xx"} 1`, `go_goroutines `,
	} {
		require.Contains(t, text, figure)
	}
	require.NotContains(t, text, number)
}
