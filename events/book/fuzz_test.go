package book

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzCheckpoint: nothing but what the key signed is a checkpoint, and a checkpoint's text is read
// in one way.
func FuzzCheckpoint(f *testing.F) {
	seed, err := os.ReadFile("testdata/checkpoint.golden")
	require.NoError(f, err)
	verifier, err := os.ReadFile("testdata/verifier.golden")
	require.NoError(f, err)
	key := string(bytes.TrimSpace(verifier))
	want, err := OpenCheckpoint(seed, key)
	require.NoError(f, err)
	f.Add(seed)
	f.Fuzz(func(t *testing.T, text []byte) {
		if h, err := OpenCheckpoint(text, key); err == nil {
			require.Equal(t, want, h)
		}
		origin, _, _ := bytes.Cut(text, []byte("\n"))
		if h, err := ParseCheckpoint(string(text), string(origin)); err == nil {
			again, err := ParseCheckpoint(checkpointText(string(origin), h), string(origin))
			require.NoError(t, err)
			require.Equal(t, h, again)
		}
	})
}

// FuzzOpenSegment: whatever the file that grows holds, a book opens, and ends before the first entry
// that is not what its leaf says.
func FuzzOpenSegment(f *testing.F) {
	dir := f.TempDir()
	b := open(f, dir)
	fill(f, b, 5)
	require.NoError(f, b.Close())
	leaves, err := os.ReadFile(filepath.Join(dir, "hashes.0"))
	require.NoError(f, err)
	raw, err := os.ReadFile(segmentPath(dir, 0))
	require.NoError(f, err)
	f.Add(raw, leaves)
	f.Fuzz(func(t *testing.T, raw, leaves []byte) {
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, "entries"), 0o700))
		require.NoError(t, os.WriteFile(segmentPath(dir, 0), raw, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "hashes.0"), leaves, 0o600))
		b := open(t, dir)
		size := uint64(0)
		for entry, err := range b.Read(0, b.Size()) {
			require.NoError(t, err)
			leaf, err := b.Leaf(size)
			require.NoError(t, err)
			require.Equal(t, LeafHash(entry), leaf)
			size++
		}
		require.Equal(t, b.Size(), size)
		require.NoError(t, b.Close())
	})
}

// FuzzSealedSegment: whatever a sealed file holds, what is read from it is what was written, or
// damage.
func FuzzSealedSegment(f *testing.F) {
	dir := f.TempDir()
	b := open(f, dir)
	fill(f, b, SegmentEntries)
	require.NoError(f, b.Close())
	raw, err := os.ReadFile(segmentPath(dir, 0))
	if err == nil {
		raw, err = packSegment(raw)
	} else {
		raw, err = os.ReadFile(sealedPath(dir, 0))
	}
	require.NoError(f, err)
	for _, name := range []string{segmentPath(dir, 0), sealedPath(dir, 0)} {
		_ = os.Remove(name) // one of them is there
	}
	for _, at := range []int{0, 9, 14, 20, 152, sealedHead + 5, len(raw) - 1} {
		f.Add(uint32(at), byte(1), uint32(0))
	}
	f.Add(uint32(0), byte(0), uint32(len(raw)))
	f.Fuzz(func(t *testing.T, at uint32, change byte, less uint32) {
		changed := bytes.Clone(raw)
		changed[int(at)%len(changed)] ^= change
		changed = changed[:len(changed)-int(less)%(len(changed)+1)]
		require.NoError(t, os.WriteFile(sealedPath(dir, 0), changed, 0o600))
		b := open(t, dir)
		defer func() { require.NoError(t, b.Close()) }()
		for _, index := range []uint64{0, 1023, SegmentEntries - 1} {
			got, err := b.Entry(index)
			if err != nil {
				require.ErrorIs(t, err, ErrDamaged)
				continue
			}
			require.Equal(t, entry(index), got)
		}
	})
}
