package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// servedFolder, when set, makes the test binary a child process that serves the folder.
const servedFolder = "ANJU_TEST_SERVED_FOLDER"

// TestServesAFolderAsAChild is no test of its own: it is what startChild runs.
func TestServesAFolderAsAChild(t *testing.T) {
	dir := os.Getenv(servedFolder)
	if dir == "" {
		t.Skip("runs as a child of other tests")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s := &session{ctx: ctx, in: &bytes.Buffer{}, out: os.Stdout, err: os.Stderr}
	require.Equal(t, exitDone, run(s, []string{"serve", "--dir", dir, "--listen", "127.0.0.1:0", "--nats-port", "0"}))
}

// child is "anju serve" in a process of its own.
type child struct {
	cmd       *exec.Cmd
	url, nats string
	logs      *lockedBuffer // all that it printed
	done      sync.WaitGroup
}

// lockedBuffer is a buffer that a process writes while a test reads it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer // under mu
}

// Write appends.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String returns what was written.
func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// startChild serves the folder in a child process, whose temporary files lie in temp.
func startChild(t *testing.T, dir, temp string) *child {
	t.Helper()
	c := &child{cmd: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestServesAFolderAsAChild$"), logs: &lockedBuffer{}}
	c.cmd.Env = append(os.Environ(), servedFolder+"="+dir, "TMPDIR="+temp)
	c.cmd.Stderr = c.logs
	out, err := c.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.cmd.Start())
	ready := make(chan struct{})
	c.done.Go(func() {
		lines := bufio.NewScanner(io.TeeReader(out, c.logs))
		for lines.Scan() {
			if url, ok := strings.CutPrefix(lines.Text(), "HTTP  "); ok {
				c.url = url
			}
			if url, ok := strings.CutPrefix(lines.Text(), "NATS  "); ok {
				c.nats = url
				close(ready)
				break
			}
		}
		if c.nats == "" {
			close(ready)
		}
		_, _ = io.Copy(c.logs, out)
	})
	<-ready
	require.NotEmpty(t, c.nats, "the child ended early: %s", c.logs)
	return c
}

// stop ends the child as an operator does, and waits for it.
func (c *child) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	c.done.Wait()
	require.NoError(t, c.cmd.Wait(), c.logs.String())
}

// kill ends the child as kill -9 does.
func (c *child) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Kill())
	c.done.Wait()
	require.Error(t, c.cmd.Wait(), "it was to be killed")
}

// ask sends a request and returns the answer; after a kill there is none.
func ask(ctx context.Context, method, url, media string, body []byte) (status int, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", media)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}
