package projections

import (
	"context"
	"crypto/rand"
	"math"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
)

// at is the day that the county's truth speaks of.
var at = domain.MakeDay(2021, 6, 30)

func testNow() time.Time { return time.Date(2021, 7, 1, 4, 0, 0, 0, time.UTC) }

// countyLedger is a ledger in memory with the sample county imported through the real door.
func countyLedger(t *testing.T) *events.Ledger {
	t.Helper()
	ledger, err := events.Open(t.Context(), events.Config{Clock: testNow})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	door := intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
		Random: rand.Reader, Now: testNow,
	})
	for _, name := range county.Names() {
		_, err := door.Import(t.Context(), intake.Caller{Division: county.Division}, name, county.File(name), intake.ImportOptions{Record: true})
		require.NoError(t, err)
	}
	return ledger
}

func viewsOf(t *testing.T, l *events.Ledger) *Views {
	t.Helper()
	v := New(l, events.Opener{Ring: l.Ring()}, domain.DefaultParameters())
	t.Cleanup(v.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, v.CaughtUp(ctx))
	return v
}

// TestTheSampleCounty imports the county once for the tests that only read it.
func TestTheSampleCounty(t *testing.T) {
	ledger := countyLedger(t)
	t.Run("is as its truth says", func(t *testing.T) { testTruth(t, ledger) })
	t.Run("the board is the sum of the statuses", func(t *testing.T) { testBoardIsTheSumOfStatuses(t, ledger) })
	t.Run("one number in two households is told by both", func(t *testing.T) { testTwins(t, ledger) })
	t.Run("replay gives what live gave", func(t *testing.T) { testReplay(t, ledger) })
	t.Run("a status is written as by reflection", func(t *testing.T) { testWritten(t, ledger) })
	t.Run("a restart gives what a rebuild gives", func(t *testing.T) { testSnapshots(t, ledger) })
	t.Run("sets are built, dropped, and refused", func(t *testing.T) { testSets(t, ledger) })
}

// testTwins: the county's three pairs of households that hold one ID number.
func testTwins(t *testing.T, ledger *events.Ledger) {
	v := viewsOf(t, ledger)
	board, err := v.Board("520603", at)
	require.NoError(t, err)
	suspected := domain.DataDuplicate
	list, err := v.now().List(t.Context(), Choice{Division: "520603", Levels: map[domain.Dimension]domain.Level{domain.Data: suspected}, Limit: 10}, at)
	require.NoError(t, err)
	require.Len(t, list.Households, 6)
	require.Equal(t, 6, board.Dimensions["data"]["duplicate_suspected"].Households)
	work, err := v.now().Discrepancies(t.Context(), Query{Division: "520603", Kind: domain.SecondNumber, Limit: 10}, at)
	require.NoError(t, err)
	require.Len(t, work.Discrepancies, 3, "each pair once, though both households tell it")
	for i := range work.Discrepancies {
		require.Len(t, work.Discrepancies[i].Entities, 4, "two households, and a member of each")
		require.Len(t, work.Discrepancies[i].Facts, 2)
	}
	for _, row := range list.Households {
		a, err := v.Household(row.Household, at)
		require.NoError(t, err)
		require.Equal(t, "duplicate_suspected", a.Dimensions[domain.Data].Level)
	}
}

func testTruth(t *testing.T, ledger *events.Ledger) {
	var truth struct {
		Totals map[string]float64 `json:"totals"`
		States map[string]string  `json:"states"`
		Why    map[string]string  `json:"why"`
	}
	require.NoError(t, json.Unmarshal(county.File("truth.json"), &truth))
	v := viewsOf(t, ledger)
	board, err := v.Board("520603", at)
	require.NoError(t, err)
	for key, want := range truth.Totals {
		if key == "rejected_rows" || key == "duplicate_rows" {
			continue // sums over the imports' receipts
		}
		got, counted := board.Totals[key]
		require.True(t, counted, key)
		require.InDelta(t, want, got, 1e-6, key)
	}
	require.EqualValues(t, truth.Totals["households"], board.Households)
	for number, want := range truth.States {
		id, err := ledger.Directory().Resolve(domain.HouseholdKind, "520603", number)
		require.NoError(t, err, number)
		a, err := v.Household(id, at)
		require.NoError(t, err)
		require.Equal(t, want, a.State.String(), "%s: %s", number, truth.Why[number])
		require.Zero(t, a.Lag["ANJU-52"])
	}
}

// testBoardIsTheSumOfStatuses compares the board, which reads steps, with the status of every
// household, which folds its facts up to the day alone.
func testBoardIsTheSumOfStatuses(t *testing.T, ledger *events.Ledger) {
	v := viewsOf(t, ledger)
	for _, day := range []domain.Day{at, domain.MakeDay(2019, 2, 3), domain.MakeDay(2020, 11, 5), domain.MakeDay(2030, 1, 1)} {
		board, err := v.Board("52", day)
		require.NoError(t, err)
		states, employed, stale := map[string]int{}, 0, 0
		for _, id := range v.Households() {
			a, err := v.Household(id, day)
			require.NoError(t, err)
			if a.State == domain.NotRegistered {
				continue
			}
			states[a.State.String()]++
			if a.Employed {
				employed++
			}
			if a.Dimensions[domain.Employment].Stale {
				stale++
			}
		}
		require.Equal(t, states, board.States, day.String())
		require.Equal(t, employed, board.Employed, day.String())
		counted := 0
		for _, c := range board.Dimensions[domain.Employment.String()] {
			counted += c.Stale
		}
		require.Equal(t, stale, counted, day.String())
	}
}

// testReplay compares two views that folded the same log.
func testReplay(t *testing.T, ledger *events.Ledger) {
	one, err := viewsOf(t, ledger).Board("520603", at)
	require.NoError(t, err)
	two, err := viewsOf(t, ledger).Board("520603", at)
	require.NoError(t, err)
	require.Equal(t, one, two)
}

func TestAnUnknownHouseholdAndAnUnreachedPositionAreSaid(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	v := viewsOf(t, ledger)
	_, err = v.Household(domain.MintEntity(domain.HouseholdKind, 1), at)
	require.ErrorIs(t, err, ErrUnknown)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	require.ErrorIs(t, v.AtLeast(ctx, 52, math.MaxUint64), context.DeadlineExceeded)
	board, err := v.Board("52", at)
	require.NoError(t, err)
	require.Zero(t, board.Households)
}

// testWritten compares the bytes that a status writes itself with those of reflection, for every
// household of the county.
func testWritten(t *testing.T, ledger *events.Ledger) {
	v := viewsOf(t, ledger)
	kinds := map[string]bool{}
	for _, id := range v.Households() {
		for _, day := range []domain.Day{at, domain.MakeDay(2019, 2, 3), domain.MakeDay(2031, 1, 1)} {
			a, err := v.Household(id, day)
			require.NoError(t, err)
			want, err := json.Marshal(a, json.Deterministic(true))
			require.NoError(t, err)
			require.Equal(t, string(want), string(a.AppendJSON(nil)))
			for _, o := range a.Overdue {
				kinds["overdue "+o.Kind.String()] = true
			}
			for _, d := range a.Discrepancies {
				kinds["discrepancy "+string(d.Kind)] = true
			}
		}
	}
	require.GreaterOrEqual(t, len(kinds), 6, "the county has some of everything")
}
