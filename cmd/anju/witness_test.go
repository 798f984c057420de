package main

import (
	"path/filepath"
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
