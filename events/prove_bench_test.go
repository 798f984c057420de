package events

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkProve proves events at random places of a ledger of 150,000: two full tiles of level 1, and
// sealed and open segments. Beside it the parts: the event read, and the way to the root alone.
func BenchmarkProve(b *testing.B) {
	const events = 150_000
	l, err := Open(b.Context(), Config{Dir: b.TempDir(), Port: -1})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, l.Close()) })
	for from := 0; from < events; from += 5000 {
		all := make([]Draft, 5000)
		for i := range all {
			all[i] = &testDraft{key: fmt.Sprint(from + i), size: 60}
		}
		_, err := l.Append(b.Context(), 52, false, all)
		require.NoError(b, err)
	}
	k, err := l.Book(52)
	require.NoError(b, err)
	for name, do := range map[string]func(sequence uint64) error{
		"whole": func(s uint64) error { _, err := l.Prove(b.Context(), 52, s); return err },
		"read":  func(s uint64) error { _, err := l.Get(b.Context(), 52, s); return err },
		"way":   func(s uint64) error { _, err := k.ProveEntry(k.Size(), s-1); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, do(1+rand.Uint64N(events)))
			}
		})
	}
}
