package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheReadmesFirstHourWorks types every line of the README that begins with "anju", in its
// order, at a fresh ledger.
func TestTheReadmesFirstHourWorks(t *testing.T) {
	url := serveFolder(t, t.TempDir())
	t.Chdir("../..")
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	dir, typed := t.TempDir(), 0
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, " #")
		line = strings.TrimSpace(line)
		if rest, found := strings.CutPrefix(line, "echo '"); found {
			event, _, _ := strings.Cut(rest, "'")
			require.NoError(t, os.WriteFile(filepath.Join(dir, "event.json"), []byte(event), 0o600))
		}
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "anju" || words[1] == "serve" {
			continue
		}
		args := []string{words[1], "--server", url}
		for _, word := range words[2:] {
			switch files, _ := filepath.Glob(word); {
			case strings.Contains(word, "*"):
				require.NotEmpty(t, files, line)
				args = append(args, files...)
			case word == "checked" || word == "event.json":
				args = append(args, filepath.Join(dir, word))
			default:
				args = append(args, word)
			}
		}
		code, out, message := anju(t, args...)
		require.Equal(t, exitDone, code, "%s\n%s", line, message)
		require.NotEmpty(t, out, line)
		typed++
	}
	require.GreaterOrEqual(t, typed, 12)
}
