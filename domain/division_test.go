package domain

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDivisionsAreBroughtToTheirShortestForm(t *testing.T) {
	cases := []struct{ name, given, want string }{
		{"a province", "52", "52"},
		{"a province with its zeros", "520000", "52"},
		{"a prefecture with its zeros", "520600", "5206"},
		{"a county stays", "520603", "520603"},
		{"a township that ends in 100 stays", "520603100", "520603100"},
		{"a county written as a township", "520603000", "520603"},
		{"a township written as a village", "520603001000", "520603001"},
		{"a province written as a village", "520000000000", "52"},
		{"a township of a prefecture without counties stays", "441900003", "441900003"},
		{"nothing is cut from four digits", "5200", "5200"},
		{"a village stays", "520603003501", "520603003501"},
		{"the nation", "000000", "00"},
		{"an odd length", "52060", ""},
		{"letters", "52060a", ""},
		{"nothing", "", ""},
		{"full-width digits", "５２", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseDivision(c.given)
			if c.want == "" {
				require.ErrorIs(t, err, ErrMalformedDivision)
				return
			}
			require.NoError(t, err)
			require.Equal(t, Division(c.want), got)
		})
	}
}

func TestDivisionsRollUp(t *testing.T) {
	require.Equal(t, []Division{"520603003", "520603", "5206", "52", Nation, ""}, ancestors("520603003501"))
	require.Equal(t, []Division{"4419", "44", Nation, ""}, ancestors("441900003"))
	require.True(t, Division("520603003501").Within("5206"))
	require.True(t, Division("520603003501").Within(Nation))
	require.False(t, Division("5206").Within("520603"))
	require.Equal(t, "520600", Division("5206").County())
	require.Equal(t, "000000", Nation.County())
	require.Equal(t, Division("52"), Division("520603003501").Province())
}

func ancestors(d Division) (up []Division) {
	for d != "" {
		d = d.Parent()
		up = append(up, d)
	}
	return up
}

func TestDivisionTableNamesPlaces(t *testing.T) {
	table := divisionTable()
	require.Len(t, table.codes, 44699)
	require.True(t, slices.IsSorted(table.codes))
	for i, c := range table.codes {
		short, err := ParseDivision(string(c))
		require.NoError(t, err)
		require.Equal(t, c, short)
		require.NotEmpty(t, table.names[i])
		require.True(t, c.Parent() == Nation || c.Parent().Known(), "%s has no parent", c)
	}
	require.Equal(t, "万山区", Division("520603").Name())
	require.Equal(t, "贵州省铜仁市万山区", Division("520603").FullName())
	require.Equal(t, "北京市东城区", Division("110101").FullName())
	require.Equal(t, "全国", Nation.FullName())
	require.True(t, Division("520603001501").Known(), "a village of a known township")
	require.False(t, Division("529999").Known())
	require.Empty(t, Division("529999").Name())
	require.Len(t, Nation.Children(), 31)
	require.Contains(t, Division("5206").Children(), Division("520603"))
	require.NotContains(t, Division("5206").Children(), Division("520603001"))
	require.Contains(t, Division("4419").Children(), Division("441900003"))
	require.Empty(t, Division("529999").Children())
}

func FuzzParseDivision(f *testing.F) {
	for _, s := range []string{"52", "520600", "520603001000", "0000", "52060", "５２"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDivision(s)
		if err != nil {
			require.Empty(t, d)
			return
		}
		again, err := ParseDivision(string(d))
		require.NoError(t, err)
		require.Equal(t, d, again, "the shortest form is a fixed point")
		require.Len(t, d.County(), 6)
		require.True(t, d.Within(d.Parent()) || d == Nation)
	})
}
