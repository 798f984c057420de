package events

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/damage"
)

// TestAnEntryForgedWithItsHashesIsNotServed forges an entry of the book while the ledger is served,
// and with it its leaf and, in a full tile, the hash above: the stream's bytes are read, and the scrub
// makes the book again.
func TestAnEntryForgedWithItsHashesIsNotServed(t *testing.T) {
	for name, index := range map[string]int{"in the growing tile": 290, "in a full tile": 20} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := openScrubbed(t, dir)
			keys := make([]string, 300)
			for i := range keys {
				keys[i] = fmt.Sprint("k", i+1)
			}
			record(t, l, keys...)
			want := bodies(t, l)
			require.NoError(t, l.Close())
			l = openScrubbed(t, dir)
			require.NoError(t, forgeEntry(filepath.Join(dir, "book/ANJU-52"), index))
			require.Equal(t, want, bodies(t, l))
			require.NotEmpty(t, l.writers[52].suspects)
			l.scrubSuspects(scrubDay)
			require.True(t, l.Books()[0].Scrub.Found[0].Mended)
			for entry, err := range l.writers[52].book.book.Read(uint64(index), uint64(index)+1) {
				require.NoError(t, err)
				require.True(t, bytes.Contains(entry, want[index]))
			}
			require.NoError(t, l.Close())
		})
	}
}

// forgeEntry flips a bit of an entry and makes its leaf, and the hash above its tile, again.
func forgeEntry(dir string, index int) error {
	path, at := filepath.Join(dir, "entries", "000000"), 0
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	length := func() int { return 2 + int(binary.BigEndian.Uint16(raw[at:])) }
	for range index {
		at += length()
	}
	entry := bytes.Clone(raw[at+2 : at+length()])
	letter := bytes.Index(entry, []byte(`"person":"p`)) + 12
	entry[letter] ^= 1
	leaf := book.LeafHash(entry)
	if err := writeAt(path, entry, at+2); err != nil {
		return err
	}
	leaves := filepath.Join(dir, "hashes.0")
	if err := writeAt(leaves, leaf[:], 32*index); err != nil || index >= 256 {
		return err
	}
	return damage.Flip(filepath.Join(dir, "hashes.1"), 0)
}

func writeAt(path string, b []byte, at int) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(b, int64(at))
	return err
}
