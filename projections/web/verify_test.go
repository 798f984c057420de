package web

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

func TestARunningLedgerVerifiesItself(t *testing.T) {
	s := serveCounty(t)
	status, media, body := s.ask(t, "POST", "/v1/ledger/verify?stream=ANJU-52", "", "")
	require.Equal(t, 200, status)
	require.Equal(t, "application/x-ndjson", media)
	lines := strings.Split(strings.TrimSpace(body), "\n")
	require.GreaterOrEqual(t, len(lines), 2)
	var last, first verifyStep
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &first))
	require.NotNil(t, last.Report)
	require.True(t, last.Report.OK, last.Report.Findings)
	durable := s.ledger.Streams()[0].Durable
	require.Equal(t, durable, last.Report.Events)
	require.Equal(t, durable, first.All)

	status, _, body = s.ask(t, "GET", "/v1/events/ANJU-52:7/verify", "", "")
	require.Equal(t, 200, status)
	require.Contains(t, body, `"ok":true`)
	require.Contains(t, body, `"proved":true`)
	for address, want := range map[string]int{
		"GET /v1/events/ANJU-52:0": 404, "GET /v1/events/6cddbe1f-675d-80d7-8801-cbb789d5990e": 404, "GET /v1/events/soon": 400, "POST /v1/events/ANJU-52:7": 405,
		"GET /v1/events/ANJU-52:0/verify": 404, "GET /v1/events/ANJU-52:99999999/verify": 404, "GET /v1/events/soon/verify": 400,
		"POST /v1/ledger/verify": 404, "POST /v1/ledger/verify?stream=ANJU-53": 404, "POST /v1/ledger/verify?stream=x": 404, "GET /v1/ledger/verify": 405,
	} {
		method, path, _ := strings.Cut(address, " ")
		status, media, body := s.ask(t, method, path, "", "")
		require.Equal(t, want, status, address)
		require.Equal(t, "application/problem+json", media, address)
		require.Contains(t, body, `"zh":`)
	}
}
