package main

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
)

// kill is a row of the table: the server ends itself as by kill -9 at a step of the crash order.
type kill struct {
	name string
	step string // and which time it comes to it
	part bool
}

// kills are the steps of docs/design.md, "The book", each before and after it is on disk.
func kills() []kill {
	return []kill{
		{"step 1, before keys are written", "keys:20", false},
		{"step 2, keys written, nothing published", "publish:20", false},
		{"step 2, half a group published", "half:5", true},
		{"step 3, group published, not in the book", "enter:20", true},
		{"step 4, in the book, not synced", "sync:20", false},
		{"step 5, synced, not acknowledged", "receipt:20", true},
		{"step 5, acknowledged", "answered:20", false},
		{"step 6, before the head", "head:1", false},
		{"step 7, head on disk, nothing signed", "sign:1", true},
		{"step 7, checkpoint written, without its name", "name:1", false},
		{"step 7, checkpoint published", "signed:2", false},
	}
}

// killed serves a folder under load until it kills itself at a step, and asks what is left.
func (s *seed) killed(t *testing.T, dir string, k kill, got *acknowledged, r *faultRow) {
	round, before := int(time.Now().UnixNano()), got.len()
	c := tryChild(t, dir, t.TempDir(), killedAt+"="+k.step)
	require.True(t, c.serves(), c.logs)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	senders := load(ctx, c, round, got)
	state := c.gone()
	cancel()
	senders.Wait()
	status, _ := state.Sys().(syscall.WaitStatus)
	require.Equal(t, syscall.SIGKILL, status.Signal(), "it was to be killed: %s", c.logs)
	require.Contains(t, c.logs.String(), "killed at "+k.step)
	r.injected = fmt.Sprintf("kill -9 at %s, %d acknowledged", k.step, got.len()-before)
	s.survives(t, dir, got, r)
}

// survives starts a server that was not stopped, and checks that what was acknowledged is there.
func (s *seed) survives(t *testing.T, dir string, got *acknowledged, r *faultRow) {
	t.Helper()
	c := startChild(t, dir, t.TempDir())
	lines, whole := eventsOf(t, c)
	require.True(t, whole)
	ready, b, err := ask(t.Context(), "GET", c.url+"/readyz", "", nil)
	require.NoError(t, err)
	require.Equal(t, 200, ready, string(b))
	c.stop(t)
	s.holds(t, lines, got)
	var found evidence
	found.mended(c.logs.String())
	found.join()
	a := verified(t, dir)
	require.True(t, a.OK, a)
	r.detected, r.named, r.repaired, r.lost = strings.Join(found.by, ", "), found.places(), "the start", "0"
	if len(found.by) == 0 { // stream and book ended together: there was nothing to find
		r.detected, r.named, r.repaired = "both copies end alike", "no event is concerned", "not needed"
	}
}

// holds checks that a log has every event of the seed in its bytes, every acknowledged one at its
// place, each once, and no half set.
func (s *seed) holds(t *testing.T, lines []string, got *acknowledged) {
	t.Helper()
	require.GreaterOrEqual(t, len(lines), len(s.events))
	for i, line := range s.events {
		require.Equal(t, line, lines[i], "event %d", i+1)
	}
	seen, keys, sets := map[domain.EventID]bool{}, map[string]uint64{}, map[domain.EventID]int{}
	for _, line := range lines[len(s.events):] {
		e, err := events.Parse([]byte(line))
		require.NoError(t, err)
		require.False(t, seen[e.ID], "%s is recorded twice", e.Key)
		seen[e.ID], keys[e.Key] = true, e.Sequence
		if e.Set.Parts > 0 {
			sets[e.Set.ID]++
			require.Equal(t, setParts, e.Set.Parts)
		}
	}
	for id, parts := range sets {
		require.Equal(t, setParts, parts, "half a set is seen: %s", id)
	}
	got.each(func(key string, receipt intake.Receipt) {
		require.Equal(t, receipt.Sequence, keys[key], "%s was acknowledged and is lost, or elsewhere", key)
	})
}
