package book

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatIsDamagedIsMadeAgain flips bytes of any file of an open book. A copy that is right makes
// the book what it was; one that is wrong changes nothing that can be read, and is never believed.
func TestWhatIsDamagedIsMadeAgain(t *testing.T) {
	const size = SegmentEntries + 700
	dir := t.TempDir()
	b := open(t, dir)
	defer func() { require.NoError(t, b.Close()) }()
	fill(t, b, size)
	require.NoError(t, b.seal0(t))
	root, err := b.Root(size)
	require.NoError(t, err)
	right := func(first uint64, n int) ([][]byte, error) {
		entries := make([][]byte, n)
		for i := range entries {
			entries[i] = entry(first + uint64(i))
		}
		return entries, nil
	}
	wrong := func(first uint64, n int) ([][]byte, error) {
		entries, _ := right(first+1, n)
		return entries, nil
	}
	mend := func(from Copy) (failed error) {
		for at := uint64(0); at < size; at += SegmentEntries {
			if err := b.Mend(at, filepath.Join(t.TempDir(), "aside"), from); err != nil {
				failed = err
			}
		}
		return failed
	}
	files := []string{"hashes.0", "hashes.1", "entries/000000.zst", "entries/000001"}
	seed := rand.Uint64()
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for round := range 3 * len(files) {
		path := filepath.Join(dir, files[round%len(files)])
		info, err := os.Stat(path)
		require.NoError(t, err)
		for range 1 + r.IntN(3) {
			flipBit(t, path, r.Int64N(info.Size()))
		}
		if r.IntN(2) == 0 {
			_ = mend(wrong) // may say that it proves nothing
			entries, proven := b.Salvage(0, size, true), false
			for i, e := range entries {
				if i%tileWidth == 0 {
					proven = b.CheckLeaves(uint64(i)) == nil
				}
				if e != nil && proven {
					require.Equal(t, entry(uint64(i)), e)
				}
			}
		}
		require.NoError(t, mend(right))
		at := uint64(0)
		for e, err := range b.Read(0, size) {
			require.NoError(t, err)
			require.Equal(t, entry(at), e)
			at++
		}
		for at := uint64(0); at < size; at += tileWidth {
			require.NoError(t, b.CheckLeaves(at))
		}
		require.NoError(t, b.Agrees(Head{size, root}))
	}
}
