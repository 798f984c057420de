package projections_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheDocumentedViewRuns builds the program of docs/views.md as it stands there, but for the address of
// the server, and reads what it counts of the sample county.
func TestTheDocumentedViewRuns(t *testing.T) {
	page, err := os.ReadFile("../docs/views.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(page), "```go\npackage main\n")
	require.True(t, found)
	program, _, _ := strings.Cut(rest, "```")
	server, _, end := runningLedger()
	defer end()
	require.Equal(t, 1, strings.Count(program, "http://127.0.0.1:8420"))
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n"+strings.Replace(program, "http://127.0.0.1:8420", server, 1)), 0o600))
	inOwnFolder(t, string(page), dir)

	view := exec.CommandContext(t.Context(), filepath.Join(dir, "view"))
	out, err := view.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, view.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if lines.Text() == "map[factory:445 labour_export:405 public_welfare_post:384 self_found:397 work_relief:398 workshop:424]" {
			break // the same as ExampleRemote_Run counts
		}
	}
	require.NoError(t, lines.Err())
	require.Contains(t, lines.Text(), "workshop:424")
	require.NoError(t, view.Process.Kill())
	require.Error(t, view.Wait())
}

// inOwnFolder builds the program by the lines that the page has for a folder of its own, beside this checkout.
func inOwnFolder(t *testing.T, page, dir string) {
	t.Helper()
	checkout, err := filepath.Abs("..")
	require.NoError(t, err)
	sums, err := os.ReadFile(filepath.Join(checkout, "go.sum")) // what this tree needs is here already
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600))
	lines := 0
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "go mod ") && line != "go run -mod=mod ." {
			continue
		}
		lines++
		line = strings.Replace(strings.Replace(line, "../anju", checkout, 1), "go run -mod=mod .", "go build -mod=mod -o view .", 1)
		words := strings.Fields(line)
		run := exec.CommandContext(t.Context(), words[0], words[1:]...)
		run.Dir = dir
		said, err := run.CombinedOutput()
		require.NoError(t, err, "%s: %s", line, said)
	}
	require.Equal(t, 3, lines)
}
