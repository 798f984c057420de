package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryFieldHasAPlainEnglishLabel: no unit, number or reference by the field's name alone, and no label that no
// field has.
func TestEveryFieldHasAPlainEnglishLabel(t *testing.T) {
	used := map[string]bool{}
	var walk func(kind string, fields []Field)
	walk = func(kind string, fields []Field) {
		for i := range fields {
			f := &fields[i]
			used[f.Label.ZH] = true
			for _, jargon := range []string{" fen", " dm2", " ref", " no", "_"} {
				require.False(t, strings.HasSuffix(f.Label.EN, jargon) || strings.Contains(f.Label.EN, jargon+" "), "%s %s: %q", kind, f.Name, f.Label.EN)
			}
			walk(kind, f.Children)
		}
	}
	for _, k := range Kinds() {
		walk(k.Name, k.Fields())
	}
	for _, line := range strings.Split(strings.TrimSpace(plainLabels), "\n") {
		zh, en, _ := strings.Cut(line, "|")
		require.True(t, used[zh] && en != "", line)
	}
	require.Equal(t, "wage a month (fen)", plainLabel("月工资（分）", "wage_fen_month"))
	require.Equal(t, "labour class", plainLabel("别的", "labour_class"))
}
