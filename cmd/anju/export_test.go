package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnExportIsWholeOrNotThere is an analyst's hour: a table, the same again, and what he gets wrong.
func TestAnExportIsWholeOrNotThere(t *testing.T) {
	register := strings.SplitAfter(twoEvents, "\n")[0]
	second := strings.NewReplacer("register/1", "register/2", "0001", "0002").Replace(register)
	out := t.TempDir()
	dir, file := filepath.Join(out, "county"), filepath.Join(out, "events.ndjson")
	require.NoError(t, os.WriteFile(file, []byte(register+second), 0o600))
	code, _, message := anju(t, "record", "--dir", dir, "--department", "rural", "--division", "520603", file)
	require.Equal(t, exitDone, code, message)

	to := filepath.Join(out, "tables")
	code, text, message := anju(t, "export", "--dir", dir, "--to", to, "facts", "ocel")
	require.Equal(t, exitDone, code, message)
	require.Contains(t, text, "facts  2 行 rows")
	require.Contains(t, text, "ANJU-52:2  根 root ")
	code, _, message = anju(t, "export", "--dir", dir, "--to", to)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "choose another folder")

	again := filepath.Join(out, "again")
	code, _, message = anju(t, "export", "--dir", dir, "--to", again, "--again", filepath.Join(to, "manifest.json"))
	require.Equal(t, exitDone, code, message)
	for _, name := range []string{"manifest.json", "dictionary.csv", "ocel.json"} {
		one, err := os.ReadFile(filepath.Join(to, name))
		require.NoError(t, err)
		other, err := os.ReadFile(filepath.Join(again, name))
		require.NoError(t, err)
		require.Equal(t, string(one), string(other))
	}

	code, text, message = anju(t, "export", "--dir", dir, "--to", filepath.Join(out, "of a day"), "--as-of", "2021-06-30", "--format", "csv")
	require.Equal(t, exitDone, code, message)
	require.Contains(t, text, "statuses  2 行 rows")
	code, _, message = anju(t, "views", "build", otherSet, "--dir", dir)
	require.Equal(t, exitDone, code, message)
	placed := filepath.Join(out, "placed")
	code, _, message = anju(t, "export", "--dir", dir, "--to", placed, "--as-of", "2021-06-30", "--parameters", "employed-placed", "statuses")
	require.Equal(t, exitDone, code, message)
	manifest, err := os.ReadFile(filepath.Join(placed, "manifest.json"))
	require.NoError(t, err)
	require.Contains(t, string(manifest), `"employed-placed"`)
	code, _, message = anju(t, "export", "--dir", dir, "--to", filepath.Join(out, "placed again"), "--again", filepath.Join(placed, "manifest.json"))
	require.Equal(t, exitDone, code, message)
	for _, wrong := range []struct {
		args []string
		says string
	}{
		{[]string{"names"}, "没有这个表"},
		{[]string{"statuses"}, "--as-of"},
		{[]string{"--as-of", "30.6.2021"}, "--as-of"},
		{[]string{"--known-at", "2021-06-30T18:00:00"}, "带时区"},
		{[]string{"--division", "520603x"}, "--division"},
		{[]string{"--as-of", "2021-06-30", "--parameters", "nobody"}, "anju views"},
		{[]string{"--again", file}, "清单"},
		{[]string{"--again", filepath.Join(to, "manifest.json"), "facts"}, "--again"},
	} {
		code, _, message = anju(t, append([]string{"export", "--dir", dir, "--to", filepath.Join(out, "wrong")}, wrong.args...)...)
		require.Equal(t, exitFailed, code)
		require.Contains(t, message, wrong.says)
		require.NoDirExists(t, filepath.Join(out, "wrong"))
	}
}
