package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// simulated is a served ledger of some made-up households and of the tale, whose departments take turns.
func simulated(t *testing.T) *node {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "county")
	code, _, message := anju(t, "simulate", "--households", "40", "--division", "520603", "--dir", dir)
	require.Equal(t, exitDone, code, message)
	source := nodeOf(t, dir)
	t.Cleanup(func() { require.NoError(t, source.close()) })
	tell(t, source.url)
	return source
}

// prepared reads a ledger into a window.
func prepared(t *testing.T, source *node) (w window, all []*events.Event) {
	t.Helper()
	r := newRehearsal(nil, "", bounds{asOf: domain.NoDay})
	r.begun = true
	for rec, err := range source.ledger.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		all = append(all, rec.Event)
		require.NoError(t, r.take(rec.Event))
	}
	return r.window, all
}

// TestWavesKeepTheOrderOfEachHome: whatever a unit rests on stands in a wave before its own, or before it in its lane.
func TestWavesKeepTheOrderOfEachHome(t *testing.T) {
	w, all := prepared(t, simulated(t))
	number := map[domain.EventID]int{}
	for i, e := range all {
		number[e.ID] = i
	}
	waves := w.take(identities{})
	require.Less(t, len(waves), len(all)/20, "far fewer waves than facts")
	type place struct {
		event domain.EventID
		wave  int
		from  domain.Source
	}
	made, last, count := map[domain.Entity]place{}, map[domain.Entity]place{}, 0
	check := func(c *carried, here place) {
		home, before := last[c.event.Subject]
		require.True(t, !before || number[home.event] < number[here.event], "the facts of %s keep their order", c.event.Subject)
		require.True(t, !before || home.wave < here.wave || home.from == here.from, "two sources have one home in one wave")
		last[c.event.Subject] = here
		if _, there := made[c.event.Subject]; !there {
			made[c.event.Subject] = here
		}
		c.kind.VisitEntities(c.fact, func(ref domain.EntityRef) {
			creator, there := made[*ref.ID]
			if !there && ref.ID.Present() && (ref.Field.Minted || ref.Field.Created) {
				made[*ref.ID] = here
			}
			require.True(t, !there || creator.event == here.event || creator.wave < here.wave || c.event.Set.ID.Present(), "%s names %s", c.event.Type, ref.ID)
		})
	}
	for wave, lanes := range waves {
		for _, l := range lanes {
			for _, u := range l {
				for i := range u.parts {
					e := u.parts[i].event
					check(&u.parts[i], place{e.ID, wave, e.Source})
					count++
				}
			}
		}
	}
	require.Equal(t, len(all), count)
}

// TestARehearsalIsTheSameByAnyNumberOfRequests: one at a time, or many.
func TestARehearsalIsTheSameByAnyNumberOfRequests(t *testing.T) {
	source := simulated(t)
	theirs, theirHomes := ledgersEvents(t, source)
	for _, lanes := range []int{1, 16} {
		target := nodeOf(t, filepath.Join(t.TempDir(), "rehearsal"))
		s := &session{ctx: t.Context(), err: &bytes.Buffer{}}
		r := newRehearsal(s, target.url, bounds{asOf: domain.NoDay})
		r.lanes = lanes
		require.NoError(t, simulateCommand{}.pass(s, source.url, r.take))
		require.NoError(t, r.finish())
		require.Empty(t, r.report.Left)
		require.Equal(t, int64(len(theirs)), r.report.Facts)
		require.NoError(t, target.views.CaughtUp(t.Context()))
		ours, ourHomes := ledgersEvents(t, target)
		sameOrder(t, theirs, ours, theirHomes)
		sameStates(t, source, target, theirHomes, ourHomes)
		require.NoError(t, target.close())
	}
}
