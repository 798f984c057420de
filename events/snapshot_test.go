package events

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// resumedAt opens a folder and returns where the reading of the stream began.
func resumedAt(t *testing.T, dir string) (from uint64, l *Ledger) {
	t.Helper()
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	for _, door := range l.Stats().Doors {
		from = door.Resumed
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

// TestSnapshotsUnderLoadHoldWhatWasDurable writes snapshots while senders append, and starts from
// one of them as after a kill: it knows what a start from the log alone knows.
func TestSnapshotsUnderLoadHoldWhatWasDurable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, snapshotFile)
	look := make(chan time.Time)
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1, look: look, tail: 1})
	require.NoError(t, err)
	const senders, each = 4, 60
	var sending sync.WaitGroup
	for s := range senders {
		sending.Go(func() {
			for i := range each {
				key := fmt.Sprintf("%d-%d", s, i)
				outcomes, err := l.Append(t.Context(), 52, i%5 == 0, drafts(key, key+"b"))
				if err != nil || outcomes[0].Err != nil {
					t.Error(err, outcomes)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { sending.Wait(); close(done) }()
	var snapshots [][]byte
	for sent := false; !sent; {
		select {
		case <-done:
			sent = true
		default:
		}
		look <- time.Time{}
		look <- time.Time{} // taken when the snapshot before is written
		if b, err := os.ReadFile(path); err == nil {
			snapshots = append(snapshots, b)
		}
	}
	require.Greater(t, len(snapshots), 1)
	require.False(t, l.Stats().SnapshotAt.IsZero())
	require.NoError(t, l.Close())
	for i, b := range [][]byte{snapshots[0], snapshots[len(snapshots)/2], snapshots[len(snapshots)-1]} {
		require.NoError(t, os.WriteFile(path, b, 0o600))
		from, l := resumedAt(t, dir)
		require.Positive(t, from)
		require.Equal(t, 2*senders*each, l.writers[52].ids.used, i)
		require.EqualValues(t, 2*senders*each, l.directory.Position(52))
		for s := range senders {
			for _, o := range record(t, l, fmt.Sprintf("%d-0", s), fmt.Sprintf("%d-%db", s, each-1)) {
				require.True(t, o.Receipt.Already)
				_, known := l.directory.Home(domain.MintEntity(domain.PlacementKind, hashID(o.Receipt.ID)))
				require.True(t, known)
			}
		}
		require.NoError(t, l.Close())
	}
}
