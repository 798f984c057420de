package book

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEntryFilesAreTheGoldenOnes fixes the bytes of a segment that grows, of the leaves beside it, and of
// a sealed file's head. What the frames of a sealed file unpack to is what the open one held; how
// zstd packs them is no part of the format. The committed files are read as a book.
func TestEntryFilesAreTheGoldenOnes(t *testing.T) {
	const few = 5
	dir := t.TempDir()
	b := open(t, dir)
	fill(t, b, few)
	require.NoError(t, b.Close())
	live, err := os.ReadFile(filepath.Join(dir, "entries", "000000"))
	require.NoError(t, err)
	leaves, err := os.ReadFile(filepath.Join(dir, "hashes.0"))
	require.NoError(t, err)
	sameAsGolden(t, "live.golden", live)
	sameAsGolden(t, "leaves.golden", leaves)

	committed := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(committed, "entries"), 0o700))
	for golden, name := range map[string]string{"live.golden": "entries/000000", "leaves.golden": "hashes.0"} {
		text, err := os.ReadFile(filepath.Join("testdata", golden))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(committed, name), text, 0o600))
	}
	b = open(t, committed)
	require.EqualValues(t, few, b.Size())
	for i := range uint64(few) {
		got, err := b.Entry(i)
		require.NoError(t, err)
		require.Equal(t, entry(i), got)
	}
	require.NoError(t, b.Close())
}

// TestSealedFileUnpacksToTheOpenOne fixes the head of a sealed file and what its frames hold.
func TestSealedFileUnpacksToTheOpenOne(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	defer func() { require.NoError(t, b.Close()) }()
	fill(t, b, SegmentEntries)
	require.NoError(t, b.seal0(t))
	packed, err := os.ReadFile(sealedPath(dir, 0))
	require.NoError(t, err)
	sameAsGolden(t, "sealed_head.golden", packed[:16])
	require.EqualValues(t, sealedHead, binary.BigEndian.Uint64(packed[16:]), "the first frame follows the offsets")
	require.EqualValues(t, len(packed), binary.BigEndian.Uint64(packed[sealedHead-8:]), "the last offset is the size")
	var unpacked, written []byte
	for frame := range segmentCount {
		var p page
		require.NoError(t, b.readSealed(&p, 0, frame))
		unpacked = append(unpacked, p.raw...)
	}
	for i := range uint64(SegmentEntries) {
		e := entry(i)
		written = append(binary.BigEndian.AppendUint16(written, uint16(len(e))), e...)
	}
	require.True(t, bytes.Equal(written, unpacked))
	sum := sha256.Sum256(unpacked)
	sameAsGolden(t, "sealed_sum.golden", sum[:])
}
