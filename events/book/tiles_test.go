package book

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestTilePathsHaveOneSpelling(t *testing.T) {
	for path, want := range map[string]tilePath{
		"0/000": {false, 0, 0, 256}, "entries/x001/x234/067": {true, 0, 1234067, 256}, "2/001.p/17": {false, 2, 1, 17},
		"63/x001/000.p/255": {false, 63, 1000, 255},
	} {
		got, err := parseTilePath(path)
		require.NoError(t, err, path)
		require.Equal(t, want, got)
	}
	for _, path := range []string{
		"", "0", "0/", "0/0", "0/1000", "0/x000/001", "0/001/002", "64/000", "00/000", "-1/000", "0/000.p/0", "0/000.p/256",
		"0/000.p/01", "0/000.p/", "data/000", "entries/x01/000", "0/00a", "0/000/", "0/../000", "0/+01",
	} {
		_, err := parseTilePath(path)
		require.ErrorIs(t, err, ErrNotThere, path)
	}
}

// staticTree reads an exported tree as a foreign client would: tlog's own tile reader over files.
type staticTree struct{ dir string }

func (s staticTree) Height() int { return tileHeight }

func (s staticTree) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// tlog writes the level's height and names first: tile/8/0/000.
		raw, err := os.ReadFile(filepath.Join(s.dir, "tile", tile.Path()[len("tile/8/"):]))
		if err != nil {
			return nil, err
		}
		all = append(all, raw)
	}
	return all, nil
}

func (s staticTree) SaveTiles([]tlog.Tile, [][]byte) {}

func TestAnExportVerifiesWithoutThisProgram(t *testing.T) {
	const n = 70_000 // the example of tlog-tiles: one full tile of level 1, partial ones above
	b := open(t, t.TempDir())
	defer b.Close()
	fill(t, b, n)
	root, err := b.Root(n)
	require.NoError(t, err)
	key := NewKey(bytes.Repeat([]byte{1}, 32))
	checkpoint, err := key.Sign("anju.test/ANJU-52", Head{n, root})
	require.NoError(t, err)
	out := t.TempDir()
	require.NoError(t, b.Export(out, n, checkpoint))

	reader := tlog.TileHashReader(tlog.Tree{N: n, Hash: root}, staticTree{out})
	_, err = reader.ReadHashes([]int64{tlog.StoredHashIndex(0, 0), tlog.StoredHashIndex(0, n-1), tlog.StoredHashIndex(5, 1000)})
	require.NoError(t, err)
	for path, bytes := range map[string]int{"0/272": 8192, "0/273.p/112": 112 * 32, "1/000": 8192, "1/001.p/17": 17 * 32, "2/000.p/1": 32} {
		path = filepath.Join(out, "tile", path)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.EqualValues(t, bytes, info.Size(), path)
	}
	raw, err := os.ReadFile(filepath.Join(out, "tile", "entries", "000"))
	require.NoError(t, err)
	at := uint64(0)
	require.Equal(t, len(raw), split(raw, func(e []byte) bool {
		require.Equal(t, entry(at), e[1:])
		at++
		return true
	}))
	require.EqualValues(t, 256, at)
	require.FileExists(t, filepath.Join(out, "checkpoint"))
}

// The golden files fix the bytes that docs/format.md describes.
func TestFilesAreTheGoldenOnes(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	defer b.Close()
	fill(t, b, 300)
	head, err := b.Advance(300)
	require.NoError(t, err)
	key := NewKey(bytes.Repeat([]byte{1}, 32))
	checkpoint, err := key.Sign("anju.test/ANJU-52", head)
	require.NoError(t, err)
	hashes, err := b.ProveEntry(300, 17)
	require.NoError(t, err)
	proof, err := (&Proof{Index: 17, Extra: entry(17), Hashes: hashes, Checkpoint: checkpoint}).MarshalText()
	require.NoError(t, err)
	verifier, err := key.Verifier("anju.test/ANJU-52")
	require.NoError(t, err)
	stored, err := os.ReadFile(filepath.Join(dir, "head"))
	require.NoError(t, err)
	level1, err := b.Tile("1/000.p/1", 300)
	require.NoError(t, err)
	for name, got := range map[string][]byte{
		"checkpoint": checkpoint, "proof": proof, "verifier": []byte(verifier + "\n"), "head": stored, "level1": level1,
	} {
		golden := filepath.Join("testdata", name+".golden")
		if *update {
			require.NoError(t, os.WriteFile(golden, got, 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}

// TestNoTileReachesBehindWhatIsSigned asks for tiles of entries that are written, and not signed yet.
func TestNoTileReachesBehindWhatIsSigned(t *testing.T) {
	b := open(t, t.TempDir())
	defer b.Close()
	fill(t, b, 600)
	for path, least := range map[string]uint64{
		"0/000": 256, "0/001": 512, "0/002.p/88": 600, "0/002.p/1": 513, "1/000.p/2": 512, "entries/001": 512, "entries/002.p/5": 517,
	} {
		_, err := b.Tile(path, least)
		require.NoError(t, err, path)
		_, err = b.Tile(path, least-1)
		require.ErrorIs(t, err, ErrNotThere, path)
	}
	_, err := b.Tile("0/002.p/89", 1000)
	require.ErrorIs(t, err, ErrNotThere)
}

func FuzzProof(f *testing.F) {
	seed, err := os.ReadFile("testdata/proof.golden")
	require.NoError(f, err)
	f.Add(seed)
	verifier, err := os.ReadFile("testdata/verifier.golden")
	require.NoError(f, err)
	key := string(bytes.TrimSpace(verifier))
	f.Fuzz(func(t *testing.T, text []byte) {
		var p Proof
		if p.UnmarshalText(text) != nil {
			return
		}
		again, err := p.MarshalText()
		require.NoError(t, err)
		var same Proof
		require.NoError(t, same.UnmarshalText(again))
		require.Equal(t, p, same)
		if h, err := p.Check(entry(17), key); err == nil {
			require.EqualValues(t, 17, p.Index)
			require.EqualValues(t, 300, h.Size)
		}
	})
}

func FuzzTilePath(f *testing.F) {
	f.Add("entries/x001/234.p/5")
	f.Fuzz(func(t *testing.T, path string) {
		p, err := parseTilePath(path)
		if err != nil {
			return
		}
		require.Contains(t, path, tileName(p.number))
	})
}

func FuzzHead(f *testing.F) {
	f.Add(Head{3, Hash{1}}.append(nil))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := parseHead(raw)
		if err == nil {
			require.Equal(t, raw, h.append(nil))
		}
	})
}
