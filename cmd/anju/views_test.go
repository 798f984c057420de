package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/projections"
)

// otherSet is the file of a set that counts open placements as employment.
const otherSet = "../../docs/employed-placed.json"

// setsOf are the sets of a folder or a server by their states.
func setsOf(t *testing.T, where ...string) (inForce string, states map[string]string) {
	t.Helper()
	code, out, message := anju(t, append([]string{"--json", "views"}, where...)...)
	require.Equal(t, exitDone, code, message)
	var all setsAnswer
	require.NoError(t, json.Unmarshal([]byte(out), &all))
	states = map[string]string{}
	for _, st := range all.Sets {
		states[st.Name] = st.State
	}
	return all.InForce, states
}

func TestASetIsBuiltSwitchedToAndDropped(t *testing.T) {
	dir := registered(t)
	in := func(args ...string) (int, string, string) {
		return anju(t, append(args, "--dir", dir)...)
	}
	for _, line := range [][]string{
		{"views", "switch", "employed-placed"},
		{"views", "drop", "employed-placed"},
		{"views", "build", "employed-placed"},
		{"views", "build", filepath.Join(dir, "gone.json")},
		{"views", "drop", "anju-2021-1"},
		{"board", "52", "--parameters", "employed-placed"},
		{"views", "compare", "employed-placed"},
	} {
		code, out, message := in(line...)
		require.Equal(t, exitFailed, code, line)
		require.Empty(t, out, line)
		require.Contains(t, message, " / ", line)
	}
	wrong := filepath.Join(dir, "wrong.json")
	require.NoError(t, os.WriteFile(wrong, []byte(`{"name":"x","version":1,"valid_from":"2021-01-01","source":"x","parameters":[{"name":"employed","value":"rich","source":"O","reason":{"zh":"试","en":"try"}}]}`), 0o600))
	code, _, message := in("views", "build", wrong)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "/parameters/0/value")
	require.Contains(t, message, "verified, working or placed")

	code, out, message := in("views", "build", otherSet)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, out, "已建成 ready")
	code, out, message = in("views", "switch", "employed-placed")
	require.Equal(t, exitDone, code, message)
	require.Contains(t, out, "使用中 in_force")
	code, out, message = in("board", "52")
	require.Equal(t, exitDone, code, message)
	require.Contains(t, out, "parameters employed-placed", "a start keeps the choice")
	code, _, message = in("views", "drop", "anju-2021-1")
	require.Equal(t, exitDone, code, message)
	inForce, states := setsOf(t, "--dir", dir)
	require.Equal(t, "employed-placed", inForce)
	require.Equal(t, map[string]string{"employed-placed": "in_force", "anju-2021-1": "known"}, states)
}

// A server that is killed at any step of building, switching or dropping starts again with the choice before
// or the one after, and what was asked for can be asked for again.
func TestKilledWhileASetIsChosen(t *testing.T) {
	steps := []string{"build", "switch", "drop"}
	line := map[string][]string{"build": {"views", "build", otherSet}, "switch": {"views", "switch", "employed-placed"}, "drop": {"views", "drop", "anju-2021-1"}}
	dir := t.TempDir()
	for _, killed := range []string{
		"set.begin:1", "set.rename:1", "set.end:1", "chosen.rename:1", "chosen.end:1", "chosen.rename:2", "chosen.end:2", "chosen.rename:3", "chosen.end:3",
	} {
		folder := filepath.Join(dir, strings.ReplaceAll(killed, ":", "-"))
		c := tryChild(t, folder, dir, killedAt+"="+killed)
		require.True(t, c.serves(), c.logs)
		for _, step := range steps {
			anju(t, append(line[step], "--server", c.url)...) // the last one gets no answer
		}
		c.gone()
		require.Contains(t, c.logs.String(), "killed at "+killed)
		c = startChild(t, folder, dir)
		inForce, states := setsOf(t, "--server", c.url)
		require.Contains(t, []string{"anju-2021-1", "employed-placed"}, inForce, killed)
		require.Equal(t, projections.SetInForce, states[inForce], killed)
		for _, step := range steps { // what is done already is refused, the rest is done
			anju(t, append(line[step], "--server", c.url)...)
			require.Eventually(t, func() bool {
				_, states := setsOf(t, "--server", c.url)
				return states["employed-placed"] != projections.SetBuilding && states["anju-2021-1"] != projections.SetBuilding
			}, time.Minute, time.Millisecond)
		}
		inForce, states = setsOf(t, "--server", c.url)
		require.Equal(t, "employed-placed map[anju-2021-1:known employed-placed:in_force]", fmt.Sprint(inForce, " ", states), killed)
		c.stop(t)
	}
}
