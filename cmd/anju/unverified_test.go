package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAReplayThatEndsEarlySaysWhy replays from a server that meets an event which no copy proves:
// the events before it come out, the problem is told, and the exit code is not that of an end.
func TestAReplayThatEndsEarlySaysWhy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"specversion":"1.0","sequence":"1"}`+"\n"+`{"specversion":"1.0","sequence":"2"}`+"\n"+
			`{"type":"https://anju-ledger.github.io/problems/unverified","status":503,"title":"该处记录未经证实 / What is recorded there is unverified","names":{"zh":"该处记录未经证实","en":"What is recorded there is unverified"},"field":"position","value":"ANJU-52:3-9","rule":{"zh":"规则","en":"the rule"},"fix":{"zh":"办法","en":"the way out"}}`+"\n")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	code, out, message := anju(t, "replay", "--server", server.URL)
	require.Equal(t, exitFailed, code, message)
	require.Equal(t, `{"specversion":"1.0","sequence":"1"}`+"\n"+`{"specversion":"1.0","sequence":"2"}`+"\n", out)
	require.Contains(t, message, "ANJU-52:3-9")
	require.Contains(t, message, "the way out")
}
