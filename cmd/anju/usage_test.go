package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOneFormIsChosen of an answer.
func TestOneFormIsChosen(t *testing.T) {
	code, out, message := anju(t, "ask", "3", "--csv", "--json", "--division", "520603")
	require.Equal(t, exitFailed, code)
	require.Empty(t, out)
	require.Contains(t, message, "只能选一个")
}

// TestAWrongLineIsToldInBothLanguages: what is wrong, with the name and the value, and where to read on.
func TestAWrongLineIsToldInBothLanguages(t *testing.T) {
	for line, says := range map[string]string{
		"board":                 `缺少参数 "<division>" / expected "<division>"`,
		"board 52 53":           "多余的参数 53 / unexpected argument 53",
		"bord":                  `多余的参数 bord，是否指 "void", "board", "book" / `,
		"board 52 --as-off x":   `没有 --as-off 这个选项，是否指 "--as-of" / `,
		"board 52 --colour red": "没有 --colour 这个选项 / unknown flag --colour",
		"board --lang":          "--lang 缺少值 / ",
		"ask 3 --cursor -1":     `--cursor 的值 "-1" 格式不符 / `,
		"ask 3 --set people":    `--set 的值 "people" 格式不符 / `,
		"bench --households x":  `--households 的值 "x" 格式不符 / `,
		"void":                  "缺少选项 --batch=ID, --division=CODE, --reason=CODE / missing flags: ",
		"board 52 --lang fr":    `--lang 只能是 "zh","en","auto" 之一，不能是 "fr" / `,
	} {
		code, out, message := anju(t, strings.Fields(line)...)
		require.Equal(t, exitUsage, code, line)
		require.Empty(t, out, line)
		require.Contains(t, message, says, line)
		require.Contains(t, message, "--help 查看用法 / wrong usage:", line)
	}
}
