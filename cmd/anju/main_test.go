package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// anju runs a command line in memory.
func anju(t *testing.T, args ...string) (code int, out, errors string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(&session{ctx: t.Context(), in: &bytes.Buffer{}, out: &stdout, err: &stderr}, args)
	return code, stdout.String(), stderr.String()
}

func TestKindsListsTheCatalogue(t *testing.T) {
	code, out, _ := anju(t, "kinds")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, "job.placed")
	code, out, _ = anju(t, "kinds", "--json")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, `"type": "title.certificate_issued"`)
}

func TestSchemaPrintsATypeOrSaysWhatToDo(t *testing.T) {
	code, out, _ := anju(t, "schema", "job.placed")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, "wage_fen_month")
	code, _, message := anju(t, "schema", "job.paid")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "anju kinds")
}

func TestUsageHasItsOwnExitCode(t *testing.T) {
	code, _, message := anju(t, "dance")
	require.Equal(t, exitUsage, code)
	require.Contains(t, message, "--help")
	code, out, _ := anju(t, "--help")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, "kinds")
}
