package intake

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain/sample/county"
)

// FuzzTemplate reads anything as a user's template: it is compiled or refused.
func FuzzTemplate(f *testing.F) {
	for _, t := range []string{
		"template: a\nversion: 1\ndepartment: hrss\ncolumns:\n  Case: {form: number, entity: person}\n  T: {form: date}\nfacts:\n  - {type: job.placed, time: T, key: [Case, T], data: {person: {of: Case}}}\n",
		"a: &a [*a]", "columns: {x: }", "facts: [{type: job.placed, data: {person: {of: }}}]", "template: \xff",
	} {
		f.Add([]byte(t))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		template, err := ParseTemplate(b)
		if err != nil {
			require.ErrorIs(t, err, ErrTemplate)
			return
		}
		require.NotEmpty(t, template.Facts)
	})
}

// FuzzImport reads anything as a file of the built-in templates: every row ends somewhere, and a
// dry run records nothing.
func FuzzImport(f *testing.F) {
	for _, name := range []string{"0_communities.csv", "4_facilities.csv", "a_funds_disbursed.csv"} {
		f.Add(county.File(name))
	}
	f.Add([]byte("人编号,就业状态,入职日期,月工资(元),离职日期\n5.20603E+13,在岗,43895,３２００,2020年13月5日\n合计,,,,\n"))
	f.Add([]byte("户编号,人编号,姓名,与户主关系,户类型,入住日期\nh1,p1,甲,户主,脱贫户,2019-01-01\nh1,p2,乙,子女,,/\n"))
	d := testDoor(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := d.Import(t.Context(), Caller{Division: county.Division}, "f", b, ImportOptions{})
		if err != nil || r.Needs != nil {
			return
		}
		require.Equal(t, r.Rows, r.Accepted+r.Duplicates+r.Changed+r.Nothing+len(r.Rejected))
		require.Zero(t, d.directory.Position(52))
	})
}
