package export_test

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/projections/export"
)

// member is one file of a tar.
type member struct {
	header tar.Header
	text   string
}

func membersOf(t *testing.T, packed []byte) (all []member) {
	t.Helper()
	for in := tar.NewReader(bytes.NewReader(packed)); ; {
		h, err := in.Next()
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		text, err := io.ReadAll(in)
		require.NoError(t, err)
		all = append(all, member{*h, string(text)})
	}
}

func packed(t *testing.T, all []member) []byte {
	t.Helper()
	var b bytes.Buffer
	out := tar.NewWriter(&b)
	for _, m := range all {
		m.header.Size = int64(len(m.text))
		require.NoError(t, out.WriteHeader(&m.header))
		_, err := out.Write([]byte(m.text))
		require.NoError(t, err)
	}
	require.NoError(t, out.Close())
	return b.Bytes()
}

// communities is an export of a few facts as a tar, with the folder that it is of.
func communities(t testing.TB, ledger exported) (sent []byte, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "made")
	o := export.Order{Tables: []string{"facts", "ocel"}, Format: export.Parquet, AsOf: domain.NoDay}
	_, err := export.Write(t.Context(), ledger.source(), o, dir, nil)
	require.NoError(t, err)
	var b bytes.Buffer
	out, ctx := export.Begin(t.Context(), &b, time.Minute)
	require.NoError(t, out.Send(ctx, ledger.source(), o))
	out.End()
	return b.Bytes(), dir
}

// gate is a receiver who is told of each write.
type gate struct {
	bytes.Buffer
	wrote chan int // after each write
	full  bool     // under no lock: set before the tar begins
}

// Write implements io.Writer.
func (g *gate) Write(b []byte) (int, error) {
	if g.full {
		return 0, io.ErrClosedPipe
	}
	n, err := g.Buffer.Write(b)
	select {
	case g.wrote <- n:
	default:
	}
	return n, err
}

// TestBeatsAreSkippedByWhoUnpacks: while nothing is made yet records go out, and neither this program nor the
// system's tar finds a file in them.
func TestBeatsAreSkippedByWhoUnpacks(t *testing.T) {
	ledger := countyLedger(t, county.Names()[0])
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	o := export.Order{Tables: []string{"facts"}, Format: export.CSV, AsOf: domain.NoDay}
	to := &gate{wrote: make(chan int)}
	out, ctx := export.Begin(t.Context(), to, time.Millisecond)
	for range 6 {
		<-to.wrote
	}
	require.NoError(t, out.Send(ctx, ledger.source(), o))
	out.End()
	require.Empty(t, files(t, temp), "each file is deleted when it is sent")
	sent := to.Bytes()
	require.Equal(t, byte(tar.TypeXGlobalHeader), membersOf(t, sent)[0].header.Typeflag)

	dir := t.TempDir()
	_, err := export.Write(t.Context(), ledger.source(), o, filepath.Join(dir, "made"), nil)
	require.NoError(t, err)
	_, err = export.Receive(bytes.NewReader(sent), filepath.Join(dir, "received"), func(int64) {})
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "unpacked"), 0o700))
	unpack := exec.CommandContext(t.Context(), "tar", "-x", "-C", filepath.Join(dir, "unpacked"), "-f", "-")
	unpack.Stdin = bytes.NewReader(sent)
	said, err := unpack.CombinedOutput()
	require.NoError(t, err, string(said))
	require.Empty(t, said)
	for _, name := range []string{"received", "unpacked"} {
		require.Equal(t, files(t, filepath.Join(dir, "made")), files(t, filepath.Join(dir, name)))
	}
}

// TestABeatThatIsNotTakenEndsTheMaking: nobody else finds out that the receiver has gone while it is made.
func TestABeatThatIsNotTakenEndsTheMaking(t *testing.T) {
	ledger := countyLedger(t, county.Names()[0])
	out, ctx := export.Begin(t.Context(), &gate{full: true}, time.Millisecond)
	<-ctx.Done()
	require.ErrorIs(t, context.Cause(ctx), io.ErrClosedPipe)
	require.ErrorIs(t, out.Send(ctx, ledger.source(), everything(export.CSV)), context.Canceled)
	out.End()
}

// TestAnExportThatFailsInTheMiddleSaysWhy: the reason is a member, and what came is not kept.
func TestAnExportThatFailsInTheMiddleSaysWhy(t *testing.T) {
	ledger := countyLedger(t, county.Names()[0])
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "gone"))
	to := &gate{wrote: make(chan int)}
	out, ctx := export.Begin(t.Context(), to, time.Millisecond)
	<-to.wrote
	require.ErrorIs(t, out.Send(ctx, ledger.source(), everything(export.CSV)), fs.ErrNotExist)
	out.End()
	out.Fail([]byte(`{"type":"why"}`))
	root := t.TempDir()
	_, err := export.Receive(bytes.NewReader(to.Bytes()), filepath.Join(root, "out"), func(int64) {})
	require.ErrorIs(t, err, export.ErrBroken)
	var failed *export.Failure
	require.ErrorAs(t, err, &failed)
	require.JSONEq(t, `{"type":"why"}`, string(failed.Problem))
	require.Empty(t, files(t, root))
}

func TestAnExportThatComesOtherwiseIsRefused(t *testing.T) {
	ledger := countyLedger(t, county.Names()[0])
	sent, made := communities(t, ledger)
	root := t.TempDir()
	_, err := export.Receive(bytes.NewReader(sent), filepath.Join(root, "whole"), func(int64) {})
	require.NoError(t, err)
	require.Equal(t, files(t, made), files(t, filepath.Join(root, "whole")))
	require.NoError(t, os.RemoveAll(filepath.Join(root, "whole")))

	for name, change := range map[string]func(all []member) []member{
		"a flipped bit":           func(all []member) []member { all[0].text = all[0].text[:9] + "x" + all[0].text[10:]; return all },
		"a file lacks":            func(all []member) []member { return all[1:] },
		"the manifest lacks":      func(all []member) []member { return all[:len(all)-1] },
		"the dictionary lacks":    func(all []member) []member { return append(all[:len(all)-2:len(all)-2], all[len(all)-1]) },
		"a file too many":         func(all []member) []member { return append(all, member{tar.Header{Name: "facts/more"}, "x"}) },
		"a file twice":            func(all []member) []member { return append(all, all[0]) },
		"a way out of the folder": func(all []member) []member { return append(all, member{tar.Header{Name: "../more"}, "x"}) },
		"an absolute name":        func(all []member) []member { return append(all, member{tar.Header{Name: "/tmp/more"}, "x"}) },
		"a link": func(all []member) []member {
			return append(all, member{tar.Header{Name: "l", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}, ""})
		},
		"rows that do not sum up":         manifestWith(`"rows": `, `"rows": 1`),
		"another shape":                   manifestWith(`"anju-export/`, `"anju-export/0`),
		"no JSON":                         manifestWith(`{`, `[`),
		"a manifest that names no tables": manifestWith(`"tables": [`, `"tables": [], "tables": [`),
	} {
		_, err := export.Receive(bytes.NewReader(packed(t, change(membersOf(t, sent)))), filepath.Join(root, "out"), func(int64) {})
		require.ErrorIs(t, err, export.ErrBroken, name)
		require.Empty(t, files(t, root), name)
	}
	reset := io.MultiReader(bytes.NewReader(sent[:700]), iotest.ErrReader(syscall.ECONNRESET))
	_, err = export.Receive(reset, filepath.Join(root, "out"), func(int64) {})
	require.ErrorIs(t, err, export.ErrBroken, "a connection that is reset")
	for _, length := range []int{0, 100, 512, 700, len(sent) / 2, len(sent) - 2048} {
		_, err := export.Receive(bytes.NewReader(sent[:length]), filepath.Join(root, "out"), func(int64) {})
		require.ErrorIs(t, err, export.ErrBroken, "cut at %d of %d", length, len(sent))
		require.Empty(t, files(t, root))
		_, err = os.Stat(filepath.Join(root, "out.partial"))
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
}

// manifestWith replaces a text of the manifest once.
func manifestWith(old, other string) func(all []member) []member {
	return func(all []member) []member {
		last := &all[len(all)-1]
		last.text = strings.Replace(last.text, old, other, 1)
		return all
	}
}

func FuzzReceive(f *testing.F) {
	var b bytes.Buffer
	out := tar.NewWriter(&b)
	for name, text := range map[string]string{"manifest.json": `{"export":"anju-export/3"}`, "dictionary.csv": "", "facts/month=2021-06/facts.parquet": "x", "../x": "y"} {
		if err := out.WriteHeader(&tar.Header{Name: name, Size: int64(len(text))}); err != nil {
			f.Fatal(err)
		}
		_, _ = out.Write([]byte(text))
	}
	f.Add(b.Bytes())
	b.Reset() // a beat, and why the export ends there
	out = tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": "x"}}, {Name: "problem.json", Mode: 0o644, Size: 2},
	} {
		if err := out.WriteHeader(&h); err != nil {
			f.Fatal(err)
		}
	}
	_, _ = out.Write([]byte("{}"))
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, sent []byte) {
		root := t.TempDir()
		_, err := export.Receive(bytes.NewReader(sent), filepath.Join(root, "in", "out"), func(int64) {})
		found, _ := os.ReadDir(root)
		require.LessOrEqual(t, len(found), 1, "nothing lies beside the folder")
		if err != nil {
			require.Empty(t, files(t, root))
		}
	})
}

// TestAnExportGivenUpLeavesNothing: its client goes, its user stops it.
func TestAnExportGivenUpLeavesNothing(t *testing.T) {
	ledger := countyLedger(t, county.Names()[:2]...)
	ctx, cancel := context.WithCancel(t.Context())
	dir, told := t.TempDir(), int64(0)
	_, err := export.Write(ctx, ledger.source(), everything(export.NDJSON), filepath.Join(dir, "out"), func(_ string, rows int64) {
		told = rows
		cancel()
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, told, int64(2000), "it ends in the middle")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestOneExportAtATimeIsWrittenToAFolder(t *testing.T) {
	ledger := countyLedger(t, county.Names()[0])
	o := export.Order{Tables: []string{"facts"}, Format: export.CSV, AsOf: domain.NoDay}
	dir := filepath.Join(t.TempDir(), "out")
	second := func(string, int64) {
		require.False(t, export.Abandoned(dir))
		_, err := export.Write(t.Context(), ledger.source(), o, dir, nil)
		require.ErrorIs(t, err, export.ErrInUse)
	}
	_, err := export.Write(t.Context(), ledger.source(), o, dir, second)
	require.NoError(t, err)
	require.Contains(t, files(t, dir), "facts.csv")

	theirs := filepath.Join(t.TempDir(), "out")
	require.NoError(t, os.MkdirAll(theirs+".partial/mine", 0o700))
	require.False(t, export.Abandoned(theirs))
	_, err = export.Write(t.Context(), ledger.source(), o, theirs, nil)
	require.ErrorIs(t, err, export.ErrFolder, "what is no export's is nobody's to delete")
	require.DirExists(t, theirs+".partial/mine")

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, name := range []string{file, filepath.Join(file, "out")} {
		_, err = export.Write(t.Context(), ledger.source(), o, name, nil)
		require.ErrorIs(t, err, export.ErrFolder, name)
	}
}
