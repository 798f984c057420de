package ask

import (
	"context"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// overdueFindings is question 16.
func overdueFindings() Question {
	return Question{
		Number: 16, Name: "overdue-findings", Title: domain.Text{ZH: "整改超期的督查问题", EN: "Findings of inspections overdue"},
		Meaning: domain.Text{
			ZH: "整改期限已过而没有通过整改的督查问题，超期最久的在前。没有写明期限的不会超期，其数量在说明中。",
			EN: "Findings past their due day without an accepted rectification, longest first. One without a due day is never overdue; how many there are is noted.",
		},
		Options: []Option{inDivision()},
		Columns: []Column{
			column("finding", Object, "问题", "finding"), column("about", Object, "涉及对象", "about"), column("kind", Level, "类型", "kind"), column("severity", Level, "程度", "severity"),
			column("owner", Level, "责任部门", "owner"), column("found", Date, "发现", "found"), column("due", Date, "期限", "due"), column("days", Days, "超期天数", "days late"),
			column("division", Division, "区划", "division"),
		},
		answer: func(_ context.Context, a *asked) error {
			open, err := a.Known.Findings(a.division, a.At)
			undated := 0
			for i := range open {
				switch f := &open[i]; {
				case !f.Due.Present():
					undated++
				case f.Due < a.At:
					a.add([]domain.EventID{f.Event}, entity(f.Finding.Entity), entity(f.Home), code(f.Kind), code(f.Severity), code(f.Owner),
						date(f.Day), date(f.Due), daysFrom(f.Due, a.At), Cell{Code: string(f.Division)})
				}
			}
			if undated > 0 {
				a.note("另有"+count(undated).In(false)+"个未整改的问题没有写明期限", count(undated).In(true)+" more that are not rectified have no due day")
			}
			a.sort(7, true)
			return err
		},
	}
}

// paidAfterEnd is question 17.
func paidAfterEnd() Question {
	return Question{
		Number: 17, Name: "paid-after-end", Title: domain.Text{ZH: "向死亡、销户、迁离者的发放", EN: "Payments to the dead, moved or closed"},
		Meaning: domain.Text{
			ZH: "所属月份（没有写明月份的，发放日）始于受领人死亡、户销户或户迁回原籍、迁离本县之后的发放；当月的不算。待遇种类密封，不显示。相隔最久的在前。",
			EN: "Payments for a month that begins (without a month: made on a day) after the person died, the household was closed, or it moved back to its origin or out of the county; the month itself is no fault. What is paid is sealed and not shown. Longest after first.",
		},
		Options: []Option{inDivision()},
		Summary: []Column{column("why", Level, "原因", "why"), column("payments", Count, "笔数", "payments"), column("amount", Money, "金额", "amount")},
		Columns: []Column{
			householdColumn(), personColumn(), column("why", Level, "原因", "why"), column("since", Date, "自", "since"),
			column("period", Month, "所属月份", "for the month"), column("paid", Date, "发放", "paid"), column("amount", Money, "金额", "amount"), column("days", Days, "之后天数", "days after"),
		},
		answer: answerPaidAfterEnd,
	}
}

func answerPaidAfterEnd(ctx context.Context, a *asked) error {
	rows, err := look(ctx, a, func(domain.Word) bool { return true }, a.mispaid)
	if err != nil {
		return err
	}
	a.Rows = rows
	a.sort(7, true)
	for _, t := range domain.TermsOf[domain.PaymentEnd]() {
		n, sum := 0, domain.Fen(0)
		for _, row := range a.Rows {
			if row.Cells[2].Code == t.Code {
				n, sum = n+1, sum+domain.Fen(row.Cells[6].Number)
			}
		}
		a.sum(term(t), count(n), money(sum))
	}
	return nil
}

// mispaid are the payments under a household that came after what ends them.
func (a *asked) mispaid(id domain.Entity, r *domain.Reader) (rows []Row) {
	payments := domain.UpTo(r.File().Payments, a.At)
	if len(payments) == 0 {
		return nil
	}
	ends := r.Ends(a.At)
	for i := range payments {
		p := &payments[i]
		day, period := p.Day, Cell{}
		if p.Period != 0 {
			day, period = p.Period.First(), plain(p.Period.String())
		}
		at := slices.IndexFunc(ends, func(e domain.Ended) bool { return e.Since < day && (!e.Person.Present() || e.Person == p.Person) })
		if at < 0 {
			continue
		}
		e := &ends[at]
		rows = append(rows, Row{[]Cell{
			entity(id), entity(p.Person.Entity), code(e.Why), date(e.Since), period, date(p.Day), money(p.Amount), daysFrom(e.Since, day),
		}, []domain.EventID{p.ID(), e.By}})
	}
	return rows
}

// registeredTwice is question 18.
func registeredTwice() Question {
	return Question{
		Number: 18, Name: "registered-twice", Title: domain.Text{ZH: "同一身份证号登记两次", EN: "The same person registered twice"},
		Meaning: domain.Text{
			ZH: "身份证号相同的两个在册人员（号码密封，比对在门内进行，答案不含号码），先登记的在左。由登记部门更正或作废其一后即消失。",
			EN: "Two members under one ID number (which stays sealed: it is compared inside the door, and no answer holds it), the one registered first at the left. It is gone when whoever registered one of them corrects or voids it.",
		},
		Options: []Option{inDivision()},
		Columns: []Column{
			householdColumn(), personColumn(), column("registered", Date, "登记", "registered"), column("other_household", Household, "另一户", "other household"),
			column("other_person", Person, "另一人", "other person"), column("other_registered", Date, "另一登记", "registered then"), column("since", Date, "自", "since"),
		},
		answer: answerTwice,
	}
}

func answerTwice(ctx context.Context, a *asked) error {
	q := projections.Query{Division: a.division, Limit: pageMost}
	for {
		list, err := a.Known.Discrepancies(ctx, q, a.At)
		if err != nil {
			return err
		}
		for i := range list.Discrepancies {
			d := &list.Discrepancies[i]
			p, two := twoPersons(d)
			if !two {
				continue
			}
			one, other := &d.Facts[0], &d.Facts[1]
			if other.Day < one.Day || other.Day == one.Day && p[1] < p[0] {
				one, other, p[0], p[1] = other, one, p[1], p[0]
			}
			a.add([]domain.EventID{one.Event, other.Event}, entity(one.Home), entity(p[0]), date(one.Day), entity(other.Home), entity(p[1]), date(other.Day), date(d.Since))
		}
		if list.Cursor == "" {
			break
		}
		if q.After, err = domain.ParseEntity(list.Cursor); err != nil {
			return err
		}
	}
	a.sort(6, false)
	return nil
}

// twoPersons are two persons under one ID number, in one county or in two: the member, and the other.
func twoPersons(d *projections.DiscrepancyRow) (found [2]domain.Entity, two bool) {
	n := 0
	for _, e := range d.Entities {
		if e.Kind() == domain.PersonKind && n < len(found) {
			found[n] = e
			n++
		}
	}
	return found, n == len(found) && len(d.Facts) == 2 && (d.Kind == domain.SecondNumber || d.Kind == domain.InTwoCounties)
}

// targetProgress is question 19.
func targetProgress() Question {
	return Question{
		Number: 19, Name: "target-progress", Title: domain.Text{ZH: "目标完成进度", EN: "Progress against targets"},
		Meaning: domain.Text{
			ZH: "区划内各级区划已设定（target.set）的目标：目标值、实际值、完成比例、期限；过期未达到的为超期。比率的值以万分之一计。",
			EN: "The targets that were set (target.set) for the divisions in it: value, actual figure, progress and due day; not reached past its day is overdue. Rates are in parts of ten thousand.",
		},
		Options: []Option{inDivision(), {
			Name: "indicator", Kind: CodeOption, Choices: domain.TermsOf[domain.Indicator](), Title: domain.Text{ZH: "只要这个指标", EN: "only this indicator"},
		}},
		Columns: []Column{
			column("division", Division, "区划", "division"), column("name", Words, "名称", "name"), column("indicator", Level, "指标", "indicator"),
			column("target", Count, "目标", "target"), column("actual", Count, "实际", "actual"), column("unit", Words, "单位", "unit"), column("progress", Percent, "进度", "progress"),
			column("due", Date, "期限", "due"), column("reached", Level, "达到", "reached"), column("overdue", Level, "超期", "overdue"),
		},
		answer: func(ctx context.Context, a *asked) error {
			targets, err := a.Known.Targets(ctx, a.division, domain.Indicator(a.Options["indicator"]), a.At)
			for i := range targets.Targets {
				t := &targets.Targets[i]
				a.add([]domain.EventID{t.Event}, Cell{Code: string(t.Division)}, plain(t.Division.FullName()), code(t.Indicator), count(int(t.Value)), count(int(t.Actual)),
					plain(t.Unit), Cell{Number: float64(t.Progress) / 100, IsNumber: true}, date(t.Due), yesNo(t.Reached), yesNo(t.Overdue))
			}
			return err
		},
	}
}
