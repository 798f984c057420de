package ask

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// What may happen to a household by time alone.
var (
	falls   = domain.Term{Code: "falls", Text: domain.Text{ZH: "状态转为有返贫风险或陷入困难", EN: "the state turns to at risk or in crisis"}}
	stale   = domain.Term{Code: "stale", Text: domain.Text{ZH: "住房、就业或收入过期", EN: "housing, employment or income goes stale"}}
	fallDue = domain.Term{Code: "due", Text: domain.Text{ZH: "有事项到期", EN: "something falls due"}}
)

// mayFallBack is question 11.
func mayFallBack() Question {
	return Question{
		Number: 11, Name: "may-fall-back", Title: domain.Text{ZH: "今后一段时间可能返贫的户", EN: "Who may fall back within some days"},
		Meaning: domain.Text{
			ZH: "现在既非有返贫风险也非陷入困难的户，如果 days（默认90）天内没有新的记录，将有下列情形的：状态因时间转差；住房、就业或收入由有效变为过期；就业核实、零就业走访、线索认定、帮扶计划、监测回访、收入申报或诉求到期。状态转差的在前，再按最早日期。",
			EN: "Households that are neither at risk nor in crisis now, to which one of these happens within `days` (90) if nothing new is recorded: time alone worsens the state; housing, employment or income goes stale; a job verification, zero-job visit, risk decision, help plan, review, income declaration or grievance falls due. Those whose state worsens first, then by the earliest day.",
		},
		Options: []Option{
			inDivision(),
			{Name: "days", Kind: NumberOption, Default: "90", Min: 1, Max: 366, Title: domain.Text{ZH: "今后多少天", EN: "how many days ahead"}},
			{Name: "reason", Kind: CodeOption, Choices: []domain.Term{falls, stale, fallDue}, Title: domain.Text{ZH: "只要这类原因", EN: "only for this reason"}},
		},
		Summary: []Column{column("reason", Level, "原因", "reason"), column("households", Count, "户数", "households")},
		Columns: append(append([]Column{householdColumn()}, siteColumns()...),
			column("state", Level, "现在状态", "state now"), column("falls_on", Date, "转差日期", "worsens on"), column("falls_to", Level, "转为", "turns to"),
			column("first", Date, "最早日期", "earliest"), column("reasons", Words, "原因", "reasons")),
		answer: answerMayFallBack,
	}
}

// coming is one thing that happens on a day if nothing is recorded until then.
type coming struct {
	day  domain.Day
	kind string // the code of the reason
	said domain.Text
}

// outlook is what comes to one household.
type outlook struct {
	row    Row
	coming []coming
}

func answerMayFallBack(ctx context.Context, a *asked) error {
	ids, err := a.households(ctx, func(w domain.Word) bool { return w.Counted() && !fallen(w.State()) })
	if err != nil {
		return err
	}
	made, err := projections.Look(ctx, a.Known, ids, a.At, a.outlook)
	if err != nil {
		return err
	}
	wanted := a.Options["reason"]
	counts := map[string]int{}
	for _, o := range made {
		met := map[string]bool{}
		for _, c := range o.coming {
			met[c.kind] = true
		}
		for kind := range met {
			counts[kind]++
		}
		if len(o.coming) > 0 && (wanted == "" || met[wanted]) {
			a.Rows = append(a.Rows, o.row)
		}
	}
	for _, t := range []domain.Term{falls, stale, fallDue} {
		a.sum(term(t), count(counts[t.Code]))
	}
	a.name(1)
	a.sort(6, false) // rows that never worsen keep this order
	slices.SortStableFunc(a.Rows, func(x, y Row) int { return compareCells(x.Cells[4], y.Cells[4], false) })
	return nil
}

func fallen(s domain.State) bool { return s == domain.AtRisk || s == domain.InCrisis }

// signOfRisk reports an obligation whose falling due is a sign of risk.
func signOfRisk(k domain.OverdueKind) bool {
	switch k {
	case domain.OverdueVerification, domain.OverdueZeroJobVisit, domain.OverdueDecision, domain.OverduePlan, domain.OverdueReview,
		domain.OverdueIncome, domain.OverdueGrievance:
		return true
	}
	return false
}

func (a *asked) outlook(id domain.Entity, r *domain.Reader) (o outlook) {
	end := a.At + domain.Day(a.number("days"))
	status := r.Answer(a.At)
	events, on, to := []domain.EventID(nil), domain.NoDay, Cell{}
	add := func(day domain.Day, kind domain.Term, zh, en string) {
		o.coming = append(o.coming, coming{day, kind.Code, domain.Text{ZH: day.String() + " " + zh, EN: day.String() + " " + en}})
	}
	for _, s := range r.Steps(nil) {
		if s.From > a.At && s.From <= end && fallen(s.Word.State()) {
			on, to = s.From, state(s.Word.State())
			add(on, falls, "转为"+s.Word.State().Label().ZH, "turns to "+s.Word.State().Label().EN)
			break
		}
	}
	for _, d := range []domain.Dimension{domain.Housing, domain.Employment, domain.IncomeLevel} {
		if now := &status.Dimensions[d]; !now.Stale && now.FreshUntil.Present() && now.FreshUntil < end {
			add(now.FreshUntil+1, stale, d.Label().ZH+"过期", d.Label().EN+" goes stale")
			events = append(events, now.Events...)
		}
	}
	for _, due := range r.DueNext(a.At) {
		if due.Due <= end && signOfRisk(due.Kind) {
			t := domain.OverdueKinds()[due.Kind]
			add(due.Due, fallDue, strings.TrimSuffix(t.ZH, "超期")+"到期", strings.TrimSuffix(t.EN, " overdue")+" is due")
			events = append(events, due.Events...)
		}
	}
	if len(o.coming) == 0 {
		return o
	}
	slices.SortStableFunc(o.coming, func(x, y coming) int { return cmp.Compare(x.day, y.day) })
	var zh, en []string
	for _, c := range o.coming {
		zh, en = append(zh, c.said.ZH), append(en, c.said.EN)
	}
	o.row = Row{[]Cell{
		entity(id), entity(siteOf(r.Roll(), a.At)), {}, state(status.State), date(on), to, date(o.coming[0].day), words(strings.Join(zh, "；"), strings.Join(en, "; ")),
	}, distinct(events)}
	return o
}

// distinct leaves every id once, in the order of their first naming.
func distinct[T comparable](ids []T) (once []T) {
	for _, id := range ids {
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	return once
}
