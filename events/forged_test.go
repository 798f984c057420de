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

// TestALedgerIsClosedOnce closes a ledger twice: the second time does nothing.
func TestALedgerIsClosedOnce(t *testing.T) {
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	record(t, l, "a")
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
}

// TestABookIsSyncedBeforeItsHead serves a ledger whose server lies elsewhere: no sync of its own covers
// the book, so that the book is synced, and has no head when that fails.
func TestABookIsSyncedBeforeItsHead(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(t.Context(), Config{Dir: dir, NATS: startOther(t), Synced: true})
	require.NoError(t, err)
	l.shelf.signing.Lock()
	record(t, l, "a")
	w := l.writers[52]
	require.NoError(t, os.Rename(filepath.Join(dir, "book/ANJU-52/entries"), filepath.Join(dir, "entries")))
	require.ErrorIs(t, l.shelf.checkpoint(w.book, 1), errSync)
	require.NoFileExists(t, filepath.Join(dir, "book/ANJU-52/head"))
	require.NoError(t, os.Rename(filepath.Join(dir, "entries"), filepath.Join(dir, "book/ANJU-52/entries")))
	require.NoError(t, l.shelf.checkpoint(w.book, 1))
	require.FileExists(t, filepath.Join(dir, "book/ANJU-52/head"))
	l.shelf.signing.Unlock()
	require.NoError(t, l.Close())
}
