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
		line, into, _ := strings.Cut(line, " > ")
		words := strings.Fields(line)
		if into != "" && words[0] == "curl" {
			of := strings.TrimPrefix(words[1], "http://127.0.0.1:8420")
			require.NoError(t, os.WriteFile(filepath.Join(dir, into), []byte(body(t, url+of)), 0o600))
		}
		if len(words) < 2 || words[0] != "anju" || words[1] == "serve" {
			continue
		}
		args := []string{words[1]}
		for _, word := range words[2:] {
			switch files, _ := filepath.Glob(word); {
			case strings.Contains(word, "*"):
				require.NotEmpty(t, files, line)
				args = append(args, files...)
			case word == "checked" || word == "event.json" || word == "ANJU-52.key" || word == "event.tlog-proof":
				args = append(args, filepath.Join(dir, word))
			default:
				args = append(args, word)
			}
		}
		if words[1] != "verify" || words[2] != "proof" { // which asks nobody
			args = append(args, "--server", url)
		}
		code, out, message := anju(t, args...)
		require.Equal(t, exitDone, code, "%s\n%s", line, message)
		require.NotEmpty(t, out, line)
		if into != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, into), []byte(out), 0o600))
		}
		typed++
	}
	require.GreaterOrEqual(t, typed, 15)
}
