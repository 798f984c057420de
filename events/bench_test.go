package events

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// benchDraft is a new job.placed of about 640 bytes, made as cheaply as a draft can be, so that
// the figure is the log's.
type benchDraft struct {
	number uint64
	data   []byte
}

func (d *benchDraft) IDs() map[string]domain.Entity { return nil }

func (d *benchDraft) Settle(x *Index) (*Event, *Receipt, error) {
	var id domain.EventID
	binary.BigEndian.PutUint64(id[:], 0x0192f3c100007000)
	binary.BigEndian.PutUint64(id[8:], 0x8000000000000000|d.number)
	if there, err := x.Find(id); err == nil {
		return nil, &Receipt{ID: id, Stream: there.Stream(), Sequence: there.Sequence, Recorded: there.Recorded}, nil
	}
	home := domain.MintEntity(domain.HouseholdKind, d.number>>3)
	fact := &domain.JobPlaced{
		Person:    domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, d.number>>1)},
		Placement: domain.PlacementID{Entity: domain.MintEntity(domain.PlacementKind, d.number)},
	}
	return &Event{
		ID: id, Source: domain.Source{Department: "hrss", Division: "520603"}, Type: "job.placed", Version: 2,
		Subject: home, Time: domain.MakeDay(2020, 3, 5).Moment(), Home: HomeIn("520603", home),
		Division: "520603003501", Batch: "i00000000000a/417", Data: d.data, Fact: fact,
	}, nil, nil
}

func benchData() []byte {
	return []byte(`{"person":"p000000000001","placement":"w000000000001","employer":"` + strings.Repeat("x", 60) +
		`","channel":"factory","place_division":"520603","contract_to":"2022-03-04","wage_fen_month":320000}`)
}

// openBench opens a ledger in TMPDIR, which must lie on a disk: in memory a sync costs nothing.
func openBench(b *testing.B) *Ledger {
	b.Helper()
	l, err := Open(b.Context(), Config{Dir: b.TempDir(), Port: -1})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, l.Close()) })
	return l
}

// BenchmarkAppendRaw is the figure to compare with: the same bytes, published with their
// fence in groups and synced, with no door in front.
func BenchmarkAppendRaw(b *testing.B) {
	for _, group := range []int{1, 16, 128, 1024} {
		b.Run(fmt.Sprint(group), func(b *testing.B) {
			BenchRaw(b, group, b.N)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchRaw appends n events raw in groups, the timer reset before the first, and returns how
// long each group took.
func BenchRaw(b *testing.B, group, n int) (took []time.Duration) {
	b.Helper()
	l := openBench(b)
	w, err := l.writer(b.Context(), 52)
	require.NoError(b, err)
	d := benchDraft{number: 1, data: benchData()}
	e, _, err := d.Settle(&Index{w: w})
	require.NoError(b, err)
	body, subject := e.Append(nil), e.NATSSubject()
	b.SetBytes(int64(len(body)))
	messages := make([]message, 0, group)
	last := 0
	b.ResetTimer() // the server's start is not counted
	for last < n {
		began := time.Now()
		messages = messages[:0]
		for range min(group, n-last) {
			last++
			messages = append(messages, message{uint64(last), subject, body})
		}
		require.NoError(b, w.store.append(b.Context(), messages))
		require.NoError(b, w.store.sync())
		took = append(took, time.Since(began))
	}
	return took
}

// BenchmarkAppend sends new events from many senders, some at a time, through the door.
func BenchmarkAppend(b *testing.B) {
	for _, c := range []struct{ senders, each int }{{1, 1}, {64, 1}, {8, 128}, {16, 128}} {
		b.Run(fmt.Sprintf("senders=%d/each=%d", c.senders, c.each), func(b *testing.B) {
			l := openBench(b)
			_, err := l.writer(b.Context(), 52)
			require.NoError(b, err)
			data := benchData()
			var next atomic.Int64
			var senders sync.WaitGroup
			b.ResetTimer()
			for range c.senders {
				senders.Go(func() {
					for {
						at := next.Add(int64(c.each)) - int64(c.each)
						if at >= int64(b.N) {
							return
						}
						many := make([]Draft, min(c.each, b.N-int(at)))
						for i := range many {
							many[i] = &benchDraft{number: uint64(at) + uint64(i), data: data}
						}
						outcomes, err := l.Append(b.Context(), 52, false, many)
						if err != nil || outcomes[0].Err != nil {
							b.Error(err, outcomes)
							return
						}
					}
				})
			}
			senders.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkRead reads a whole stream, decoded, from the server.
func BenchmarkRead(b *testing.B) {
	l := openBench(b)
	const events = 20_000
	many := make([]Draft, events)
	for i := range many {
		many[i] = &benchDraft{number: uint64(i), data: benchData()}
	}
	_, err := l.Append(b.Context(), 52, false, many)
	require.NoError(b, err)
	for b.Loop() {
		count := 0
		for _, err := range l.Read(b.Context(), 52, 0) {
			require.NoError(b, err)
			count++
		}
		require.Equal(b, events, count)
	}
	b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
}
