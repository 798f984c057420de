package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
	"github.com/anju-ledger/anju/events/intake"
)

// TestASimulationIsRecordedOnce: through a server's door and then, the same again, through the
// folder's own, nothing is recorded twice.
func TestASimulationIsRecordedOnce(t *testing.T) {
	dir := t.TempDir()
	n, err := startNode(&session{ctx: t.Context(), err: &bytes.Buffer{}}, nodeConfig{Dir: dir, Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	args := []string{"--json", "simulate", "--households", "60", "--seed", "7", "--division", "520603", "--division", "420528"}
	report := func(args ...string) (r simulationReport) {
		code, out, message := anju(t, args...)
		require.Equal(t, exitDone, code, message)
		require.NoError(t, json.Unmarshal([]byte(out), &r))
		return r
	}
	first := report(append(args, "--server", n.url)...)
	require.Zero(t, first.Already)
	require.Equal(t, 60, first.Households)
	require.Equal(t, 2, first.Counties)
	require.Greater(t, first.Persons, int64(120))
	require.Greater(t, first.Facts, int64(60*25))
	require.NoError(t, n.views.CaughtUp(t.Context()))
	board, err := n.views.Board("52", domain.MakeDay(2022, 12, 31))
	require.NoError(t, err)
	require.Equal(t, 30, board.Households)
	require.Zero(t, board.Dimensions["data"]["duplicate_suspected"].Households)
	require.Zero(t, board.Dimensions["data"]["discrepancy"].Households)
	require.NoError(t, n.close())

	again := report(append(args, "--dir", dir)...)
	require.Equal(t, again.Facts, again.Already)
	require.Equal(t, first.Facts, again.Facts)
	require.Equal(t, first.Persons, again.Persons)
}

func TestASimulationSaysWhatItCannotMake(t *testing.T) {
	for _, args := range [][]string{
		{"simulate", "--households", "0"},
		{"simulate", "--households", "3000001"},
		{"simulate", "--division", "5206"},
		{"simulate", "--division", "520603", "--division", "520603"},
		{"simulate", "--server", "http://127.0.0.1:1"},
	} {
		code, _, message := anju(t, args...)
		require.Equal(t, exitFailed, code, strings.Join(args, " "))
		require.Contains(t, message, " --", strings.Join(args, " "))
	}
}

// mintingSink answers as a door would, and keeps nothing.
type mintingSink struct{ bytes bool }

func (m mintingSink) record(_ context.Context, _ intake.Caller, facts []planned) ([]told, error) {
	all := make([]told, len(facts))
	var body []byte
	for i := range facts {
		var err error
		if m.bytes {
			if body, err = appendSubmission(body, &facts[i]); err != nil {
				return nil, err
			}
		}
		for _, c := range facts[i].creates {
			if all[i].ids == nil {
				all[i].ids = map[string]domain.Entity{}
			}
			all[i].ids[c.pointer] = domain.MintEntity(c.id.Kind(), rand.Uint64())
		}
	}
	return all, nil
}

// BenchmarkSimulate is the cost of making a simulation, without recording it.
func BenchmarkSimulate(b *testing.B) {
	for name, to := range map[string]sink{"facts": mintingSink{}, "lines": mintingSink{true}} {
		b.Run(name, func(b *testing.B) {
			facts := int64(0)
			for b.Loop() {
				report, err := simulate(b.Context(), to, sample.Nation(1, 3000), func(int64) {})
				require.NoError(b, err)
				facts += report.Facts
			}
			b.ReportMetric(float64(facts)/b.Elapsed().Seconds(), "facts/s")
		})
	}
}
