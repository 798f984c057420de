package export_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections/export"
)

// runsPandas, when set, is a Python that has pandas.
const runsPandas = "ANJU_PANDAS"

// runPandas exports, runs the Python of docs/exports.md as it stands there, and compares what it counts.
func runPandas(t *testing.T, python string, ledger exported, types, channels map[string]int) {
	t.Helper()
	page, err := os.ReadFile("../../docs/exports.md")
	require.NoError(t, err)
	dir := t.TempDir()
	o := everything(export.CSV)
	o.AsOf = domain.MakeDay(2021, 6, 30)
	_, err = export.Write(t.Context(), ledger.source(), o, filepath.Join(dir, "county-csv"), nil)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), python, "-c", pythonIn(string(page))+`
print(json.dumps([types.to_dict(), channels.to_dict(), ended["size"].to_dict()]))`)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	var said []map[string]int
	require.NoError(t, json.Unmarshal(out, &said), string(out))
	require.Equal(t, []map[string]int{types, channels, channels}, said, "facts, placements as they hold, and a spell for each")
}

// pythonIn are the lines of Python on a page: those that are indented below its heading.
func pythonIn(page string) string {
	_, rest, _ := strings.Cut(page, "## pandas\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	var program strings.Builder
	for line := range strings.Lines(rest) {
		if code, indented := strings.CutPrefix(line, "    "); indented {
			program.WriteString(code)
		}
	}
	return program.String()
}
