package events

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

func TestTheTableByIDFindsEveryEvent(t *testing.T) {
	const events, half = 50_000, 25_000
	id := func(n uint64) (id domain.EventID) { // of version 7: alike in their first half
		binary.BigEndian.PutUint64(id[:], 0x0192f3c100007000)
		binary.BigEndian.PutUint64(id[8:], 1<<63|n)
		return id
	}
	var table, copied idTable
	for n := range uint64(events) {
		table.add(id(n), n+1)
	}
	for part := range idParts {
		copied.load(part, table.upTo(part, half))
	}
	require.Equal(t, events, table.used)
	require.Equal(t, half, copied.used, "a copy holds nothing behind its position")
	for n := range uint64(events) {
		require.Contains(t, table.find(id(n)), n+1)
		if n < half {
			require.Contains(t, copied.find(id(n)), n+1)
		}
	}
	require.Empty(t, table.find(id(events+1)))
	copied.add(id(half), half+1)
	require.Contains(t, copied.find(id(half)), uint64(half+1))
	slots := 0
	for _, p := range table.parts {
		slots += len(p.slots)
	}
	require.Less(t, 8*slots, 15*events, "bytes an event")
}

func TestIDsThatCountInBothHalvesAreSpread(t *testing.T) {
	for _, step := range []uint64{1, 1 << 16, 1 << 32, 0x9e3779b97f4a7c15} {
		hashes := map[uint64]bool{}
		for n := range uint64(10_000) {
			var id domain.EventID
			binary.BigEndian.PutUint64(id[:], n*step)
			binary.BigEndian.PutUint64(id[8:], n)
			hashes[hashID(id)] = true
		}
		require.Greater(t, len(hashes), 9_990, "step %x", step)
	}
}
