package export_test

import (
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections/export"
)

// clock goes on by a second at each look: what is recorded has times of its own.
type clock struct{ at time.Time }

func (c *clock) now() time.Time {
	c.at = c.at.Add(time.Second)
	return c.at
}

// countyLedger is a ledger in a folder with the first files of the sample county imported through
// the real door.
func countyLedger(t *testing.T, files ...string) *events.Ledger {
	t.Helper()
	c := &clock{time.Date(2021, 7, 1, 4, 0, 0, 0, time.UTC)}
	ledger, err := events.Open(t.Context(), events.Config{Dir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	door := intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
		Random: rand.Reader, Now: c.now,
	})
	for _, name := range files {
		_, err := door.Import(t.Context(), intake.Caller{Division: county.Division}, name, county.File(name), intake.ImportOptions{Record: true})
		require.NoError(t, err)
	}
	return ledger
}

// everything orders all tables without bounds.
func everything(f export.Format) export.Order {
	return export.Order{Tables: export.Tables(), Format: f, AsOf: domain.NoDay}
}

// recorded reads the events of the ledger, as a reader of the log does.
func recorded(t *testing.T, l *events.Ledger) (all []*events.Event) {
	t.Helper()
	for rec, err := range l.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		all = append(all, rec.Event)
	}
	return all
}

// files returns every file of a folder by its path.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		relative, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(relative)] = string(text)
		return err
	}))
	return all
}

// TestTheSampleCountyIsExported imports the county once for the tests that only read it.
func TestTheSampleCountyIsExported(t *testing.T) {
	ledger := countyLedger(t, county.Names()...)
	t.Run("Parquet holds every event in the folder of its month", func(t *testing.T) { testParquet(t, ledger) })
	t.Run("CSV and NDJSON hold the same rows", func(t *testing.T) { testText(t, ledger) })
	t.Run("OCEL relates every event to declared objects", func(t *testing.T) { testOCEL(t, ledger) })
	t.Run("made again it is the same bit for bit", func(t *testing.T) { testAgain(t, ledger) })
	t.Run("bounds choose", func(t *testing.T) { testBounds(t, ledger) })
	t.Run("a wrong order writes nothing", func(t *testing.T) { testWrongOrders(t, ledger) })
	t.Run("a full disk leaves nothing", func(t *testing.T) { testFailing(t, ledger) })
}

func testParquet(t *testing.T, ledger *events.Ledger) {
	dir := filepath.Join(t.TempDir(), "out")
	m, err := export.Write(t.Context(), ledger, everything(export.Parquet), dir, nil)
	require.NoError(t, err)
	rows := map[domain.EventID]export.Fact{}
	for _, f := range m.Tables[0].Files {
		month, err := parquet.ReadFile[export.Fact](filepath.Join(dir, f.Path))
		require.NoError(t, err)
		require.Len(t, month, int(f.Rows))
		last := int64(0)
		for _, row := range month {
			require.Contains(t, f.Path, "/month="+row.Day.String()[:7]+"/")
			require.Greater(t, row.Sequence, last, "in the order of the log")
			last = row.Sequence
			rows[row.Event] = row
		}
	}
	all := recorded(t, ledger)
	require.Len(t, rows, len(all))
	for _, e := range all {
		row := rows[e.ID]
		require.Equal(t, []any{e.Type, e.Time.Day(), e.Subject.String(), string(e.Data), int64(e.Sequence)},
			[]any{row.Type, row.Day, row.Subject, string(row.Data), row.Sequence})
	}
	b, err := ledger.Book(52)
	require.NoError(t, err)
	root, err := b.Root(uint64(len(all)))
	require.NoError(t, err)
	require.Equal(t, []export.StreamEnd{{Stream: "ANJU-52", Position: uint64(len(all)), Root: root.String()}}, m.Streams)
}

func testText(t *testing.T, ledger *events.Ledger) {
	all := recorded(t, ledger)
	dir := filepath.Join(t.TempDir(), "csv")
	_, err := export.Write(t.Context(), ledger, everything(export.CSV), dir, nil)
	require.NoError(t, err)
	table, err := csv.NewReader(strings.NewReader(files(t, dir)["facts.csv"])).ReadAll()
	require.NoError(t, err)
	require.Len(t, table, 1+len(all))
	require.Equal(t, "event", table[0][0])
	for i, e := range all {
		require.Equal(t, e.ID.String(), table[1+i][0])
		require.Equal(t, string(e.Data), table[1+i][len(table[0])-1])
	}
	lines := filepath.Join(t.TempDir(), "ndjson")
	m, err := export.Write(t.Context(), ledger, everything(export.NDJSON), lines, nil)
	require.NoError(t, err)
	require.Equal(t, int64(len(all)), m.Tables[0].Rows)
	require.Equal(t, len(all), strings.Count(files(t, lines)["facts.ndjson"], "\n"))
	require.Contains(t, files(t, lines)["facts.ndjson"], all[0].ID.String())
}

func testAgain(t *testing.T, ledger *events.Ledger) {
	once, again := filepath.Join(t.TempDir(), "once"), filepath.Join(t.TempDir(), "again")
	_, err := export.Write(t.Context(), ledger, everything(export.Parquet), once, nil)
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(once, "manifest.json"))
	require.NoError(t, err)
	m, err := export.ParseManifest(text)
	require.NoError(t, err)
	_, err = export.Write(t.Context(), ledger, m.Order(), again, nil)
	require.NoError(t, err)
	require.Equal(t, files(t, once), files(t, again))
}

func testBounds(t *testing.T, ledger *events.Ledger) {
	all := recorded(t, ledger)
	o := everything(export.NDJSON)
	o.AsOf, o.KnownAt = domain.MakeDay(2020, 3, 5), all[len(all)/2].Recorded
	m, err := export.Write(t.Context(), ledger, o, filepath.Join(t.TempDir(), "out"), nil)
	require.NoError(t, err)
	want, last := 0, uint64(0)
	for _, e := range all {
		if e.Recorded <= o.KnownAt {
			last = e.Sequence
			if e.Time.Day() <= o.AsOf {
				want++
			}
		}
	}
	require.Equal(t, int64(want), m.Tables[0].Rows)
	require.Equal(t, last, m.Streams[0].Position)
	require.Less(t, want, len(all)/2+1)

	o = everything(export.NDJSON)
	o.Division = "5206039"
	m, err = export.Write(t.Context(), ledger, o, filepath.Join(t.TempDir(), "out"), nil)
	require.NoError(t, err)
	require.Zero(t, m.Tables[0].Rows)
	require.Empty(t, m.Tables[0].Files)
}

func testWrongOrders(t *testing.T, ledger *events.Ledger) {
	dir := t.TempDir()
	full := filepath.Join(dir, "full")
	require.NoError(t, os.Mkdir(full, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(full, "mine"), nil, 0o600))
	_, err := export.Write(t.Context(), ledger, everything(export.CSV), full, nil)
	require.ErrorIs(t, err, export.ErrFolder)
	for name, o := range map[string]export.Order{
		"no table":      {Format: export.CSV, AsOf: domain.NoDay},
		"unknown table": {Format: export.CSV, AsOf: domain.NoDay, Tables: []string{"names"}},
	} {
		_, err := export.Write(t.Context(), ledger, o, filepath.Join(dir, "out"), nil)
		require.ErrorIs(t, err, export.ErrTable, name)
	}
	o := everything("xml")
	_, err = export.Write(t.Context(), ledger, o, filepath.Join(dir, "out"), nil)
	require.ErrorIs(t, err, export.ErrFormat)
	o = everything(export.CSV)
	o.End = map[string]uint64{"ANJU-52": 1 << 40}
	_, err = export.Write(t.Context(), ledger, o, filepath.Join(dir, "out"), nil)
	require.ErrorIs(t, err, events.ErrNotFound)
	require.Equal(t, map[string]string{"full/mine": ""}, files(t, dir))
}

// failing is a ledger whose reading ends in an error, as a full disk ends the writing.
type failing struct{ *events.Ledger }

// Read yields some records, then fails.
func (f failing) Read(ctx context.Context, province uint8, after uint64) iter.Seq2[events.Record, error] {
	return func(yield func(events.Record, error) bool) {
		for rec, err := range f.Ledger.Read(ctx, province, after) {
			if rec.Sequence > 2000 {
				err = syscall.ENOSPC
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

func testFailing(t *testing.T, ledger *events.Ledger) {
	dir := t.TempDir()
	_, err := export.Write(t.Context(), failing{ledger}, everything(export.Parquet), filepath.Join(dir, "out"), nil)
	require.True(t, errors.Is(err, syscall.ENOSPC), "%v", err)
	require.Empty(t, files(t, dir))
	_, err = os.Stat(filepath.Join(dir, "out.partial"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}
