package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

// TestMain runs a command line instead of the tests where a bench has started this binary as a
// server.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) == "" {
		os.Exit(m.Run())
	}
	main()
}

// TestEveryRowIsMeasured runs the whole bench at a small scale.
func TestEveryRowIsMeasured(t *testing.T) {
	var out, complaints bytes.Buffer
	s := &session{ctx: t.Context(), in: &bytes.Buffer{}, out: &out, err: &complaints, json: true}
	c := benchCommand{Dir: t.TempDir(), Households: 200, Growth: 2000, Runs: 1, What: []string{"all", "growth"}}
	require.NoError(t, c.measure(s, []string{os.Args[0]}))
	var rows []benchRow
	require.NoError(t, json.Unmarshal(out.Bytes(), &rows))
	var names []string
	for _, r := range rows {
		names = append(names, r.Row)
		if r.Row != "book.cost" && r.Row != "asof.province.room" { // at this scale chance decides who is quicker, and whether the heap grows
			require.Positive(t, r.Value, r.Row)
		}
		require.NotEmpty(t, r.Unit, r.Row)
		require.NotEmpty(t, r.Scale, r.Row)
	}
	require.Equal(t, []string{
		"append.register", "append.register.cpu", "append.bulk", "append.bulk.cpu", "append.64senders", "append.64senders.cpu", "append.64senders.p99", "append.one", "append.visible",
		"append.64senders.busy", "append.64senders.busy.p99", "import.csv", "import.xlsx",
		"replay.raw", "replay.raw.cpu", "replay.facts", "replay.facts.cpu", "replay.views", "replay.views.cpu",
		"verify.book", "verify.book.cpu", "verify.folder", "verify.folder.cpu", "proof.one", "book.size", "book.cost", "book.cost.cpu", "export.facts", "export.facts.cpu",
		"growth.append", "growth.append.cpu", "growth.read", "growth.read.cpu",
		"memory.load", "memory.household", "memory.household.restarted", "memory.restart",
		"project.rebuild", "project.rebuild.cpu", "project.restart", "status.inprocess", "status.inprocess.cpu", "status.http", "status.http.cpu",
		"board.county", "board.recent", "board.any", "asof.household", "asof.board.cold", "asof.board.cached", "asof.province.cold", "asof.province.room", "asof.diff", "asof.diff.days", "asof.diff.total", "asof.late", "asof.late.cpu",
		"ask.slowest.cold", "ask.median.cold", "ask.slowest.again", "ask.median.again",
	}, names)
	left, err := os.ReadDir(c.Dir)
	require.NoError(t, err)
	require.Empty(t, left, "the folder is cleaned up")
}
