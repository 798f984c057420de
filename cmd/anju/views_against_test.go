package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/projections"
)

// TestTwoServersOnCopiesAreCompared, as the recipe of docs/views.md has it: a copy of the folder is served by another
// process, which judges by other rules; here, by another set.
func TestTwoServersOnCopiesAreCompared(t *testing.T) {
	dir, copied := filepath.Join(t.TempDir(), "county"), filepath.Join(t.TempDir(), "copy")
	facts := filepath.Join(t.TempDir(), "facts")
	two := strings.Replace(twoEvents, `"relation":"head"`, `"relation":"head","labour_class":"ordinary"`, 1)
	for _, department := range []string{"rural", "hrss"} {
		line := strings.SplitAfter(two, "\n")[map[string]int{"rural": 0, "hrss": 1}[department]]
		require.NoError(t, os.WriteFile(facts, []byte(line), 0o600))
		code, out, message := anju(t, "record", "--dir", dir, "--department", department, "--division", "520603", facts)
		require.Equal(t, exitDone, code, out+message)
	}
	require.NoError(t, exec.Command("cp", "-a", dir, copied).Run()) // with the modes of the key files
	one, other := serveFolder(t, dir), serveFolder(t, copied)
	against := func(args ...string) string {
		code, out, message := anju(t, append([]string{"views", "against", "--server", one, other, "520603", "--as-of", "2020-03-05"}, args...)...)
		require.Equal(t, exitDone, code, out+message)
		return out
	}
	require.Contains(t, against(), "差异户 households 0")
	code, _, message := anju(t, "views", "build", "--server", other, otherSet)
	require.Equal(t, exitDone, code, message)
	code, _, message = anju(t, "views", "switch", "--server", other, "employed-placed")
	require.Equal(t, exitDone, code, message)
	out := against()
	for _, says := range []string{"差异户 households 1", "employed", "参数 parameters anju-2021-1", "参数 parameters employed-placed", "定义 definition anju-status-1"} {
		require.Contains(t, out, says)
	}
	var a projections.DiffAnswer
	require.NoError(t, json.Unmarshal([]byte(against("--json")), &a))
	require.Equal(t, []projections.Transition{{Dimension: "employed", From: "false", To: "true", Households: 1}}, a.Transitions)
	require.Equal(t, a.From.Position, a.To.Position)
	require.Len(t, a.Households, 1)

	second := strings.NewReplacer("register/1", "register/2", "0001", "0002").Replace(strings.SplitAfter(twoEvents, "\n")[0])
	require.NoError(t, os.WriteFile(facts, []byte(second), 0o600))
	code, out, message = anju(t, "record", "--server", other, "--department", "rural", "--division", "520603", facts)
	require.Equal(t, exitDone, code, out+message)
	require.Contains(t, against(), "差异户 households 1", "what only one has read is left out")
	require.NoError(t, json.Unmarshal([]byte(against("--json", "--known-at", "2999-01-01")), &a))
	require.Equal(t, 2, a.Differ)
	require.Contains(t, a.Transitions, projections.Transition{Dimension: "state", From: "absent", To: "in_crisis", Households: 1})
	code, _, message = anju(t, "views", "against", "--server", one, "http://127.0.0.1:1", "520603")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "does not answer")
}
