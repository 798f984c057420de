package events

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// TestAMomentIsAPosition records events, some in sets, while a clock moves on by chance, and compares
// the position of every moment with what a reader of the whole stream finds; again when the stream
// has grown, and after starts from a snapshot, from an older one with a tail behind it, and from none.
func TestAMomentIsAPosition(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	var now atomic.Int64
	now.Store(time.Date(2021, 7, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
	first := domain.Moment(now.Load())
	steps, at := rand.New(rand.NewPCG(seed, 2)), sync.Mutex{} // doors and the ledger itself ask for the time
	clock := func() time.Time {
		at.Lock()
		defer at.Unlock()
		if steps.IntN(3) == 0 {
			now.Add(int64(steps.IntN(3)))
		}
		return time.UnixMilli(now.Load())
	}
	dir := t.TempDir()
	open := func() *Ledger {
		l, err := Open(t.Context(), Config{Dir: dir, Port: -1, Clock: clock})
		require.NoError(t, err)
		return l
	}
	l, snapshot := open(), []byte(nil)
	require.Zero(t, l.RecordedBy(52, first), "a stream that is not there")
	for round := range 4 {
		for n := range 800 {
			all := drafts()
			for i := range 1 + r.IntN(4) {
				all = append(all, &testDraft{key: fmt.Sprint(round, "/", n, "/", i)})
			}
			_, err := l.Append(t.Context(), 52, len(all) > 1, all)
			require.NoError(t, err)
		}
		compareMoments(t, l, first-2, domain.Moment(now.Load())+2)
		if round == 1 { // a later start reads it too
			require.NoError(t, l.Close())
			var err error
			snapshot, err = os.ReadFile(filepath.Join(dir, snapshotFile))
			require.NoError(t, err)
			l = open()
		}
	}
	for _, start := range []func() error{
		func() error { return nil },
		func() error { return os.WriteFile(filepath.Join(dir, snapshotFile), snapshot, 0o600) },
		func() error { return os.Remove(filepath.Join(dir, snapshotFile)) },
	} {
		require.NoError(t, l.Close())
		require.NoError(t, start())
		l = open()
		compareMoments(t, l, first-2, domain.Moment(now.Load())+2)
	}
	require.NoError(t, l.Close())
}

// compareMoments asks for moments and compares with the stream read whole.
func compareMoments(t *testing.T, l *Ledger, from, to domain.Moment) {
	t.Helper()
	want := map[domain.Moment]uint64{}
	whole, reached := uint64(0), from
	for rec, err := range l.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		for ; reached < rec.Event.Recorded; reached++ {
			want[reached] = whole
		}
		if rec.Event.Set.Part == rec.Event.Set.Parts {
			whole = rec.Sequence
		}
	}
	for ; reached <= to; reached++ {
		want[reached] = whole
	}
	for by, position := range want {
		require.Equal(t, position, l.RecordedBy(52, by), "%d of %d to %d", by, from, to)
	}
}
