package web

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// testTargets sets targets for the county and a township of it, and reads how far they are, on both axes.
func testTargets(t *testing.T, s *served) {
	set := func(caller, division, key, time, data string) (status int, body string) {
		event := `{"type":"target.set","key":"` + key + `","time":"` + time + `","division":"` + division + `","data":` + data + `}`
		status, _, body = s.ask(t, "POST", "/v1/events?department="+caller+"&division=520603", "application/json", event)
		return status, body
	}
	taken := func(division, key, time, data string) string {
		status, body := set("ndrc", division, key, time, data)
		require.Less(t, status, 300, body)
		var receipt struct {
			IDs map[string]string `json:"ids"`
		}
		require.NoError(t, json.Unmarshal([]byte(body), &receipt))
		return receipt.IDs["/data/target"]
	}
	county := taken("520603", "t/1", "2020-06-01", `{"indicator":"titled_rate","value":5000,"due":"2021-06-29","policy_ref":"fgw_5"}`)
	require.Equal(t, county, taken("520603", "t/2", "2021-01-01", `{"indicator":"titled_rate","value":9900,"due":"2021-06-29"}`), "one indicator of one division is one target")
	require.Equal(t, county, taken("520603", "t/3", "2021-01-01", `{"indicator":"titled_rate","value":10000,"due":"2021-12-31"}`))
	require.NotEqual(t, county, taken("520603003", "t/4", "2021-01-01", `{"indicator":"titled_rate","value":1,"due":"2021-12-31"}`))
	taken("520603", "t/5", "2021-01-01", `{"indicator":"households_employed","value":1,"due":"2021-06-30"}`)
	status, body := set("hrss", "520603", "t/6", "2021-01-01", `{"indicator":"titled_rate","value":1,"due":"2021-12-31"}`)
	require.Equal(t, 403, status, body)
	status, body = set("ndrc", "520603", "t/6", "2021-01-01", `{"indicator":"titled_rate","value":10001,"due":"2021-12-31"}`)
	require.Equal(t, 422, status, body)
	require.Contains(t, body, "/data/value")

	require.NoError(t, s.views.CaughtUp(t.Context()))
	ask := func(address string) (a projections.TargetsAnswer) {
		status, _, body := s.ask(t, "GET", address, "", "")
		require.Equal(t, 200, status, body)
		require.NoError(t, json.Unmarshal([]byte(body), &a))
		return a
	}
	a := ask("/v1/divisions/520603/targets?as_of=2021-06-30")
	require.Len(t, a.Targets, 4)
	employed, titled := a.Targets[0], a.Targets[1]
	board, err := s.views.Board("520603", domain.MakeDay(2021, 6, 30))
	require.NoError(t, err)
	require.EqualValues(t, board.Employed, employed.Actual)
	require.True(t, employed.Reached)
	issued, whole := board.Dimensions["title"]["issued"].Households, 0
	for code, level := range board.Dimensions["title"] {
		if code != "n/a" {
			whole += level.Households
		}
	}
	require.EqualValues(t, issued*10_000/whole, titled.Actual)
	require.EqualValues(t, 9900, titled.Value, "what was stated last for the day")
	require.True(t, titled.Overdue)
	require.False(t, a.Targets[2].Overdue, "its day has not come")
	require.Equal(t, domain.Division("520603003"), a.Targets[3].Division)

	earlier := ask("/v1/divisions/52/targets?as_of=2020-12-31")
	require.Len(t, earlier.Targets, 1)
	require.EqualValues(t, 5000, earlier.Targets[0].Value)
	require.Equal(t, "fgw_5", earlier.Targets[0].PolicyRef)
	require.Empty(t, ask("/v1/divisions/520603/targets?as_of=2021-06-30&known_at=2021-06-30").Targets, "they were recorded later")
	require.Len(t, ask("/v1/divisions/520603/targets?as_of=2021-06-30&indicator=households_employed").Targets, 1)
	status, _, body = s.ask(t, "GET", "/v1/divisions/520603/targets?indicator=happiness", "", "")
	require.Equal(t, 400, status)
	require.True(t, strings.Contains(body, "titled_rate"), "the codes that there are: %s", body)
}
