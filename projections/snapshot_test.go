package projections

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/intake"
)

// resumed are views of a ledger that keep themselves in a file.
func resumed(t *testing.T, l *events.Ledger, p *domain.Parameters, path string) *Views {
	t.Helper()
	v := Resume(l, events.Opener{Ring: l.Ring()}, p, Keep{Safe: l, Path: path})
	t.Cleanup(v.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, v.CaughtUp(ctx))
	return v
}

// sameViews compares boards, a list and a status of two views.
func sameViews(t *testing.T, want, got *Views) {
	t.Helper()
	for _, day := range []domain.Day{at, domain.MakeDay(2019, 2, 3), domain.MakeDay(2030, 1, 1)} {
		for _, division := range []domain.Division{"52", "520603", "520603001"} {
			one, err := want.Board(division, day)
			require.NoError(t, err)
			two, err := got.Board(division, day)
			require.NoError(t, err)
			require.Equal(t, one, two)
		}
	}
	one, err := want.now().List(t.Context(), Choice{Limit: 100_000}, at)
	require.NoError(t, err)
	two, err := got.now().List(t.Context(), Choice{Limit: 100_000}, at)
	require.NoError(t, err)
	require.Equal(t, one, two)
	for _, id := range want.Households()[:50] {
		one, err := want.Household(id, at)
		require.NoError(t, err)
		two, err := got.Household(id, at)
		require.NoError(t, err)
		require.Equal(t, one, two)
	}
}

// testSnapshots: a restart gives what a rebuild gives, and a snapshot that is not of this log,
// layout, or not whole, is left aside.
func testSnapshots(t *testing.T, ledger *events.Ledger) {
	rebuilt := viewsOf(t, ledger)
	path := filepath.Join(t.TempDir(), "views.snapshot")
	first := resumed(t, ledger, domain.DefaultParameters(), path)
	require.ErrorIs(t, first.Aside(), os.ErrNotExist)
	first.Close()
	second := resumed(t, ledger, domain.DefaultParameters(), path)
	require.NoError(t, second.Aside())
	sameViews(t, rebuilt, second)
	second.Close()
	whole, err := os.ReadFile(path)
	require.NoError(t, err)

	t.Run("killed while the next was written, the one before holds", func(t *testing.T) {
		require.NoError(t, os.WriteFile(path+".new", whole[:len(whole)/2], 0o600))
		v := resumed(t, ledger, domain.DefaultParameters(), path)
		require.NoError(t, v.Aside())
	})
	t.Run("one of another set gives its facts, and lines are made anew", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "views.snapshot")
		require.NoError(t, os.WriteFile(path, whole, 0o600))
		other := setNamed(t, "other", "visit_days", "90", "employed", "placed")
		v := resumed(t, ledger, other, path)
		require.NoError(t, v.Aside())
		require.NotEmpty(t, v.saved)
		fresh := New(ledger, events.Opener{Ring: ledger.Ring()}, other)
		t.Cleanup(fresh.Close)
		require.NoError(t, fresh.CaughtUp(t.Context()))
		sameViews(t, fresh, v)
		v.Close()
		v = resumed(t, ledger, other, path)
		require.NotNil(t, v.savedBy, "the next snapshot is of this set")
		sameViews(t, fresh, v)
	})
	leftAside := func(name string, l *events.Ledger, p *domain.Parameters, change func([]byte) []byte) {
		t.Run(name+" is left aside", func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "views.snapshot")
			require.NoError(t, os.WriteFile(path, change(append([]byte{}, whole...)), 0o600))
			v := resumed(t, l, p, path)
			require.Error(t, v.Aside())
			if l == ledger {
				sameViews(t, rebuilt, v)
			}
		})
	}
	as := func(b []byte) []byte { return b }
	leftAside("one that was cut", ledger, domain.DefaultParameters(), func(b []byte) []byte { return b[:len(b)-100] })
	leftAside("one with a changed bit", ledger, domain.DefaultParameters(), func(b []byte) []byte { b[len(b)/3] ^= 4; return b })
	stranger, err := events.Open(t.Context(), events.Config{Clock: testNow})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stranger.Close()) })
	leftAside("one of another ledger", stranger, domain.DefaultParameters(), as)
	t.Run("one of another log under the same keys is left aside", func(t *testing.T) {
		v := newViews(stranger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters(), Keep{Path: path, Safe: ledger})
		require.ErrorIs(t, v.load(t.Context()), errSnapshot)
	})
}

// altered is a ledger whose history before its last event is another, or has another origin.
type altered struct {
	*events.Ledger
	origin string
}

// Root implements History.
func (a altered) Root(province uint8, n uint64) (string, book.Hash, error) {
	origin, root, err := a.Ledger.Root(province, n)
	if a.origin != "" {
		return a.origin, root, err
	}
	root[0] ^= 1
	return origin, root, err
}

// Views are not resumed from what another history was folded into, although the last event is the
// same; the refusal names both.
func TestASnapshotNamesTheHistoryItWasFoldedFrom(t *testing.T) {
	dir := t.TempDir()
	ledger, err := events.Open(t.Context(), events.Config{Dir: dir, Port: -1, Clock: testNow})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	record := func(n int) {
		door := intake.NewDoor(intake.Config{
			Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(), Now: testNow, Random: rand.Reader,
		})
		f := &domain.CommunityEstablished{Code: fmt.Sprint("52060300250", n), Name: fmt.Sprint("安居", n, "社区"), Kind: "rural", Form: "own_committee"}
		kind, _ := domain.KindOf("community.established")
		answers := door.Record(t.Context(), intake.Caller{Department: "civil", Division: "520603"}, []*intake.Submission{{
			Kind: kind, Key: intake.Key{{Text: fmt.Sprint(n)}}, Time: domain.MakeDay(2018, 12, 1).Moment(), Division: "520603002", Fact: f,
		}}, false)
		require.Nil(t, answers[0].Problem)
	}
	record(1)
	path := filepath.Join(dir, "views.snapshot")
	resumed(t, ledger, domain.DefaultParameters(), path).Close()
	record(2)
	v := resumed(t, ledger, domain.DefaultParameters(), path)
	require.NoError(t, v.Aside())
	origin, root, err := ledger.Root(52, 2)
	require.NoError(t, err)
	v.Close()
	require.Equal(t, root, v.saved[0].root)
	require.Equal(t, origin, v.saved[0].origin)

	for name, other := range map[string]altered{"another root": {ledger, ""}, "another origin": {ledger, "anju/other/ANJU-52"}} {
		v := newViews(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters(), Keep{Path: path, Safe: other})
		err := v.load(t.Context())
		require.ErrorIs(t, err, errSnapshot, name)
		require.ErrorContains(t, err, origin)
		require.ErrorContains(t, err, root.String())
	}
	v = Resume(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters(), Keep{Path: path, Safe: altered{ledger, ""}})
	defer v.Close()
	require.ErrorIs(t, v.Aside(), errSnapshot)
	require.NoError(t, v.CaughtUp(t.Context()), "and everything is read again")
}

// A snapshot that was written while facts came, at an earlier position than its homes', comes to
// the same: what stands in it twice counts once. And of a home whose member was forgotten it
// holds no fact, only where they are.
func TestASnapshotWrittenWhileFactsCame(t *testing.T) {
	ledger := countyLedger(t)
	path := filepath.Join(t.TempDir(), "views.snapshot")
	v := resumed(t, ledger, domain.DefaultParameters(), path)
	var person domain.Entity
	home := v.Households()[0]
	for _, fact := range v.registerOf(t, home) {
		if r, ok := fact.(*domain.HouseholdRegistered); ok {
			person = r.Members[0].Person.Entity
		}
	}
	door := intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(), Now: testNow,
	})
	_, refused := door.Forget(t.Context(), person, "2021-7", "")
	require.Nil(t, refused)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, v.CaughtUp(ctx))
	v.Close()
	v.position[52] -= 5000 // as if they had come while it was written
	require.NoError(t, v.save(t.Context()))

	again := resumed(t, ledger, domain.DefaultParameters(), path)
	require.NoError(t, again.Aside())
	rebuilt := viewsOf(t, ledger)
	sameViews(t, rebuilt, again)
	require.Equal(t, rebuilt.registerOf(t, home), again.registerOf(t, home))
}

func (v *Views) registerOf(t *testing.T, id domain.Entity) (facts []domain.Fact) {
	t.Helper()
	v.mu.RLock()
	defer v.mu.RUnlock()
	register := v.now().register(id)
	require.NotEmpty(t, register)
	for _, fact := range register.Facts() {
		facts = append(facts, fact)
	}
	return facts
}
