package projections

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// The pages of a comparison are of one picture, though facts come between them, and though it is kept no more.
func TestPagesOfAComparisonAreOfOnePicture(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, ledger.Close()) }()
	rapid.Check(t, func(t *rapid.T) {
		tale := newTaleOf(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(2, 8).Draw(t, "households"), "520603", "440305")
		told := rapid.IntRange(0, len(tale.told)).Draw(t, "told")
		v, still := tale.views(growing{ledger, tale}, tale.told[:told]), tale.views(ledger, tale.told[:told])
		defer v.Close()
		defer still.Close()
		v.recorded, still.recorded = 7, 7
		day := func() domain.Day {
			return domain.MakeDay(2019, 1, 1) + domain.Day(rapid.IntRange(0, 1500).Draw(t, "day"))
		}
		before, known := day(), rapid.IntRange(0, told).Draw(t, "known")
		at, past := max(before, day()), known < told
		sides := func(v *Views) (from, to Side) {
			if from = (Side{v.now(), before}); past {
				from = Side{&Known{views: v, judged: v.inForce.Load(), horizon: horizonOf(tale.told[:known]), by: 1, today: domain.NoDay, neighbours: &sync.Map{}}, at}
			}
			return from, Side{v.now(), at}
		}
		from, to := sides(still)
		want, err := from.Diff(context.Background(), to, domain.Nation, tale, Query{Limit: 1000})
		require.NoError(t, err)
		got, page := []DiffRow{}, Query{Limit: 2}
		for cursor := ""; ; {
			from, to := sides(v)
			if cursor != "" {
				c, err := ParseCursor(cursor)
				require.NoError(t, err)
				page.After = c.After
				from, to, err = c.Pin(from, to)
				require.NoError(t, err)
				if rapid.Bool().Draw(t, "let go") {
					v.comparisons.kept = nil
				}
			}
			d, err := from.Diff(context.Background(), to, domain.Nation, tale, page)
			require.NoError(t, err)
			got = append(got, d.Households...)
			require.Equal(t, want.Differ, d.Differ)
			require.Equal(t, want.To.Position, d.To.Position)
			require.Equal(t, want.To.KnownAt, d.To.KnownAt)
			if cursor = d.Cursor; cursor == "" {
				break
			}
			for n := rapid.IntRange(0, 5).Draw(t, "more"); n > 0 && told < len(tale.told); n-- {
				f := tale.told[told]
				v.mu.Lock()
				v.apply(f.subject, f.fact, f.stamp)
				v.position[f.stamp.Place.Province] = f.stamp.Place.Sequence
				v.recorded++
				v.mu.Unlock()
				told++
			}
		}
		require.Len(t, got, len(want.Households))
		for i := range got {
			for _, e := range want.Households[i].Others {
				require.Contains(t, got[i].Others, e)
			}
			got[i].Others, want.Households[i].Others = nil, nil // homes that were linked since may be looked at, too
		}
		require.Equal(t, want.Households, got)
	})
}

// growing is a ledger whose streams are as long as the tale.
type growing struct {
	*events.Ledger
	tale *tale
}

// Streams implements Source.
func (g growing) Streams() (all []events.StreamState) {
	for province, n := range g.tale.recorded {
		all = append(all, events.StreamState{Stream: events.StreamName(province), Durable: n})
	}
	return all
}

// A cursor that was not given out is refused: of another form, of streams or positions that the ledger lacks, of more
// pictures than the comparison has.
func TestWrongCursors(t *testing.T) {
	const home, picture = "h7k2m9qx4w1tz", "@2021-06-30T10:00:00.000Z,ANJU-52:12"
	for _, wrong := range []string{
		"", "x", home + "@", home + "@2021-06-30T10:00:00.000Z", home + "@1970-01-01T00:00:00.000Z,ANJU-52:12", home + "@soon,ANJU-52:12",
		home + "@2021-06-30T10:00:00.000Z,OTHER:12", home + "@2021-06-30T10:00:00.000Z,ANJU-52:0", home + "@2021-06-30T10:00:00.000Z,ANJU-52:x",
		home + picture + ",ANJU-52:13", home + picture + picture + picture, picture,
	} {
		_, err := ParseCursor(wrong)
		require.ErrorIs(t, err, ErrNoPicture, wrong)
	}
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, ledger.Close()) }()
	tale := newTale(1, 2)
	v := tale.views(growing{ledger, tale}, tale.told)
	defer v.Close()
	all, then := Side{v.now(), 1}, Side{v.now().pinned(), 1}
	for cursor, wrong := range map[string]bool{
		home: false, home + picture: false, home + picture + strings.Replace(picture, ":12", ":13", 1): false,
		home + strings.Replace(picture, ":12", ":123456", 1): true, home + strings.Replace(picture, "-52", "-11", 1): true,
	} {
		c, err := ParseCursor(cursor)
		require.NoError(t, err)
		_, _, err = c.Pin(all, all)
		require.Equal(t, wrong, err != nil, cursor)
		_, _, err = c.Pin(then, then)
		require.Equal(t, cursor != home, err != nil, cursor)
	}
}

// FuzzCursors: what is read is written as it was read, or refused.
func FuzzCursors(f *testing.F) {
	f.Add("h7k2m9qx4w1tz@2021-06-30T10:00:00.000Z,ANJU-44:7,ANJU-52:12345@2021-06-30T10:00:00.001Z,ANJU-52:12346")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCursor(text)
		if err != nil {
			return
		}
		again, err := ParseCursor(c.String())
		require.NoError(t, err)
		require.Equal(t, c, again)
	})
}
