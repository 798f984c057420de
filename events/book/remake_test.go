package book

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLostHashesAreMadeAgainFromTheEntries takes leaves away, or makes them others: the entries have
// the signed root, so the hashes were what was damaged, and nothing is cut.
func TestLostHashesAreMadeAgainFromTheEntries(t *testing.T) {
	const n = SegmentEntries + 300
	whole := t.TempDir()
	b := open(t, whole)
	fill(t, b, n)
	head, err := b.Advance(n - 20)
	require.NoError(t, err)
	require.NoError(t, b.seal0(t))
	require.NoError(t, b.Close())
	for name, damage := range map[string]func(dir, leaves string) error{
		"gone":      func(_, leaves string) error { return os.Remove(leaves) },
		"cut":       func(_, leaves string) error { return os.Truncate(leaves, 100*32) },
		"cut late":  func(_, leaves string) error { return os.Truncate(leaves, (n-30)*32) },
		"other end": func(_, leaves string) error { return overwrite(leaves, (n-200)*32, make([]byte, 200*32)) },
		"the head too": func(dir, leaves string) error {
			return os.Truncate(leaves, 0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.CopyFS(dir, os.DirFS(whole)))
			require.NoError(t, damage(dir, filepath.Join(dir, "hashes.0")))
			var signed []Head
			if name == "the head too" {
				require.NoError(t, os.Remove(filepath.Join(dir, "head")))
				signed = append(signed, head)
			}
			b, err := Open(dir, signed...)
			require.NoError(t, err)
			require.GreaterOrEqual(t, b.Size(), head.Size)
			require.NoError(t, b.Agrees(head))
			require.NoError(t, b.CheckTiles(head.Size, head.Root))
			at := uint64(0)
			for got, err := range b.Read(0, b.Size()) {
				require.NoError(t, err)
				require.Equal(t, entry(at), got)
				at++
			}
			require.Equal(t, b.Size(), at)
			require.NoError(t, b.Close())
		})
	}
}

// TestWhatWasSignedIsNotCutWithoutACopy damages an entry and the leaves: the root of the entries is
// not the signed one, and what the book must cut stays beside it.
func TestWhatWasSignedIsNotCutWithoutACopy(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	fill(t, b, 300)
	_, err := b.Advance(300)
	require.NoError(t, err)
	require.NoError(t, b.Close())
	entries, leaves := filepath.Join(dir, "entries", "000000"), filepath.Join(dir, "hashes.0")
	flipBit(t, entries, 100)
	require.NoError(t, overwrite(leaves, 200*32, make([]byte, 100*32)))
	wantEntries, err := os.ReadFile(entries)
	require.NoError(t, err)
	wantLeaves, err := os.ReadFile(leaves)
	require.NoError(t, err)
	for range 2 { // a second start cuts nothing
		b, err = Open(dir)
		require.NoError(t, err)
		require.EqualValues(t, 200, b.Size())
		require.NoError(t, b.Close())
	}
	got, err := os.ReadFile(filepath.Join(dir, "cut", "000000.1"))
	require.NoError(t, err)
	require.Equal(t, wantEntries, got)
	got, err = os.ReadFile(filepath.Join(dir, "cut", "hashes.0.1"))
	require.NoError(t, err)
	require.Equal(t, wantLeaves, got)
	kept, err := os.ReadDir(filepath.Join(dir, "cut"))
	require.NoError(t, err)
	require.Len(t, kept, 2)
}

func overwrite(path string, at int64, with []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(with, at)
	return err
}
