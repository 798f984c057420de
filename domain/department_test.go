package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDepartmentsRecordWhatTheCatalogueLetsThem(t *testing.T) {
	cases := []struct {
		name       string
		department Department
		kind       string
		target     Department
		want       bool
	}{
		{"a listed department may", "hrss", "job.placed", "", true},
		{"another department may not", "edu", "job.placed", "", false},
		{"any department may flag a risk", "bank", "risk.flagged", "", true},
		{"the ledger is no department of the world", "ledger", "risk.flagged", "", false},
		{"a department that does not exist may not", "police", "risk.flagged", "", false},
		{"nobody's name is not any department", "", "risk.flagged", "", false},
		{"the wildcard is no department", AnyDepartment, "risk.flagged", "", false},
		{"the department of the target corrects it", "nr", "record.corrected", "nr", true},
		{"another department does not", "hrss", "record.corrected", "nr", false},
		{"without a target nobody corrects", "hrss", "record.voided", "", false},
		{"the ledger voids nothing of others", "ledger", "record.voided", "ledger", false},
		{"only the ledger destroys keys", "ledger", "person.key_destroyed", "", true},
		{"a county does not", "county", "person.key_destroyed", "", false},
		{"whoever imports closes the batch", "civil", "import.batch_closed", "", true},
		{"a grievance is resolved by any department", "housing", "grievance.resolved", "", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k, ok := KindOf(c.kind)
			require.True(t, ok)
			require.Equal(t, c.want, MayRecord(c.department, k, c.target))
		})
	}
}

func TestRecordersAreNamedInFull(t *testing.T) {
	k, _ := KindOf("household.member_joined")
	require.ElementsMatch(t, []Department{"psb", "community", "rural"}, k.Recorders())
	k, _ = KindOf("risk.flagged")
	require.Len(t, k.Recorders(), len(Departments())-1)
	for _, k := range Kinds() {
		require.NotEmpty(t, k.Recorders(), k.Name)
	}
}

func TestDepartmentsHaveCodesAndNames(t *testing.T) {
	for _, d := range Departments() {
		got, ok := ParseDepartment(d.Code)
		require.True(t, ok)
		require.Equal(t, d.Text, Label(got))
	}
	_, ok := ParseDepartment("*")
	require.False(t, ok)
}
