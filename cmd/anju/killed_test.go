package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
)

// acknowledged are the keys of events that have a receipt, with the receipt's id and position.
type acknowledged struct {
	mu   sync.Mutex
	keys map[string]intake.Receipt // under mu
}

func (a *acknowledged) add(key string, answer []byte) {
	var r intake.Receipt
	if json.Unmarshal(answer, &r) != nil || r.Sequence == 0 {
		return // the answer was cut off: unknown
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys[key] = r
}

func (a *acknowledged) len() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.keys)
}

// each visits what has a receipt.
func (a *acknowledged) each(visit func(key string, r intake.Receipt)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key, r := range a.keys {
		visit(key, r)
	}
}

// setParts is how many events the sets of the load have.
const setParts = 5

// load sends events over HTTP and NATS, sets and an import until ctx ends or the server is gone.
func load(ctx context.Context, c *child, round int, got *acknowledged) *sync.WaitGroup {
	var senders sync.WaitGroup
	for n := range 2 {
		senders.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				key := fmt.Sprintf("http-%d-%d-%d", round, n, i)
				status, b, err := ask(ctx, "POST", c.url+"/v1/events?department=hrss&division=520603", "application/json", []byte(placedJob(key)))
				if err != nil || status >= 500 {
					return
				}
				got.add(key, b)
			}
		})
		senders.Go(func() {
			nc, err := nats.Connect(c.nats, nats.NoReconnect())
			if err != nil {
				return
			}
			defer nc.Close()
			for i := 0; ctx.Err() == nil; i++ {
				key := fmt.Sprintf("nats-%d-%d-%d", round, n, i)
				m, err := nc.RequestWithContext(ctx, "anju.record.hrss.520603", []byte(placedJob(key)))
				if err != nil {
					return
				}
				got.add(key, m.Data)
			}
		})
	}
	senders.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			keys, parts := make([]string, setParts), make([]string, setParts)
			for k := range keys {
				keys[k] = fmt.Sprintf("set-%d-%d-%d", round, i, k)
				parts[k] = placedJob(keys[k])
			}
			_, b, err := ask(ctx, "POST", c.url+"/v1/events?department=hrss&division=520603&atomic=true", "application/json", []byte("["+strings.Join(parts, ",")+"]"))
			var each []intake.Receipt
			if err != nil || json.Unmarshal(b, &each) != nil || len(each) != setParts {
				return
			}
			for k, key := range keys {
				answer, _ := json.Marshal(each[k])
				got.add(key, answer)
			}
		}
	})
	senders.Go(func() {
		for _, name := range county.Names() {
			if _, _, err := ask(ctx, "POST", c.url+"/v1/imports?division=520603&confirm=true&name="+name, "application/octet-stream", county.File(name)); err != nil {
				return
			}
		}
	})
	return &senders
}

// TestKilledUnderLoad kills a served ledger while events, sets and an import are on their way, at
// points that differ from round to round. Afterwards every acknowledged event is there once, at its
// place; no half set is seen; the import, run again, ends as one that nothing disturbed; and the
// views that went on from snapshots answer as views made from nothing do.
func TestKilledUnderLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	got := &acknowledged{keys: map[string]intake.Receipt{}}
	register := []byte(registerKilled)
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	const rounds = 3
	for round := range rounds {
		c := startChild(t, dir, t.TempDir())
		_, _, err := ask(t.Context(), "POST", c.url+"/v1/events?department=rural&division=520603", "application/json", register)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		senders := load(ctx, c, round, got)
		enough := got.len() + 100 + random.IntN(400)
		require.Eventually(t, func() bool { return got.len() >= enough }, time.Minute, time.Millisecond)
		c.kill(t)
		cancel()
		senders.Wait()
	}
	require.Greater(t, got.len(), 300)

	c := startChild(t, dir, t.TempDir())
	for _, name := range county.Names() {
		status, b, err := ask(t.Context(), "POST", c.url+"/v1/imports?division=520603&confirm=true&name="+name, "application/octet-stream", county.File(name))
		require.NoError(t, err)
		require.Equal(t, 201, status, string(b))
	}
	went := answersOf(t, c)
	c.stop(t)
	facts, sets := recorded(t, dir, got)
	for id, parts := range sets {
		require.Equal(t, setParts, parts, "half a set is seen: %s", id)
	}
	for _, name := range []string{"door.snapshot", "views"} {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, name)))
	}
	again := startChild(t, dir, t.TempDir())
	require.Equal(t, went, answersOf(t, again), "views made from the log answer as those that lived")
	again.stop(t)

	calm := filepath.Join(t.TempDir(), "calm")
	c = startChild(t, calm, t.TempDir())
	_, _, err := ask(t.Context(), "POST", c.url+"/v1/events?department=rural&division=520603", "application/json", register)
	require.NoError(t, err)
	for _, name := range county.Names() {
		_, _, err := ask(t.Context(), "POST", c.url+"/v1/imports?division=520603&confirm=true&name="+name, "application/octet-stream", county.File(name))
		require.NoError(t, err)
	}
	c.stop(t)
	undisturbed, _ := recorded(t, calm, nil)
	require.Equal(t, undisturbed, facts, "the import ends as one that nothing disturbed")
}

// answersOf are answers of the views, without the moments at which they were asked.
func answersOf(t *testing.T, c *child) string {
	t.Helper()
	var all bytes.Buffer
	for _, at := range []string{"2019-12-31", "2021-06-30"} {
		all.WriteString(totalsOf(t, c, at))
	}
	return all.String()
}

// recorded reads the folder's log: how many facts of each type its imports made, each once, and how
// many parts each set has; what has a receipt must be there, at its place.
func recorded(t *testing.T, dir string, got *acknowledged) (facts map[string]int, sets map[string]int) {
	t.Helper()
	facts, sets = map[string]int{}, map[string]int{}
	seen := map[domain.EventID]uint64{}
	keys := map[string]uint64{}
	openFolder(t, dir, func(l *events.Ledger) {
		for rec, err := range l.Read(t.Context(), 52, 0) {
			require.NoError(t, err)
			require.NotNil(t, rec.Event, "a foreign entry at %d", rec.Sequence)
			require.Zero(t, seen[rec.Event.ID], "%s is recorded twice", rec.Event.Key)
			seen[rec.Event.ID], keys[rec.Event.Key] = rec.Sequence, rec.Sequence
			if rec.Event.Set.Parts > 0 {
				sets[rec.Event.Set.ID.String()]++
			}
			if rec.Event.Batch != "" {
				facts[rec.Event.Type]++
			}
		}
	})
	if got == nil {
		return facts, sets
	}
	for key, r := range maps.All(got.keys) {
		require.Equal(t, strconv.FormatUint(r.Sequence, 10), strconv.FormatUint(keys[key], 10), "%s was acknowledged and is lost, or elsewhere", key)
	}
	return facts, sets
}
