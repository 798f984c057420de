package main

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// remembering runs a command line whose session remembers in a file.
func remembering(t *testing.T, state string, args ...string) (code int, out, message string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(&session{ctx: t.Context(), in: &bytes.Buffer{}, out: &stdout, err: &stderr, state: state}, args)
	return code, stdout.String(), stderr.String()
}

// recordIn records into a folder that nobody serves.
func recordIn(t *testing.T, dir, department, event string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "event")
	require.NoError(t, os.WriteFile(file, []byte(event), 0o600))
	code, out, message := anju(t, "record", "--dir", dir, "--department", department, "--division", "520603", file)
	require.Equal(t, exitDone, code, out+message)
}

func copyFolder(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, exec.CommandContext(t.Context(), "cp", "-a", dir, to).Run())
	return to
}

// front is an address behind which one folder after another is served.
type front struct {
	url string
	to  *url.URL
}

func newFront(t *testing.T) *front {
	f := &front{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		httputil.NewSingleHostReverseProxy(f.to).ServeHTTP(w, q)
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// serve serves a folder behind the address, until stop.
func (f *front) serve(t *testing.T, dir string, flags ...string) (stop func()) {
	t.Helper()
	lines, end, ended := started(t, append([]string{"serve", "--dir", dir, "--listen", "127.0.0.1:0", "--nats-port", "0"}, flags...)...)
	var err error
	f.to, err = url.Parse(serving(t, lines, "HTTP"))
	require.NoError(t, err)
	serving(t, lines, "NATS")
	return func() {
		end()
		require.Equal(t, exitDone, <-ended)
	}
}

// TestACommandRemembersTheLedger puts a whole folder back: the ledger itself does not notice it without a witness;
// who asked it before does.
func TestACommandRemembersTheLedger(t *testing.T) {
	register, job, _ := strings.Cut(twoEvents, "\n")
	dir, state := t.TempDir(), filepath.Join(t.TempDir(), "state")
	recordIn(t, dir, "rural", register)
	backup := copyFolder(t, dir)
	f := newFront(t)
	stop := f.serve(t, dir)
	code, _, message := remembering(t, state, "ledger", "--server", f.url)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, message, "首次见到此账本")
	stop()
	recordIn(t, dir, "hrss", job)
	stop = f.serve(t, dir)
	code, _, message = remembering(t, state, "ledger", "--server", f.url)
	require.Equal(t, exitDone, code, message)
	require.Empty(t, message, "it grew")
	stop()

	stop = f.serve(t, backup)
	for _, command := range [][]string{{"replay"}, {"status", "h000000000000"}} {
		code, out, message := remembering(t, state, append(command, "--server", f.url)...)
		require.Equal(t, exitDiffers, code, message)
		require.Empty(t, out)
		require.Contains(t, message, "2 events were seen, 1 are there")
		require.Contains(t, message, "anju book trust")
	}
	code, out, message := remembering(t, state, "ledger", "--server", f.url)
	require.Equal(t, exitDiffers, code, message)
	require.Contains(t, out, "告警 alarm", "what stops the ledger is shown all the same")
	require.Contains(t, message, "2 events were seen, 1 are there")
	require.Contains(t, message, "not the one seen before")
	code, out, message = remembering(t, state, "book", "trust", "--server", f.url)
	require.Equal(t, exitFailed, code)
	require.Contains(t, out, "NOT all that was seen is there")
	require.Contains(t, message, "--yes")
	code, _, message = remembering(t, state, "book", "trust", "--yes", "--server", f.url)
	require.Equal(t, exitDone, code, message)
	code, _, message = remembering(t, state, "ledger", "--server", f.url)
	require.Equal(t, exitDone, code, message)
	stop()

	stop = f.serve(t, t.TempDir())
	code, _, message = remembering(t, state, "ledger", "--server", f.url)
	require.Equal(t, exitDiffers, code, message)
	require.Contains(t, message, "ANJU-52")
	stop()
}

func TestWhereCheckpointsAreRemembered(t *testing.T) {
	none := func(string) string { return "" }
	require.Equal(t, filepath.Join("x", "anju", "ledgers.json"), stateOf(none, func() (string, error) { return "x", nil }))
	require.Equal(t, "here", stateOf(func(name string) string { require.Equal(t, "ANJU_STATE", name); return "here" }, nil))
	require.Empty(t, stateOf(none, func() (string, error) { return "", os.ErrNotExist }))
}

// TestAnotherLedgerAtTheAddress: a demo at the port of an earlier one runs, since a demo remembers
// nothing; who asked the first and then the second is told what happened, and the very command that
// goes on.
func TestAnotherLedgerAtTheAddress(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	for range 2 {
		code, _, message := remembering(t, state, "demo", "--once", "--listen", free.Addr().String())
		require.Equal(t, exitDone, code, message)
		require.NotContains(t, message, "账本与先前所见不符")
	}
	require.NoFileExists(t, state)

	register, _, _ := strings.Cut(twoEvents, "\n")
	f := newFront(t)
	for i := range 2 {
		dir := t.TempDir()
		recordIn(t, dir, "rural", register)
		stop := f.serve(t, dir)
		code, _, message := remembering(t, state, "ledger", "--server", f.url)
		if i == 0 {
			require.Equal(t, exitDone, code, message)
		} else {
			require.Equal(t, exitDiffers, code, message)
			require.Contains(t, message, "such as another anju demo")
			require.Contains(t, message, "anju book trust --server "+f.url+" --yes")
			code, _, message = remembering(t, state, "book", "trust", "--server", f.url, "--yes")
			require.Equal(t, exitDone, code, message)
			code, _, message = remembering(t, state, "ledger", "--server", f.url)
			require.Equal(t, exitDone, code, message)
		}
		stop()
	}
}
