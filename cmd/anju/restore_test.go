package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

// keyOf writes the public key of a folder's stream into a file.
func keyOf(t *testing.T, dir string) (file string) {
	t.Helper()
	code, out, message := anju(t, "book", "key", "--dir", dir, "ANJU-52")
	require.Equal(t, exitDone, code, message)
	file = filepath.Join(t.TempDir(), "log.key")
	require.NoError(t, os.WriteFile(file, []byte(out), 0o600))
	return file
}

// TestALawfulRestoreIsSeenByAll puts a folder back, is refused by the witness, and goes on under a new origin.
func TestALawfulRestoreIsSeenByAll(t *testing.T) {
	register, job, _ := strings.Cut(twoEvents, "\n")
	dir, witnessDir, state := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "state")
	recordIn(t, dir, "rural", register)
	backup := copyFolder(t, dir)
	oldKey := keyOf(t, dir)
	url, key, stopWitness := startWitness(t, witnessDir, oldKey)
	f := newFront(t)
	recordIn(t, dir, "hrss", job)
	stop := f.serve(t, dir, "--witness", url+"="+key)
	code, _, message := remembering(t, state, "ledger", "--server", f.url)
	require.Equal(t, exitDone, code, message)
	stop()
	code, _, message = anju(t, "restore", "--dir", dir, "--reason", "x", "--witness", url+"="+key, "--yes")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "there is nothing to restore")

	stop = f.serve(t, backup, "--witness", url+"="+key)
	ready := body(t, f.url+"/readyz")
	require.Contains(t, ready, "needs-operator")
	require.Contains(t, ready, `holds 2 entries, the book here 1: the folder was put back to an older state; bring the newer folder back, or run \"anju restore\""`)
	require.Contains(t, body(t, f.url+"/v1/ledger"), "holds 2 entries, the book here 1")
	file := filepath.Join(t.TempDir(), "job")
	require.NoError(t, os.WriteFile(file, []byte(job), 0o600))
	code, out, message := anju(t, "record", "--server", f.url, "--department", "hrss", "--division", "520603", file)
	require.Equal(t, exitFailed, code, out)
	require.Contains(t, out+message, "a witness has seen another history")
	stop()

	restore := []string{"restore", "--dir", backup, "--reason", "disk lost", "--witness", url + "=" + key}
	code, _, message = anju(t, restore...)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "--yes")
	code, _, message = anju(t, "restore", "--dir", backup, "--reason", "disk lost", "--yes")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "--nothing-known")
	code, out, message = anju(t, append(restore, "--yes")...)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, out, "恢复到 restored to 1 条，原检查点 the old checkpoint 2 条")
	stopWitness()

	old, err := os.ReadFile(oldKey)
	require.NoError(t, err)
	code, out, message = anju(t, "replay", "--dir", backup, "--type", "ledger.restored")
	require.Equal(t, exitDone, code, message)
	requireNamesTheOldHead(t, out, strings.TrimSpace(string(old)))
	code, _, message = anju(t, "verify", "--dir", backup)
	require.Equal(t, exitDone, code, message)

	url, key, stopWitness = startWitness(t, witnessDir, oldKey, keyOf(t, backup))
	defer stopWitness()
	stop = f.serve(t, backup, "--witness", url+"="+key)
	defer stop()
	require.Regexp(t, `^{"status":"ready","scrubs":\[[^\]]*\]}$`, body(t, f.url+"/readyz"), "the witness knows the new origin")
	code, _, message = remembering(t, state, "ledger", "--server", f.url)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, message, "its origin was anju/")
	code, out, message = remembering(t, state, "book", "trust", "--yes", "--server", f.url)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, out, "NOT all that was seen is there")
	code, out, message = remembering(t, state, "record", "--server", f.url, "--department", "hrss", "--division", "520603", file)
	require.Equal(t, exitDone, code, out+message)
	require.Contains(t, out, "ANJU-52:3")
}

// requireNamesTheOldHead makes the old checkpoint again from the event, and checks it with the old key.
func requireNamesTheOldHead(t *testing.T, line, oldKey string) {
	t.Helper()
	e, err := events.Parse([]byte(strings.TrimSpace(line)))
	require.NoError(t, err)
	require.EqualValues(t, 2, e.Sequence, "it is the first entry under the new origin")
	var fact domain.LedgerRestored
	require.NoError(t, json.Unmarshal(e.Data, &fact))
	require.Equal(t, oldKey, fact.OldKey)
	require.EqualValues(t, 1, fact.Size)
	text := fmt.Sprintf("%s\n%d\n%s\n\n%s\n", fact.OldOrigin, fact.OldSize, fact.OldRoot, strings.Join(fact.OldSignatures, "\n"))
	head, err := book.OpenCheckpoint([]byte(text), oldKey)
	require.NoError(t, err)
	require.EqualValues(t, 2, head.Size)
}

// TestARestoreThatWasInterruptedGoesOn stops before and after the commit point.
func TestARestoreThatWasInterruptedGoesOn(t *testing.T) {
	register, job, _ := strings.Cut(twoEvents, "\n")
	dir := t.TempDir()
	recordIn(t, dir, "rural", register)
	backup := copyFolder(t, dir)
	recordIn(t, dir, "hrss", job)
	restore := []string{"restore", "--dir", backup, "--reason", "disk lost", "--checkpoint", filepath.Join(dir, "checkpoints", "ANJU-52"), "--yes"}
	code, _, message := anju(t, restore...)
	require.Equal(t, exitDone, code, message)
	done := keyOf(t, backup)
	code, _, message = anju(t, restore...)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "no checkpoint of a stream of this ledger", "the old origin is gone")

	for _, planned := range []bool{false, true} { // nothing but the plan; all recorded, and the key not yet in its place
		copied := copyFolder(t, dir)
		l, err := events.Open(t.Context(), events.Config{Dir: copied, Port: -1, Restoring: true})
		require.NoError(t, err)
		r, err := l.BeginRestore(events.Restoration{Time: 1, Reason: "r"}, nil, true)
		require.NoError(t, err)
		if planned {
			require.NoError(t, doorOf(l).Restore(t.Context(), r))
		}
		require.NoError(t, l.Close())
		_, err = events.Open(t.Context(), events.Config{Dir: copied, Port: -1})
		require.ErrorIs(t, err, events.ErrRestoring)
		code, out, message := anju(t, "restore", "--dir", copied, "--reason", "again")
		require.Equal(t, exitDone, code, message)
		require.Contains(t, out, r.Origin)
		require.NotEqual(t, done, keyOf(t, copied))
		code, out, message = anju(t, "replay", "--dir", copied, "--type", "ledger.restored")
		require.Equal(t, exitDone, code, message)
		require.Equal(t, 1, strings.Count(out, "\n"), "once")
	}
}
