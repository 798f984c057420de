package events

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestADiskThatFillsUpRefusesInTime fills a small disk with large events: the door refuses before
// the store fails, loses nothing, and records again when there is room, without a restart.
func TestADiskThatFillsUpRefusesInTime(t *testing.T) {
	disk := makeDisk(t, 128<<20)
	ballast := filepath.Join(disk.Path, "ballast")
	require.NoError(t, os.WriteFile(ballast, make([]byte, 24<<20), 0o600))
	l, err := Open(t.Context(), Config{Dir: filepath.Join(disk.Path, "ledger"), Port: -1, MinFree: 32 << 20})
	require.NoError(t, err)
	large := func(n int) []Draft { return []Draft{&testDraft{key: fmt.Sprint(n), size: 31 << 10}} }
	recorded := 0
	for ; ; recorded++ {
		outcomes, err := l.Append(t.Context(), 52, false, large(recorded))
		require.NoError(t, err)
		if errors.Is(outcomes[0].Err, ErrDiskFull) {
			break
		}
		require.NoError(t, outcomes[0].Err)
		require.Less(t, recorded, 4000, "the disk was to fill up")
	}
	require.Greater(t, recorded, 100)
	require.Empty(t, l.Streams()[0].Alarm, "the store did not fail")
	require.Len(t, keysOf(t, l), recorded)

	require.NoError(t, os.Remove(ballast))
	require.NoError(t, l.disk.sync()) // ext4 gives room back with its journal
	outcomes, err := l.Append(t.Context(), 52, false, append(large(recorded), large(0)...))
	require.NoError(t, err)
	require.NoError(t, outcomes[0].Err)
	require.True(t, outcomes[1].Receipt.Already)
	require.NoError(t, l.Close())
}
