package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// registered records one household of the head 52060300000101 into a fresh folder.
func registered(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	register, _, _ := strings.Cut(twoEvents, "\n")
	file := filepath.Join(t.TempDir(), "register")
	require.NoError(t, os.WriteFile(file, []byte(register), 0o600))
	code, out, message := anju(t, "record", "--dir", dir, "--department", "rural", "--division", "520603", file)
	require.Equal(t, exitDone, code, out+message)
	return dir
}

func TestHouseholdsAreListedFoundAndTold(t *testing.T) {
	dir := registered(t)
	code, out, message := anju(t, "lookup", "--dir", dir, "--division", "520603", "520603000001")
	require.Equal(t, exitDone, code, out+message)
	id := strings.TrimSpace(out)
	code, out, _ = anju(t, "households", "--dir", dir, "--division", "5206", "--level", "housing=no_home;risk=none", "--at", "2021-06-30")
	require.Equal(t, exitDone, code, out)
	require.Contains(t, out, id)
	code, out, _ = anju(t, "timeline", "--dir", dir, "--division", "520603", "--at", "2021-06-30", "520603000001")
	require.Equal(t, exitDone, code, out)
	require.Contains(t, out, "household.registered")
	require.NotContains(t, out, "某甲")
	code, _, message = anju(t, "households", "--dir", dir, "--state", "happy")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "in_crisis")
	code, out, message = anju(t, "lookup", "--dir", dir, "--division", "520603", "520603000099")
	require.Equal(t, exitFailed, code)
	require.NotContains(t, out+message, "520603000099")
}

func TestAForgottenPersonIsNotFoundAgain(t *testing.T) {
	dir := registered(t)
	ask := []string{"forget", "--dir", dir, "--division", "520603", "--request-ref", "R-1", "--legal-basis", "consent withdrawn", "52060300000101"}
	code, _, message := anju(t, ask...)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "--yes")
	code, out, message := anju(t, append(ask, "--yes")...)
	require.Equal(t, exitDone, code, out+message)
	require.Contains(t, out, "ANJU-52:2")
	code, out, _ = anju(t, "lookup", "--dir", dir, "--kind", "person", "--division", "520603", "52060300000101")
	require.Equal(t, exitFailed, code, out)
	code, out, message = anju(t, append(ask, "--yes")...)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, out, "was destroyed before")
	ask[len(ask)-1] = "52060300000199"
	code, out, message = anju(t, append(ask, "--yes")...)
	require.Equal(t, exitFailed, code, out)
	require.NotContains(t, message, "52060300000199")
	code, out, _ = anju(t, "replay", "--dir", dir)
	require.Equal(t, exitDone, code)
	require.Equal(t, 2, strings.Count(out, "\n"))
	code, out, _ = anju(t, "board", "--json", "--dir", dir, "--at", "2021-06-30", "520603")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, `"persons":1`)
}
