package web

import (
	"os"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/projections"
)

// testViews builds a second set beside the one in force, over HTTP, compares, switches, and drops.
func testViews(t *testing.T, s *served) {
	file, err := os.ReadFile("../../docs/employed-placed.json")
	require.NoError(t, err)
	get := func(method, address, body string, into any) {
		t.Helper()
		status, _, text := s.ask(t, method, address, "application/json", body)
		require.Equal(t, 200, status, text)
		require.NoError(t, json.Unmarshal([]byte(text), into), text)
	}
	refused := func(method, address, body string, status int, kind problemKind, field string) {
		t.Helper()
		got, _, text := s.ask(t, method, address, "application/json", body)
		var p Problem
		require.NoError(t, json.Unmarshal([]byte(text), &p))
		require.Equal(t, []any{status, problemTypes + string(kind), field}, []any{got, p.Type, p.Field}, text)
		require.NotEmpty(t, p.Rule.ZH+p.Fix.EN)
	}
	board := func(query string) (b projections.BoardAnswer) {
		get("GET", "/v1/divisions/520603/board?as_of=2021-06-30"+query, "", &b)
		return b
	}
	refused("POST", "/v1/views", "{", 400, badBody, "")
	refused("POST", "/v1/views", `{"name":"a","version":1,"valid_from":"2021-01-01","source":"x","parameters":[{"name":"employed","value":"rich","source":"O","reason":{"zh":"a","en":"b"}}]}`, 400, badBody, "/parameters/0/value")
	refused("POST", "/v1/views/employed-placed/build", "", 404, unknownSet, "name")
	refused("GET", "/v1/divisions/520603/board?parameters=employed-placed", "", 400, badParameter, "parameters")
	refused("POST", "/v1/views/anju-2021-1/build", "", 409, setStands, "name")
	refused("DELETE", "/v1/views/anju-2021-1", "", 409, setStands, "name")
	before := board("")
	var state projections.SetState
	get("POST", "/v1/views", string(file), &state)
	require.Contains(t, []string{"building", "ready"}, state.State)
	refused("POST", "/v1/views", string(file), 409, setStands, "name")
	require.Eventually(t, func() bool {
		get("GET", "/v1/views/employed-placed", "", &state)
		return state.State == projections.SetReady
	}, time.Minute, time.Millisecond)
	require.Equal(t, before, board(""), "the one in force is as it was")
	placed := board("&parameters=employed-placed")
	require.Greater(t, placed.Employed, before.Employed)
	require.Equal(t, "employed-placed", placed.Parameters)

	var d projections.DiffAnswer
	get("GET", "/v1/views/employed-placed/compare?division=520603&as_of=2021-06-30&limit=2", "", &d)
	require.Equal(t, placed.Employed-before.Employed, d.Differ)
	require.Equal(t, []projections.Transition{{Dimension: "employed", From: "false", To: "true", Households: d.Differ}}, d.Transitions)
	require.Equal(t, []string{"anju-2021-1", "employed-placed"}, []string{d.Parameters, d.ToParameters})
	require.Len(t, d.Differs, 1)
	require.Equal(t, []string{"employed", "verified", "placed"}, []string{d.Differs[0].Name, d.Differs[0].From, d.Differs[0].To})
	seen := map[string]bool{}
	for cursor := ""; ; {
		var page projections.DiffAnswer
		get("GET", "/v1/views/employed-placed/compare?division=520603&as_of=2021-06-30&limit=100&cursor="+cursor, "", &page)
		for _, row := range page.Households {
			seen[row.Household.String()] = true
			require.Empty(t, row.Events, "nothing was recorded in between")
			for _, c := range row.Changes {
				require.Contains(t, c.FromReason.EN, "(verified, for 90 days)")
				require.Contains(t, c.ToReason.EN, "(placed)")
			}
		}
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	require.Len(t, seen, d.Differ, "every household that differs stands on one page")
	refused("GET", "/v1/views/nobody/compare", "", 404, unknownSet, "name")
	refused("GET", "/v1/views/employed-placed/compare?with=nobody", "", 404, unknownSet, "with")

	get("POST", "/v1/views/employed-placed/switch", "", &state)
	require.Equal(t, projections.SetInForce, state.State)
	require.Equal(t, placed, board(""))
	require.Equal(t, before, board("&parameters=anju-2021-1"))
	var all viewsAnswer
	get("GET", "/v1/views", "", &all)
	require.Equal(t, "employed-placed", all.InForce)
	require.Len(t, all.Sets, 2)
	get("POST", "/v1/views/anju-2021-1/switch", "", &state)
	get("DELETE", "/v1/views/employed-placed", "", &state)
	require.Equal(t, []any{projections.SetKnown, int64(0)}, []any{state.State, state.Bytes})
	again := board("&parameters=employed-placed") // made on demand
	require.Equal(t, placed, again)
}
