package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/book"
)

// startWitness runs "anju witness" until the test ends, and returns its address and key.
func startWitness(t *testing.T, dir string, logs ...string) (url, key string, stop func()) {
	t.Helper()
	args := []string{"witness", "--dir", dir, "--listen", "127.0.0.1:0"}
	for _, log := range logs {
		args = append(args, "--log", log)
	}
	lines, end, ended := started(t, args...)
	key, url = serving(t, lines, "KEY"), serving(t, lines, "HTTP")
	return url, key, func() {
		end()
		require.Equal(t, exitDone, <-ended)
	}
}

func TestAWitnessKeepsItsKey(t *testing.T) {
	dir := t.TempDir()
	log := mustKey(t, "anju/test/ANJU-52")
	url, key, stop := startWitness(t, dir, log)
	_, err := book.ParseWitnessKey(key)
	require.NoError(t, err)
	require.Contains(t, body(t, url+"/add-checkpoint"), "Method Not Allowed")
	code, _, message := anju(t, "witness", "--dir", dir, "--log", log)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "stop it first")
	stop()
	_, again, stop := startWitness(t, dir, log)
	require.Equal(t, key, again)
	stop()
	code, _, message = anju(t, "witness", "--dir", dir, "--log", filepath.Join(dir, "key"))
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "a public key")
}

func mustKey(t *testing.T, origin string) string {
	key, err := book.NewKey(make([]byte, 32)).Verifier(origin)
	require.NoError(t, err)
	return key
}

func TestAServedLedgerIsWitnessed(t *testing.T) {
	dir, temp := t.TempDir(), t.TempDir()
	events := filepath.Join(temp, "events")
	require.NoError(t, os.WriteFile(events, []byte(strings.SplitAfter(twoEvents, "\n")[0]), 0o600))
	code, out, message := anju(t, "record", "--dir", dir, "--department", "rural", "--division", "520603", events)
	require.Equal(t, exitDone, code, out+message)
	code, out, message = anju(t, "book", "key", "--dir", dir, "ANJU-52")
	require.Equal(t, exitDone, code, message)
	logKey := filepath.Join(temp, "log.key")
	require.NoError(t, os.WriteFile(logKey, []byte(out), 0o600))
	url, key, stop := startWitness(t, t.TempDir(), logKey)

	lines, end, ended := started(t, "serve", "--dir", dir, "--listen", "127.0.0.1:0", "--nats-port", "0", "--witness", url+"="+key)
	server := serving(t, lines, "HTTP")
	serving(t, lines, "NATS")
	code, out, message = anju(t, "ledger", "--server", server)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, out, "已副署 cosigned")
	require.Contains(t, body(t, server+"/metrics"), `anju_stream_witnessed_position{stream="ANJU-52"} 1`)
	require.Regexp(t, `^{"status":"ready","scrubs":\[[^\]]*\]}$`, body(t, server+"/readyz"))
	code, out, message = anju(t, "prove", "--server", server, "ANJU-52:1")
	require.Equal(t, exitDone, code, message)
	proof := filepath.Join(temp, "event.tlog-proof")
	require.NoError(t, os.WriteFile(proof, []byte(out), 0o600))
	code, out, message = anju(t, "verify", "proof", "--key", logKey, "--witness", key, proof)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, out, "副署 cosigned")
	_, other, stopOther := startWitness(t, t.TempDir(), logKey)
	stopOther()
	code, _, message = anju(t, "verify", "proof", "--key", logKey, "--witness", other, proof)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, message, "0 of 1 witnesses did, 1 are needed")
	code, _, message = anju(t, "verify", "proof", "--key", logKey, "--witness", key, "--witnesses-needed", "2", proof)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "--witnesses-needed")
	stop()
	end()
	require.Equal(t, exitDone, <-ended)
	code, _, message = anju(t, "serve", "--dir", dir, "--witness", url)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "URL=KEY")
}
