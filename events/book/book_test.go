package book

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// entry is the made-up entry number n, of 40 to 700 bytes.
func entry(n uint64) []byte {
	r := rand.New(rand.NewPCG(n, 1))
	return fmt.Appendf(nil, "entry %d %s", n, bytes.Repeat([]byte(fmt.Sprint(r.Uint64())), 1+r.IntN(34)))
}

// fill appends the entries from the book's end up to n, in groups.
func fill(t testing.TB, b *Book, n uint64) {
	t.Helper()
	for at := b.Size(); at < n; {
		var group [][]byte
		for ; at < n && len(group) < 700; at++ {
			group = append(group, entry(at))
		}
		require.NoError(t, b.Append(of(group)))
	}
}

// of hands entries to Append.
func of(entries [][]byte) (int, func([]byte, int) []byte) {
	return len(entries), func(b []byte, i int) []byte { return append(b, entries[i]...) }
}

func open(t testing.TB, dir string) *Book {
	t.Helper()
	b, err := Open(dir)
	require.NoError(t, err)
	return b
}

// naiveRoot is RFC 6962, 2.1, word for word: the second implementation.
func naiveRoot(leaves [][]byte) [32]byte {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	l, r := naiveRoot(leaves[:k]), naiveRoot(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
}

// The vectors of the certificate-transparency project for RFC 6962.
func TestRootsAreThoseOfTheVectors(t *testing.T) {
	leaves := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	b := open(t, t.TempDir())
	defer b.Close()
	for i, leaf := range leaves {
		raw, err := hex.DecodeString(leaf)
		require.NoError(t, err)
		require.NoError(t, b.Append(of([][]byte{raw})))
		root, err := b.Root(uint64(i + 1))
		require.NoError(t, err)
		require.Equal(t, roots[i], hex.EncodeToString(root[:]))
	}
}

func TestRootsAndProofsAgreeWithTheNaiveTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(1, 1500).Draw(t, "entries")
		dir, err := os.MkdirTemp("", "book")
		require.NoError(t, err)
		defer os.RemoveAll(dir)
		b, err := Open(dir)
		require.NoError(t, err)
		defer b.Close()
		var all [][]byte
		for len(all) < int(n) {
			count := min(rapid.IntRange(1, 600).Draw(t, "group"), int(n)-len(all))
			var group [][]byte
			for range count {
				group = append(group, entry(uint64(len(all)+len(group))))
			}
			require.NoError(t, b.Append(of(group)))
			all = append(all, group...)
		}
		size := rapid.Uint64Range(1, n).Draw(t, "size")
		root, err := b.Root(size)
		require.NoError(t, err)
		require.Equal(t, Hash(naiveRoot(all[:size])), root)

		index := rapid.Uint64Range(0, size-1).Draw(t, "index")
		hashes, err := b.ProveEntry(size, index)
		require.NoError(t, err)
		key := NewKey(bytes.Repeat([]byte{7}, 32))
		verifier, err := key.Verifier("anju.test/ANJU-52")
		require.NoError(t, err)
		checkpoint, err := key.Sign("anju.test/ANJU-52", Head{size, root})
		require.NoError(t, err)
		p := Proof{Index: index, Hashes: hashes, Checkpoint: checkpoint}
		_, err = p.Check(all[index], verifier)
		require.NoError(t, err)
		_, err = p.Check(append([]byte("x"), all[index]...), verifier)
		require.ErrorIs(t, err, ErrProof)

		old := rapid.Uint64Range(1, size).Draw(t, "old")
		oldRoot, err := b.Root(old)
		require.NoError(t, err)
		way, err := b.ProveTree(size, old)
		require.NoError(t, err)
		require.NoError(t, CheckConsistent(Head{old, oldRoot}, Head{size, root}, way))
		if old < size {
			require.ErrorIs(t, CheckConsistent(Head{old, root}, Head{size, root}, way), ErrDamaged)
		}
	})
}

// size spans sealed segments, a full tile level above the leaves, and a growing segment.
const size = 2*SegmentEntries + 5000

func TestABookIsReadAsItWasWritten(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	fill(t, b, size)
	read := func(b *Book, from, to uint64) {
		at := from
		for got, err := range b.Read(from, to) {
			require.NoError(t, err)
			require.Equal(t, entry(at), got)
			at++
		}
		require.Equal(t, to, at)
	}
	read(b, 0, size)
	root, err := b.Root(size)
	require.NoError(t, err)
	require.NoError(t, b.Close())

	b = open(t, dir)
	require.EqualValues(t, size, b.Size())
	again, err := b.Root(size)
	require.NoError(t, err)
	require.Equal(t, root, again)
	require.NoError(t, b.CheckTiles(size, root))
	read(b, 1000, 1030)
	read(b, SegmentEntries-3, SegmentEntries+3)
	read(b, size-5, size)
	read(b, 7, 7)
	_, err = b.Entry(size)
	require.ErrorIs(t, err, ErrNotThere)
	fill(t, b, size+300)
	read(b, size-5, size+300)
	require.NoError(t, b.Close())
}

// However a reading ends, its goroutines have ended with it, and what it read until then is right.
func TestAReadingLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	fill(t, b, size)
	require.NoError(t, b.seal0(t))
	before := runtime.NumGoroutine()
	ended := func() { // or the test runs into its time limit
		for runtime.NumGoroutine() > before {
			runtime.Gosched()
		}
	}
	for _, to := range []uint64{1, 100, frameEntries + 1, SegmentEntries, size} {
		at := uint64(0)
		for got, err := range b.Scan(0, size) {
			require.NoError(t, err)
			require.Equal(t, entry(at), got)
			if at++; at == to {
				break
			}
		}
		ended()
	}
	flipBit(t, filepath.Join(dir, "entries/000001.zst"), 3000)
	var err error
	at := uint64(0)
	for _, err = range Map(b, 0, size, func(index uint64, got []byte) bool { return bytes.Equal(got, entry(index)) }) {
		at++
	}
	require.ErrorIs(t, err, ErrDamaged)
	require.GreaterOrEqual(t, at, uint64(SegmentEntries))
	ended()
	require.NoError(t, b.Close())
}

func TestAnyPartIsReadTheSameInEachWay(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	fill(t, b, size)
	defer b.Close()
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Uint64Range(0, size).Draw(t, "from")
		to := rapid.Uint64Range(from, min(size, from+3000)).Draw(t, "to")
		at := from
		for i, err := range Map(b, from, to, func(index uint64, got []byte) uint64 {
			if !bytes.Equal(got, entry(index)) {
				return size
			}
			return index
		}) {
			require.NoError(t, err)
			require.Equal(t, at, i)
			at++
		}
		require.Equal(t, to, at)
		for got, err := range b.Scan(from, to) {
			require.NoError(t, err)
			require.Equal(t, entry(from), got)
			from++
		}
		require.Equal(t, to, from)
		if from < size {
			got, err := b.Entry(from)
			require.NoError(t, err)
			require.Equal(t, entry(from), got)
		}
	})
}

func TestFullSegmentsAreSealed(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	fill(t, b, 2*SegmentEntries)
	require.NoError(t, b.Close()) // may leave full ones
	b = open(t, dir)
	require.NoError(t, b.seal0(t))
	for _, name := range []string{"000000.zst", "000001.zst", "000002"} {
		_, err := os.Stat(filepath.Join(dir, "entries", name))
		require.NoError(t, err)
	}
	_, err := b.Entry(SegmentEntries + 1)
	require.NoError(t, err)
	require.NoError(t, b.Close())
}

// seal0 seals what is full and not sealed yet, here and now.
func (b *Book) seal0(t *testing.T) error {
	t.Helper()
	for {
		b.mu.RLock()
		full := len(b.full)
		b.mu.RUnlock()
		if full == 0 {
			return nil
		}
		b.wakeSealer()
	}
}

// The failure table: what is done to the files of a book with a head, what a start says, and from
// where on the book has to be written again.
func TestDamageIsFoundAndNamed(t *testing.T) {
	flip := func(name string, at int64) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { flipBit(t, filepath.Join(dir, name), at) }
	}
	cut := func(name string, by int64) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			info, err := os.Stat(filepath.Join(dir, name))
			require.NoError(t, err)
			require.NoError(t, os.Truncate(filepath.Join(dir, name), info.Size()-by))
		}
	}
	remove := func(name string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, name))) }
	}
	const live = "entries/000002"
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, dir string)
		size   uint64 // of the book when opened again; 0: it does not open
		agrees bool   // with the head
		reads  bool   // from its beginning to its end
	}{
		{"nothing", func(*testing.T, string) {}, size, true, true},
		{"the tail of the growing segment is torn", cut(live, 10), size - 1, false, true},
		{"a leaf hash at the end is torn", cut("hashes.0", 16), size, true, true},
		{"an upper hash is gone", cut("hashes.1", 32), size, true, true},
		{"an upper level is gone", remove("hashes.1"), size, true, true},
		{"a bit of the growing segment flips", flip(live, 100), size, true, false},
		{"a bit of a sealed segment flips", flip("entries/000001.zst", 3000), size, true, false},
		{"the head of a sealed segment flips", flip("entries/000001.zst", 9), size, true, false},
		{"a sealed segment is cut", cut("entries/000001.zst", 500), size, true, false},
		{"a leaf hash of a sealed segment flips", flip("hashes.0", 5000), size, true, false},
		{"a tile of level 1 flips", flip("hashes.1", 40), size, false, false},
		{"the last sealed segment is gone", remove("entries/000001.zst"), size, true, false},
		{"all leaf hashes are gone", remove("hashes.0"), size, true, true},
		{"all leaf hashes are gone, and an entry flips", func(t *testing.T, dir string) {
			remove("hashes.0")(t, dir)
			flip(live, 100)(t, dir)
		}, 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			b := open(t, dir)
			fill(t, b, size)
			require.NoError(t, b.seal0(t))
			head, err := b.Advance(size)
			require.NoError(t, err)
			require.NoError(t, b.Close())
			c.damage(t, dir)

			b, err = Open(dir)
			if c.size == 0 {
				require.ErrorIs(t, err, ErrDamaged)
				return
			}
			require.NoError(t, err)
			defer b.Close()
			require.Equal(t, c.size, b.Size())
			stored, err := b.ReadHead()
			require.NoError(t, err)
			require.Equal(t, head, stored)
			if c.agrees {
				require.NoError(t, b.Agrees(stored))
			} else {
				require.ErrorIs(t, b.Agrees(stored), ErrDamaged)
				_, err := b.Advance(b.Size())
				require.ErrorIs(t, err, ErrDamaged)
			}
			for _, err = range b.Read(0, b.Size()) {
				if err != nil {
					break
				}
			}
			if c.reads {
				require.NoError(t, err)
				fill(t, b, size) // what is missing comes again from the stream
				require.NoError(t, b.Agrees(stored))
			} else {
				require.ErrorIs(t, err, ErrDamaged)
				require.ErrorAs(t, err, new(*DamageError))
			}
		})
	}
}

func flipBit(t *testing.T, path string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	defer f.Close()
	var b [1]byte
	_, err = f.ReadAt(b[:], at)
	require.NoError(t, err)
	b[0] ^= 4
	_, err = f.WriteAt(b[:], at)
	require.NoError(t, err)
}

func TestAHeadNeverGoesBack(t *testing.T) {
	b := open(t, t.TempDir())
	defer b.Close()
	fill(t, b, 100)
	_, err := b.Advance(90)
	require.NoError(t, err)
	_, err = b.Advance(80)
	require.ErrorIs(t, err, ErrDamaged)
	_, err = b.Advance(101)
	require.ErrorIs(t, err, ErrNotThere)
	again, err := b.Advance(90)
	require.NoError(t, err)
	require.EqualValues(t, 90, again.Size)
}

func TestAFlippedHeadIsDamage(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	defer b.Close()
	fill(t, b, 3)
	_, err := b.Advance(3)
	require.NoError(t, err)
	for at := range int64(headSize) {
		flipBit(t, filepath.Join(dir, "head"), at)
		_, err := b.ReadHead()
		require.ErrorIs(t, err, ErrDamaged)
		flipBit(t, filepath.Join(dir, "head"), at)
	}
}

func TestEntriesOverTheLimitAreRefused(t *testing.T) {
	b := open(t, t.TempDir())
	defer b.Close()
	require.NoError(t, b.Append(of([][]byte{make([]byte, MaxEntry)})))
	require.ErrorIs(t, b.Append(of([][]byte{make([]byte, MaxEntry+1)})), ErrTooLong)
	require.ErrorIs(t, b.Append(of([][]byte{{1}})), ErrTooLong, "the book stays as it was until it is opened again")
	require.EqualValues(t, 1, b.Size())
}

func BenchmarkAppend(b *testing.B) {
	k := open(b, b.TempDir())
	defer k.Close()
	group := make([][]byte, 1024)
	for i := range group {
		group[i] = bytes.Repeat([]byte{byte(i)}, 700)
	}
	for b.Loop() {
		require.NoError(b, k.Append(of(group)))
	}
	b.ReportMetric(float64(b.N)*1024/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkRead(b *testing.B) {
	k := open(b, b.TempDir())
	defer k.Close()
	fill(b, k, 8*SegmentEntries)
	for b.Loop() {
		for _, err := range k.Read(0, k.Size()) {
			require.NoError(b, err)
		}
	}
	b.ReportMetric(float64(b.N)*8*SegmentEntries/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkProveEntry(b *testing.B) {
	k := open(b, b.TempDir())
	defer k.Close()
	fill(b, k, 5*SegmentEntries+17)
	for b.Loop() {
		_, err := k.ProveEntry(k.Size(), 70_000)
		require.NoError(b, err)
	}
}
