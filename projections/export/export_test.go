package export_test

import (
	"crypto/rand"
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections"
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
func countyLedger(t *testing.T, files ...string) exported {
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
	views := projections.New(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters())
	t.Cleanup(views.Close)
	require.NoError(t, views.CaughtUp(t.Context()))
	return exported{ledger, views, door}
}

// exported is a ledger with its views.
type exported struct {
	*events.Ledger
	views *projections.Views
	door  *intake.Door
}

func (e exported) source() export.Source { return export.Source{Log: e.Ledger, Views: e.views} }

// everything orders all tables as of a day beyond all facts.
func everything(f export.Format) export.Order {
	return export.Order{Tables: export.Tables(), Format: f, AsOf: domain.MakeDay(2031, 1, 1)}
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
	t.Run("statuses, transitions and spells are what the views answer", func(t *testing.T) { testStatuses(t, ledger) })
	t.Run("the months of a table share their encoders", func(t *testing.T) { testMemory(t, ledger) })
	t.Run("bounds choose", func(t *testing.T) { testBounds(t, ledger) })
	t.Run("a wrong order writes nothing", func(t *testing.T) { testWrongOrders(t, ledger) })
}

func testParquet(t *testing.T, ledger exported) {
	dir := filepath.Join(t.TempDir(), "out")
	m, err := export.Write(t.Context(), ledger.source(), everything(export.Parquet), dir, nil)
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
	all := recorded(t, ledger.Ledger)
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

// testMemory: an encoder has thirteen megabytes, and the county's facts lie in forty months and more.
func testMemory(t *testing.T, ledger exported) {
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc >> 20
	}
	o := export.Order{Tables: []string{"facts"}, Format: export.Parquet, AsOf: domain.NoDay}
	before, most := held(), uint64(0)
	m, err := export.Write(t.Context(), ledger.source(), o, filepath.Join(t.TempDir(), "out"), func(_ string, rows int64) {
		if rows > 22_000 {
			most = max(most, held())
		}
	})
	require.NoError(t, err)
	require.Greater(t, len(m.Tables[0].Files), 40)
	require.Less(t, most-min(before, most), uint64(160), "megabytes")
}

func testText(t *testing.T, ledger exported) {
	all := recorded(t, ledger.Ledger)
	dir := filepath.Join(t.TempDir(), "csv")
	_, err := export.Write(t.Context(), ledger.source(), everything(export.CSV), dir, nil)
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
	m, err := export.Write(t.Context(), ledger.source(), everything(export.NDJSON), lines, nil)
	require.NoError(t, err)
	require.Equal(t, int64(len(all)), m.Tables[0].Rows)
	require.Equal(t, len(all), strings.Count(files(t, lines)["facts.ndjson"], "\n"))
	require.Contains(t, files(t, lines)["facts.ndjson"], all[0].ID.String())
}

func testAgain(t *testing.T, ledger exported) {
	once, again := filepath.Join(t.TempDir(), "once"), filepath.Join(t.TempDir(), "again")
	_, err := export.Write(t.Context(), ledger.source(), everything(export.Parquet), once, nil)
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(once, "manifest.json"))
	require.NoError(t, err)
	m, err := export.ParseManifest(text)
	require.NoError(t, err)
	_, err = export.Write(t.Context(), ledger.source(), m.Order(), again, nil)
	require.NoError(t, err)
	require.Equal(t, files(t, once), files(t, again))
}

func testBounds(t *testing.T, ledger exported) {
	all := recorded(t, ledger.Ledger)
	o := everything(export.NDJSON)
	o.AsOf, o.KnownAt = domain.MakeDay(2020, 3, 5), all[len(all)/2].Recorded
	m, err := export.Write(t.Context(), ledger.source(), o, filepath.Join(t.TempDir(), "out"), nil)
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
	m, err = export.Write(t.Context(), ledger.source(), o, filepath.Join(t.TempDir(), "out"), nil)
	require.NoError(t, err)
	require.Zero(t, m.Tables[0].Rows)
	require.Equal(t, []string{"facts.ndjson"}, pathsOf(m.Tables[0]), "it is there, without rows")
	o.Format = export.Parquet
	dir := filepath.Join(t.TempDir(), "out")
	m, err = export.Write(t.Context(), ledger.source(), o, dir, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"facts/month=none/facts.parquet"}, pathsOf(m.Tables[0]))
	require.Empty(t, rowsOf[export.Fact](t, dir, m.Tables[0]))
}

func pathsOf(table export.TableFiles) (all []string) {
	for _, f := range table.Files {
		all = append(all, f.Path)
	}
	return all
}

func testWrongOrders(t *testing.T, ledger exported) {
	dir := t.TempDir()
	full := filepath.Join(dir, "full")
	require.NoError(t, os.Mkdir(full, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(full, "mine"), nil, 0o600))
	_, err := export.Write(t.Context(), ledger.source(), everything(export.CSV), full, nil)
	require.ErrorIs(t, err, export.ErrFolder)
	for name, o := range map[string]export.Order{
		"no table":      {Format: export.CSV, AsOf: domain.NoDay},
		"unknown table": {Format: export.CSV, AsOf: domain.NoDay, Tables: []string{"names"}},
	} {
		_, err := export.Write(t.Context(), ledger.source(), o, filepath.Join(dir, "out"), nil)
		require.ErrorIs(t, err, export.ErrTable, name)
	}
	_, err = export.Write(t.Context(), ledger.source(), export.Order{Format: export.CSV, AsOf: domain.NoDay, Tables: []string{"statuses"}}, filepath.Join(dir, "out"), nil)
	require.ErrorIs(t, err, export.ErrDay)
	o := everything("xml")
	_, err = export.Write(t.Context(), ledger.source(), o, filepath.Join(dir, "out"), nil)
	require.ErrorIs(t, err, export.ErrFormat)
	o = everything(export.CSV)
	o.End = map[string]uint64{"ANJU-52": 1 << 40}
	_, err = export.Write(t.Context(), ledger.source(), o, filepath.Join(dir, "out"), nil)
	require.ErrorIs(t, err, events.ErrNotFound)
	require.Equal(t, map[string]string{"full/mine": ""}, files(t, dir))
}

// testStatuses compares the tables with the answers of the views: states and levels with the board,
// each household's transitions with its status on the day before and after, jobs with its persons.
func testStatuses(t *testing.T, ledger exported) {
	dir := filepath.Join(t.TempDir(), "out")
	day := domain.MakeDay(2021, 6, 30)
	o := export.Order{Tables: []string{"statuses", "transitions", "spells"}, Format: export.Parquet, AsOf: day, Division: "520603"}
	m, err := export.Write(t.Context(), ledger.source(), o, dir, nil)
	require.NoError(t, err)
	require.Equal(t, []string{domain.Definition, domain.DefaultParameters().Name}, []string{m.Definition, m.Parameters})

	board, err := ledger.views.Board("520603", day)
	require.NoError(t, err)
	rows := rowsOf[export.Status](t, dir, m.Tables[0])
	states, vacant, income := map[string]int{}, 0, 0
	for _, r := range rows {
		states[r.State]++
		if r.Housing == "vacant" {
			vacant++
		}
		if strings.Contains(" "+r.Overdue+" ", " income ") {
			income++
		}
	}
	require.Equal(t, board.States, states)
	require.Equal(t, board.Dimensions["housing"]["vacant"].Households, vacant)
	require.Equal(t, board.Overdue["income"], income)

	changes := rowsOf[export.Transition](t, dir, m.Tables[1])
	require.NotEmpty(t, changes)
	for _, c := range changes[:min(500, len(changes))] {
		id, err := domain.ParseEntity(c.Household)
		require.NoError(t, err)
		for at, want := range map[domain.Day]string{c.Day - 1: c.From, c.Day: c.To} {
			a, err := ledger.views.Household(id, at)
			require.NoError(t, err)
			got := a.State.String()
			if c.Dimension != "state" {
				d, known := domain.ParseDimension(c.Dimension)
				require.True(t, known)
				got = a.Dimensions[d].Level
			}
			if want != "" {
				require.Equal(t, want, got, "%v on %s", c, at)
			}
		}
	}
	jobs := rowsOf[export.Spell](t, dir, m.Tables[2])
	placed := 0
	for _, e := range recorded(t, ledger.Ledger) {
		if e.Type == "job.placed" && e.Time.Day() <= day {
			placed++
		}
	}
	require.Len(t, jobs, placed, "every placement is a spell of one person")
}

// rowsOf reads a table back.
func rowsOf[R any](t *testing.T, dir string, table export.TableFiles) (all []R) {
	t.Helper()
	for _, f := range table.Files {
		rows, err := parquet.ReadFile[R](filepath.Join(dir, f.Path))
		require.NoError(t, err)
		all = append(all, rows...)
	}
	require.Len(t, all, int(table.Rows))
	return all
}
