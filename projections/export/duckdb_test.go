package export_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections/export"
)

// runsDuckDB, when set, is the absolute path of scripts/duckdb/run.mjs with what it needs beside it.
const runsDuckDB = "ANJU_DUCKDB"

// testRecipes runs every recipe of docs/exports.md in DuckDB, as it stands there, and counts the same in Go.
func testRecipes(t *testing.T, ledger exported) {
	script := os.Getenv(runsDuckDB)
	if script == "" {
		t.Skip("scripts/check.sh fetches DuckDB and runs it")
	}
	dir := t.TempDir()
	to := filepath.Join(dir, "county-2021")
	o := everything(export.Parquet)
	o.AsOf = domain.MakeDay(2021, 6, 30)
	_, err := export.Write(t.Context(), ledger.source(), o, to, nil)
	require.NoError(t, err)
	text, err := os.ReadFile("../../docs/exports.md")
	require.NoError(t, err)
	recipes := recipesIn(string(text))
	require.Len(t, recipes, 3)
	if _, err := os.Stat(filepath.Join(to, "standings")); err != nil { // nothing was corrected, and the page says what to do then
		before, rest, found := strings.Cut(recipes[1], "and not exists")
		require.True(t, found)
		_, after, _ := strings.Cut(rest, "f.event)")
		recipes[1] = before + after
	}
	types, channels := map[string]int{}, map[string]int{}
	for _, e := range recorded(t, ledger.Ledger) {
		if stamp, err := e.Stamp(); err != nil || stamp.Day() > o.AsOf {
			continue
		}
		types[e.Type]++
		if job, ours := placed(t, e); ours {
			channels[string(job.Channel)]++
		}
	}
	require.Equal(t, types, counted(t, script, dir, recipes[0]))
	require.Equal(t, channels, counted(t, script, dir, recipes[1]))
	require.Equal(t, channels, counted(t, script, dir, recipes[2]), "a spell a placement")
}

func placed(t *testing.T, e *events.Event) (*domain.JobPlaced, bool) {
	if e.Type != "job.placed" {
		return nil, false
	}
	kind, err := e.Kind()
	require.NoError(t, err)
	fact, err := kind.Decode(e.Version, e.Data)
	require.NoError(t, err)
	return fact.(*domain.JobPlaced), true
}

// recipesIn are the statements that a page hands to duckdb, as the shell would.
func recipesIn(page string) (all []string) {
	for {
		_, rest, found := strings.Cut(page, `duckdb -c "`)
		if !found {
			return all
		}
		statement, rest, _ := strings.Cut(strings.ReplaceAll(rest, `\"`, "\x00"), `"`)
		all, page = append(all, strings.ReplaceAll(statement, "\x00", `"`)), rest
	}
}

// counted are the rows of a statement whose first two columns are a name and a number.
func counted(t *testing.T, script, dir, statement string) map[string]int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", script, statement)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	counts := map[string]int{}
	for line := range strings.Lines(string(out)) {
		var row []any
		require.NoError(t, json.Unmarshal([]byte(line), &row), line)
		n := 0
		_, err := fmt.Sscan(fmt.Sprint(row[1]), &n)
		require.NoError(t, err, line)
		name, _ := row[0].(string)
		counts[name] = n
	}
	return counts
}
