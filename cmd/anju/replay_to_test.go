package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// manyEvents is a folder of n events with their lines as the log has them.
func manyEvents(t *testing.T, n int) (dir string, lines []string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "county")
	node := nodeOf(t, dir)
	_, _, err := ask(t.Context(), http.MethodPost, node.url+"/v1/events?department=rural&division=520603", "application/x-ndjson", manyHouseholds(n))
	require.NoError(t, err)
	_, all, err := ask(t.Context(), http.MethodGet, node.url+"/v1/events", "", nil)
	require.NoError(t, err)
	require.NoError(t, node.close())
	for line := range strings.Lines(string(all)) {
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	require.Len(t, lines, n)
	return dir, lines
}

// newBus is a NATS server of somebody's own, with JetStream.
func newBus(t *testing.T) (conn *nats.Conn, url string) {
	t.Helper()
	bus, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, JetStream: true, StoreDir: t.TempDir()})
	require.NoError(t, err)
	go bus.Start()
	t.Cleanup(func() {
		bus.Shutdown()
		bus.WaitForShutdown()
	})
	require.True(t, bus.ReadyForConnections(10*time.Second))
	conn, err = nats.Connect(bus.ClientURL())
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	return conn, bus.ClientURL()
}

// TestASlowSubscriberLosesNothing: it acknowledges late and out of order, and is never sent more than a window ahead.
func TestASlowSubscriberLosesNothing(t *testing.T) {
	const events = 3*natsWindow + 7
	dir, lines := manyEvents(t, events)
	conn, url := newBus(t)
	heard, err := conn.SubscribeSync("replay.county")
	require.NoError(t, err)
	require.NoError(t, conn.Flush())
	ended := make(chan int, 1)
	go func() {
		code, _, _ := anju(t, "replay", "--dir", dir, "--to", url+"/replay.county")
		ended <- code
	}()
	var got, waiting []*nats.Msg
	take := func() {
		m, err := heard.NextMsg(10 * time.Second)
		require.NoError(t, err)
		got, waiting = append(got, m), append(waiting, m)
	}
	for len(got) < natsWindow {
		take()
	}
	_, err = heard.NextMsg(100 * time.Millisecond)
	require.ErrorIs(t, err, nats.ErrTimeout, "what is not acknowledged holds it up")
	for len(waiting) > 0 {
		last := len(waiting) - 1 // the youngest first: as far as is known only when the oldest is taken
		require.NoError(t, waiting[last].Respond(nil))
		waiting = waiting[:last]
		if len(waiting) == 0 && len(got) < events {
			for len(got) < events && len(waiting) < natsWindow {
				take()
			}
		}
	}
	require.Equal(t, exitDone, <-ended)
	require.Len(t, got, events)
	for i, m := range got {
		require.Equal(t, lines[i], string(m.Data))
	}
}

// TestAStreamTakesAReplay: a JetStream stream acknowledges by itself; full, it refuses, and the replay says
// where to go on; sent again, nothing is there twice.
func TestAStreamTakesAReplay(t *testing.T) {
	dir, lines := manyEvents(t, 40)
	conn, url := newBus(t)
	js, err := conn.JetStream()
	require.NoError(t, err)
	config := &nats.StreamConfig{Name: "REPLAY", Subjects: []string{"replay.>"}, MaxMsgs: 15, Discard: nats.DiscardNew}
	_, err = js.AddStream(config)
	require.NoError(t, err)
	code, _, message := anju(t, "replay", "--dir", dir, "--to", url+"/replay.county")
	require.Equal(t, exitFailed, code)
	for _, words := range []string{"接收方拒绝", "the receiver refuses", "maximum messages exceeded", "已送达 15 条", "15 events were taken", "--after ANJU-52:15"} {
		require.Contains(t, message, words)
	}
	require.Equal(t, 1, strings.Count(message, "refuses"), "it stops at the first")
	config.MaxMsgs = 100
	_, err = js.UpdateStream(config)
	require.NoError(t, err)
	code, _, message = anju(t, "replay", "--dir", dir, "--to", url+"/replay.county", "--after", "ANJU-52:15")
	require.Equal(t, exitDone, code, message)
	code, _, message = anju(t, "replay", "--dir", dir, "--to", url+"/replay.county")
	require.Equal(t, exitDone, code, message)
	info, err := js.StreamInfo("REPLAY")
	require.NoError(t, err)
	require.Equal(t, uint64(40), info.State.Msgs)
	for i, line := range lines {
		m, err := js.GetMsg("REPLAY", uint64(i+1))
		require.NoError(t, err)
		require.Equal(t, line, string(m.Data))
	}
	code, _, message = anju(t, "replay", "--dir", dir, "--to", url+"/nobody.listens")
	require.Equal(t, exitFailed, code)
	for _, words := range []string{"无人接收 nobody.listens", "nobody listens on nobody.listens", "start the receiver first", "0 events were taken"} {
		require.Contains(t, message, words)
	}
}

// posted is a receiver of requests that holds each until it is let on.
type posted struct {
	arrived chan int // lines of a request that came
	let     chan int // the status that it is answered with

	mu  sync.Mutex
	got []string // under mu
}

// ServeHTTP implements http.Handler.
func (p *posted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	lines := strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
	if err != nil {
		lines = nil
	}
	p.arrived <- len(lines)
	status := <-p.let
	p.mu.Lock()
	defer p.mu.Unlock()
	if status/100 == 2 {
		p.got = append(p.got, lines...)
	}
	http.Error(w, "full", status)
}

func TestASlowServerLosesNothing(t *testing.T) {
	dir, lines := manyEvents(t, 2*httpLines+7)
	p := &posted{arrived: make(chan int), let: make(chan int)}
	receiver := httptest.NewServer(p)
	defer receiver.Close()
	type end struct {
		code    int
		message string
	}
	ended := make(chan end, 1)
	replay := func(flags ...string) {
		code, _, message := anju(t, append([]string{"replay", "--dir", dir, "--to", receiver.URL}, flags...)...)
		ended <- end{code, message}
	}
	go replay()
	for i, status := range []int{200, 507} {
		require.Equal(t, httpLines, <-p.arrived)
		select {
		case n := <-p.arrived:
			t.Fatalf("%d more events before request %d was answered", n, i)
		case <-time.After(50 * time.Millisecond):
		}
		p.let <- status
	}
	e := <-ended
	require.Equal(t, exitFailed, e.code)
	for _, words := range []string{"接收方拒绝", "the receiver refuses", "507", "已送达 512 条", "512 events were taken", "--after ANJU-52:512"} {
		require.Contains(t, e.message, words)
	}
	go replay("--after", "ANJU-52:512")
	for _, want := range []int{httpLines, 7} {
		require.Equal(t, want, <-p.arrived)
		p.let <- 204
	}
	require.Equal(t, exitDone, (<-ended).code)
	require.Equal(t, lines, p.got)
}

// TestAReceiverIsPausedAndLedElsewhere: what has come is sent before what comes is waited for; a pause holds, a
// date goes there.
func TestAReceiverIsPausedAndLedElsewhere(t *testing.T) {
	dir, _ := manyEvents(t, 56) // two on each of 28 days
	p := &posted{arrived: make(chan int), let: make(chan int)}
	receiver := httptest.NewServer(p)
	defer receiver.Close()
	commands, in := io.Pipe()
	out, told := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		var ignored bytes.Buffer
		ended <- run(&session{ctx: t.Context(), in: commands, out: &ignored, err: told}, []string{"replay", "--dir", dir, "--by", "world", "--speed", "0.001", "--to", receiver.URL})
		told.Close()
	}()
	states := bufio.NewScanner(out)
	command := func(text, says string) {
		_, err := fmt.Fprintln(in, text)
		require.NoError(t, err)
		require.True(t, states.Scan())
		require.Contains(t, states.Text(), says)
	}
	take := func() {
		require.Equal(t, 2, <-p.arrived)
		p.let <- 200
	}
	take()
	command("p", "paused  2018-09-01")
	command("2018-09-20", "paused  2018-09-20")
	command("p", "playing  2018-09-20")
	take()
	command("2018-09-05", "playing  2018-09-05")
	take()
	command("q", "6 条 events were taken")
	require.Equal(t, exitDone, <-ended)
	days := ""
	for _, line := range p.got {
		_, rest, _ := strings.Cut(line, `"time":"2018-09-`)
		days += rest[:2] + " "
	}
	require.Equal(t, "01 01 20 20 05 05 ", days)
}

// TestAServerThatTakesNoSubjectIsSaid: the ledger's own lets nobody publish but to its door; nobody waits for what it drops.
func TestAServerThatTakesNoSubjectIsSaid(t *testing.T) {
	n, err := startNode(&session{ctx: t.Context(), err: &bytes.Buffer{}}, nodeConfig{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.close()) })
	tell(t, n.url)
	began := time.Now()
	code, _, message := anju(t, "replay", "--server", n.url, "--to", n.ledger.ClientURL()+"/replay.county")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "lets nobody publish on replay.county")
	require.Contains(t, message, "请换另一个 NATS 服务器")
	require.Less(t, time.Since(began), receiverWait)
}

// TestOnlyAnAcknowledgementAcknowledges: the ledger's own door takes no event of a log, and says so; nor does any answer
// that has words in it, or an error's header, mean that an event was taken.
func TestOnlyAnAcknowledgementAcknowledges(t *testing.T) {
	n, err := startNode(&session{ctx: t.Context(), err: &bytes.Buffer{}}, nodeConfig{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.close()) })
	_, _, err = ask(t.Context(), http.MethodPost, n.url+"/v1/events?department=rural&division=520603", "application/x-ndjson", manyHouseholds(3))
	require.NoError(t, err)
	replay := func(to string) (int, string) {
		code, out, message := anju(t, "replay", "--server", n.url, "--to", to)
		require.Empty(t, out)
		return code, message
	}
	code, message := replay(n.ledger.ClientURL() + "/anju.record.rural.520603")
	require.Equal(t, exitFailed, code)
	for _, words := range []string{"接收方拒绝 ANJU-52:", "the receiver refuses ANJU-52:", "The fact was refused", "该内容由账本填写", "the ledger fills this in", "已送达 0 条", "0 events were taken; to go on: the same command again"} {
		require.Contains(t, message, words)
	}
	require.Equal(t, 1, strings.Count(message, "refuses"), "it stops at the first")

	conn, url := newBus(t)
	var answer atomic.Pointer[nats.Msg] // to the second event
	_, err = conn.Subscribe("replay.county", func(m *nats.Msg) {
		reply := &nats.Msg{Data: []byte("+ACK")}
		if bytes.Contains(m.Data, []byte(`"sequence":"00000000000000000002"`)) {
			reply = answer.Load()
		}
		_ = m.RespondMsg(&nats.Msg{Data: reply.Data, Header: reply.Header})
	})
	require.NoError(t, err)
	require.NoError(t, conn.Flush())
	for _, c := range []struct {
		body, header, value string
		says                []string // nothing: it acknowledges
	}{
		{},
		{body: `{"stream":"REPLAY","seq":7}`},
		{body: `{"stream":"REPLAY","domain":"hub","seq":7,"duplicate":true}`},
		{body: `{"type":"about:blank","title":"Full","rule":{"zh":"已满","en":"it is full"}}`, says: []string{"Full", "已满", "it is full"}},
		{body: `{"error":{"code":503,"description":"maximum messages exceeded"},"stream":"REPLAY","seq":0}`, says: []string{"maximum messages exceeded"}},
		{body: `{"error":{"code":503},"stream":"REPLAY","seq":7}`, says: []string{`{"error":{"code":503}`}},
		{body: "-NAK", says: []string{"-NAK"}},
		{body: "no\nroom", says: []string{"no room"}},
		{body: `{"id":"0"}`, says: []string{`{"id":"0"}`}},
		{header: "Nats-Service-Error", value: "not today", says: []string{"not today"}},
		{header: "Nats-Service-Error-Code", value: "422", says: []string{"422"}},
		{header: "Status", value: "408", says: []string{"408"}},
	} {
		m := &nats.Msg{Data: []byte(c.body)}
		if c.header != "" {
			m.Header = nats.Header{c.header: {c.value}}
		}
		answer.Store(m)
		code, message := replay(url + "/replay.county")
		if c.says == nil {
			require.Equal(t, exitDone, code, message)
			continue
		}
		require.Equal(t, exitFailed, code, "%+v", c)
		for _, words := range append(c.says, "the receiver refuses ANJU-52:2", "1 events were taken; to go on: --after ANJU-52:1") {
			require.Contains(t, message, words)
		}
	}
}
