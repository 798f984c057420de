package events

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/highwayhash"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/damage"
)

// rested makes a ledger of n events, each of a millisecond of its own, the name of their employer size
// long, and closes it.
func rested(t *testing.T, n, size int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	var asked atomic.Int64
	from := time.Now()
	clock := func() time.Time { return from.Add(time.Duration(asked.Add(1)) * time.Millisecond) }
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1, Clock: clock})
	require.NoError(t, err)
	all := make([]Draft, n)
	for i := range all {
		all[i] = &testDraft{key: fmt.Sprint("k", i+1), size: size}
	}
	outcomes, err := l.Append(t.Context(), 52, false, all)
	require.NoError(t, err)
	for _, o := range outcomes {
		require.NoError(t, o.Err)
	}
	require.NoError(t, l.Close())
	return dir
}

// again copies a ledger at rest.
func again(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	require.NoError(t, damage.Copy(dir, to, func(string) bool { return false }))
	return to
}

// stored is one record of a block, to be written anew.
type stored struct {
	sequence uint64
	rest     []byte // what stands between sequence and checksum
	headers  bool
}

// rewrite makes a block anew of what change makes of its records, every checksum right.
func rewrite(t *testing.T, dir string, block int, change func(all []stored) []stored) {
	t.Helper()
	path := filepath.Join(damage.StreamOf(dir, "ANJU-52").Dir, "msgs", fmt.Sprint(block, ".blk"))
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var all []stored
	for at := 0; at < len(raw); {
		length := binary.LittleEndian.Uint32(raw[at:])
		size := int(length &^ (1 << 31))
		all = append(all, stored{binary.LittleEndian.Uint64(raw[at+4:]), raw[at+12 : at+size-8], length != uint32(size)})
		at += size
	}
	var b []byte
	for _, r := range change(all) {
		b = append(b, r.record(t, block)...)
	}
	require.NotEqual(t, raw, b)
	require.NoError(t, os.WriteFile(path, b, 0o600))
	require.NoError(t, os.RemoveAll(filepath.Join(filepath.Dir(path), "index.db")))
}

func (r *stored) record(t *testing.T, block int) []byte {
	t.Helper()
	length := uint32(12 + len(r.rest) + 8)
	if r.headers {
		length |= 1 << 31
	}
	b := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(nil, length), r.sequence)
	b = append(b, r.rest...)
	key := sha256.Sum256([]byte(fmt.Sprint("ANJU-52-", block)))
	h, err := highwayhash.New64(key[:])
	require.NoError(t, err)
	subject := 22 + int(binary.LittleEndian.Uint16(b[20:]))
	h.Write(b[4:20])
	h.Write(b[22:subject])
	if r.headers {
		subject += 4
	}
	h.Write(b[subject:])
	return h.Sum(b)
}

func lines(reports []VerifyReport) (found []string) {
	for _, r := range reports {
		for _, f := range r.Findings {
			found = append(found, fmt.Sprintf("%s %s %d-%d", f.In, f.Kind, f.From, f.To))
		}
	}
	return found
}

// TestWhatIsVerifiedAtRestIsNamed damages the files of a closed ledger: every row says what a
// verification names, with the book and by the stream's folder alone. Nothing is changed by it.
func TestWhatIsVerifiedAtRestIsNamed(t *testing.T) {
	base := rested(t, 40, 10)
	at := func(do func(all []stored) []stored) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { rewrite(t, dir, 1, do) }
	}
	file := func(path string, do func(path string) error) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { require.NoError(t, do(filepath.Join(dir, path))) }
	}
	flip := func(at int) func(path string) error {
		return func(path string) error { return damage.Flip(path, at) }
	}
	const block = "jetstream/jetstream/$G/streams/ANJU-52/msgs/1.blk"
	renumber := func(all []stored, by int) []stored {
		for i := range all {
			all[i].sequence += uint64(by)
		}
		return all
	}
	for name, c := range map[string]struct {
		damage func(t *testing.T, dir string)
		found  []string
		alone  []string // what the stream's folder says without a book
	}{
		"nothing": {func(*testing.T, string) {}, nil, nil},
		"a bit of an event flips": {func(t *testing.T, dir string) {
			s := damage.StreamOf(dir, "ANJU-52")
			blocks, err := s.Blocks()
			require.NoError(t, err)
			_, err = s.FlipEvent(blocks[0], 20)
			require.NoError(t, err)
		}, []string{"stream altered 20-20"}, []string{"stream altered 20-20"}},
		"an event is forged": {func(t *testing.T, dir string) {
			s := damage.StreamOf(dir, "ANJU-52")
			blocks, err := s.Blocks()
			require.NoError(t, err)
			_, err = s.ForgeEvent(blocks[0], 20)
			require.NoError(t, err)
		}, []string{"stream altered 20-20"}, nil},
		"noise takes the place of an event": {
			at(func(all []stored) []stored {
				all[19].rest = append(all[19].rest[:10:10], all[19].rest[10:60]...)
				return all
			}),
			[]string{"stream altered 20-20"},
			[]string{"stream altered 20-20"},
		},
		"an event is taken out":        {at(func(all []stored) []stored { return append(all[:19], all[20:]...) }), []string{"stream lost 20-20"}, []string{"stream lost 20-20"}},
		"and the others close the gap": {at(func(all []stored) []stored { return append(all[:19], renumber(all[20:], -1)...) }), []string{"stream lost 20-20", "stream reordered 21-39", "stream reordered 40-40"}, []string{"stream lost 20-20", "stream reordered 21-40"}},
		"an event is put in": {at(func(all []stored) []stored {
			return append(append(all[:20:20], stored{21, all[0].rest, false}), renumber(all[20:], 1)...)
		}), []string{"stream inserted 21-21", "stream reordered 21-21", "stream reordered 22-40"}, []string{"stream inserted 21-21", "stream reordered 21-40"}},
		"two events change places": {at(func(all []stored) []stored {
			all[9].rest, all[29].rest = all[29].rest, all[9].rest
			all[9].headers, all[29].headers = all[29].headers, all[9].headers
			return all
		}), []string{"stream reordered 10-10", "stream reordered 30-30"}, []string{"stream reordered 10-10", "stream reordered 30-30"}},
		"two records change places":    {at(func(all []stored) []stored { all[9], all[10] = all[10], all[9]; return all }), []string{"stream reordered 10-10"}, []string{"stream reordered 10-10"}},
		"an event stands twice":        {at(func(all []stored) []stored { return append(all[:20:20], all[19:]...) }), []string{"stream inserted 20-20"}, []string{"stream inserted 20-20"}},
		"an event is added at the end": {at(func(all []stored) []stored { return append(all, stored{41, all[3].rest, all[3].headers}) }), []string{"stream inserted 41-41"}, []string{"stream inserted 41-41"}},
		"a tombstone deletes an event": {at(func(all []stored) []stored { return append(all, stored{20 | 1<<62, make([]byte, 10), false}) }), []string{"stream lost 20-20"}, []string{"stream lost 20-20"}},
		"the tail is cut":              {file(block, func(path string) error { return damage.Cut(path, 1000) }), []string{"stream lost 39-39", "stream lost 40-40"}, nil},
		"the block is gone":            {file(block, damage.Delete), []string{"stream lost 1-40"}, nil},
		"the stream is gone":           {file("jetstream/jetstream/$G/streams/ANJU-52", damage.Delete), []string{"stream lost 1-40"}, nil},
		"an entry flips":               {file("book/ANJU-52/entries/000000", flip(60)), []string{"book altered 1-1"}, nil},
		"the book's entries are cut":   {file("book/ANJU-52/entries/000000", func(path string) error { return damage.Cut(path, 100) }), []string{"book lost 40-40"}, nil},
		"a leaf flips":                 {file("book/ANJU-52/hashes.0", flip(32*7)), []string{"tiles altered 8-8"}, nil},
		"the leaves are gone":          {file("book/ANJU-52/hashes.0", damage.Delete), []string{"tiles lost 1-40"}, nil},
		"the head flips":               {file("book/ANJU-52/head", flip(20)), []string{"head altered 0-0"}, nil},
		"the stream may forget": {func(t *testing.T, dir string) {
			path := filepath.Join(damage.StreamOf(dir, "ANJU-52").Dir, "meta.inf")
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			changed := strings.Replace(string(raw), `"max_msgs":-1`, `"max_msgs":20`, 1)
			require.NotEqual(t, string(raw), changed)
			require.NoError(t, os.WriteFile(path, []byte(changed), 0o600))
		}, []string{"settings altered 0-0"}, []string{"settings altered 0-0"}},
		"the checkpoint flips": {file("checkpoints/ANJU-52", flip(-8)), []string{"checkpoint unsigned 0-0"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := again(t, base)
			c.damage(t, dir)
			before := hashOf(t, dir)
			reports, err := VerifyFolder(t.Context(), Rest{Dir: dir})
			require.NoError(t, err)
			require.Len(t, reports, 1)
			require.Equal(t, c.found, lines(reports))
			require.Equal(t, c.found == nil, reports[0].OK)
			require.EqualValues(t, 40, reports[0].Events)
			for _, f := range reports[0].Findings {
				if f.Kind != Inserted && f.From == f.To && f.From > 0 {
					require.Equal(t, domain.DeriveEventID(domain.Source{Department: "hrss", Division: "520603"}, fmt.Sprint("k", f.From)).String(), f.Event.String())
				}
			}
			alone, err := VerifyStore(t.Context(), Rest{Dir: filepath.Join(dir, "jetstream"), Book: filepath.Join(dir, "none")})
			if strings.HasSuffix(name, "is gone") {
				require.True(t, err != nil || len(alone) == 1)
			} else {
				require.NoError(t, err)
				require.Equal(t, c.alone, lines(alone))
			}
			require.Equal(t, before, hashOf(t, dir), "nothing was changed")
		})
	}
}

// hashOf is over the names and bytes of everything in a folder.
func hashOf(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		fmt.Fprintln(h, path, len(b))
		h.Write(b)
		return err
	}))
	return fmt.Sprintf("%x", h.Sum(nil))
}

// TestBlocksAreVerifiedAtRest moves, copies, deletes and zeroes whole blocks.
func TestBlocksAreVerifiedAtRest(t *testing.T) {
	base := rested(t, 700, 28_000) // three blocks of 8 MiB
	s := damage.StreamOf(base, "ANJU-52")
	blocks, err := s.Blocks()
	require.NoError(t, err)
	require.Len(t, blocks, 3)
	one, two, three := blocks[0], blocks[1], blocks[2]
	run := func(b damage.Block) string { return fmt.Sprintf("%d-%d", b.First, b.Last) }
	found := func() []string {
		reports, err := VerifyStore(t.Context(), Rest{Dir: s.Dir})
		require.NoError(t, err)
		require.Empty(t, reports[0].Notes, "the book above was found")
		return lines(reports)
	}
	require.Empty(t, found())

	bare := filepath.Join(t.TempDir(), "copied")
	require.NoError(t, damage.Copy(filepath.Join(s.Dir, "msgs"), bare, func(string) bool { return false }))
	reports, err := VerifyStore(t.Context(), Rest{Dir: bare, Book: base})
	require.NoError(t, err)
	require.True(t, reports[0].OK)
	require.Equal(t, "ANJU-52", reports[0].Stream)
	require.NotEmpty(t, reports[0].Root)

	require.NoError(t, damage.Swap(one.Path, two.Path))
	require.Equal(t, []string{"stream reordered " + run(one), "stream reordered " + run(two)}, found())
	require.NoError(t, damage.Swap(one.Path, two.Path))

	away := filepath.Join(t.TempDir(), "away")
	require.NoError(t, os.Rename(two.Path, away))
	require.Equal(t, []string{"stream lost " + run(two)}, found())
	raw, err := os.ReadFile(away)
	require.NoError(t, err)
	zeroed := append([]byte(nil), raw...)
	clear(zeroed[:1<<20])
	require.NoError(t, os.WriteFile(two.Path, zeroed, 0o600))
	all := found()
	require.Regexp(t, fmt.Sprintf(`^stream altered %d-`, two.First), all[0])
	require.Len(t, all, 1)
	require.NoError(t, os.WriteFile(two.Path, raw, 0o600))

	copied := filepath.Join(filepath.Dir(two.Path), "4.blk")
	require.NoError(t, os.WriteFile(copied, raw, 0o600))
	require.Equal(t, []string{"stream reordered " + run(two), "stream inserted " + run(two)}, found())
	require.NoError(t, os.Remove(copied))

	require.NoError(t, s.CutAt(three, three.First+5))
	require.Equal(t, []string{fmt.Sprintf("stream lost %d-700", three.First+5)}, found())
}

func TestWhatCannotBeVerifiedAtRestIsSaid(t *testing.T) {
	_, err := VerifyFolder(t.Context(), Rest{Dir: t.TempDir()})
	require.ErrorIs(t, err, ErrNoLedger)
	_, err = VerifyStore(t.Context(), Rest{Dir: t.TempDir()})
	require.ErrorIs(t, err, ErrNoStore)
	dir := t.TempDir()
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	record(t, l, "a")
	key, err := l.VerifierKey("ANJU-52")
	require.NoError(t, err)
	_, err = VerifyFolder(t.Context(), Rest{Dir: dir})
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, l.Close())
	_, err = VerifyFolder(t.Context(), Rest{Dir: dir, Key: strings.Replace(key, "ANJU-52", "ANJU-53", 1)})
	require.ErrorIs(t, err, ErrNoKey)
	reports, err := VerifyFolder(t.Context(), Rest{Dir: dir, Key: key})
	require.NoError(t, err)
	require.True(t, reports[0].OK)
	other := rested(t, 1, 1)
	require.NoError(t, os.Remove(filepath.Join(dir, "checkpoints", "ANJU-52")))
	require.NoError(t, damage.Copy(filepath.Join(other, "checkpoints"), filepath.Join(dir, "checkpoints"), func(string) bool { return false }))
	reports, err = VerifyFolder(t.Context(), Rest{Dir: dir})
	require.NoError(t, err)
	require.Equal(t, []string{"checkpoint unsigned 0-0"}, lines(reports))
}

// TestALedgerThatWasNotClosedIsVerified looks at a copy of a running ledger: what nobody signed yet
// may stand in one of the copies only, which is no finding; what was signed may not.
func TestALedgerThatWasNotClosedIsVerified(t *testing.T) {
	dir, early := t.TempDir(), t.TempDir()
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	record(t, l, "a", "b", "c")
	l.signAll()
	none := func(string) bool { return false }
	require.NoError(t, damage.Copy(filepath.Join(dir, "checkpoints"), filepath.Join(early, "checkpoints"), none))
	require.NoError(t, damage.Copy(filepath.Join(dir, "book"), filepath.Join(early, "book"), none))
	record(t, l, "d", "e", "f")
	base := again(t, dir)
	for path, from := range map[string]string{"book/ANJU-52/head": "book/ANJU-52/head", "checkpoints/ANJU-52": "checkpoints/ANJU-52"} {
		b, err := os.ReadFile(filepath.Join(early, from))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(base, path), b, 0o600))
	}
	cutTo := func(dir string, sequence uint64) {
		s := damage.StreamOf(dir, "ANJU-52")
		blocks, err := s.Blocks()
		require.NoError(t, err)
		require.NoError(t, s.CutAt(blocks[0], sequence))
	}
	for name, c := range map[string]struct {
		damage func(dir string)
		found  []string
		note   string
	}{
		"as it is":                        {func(string) {}, nil, ""},
		"the stream lacks what is new":    {func(dir string) { cutTo(dir, 5) }, nil, "the book has 2 events more"},
		"the book lacks what is new":      {func(dir string) { require.NoError(t, damage.Cut(filepath.Join(dir, "book/ANJU-52/hashes.0"), 64)) }, nil, "the stream has 2 events more"},
		"the stream lacks what is signed": {func(dir string) { cutTo(dir, 3) }, []string{"stream lost 3-3"}, "the book has 3 events more"},
		"the book lacks what is signed":   {func(dir string) { require.NoError(t, damage.Cut(filepath.Join(dir, "book/ANJU-52/hashes.0"), 4*32)) }, []string{"tiles lost 3-3"}, "the stream has 3 events more"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := again(t, base)
			c.damage(dir)
			reports, err := VerifyFolder(t.Context(), Rest{Dir: dir})
			require.NoError(t, err)
			require.Equal(t, c.found, lines(reports))
			if c.note == "" {
				require.Empty(t, reports[0].Notes)
			} else {
				require.Len(t, reports[0].Notes, 1)
				require.Contains(t, reports[0].Notes[0].EN, c.note)
			}
			again, err := Open(t.Context(), Config{Dir: dir, Port: -1})
			require.NoError(t, err)
			require.Len(t, bodies(t, again), 6, "the start mends it")
			require.NoError(t, again.Close())
			reports, err = VerifyFolder(t.Context(), Rest{Dir: dir})
			require.NoError(t, err)
			require.True(t, reports[0].OK, reports)
		})
	}
}

// TestNoFlippedBitIsMissed flips any bit of the files that hold events and hashes; the report names
// the event that it belongs to, or the one beside it.
func TestNoFlippedBitIsMissed(t *testing.T) {
	const n = 8
	dir := rested(t, n, 10)
	files := map[string][]byte{}
	var names []string
	for _, name := range []string{"jetstream/jetstream/$G/streams/ANJU-52/msgs/1.blk", "book/ANJU-52/entries/000000", "book/ANJU-52/hashes.0", "book/ANJU-52/head"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		files[name], names = b, append(names, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "file")
		was := files[name]
		at := rapid.IntRange(0, len(was)*8-1).Draw(t, "bit")
		is := append([]byte(nil), was...)
		is[at/8] ^= 1 << (at % 8)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), is, 0o600))
		reports, err := VerifyFolder(context.Background(), Rest{Dir: dir})
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), was, 0o600))
		require.NoError(t, err)
		require.False(t, reports[0].OK)
		if !strings.HasSuffix(name, "head") {
			f := reports[0].Findings[0]
			event := uint64(at/8*n/len(was)) + 1
			require.LessOrEqual(t, f.From, event+1, lines(reports))
			require.GreaterOrEqual(t, f.To+1, event, lines(reports))
		}
	})
}
