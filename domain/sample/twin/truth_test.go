package twin_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/domain/sample/twin"
)

// truth is what a correct import of the sample county gives.
type truth struct {
	Totals  map[string]float64 `json:"totals"`
	Rejects []twin.Reject      `json:"rejects"`
	States  map[string]string  `json:"states"`
	Why     map[string]string  `json:"why"`
}

func TestTheTwinReadsTheSampleCountyAsItsTruthSays(t *testing.T) {
	var want truth
	require.NoError(t, json.Unmarshal(county.File("truth.json"), &want))
	c := twin.New()
	var rejects []twin.Reject
	duplicates := 0
	for _, name := range county.Names() {
		r := c.Import(name, county.File(name), 0)
		require.Equal(t, r.Rows, r.Accepted+r.Duplicates+r.Changed+r.Nothing+len(r.Rejects), name)
		rejects = append(rejects, r.Rejects...)
		duplicates += r.Duplicates
	}
	require.Equal(t, want.Rejects, rejects)
	totals := c.Totals(twin.Day(2021, 6, 30))
	totals["rejected_rows"], totals["duplicate_rows"] = float64(len(rejects)), float64(duplicates)
	require.Equal(t, want.Totals, totals)
	for number, state := range want.States {
		require.Equal(t, state, c.Status(number, twin.Day(2021, 6, 30)).State, "%s: %s", number, want.Why[number])
	}
}
