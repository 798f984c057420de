package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/intake"
)

// newerEvents is how many events a folder that is put back has lost.
const newerEvents = 20

// rollback is a ledger whose whole folder, book and checkpoints included, is put back to the seed.
type rollback struct {
	*seed
	newer, older string // folders: as it was, and put back
	environment  []string
	key          string // of the stream
	kept         book.Head
	got          *acknowledged
}

// rollBack serves a copy of the seed, records more, and puts the whole folder back.
func (s *seed) rollBack(t *testing.T, environment ...string) *rollback {
	t.Helper()
	b := &rollback{seed: s, newer: s.copy(t), older: s.copy(t), environment: environment, got: &acknowledged{keys: map[string]intake.Receipt{}}}
	code, out, message := anju(t, "book", "key", "--dir", b.older, faultStream)
	require.Equal(t, exitDone, code, message)
	b.key = strings.TrimSpace(out)
	c := tryChild(t, b.newer, t.TempDir(), environment...)
	require.True(t, c.serves(), c.logs)
	for n := range newerEvents {
		key := fmt.Sprint("newer-", n)
		status, answer, err := ask(t.Context(), "POST", c.url+"/v1/events?department=hrss&division=520603", "application/json", []byte(placedJob(key)))
		require.NoError(t, err)
		require.Equal(t, 201, status, string(answer))
		b.got.add(key, answer)
	}
	require.Equal(t, newerEvents, b.got.len())
	require.Eventually(t, func() bool {
		b.kept = b.checkpoint(t, c)
		return b.kept.Size == seedEvents+newerEvents
	}, time.Minute, 10*time.Millisecond)
	c.stop(t)
	return b
}

// checkpoint is the last one that a server shows.
func (b *rollback) checkpoint(t *testing.T, c *child) book.Head {
	t.Helper()
	_, text, err := ask(t.Context(), "GET", c.url+"/book/"+faultStream+"/checkpoint", "", nil)
	require.NoError(t, err)
	h, err := book.OpenCheckpoint(text, b.key)
	require.NoError(t, err)
	return h
}

// unwitnessed rolls a ledger back that has no witness: it cannot know. Who kept a checkpoint does.
func (s *seed) unwitnessed(t *testing.T, r *faultRow) {
	b := s.rollBack(t)
	c := startChild(t, b.older, t.TempDir())
	ready, _, err := ask(t.Context(), "GET", c.url+"/readyz", "", nil)
	require.NoError(t, err)
	require.Equal(t, 200, ready)
	holds := b.checkpoint(t, c)
	require.Less(t, holds.Size, b.kept.Size, "the folder was to be put back")
	c.stop(t)
	r.injected = fmt.Sprintf("the whole folder put back by %d events", newerEvents)
	r.detected = "not by the ledger; by whoever kept a checkpoint"
	r.named = fmt.Sprintf("%d–%d", holds.Size+1, b.kept.Size)
	r.repaired = "the newer folder, if there is one"
	s.newerIsThere(t, b, r)
}

// rolledBack finds what a witness holds and what the book holds.
var rolledBack = regexp.MustCompile(`holds (\d+) entries, the book here (\d+)`)

// witnessed rolls a ledger back of which a witness has seen more: nothing is recorded.
func (s *seed) witnessed(t *testing.T, r *faultRow) {
	code, key, message := anju(t, "book", "key", "--dir", s.copy(t), faultStream)
	require.Equal(t, exitDone, code, message)
	file := filepath.Join(t.TempDir(), "log.key")
	require.NoError(t, os.WriteFile(file, []byte(key), 0o600))
	url, witness, stop := startWitness(t, t.TempDir(), file)
	defer stop()
	b := s.rollBack(t, servedWith+"=--witness="+url+"="+witness)

	var found evidence
	c := tryChild(t, b.older, t.TempDir(), b.environment...)
	require.True(t, c.serves(), c.logs)
	require.False(t, askAlarm(t, c, &found), "it was to be refused")
	status, answer, err := ask(t.Context(), "POST", c.url+"/v1/events?department=hrss&division=520603", "application/json", []byte(placedJob("other")))
	require.NoError(t, err)
	require.Equal(t, 503, status, string(answer))
	lines, whole := eventsOf(t, c)
	require.True(t, whole)
	require.Equal(t, s.events, lines, "what there is is read meanwhile")
	c.stop(t)
	r.injected = fmt.Sprintf("the whole folder put back by %d events", newerEvents)
	r.detected, r.repaired = strings.Join(slices.Compact(found.by), ", "), "the newer folder put back, or anju restore"
	said := rolledBack.FindStringSubmatch(strings.Join(found.said, "\n"))
	require.Len(t, said, 3, found.said)
	require.Equal(t, fmt.Sprint(seedEvents+newerEvents), said[1], "what the witness holds")
	require.Equal(t, fmt.Sprint(seedEvents), said[2], "what the book holds")
	r.named = fmt.Sprintf("behind %s, up to %s", said[2], said[1])
	s.newerIsThere(t, b, r)
}

// newerIsThere puts the newer folder in its place again: everything acknowledged is there.
func (s *seed) newerIsThere(t *testing.T, b *rollback, r *faultRow) {
	t.Helper()
	c := tryChild(t, b.newer, t.TempDir(), b.environment...)
	require.True(t, c.serves(), c.logs)
	var found evidence
	require.True(t, askAlarm(t, c, &found), found.said)
	lines, whole := eventsOf(t, c)
	require.True(t, whole)
	s.holds(t, lines, b.got)
	c.stop(t)
	r.lost = fmt.Sprintf("%d in the folder put back, 0 in the newer one", newerEvents)
}
