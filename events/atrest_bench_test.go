package events

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkVerifyAtRest verifies a folder of 100,000 events of some 640 bytes, and its JetStream
// store without the book. The limit is SHA-256 of the entries: an event is hashed once.
func BenchmarkVerifyAtRest(b *testing.B) {
	const events = 100_000
	dir := b.TempDir()
	l, err := Open(b.Context(), Config{Dir: dir, Port: -1})
	require.NoError(b, err)
	for from := 0; from < events; from += 5000 {
		all := make([]Draft, 5000)
		for i := range all {
			all[i] = &testDraft{key: fmt.Sprint(from + i), size: 60}
		}
		_, err := l.Append(b.Context(), 52, false, all)
		require.NoError(b, err)
	}
	require.NoError(b, l.Close())
	for name, verify := range map[string]func() ([]VerifyReport, error){
		"folder": func() ([]VerifyReport, error) { return VerifyFolder(b.Context(), Rest{Dir: dir}) },
		"store": func() ([]VerifyReport, error) {
			return VerifyStore(b.Context(), Rest{Dir: filepath.Join(dir, "jetstream"), Book: filepath.Join(dir, "none")})
		},
	} {
		b.Run(name, func(b *testing.B) {
			before := cpuTime(b)
			for b.Loop() {
				reports, err := verify()
				require.NoError(b, err)
				require.True(b, reports[0].OK)
				require.EqualValues(b, events, reports[0].Events)
			}
			used := cpuTime(b) - before // of all threads: a busy machine makes them wait, and not work more
			b.ReportMetric(float64(events)*float64(b.N)/used.Seconds(), "events/s/core")
		})
	}
}

// cpuTime is what this process has used of the processors.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
