package events

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// A crash may leave the first parts of a set at the end of a stream. Whoever waits for what is
// durable must not wait for parts that no reader ever gets.
func TestAHalfSetAtTheEndIsNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	record(t, l, "a")
	w, err := l.writer(t.Context(), 52)
	require.NoError(t, err)
	part, _, err := (&testDraft{key: "half"}).Settle(&Index{w: w})
	require.NoError(t, err)
	part.Sequence, part.Recorded, part.Set = 2, w.recorded, Set{ID: domain.EventID{7, 6: 0x70, 8: 0x80}, Part: 1, Parts: 2}
	m := message{2, part.NATSSubject(), part.Append(nil)}
	require.NoError(t, w.store.append(t.Context(), []message{m}))
	require.NoError(t, l.Close())

	l, err = Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	end := func() (last uint64) {
		for rec, err := range l.Read(t.Context(), 52, 0) {
			require.NoError(t, err)
			last = rec.Sequence
		}
		return last
	}
	require.EqualValues(t, 1, end())
	require.Equal(t, end(), l.Streams()[0].Durable)
	require.EqualValues(t, 3, record(t, l, "b")[0].Receipt.Sequence)
	require.EqualValues(t, 3, end())
	require.Equal(t, end(), l.Streams()[0].Durable)
}
