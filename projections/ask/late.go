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
			ZH: "区划内的事实（更正、作废和账本自身的记录除外）从发生日到记入账本之日的天数，按记录部门：中位数、九成位、30天和90天内的占比、最长。九成位大的在前。",
			EN: "The days from the day on which a fact was true to the day on which the ledger took it, by the department that recorded it: the median, the ninth tenth, the shares within 30 and 90 days, the longest. Corrections, voids and the ledger's own acts do not count. The latest department first.",
		},
		Options: []Option{inDivision()},
		Columns: []Column{
			column("department", Level, "部门", "department"), column("facts", Count, "事实", "facts"), column("median", Days, "中位数", "median"), column("tenth", Days, "九成位", "ninth tenth"),
			column("within_30", Percent, "30天内", "within 30 days"), column("within_90", Percent, "90天内", "within 90 days"), column("longest", Days, "最长", "longest"),
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
	late := map[domain.Department][]int{}
	err = a.Known.Headings(ctx, a.division, func(h domain.Heading) {
		day, known := recorded.Day(h.Place)
		if known && h.Kind.Area != ownActs && h.Day <= a.At {
			late[h.Department] = append(late[h.Department], int(day-h.Day))
		}
	})
	if err != nil {
		return err
	}
	for department, days := range late {
		median, tenth := percentile(days, 50), percentile(days, 90)
		within := func(most int) Cell {
			n, _ := slices.BinarySearch(days, most+1)
			return share(n, len(days))
		}
		a.add(nil, code(department), count(len(days)), count(median), count(tenth), within(30), within(90), count(days[len(days)-1]))
	}
	a.sort(3, true)
	a.Down = "/v1/events"
	return nil
}
