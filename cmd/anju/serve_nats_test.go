package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// TestServeKeepsItsStreamsInAServerOfOnesOwn records and reads through a NATS server that the
// ledger does not run, which must be declared to sync every message.
func TestServeKeepsItsStreamsInAServerOfOnesOwn(t *testing.T) {
	other, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true,
		Users: []*server.User{
			{Username: "ledger", Password: "x"},
			{Username: "answers", Password: "y", Permissions: &server.Permissions{
				Publish:   &server.SubjectPermission{Allow: []string{"_INBOX.>"}},
				Subscribe: &server.SubjectPermission{Allow: []string{"anju.record.>", "anju.status.>", "$SRV.>"}},
			}},
		},
	})
	require.NoError(t, err)
	go other.Start()
	defer other.WaitForShutdown()
	defer other.Shutdown()
	require.True(t, other.ReadyForConnections(time.Minute))
	address := strings.TrimPrefix(other.ClientURL(), "nats://")
	own, answers := "nats://ledger:x@"+address, "nats://answers:y@"+address
	code, _, message := anju(t, "serve", "--dir", t.TempDir(), "--listen", "127.0.0.1:0", "--nats", own)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "--synced")

	n, err := startNode(&session{ctx: t.Context(), err: &bytes.Buffer{}}, nodeConfig{
		Dir: t.TempDir(), Listen: "127.0.0.1:0", NATS: own, NATSAnswers: answers, Synced: true,
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, n.close()) }()
	require.Equal(t, other.ClientURL(), strings.Replace(n.ledger.ClientURL(), "ledger:xxxxx@", "", 1))
	require.NoError(t, n.ledger.Answers().Publish("$JS.API.INFO", nil))
	require.NoError(t, n.ledger.Answers().Flush())
	require.ErrorIs(t, n.ledger.Answers().LastError(), nats.ErrPermissionViolation)
	register, _, _ := strings.Cut(twoEvents, "\n")
	file := filepath.Join(t.TempDir(), "register")
	require.NoError(t, os.WriteFile(file, []byte(register), 0o600))
	code, out, message := anju(t, "record", "--server", n.url, "--department", "rural", "--division", "520603", file)
	require.Equal(t, exitDone, code, out+message)
	code, out, _ = anju(t, "replay", "--server", n.url)
	require.Equal(t, exitDone, code)
	require.Contains(t, out, "household.registered")
}

// TestAnAnswerGoesToAnInboxOnly asks everything that answers over NATS to answer to where the
// ledger's own server listens: nothing arrives there.
func TestAnAnswerGoesToAnInboxOnly(t *testing.T) {
	n, err := startNode(&session{ctx: t.Context(), err: &bytes.Buffer{}}, nodeConfig{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	defer func() { require.NoError(t, n.close()) }()
	register, _, _ := strings.Cut(twoEvents, "\n")
	file := filepath.Join(t.TempDir(), "register")
	require.NoError(t, os.WriteFile(file, []byte(register), 0o600))
	record := []string{"record", "--server", n.url, "--department", "rural", "--division", "520603", file}
	code, out, message := anju(t, record...)
	require.Equal(t, exitDone, code, out+message)
	heard, err := n.ledger.Conn().SubscribeSync("_ANJU.x")
	require.NoError(t, err)
	require.NoError(t, n.ledger.Conn().Flush())
	client, err := nats.Connect(n.ledger.ClientURL())
	require.NoError(t, err)
	defer client.Close()
	for _, asked := range []string{
		"anju.record.rural.520603", "anju.record.x", "anju.status.household", "anju.status.person", "anju.status.community", "anju.status.board",
		"$SRV.PING", "$SRV.INFO", "$SRV.STATS", "$SRV.PING.anju-status",
	} {
		for _, reply := range []string{"$JS.API.STREAM.DELETE.ANJU-52", "$JS.API.STREAM.PURGE.ANJU-52", "anju.52.520603.household.h000000000000", "_ANJU.x"} {
			require.NoError(t, client.PublishRequest(asked, reply, nil))
		}
		_, err := client.Request(asked, []byte("x"), 10*time.Second)
		require.NoError(t, err, asked) // answered in their order: the others before it
	}
	js, err := jetstream.New(n.ledger.Conn())
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "ANJU-52")
	require.NoError(t, err, "the stream is gone")
	require.EqualValues(t, 1, stream.CachedInfo().State.Msgs, "an answer was stored")
	pending, _, err := heard.Pending()
	require.NoError(t, err)
	require.Zero(t, pending, "the ledger heard an answer")
	code, out, message = anju(t, record...)
	require.Equal(t, exitDone, code, out+message)
}
