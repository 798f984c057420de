package events

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// elsewhereDraft is a draft whose home lies in another province.
type elsewhereDraft struct {
	testDraft
	division domain.Division
}

func (d *elsewhereDraft) Settle(x *Index) (*Event, *Receipt, error) {
	e, there, err := d.testDraft.Settle(x)
	if e != nil {
		e.Home = HomeIn(d.division, e.Subject)
	}
	return e, there, err
}

func appendIn(t *testing.T, l *Ledger, province uint8, keys ...string) []Outcome {
	t.Helper()
	all := make([]Draft, len(keys))
	for i, k := range keys {
		all[i] = &elsewhereDraft{testDraft{key: k}, domain.Division(fmt.Sprint(province))}
	}
	outcomes, err := l.Append(t.Context(), province, false, all)
	require.NoError(t, err)
	return outcomes
}

func TestAnIDOfAnotherProvinceIsTaken(t *testing.T) {
	forEachLog(t, func(t *testing.T, l *Ledger) {
		require.NoError(t, appendIn(t, l, 52, "a")[0].Err)
		outcomes := appendIn(t, l, 50, "b", "a")
		require.NoError(t, outcomes[0].Err)
		require.ErrorIs(t, outcomes[1].Err, ErrTaken)
		require.True(t, appendIn(t, l, 52, "a")[0].Receipt.Already)
		require.EqualValues(t, 1, l.Streams()[0].Durable)
	})
}

// TestTwoProvincesRaceForIDs lets two doors want the same ids at the same time: each id is
// recorded once, and who lost and asks again learns that it is taken.
func TestTwoProvincesRaceForIDs(t *testing.T) {
	l, err := Open(t.Context(), Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	const ids = 400
	var got [2][ids]error
	var senders sync.WaitGroup
	for i, province := range []uint8{50, 52} {
		for part := range 4 {
			senders.Go(func() {
				for n := part; n < ids; n += 4 {
					got[i][n] = appendIn(t, l, province, fmt.Sprint(n))[0].Err
				}
			})
		}
	}
	senders.Wait()
	for n := range ids {
		require.False(t, got[0][n] == nil && got[1][n] == nil, "id %d is recorded twice", n)
	}
	durable := uint64(0)
	for _, s := range l.Streams() {
		durable += s.Durable
	}
	recorded := 0
	for n := range ids {
		if got[0][n] == nil || got[1][n] == nil {
			recorded++
		}
	}
	require.EqualValues(t, recorded, durable)
	for n := range ids {
		a, b := appendIn(t, l, 50, fmt.Sprint(n))[0], appendIn(t, l, 52, fmt.Sprint(n))[0]
		require.True(t, a.Err == nil != (b.Err == nil), "asked one after the other, one has it")
	}
}
