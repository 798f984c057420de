package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// withServer opens a store of JetStream by a server that no ledger owns, as somebody does who
// reaches around the ledger.
func withServer(t *testing.T, dir string, use func(url string, js jetstream.JetStream)) {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		ServerName: "other", Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: dir, SyncAlways: true,
	})
	require.NoError(t, err)
	go s.Start()
	require.True(t, s.ReadyForConnections(time.Minute))
	defer s.WaitForShutdown()
	defer s.Shutdown()
	conn, err := nats.Connect(s.ClientURL())
	require.NoError(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	use(s.ClientURL(), js)
}

// changeSettings lets a stream forget all but its last messages.
func changeSettings(t *testing.T, js jetstream.JetStream, keep int64) error {
	stream, err := js.Stream(t.Context(), faultStream)
	if err != nil {
		return err
	}
	c := stream.CachedInfo().Config
	c.MaxMsgs, c.Discard = keep, jetstream.DiscardOld
	_, err = js.UpdateStream(t.Context(), c)
	return err
}

// settingsAtRest changes the stream's settings while the ledger is stopped: the oldest events go.
func settingsAtRest(w *wound) (err error) {
	const lost = 1000
	withServer(w.t, filepath.Join(w.dir, "jetstream"), func(_ string, js jetstream.JetStream) {
		if err = changeSettings(w.t, js, seedEvents-lost); err != nil {
			return
		}
		stream, failed := js.Stream(w.t.Context(), faultStream)
		if err = failed; err == nil && stream.CachedInfo().State.FirstSeq != lost+1 {
			err = errors.New("the stream forgot nothing")
		}
	})
	w.what, w.names = "max_msgs and discard changed: the stream forgot 1–1000", "discard is DiscardOld instead of DiscardNew"
	return err
}

// goneWhileOpen deletes the stream of a running ledger at the server that keeps it.
func goneWhileOpen(t *testing.T, r *faultRow) {
	withServer(t, t.TempDir(), func(url string, js jetstream.JetStream) {
		dir := filepath.Join(t.TempDir(), "ledger")
		c := tryChild(t, dir, t.TempDir(), servedFrom+"="+url)
		require.True(t, c.serves(), c.logs)
		post := func(department, body string) (int, string) {
			status, b, err := ask(t.Context(), "POST", c.url+"/v1/events?department="+department+"&division=520603", "application/json", []byte(body))
			require.NoError(t, err)
			return status, string(b)
		}
		status, answer := post("rural", registerKilled)
		require.Equal(t, 201, status, answer)
		for n := range 50 {
			status, answer = post("hrss", placedJob(fmt.Sprint("open-", n)))
			require.Equal(t, 201, status, answer)
		}
		before, whole := eventsOf(t, c)
		require.True(t, whole)
		require.Len(t, before, 51)
		require.NoError(t, js.DeleteStream(t.Context(), faultStream))
		r.injected = "the stream of 51 events deleted while it is served"
		status, answer = post("hrss", placedJob("refused"))
		require.Equal(t, 503, status, answer)
		ready, body, err := ask(t.Context(), "GET", c.url+"/readyz", "", nil)
		require.NoError(t, err)
		require.Equal(t, 503, ready)
		require.Contains(t, string(body), "it is gone")
		after, whole := eventsOf(t, c)
		require.True(t, whole)
		require.Equal(t, before, after, "history is read from the book")
		c.stop(t)
		again := tryChild(t, dir, t.TempDir(), servedFrom+"="+url)
		require.True(t, again.serves(), again.logs)
		after, whole = eventsOf(t, again)
		require.True(t, whole)
		require.Equal(t, before, after)
		again.stop(t)
	})
	r.detected, r.named, r.repaired, r.lost = "the door stands still", "the stream: it is gone", "no: read from the book", "0"
}
