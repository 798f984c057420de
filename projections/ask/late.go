package ask

import (
	"context"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// lateness is question 24.
func lateness() Question {
	return Question{
		Number: 24, Name: "late-data", Title: domain.Text{ZH: "各部门记录的滞后", EN: "Late data, by department"},
		Meaning: domain.Text{
			ZH: "区划内的事实（更正、作废和账本自身的记录除外）从发生日到记入账本之日的天数，按记录部门或记录类型（by），来自文件的与逐条上报的分列（文件行的业务键为 模板/类型/…；一次导入里每条记录的入账日都是导入那天，滞后多半是文件来得晚，不是事情报得晚）：中位数、九成位、当日、7天、30天和90天内的占比、最长，以及早于发生日入账的件数（计入当日之内）。九成位大的在前；每行的记录是最迟的一条。",
			EN: "The days from the day on which a fact was true to the day on which the ledger took it, by the department that recorded it or by type (by), those of files apart from those reported one by one (a file's row has the business key template/type/…; all facts of an import are recorded on its day, so that their lateness is mostly the file's): the median, the ninth tenth, the shares within the day, 7, 30 and 90 days, the longest, and how many came ahead of their day, which counts as within it. Corrections, voids and the ledger's own acts do not count. The latest first; the event of a row is its latest one.",
		},
		Options: []Option{inDivision(), {Name: "by", Kind: CodeOption, Default: byDepartment.Code, Choices: []domain.Term{byDepartment, byType}, Title: domain.Text{ZH: "按什么分行", EN: "what a row is of"}}},
		Columns: []Column{
			column("of", Level, "部门或类型", "of"), column("way", Level, "方式", "way"), column("facts", Count, "事实", "facts"), column("median", Days, "中位数", "median"), column("tenth", Days, "九成位", "ninth tenth"),
			column("within_0", Percent, "当日内", "within the day"), column("within_7", Percent, "7天内", "within 7 days"), column("within_30", Percent, "30天内", "within 30 days"), column("within_90", Percent, "90天内", "within 90 days"),
			column("longest", Days, "最长", "longest"), column("ahead", Count, "提前", "ahead"),
		},
		answer: answerLate,
	}
}

// ownActs is the area of the ledger's own acts.
const ownActs = 9

func answerLate(ctx context.Context, a *asked) error {
	recorded, err := a.Known.Recordings(ctx)
	if err != nil {
		return err
	}
	type row struct {
		of     string
		ofFile bool
	}
	all := map[row]*late{}
	err = a.Known.Headings(ctx, a.division, func(h domain.Heading) {
		day, known := recorded.Day(h.Place)
		if !known || h.Kind.Area == ownActs || h.Day > a.At {
			return
		}
		of := domain.Term{Code: h.Kind.Name, Text: h.Kind.Label}
		if a.Options["by"] == byDepartment.Code {
			of = domain.Term{Code: string(h.Department), Text: domain.Label(h.Department)}
		}
		key := row{of.Code, h.OfFile()}
		l := all[key]
		if l == nil {
			l = &late{of: of, way: oneByOne}
			if key.ofFile {
				l.way = fromFile
			}
			all[key] = l
		}
		days := int(day - h.Day)
		if len(l.days) == 0 || days > l.most {
			l.most, l.latest = days, h.ID()
		}
		l.days = append(l.days, days)
	})
	if err != nil {
		return err
	}
	for _, l := range all {
		a.add([]domain.EventID{l.latest}, l.cells()...)
	}
	a.sort(4, true)
	a.down("/v1/export?tables=facts&format=ndjson")
	return nil
}

// What the rows are of.
var (
	byDepartment = domain.Term{Code: "department", Text: domain.Text{ZH: "部门", EN: "department"}}
	byType       = domain.Term{Code: "type", Text: domain.Text{ZH: "记录类型", EN: "type of fact"}}
)

// In which way facts came.
var (
	fromFile = domain.Term{Code: "file", Text: domain.Text{ZH: "文件", EN: "file"}}
	oneByOne = domain.Term{Code: "single", Text: domain.Text{ZH: "逐条", EN: "one by one"}}
)

// late is how late the facts of one row came.
type late struct {
	of     domain.Term
	way    domain.Term
	days   []int
	most   int
	latest domain.EventID // the first met of equally late ones
}

func (l *late) cells() []Cell {
	median, tenth := percentile(l.days, 50), percentile(l.days, 90)
	within := func(most int) Cell {
		n, _ := slices.BinarySearch(l.days, most+1)
		return share(n, len(l.days))
	}
	ahead, _ := slices.BinarySearch(l.days, 0)
	return []Cell{
		term(l.of), term(l.way), count(len(l.days)), count(median), count(tenth), within(0), within(7), within(30), within(90), count(l.most), count(ahead),
	}
}

// percentile is the smallest of some numbers that so many of a hundred of them do not exceed; it sorts them.
func percentile(all []int, of int) int {
	slices.Sort(all)
	return all[max(0, (len(all)*of+99)/100-1)]
}
