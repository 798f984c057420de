package projections

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Of every total that differs between two pictures, on either axis or both, forwards or backwards: the shares' differences sum up
// to the total's, and the events of each share, at least one, to its own. No total changes by time alone.
func TestATotalThatDiffersNamesItsEvents(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, ledger.Close()) }()
	met := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		tale := newTaleOf(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(2, 6).Draw(t, "households"), "520603", "440305")
		v := tale.views(growing{ledger, tale}, tale.told)
		defer v.Close()
		v.recorded = 7
		side := func() Side {
			told := tale.told[:rapid.IntRange(0, len(tale.told)).Draw(t, "known")]
			k := &Known{views: v, judged: v.inForce.Load(), horizon: horizonOf(told), by: 1, today: domain.NoDay, neighbours: &sync.Map{}}
			return Side{k, domain.MakeDay(2019, 1, 1) + domain.Day(rapid.IntRange(0, 1500).Draw(t, "day"))}
		}
		from, to := side(), side()
		switch rapid.IntRange(0, 3).Draw(t, "axis") {
		case 0:
			to.At = from.At
		case 1:
			to.Known = from.Known
		case 2:
			to.Known = v.now()
		}
		division := rapid.SampledFrom([]domain.Division{domain.Nation, "520603", "520603001", "440305"}).Draw(t, "division")
		d, err := from.Diff(context.Background(), to, division, tale, Query{Limit: 1})
		require.NoError(t, err)
		first := rapid.IntRange(0, 2).Draw(t, "first")
		for i, c := range d.Totals { // a third of them: all take ten seconds
			if i%3 != first {
				continue
			}
			met[c.Key]++
			no, _ := domain.ParseTotal(c.Key)
			require.InDelta(t, c.To-c.From, sumOfShares(t, from, to, no, &c, division), 1e-6, c.Key)
		}
	})
	require.Greater(t, len(met), len(domain.Totals())/3, "many totals differ somewhere")
}

// sumOfShares sums the differences of a total's shares, page by page, after it summed the events of each.
func sumOfShares(t *rapid.T, from, to Side, total domain.TotalNo, c *TotalChange, division domain.Division) (sum float64) {
	seen, page := map[domain.Entity]bool{}, Query{Limit: 3}
	for more := true; more; {
		d, err := from.DiffTotal(context.Background(), to, division, total, page)
		require.NoError(t, err)
		require.Equal(t, []any{c.Key, c.From, c.To}, []any{d.Total.Key, d.Total.From, d.Total.To})
		for i := range d.Total.Shares {
			row := &d.Total.Shares[i]
			require.False(t, seen[row.Home], "a home stands once")
			seen[row.Home], sum = true, sum+row.To-row.From
			require.NotEmpty(t, row.Events, "%s of %s", c.Key, row.Home)
			by := 0.0
			for _, e := range row.Events {
				require.NotZero(t, e.Amount)
				by += e.Amount
			}
			require.InDelta(t, row.To-row.From, by+row.Rest, 1e-6, "%s of %s", c.Key, row.Home)
			require.Equal(t, row.More, row.Events[len(row.Events)-1].Share != row.To)
		}
		if more = d.Cursor != ""; more {
			c, err := ParseCursor(d.Cursor)
			require.NoError(t, err)
			require.Equal(t, d.Cursor, c.String())
			page.After = c.After
			from, to, err = c.Pin(from, to)
			require.NoError(t, err)
			continue
		}
		require.Len(t, seen, d.Total.Differ)
	}
	return sum
}

// Of a fund of which 150 payments of 3 fen became known, and one of them voided, the first hundred are told and the other
// 49 make the rest; of the days on which 70 of them were, those 70. A void and what it voids go together.
func TestAShareOfManyEvents(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, ledger.Close()) }()
	tale := newTale(1, 2)
	tale.told = nil
	fund := domain.MintEntity(domain.FundKind, 7)
	tale.counties[fund] = "520603"
	paid, _ := domain.KindOf("fund.disbursed")
	day := domain.MakeDay(2021, 1, 1)
	for i := range 150 {
		tale.tell(fund, &domain.FundDisbursed{Fund: domain.FundID{Entity: fund}, AmountFen: 3}, domain.Stamp{
			Time: (day + domain.Day(i)).Moment(), Kind: paid, ID: domain.EventID{6, byte(i), 8: 0x80}, Division: "520603", Source: domain.Source{Department: "finance", Division: "520603"},
		})
	}
	first := tale.recorded[52] - 149
	tale.happen(fund, "record.voided", &domain.RecordVoided{TargetEvent: domain.EventID{6, 149, 8: 0x80}, Reason: "false"}, "520603")
	v := tale.views(ledger, tale.told)
	defer v.Close()
	side := func(known uint64, at domain.Day) Side {
		return Side{&Known{views: v, judged: v.inForce.Load(), horizon: &domain.Horizon{52: known}, by: 1, today: domain.NoDay, neighbours: &sync.Map{}}, at}
	}
	all := first + 150
	d, cursor, err := side(first-1, day+200).TotalOf(t.Context(), side(all, day+200), "520603", domain.TotalDisbursed, Query{Limit: 10})
	require.NoError(t, err)
	require.Empty(t, cursor)
	require.Equal(t, []float64{0, 149 * 3e-6, 149 * 3e-6, 0}, []float64{d.From, d.To, d.Grew, d.Shrank})
	row := d.Shares[0]
	require.Len(t, row.Events, 100)
	require.True(t, row.More)
	require.Equal(t, 49*3e-6, row.Rest)
	require.Equal(t, 100*3e-6, row.Events[99].Share)
	d, _, err = side(all, day+9).TotalOf(t.Context(), side(all, day+79), "520603", domain.TotalDisbursed, Query{Limit: 10})
	require.NoError(t, err)
	row = d.Shares[0]
	require.Len(t, row.Events, 70)
	require.False(t, row.More)
	require.Equal(t, day+10, row.Events[0].Day)
	d, _, err = side(all-1, day+200).TotalOf(t.Context(), side(all, day+200), "520603", domain.TotalDisbursed, Query{Limit: 10})
	require.NoError(t, err)
	require.Equal(t, "record.voided", d.Shares[0].Events[0].Type)
	require.Equal(t, -3e-6, d.Shares[0].Events[0].Amount)
}
