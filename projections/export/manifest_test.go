package export_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections/export"
)

// TestAManifestSaysWhatItsTablesAreOf: of a ledger whose only fact is of 2018-09-01, recorded on 2021-07-01.
func TestAManifestSaysWhatItsTablesAreOf(t *testing.T) {
	ledger := countyLedger(t)
	write := func(o export.Order) export.Manifest {
		once, again := filepath.Join(t.TempDir(), "once"), filepath.Join(t.TempDir(), "again")
		m, err := export.Write(t.Context(), ledger.source(), o, once, nil)
		require.NoError(t, err)
		text, err := os.ReadFile(filepath.Join(once, "manifest.json"))
		require.NoError(t, err)
		read, err := export.ParseManifest(text)
		require.NoError(t, err)
		require.Equal(t, m, read)
		_, err = export.Write(t.Context(), ledger.source(), m.Order(), again, nil)
		require.NoError(t, err)
		require.Equal(t, files(t, once), files(t, again), "notes too are made again bit for bit")
		return m
	}
	facts := export.Order{Tables: []string{"facts"}, Format: export.CSV, AsOf: domain.NoDay}
	require.Equal(t, []string{"nothing was recorded by that moment"}, english(write(facts)))

	caller, at := intake.Caller{Department: "rural", Division: county.Division}, time.Date(2021, 7, 2, 4, 0, 0, 0, time.UTC)
	body := `{"type":"household.registered","key":"house/1","time":"2018-09-01","division":"520603003","data":{"category":"poor","members":[{"name":"某甲","relation":"head"}]}}`
	require.Nil(t, ledger.door.Record(t.Context(), caller, []*intake.Submission{intake.Parse([]byte(body), caller, at)}, false)[0].Problem)
	require.NoError(t, ledger.views.CaughtUp(t.Context()))
	recorded := recorded(t, ledger.Ledger)[0].Recorded

	m := write(facts)
	require.Empty(t, m.Notes)
	require.Equal(t, []any{recorded, domain.Definition, "", domain.NoDay}, []any{m.KnownAt, m.Definition, m.Parameters, m.AsOf})
	require.Equal(t, [][]string{{"streams"}}, dependences(m))

	elsewhere := facts
	elsewhere.Division = "520699"
	require.Equal(t, []string{"the table of divisions lacks 520699"}, english(write(elsewhere)), "as a board of it says")

	day := domain.MakeDay(2018, 9, 1)
	both := export.Order{Tables: []string{"facts", "statuses"}, Format: export.CSV, AsOf: day}
	m = write(both)
	require.Empty(t, m.Notes)
	require.Equal(t, []any{domain.DefaultParameters().Name, day}, []any{m.Parameters, m.AsOf})
	require.Equal(t, [][]string{{"streams", "as_of"}, {"streams", "as_of", "definition", "parameters"}}, dependences(m))
	for _, c := range []struct {
		asOf    domain.Day
		knownAt domain.Moment
		says    []string
	}{
		{day - 1, 0, []string{"nothing was true yet by that day; the first fact is of 2018-09-01"}},
		{day + 1, 0, []string{"the latest fact is of 2018-09-01"}},
		{day, recorded - 1, []string{"nothing was recorded by that moment"}},
		{day, recorded, nil},
		{day + 1, recorded + 1, []string{"the moment is after the last record that is in it (" + recorded.String() + ")", "the latest fact is of 2018-09-01"}},
	} {
		both.AsOf, both.KnownAt = c.asOf, c.knownAt
		require.Equal(t, c.says, english(write(both)), "%+v", c)
	}
}

func english(m export.Manifest) (all []string) {
	for _, n := range m.Notes {
		all = append(all, n.EN)
	}
	return all
}

func dependences(m export.Manifest) (all [][]string) {
	for _, t := range m.Tables {
		all = append(all, t.DependsOn)
	}
	return all
}
