package book_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/anju-ledger/anju/events/book"
)

// verifyTree verifies a copied-out tree with the public key alone. It uses golang.org/x/mod/sumdb and
// the standard library and nothing of this program: copy it (docs/operate.md).
func verifyTree(dir, key string) error {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	checkpoint, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	var origin, hash string
	var tree tlog.Tree
	if _, err := fmt.Sscanf(checkpoint.Text, "%s\n%d\n%s\n", &origin, &tree.N, &hash); err != nil || origin != verifier.Name() {
		return fmt.Errorf("no checkpoint of %s: %v", verifier.Name(), err)
	}
	root, err := base64.StdEncoding.DecodeString(hash)
	if err != nil {
		return err
	}
	copy(tree.Hash[:], root)
	leaves := tlog.TileHashReader(tree, tileFiles(dir)) // proves each tile that it reads up to the root
	for first := int64(0); first < tree.N; first += 256 {
		count := min(256, tree.N-first)
		bundle, err := os.ReadFile(filepath.Join(dir, "tile", "entries", tilePath(first/256, int(count))))
		if err != nil {
			return err
		}
		var indexes []int64
		for i := range count {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+i))
		}
		hashes, err := leaves.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i := range hashes {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return fmt.Errorf("entry %d is cut", first+int64(i))
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			if tlog.RecordHash(bundle[2:end]) != hashes[i] {
				return fmt.Errorf("entry %d is not what was signed", first+int64(i))
			}
			bundle = bundle[end:]
		}
		if len(bundle) > 0 {
			return fmt.Errorf("something follows entry %d", first+count-1)
		}
	}
	return nil
}

// tilePath is the path of a tile of C2SP tlog-tiles: 1234067 is x001/x234/067, and 000.p/5 while it
// holds only five.
func tilePath(number int64, wide int) string {
	path := fmt.Sprintf("%03d", number%1000)
	for number /= 1000; number > 0; number /= 1000 {
		path = fmt.Sprintf("x%03d/%s", number%1000, path)
	}
	if wide < 256 {
		path += fmt.Sprintf(".p/%d", wide)
	}
	return path
}

// tileFiles reads the tiles of a folder, for tlog.
type tileFiles string

func (dir tileFiles) Height() int { return 8 }

func (dir tileFiles) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, t := range tiles {
		raw, err := os.ReadFile(filepath.Join(string(dir), "tile", fmt.Sprint(t.L), tilePath(t.N, t.W)))
		if err != nil {
			return nil, err
		}
		data = append(data, raw)
	}
	return data, nil
}

func (dir tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}

// TestAForeignProgramVerifiesAnExport lets verifyTree look at an export, whole and damaged.
func TestAForeignProgramVerifiesAnExport(t *testing.T) {
	const n = 600
	b, err := book.Open(t.TempDir())
	require.NoError(t, err)
	defer b.Close()
	require.NoError(t, b.Append(n, func(b []byte, i int) []byte { return fmt.Appendf(b, "entry %d", i) }))
	root, err := b.Root(n)
	require.NoError(t, err)
	key := book.NewKey(bytes.Repeat([]byte{1}, 32))
	public, err := key.Verifier("anju.test/ANJU-52")
	require.NoError(t, err)
	other, err := book.NewKey(bytes.Repeat([]byte{2}, 32)).Verifier("anju.test/ANJU-52")
	require.NoError(t, err)
	checkpoint, err := key.Sign("anju.test/ANJU-52", book.Head{Size: n, Root: root})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, b.Export(dir, n, checkpoint))
	require.NoError(t, verifyTree(dir, public))
	require.Error(t, verifyTree(dir, other))
	for path, says := range map[string]string{
		"checkpoint": "", "tile/entries/001": "entry 256 is not what was signed", "tile/0/001": "", "tile/1/000.p/2": "", "tile/entries/002.p/88": "entry 512",
	} {
		file := filepath.Join(dir, filepath.FromSlash(path))
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		raw[5] ^= 1
		require.NoError(t, os.WriteFile(file, raw, 0o600))
		err = verifyTree(dir, public)
		require.Error(t, err, path)
		require.True(t, strings.Contains(err.Error(), says), "%s: %v", path, err)
		raw[5] ^= 1
		require.NoError(t, os.WriteFile(file, raw, 0o600))
	}
	require.NoError(t, verifyTree(dir, public))
}
