package ask

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// lookedAtMe is question 28.
func lookedAtMe() Question {
	return Question{
		Number: 28, Name: "looked-at-me", Title: domain.Text{ZH: "谁看过我的记录，为什么", EN: "Who looked at my record, and why"},
		Meaning: domain.Text{
			ZH: "账本还不知道查询者是谁，因此不记录谁看过，也不猜测；有了身份之后才能回答。",
			EN: "The ledger does not know yet who asks, so that it keeps no record of who looked, and guesses none: it is answered once there is identity.",
		},
		Options: []Option{theHousehold(), theCounty()},
		Columns: []Column{column("moment", Words, "时刻", "moment"), column("who", Words, "谁", "who"), column("why", Words, "原因", "why")},
		answer:  func(context.Context, *asked) error { return ErrWaits },
	}
}

// theHousehold is the option of a question about one household.
func theHousehold() Option {
	return Option{Name: "household", Kind: HouseholdOption, Required: true, Title: domain.Text{ZH: "户的标识，或与 division 一起的户编号", EN: "the household's id, or its number together with its county as division"}}
}

// theCounty is where the number of a household is looked up.
func theCounty() Option {
	return Option{Name: "division", Kind: DivisionOption, Title: domain.Text{ZH: "编号所在的县", EN: "the county of the number"}}
}

// Whether what is owed is in time.
var (
	inTime = domain.Term{Code: "due", Text: domain.Text{ZH: "未到期", EN: "in time"}}
	isLate = domain.Term{Code: "overdue", Text: domain.Text{ZH: "已超期", EN: "overdue"}}
)

// dueNext is question 29.
func dueNext() Question {
	return Question{
		Number: 29, Name: "due-next", Title: domain.Text{ZH: "我家接下来要办什么", EN: "What is due next"},
		Meaning: domain.Text{
			ZH: "一户尚未办理的事项：已超期的全部列出，未到期的每类列出最近一项。最早的在前；天数为负即已超过。只依据截至日之前的记录。",
			EN: "What a household, or somebody for it, has not done yet: all that is overdue, and of each other kind the next. The earliest first; negative days are past. It rests on the facts up to the day alone.",
		},
		Options: []Option{theHousehold(), theCounty()},
		Columns: []Column{
			column("what", Level, "事项", "what"), column("due", Date, "应于", "due"), column("days", Days, "天数", "days"), column("standing", Level, "情况", "standing"),
		},
		answer: func(ctx context.Context, a *asked) error {
			id, err := a.entity("household", domain.HouseholdKind)
			if err != nil {
				return err
			}
			if _, err := a.Known.Household(id, a.At); err != nil {
				return err
			}
			made, err := projections.Look(ctx, a.Known, []domain.Entity{id}, a.At, func(_ domain.Entity, r *domain.Reader) []domain.Due {
				return nextOf(r, a.At)
			})
			if err != nil {
				return err
			}
			for _, d := range made[0] {
				standing := inTime
				if d.Days < 0 {
					standing = isLate
				}
				a.add(d.Events, owed(d.Kind), date(d.Due), count(d.Days), term(standing))
			}
			return nil
		},
	}
}

// nextOf is all that is overdue, and what comes next of each kind.
func nextOf(r *domain.Reader, at domain.Day) []domain.Due {
	all := slices.DeleteFunc(r.DueBy(at, at), func(d domain.Due) bool { return d.Due >= at })
	return append(all, r.DueNext(at)...)
}

// owed names what has to be done, not that it is late.
func owed(k domain.OverdueKind) Cell {
	t := domain.OverdueKinds()[k]
	return Cell{Code: t.Code, Names: domain.Text{ZH: strings.TrimSuffix(t.ZH, "超期"), EN: strings.TrimSuffix(t.EN, " overdue")}}
}

// doors is question 30.
func doors() Question {
	return Question{
		Number: 30, Name: "doors", Title: domain.Text{ZH: "本周要上门的户", EN: "This week's doors to knock on"},
		Meaning: domain.Text{
			ZH: "在门口办的事项：走访、零就业户走访、监测回访、就业核实、收入申报；已超期的，和 days（默认7）天内到期的。一户一行，最早到期的在前；天数为负即已超过。",
			EN: "What is done at the door: a visit, one to a zero-job household, the review of a case, the verification of a job, the declaration of income; overdue, or due within `days` (7). One row a household, the earliest due first; negative days are past.",
		},
		Options: []Option{
			inDivision(),
			{Name: "days", Kind: NumberOption, Default: "7", Min: 0, Max: 366, Title: domain.Text{ZH: "今后多少天", EN: "how many days ahead"}},
			{Name: "community", Kind: CommunityOption, Title: domain.Text{ZH: "只要这个安置社区：标识，或与 division 一起的编码或名称", EN: "only this community: its id, or its code or name together with its county as division"}},
			{Name: "overdue", Kind: CodeOption, Default: "yes", Choices: domain.TermsOf[domain.YesNo](), Title: domain.Text{ZH: "是否包括已超期的", EN: "whether what is overdue already is among them"}},
		},
		Summary: []Column{column("what", Level, "事项", "what"), column("overdue", Count, "已超期", "overdue"), column("due", Count, "未到期", "in time")},
		Columns: append(append([]Column{householdColumn()}, siteColumns()...),
			column("due", Date, "最早应于", "first due"), column("days", Days, "天数", "days"), column("tasks", Words, "事项", "what to do")),
		answer: answerDoors,
	}
}

// atTheDoor are the obligations that are met by going there.
func atTheDoor() []domain.OverdueKind {
	return []domain.OverdueKind{domain.OverdueVisit, domain.OverdueZeroJobVisit, domain.OverdueReview, domain.OverdueVerification, domain.OverdueIncome}
}

// door is one household with what is to be done there.
type door struct {
	row   Row
	tasks []domain.Due
}

func answerDoors(ctx context.Context, a *asked) error {
	site := domain.Entity(0)
	if a.Options["community"] != "" {
		var err error
		if site, err = a.entity("community", domain.CommunityKind); err != nil {
			return err
		}
	}
	made, err := look(ctx, a, domain.Word.Counted, func(id domain.Entity, r *domain.Reader) []door { return a.door(id, site, r) })
	if err != nil {
		return err
	}
	late, coming := map[domain.OverdueKind]int{}, map[domain.OverdueKind]int{}
	for _, d := range made {
		a.Rows = append(a.Rows, d.row)
		for _, t := range d.tasks {
			if t.Days < 0 {
				late[t.Kind]++
			} else {
				coming[t.Kind]++
			}
		}
	}
	for _, k := range atTheDoor() {
		a.sum(owed(k), count(late[k]), count(coming[k]))
	}
	a.name(1)
	a.sort(3, false)
	return nil
}

// door is none where nothing is to be done, or where the household lives elsewhere.
func (a *asked) door(id, only domain.Entity, r *domain.Reader) []door {
	site := siteOf(r.Roll(), a.At)
	if only.Present() && site != only {
		return nil
	}
	tasks := slices.DeleteFunc(r.DueBy(a.At, a.At+domain.Day(a.number("days"))), func(d domain.Due) bool {
		return !slices.Contains(atTheDoor(), d.Kind) || d.Days < 0 && a.Options["overdue"] == "no"
	})
	if len(tasks) == 0 {
		return nil
	}
	said, events := taskWords(tasks), []domain.EventID(nil)
	for _, t := range tasks {
		events = append(events, t.Events...)
	}
	return []door{{Row{[]Cell{
		entity(id), entity(site), {}, date(tasks[0].Due), daysFrom(a.At, tasks[0].Due), said,
	}, distinct(events)}, tasks}}
}

// taskWords tells each kind once, by its first day, and how often where it is more than one.
func taskWords(tasks []domain.Due) Cell {
	var zh, en []string
	for i, t := range tasks {
		same := func(o domain.Due) bool { return o.Kind == t.Kind }
		if slices.ContainsFunc(tasks[:i], same) {
			continue
		}
		times, name := "", owed(t.Kind).Names
		if n := len(slices.DeleteFunc(slices.Clone(tasks), func(o domain.Due) bool { return !same(o) })); n > 1 {
			times = " ×" + strconv.Itoa(n)
		}
		zh, en = append(zh, t.Due.String()+" "+name.ZH+times), append(en, t.Due.String()+" "+name.EN+times)
	}
	return words(strings.Join(zh, "；"), strings.Join(en, "; "))
}
