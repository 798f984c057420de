package book

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDiffersNamesWhatWasFlipped damages hashes of a book that a right one is compared with.
func TestDiffersNamesWhatWasFlipped(t *testing.T) {
	const size = 3*tileWidth + 10
	dirs := [2]string{t.TempDir(), t.TempDir()}
	var books [2]*Book
	for i, dir := range dirs {
		books[i] = open(t, dir)
		fill(t, books[i], size)
		defer func() { require.NoError(t, books[i].Close()) }()
	}
	spans, err := books[0].Differs(books[1])
	require.NoError(t, err)
	require.Empty(t, spans)
	for _, at := range []int64{7, 8, size - 1} {
		flipBit(t, filepath.Join(dirs[1], "hashes.0"), at*32+3)
	}
	flipBit(t, filepath.Join(dirs[1], "hashes.1"), 1*32)
	spans, err = books[0].Differs(books[1])
	require.NoError(t, err)
	require.Equal(t, []Span{{7, 9}, {size - 1, size}, {tileWidth, 2 * tileWidth}}, spans)
}
