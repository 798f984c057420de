package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestChineseTakesTwoColumns(t *testing.T) {
	require.Equal(t, 11, columns("安居 anju（"))
	tab := newTable([]string{"状态 state", "n", "why"}, 1)
	tab.add("稳 ok", "1,200", strings.Repeat("长", 60))
	var out bytes.Buffer
	tab.write(&out)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.Equal(t, "状态 state      n  why", lines[0])
	require.Equal(t, "稳 ok       1,200  "+strings.Repeat("长", 40), lines[1])
	require.Equal(t, strings.Repeat(" ", 19)+strings.Repeat("长", 20), lines[2])
}

func TestTheLanguageFollowsTheEnvironment(t *testing.T) {
	for want, env := range map[string]map[string]string{
		english: {"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"},
		chinese: {"LANG": "C.UTF-8"},
	} {
		require.Equal(t, want, languageOf(func(name string) string { return env[name] }))
	}
	require.Equal(t, chinese, languageOf(func(string) string { return "" }))
}

// TestABarShowsLongWorkOnATerminal, and never anything else.
func TestABarShowsLongWorkOnATerminal(t *testing.T) {
	for _, c := range []struct {
		terminal bool
		took     time.Duration
		shown    bool
	}{{true, 2 * time.Second, true}, {true, patience / 2, false}, {false, time.Hour, false}} {
		var out bytes.Buffer
		now := time.Unix(0, 0)
		s := &session{err: &out, terminal: terminals{err: c.terminal}, now: func() time.Time { return now }}
		m := s.meter("重建 rebuilding", 100)
		now = now.Add(c.took)
		m.set(50)
		m.of(200)
		require.Equal(t, c.shown, strings.Contains(out.String(), "重建 rebuilding"), c)
		m.end()
	}
}
