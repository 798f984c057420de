package intake

import (
	"testing"

	"github.com/anju-ledger/anju/domain"
	"github.com/stretchr/testify/require"
)

// loadRegister imports rows of a register and returns how they ended: accepted, duplicate,
// changed, nothing, refused.
func loadRegister(t *testing.T, d *Door, rows string, effective domain.Day) (*FileReport, [5]int) {
	t.Helper()
	const head = "户编号,人编号,姓名,与户主关系,户类型,入住日期\n"
	r, err := d.Import(t.Context(), Caller{Division: "520603"}, "r.csv", []byte(head+rows), ImportOptions{Record: true, Effective: effective})
	require.NoError(t, err)
	return r, [5]int{r.Accepted, r.Duplicates, r.Changed, r.Nothing, len(r.Rejected)}
}

func TestARegisterThatComesAgainStatesOnlyWhatIsNew(t *testing.T) {
	d := testDoor(t)
	const two = "h1,p1,甲,户主,脱贫户,2019-01-01\nh1,p2,乙,子女,脱贫户,\n"
	const third = "h1,p3,丙,子女,脱贫户,\n"
	_, got := loadRegister(t, d, two, 0)
	require.Equal(t, [5]int{2, 0, 0, 0, 0}, got)

	report, got := loadRegister(t, d, two+third, 0)
	require.Equal(t, [5]int{0, 2, 0, 0, 1}, got, "a new member needs the day from which he belongs to the household")
	require.Equal(t, "人编号", report.Rejected[0].Column)
	_, got = loadRegister(t, d, two+third, 18000)
	require.Equal(t, [5]int{1, 2, 0, 0, 0}, got)
	require.Equal(t, 1, facts(t, d)["household.member_joined"])
	_, got = loadRegister(t, d, third+two, 18001)
	require.Equal(t, [5]int{0, 3, 0, 0, 0}, got)
	_, got = loadRegister(t, d, "h1,p2,,子女,,\n", 0)
	require.Equal(t, [5]int{0, 1, 0, 0, 0}, got, "empty cells and absent rows state nothing")

	report, got = loadRegister(t, d, "h1,p1,甲,户主,脱贫户,2019-01-01\nh1,p2,丁,子女,脱贫户,\n", 0)
	require.Equal(t, [5]int{0, 1, 1, 0, 0}, got)
	require.Equal(t, 3, report.Changes[0].Row)
	require.Equal(t, []Difference{{Field: "/data/members/1/name", Column: "姓名", Sealed: true}}, report.Changes[0].Fields)
}

func TestARefusedHeadRefusesTheHouseholdAndARefusedMemberOnlyHimself(t *testing.T) {
	d := testDoor(t)
	report, got := loadRegister(t, d, "h2,p4,甲,户主,脱贫户,20190101x\nh2,p5,乙,子女,脱贫户,\n", 0)
	require.Equal(t, [5]int{0, 0, 0, 0, 2}, got)
	require.Equal(t, domain.BadDate, report.Rejected[0].Kind)
	require.Equal(t, "户编号", report.Rejected[1].Column)
	report, got = loadRegister(t, d, "h3,p6,甲,户主,脱贫户,20190101\nh3,p7,乙,怪,脱贫户,\n", 0)
	require.Equal(t, [5]int{1, 0, 0, 0, 1}, got)
	require.Equal(t, domain.UnknownCode, report.Rejected[0].Kind)
	require.Equal(t, 1, facts(t, d)["household.registered"])
}

func TestAnErasedPersonsRowIsRefusedAsErased(t *testing.T) {
	d := testDoor(t)
	_, got := loadRegister(t, d, "h1,p1,甲,户主,脱贫户,2019-01-01\nh1,p2,乙,子女,脱贫户,\n", 0)
	require.Equal(t, [5]int{2, 0, 0, 0, 0}, got)
	person, err := d.Lookup(domain.PersonKind, "520603", "p2")
	require.NoError(t, err)
	_, problem := d.Forget(t.Context(), person, "req_1", "pipl_47")
	require.Nil(t, problem)
	report, got := loadRegister(t, d, "h1,p1,甲,户主,脱贫户,2019-01-01\nh1,p2,乙,子女,脱贫户,\n", 18000)
	require.Equal(t, [5]int{0, 1, 0, 0, 1}, got)
	require.Equal(t, domain.Erased, report.Rejected[0].Kind)
	require.Equal(t, "人编号", report.Rejected[0].Column)
	require.Empty(t, report.Rejected[0].Value)
}
