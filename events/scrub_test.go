package events

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/damage"
)

// scrubDay is when the tests' scrubs begin.
var scrubDay = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// openScrubbed opens a ledger whose scrub takes no step but the test's.
func openScrubbed(t *testing.T, dir string) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1, scrub: make(chan time.Time), minute: make(chan time.Time)})
	require.NoError(t, err)
	return l
}

// scrubRound lets a whole round run, and returns how the scrub stands then.
func scrubRound(t *testing.T, l *Ledger, now time.Time) Scrub {
	t.Helper()
	l.scrubStep(now)
	now = now.Add(l.config.ScrubEvery - time.Second) // everything is due now, and no other round
	for range 100 {
		if s := l.Books()[0].Scrub; !s.Running {
			return s
		}
		l.scrubStep(now)
	}
	t.Fatal("the round does not end")
	return Scrub{}
}

// bigLedger makes a folder with a sealed segment and two blocks.
func bigLedger(t *testing.T) (dir string, events int) {
	t.Helper()
	dir, events = t.TempDir(), book.SegmentEntries+3000
	l := openScrubbed(t, dir)
	keys := make([]string, events)
	for i := range keys {
		keys[i] = fmt.Sprint("k", i+1)
	}
	record(t, l, keys...)
	require.NoError(t, l.Close())
	return dir, events
}

func TestTheScrubGoesRoundWithinADay(t *testing.T) {
	ticks := make(chan time.Time)
	dir := t.TempDir()
	open := func() *Ledger {
		l, err := Open(t.Context(), Config{Dir: dir, Port: -1, scrub: ticks})
		require.NoError(t, err)
		return l
	}
	tick := func(now time.Time) {
		ticks <- now
		ticks <- scrubDay.Add(-time.Hour) // taken when the step before has ended; nothing is due then
	}
	l := open()
	keys := make([]string, 3*scrubPiece)
	for i := range keys {
		keys[i] = fmt.Sprint(i)
	}
	record(t, l, keys...)
	scrub := func() Scrub { return l.Books()[0].Scrub }
	tick(scrubDay)
	require.Equal(t, Scrub{Started: scrubDay, Running: true, Position: scrubPiece}, scrub())
	tick(scrubDay.Add(5 * time.Hour))
	require.EqualValues(t, scrubPiece, scrub().Position, "a third of the round is read, and a third of the time is not over")
	tick(scrubDay.Add(6 * time.Hour))
	require.EqualValues(t, 2*scrubPiece, scrub().Position)
	require.NoError(t, l.Close())

	l = open()
	require.Equal(t, Scrub{Started: scrubDay, Running: true, Position: 2 * scrubPiece}, scrub(), "a restart goes on")
	l.recording.Add(1)
	tick(scrubDay.Add(13 * time.Hour))
	require.EqualValues(t, 2*scrubPiece, scrub().Position, "it stands back while somebody waits at the door")
	ended := scrubDay.Add(16 * time.Hour)
	tick(ended)
	require.Equal(t, Scrub{Started: scrubDay, Ended: ended, Events: 3 * scrubPiece}, scrub(), "but not for ever")
	l.recording.Add(-1)
	tick(scrubDay.Add(23 * time.Hour))
	require.False(t, scrub().Running)
	record(t, l, "one more")
	tick(scrubDay.Add(24 * time.Hour))
	require.Equal(t, scrubDay.Add(24*time.Hour), scrub().Started)
	require.NoError(t, l.Close())
}

// TestTheScrubMendsTheBook damages the book's files while the ledger is open and records: each time
// the scrub makes again what the stream proves, and the door never stops.
func TestTheScrubMendsTheBook(t *testing.T) {
	dir, n := bigLedger(t)
	l := openScrubbed(t, dir)
	defer func() { require.NoError(t, l.Close()) }()
	in := func(name string) string { return filepath.Join(dir, "book/ANJU-52", name) }
	sealed, live := in("entries/000000.zst"), in("entries/000001")
	flipped := func(name string, at int) func() error {
		return func() error { return flipInPlace(in(name), int64(at)) }
	}
	day := scrubDay
	require.Empty(t, scrubRound(t, l, day).Last)
	for _, c := range []struct {
		name   string
		damage func() error
		from   uint64 // of the first finding
		to     uint64
		kept   bool // the damaged file is
	}{
		{"a sealed segment flips", flipped("entries/000000.zst", 9000), 1, 1024, true},
		{"a sealed segment is cut", func() error { return damage.Cut(sealed, 1000) }, 15361, 16384, true},
		{"a sealed segment is deleted", func() error { return damage.Delete(sealed) }, 1, 16384, false},
		{"the growing segment flips", flipped("entries/000001", 9000), 16402, 16402, true},
		{"the growing segment is cut", func() error { return os.Truncate(live, 20) }, 16385, 0, true},
		{"the growing segment is deleted", func() error { return damage.Delete(live) }, 16385, 0, false},
		{"a leaf flips", flipped("hashes.0", 32*700), 701, 701, false},
		{"one of the last leaves flips", flipped("hashes.0", 32*n-1), uint64(n), uint64(n), false},
		{"a tile's hash flips", flipped("hashes.1", 32*3), 1, 0, false}, // readers have it in memory: only the tree as a whole misses it
	} {
		day = day.Add(25 * time.Hour)
		before := l.Books()[0].Written
		require.NoError(t, c.damage(), c.name)
		record(t, l, c.name)
		found := scrubRound(t, l, day).Last
		require.NotEmpty(t, found, c.name)
		if c.to == 0 {
			c.to = before
		}
		require.GreaterOrEqual(t, found[0].From, c.from, c.name)
		require.LessOrEqual(t, found[0].To, c.to+1, c.name) // what was recorded since is there too
		for _, f := range found {
			require.True(t, f.Mended, "%s: %v", c.name, f)
		}
		kept, err := filepath.Glob(filepath.Join(dir, "damaged/book-ANJU-52.*"))
		require.NoError(t, err)
		require.Equal(t, c.kept, len(kept) > 0, c.name)
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "damaged")))
		state := l.Streams()[0]
		require.Equal(t, AlarmBookMended, state.Alarms[0].Kind, c.name)
		require.False(t, state.Stands, c.name)
	}
	report, err := l.Verify(t.Context(), 52, nil)
	require.NoError(t, err)
	require.True(t, report.OK, report.Findings)
	require.Empty(t, scrubRound(t, l, day.Add(25*time.Hour)).Last)
	require.Empty(t, l.Streams()[0].Alarms)
}

// TestTheScrubStopsTheDoor changes the stream while the ledger is open: the door stops and names
// the places, also after a restart, until the stream is repaired. What the book proves is read all
// the while, and of what no copy proves a reader is told.
func TestTheScrubStopsTheDoor(t *testing.T) {
	made, n := bigLedger(t)
	forge := func(t *testing.T, dir string) {
		s := damage.StreamOf(dir, "ANJU-52")
		blocks, err := s.Blocks()
		require.NoError(t, err)
		require.Greater(t, len(blocks), 1)
		_, err = s.ForgeEvent(blocks[0], 700)
		require.NoError(t, err)
	}
	for name, flipBook := range map[string]bool{"an event is forged": false, "and the book flips there": true} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "ledger")
			require.NoError(t, damage.Copy(made, dir, func(string) bool { return false }))
			l := openScrubbed(t, dir)
			forge(t, dir)
			if flipBook {
				require.NoError(t, damage.Cut(filepath.Join(dir, "book/ANJU-52/entries/000000.zst"), 1<<18))
				require.NoError(t, flipInPlace(filepath.Join(dir, "book/ANJU-52/entries/000000.zst"), 16)) // where its first frame begins
			}
			require.NotEmpty(t, scrubRound(t, l, scrubDay).Last)
			check := func() {
				state := l.Streams()[0]
				require.True(t, state.Stands)
				require.Equal(t, AlarmDiffers, state.Alarms[0].Kind)
				require.EqualValues(t, 700, state.Alarms[0].From)
				require.EqualValues(t, 700, state.Alarms[0].To)
				_, err := l.Append(t.Context(), 52, false, drafts("new"))
				var differs *DifferenceError
				require.ErrorAs(t, err, &differs)
				require.Contains(t, err.Error(), "ANJU-52:700 ")
			}
			check()
			if flipBook {
				readAround(t, l, 700, uint64(n))
				require.NoError(t, l.Close())
				require.NoError(t, os.Remove(filepath.Join(dir, snapshotFile))) // all is read again
				l = openScrubbed(t, dir)
				check()
				readAround(t, l, 700, uint64(n))
				require.NoError(t, l.Close())
				return
			}
			require.Len(t, keysOf(t, l), n)
			require.NoError(t, l.Close())
			l = openScrubbed(t, dir)
			check()
			require.Len(t, keysOf(t, l), n)
			require.NoError(t, l.Close())
			l, err := Open(t.Context(), Config{Dir: dir, Port: -1, Repair: []uint8{52}})
			require.NoError(t, err)
			require.Empty(t, l.Streams()[0].Alarms)
			record(t, l, "new")
			require.NoError(t, l.Close())
		})
	}
}

// readAround reads a stream in which one place is not proven by any copy.
func readAround(t *testing.T, l *Ledger, place, end uint64) {
	t.Helper()
	last := uint64(0)
	var differs *DifferenceError
	for rec, err := range l.Read(t.Context(), 52, 0) {
		if err != nil {
			require.ErrorAs(t, err, &differs)
			break
		}
		last = rec.Sequence
	}
	require.Equal(t, place-1, last, "what stands before is read")
	require.NotNil(t, differs)
	require.Equal(t, []uint64{place, place}, []uint64{differs.From, differs.To})
	_, err := l.Get(t.Context(), 52, place)
	require.ErrorAs(t, err, &differs)
	rec, err := l.Get(t.Context(), 52, place+1)
	require.NoError(t, err)
	require.NotNil(t, rec.Event)
	for rec, err := range l.Read(t.Context(), 52, place) {
		require.NoError(t, err)
		last = rec.Sequence
	}
	require.Equal(t, end, last, "and what stands behind")
}

func flipInPlace(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		return err
	}
	b[0] ^= 1
	_, err = f.WriteAt(b[:], at)
	return err
}

// BenchmarkAppendBesideTheScrub records single events with no scrub, beside one that is late and so
// does not stand back, and beside one at ten times its pace.
func BenchmarkAppendBesideTheScrub(b *testing.B) {
	for _, c := range []struct {
		name  string
		every time.Duration
	}{{"alone", 0}, {"late", scrubTick}, {"tenfold", scrubTick / 10}} {
		b.Run(c.name, func(b *testing.B) {
			ticks := make(chan time.Time)
			l, err := Open(b.Context(), Config{Dir: b.TempDir(), Port: -1, scrub: ticks})
			require.NoError(b, err)
			defer func() { require.NoError(b, l.Close()) }()
			const before = 40_000
			for at := 0; at < before; at += 1000 {
				keys := make([]string, 1000)
				for i := range keys {
					keys[i] = fmt.Sprint("before", at+i)
				}
				_, err := l.Append(b.Context(), 52, false, drafts(keys...))
				require.NoError(b, err)
			}
			stop := make(chan struct{})
			var ticking sync.WaitGroup
			defer ticking.Wait()
			defer close(stop)
			if c.every > 0 {
				ticking.Go(func() { tickLate(ticks, c.every, stop) })
			}
			took := make([]time.Duration, 0, 1<<16)
			for i := 0; b.Loop(); i++ {
				began := time.Now()
				_, err := l.Append(b.Context(), 52, false, drafts(fmt.Sprint("k", i)))
				took = append(took, time.Since(began))
				require.NoError(b, err)
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// tickLate ticks with times at which a round is always late.
func tickLate(ticks chan<- time.Time, every time.Duration, stop <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for now := scrubDay; ; now = now.Add(scrubDaily) {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		select {
		case <-stop:
			return
		case ticks <- now:
		}
	}
}
