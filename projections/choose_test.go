package projections

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// setNamed is a set that says otherwise what some parameters of the default set say.
func setNamed(t require.TestingT, name string, values ...string) *domain.Parameters {
	parts := make([]string, 0, len(values)/2)
	for i := 0; i < len(values); i += 2 {
		parts = append(parts, fmt.Sprintf(`{"name":%q,"value":%q,"source":"O","reason":{"zh":"试","en":"a trial"}}`, values[i], values[i+1]))
	}
	p, refused := domain.ParseParameters([]byte(fmt.Sprintf(`{"name":%q,"version":1,"valid_from":"2026-01-01","source":"a test","parameters":[%s]}`, name, strings.Join(parts, ","))))
	require.Empty(t, refused)
	return p
}

// otherSet draws a set.
func otherSet(t *rapid.T) *domain.Parameters {
	days := func(name string) string { return fmt.Sprint(rapid.IntRange(1, 400).Draw(t, name)) }
	return setNamed(t, "other", "employed", rapid.SampledFrom([]string{"verified", "working", "placed"}).Draw(t, "employed"),
		"employed_days", days("employed_days"), "job_fresh_days", days("job_fresh_days"), "housing_fresh_days", days("housing_fresh_days"),
		"title_months", "3", "working_age", "18-64", "line_fen_head", "2019: 500000, 2020: 900000")
}

// waitFor waits until a set is ready: lines are made by who asks for nothing else.
func (v *Views) waitFor(t require.TestingT, name string) {
	require.Eventually(t, func() bool {
		s, err := v.SetState(name)
		require.NoError(t, err)
		return s.State == SetReady && s.Made == s.Homes
	}, time.Minute, time.Millisecond)
}

// An answer under a set is the same from views that were switched to it, that have it built beside
// another, that make it on demand, and from views that never knew another; on both axes. The set is
// built while facts come in and both serve.
func TestASetAnswersAlikeHoweverItCameIntoForce(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, ledger.Close()) }()
	rapid.Check(t, func(t *rapid.T) {
		tale := newTale(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 4).Draw(t, "households"))
		other := otherSet(t)
		half := rapid.IntRange(0, len(tale.told)).Draw(t, "half")
		v := tale.views(ledger, tale.told[:half])
		defer v.Close()
		require.NoError(t, v.Build(other))
		told := make(chan struct{})
		go func() {
			defer close(told)
			v.tell(tale.told[half:])
		}()
		for n := 0; ; n++ { // both serve meanwhile
			under, err := v.now().Under("other")
			require.NoError(t, err)
			for _, k := range []*Known{v.now(), under} {
				b, err := k.Board(v.ctx, "520603", at)
				require.NoError(t, err)
				require.Equal(t, k.judged.parameters.Name, b.Parameters)
			}
			select {
			case <-told:
			default:
				continue
			}
			break
		}
		v.waitFor(t, "other")
		fresh := tale.viewsBy(ledger, tale.told, other)
		defer fresh.Close()
		asked := tale.views(ledger, tale.told) // knows the set, and has nothing built
		defer asked.Close()
		require.NoError(t, asked.learn(other))
		if rapid.Bool().Draw(t, "large") {
			asked.pasts.most, v.pasts.most = 0, 0 // every division is too large to keep its lines
		}
		compare := func(got *Known) {
			for _, by := range []*domain.Horizon{nil, {52: uint64(rapid.IntRange(0, len(tale.told)).Draw(t, "by"))}} {
				want, got := fresh.now(), *got
				if by != nil {
					want.horizon, got.horizon = by, by
				}
				tale.compareSets(t, want, &got, domain.MakeDay(2018, 6, 1)+domain.Day(rapid.IntRange(0, 1800).Draw(t, "day")))
			}
		}
		under := func(v *Views) *Known {
			k, err := v.now().Under("other")
			require.NoError(t, err)
			return k
		}
		compare(under(asked))
		compare(under(v))
		require.NoError(t, v.Switch("other"))
		require.NoError(t, v.Drop(domain.DefaultParameters().Name))
		require.Equal(t, "other", v.Parameters())
		compare(v.now())
	})
}

// compareSets compares boards, the list and every status.
func (t *tale) compareSets(on *rapid.T, want, got *Known, at domain.Day) {
	ctx := want.views.ctx
	for _, division := range []domain.Division{"52", "520603", "520603001"} {
		wanted, err := want.Board(ctx, division, at)
		require.NoError(on, err)
		given, err := got.Board(ctx, division, at)
		require.NoError(on, err)
		require.Equal(on, wanted, given)
	}
	wanted, err := want.List(ctx, Choice{Limit: 1000}, at)
	require.NoError(on, err)
	given, err := got.List(ctx, Choice{Limit: 1000}, at)
	require.NoError(on, err)
	require.Equal(on, wanted, given)
	for _, id := range want.views.Households() {
		wanted, err := want.Household(id, at)
		require.NoError(on, err)
		given, err := got.Household(id, at)
		require.NoError(on, err)
		require.Equal(on, wanted, given)
	}
}

// tell applies facts, a few under each lock.
func (v *Views) tell(told []taleFact) {
	for len(told) > 0 {
		n := min(5, len(told))
		v.gate.Lock()
		v.mu.Lock()
		for _, f := range told[:n] {
			v.apply(f.subject, f.fact, f.stamp)
			v.position[52] = f.stamp.Place.Sequence
		}
		v.wake()
		v.mu.Unlock()
		v.gate.Unlock()
		told = told[n:]
	}
}

// viewsBy are views of a set that were told a part of the tale.
func (t *tale) viewsBy(ledger *events.Ledger, told []taleFact, by *domain.Parameters) *Views {
	v := New(taleSource{ledger, t}, events.Opener{Ring: ledger.Ring()}, by)
	v.tell(told)
	return v
}

// testSets: what is asked of sets in vain, and what dropping frees.
func testSets(t *testing.T, ledger *events.Ledger) {
	v := viewsOf(t, ledger)
	own := v.Parameters()
	other := setNamed(t, "other", "employed", "placed")
	refused := func(err error, rule string) {
		t.Helper()
		var r *SetRefusal
		require.ErrorAs(t, err, &r)
		require.Contains(t, r.Rule.EN, rule)
		require.NotEmpty(t, r.Rule.ZH+r.Fix.ZH+r.Fix.EN)
	}
	refused(v.BuildKnown("nobody"), "no parameter set of this name")
	refused(v.Switch("nobody"), "no parameter set of this name")
	refused(v.Drop("nobody"), "no parameter set of this name")
	_, err := v.now().Under("nobody")
	refused(err, "no parameter set of this name")
	refused(v.BuildKnown(own), "in force")
	refused(v.Drop(own), "in force")
	refused(v.Switch(own), "in force")
	require.NoError(t, v.learn(other))
	refused(v.Switch("other"), "it is known")
	refused(v.Drop("other"), "nothing is built")
	refused(v.Build(setNamed(t, "other", "employed", "working")), "never changed")
	before := v.Parameters()
	require.NoError(t, v.BuildKnown("other"))
	refused(v.BuildKnown("other"), "built already")
	v.waitFor(t, "other")
	state, err := v.SetState("other")
	require.NoError(t, err)
	require.Positive(t, state.Bytes)
	require.Equal(t, []string{"employed"}, state.Differs)
	require.Equal(t, before, v.Parameters(), "building changes no answer")
	require.NoError(t, v.Drop("other"))
	state, err = v.SetState("other")
	require.NoError(t, err)
	require.Zero(t, state.Bytes)
	require.Equal(t, SetKnown, state.State)
	under, err := v.now().Under("other")
	require.NoError(t, err)
	placed, err := under.Board(t.Context(), "520603", at)
	require.NoError(t, err)
	verified, err := v.Board("520603", at)
	require.NoError(t, err)
	require.Greater(t, placed.Employed, verified.Employed)
	require.Equal(t, verified.States, placed.States, "employed is a flag beside the state")
	for n := range maxSets - 2 {
		require.NoError(t, v.learn(setNamed(t, fmt.Sprint("more-", n))))
	}
	refused(v.learn(setNamed(t, "one-too-many")), "at most 64")
}

// Whatever step a crash comes after, the folder opens, with the decision before or the one after, and the
// views answer by it.
func TestACrashLeavesTheChoiceBeforeOrAfter(t *testing.T) {
	ledger := countyLedger(t)
	other := setNamed(t, "other", "employed", "placed")
	own := domain.DefaultParameters()
	dir, folders := filepath.Join(t.TempDir(), "parameters"), []string{}
	sets, err := ReadSets(dir, own, nil)
	require.NoError(t, err)
	sets.step = func(string) { // what a kill would leave here
		require.NoError(t, os.MkdirAll(dir, 0o700))
		copied := filepath.Join(t.TempDir(), "parameters")
		require.NoError(t, os.CopyFS(copied, os.DirFS(dir)))
		folders = append(folders, copied)
	}
	v := Resume(ledger, events.Opener{Ring: ledger.Ring()}, own, Keep{Sets: sets})
	require.NoError(t, v.CaughtUp(t.Context()))
	require.NoError(t, v.Build(other))
	v.waitFor(t, "other")
	require.NoError(t, v.Switch("other"))
	require.NoError(t, v.Drop(own.Name))
	v.Close()
	var found []string
	for _, folder := range folders {
		sets, err := ReadSets(folder, own, nil)
		require.NoError(t, err)
		is := sets.chosen.InForce + fmt.Sprint(sets.chosen.Built)
		if len(found) == 0 || found[len(found)-1] != is {
			found = append(found, is)
			again := Resume(ledger, events.Opener{Ring: ledger.Ring()}, own, Keep{Sets: sets})
			require.NoError(t, again.CaughtUp(t.Context()))
			for _, name := range sets.chosen.Built { // is built again
				again.waitFor(t, name)
			}
			b, err := again.Board("520603", at)
			require.NoError(t, err)
			require.Equal(t, sets.chosen.InForce, b.Parameters)
			again.Close()
		}
	}
	require.Equal(t, []string{own.Name + "[]", own.Name + "[other]", "other[" + own.Name + "]", "other[]"}, found)

	spoil := func(name, text, says string) {
		folder := filepath.Join(t.TempDir(), "parameters")
		require.NoError(t, os.CopyFS(folder, os.DirFS(dir)))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
		_, err := ReadSets(folder, own, nil)
		require.ErrorContains(t, err, says)
	}
	spoil("chosen", `{"in_force":"oth`, "chosen is damaged")
	spoil("chosen", `{"in_force":"gone","built":[]}`, "gone.json back")
	spoil("other.json", "", "other.json is damaged")
	spoil("more.json", string(other.File()), "more.json is damaged")
}
