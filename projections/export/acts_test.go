package export_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections/export"
)

// TestAnActCountsFromTheDayOfItsTarget voids a household after the day of the export, takes that back, and
// voids it anew: the tables agree with its status each time.
func TestAnActCountsFromTheDayOfItsTarget(t *testing.T) {
	ledger := countyLedger(t)
	caller, at := intake.Caller{Department: "rural", Division: county.Division}, time.Date(2021, 7, 2, 4, 0, 0, 0, time.UTC)
	record := func(body string) domain.EventID {
		answers := ledger.door.Record(t.Context(), caller, []*intake.Submission{intake.Parse([]byte(body), caller, at)}, false)
		require.Nil(t, answers[0].Problem, "%+v", answers[0].Problem)
		require.NoError(t, ledger.views.CaughtUp(t.Context()))
		return answers[0].Receipt.ID
	}
	target := record(`{"type":"household.registered","key":"house/1","time":"2018-09-01","division":"520603003","data":{"number":"520603000001","category":"poor","members":[{"number":"52060300000101","name":"某甲","relation":"head"}]}}`)
	house, day := target, domain.MakeDay(2021, 6, 30)
	for i, want := range []struct {
		holds  []bool
		counts int64
	}{{[]bool{true}, 0}, {[]bool{false, true}, 1}, {[]bool{false, true, true}, 0}} {
		if i == 2 {
			target = house // voided anew
		}
		target = record(`{"type":"record.voided","key":"void/` + strconv.Itoa(i) + `","time":"2021-07-01T12:00:00+08:00","data":{"target_event":"` + target.String() + `","reason":"false"}}`)
		dir := filepath.Join(t.TempDir(), "out")
		m, err := export.Write(t.Context(), ledger.source(), export.Order{Tables: []string{"facts", "standings", "statuses"}, Format: export.Parquet, AsOf: day}, dir, nil)
		require.NoError(t, err)
		var holds []bool
		for _, row := range rowsOf[export.Standing](t, dir, m.Tables[1]) {
			holds = append(holds, row.Holds)
		}
		require.Equal(t, want.holds, holds)
		require.Equal(t, int64(2+i), m.Tables[0].Rows, "the acts are facts")
		require.Equal(t, want.counts, m.Tables[2].Rows)
	}
	all := recorded(t, ledger.Ledger)
	once, again := filepath.Join(t.TempDir(), "once"), filepath.Join(t.TempDir(), "again")
	m, err := export.Write(t.Context(), ledger.source(), export.Order{Tables: []string{"facts"}, Format: export.Parquet, AsOf: domain.NoDay}, once, nil)
	require.NoError(t, err)
	require.Equal(t, all[len(all)-1].Recorded, m.KnownAt, "an export that asked for no moment says which it is of")
	require.Equal(t, domain.Definition, m.Definition)
	_, err = export.Write(t.Context(), ledger.source(), m.Order(), again, nil)
	require.NoError(t, err)
	require.Equal(t, files(t, once), files(t, again))
}
