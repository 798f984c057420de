package events

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
)

func nameless(uint64) (id domain.EventID) { return id }

// told is a message as an account is told of it: at a place, holding the event that was recorded
// at another (0: none).
type told struct{ place, holds uint64 }

func accountOf(recorded uint64, messages []told) (lines []string) {
	a := newAccount(0, recorded)
	for _, m := range messages {
		switch {
		case m.holds == m.place:
			a.take(m.place, true, 0)
		default:
			a.take(m.place, false, m.holds)
		}
	}
	r := newReport("ANJU-52")
	a.settle(&r, nameless)
	for _, f := range r.Findings {
		lines = append(lines, fmt.Sprintf("%s %d-%d", f.Kind, f.From, f.To))
	}
	return lines
}

func TestAnAccountNamesWhatBecameOfEachEvent(t *testing.T) {
	in := func(holds ...uint64) (all []told) {
		for i, h := range holds {
			all = append(all, told{uint64(i) + 1, h})
		}
		return all
	}
	for name, c := range map[string]struct {
		messages []told
		found    []string
	}{
		"all there":                              {in(1, 2, 3, 4, 5), nil},
		"one altered":                            {in(1, 2, 0, 4, 5), []string{"altered 3-3"}},
		"two next to each other change places":   {in(1, 3, 2, 4, 5), []string{"reordered 2-2", "reordered 3-3"}},
		"one put in, all behind it pushed on":    {in(1, 2, 0, 3, 4, 5), []string{"inserted 3-3", "reordered 3-5"}},
		"one taken out, all behind it pulled up": {in(1, 2, 4, 5), []string{"lost 3-3", "reordered 4-5"}},
		"one copied over another":                {in(1, 2, 2, 4, 5), []string{"lost 3-3", "inserted 3-3"}},
		"the tail is cut":                        {in(1, 2, 3), []string{"lost 4-5"}},
		"one more at the end":                    {in(1, 2, 3, 4, 5, 0), []string{"inserted 6-6"}},
		"a copy at the end":                      {in(1, 2, 3, 4, 5, 1), []string{"inserted 6-6"}},
		"a hole":                                 {[]told{{1, 1}, {2, 2}, {4, 4}, {5, 5}}, []string{"lost 3-3"}},
		"records in another order":               {[]told{{1, 1}, {3, 3}, {2, 2}, {4, 4}, {5, 5}}, []string{"reordered 2-2"}},
		"a second record":                        {[]told{{1, 1}, {2, 2}, {2, 0}, {3, 3}, {4, 4}, {5, 5}}, []string{"inserted 2-2"}},
		"nothing is left":                        {nil, []string{"lost 1-5"}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.found, accountOf(5, c.messages)) })
	}
}

// TestAnAccountMissesNothing holds an account against its promise: every event is either at its
// place or told of, and nothing is told of a stream that is as it should be.
func TestAnAccountMissesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const recorded = 12
		messages := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) told {
			place := rapid.Uint64Range(1, recorded+2).Draw(t, "place")
			return told{place, rapid.OneOf(rapid.Just(place), rapid.Uint64Range(0, recorded)).Draw(t, "holds")}
		}), 0, 20).Draw(t, "messages")
		a := newAccount(0, recorded)
		first, whole := map[uint64]bool{}, true
		next := uint64(1)
		for _, m := range messages {
			right := m.holds == m.place && m.place <= recorded
			holds := m.holds
			if right || holds == m.place {
				holds = 0
			}
			a.take(m.place, right, holds)
			first[m.place] = first[m.place] || right && m.place >= next
			whole = whole && right && m.place == next
			next = max(next, m.place+1)
		}
		r := newReport("ANJU-52")
		a.settle(&r, nameless)
		told := map[uint64]bool{}
		for _, f := range r.Findings {
			for at := f.From; at <= f.To; at++ {
				told[at] = told[at] || f.Kind != Inserted
			}
		}
		for event := uint64(1); event <= recorded; event++ {
			require.NotEqual(t, first[event], told[event], "event %d", event)
		}
		require.Equal(t, whole && next == recorded+1, len(r.Findings) == 0)
	})
}
