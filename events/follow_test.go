package events

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/book"
)

// Readers start anywhere, inside sets too, while senders record: history comes from sealed and open
// segments of the book and goes over into the live stream without a gap and without a repetition.
func TestReadersGoFromTheBookToTheLiveStream(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	const before, live, senders = book.SegmentEntries + 500, 2400, 3
	for at := 0; at < before; at += 500 {
		var keys []string
		for i := at; i < min(at+500, before); i++ {
			keys = append(keys, fmt.Sprint("h", i))
		}
		record(t, l, keys...)
	}
	var working sync.WaitGroup
	for s := range senders {
		r := rand.New(rand.NewPCG(seed, uint64(s)))
		working.Go(func() {
			for sent := 0; sent < live/senders; {
				var keys []string
				for range min(1+r.IntN(7), live/senders-sent) {
					keys = append(keys, fmt.Sprint("s", s, "-", sent))
					sent++
				}
				if _, err := l.Append(t.Context(), 52, r.IntN(2) == 0, drafts(keys...)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	const total, readers = before + live, 5
	got := make([][]domain.EventID, readers)
	starts := make([]uint64, readers)
	for i := range got {
		r := rand.New(rand.NewPCG(seed, uint64(100+i)))
		starts[i] = r.Uint64N(total)
		if i == 0 {
			starts[i] = 0
		}
		working.Go(func() { got[i] = followed(t, l, starts[i], total) })
	}
	working.Wait()
	for i := range got {
		require.Len(t, got[i], int(total-starts[i]), "reader from %d", starts[i])
		require.True(t, slices.Equal(got[0][starts[i]:], got[i]), "reader from %d", starts[i])
	}
}

// followed reads from a place to another and returns the ids; every record must follow the one
// before.
func followed(t *testing.T, l *Ledger, after, upTo uint64) (ids []domain.EventID) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for rec, err := range l.Follow(ctx, 52, after) {
		if err != nil || rec.Sequence != after+1 || rec.Event == nil || rec.Event.Sequence != rec.Sequence {
			t.Errorf("after %d comes %d: %v", after, rec.Sequence, err)
			return ids
		}
		ids = append(ids, rec.Event.ID)
		if after = rec.Sequence; after == upTo {
			return ids
		}
	}
	t.Errorf("the reading ended at %d", after)
	return ids
}
