package events

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/damage"
)

// The failure table of stream and book: what is done to the files of a ledger at rest, and what a
// start, a verification and a repair make of it. No row may lose an event or serve a wrong one.
func TestDamageToStreamAndBook(t *testing.T) {
	block := func(do func(damage.Stream, damage.Block) error) func(dir string) error {
		return func(dir string) error {
			s := damage.StreamOf(dir, "ANJU-52")
			blocks, err := s.Blocks()
			if err != nil {
				return err
			}
			return do(s, blocks[0])
		}
	}
	forge := func(sequence uint64) func(dir string) error {
		return block(func(s damage.Stream, b damage.Block) error {
			_, err := s.ForgeEvent(b, sequence)
			return err
		})
	}
	flip := func(s damage.Stream, b damage.Block) error {
		_, err := s.FlipEvent(b, 20)
		return err
	}
	cut := func(s damage.Stream, b damage.Block) error { return damage.Cut(b.Path, 1000) }
	noIndex := func(do func(damage.Stream, damage.Block) error) func(dir string) error {
		return block(func(s damage.Stream, b damage.Block) error { return errors.Join(do(s, b), damage.Delete(s.Index())) })
	}
	in := func(name string, do func(path string) error) func(dir string) error {
		return func(dir string) error { return do(filepath.Join(dir, name)) }
	}
	cutEntries := in("book/ANJU-52/entries/000000", func(path string) error { return damage.Cut(path, 3000) })
	for _, c := range []struct {
		name    string
		damage  func(dir string) error
		stopped bool          // the door records nothing until it is repaired
		found   []FindingKind // by Verify, before any repair
		lost    uint64        // the first that no copy proves any more: not to be repaired; 0 = none
	}{
		{"nothing", func(string) error { return nil }, false, nil, 0},
		{"the stream is gone", func(dir string) error { return damage.Delete(damage.StreamOf(dir, "ANJU-52").Dir) }, false, nil, 0},
		{"the whole store is gone", in("jetstream/jetstream", damage.Delete), false, nil, 0},
		{"the book is gone", in("book/ANJU-52", damage.Delete), false, nil, 0},
		{"the book and the checkpoint are gone", func(dir string) error {
			return errors.Join(in("book/ANJU-52", damage.Delete)(dir), in("checkpoints", damage.Delete)(dir))
		}, false, nil, 0},
		{"the checkpoints are gone", in("checkpoints", damage.Delete), false, nil, 0},
		{"the head is gone", in("book/ANJU-52/head", damage.Delete), false, nil, 0},
		{"head and checkpoints are gone", func(dir string) error {
			return errors.Join(in("book/ANJU-52/head", damage.Delete)(dir), in("checkpoints", damage.Delete)(dir))
		}, false, nil, 0},
		{"the checkpoint flips", in("checkpoints/ANJU-52", func(path string) error { return damage.Flip(path, 30) }), false, nil, 0},
		{"the book's entries are gone", in("book/ANJU-52/entries", damage.Delete), false, nil, 0},
		{"the book's entries are cut", cutEntries, false, nil, 0},
		{"the book's leaves are gone", in("book/ANJU-52/hashes.0", damage.Delete), false, nil, 0},
		{"a leaf flips", in("book/ANJU-52/hashes.0", func(path string) error { return damage.Flip(path, 32*7) }), false, nil, 0},
		{"the head flips", in("book/ANJU-52/head", func(path string) error { return damage.Flip(path, 20) }), false, nil, 0},
		{"the tail of the stream is cut", noIndex(cut), false, nil, 0},
		{"a bit of the stream flips", block(flip), false, []FindingKind{Lost}, 0},
		{"a bit of the stream flips, without index", noIndex(flip), false, nil, 0},
		{"an event is forged", forge(20), false, []FindingKind{Altered}, 0},
		{"the last event is forged", forge(40), true, []FindingKind{Altered}, 0},
		{"an event is forged and the leaves are gone", func(dir string) error {
			return errors.Join(forge(20)(dir), in("book/ANJU-52/hashes.0", damage.Delete)(dir))
		}, false, []FindingKind{Altered}, 0},
		{"an event is forged and the leaves are cut", func(dir string) error {
			return errors.Join(forge(20)(dir), in("book/ANJU-52/hashes.0", func(path string) error { return damage.Cut(path, 32*30) })(dir))
		}, false, []FindingKind{Altered}, 0},
		{"an event is forged, the leaves and the head are gone", func(dir string) error {
			return errors.Join(forge(20)(dir), in("book/ANJU-52/hashes.0", damage.Delete)(dir), in("book/ANJU-52/head", damage.Delete)(dir))
		}, false, []FindingKind{Altered}, 0},
		{"stream and book are cut alike", func(dir string) error { return errors.Join(noIndex(cut)(dir), cutEntries(dir)) }, true, nil, 35},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			l := openScrubbed(t, dir)
			keys := make([]string, 40)
			for i := range keys {
				keys[i] = fmt.Sprint("k", i+1)
			}
			record(t, l, keys...)
			want := bodies(t, l)
			require.Len(t, want, 40)
			require.NoError(t, l.Close())
			require.NoError(t, c.damage(dir))

			l = openScrubbed(t, dir)
			if c.lost == 0 {
				require.Equal(t, want, bodies(t, l), "history is whole at once")
			} else {
				readsUpTo(t, l, want, c.lost)
			}
			outcomes, err := l.Append(t.Context(), 52, false, drafts("k1", "new"))
			if c.stopped {
				require.ErrorIs(t, err, ErrStopped)
				require.ErrorIs(t, err, ErrDiffers)
				require.NotEmpty(t, l.Streams()[0].Alarm)
			} else {
				require.NoError(t, err)
				require.True(t, outcomes[0].Receipt.Already)
				require.EqualValues(t, 41, outcomes[1].Receipt.Sequence)
			}
			report, err := l.Verify(t.Context(), 52, nil)
			require.NoError(t, err)
			var found []FindingKind
			for _, f := range report.Findings {
				found = append(found, f.Kind)
				if c.lost == 0 {
					require.Equal(t, f.From, f.To, "only the one that was damaged is named")
				}
			}
			if c.lost == 0 {
				require.Equal(t, c.found, found)
			}
			require.NoError(t, l.Close())

			l, err = Open(t.Context(), Config{Dir: dir, Port: -1, Repair: []uint8{52}})
			if c.lost > 0 {
				require.ErrorContains(t, err, "cannot be repaired")
				return
			}
			require.NoError(t, err)
			require.Equal(t, want, bodies(t, l)[:40])
			report, err = l.Verify(t.Context(), 52, nil)
			require.NoError(t, err)
			require.True(t, report.OK, report)
			record(t, l, "after the repair")
			require.NoError(t, l.Close())
		})
	}
}

// readsUpTo checks that what stands before the first lost event is read, and that the loss is told.
func readsUpTo(t *testing.T, l *Ledger, want [][]byte, lost uint64) {
	t.Helper()
	var got [][]byte
	var difference *DifferenceError
	for rec, err := range l.Read(t.Context(), 52, 0) {
		if err != nil {
			require.ErrorAs(t, err, &difference)
			break
		}
		got = append(got, rec.Body)
	}
	require.Len(t, got, int(lost-1))
	require.Equal(t, want[:lost-1], got)
	require.NotNil(t, difference, "a short history is not served as a whole one")
	require.Equal(t, []uint64{lost, uint64(len(want))}, []uint64{difference.From, difference.To})
	_, err := l.Get(t.Context(), 52, lost)
	require.ErrorAs(t, err, &difference)
}

func bodies(t *testing.T, l *Ledger) (all [][]byte) {
	t.Helper()
	for rec, err := range l.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		again, err := l.Get(t.Context(), 52, rec.Sequence)
		require.NoError(t, err)
		require.Equal(t, rec.Body, again.Body)
		all = append(all, rec.Body)
	}
	return all
}

// TestALostKeyIsNoNewBeginning takes the signing key away: nothing is signed under another one in
// silence.
func TestALostKeyIsNoNewBeginning(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	record(t, l, "a")
	require.NoError(t, l.Close())
	require.NoError(t, os.Remove(filepath.Join(dir, "book", "key")))
	_, err = Open(t.Context(), Config{Dir: dir, Port: -1})
	require.ErrorIs(t, err, errKeyLost)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "book")))
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "checkpoints")))
	l, err = Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, keysOf(t, l))
	record(t, l, "b")
	require.NoError(t, l.Close())
}

// TestBothCopiesAreDamagedElsewhere damages the book at one place and the stream at another: every
// event still has one good copy, from which it is read; the scrub makes the book again, and then
// the book the stream.
func TestBothCopiesAreDamagedElsewhere(t *testing.T) {
	dir := t.TempDir()
	l := openScrubbed(t, dir)
	for i := range 40 {
		record(t, l, fmt.Sprint("k", i))
	}
	want := bodies(t, l)
	require.NoError(t, l.Close())
	require.NoError(t, damage.Flip(filepath.Join(dir, "book/ANJU-52/entries/000000"), 300))
	s := damage.StreamOf(dir, "ANJU-52")
	blocks, err := s.Blocks()
	require.NoError(t, err)
	_, err = s.ForgeEvent(blocks[0], 20)
	require.NoError(t, err)

	l = openScrubbed(t, dir)
	require.Equal(t, want, bodies(t, l))
	found := scrubRound(t, l, scrubDay).Last
	require.Len(t, found, 2)
	require.True(t, found[0].Mended)
	require.Equal(t, []any{InStream, uint64(20), uint64(20)}, []any{found[1].In, found[1].From, found[1].To})
	require.True(t, l.Streams()[0].Stands)
	require.Equal(t, want, bodies(t, l))
	require.NoError(t, l.Close())
	l, err = Open(t.Context(), Config{Dir: dir, Port: -1, scrub: make(chan time.Time), Repair: []uint8{52}})
	require.NoError(t, err)
	require.Equal(t, want, bodies(t, l))
	record(t, l, "new")
	report, err := l.Verify(t.Context(), 52, nil)
	require.NoError(t, err)
	require.True(t, report.OK)
	require.NoError(t, l.Close())
}
