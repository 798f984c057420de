package witness

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/book"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestStateIsTheGoldenOne fixes the bytes of a witness's folder, and opens the committed ones.
func TestStateIsTheGoldenOne(t *testing.T) {
	seed := bytes.Repeat([]byte{7}, 32)
	signer, err := book.NewCosigner("witness.example/w1", seed)
	require.NoError(t, err)
	key := fmt.Sprintf("%switness.example/w1+%08x+%s\n", keyHead, signer.KeyHash(), base64.StdEncoding.EncodeToString(append([]byte{0x04}, seed...)))
	log := newHistory(t).add(t, "a", "b", "c")
	opened := func(dir string) *Witness {
		w, err := Open(Config{Dir: dir, Logs: []string{log.verifier}, Now: func() time.Time { return time.Unix(1_700_000_000, 0) }})
		require.NoError(t, err)
		return w
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key"), []byte(key), 0o600))
	w := opened(dir)
	_, err = w.Add(log.asks(t, 0))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	state, err := os.ReadFile(filepath.Join(dir, "logs", fileOf(origin)))
	require.NoError(t, err)
	golden := filepath.Join("testdata", "log.golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, state, 0o644))
	}
	committed, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(committed), string(state))

	dir = t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "logs"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key"), []byte(key), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "logs", fileOf(origin)), committed, 0o600))
	w = opened(dir)
	defer func() { require.NoError(t, w.Close()) }()
	_, err = w.Add(log.asks(t, 0))
	require.Equal(t, 409, statusOf(err), "it holds three")
	log.add(t, "d")
	_, err = w.Add(log.asks(t, 3))
	require.NoError(t, err)
}
