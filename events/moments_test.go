package events

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// TestAMomentIsAPosition records events, some in sets, while a clock moves on by chance, and compares
// the position of every moment with what a reader of the whole stream finds; again when the stream
// has grown, with what was remembered.
func TestAMomentIsAPosition(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	var now atomic.Int64
	now.Store(time.Date(2021, 7, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
	first := domain.Moment(now.Load())
	clock := func() time.Time {
		if r.IntN(3) == 0 {
			now.Add(int64(r.IntN(3)))
		}
		return time.UnixMilli(now.Load())
	}
	l, err := Open(t.Context(), Config{Clock: clock})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	at, err := l.RecordedBy(t.Context(), 52, first)
	require.NoError(t, err)
	require.Zero(t, at, "a stream that is not there")
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
	}
	require.NotEmpty(t, l.writers[52].moments.marks)
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
		at, err := l.RecordedBy(t.Context(), 52, by)
		require.NoError(t, err)
		require.Equal(t, position, at, "%d of %d to %d", by, from, to)
	}
}
