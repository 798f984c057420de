package domain

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWorkingMeasuresAreACompleteList(t *testing.T) {
	m := DefaultMeasures()
	require.Len(t, m.List, 25)
	require.NotEmpty(t, m.Source)
	require.Contains(t, m.Notice.EN, "working list")
	areas := map[int]int{}
	for _, e := range m.List {
		areas[e.Area]++
		require.NotEmpty(t, e.Status, e.Code)
		require.NotZero(t, e.ValidFrom, e.Code)
	}
	require.Equal(t, map[int]int{1: 5, 2: 8, 3: 4, 4: 4, 5: 2, 6: 2}, areas)
	posts, ok := m.Find("b5")
	require.True(t, ok)
	require.Equal(t, "公益性岗位", posts.Name.ZH)
	require.Equal(t, []Department{"hrss"}, posts.Lead)
	_, ok = m.Find("z9")
	require.False(t, ok)
}

func TestListsOfMeasuresAreReadStrictly(t *testing.T) {
	good, err := os.ReadFile("reference/measures.json")
	require.NoError(t, err)
	cases := []struct{ name, old, new, message string }{
		{"a code twice", `"code": "a2"`, `"code": "a1"`, "stands twice"},
		{"an upper-case code", `"code": "a2"`, `"code": "A2"`, "not of the form"},
		{"an unknown area", `"code": "a2", "area": 1`, `"code": "a2", "area": 7`, "area"},
		{"an unknown department", `["edu", "ndrc"]`, `["police"]`, "department"},
		{"an unknown key", `"notice"`, `"remark"`, "remark"},
		{"no JSON", `{`, ``, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			bad := strings.Replace(string(good), c.old, c.new, 1)
			require.NotEqual(t, string(good), bad)
			_, err := ParseMeasures([]byte(bad))
			require.ErrorIs(t, err, ErrBadMeasures)
			require.ErrorContains(t, err, c.message)
		})
	}
	_, err = ParseMeasures([]byte(`{}`))
	require.ErrorIs(t, err, ErrBadMeasures)
}
