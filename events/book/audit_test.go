package book

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// audited returns what an audit finds, flaws of one kind joined.
func audited(t require.TestingT, files Files, n uint64, heads ...Head) (found []string, root Hash) {
	a := &Audit{Files: files, Size: n, Heads: heads}
	at := uint64(0)
	var last *Flaw
	for run, err := range a.Runs() {
		require.NoError(t, err)
		require.Equal(t, at, run.First)
		at += uint64(len(run.Entries))
		for _, f := range run.Flaws {
			if last != nil && last.Kind == f.Kind && last.Level == f.Level && last.To == f.From {
				last.To = f.To
			} else {
				last = &f
				found = append(found, "")
			}
			found[len(found)-1] = fmt.Sprintf("%d level %d: %d-%d", last.Kind, last.Level, last.From, last.To-1)
		}
	}
	require.Equal(t, n, at)
	return found, a.Root()
}

// flip flips a bit of a file, and returns what flips it back.
func flip(path string, at int64) func(t *testing.T) func() {
	return func(t *testing.T) func() {
		flipBit(t, path, at)
		return func() { flipBit(t, path, at) }
	}
}

// gone moves a file out of the way, and returns what brings it back.
func gone(path string) func(t *testing.T) func() {
	return func(t *testing.T) func() {
		require.NoError(t, os.Rename(path, path+".away"))
		return func() { require.NoError(t, os.Rename(path+".away", path)) }
	}
}

// cut takes bytes from the end of a file, and returns what brings them back.
func cut(path string, by int) func(t *testing.T) func() {
	return func(t *testing.T) func() {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, raw[:len(raw)-by], 0o600))
		return func() { require.NoError(t, os.WriteFile(path, raw, 0o600)) }
	}
}

func both(faults ...func(t *testing.T) func()) func(t *testing.T) func() {
	return func(t *testing.T) func() {
		var back []func()
		for _, f := range faults {
			back = append(back, f(t))
		}
		return func() {
			for _, f := range back {
				f()
			}
		}
	}
}

// TestAnAuditNamesEachFlaw damages a book at rest and its export, byte by byte.
func TestAnAuditNamesEachFlaw(t *testing.T) {
	const n = 66_000 // a tile of level 2 begins, and segments of all kinds are there
	dir, tree := filepath.Join(t.TempDir(), "book"), t.TempDir()
	b := open(t, dir)
	fill(t, b, n)
	root, err := b.Root(n)
	require.NoError(t, err)
	middle, err := b.Root(40_000)
	require.NoError(t, err)
	require.NoError(t, b.Export(tree, n, []byte("checkpoint")))
	for number := range 4 {
		require.NoError(t, b.seal0At(number))
	}
	require.NoError(t, b.Close())
	heads := []Head{{40_000, middle}, {n, root}}
	in := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	out := func(parts ...string) string { return filepath.Join(append([]string{tree, "tile"}, parts...)...) }
	lastTile := filepath.Join("257.p", "208") // entries 65792 to 65999
	for name, c := range map[string]struct {
		damage func(t *testing.T) func()
		found  []string
	}{
		"nothing":                    {func(*testing.T) func() { return func() {} }, nil},
		"an open entry flips":        {flip(in("entries", "000004"), 20), []string{"1 level 0: 65536-65536"}},
		"a sealed segment is gone":   {gone(in("entries", "000001.zst")), []string{"0 level 0: 16384-32767"}},
		"a sealed segment's head":    {flip(in("entries", "000001.zst"), 3), []string{"0 level 0: 16384-32767"}},
		"an open segment is cut":     {cut(in("entries", "000004"), 3), []string{"0 level 0: 65999-65999"}},
		"an open segment is gone":    {gone(in("entries", "000004")), []string{"0 level 0: 65536-65999"}},
		"a leaf flips":               {flip(in("hashes.0"), 32*300), []string{"3 level 0: 300-300"}},
		"the last leaf flips":        {flip(in("hashes.0"), 32*(n-1)), []string{"3 level 0: 65999-65999"}},
		"the leaves are cut":         {cut(in("hashes.0"), 33), []string{"2 level 0: 65998-65999"}},
		"a hash of level 1 flips":    {flip(in("hashes.1"), 32*2), []string{"3 level 1: 512-767"}},
		"a hash of level 2 flips":    {flip(in("hashes.2"), 0), []string{"3 level 2: 0-65535"}},
		"the hashes of level 1 gone": {gone(in("hashes.1")), []string{"2 level 1: 0-65791"}},
		"no tile is damaged":         {func(*testing.T) func() { return func() {} }, nil},
		"a bundle flips":             {flip(out("entries", "001"), 20), []string{"1 level 0: 256-256"}},
		"a length in a bundle":       {flip(out("entries", "001"), 1), []string{"1 level 0: 256-256"}},
		"a bundle is gone":           {gone(out("entries", "002")), []string{"0 level 0: 512-767"}},
		"a partial bundle is gone":   {gone(out("entries", lastTile)), []string{"0 level 0: 65792-65999"}},
		"a tile flips":               {flip(out("0", "001"), 32*4), []string{"3 level 0: 260-260"}},
		"a partial tile flips":       {flip(out("0", lastTile), 32*4), []string{"3 level 0: 65796-65796"}},
		"a tile is cut":              {cut(out("0", "001"), 32), []string{"2 level 0: 256-511"}},
		"a tile of level 1 flips":    {flip(out("1", "001.p", "1"), 3), []string{"3 level 1: 65536-65791"}},
		"a tile of level 2 flips":    {flip(out("2", "000.p", "1"), 3), []string{"3 level 2: 0-65535"}},
		"a leaf and an entry": {
			both(flip(in("hashes.0"), 32*65_600), flip(in("entries", "000004"), 20)),
			[]string{"3 level 1: 65536-65791", "1 level 0: 65536-65536", "1 level 0: 65600-65600", "4 level 0: 0-65999"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			restore := c.damage(t)
			defer restore()
			files, err := OpenFiles(dir)
			require.NoError(t, err)
			defer files.Close()
			looked := Files(files)
			if strings.Contains(name, "bundle") || strings.Contains(name, "tile") {
				looked = NewTreeFiles(n, FolderFetch(tree))
			}
			found, got := audited(t, looked, n, heads...)
			if name != "a length in a bundle" {
				require.Equal(t, c.found, found)
			} else {
				require.Contains(t, found[0], "1 level 0: 256-", "from the first on")
			}
			if c.found == nil {
				require.Equal(t, root, got)
			}
		})
	}
	t.Run("another head", func(t *testing.T) {
		files, err := OpenFiles(dir)
		require.NoError(t, err)
		defer files.Close()
		entries, leaves, err := files.Written()
		require.NoError(t, err)
		require.EqualValues(t, n, entries)
		require.EqualValues(t, n, leaves)
		found, _ := audited(t, files, n, Head{n, middle}, Head{40_000, root})
		require.Equal(t, []string{"4 level 0: 0-39999", "4 level 0: 0-65999"}, found)
	})
}

// seal0At seals a full segment now, unless the sealer did.
func (b *Book) seal0At(number int) error {
	if there, err := exists(sealedPath(b.dir, number)); there || err != nil {
		return err
	}
	return b.seal(number)
}

// TestAnAuditsRootIsTheTrees compares roots with those of the tree that tlog makes.
func TestAnAuditsRootIsTheTrees(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	fill(t, b, 3000)
	files, err := OpenFiles(dir)
	require.NoError(t, err)
	defer files.Close()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(0, 3000).Draw(t, "n")
		h := rapid.Uint64Range(0, n).Draw(t, "head")
		root, err := b.Root(n)
		require.NoError(t, err)
		inside, err := b.Root(h)
		require.NoError(t, err)
		heads := []Head{{n, root}, {h, inside}}
		if h == 0 {
			heads = heads[:1]
		}
		found, got := audited(t, files, n, heads...)
		require.Empty(t, found)
		require.Equal(t, root, got)
	})
	require.NoError(t, b.Close())
}
