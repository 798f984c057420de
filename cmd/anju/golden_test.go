package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain/sample/county"
)

var update = flag.Bool("update", false, "write the golden files of command output anew")

// random matches what differs from run to run: minted ids, event ids, ports, folders, positions, recorded times.
var random = regexp.MustCompile(`\b[hpdocfjwkgnbti][0-9a-hjkmnp-tv-z]{12}\b|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|127\.0\.0\.1:\d{5}|/tmp/[^ "]+|ANJU-\d\d:\d+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`)

// fixed puts a word of the same length in the place of what is random, so that columns stay.
func fixed(out string) string {
	return random.ReplaceAllStringFunc(out, func(s string) string {
		return string(s[0]) + string(bytes.Repeat([]byte{'_'}, len(s)-1))
	})
}

// golden compares an output with its golden file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(path, []byte(fixed(got)), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), fixed(got), "%s: if this is meant, run go test ./cmd/anju -update and read the difference", path)
}

// serveCounty serves the sample county until the test ends. Its files are handed to the running
// server all at once, and backwards.
func serveCounty(t *testing.T) (url string) {
	t.Helper()
	url = serveFolder(t, t.TempDir())
	files := countyFiles(t, county.Names()...)
	slices.Reverse(files)
	code, out, message := anju(t, append([]string{"import", "--json", "--server", url, "--division", county.Division}, files...)...)
	require.Equal(t, exitDone, code, out+message)
	var report importReport
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	accepted, rejected := 0, 0
	for i, f := range report.Files {
		require.Equal(t, filepath.Base(files[i]), f.File)
		require.Equal(t, f.Rows, f.Accepted+f.Duplicates+f.Changed+f.Nothing+len(f.Rejected), f.File)
		require.Nil(t, f.Needs)
		accepted, rejected = accepted+f.Accepted, rejected+len(f.Rejected)
	}
	require.Equal(t, 17315, accepted)
	require.Equal(t, 54, rejected)
	position := fmt.Sprint("ANJU-52:", recordedEvents(t, url))
	code, _, message = anju(t, "board", "52", "--server", url, "--at-least", position) // the views have read them all
	require.Equal(t, exitDone, code, message)
	return url
}

// serveFolder serves a folder until the test ends.
func serveFolder(t *testing.T, dir string) (url string) {
	t.Helper()
	n, err := startNode(&session{ctx: t.Context(), err: &bytes.Buffer{}}, nodeConfig{Dir: dir, Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.close()) })
	return n.url
}

// TestAnswersReadAsTheyShould shows every question about the sample county as a person sees it.
func TestAnswersReadAsTheyShould(t *testing.T) {
	url := serveCounty(t)
	for name, line := range map[string][]string{
		"board":       {"board", "520603", "--at", "2021-06-30"},
		"board_empty": {"board", "11", "--at", "2021-06-30"},
		"status":      {"status", "520603900002", "--division", "520603", "--at", "2021-12-30"},
		"status_en":   {"--lang", "en", "status", "520603900002", "--division", "520603", "--at", "2021-12-30"},
		"timeline":    {"timeline", "520603900002", "--division", "520603", "--at", "2021-12-30"},
		"households":  {"households", "--division", "520603", "--state", "in_crisis", "--overdue", "income", "--at", "2021-06-30", "--limit", "2"},
		"person":      {"person", "52060390000201", "--division", "520603", "--at", "2021-06-30"},
		"community":   {"community", "安和社区", "--division", "520603", "--at", "2021-06-30"},
		"lookup":      {"lookup", "520603900002", "--division", "520603"},
		"ledger":      {"ledger"},
	} {
		code, out, message := anju(t, append(line, "--server", url)...)
		require.Equal(t, exitDone, code, message)
		if name == "households" { // which two come first is chance: the head and the way on are not
			out = regexp.MustCompile(`(?m)^h\w{12}.*$`).ReplaceAllString(out, "h")
		}
		if name == "ledger" { // how far checkpoint and scrub are depends on the second
			out = regexp.MustCompile(`(?m)^ANJU-52 .*%$`).ReplaceAllString(out, "ANJU-52")
			out = regexp.MustCompile(`(上次核查 last scrub) +`).ReplaceAllString(out, "$1  ") // as wide as a time
		}
		golden(t, name, out)
	}
	before := recordedEvents(t, url)
	again := countyFiles(t, "a_funds_disbursed.csv", "0_communities.csv", "4_facilities.csv", "5_industry.xlsx")
	code, out, message := anju(t, append([]string{"import", "--server", url, "--division", county.Division}, again...)...)
	require.Equal(t, exitDone, code, message)
	golden(t, "import_again", out)
	require.Equal(t, before, recordedEvents(t, url))
	testQuestions(t, url)
}

// TestJSONIsTheBody compares --json with what the server sends, byte for byte.
func TestJSONIsTheBody(t *testing.T) {
	url := serveFolder(t, registered(t))
	_, id, _ := anju(t, "lookup", "520603000001", "--division", "520603", "--server", url)
	id = id[:len(id)-1]
	for path, line := range map[string][]string{
		"/v1/divisions/520603/board?at=2021-06-30":           {"board", "520603", "--at", "2021-06-30"},
		"/v1/households/" + id + "?at=2021-06-30":            {"status", id, "--at", "2021-06-30"},
		"/v1/households/" + id + "/timeline?at=2021-06-30":   {"timeline", "520603000001", "--division", "520603", "--at", "2021-06-30"},
		"/v1/households?at=2021-06-30&division=5206&limit=3": {"households", "--division", "5206", "--at", "2021-06-30", "--limit", "3"},
		"/v1/households/" + id + "/timeline":                 {"timeline", id},
		"/v1/persons/pbcdefghjkmnp":                          {"person", "pbcdefghjkmnp"},
		"/v1/communities/cbcdefghjkmnp":                      {"community", "cbcdefghjkmnp"},
		"/v1/ledger":                                         {"ledger"},
		"/v1/events":                                         {"replay"},
		"/v1/kinds":                                          {"kinds"},
		"/v1/schemas/job.placed":                             {"schema", "job.placed"},
		"/v1/households?state=x":                             {"households", "--state", "x"},
	} {
		if line[0] != "kinds" && line[0] != "schema" {
			line = append(line, "--server", url)
		}
		_, out, _ := anju(t, append(line, "--json")...)
		book := regexp.MustCompile(`"signed":.*?}`) // checkpoint and scrub go on between the two questions
		require.Equal(t, book.ReplaceAllString(body(t, url+path), ""), book.ReplaceAllString(out, ""), path)
	}
}
