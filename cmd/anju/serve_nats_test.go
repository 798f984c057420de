package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
)

// TestServeKeepsItsStreamsInAServerOfOnesOwn records and reads through a NATS server that the
// ledger does not run, which must be declared to sync every message.
func TestServeKeepsItsStreamsInAServerOfOnesOwn(t *testing.T) {
	other, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true,
	})
	require.NoError(t, err)
	go other.Start()
	defer other.WaitForShutdown()
	defer other.Shutdown()
	require.True(t, other.ReadyForConnections(time.Minute))
	code, _, message := anju(t, "serve", "--dir", t.TempDir(), "--listen", "127.0.0.1:0", "--nats", other.ClientURL())
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "--synced")

	n, err := startNode(&session{ctx: t.Context(), err: &bytes.Buffer{}}, nodeConfig{Dir: t.TempDir(), Listen: "127.0.0.1:0", NATS: other.ClientURL(), Synced: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, n.close()) }()
	require.Equal(t, other.ClientURL(), n.ledger.ClientURL())
	register, _, _ := strings.Cut(twoEvents, "\n")
	file := filepath.Join(t.TempDir(), "register")
	require.NoError(t, os.WriteFile(file, []byte(register), 0o600))
	code, out, message := anju(t, "record", "--server", n.url, "--department", "rural", "--division", "520603", file)
	require.Equal(t, exitDone, code, out+message)
	code, out, _ = anju(t, "replay", "--server", n.url)
	require.Equal(t, exitDone, code)
	require.Contains(t, out, "household.registered")
}
