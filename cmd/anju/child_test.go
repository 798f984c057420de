package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// servedFolder, when set, makes the test binary a child process that serves the folder. With
// killedAt ("sync:20") it kills itself when the ledger comes to that step the 20th time; the streams lie on
// the NATS server servedFrom, when that is set; servedWith is one more flag of its command line.
const (
	servedFolder = "ANJU_TEST_SERVED_FOLDER"
	killedAt     = "ANJU_TEST_KILLED_AT"
	servedFrom   = "ANJU_TEST_SERVED_FROM"
	servedWith   = "ANJU_TEST_SERVED_WITH"
)

// TestServesAFolderAsAChild is no test of its own: it is what startChild runs.
func TestServesAFolderAsAChild(t *testing.T) {
	dir := os.Getenv(servedFolder)
	if dir == "" {
		t.Skip("runs as a child of other tests")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s := &session{ctx: ctx, in: &bytes.Buffer{}, out: os.Stdout, err: os.Stderr, steps: killItself(t, os.Getenv(killedAt))}
	line := []string{"serve", "--dir", dir, "--listen", "127.0.0.1:0", "--nats-port", "0"}
	if url := os.Getenv(servedFrom); url != "" {
		line = append(line, "--nats", url, "--synced")
	}
	if flag := os.Getenv(servedWith); flag != "" {
		line = append(line, flag)
	}
	require.Equal(t, exitDone, run(s, line))
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

// killItself ends this process as kill -9 does, at a step's nth time.
func killItself(t *testing.T, at string) func(step string) {
	step, times, found := strings.Cut(at, ":")
	if !found {
		return nil
	}
	left, err := strconv.ParseInt(times, 10, 64)
	require.NoError(t, err)
	var count atomic.Int64
	return func(now string) {
		if now != step || count.Add(1) != left {
			return
		}
		fmt.Fprintf(os.Stderr, "killed at %s\n", at)
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal comes
	}
}

// startChild serves the folder in a child process, whose temporary files lie in temp.
func startChild(t *testing.T, dir, temp string) *child {
	t.Helper()
	c := tryChild(t, dir, temp)
	require.True(t, c.serves(), "the child ended early: %s", c.logs)
	return c
}

// tryChild is startChild for a folder that may be refused.
func tryChild(t *testing.T, dir, temp string, environment ...string) *child {
	t.Helper()
	c := &child{cmd: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestServesAFolderAsAChild$"), logs: &lockedBuffer{}}
	c.cmd.Env = append(append(os.Environ(), servedFolder+"="+dir, "TMPDIR="+temp), environment...)
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
				break
			}
		}
		close(ready)
		_, _ = io.Copy(c.logs, out)
	})
	<-ready
	return c
}

// serves says that the child came so far that it printed its addresses.
func (c *child) serves() bool { return c.nats != "" }

// stop ends the child as an operator does, and waits for it.
func (c *child) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	c.done.Wait()
	require.NoError(t, c.cmd.Wait(), c.logs.String())
}

// gone waits for a child that ends by itself, and returns its end.
func (c *child) gone() *os.ProcessState {
	c.done.Wait()
	_ = c.cmd.Wait() // the state tells
	return c.cmd.ProcessState
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
