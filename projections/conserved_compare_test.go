package projections

import (
	"maps"
	"slices"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// shared is what two households have at once, as one of them tells it.
type shared struct {
	kind              domain.DiscrepancyKind
	what, here, there domain.Entity
}

// seen is what the ledger says of a clan.
type seen struct {
	shared map[shared]bool
	gone   map[domain.Entity]bool  // who left and did not arrive
	late   map[domain.EventID]bool // what happened after a closing
	steps  map[domain.Entity][]domain.LineageStep
}

// compare compares what is known by the first of what was told, as of a day.
func (c *clan) compare(v *Views, known int, at domain.Day) {
	want := walkKin(c.told, known, at)
	horizon := domain.Horizon{}
	for _, f := range c.told[:known] {
		horizon[f.place.Province] = f.place.Sequence
	}
	k := &Known{views: v, judged: v.inForce.Load(), horizon: &horizon, by: 1, today: domain.NoDay, neighbours: &sync.Map{}}
	got := seen{map[shared]bool{}, map[domain.Entity]bool{}, map[domain.EventID]bool{}, map[domain.Entity][]domain.LineageStep{}}
	for _, h := range slices.Sorted(maps.Keys(c.place)) {
		c.household(k, want, &got, h, at)
	}
	require.Equal(c.t, want.shared(), got.shared, "on %s as known at %d", at, known)
	c.conserved(want, &got)
	c.acyclic(got.steps)
}

// household compares one household.
func (c *clan) household(k *Known, want *kinTwin, got *seen, h domain.Entity, at domain.Day) {
	k.views.mu.RLock()
	defer k.views.mu.RUnlock()
	around := k.around()
	file, known := around.File(h)
	if !known {
		require.Empty(c.t, want.living(h))
		return
	}
	roll, status := domain.RollOf(file, around), domain.Status(file, around, at, domain.DefaultParameters())
	r := k.judged.scrap.Get().(*domain.Reader)
	defer k.judged.scrap.Put(r)
	headless := false
	for _, wrong := range r.Contradictions(h, k.register(h), around, at) {
		switch wrong.Kind {
		case domain.InTwoHouseholds, domain.InTwoCounties, domain.DwellingTwice:
			if wrong.Across.Present() {
				require.Len(c.t, wrong.Facts, 2)
				got.shared[shared{wrong.Kind, wrong.About, h, wrong.Across}] = true
			}
		case domain.LeftNotArrived:
			got.gone[wrong.Facts[0].About] = true
		case domain.AfterClosing:
			got.late[wrong.Facts[1].Event] = true
		case domain.HeadGone:
			headless = true
		}
	}
	got.steps[h] = status.Lineage
	if want.ended[h] || !want.founded[h] {
		require.Contains(c.t, []domain.State{domain.Closed, domain.NotRegistered}, status.State, "%s on %s", h, at)
		return
	}
	require.NotContains(c.t, []domain.State{domain.Closed, domain.NotRegistered}, status.State, "%s on %s", h, at)
	require.Equal(c.t, want.living(h), belonging(roll, at), "members of %s on %s", h, at)
	require.Equal(c.t, want.dwelling[h], holding(roll, at), "dwelling of %s on %s", h, at)
	head, _ := roll.Head(at)
	require.Equal(c.t, want.headOf(h), head.Person.Entity, "head of %s on %s", h, at)
	if want.heads[h].Present() && len(want.living(h)) > 0 {
		require.Equal(c.t, !want.headOf(h).Present(), headless, "whether %s lost its head on %s", h, at)
	}
	open := slices.Contains(slices.Collect(maps.Values(want.cases)), h)
	require.Equal(c.t, open, status.Dimensions[domain.Risk].Level == "monitored", "cases of %s on %s", h, at)
}

// shared is what stands in two households that have not ended, told from either side.
func (w *kinTwin) shared() map[shared]bool {
	all := map[shared]bool{}
	for of, apart := range w.apart {
		kind := domain.InTwoHouseholds
		if apart {
			kind = domain.InTwoCounties
		}
		all[shared{kind, of[0], of[1], of[2]}] = true
	}
	for a := range w.founded {
		for b := range w.founded {
			if a == b || w.ended[a] || w.ended[b] {
				continue
			}
			if d := w.dwelling[a]; d.Present() && w.dwelling[b] == d {
				all[shared{domain.DwellingTwice, d, a, b}] = true
			}
		}
	}
	return all
}

// conserved holds that everybody who lives is in a household, but for who left for none of the ledger, or whose
// household was closed; for whom it is said that he left and did not arrive; and for whom something that is said to have
// been after the end of a household brought there.
func (c *clan) conserved(w *kinTwin, got *seen) {
	for _, p := range c.people {
		inClosed := false
		for h := range w.members {
			inClosed = inClosed || w.ended[h] && !w.heirs[h].Present() && w.members[h][p]
		}
		if !w.people[p] || w.dead[p] || w.lost[p] || inClosed || len(w.whereIs(p)) > 0 {
			continue
		}
		if by, late := w.late[p]; late {
			require.True(c.t, got.late[by], "%s came to a household that had ended, by %s, and no discrepancy says so", p, by)
			continue
		}
		require.True(c.t, got.gone[p], "%s belongs to no household, and no discrepancy says that he left and did not arrive", p)
	}
}

// acyclic holds that what the households tell of their lineage is one story without a cycle: every step is told by all
// who took part in it, and between the times of a household, each beginning with a step of it, no way leads back.
func (c *clan) acyclic(steps map[domain.Entity][]domain.LineageStep) {
	type time struct {
		household domain.Entity
		n         int // steps before it
	}
	before := map[time][]time{} // those that lead to it
	at := func(h domain.Entity, event domain.EventID) int {
		return slices.IndexFunc(steps[h], func(s domain.LineageStep) bool { return s.Event == event })
	}
	nodes := map[time]bool{}
	for h, told := range steps {
		nodes[time{h, 0}] = true
		for n, s := range told {
			now := time{h, n + 1}
			nodes[now] = true
			before[now] = append(before[now], time{h, n})
			for _, o := range s.Households {
				there := at(o, s.Event)
				require.GreaterOrEqual(c.t, there, 0, "%s tells %s of %s, which does not", h, s.Kind, o)
				require.Equal(c.t, s.Day, steps[o][there].Day)
				before[now] = append(before[now], time{o, there})
			}
			require.True(c.t, n == 0 || told[n-1].Day <= s.Day)
			require.Equal(c.t, n > 0 && told[n-1].Kind == "merged_into", false, "%s took part in %s after it was merged away", h, s.Kind)
			require.True(c.t, n == 0 || s.Kind != "split_from", "%s was founded when it was there already", h)
		}
	}
	for len(nodes) > 0 { // take away whatever nothing leads to any more
		taken := 0
		for x := range nodes {
			if !slices.ContainsFunc(before[x], func(b time) bool { return nodes[b] }) {
				delete(nodes, x)
				taken++
			}
		}
		require.Positive(c.t, taken, "a cycle among %v", nodes)
	}
}

func belonging(r domain.Roll, at domain.Day) (all []domain.Entity) {
	for _, s := range r.Stays() {
		if s.Holds(at) {
			all = append(all, s.Person.Entity)
		}
	}
	slices.Sort(all)
	return all
}

func holding(r domain.Roll, at domain.Day) (dwelling domain.Entity) {
	for _, d := range r.Dwellings() {
		if d.Holds(at) {
			dwelling = d.Of
		}
	}
	return dwelling
}
