package main

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

// TestSubmittingIsAsItIsWritten posts the examples of docs/format.md, section 10, at a fresh
// ledger and compares the answers with those that stand there: ids that are derived to the letter,
// minted ones and times by their form, of problems what a program goes by.
func TestSubmittingIsAsItIsWritten(t *testing.T) {
	url := serveFolder(t, t.TempDir())
	text, err := os.ReadFile("../../docs/format.md")
	require.NoError(t, err)
	examples := regexp.MustCompile(`(?m)^    POST (\S+)\n    (.+)\n    (\d+) (.+)$`).FindAllStringSubmatch(string(text), -1)
	require.Len(t, examples, 3)
	for _, x := range examples {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+x[1], strings.NewReader(x[2]))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		got, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, x[3], resp.Status[:3], string(got))
		require.Equal(t, answerIn(t, x[4]), answerIn(t, string(got)), x[1])
	}
}

// answerIn is what of an answer is the same at every run.
func answerIn(t *testing.T, text string) (a struct {
	ID, Stream, Durable, Position, Identity string
	Already                                 bool
	IDs                                     map[string]string
	Type                                    string
	Status, Index                           int
	Refusals                                any
},
) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &a, json.MatchCaseInsensitiveNames(true)))
	for pointer, id := range a.IDs {
		a.IDs[pointer] = id[:1]
	}
	return a
}
