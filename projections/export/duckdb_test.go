package export_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections/export"
)

// runsDuckDB, when set, is the absolute path of scripts/duckdb/run.mjs with what it needs beside it.
const runsDuckDB = "ANJU_DUCKDB"

// TestTheRecipesRun runs the statements and the Python of docs/exports.md as they stand there: before anything was
// corrected, and again after placements were corrected and voided and some of that was taken back.
func TestTheRecipesRun(t *testing.T) {
	script, python := os.Getenv(runsDuckDB), os.Getenv(runsPandas)
	if script == "" && python == "" {
		t.Skip("scripts/check.sh fetches DuckDB and pandas and runs it")
	}
	ledger := countyLedger(t, county.Names()[:3]...)
	types, channels, jobs := countedHere(t, ledger)
	run := func() {
		if script != "" {
			runRecipes(t, script, ledger, types, channels)
		}
		if python != "" {
			runPandas(t, python, ledger, types, channels)
		}
	}
	run()

	count := func(was, is domain.JobChannel) {
		channels[string(was)]--
		channels[string(is)]++
	}
	act(t, ledger, jobs[0], "workshop")
	count(jobOf(t, jobs[0]).Channel, "workshop")
	act(t, ledger, jobs[1], "workshop")
	act(t, ledger, jobs[1], "self_found") // the last one holds
	count(jobOf(t, jobs[1]).Channel, "self_found")
	again := act(t, ledger, jobs[2], "workshop")
	act(t, ledger, again, "") // it is what it was
	person := jobOf(t, jobs[0]).Person
	for i, voids := range []int{1, 2, 3} { // new ones, on which nothing rests: the second counts again
		e := tell(t, ledger, "hrss", `{"type":"job.placed","key":"job/`+strconv.Itoa(i)+`","time":"2020-03-05","data":{"person":"`+person.String()+`","channel":"factory"}}`)
		for range voids {
			e = act(t, ledger, e, "")
		}
		channels["factory"] += (voids + 1) % 2
	}
	types["job.placed"] += 3
	types["record.corrected"], types["record.voided"] = 4, 7
	require.NoError(t, ledger.views.CaughtUp(t.Context()))
	run()
}

// runRecipes exports, and compares what each recipe counts.
func runRecipes(t *testing.T, script string, ledger exported, types, channels map[string]int) {
	t.Helper()
	dir := t.TempDir()
	o := everything(export.Parquet)
	o.AsOf = domain.MakeDay(2021, 6, 30)
	_, err := export.Write(t.Context(), ledger.source(), o, filepath.Join(dir, "county-2021"), nil)
	require.NoError(t, err)
	text, err := os.ReadFile("../../docs/exports.md")
	require.NoError(t, err)
	recipes := recipesIn(string(text))
	require.Len(t, recipes, 3)
	require.Equal(t, types, counted(t, script, dir, recipes[0]))
	require.Equal(t, channels, counted(t, script, dir, recipes[1]))
	require.Equal(t, channels, counted(t, script, dir, recipes[2]), "a spell a placement that holds")
}

// countedHere counts events and placements up to the day of the recipes, and returns the placements.
func countedHere(t *testing.T, ledger exported) (types, channels map[string]int, jobs []*events.Event) {
	types, channels = map[string]int{}, map[string]int{}
	for _, e := range recorded(t, ledger.Ledger) {
		if e.Time.Day() > domain.MakeDay(2021, 6, 30) {
			continue
		}
		types[e.Type]++
		if e.Type == "job.placed" {
			channels[string(jobOf(t, e).Channel)]++
			jobs = append(jobs, e)
		}
	}
	return types, channels, jobs
}

// act corrects the channel of a placement, or voids an event, by its own department, and returns the act.
func act(t *testing.T, ledger exported, e *events.Event, channel domain.JobChannel) *events.Event {
	t.Helper()
	key := strconv.Itoa(len(recorded(t, ledger.Ledger)))
	body := `{"type":"record.voided","key":"void/` + key + `","time":"2021-06-30T12:00:00+08:00","data":{"target_event":"` + e.ID.String() + `","reason":"false"}}`
	if channel != "" {
		job := jobOf(t, e)
		job.Channel = channel
		data, err := domain.Encode(job)
		require.NoError(t, err)
		body = `{"type":"record.corrected","key":"correct/` + key + `","time":"2021-06-30T12:00:00+08:00","data":{"target_event":"` + e.ID.String() + `","reason":"typo","data":` + string(data) + `}}`
	}
	return tell(t, ledger, e.Source.Department, body)
}

// tell records an event of a department of the county, and returns it.
func tell(t *testing.T, ledger exported, department domain.Department, body string) *events.Event {
	t.Helper()
	caller, at := intake.Caller{Department: department, Division: county.Division}, time.Date(2021, 7, 2, 4, 0, 0, 0, time.UTC)
	answers := ledger.door.Record(t.Context(), caller, []*intake.Submission{intake.Parse([]byte(body), caller, at)}, false)
	require.Nil(t, answers[0].Problem, "%+v", answers[0].Problem)
	all := recorded(t, ledger.Ledger)
	return all[len(all)-1]
}

func jobOf(t *testing.T, e *events.Event) *domain.JobPlaced {
	kind, err := e.Kind()
	require.NoError(t, err)
	fact, err := kind.Decode(e.Version, e.Data)
	require.NoError(t, err)
	return fact.(*domain.JobPlaced)
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
