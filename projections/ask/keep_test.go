package ask

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Pages are cut out of one answer while the views stand where they stood, and for a while; each is what an answer
// made anew would be.
func TestPagesAreCutOutOfOneAnswer(t *testing.T) {
	v := newVillage(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		v.household(name, "2018-09-01", "ordinary")
	}
	q, _ := Find("no-verified-work")
	made := 0
	answer := q.answer
	q.answer = func(ctx context.Context, a *asked) error { made++; return answer(ctx, a) }
	var k Kept
	page := func(cursor string, at time.Time, more ...string) *Answer {
		r := v.request("2021-06-30", append(more, "limit=2", "cursor="+cursor)...)
		a, err := k.Answer(t.Context(), &q, r, at)
		require.NoError(t, err)
		anew, err := q.Answer(t.Context(), r)
		made--
		require.NoError(t, err)
		require.Equal(t, anew, a)
		return a
	}
	now := noon("2022-01-01")
	first := page("", now)
	require.Equal(t, "2", first.Cursor)
	require.Len(t, page("2", now).Rows, 2)
	require.Len(t, page("", now.Add(keptFor)).Rows, 2)
	require.Equal(t, 1, made, "one answer, three pages")
	r := v.request("2021-06-30", "limit=2", "cursor=2")
	r.Whole = true
	whole, err := k.Answer(t.Context(), &q, r, now)
	require.NoError(t, err)
	require.Len(t, whole.Rows, 4)
	require.Empty(t, whole.Cursor)
	require.Equal(t, 1, made, "and every row")
	page("2", now.Add(keptFor+time.Second))
	require.Equal(t, 2, made, "for a while only")
	page("2", now, "division=5206")
	require.Equal(t, 3, made, "another division is another answer")
	v.placed("a.w", "a.1", "2020-03-05")
	page("2", now)
	require.Equal(t, 4, made, "the views stand elsewhere")
	require.Len(t, k.all, 3)
	for n := range 2 * keptAnswers {
		k.keep(keptAnswer{key: string(rune('a' + n)), made: now})
	}
	require.Len(t, k.all, keptAnswers)
	k.keep(keptAnswer{key: "large", made: now, weight: keptCells + 1})
	require.Empty(t, k.all, "memory is bounded")
}
