package main

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain/sample/county"
)

// An import is undone by its batch, which the receipt and every event name, and brought back by the batch of
// the voids; what others rest on is listed.
func TestAnImportIsUndoneByItsBatch(t *testing.T) {
	url := serveFolder(t, t.TempDir())
	files := countyFiles(t, "0_communities.csv", "4_facilities.csv")
	for _, file := range files {
		code, _, message := anju(t, "import", "--server", url, "--division", county.Division, "--yes", file)
		require.Contains(t, []int{exitDone, exitFailed}, code, message) // 1: a row was refused
	}
	batch := regexp.MustCompile(`"batch":"(i[0-9a-z]{12})/`)
	of := func(kind string) string {
		_, out, _ := anju(t, "replay", "--server", url, "--type", kind)
		return batch.FindStringSubmatch(out)[1]
	}
	communities, facilities := of("community.established"), of("facility.changed")
	void := func(id string, more ...string) (int, string, string) {
		return anju(t, append([]string{"void", "--server", url, "--division", county.Division, "--reason", "test", "--batch", id}, more...)...)
	}
	before := recordedEvents(t, url)
	code, _, message := void(communities)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "void those first")
	require.Contains(t, message, " ← ", "each event, and those that rest on it")
	code, out, _ := void(facilities, "--dry-run")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, "to be voided")
	require.Contains(t, out, "facility.changed")
	require.Equal(t, before, recordedEvents(t, url))
	code, out, message = void(facilities)
	require.Equal(t, exitDone, code, message)
	undo := regexp.MustCompile(`--batch (i[0-9a-z]{12})`).FindStringSubmatch(out)[1]
	code, out, _ = void(facilities, "--json")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, `"voided":0`)
	code, _, message = void(undo)
	require.Equal(t, exitDone, code, message)
	code, _, message = void(facilities, "--department", "hrss")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "record.disputed")
}
