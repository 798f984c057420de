package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// started runs a command that serves until stop, and returns its output line by line.
func started(t *testing.T, args ...string) (lines *bufio.Scanner, stop context.CancelFunc, ended chan int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended = make(chan int, 1)
	go func() {
		ended <- run(&session{ctx: ctx, in: &bytes.Buffer{}, out: in, err: io.Discard}, args)
		in.Close()
	}()
	t.Cleanup(stop)
	return bufio.NewScanner(out), stop, ended
}

// serving reads lines until one begins with a word, and returns what follows it.
func serving(t *testing.T, lines *bufio.Scanner, word string) string {
	t.Helper()
	for lines.Scan() {
		if rest, found := strings.CutPrefix(lines.Text(), word); found {
			return strings.TrimSpace(rest)
		}
	}
	require.Fail(t, "no line begins with "+word)
	return ""
}

// TestAServerStopsThoughSomebodyFollows: a follower's request never ends by itself.
func TestAServerStopsThoughSomebodyFollows(t *testing.T) {
	lines, stop, ended := started(t, "serve", "--dir", t.TempDir(), "--listen", "127.0.0.1:0", "--nats-port", "0")
	url := serving(t, lines, "HTTP")
	go io.Copy(io.Discard, pipeOf(lines))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v1/events?follow=true", nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	before := time.Now()
	stop()
	require.Equal(t, exitDone, <-ended)
	require.Less(t, time.Since(before), stopWait, "it was the follower's end that was waited for")
}

// pipeOf goes on reading what a scanner reads.
func pipeOf(lines *bufio.Scanner) io.Reader {
	out, in := io.Pipe()
	go func() {
		for lines.Scan() {
			continue
		}
		in.Close()
	}()
	return out
}

// TestAStartTellsWhatStands rolls a folder back that a witness knows: the terminal says so, and nothing else.
func TestAStartTellsWhatStands(t *testing.T) {
	register, job, _ := strings.Cut(twoEvents, "\n")
	dir := t.TempDir()
	recordIn(t, dir, "rural", register)
	backup := copyFolder(t, dir)
	url, key, stop := startWitness(t, t.TempDir(), keyOf(t, dir))
	defer stop()
	recordIn(t, dir, "hrss", job)
	serve := func(dir string) string {
		var stderr bytes.Buffer
		ctx, end := context.WithCancel(t.Context())
		out, in := io.Pipe()
		go func() {
			run(&session{ctx: ctx, in: &bytes.Buffer{}, out: in, err: &stderr}, []string{"serve", "--dir", dir, "--listen", "127.0.0.1:0", "--nats-port", "0", "--witness", url + "=" + key})
			in.Close()
		}()
		lines := bufio.NewScanner(out)
		serving(t, lines, "NATS")
		end()
		for lines.Scan() {
			continue
		}
		return stderr.String()
	}
	require.Empty(t, serve(dir))
	said := serve(backup)
	require.Contains(t, said, "ANJU-52  rolled_back: ")
	require.Contains(t, said, "已停止写入 STANDS STILL")
	require.Contains(t, said, "holds 2 entries, the book here 1")
	require.NotContains(t, said, "unwitnessed")
}

func TestATakenPortIsNamed(t *testing.T) {
	var of net.ListenConfig
	held, err := of.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer held.Close()
	address := held.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	for flag, line := range map[string][]string{
		"--listen":    {"--listen", address, "--nats-port", "0"},
		"--nats-port": {"--listen", "127.0.0.1:0", "--nats-port", port},
	} {
		code, out, message := anju(t, append([]string{"serve", "--dir", t.TempDir()}, line...)...)
		require.Equal(t, exitFailed, code)
		require.Empty(t, out)
		require.Contains(t, message, address+" 已被占用")
		require.Contains(t, message, "choose another by "+flag)
	}
}

func TestAFolderInUseNamesTheWayOut(t *testing.T) {
	dir := registered(t)
	serveFolder(t, dir)
	code, _, message := anju(t, "board", "520603", "--dir", dir)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "--server")
	require.Contains(t, message, "账本目录正被另一进程使用")
	code, _, message = anju(t, "forget", "--dir", dir, "--request-ref", "R", "--legal-basis", "L", "--yes", "pbcdefghjkmnp")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "stop its \"anju serve\"")
}

// TestAStartingServerSaysSo: until the views stand, it lives and is not ready.
func TestAStartingServerSaysSo(t *testing.T) {
	n := &node{}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/v1/divisions/52/board": 503} {
		w := httptest.NewRecorder()
		n.serve(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		require.Equal(t, want, w.Code, path)
		if want == http.StatusServiceUnavailable {
			require.NotEmpty(t, w.Header().Get("Retry-After"))
			require.Contains(t, problemText("", w.Body.Bytes()).Error(), "账本正在启动")
		}
	}
}

// TestAClosedPipeEndsQuietly is "anju replay | head -0".
func TestAClosedPipeEndsQuietly(t *testing.T) {
	dir := registered(t)
	for _, line := range [][]string{{"replay", "--dir", dir}, {"replay", "--follow", "--dir", dir}, {"board", "520603", "--dir", dir}, {"kinds"}} {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		require.NoError(t, r.Close())
		var stderr bytes.Buffer
		code := run(&session{ctx: t.Context(), in: &bytes.Buffer{}, out: w, err: &stderr}, line)
		require.Equal(t, exitDone, code, line)
		require.Empty(t, stderr.String(), line)
		require.NoError(t, w.Close())
	}
}

// TestAnInterruptedDemoLeavesNothing behind in the folder for temporary files.
func TestAnInterruptedDemoLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	lines, stop, ended := started(t, "demo")
	url := serving(t, lines, "HTTP")
	require.Contains(t, url, "http://127.0.0.1:")
	require.Contains(t, serving(t, lines, "  curl -N"), url)
	go io.Copy(io.Discard, pipeOf(lines))
	stop()
	require.Equal(t, exitDone, <-ended)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}
