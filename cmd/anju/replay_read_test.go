package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events"
)

// manyHouseholds are submissions of n households.
func manyHouseholds(n int) []byte {
	var lines []byte
	for i := range n {
		lines = fmt.Appendf(lines, `{"type":"household.registered","key":"register/%d","time":"2018-09-%02d","division":"520603003","data":{"category":"poor","members":[{"name":"某甲","relation":"head"}]}}`+"\n", i, 1+i%28)
	}
	return lines
}

// cutting stands before a server and breaks each answer off in the middle of a line after a few.
func cutting(t *testing.T, url string, after int) (cut string, answers *int) {
	t.Helper()
	answers = new(int)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, answer, err := ask(r.Context(), r.Method, url+r.URL.String(), "", nil)
		if err != nil || status != http.StatusOK || r.URL.Path != "/v1/events" {
			w.WriteHeader(status)
			_, _ = w.Write(answer)
			return
		}
		*answers++
		lines := bytes.SplitAfterN(answer, []byte("\n"), after+1)
		if len(lines) <= after {
			_, _ = w.Write(answer)
			return
		}
		lines[after] = lines[after][:min(100, len(lines[after]))]
		_, _ = w.Write(bytes.Join(lines, nil))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL, answers
}

// TestAReplayThatIsCutGoesOn: as a server cuts a client that kept its pace, or was paused, for long.
func TestAReplayThatIsCutGoesOn(t *testing.T) {
	url := serveFolder(t, t.TempDir())
	_, _, err := ask(t.Context(), http.MethodPost, url+"/v1/events?department=rural&division=520603", "application/x-ndjson", manyHouseholds(25))
	require.NoError(t, err)
	_, all, err := ask(t.Context(), http.MethodGet, url+"/v1/events", "", nil)
	require.NoError(t, err)
	require.Equal(t, 25, bytes.Count(all, []byte("\n")))
	for name, flags := range map[string][]string{"printed": nil, "played": {"--speed", "1e9"}} {
		cut, answers := cutting(t, url, 7)
		code, out, message := anju(t, append([]string{"replay", "--server", cut}, flags...)...)
		require.Equal(t, exitDone, code, message)
		require.Equal(t, string(all), out, name)
		require.Equal(t, 4, *answers)
	}
	cut, _ := cutting(t, url, 0)
	for _, flags := range [][]string{nil, {"--speed", "1e9"}} {
		code, _, message := anju(t, append([]string{"replay", "--server", cut}, flags...)...)
		require.Equal(t, exitFailed, code, "a server that gives nothing is not asked for ever")
		require.Contains(t, message, "unexpected EOF")
	}
}

func TestAnAnswersLastLineSaysWhyThereAreNoMore(t *testing.T) {
	none := func(*events.Event, []byte) error { return nil }
	require.ErrorIs(t, eachEvent(strings.NewReader(`{"specversion"`), none), errCut)
	require.ErrorIs(t, eachEvent(strings.NewReader(`{"specversion"`), none), io.ErrUnexpectedEOF)
	require.NoError(t, eachEvent(strings.NewReader("\n\n"), none), "empty lines keep a connection open")
	require.ErrorContains(t, eachEvent(strings.NewReader(problemLine+`://x","title":"a","rule":{"zh":"不能读","en":"cannot be read"}}`+"\n"), none), "cannot be read")
}

func TestPositionsAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]string{"": "", "ANJU-52:7": "ANJU-52:7", "ANJU-53:1,ANJU-52:18446744073709551615": "ANJU-52:18446744073709551615,ANJU-53:1"} {
		at, err := parsePosition(text)
		require.NoError(t, err)
		require.Equal(t, want, at.String())
	}
	for _, wrong := range []string{"x", "ANJU-52", "ANJU-52:", "ANJU-52:-1", "52:1"} {
		_, err := parsePosition(wrong)
		require.ErrorContains(t, err, "--after")
	}
}
