package intake

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// ends imports a file and returns how its rows ended (accepted, duplicate, changed, nothing) and
// the refused ones as "row column kind".
func ends(t *testing.T, d *Door, file string) (counts [4]int, refused []string) {
	t.Helper()
	r, err := d.Import(t.Context(), Caller{Division: "520603"}, "f.csv", []byte(file), ImportOptions{Record: true})
	require.NoError(t, err)
	for _, x := range r.Rejected {
		refused = append(refused, x.Column+" "+string(x.Kind))
	}
	return [4]int{r.Accepted, r.Duplicates, r.Changed, r.Nothing}, refused
}

// settled is a door that knows one community and, in one dwelling of it, the households h1 and h2.
func settled(t *testing.T) *Door {
	d := testDoor(t)
	counts, refused := ends(t, d, "安置区名称,社区编码,类型,成立日期,组织形式\n安和社区,520603001501,农村,2018-03-01,并入原有村\n")
	require.Equal(t, [4]int{1}, counts, refused)
	counts, refused = ends(t, d, "户编号,人编号,与户主关系,户类型,安置区,楼栋单元房号,入住日期\n"+
		"h1,p1,户主,脱贫户,安和社区,1栋1单元101,2019-01-01\nh2,p2,户主,脱贫户,安和社区,1栋1单元101,2019-02-01\n")
	require.Equal(t, [4]int{2}, counts, refused)
	return d
}

func TestWhatBecomesOfRows(t *testing.T) {
	const labour = "人编号,就业状态,入职日期,离职日期,月工资(元),核实日期\n"
	const titles = "户编号,安置区,坐落,业务号,受理日期,登簿日期\n"
	const visits = "户编号,走访日期,走访目的,入住情况\n"
	for name, given := range map[string]struct {
		file    string
		counts  [4]int
		refused []string
	}{
		"a row with a bad cell is no repetition of one that has none": {
			labour + "p1,在岗,2020-01-01,,3200,\np1,在岗,2020-01-01,不详,3200,\np1,在岗,2020-01-01,,三千,\n",
			[4]int{1},
			[]string{"离职日期 bad_date", "月工资(元) bad_number"},
		},
		"of two rows the one that states less is the repetition": {
			labour + "p1,在岗,2020-01-01,,,\np1,在岗,2020-01-01,,3200,2020-02-01\n", [4]int{1, 1}, nil,
		},
		"an address that is nobody's comes before a later bad cell": {
			titles + "h1,安和社区,9栋9单元909,S1,2020-01-01,去年\n", [4]int{}, []string{"坐落 unknown"},
		},
		"what is missing for a fact comes before a later bad cell": {
			labour + "p1,在岗,,,3200,不详\n", [4]int{}, []string{"入职日期 missing"},
		},
		"a visit to a dwelling that two households share is theirs both": {
			visits + "h1,2020-01-01,日常走访,常住\nh2,2020-01-02,日常走访,空置\n", [4]int{2}, nil,
		},
		"a day of beginning states a job, whatever the column of the state says": {
			labour + "p1,,2020-01-01,,,\np2,未就业,2020-01-01,2020-05-01,,\n", [4]int{1}, []string{"统计日期 missing"},
		},
		"an empty column of the head comes before a later bad cell": {
			"户编号,人编号,与户主关系,户类型,安置区,入住日期\nh9,p9,户主,,不存在,2019-01-01\n", [4]int{}, []string{"户类型 missing"},
		},
		"an empty cell that a fact cannot do without comes before a later bad cell": {
			"安置区名称,社区编码,类型,成立日期,组织形式\n乙社区,520603002502,,不详,并入原有村\n", [4]int{}, []string{"类型 missing"},
		},
		"every row of the industry file names a household": {
			"项目编号,启动日期,户编号,联结方式,联结起始日\nP1,2019-01-01,,订单,2019-02-01\n", [4]int{}, []string{"户编号 missing"},
		},
		"a refused head of a known household states nothing of it": {
			"户编号,人编号,与户主关系,户类型,安置区,入住日期\nh1,p1,户主,脱贫户,不存在,2019-01-01\nh1,p3,子女,脱贫户,安和社区,\n",
			[4]int{},
			[]string{"安置区 unknown", "人编号 missing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			counts, refused := ends(t, settled(t), given.file)
			require.Equal(t, given.refused, refused)
			require.Equal(t, given.counts, counts)
		})
	}
}
