package seen

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMemoryIsTheGoldenOne fixes the bytes of the file, and notices by the committed one that a ledger
// was put back.
func TestMemoryIsTheGoldenOne(t *testing.T) {
	const address = "http://127.0.0.1:8420"
	s := serve(t, 300, "a")
	m := &Memory{Path: filepath.Join(t.TempDir(), "ledgers.json")}
	_, err := m.Check(t.Context(), s.server.URL)
	require.NoError(t, err)
	text, err := os.ReadFile(m.Path)
	require.NoError(t, err)
	got := strings.ReplaceAll(string(text), s.server.URL, address)
	golden := filepath.Join("testdata", "ledgers.golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	committed, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(committed), got)

	require.NoError(t, os.WriteFile(m.Path, []byte(strings.ReplaceAll(string(committed), address, s.server.URL)), 0o600))
	s.put(t, t.TempDir(), 299, "a")
	_, err = m.Check(t.Context(), s.server.URL)
	require.ErrorIs(t, err, ErrChanged)
}
