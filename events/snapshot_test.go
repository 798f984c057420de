package events

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// resumedAt opens a folder and returns where the reading of the stream began.
func resumedAt(t *testing.T, dir string) (from uint64, l *Ledger) {
	t.Helper()
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	_, doors, err := l.readSnapshot()
	if err == nil && l.verify(t.Context(), doors[52]) == nil {
		from = doors[52].Last
	}
	return from, l
}

func record(t *testing.T, l *Ledger, keys ...string) []Outcome {
	t.Helper()
	outcomes, err := l.Append(t.Context(), 52, false, drafts(keys...))
	require.NoError(t, err)
	for _, o := range outcomes {
		require.NoError(t, o.Err)
	}
	return outcomes
}

func TestAStartGoesOnFromTheSnapshot(t *testing.T) {
	dir := t.TempDir()
	from, l := resumedAt(t, dir)
	require.Zero(t, from)
	record(t, l, "a", "b", "c")
	require.NoError(t, l.Close())

	old, err := os.ReadFile(filepath.Join(dir, snapshotFile))
	require.NoError(t, err)
	from, l = resumedAt(t, dir)
	require.EqualValues(t, 3, from)
	require.Equal(t, 3, l.writers[52].ids.used)
	require.EqualValues(t, 3, l.directory.Position(52))
	require.True(t, record(t, l, "b", "d")[0].Receipt.Already)
	require.NoError(t, l.Close())

	// An older snapshot, as after a kill: the tail is read.
	require.NoError(t, os.WriteFile(filepath.Join(dir, snapshotFile), old, 0o600))
	from, l = resumedAt(t, dir)
	require.EqualValues(t, 3, from)
	again := record(t, l, "a", "d", "e")
	require.True(t, again[0].Receipt.Already)
	require.True(t, again[1].Receipt.Already)
	require.EqualValues(t, 5, again[2].Receipt.Sequence)
	require.NoError(t, l.Close())
}

func TestASnapshotOfAnotherLogIsLeftAside(t *testing.T) {
	dir := t.TempDir()
	_, l := resumedAt(t, dir)
	record(t, l, "a", "b", "c")
	require.NoError(t, l.Close())
	snapshot, err := os.ReadFile(filepath.Join(dir, snapshotFile))
	require.NoError(t, err)

	for _, part := range []string{"jetstream", "book", "checkpoints"} {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, part)))
	}
	_, l = resumedAt(t, dir)
	record(t, l, "x", "y", "z")
	require.NoError(t, l.Close())

	for name, damage := range map[string]func([]byte) []byte{
		"of another log": func(b []byte) []byte { return b },
		"cut":            func(b []byte) []byte { return b[:len(b)-1] },
		"empty":          func([]byte) []byte { return nil },
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, snapshotFile), damage(snapshot), 0o600))
		from, l := resumedAt(t, dir)
		require.Zero(t, from, name)
		require.Equal(t, 3, l.writers[52].ids.used, name)
		require.True(t, record(t, l, "x")[0].Receipt.Already, name)
		require.NoError(t, l.Close())
	}
}
