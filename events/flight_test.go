package events

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// toldDraft tells when it is settled.
type toldDraft struct {
	testDraft
	settled chan struct{} // closed at the first Settle
	once    sync.Once
}

func (d *toldDraft) Settle(x *Index) (*Event, *Receipt, error) {
	defer d.once.Do(func() { close(d.settled) })
	return d.testDraft.Settle(x)
}

// TestWhatIsSettledOnTopOfAGroupSharesItsFate holds a group on its way to the disk while the
// next one is settled behind it, with a repetition of what is on its way, and then lets the
// first fail.
func TestWhatIsSettledOnTopOfAGroupSharesItsFate(t *testing.T) {
	broken := errors.New("input/output error")
	cases := []struct {
		name, step string
		failure    error
		foreign    bool // another door's message takes the group's place
	}{
		{"it is stored", "sync", nil, false},
		{"nothing was published", "publish", errFence, false},
		{"another door came first", "publish", nil, true},
		{"the acknowledgement was lost", "ack", errFence, false},
		{"the sync failed", "sync", broken, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			reached, release := make(chan struct{}), make(chan struct{})
			armed := false
			var store *memoryStore
			l, err := Open(t.Context(), Config{Fails: func(step string) error {
				if !armed || step != c.step {
					return nil
				}
				armed = false
				close(reached)
				<-release
				if c.foreign {
					at := uint64(len(store.messages)) + 1
					store.messages = append(store.messages, message{at, "anju.52.520603.household.x", []byte("x")})
				}
				return c.failure
			}})
			require.NoError(t, err)
			defer func() { require.NoError(t, l.Close()) }()
			record(t, l, "before")
			store, _ = l.writers[52].store.(*memoryStore)
			armed = true
			var first, second []Outcome
			var senders sync.WaitGroup
			senders.Go(func() { first, _ = l.Append(t.Context(), 52, false, drafts("x")) })
			<-reached
			next := &toldDraft{testDraft: testDraft{key: "y"}, settled: make(chan struct{})}
			senders.Go(func() { second, _ = l.Append(t.Context(), 52, false, append(drafts("x"), next)) })
			<-next.settled
			durable, _ := l.writers[52].position()
			require.EqualValues(t, 1, durable, "nothing on its way may be read")
			close(release)
			senders.Wait()

			if errors.Is(c.failure, broken) {
				for _, o := range append(first, second...) {
					require.ErrorIs(t, o.Err, ErrStopped)
				}
				require.Equal(t, []string{"before"}, keysOf(t, l))
				require.Len(t, store.messages, 2, "what was settled behind it is not published")
				require.EqualValues(t, 1, l.directory.Position(52), "what failed is unlearnt")
				return
			}
			require.NoError(t, first[0].Err)
			require.NoError(t, second[1].Err)
			require.Equal(t, first[0].Receipt.ID, second[0].Receipt.ID)
			require.Equal(t, first[0].Receipt.Sequence, second[0].Receipt.Sequence)
			require.Equal(t, first[0].Receipt.Sequence+1, second[1].Receipt.Sequence)
			require.True(t, second[0].Receipt.Already)
			require.Equal(t, []string{"before", "x", "y"}, keysOf(t, l))
			_, found := l.directory.Home(domain.MintEntity(domain.PlacementKind, hashID(second[1].Receipt.ID)))
			require.True(t, found)
		})
	}
}

// TestTheEndOfALedgerAnswersEverybody closes a ledger while one group is on its way to the disk
// and another is settled behind it.
func TestTheEndOfALedgerAnswersEverybody(t *testing.T) {
	reached, release := make(chan struct{}), make(chan struct{})
	armed := true
	l, err := Open(t.Context(), Config{Fails: func(step string) error {
		if armed && step == "publish" {
			armed = false
			close(reached)
			<-release
		}
		return nil
	}})
	require.NoError(t, err)
	var first, second []Outcome
	var senders, closing sync.WaitGroup
	senders.Go(func() { first, err = l.Append(t.Context(), 52, false, drafts("x")) })
	<-reached
	next := &toldDraft{testDraft: testDraft{key: "y"}, settled: make(chan struct{})}
	senders.Go(func() { second, _ = l.Append(t.Context(), 52, false, []Draft{next}) })
	<-next.settled
	closing.Go(func() { _ = l.Close() })
	<-l.ctx.Done()
	close(release)
	senders.Wait()
	closing.Wait()
	require.NoError(t, err)
	require.NoError(t, first[0].Err)
	require.ErrorIs(t, second[0].Err, ErrStopped)
	require.EqualValues(t, 1, l.directory.Position(52))
}
