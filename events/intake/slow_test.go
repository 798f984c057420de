package intake

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// dial opens a connection to a server and sends the head of a request for events.
func dial(t *testing.T, server *httptest.Server, path, media string, length int) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	_, err = fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", path, media, length)
	require.NoError(t, err)
	return c
}

// answered reads the answer of a connection, whose status it returns; it comes within ten seconds.
func answered(t *testing.T, c net.Conn) (status int, body string) {
	t.Helper()
	require.NoError(t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(b)
}

const hrssEvents = "/v1/events?department=hrss&division=520603"

func TestASlowClientIsCutOffAndNobodyElseWaits(t *testing.T) {
	d, server, _ := testImports(t)
	d.readWait = 200 * time.Millisecond
	events := httptest.NewServer(d.Handler())
	defer events.Close()
	accepted(t, d, rural(), household)
	line := placed + "\n"

	silent := dial(t, events, hrssEvents, "application/json", 1000)
	_, err := io.WriteString(silent, placed[:50])
	require.NoError(t, err)
	stream := dial(t, events, hrssEvents, "application/x-ndjson", 1000)
	_, err = io.WriteString(stream, line+placed[:50])
	require.NoError(t, err)
	file := dial(t, server, "/v1/imports?division=520603", "text/csv", 1000)
	_, err = io.WriteString(file, "社区编码")
	require.NoError(t, err)
	trickle := dial(t, events, hrssEvents, "application/json", 100_000)
	stop := time.NewTicker(20 * time.Millisecond) // always something new, and never done
	defer stop.Stop()
	go func() {
		for range stop.C {
			if _, err := io.WriteString(trickle, " "); err != nil {
				return
			}
		}
	}()

	status, answer := post(t, d, "department=hrss&division=520603", "application/json", strings.NewReader(strings.Replace(placed, "job/1", "job/2", 1)))
	require.Equal(t, 201, status, answer)
	for name, c := range map[string]net.Conn{"silent": silent, "file": file, "trickle": trickle} {
		status, answer := answered(t, c)
		require.Equal(t, 408, status, "%s: %s", name, answer)
		require.Contains(t, answer, "没有及时送达", name)
	}
	status, answer = answered(t, stream)
	require.Equal(t, 200, status)
	lines := strings.Split(strings.TrimSpace(answer), "\n")
	require.Len(t, lines, 3, "the whole line has its receipt, the broken one its refusal: %s", answer)
	require.Contains(t, lines[0], `"position"`)
	require.Contains(t, lines[2], `"status":408`)
	require.Equal(t, uint64(3), d.directory.Position(52))
}

func TestALongUploadThatComesSteadilyIsNotCutOff(t *testing.T) {
	d := testDoor(t)
	d.readWait = 300 * time.Millisecond
	accepted(t, d, rural(), household)
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	const pieces, each = 12, 64 << 10
	c := dial(t, server, hrssEvents, "application/json", pieces*each+len(placed))
	steady := time.NewTicker(100 * time.Millisecond)
	defer steady.Stop()
	for range pieces { // four times the wait
		<-steady.C
		_, err := io.WriteString(c, strings.Repeat(" ", each))
		require.NoError(t, err)
	}
	_, err := io.WriteString(c, placed)
	require.NoError(t, err)
	status, answer := answered(t, c)
	require.Equal(t, 413, status, "it came whole: %s", answer)
	require.Contains(t, answer, "32 KiB")
}

func TestAConnectionServesTheNextRequestAfterAStream(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), household)
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	in := bufio.NewReader(c)
	for i, media := range []string{"application/x-ndjson", "application/json", "application/x-ndjson", "application/json"} {
		_, err = fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s\n", hrssEvents, media, len(placed)+1, placed)
		require.NoError(t, err)
		res, err := http.ReadResponse(in, nil)
		require.NoError(t, err)
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Contains(t, string(b), `"position":"ANJU-52:2"`, "request %d", i)
	}
}
