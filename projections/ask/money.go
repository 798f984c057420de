package ask

import (
	"cmp"
	"context"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// idleFunds is question 13.
func idleFunds() Question {
	sums := []Column{
		column("funds", Count, "资金笔数", "funds"), column("allocated", Money, "下达", "allocated"), column("spent", Money, "拨付", "spent"),
		column("spent_share", Percent, "拨付比例", "spent share"), column("idle_funds", Count, "闲置笔数", "idle funds"), column("idle", Money, "闲置", "idle"),
	}
	return Question{
		Number: 13, Name: "idle-funds", Title: domain.Text{ZH: "资金下达、拨付与闲置", EN: "Funds allocated, spent and idle"},
		Meaning: domain.Text{
			ZH: "按措施和来源汇总的资金（一笔资金是一个来源给一个设施或项目的钱）：下达、拨付；下达未拨完、且最近一次下达或拨付已超过 months（默认12）个月的，其余额为闲置。没有写明措施的另列一行。行下的记录是闲置资金的。",
			EN: "Funds by measure and source (a fund is one source's money for one facility or project): allocated and spent; what is left of a fund is idle when it was neither allocated nor disbursed for more than `months` (12) months. Funds that name no measure stand in a row of their own. The events of a row are those of its idle funds.",
		},
		Options: []Option{inDivision(), {
			Name: "months", Kind: NumberOption, Default: "12", Min: 1, Max: 120, Title: domain.Text{ZH: "多少个月没有变动算闲置", EN: "after how many months without movement money is idle"},
		}},
		Summary: sums,
		Columns: append([]Column{column("measure", Level, "措施", "measure"), column("source", Level, "来源", "source")}, sums...),
		answer:  answerFunds,
	}
}

// purse sums funds.
type purse struct {
	funds, idleFunds       int
	allocated, spent, idle domain.Fen
	events                 []domain.EventID
}

func (p *purse) add(f *projections.FundRow, idle bool) {
	p.funds, p.allocated, p.spent = p.funds+1, p.allocated+f.Allocated, p.spent+f.Disbursed
	if idle {
		p.idleFunds, p.idle, p.events = p.idleFunds+1, p.idle+f.Allocated-f.Disbursed, append(p.events, f.Events...)
	}
}

func (p *purse) cells() []Cell {
	return []Cell{count(p.funds), money(p.allocated), money(p.spent), share(int(p.spent), int(p.allocated)), count(p.idleFunds), money(p.idle)}
}

func answerFunds(_ context.Context, a *asked) error {
	works, err := a.Known.Works(a.division, a.At)
	if err != nil {
		return err
	}
	type group struct {
		measure domain.MeasureCode
		source  domain.FundSource
	}
	purses, all := map[group]*purse{}, purse{}
	for i := range works.Funds {
		f := &works.Funds[i]
		g := group{f.Measure, f.Source}
		if purses[g] == nil {
			purses[g] = &purse{}
		}
		idle := f.Idle(a.At, a.number("months"))
		purses[g].add(f, idle)
		all.add(f, idle)
	}
	measures := domain.DefaultMeasures()
	for g, p := range purses {
		measure := plain(string(g.measure))
		if m, known := measures.Find(g.measure); known {
			measure.Names = m.Name
		}
		a.add(p.events, append([]Cell{measure, code(g.source)}, p.cells()...)...)
	}
	a.sort(7, true)
	a.sum(all.cells()...)
	return nil
}

// moneyPerStable is question 14.
func moneyPerStable() Question {
	return Question{
		Number: 14, Name: "money-per-stable-household", Title: domain.Text{ZH: "每个稳定户对应的资金", EN: "Money per household that became stable"},
		Meaning: domain.Text{
			ZH: "下一级区划各自的已拨付资金、户数、状态为稳得住或逐步能致富的户数，以及两者之比。只记在本级区划上的资金和户列为本级一行，不摊到下级；没有稳定户或没有资金记录的，比值未知。",
			EN: "Of each division one level below: the money disbursed, the households, those that are stable or getting rich on the day, and the money for each of these. What is recorded of the division itself only stands in a row of its own and is not spread; without a stable household, or without any fund recorded, the ratio is not known.",
		},
		Options: []Option{inDivision()},
		Summary: perStableColumns(),
		Columns: append([]Column{column("division", Division, "区划", "division"), column("name", Words, "名称", "name")}, perStableColumns()...),
		answer:  answerPerStable,
	}
}

func perStableColumns() []Column {
	return []Column{
		column("disbursed", Money, "拨付", "disbursed"), column("households", Count, "户数", "households"), column("stable", Count, "稳定户", "stable"),
		column("stable_share", Percent, "稳定占比", "stable share"), column("per_stable", Money, "每稳定户", "for each stable household"),
	}
}

// worth is money and households of one division.
type worth struct {
	funds, households, stable int
	disbursed                 domain.Fen
}

func (w *worth) cells() []Cell {
	spent, each := Cell{}, Cell{}
	if w.funds > 0 {
		spent = money(w.disbursed)
		if w.stable > 0 {
			each = money(w.disbursed / domain.Fen(w.stable))
		}
	}
	return []Cell{spent, count(w.households), count(w.stable), share(w.stable, w.households), each}
}

func answerPerStable(ctx context.Context, a *asked) error {
	found, err := a.Known.Sift(ctx, a.division, a.At, domain.Word.Counted)
	if err != nil {
		return err
	}
	ids := make([]domain.Entity, len(found.Households))
	for i := range ids {
		ids[i] = found.Households[i].Household
	}
	where, err := projections.Look(ctx, a.Known, ids, a.At, func(_ domain.Entity, r *domain.Reader) domain.Division { return r.Division(a.At) })
	if err != nil {
		return err
	}
	works, err := a.Known.Works(a.division, a.At)
	if err != nil {
		return err
	}
	below, all := map[domain.Division]*worth{}, worth{}
	of := func(d domain.Division) *worth {
		d = childOf(a.division, d)
		if below[d] == nil {
			below[d] = &worth{}
		}
		return below[d]
	}
	for i, h := range found.Households {
		stable := 0
		if s := h.Word.State(); s == domain.Stable || s == domain.GettingRich {
			stable = 1
		}
		for _, w := range []*worth{of(where[i]), &all} {
			w.households, w.stable = w.households+1, w.stable+stable
		}
	}
	for i := range works.Funds {
		for _, w := range []*worth{of(works.Funds[i].Division), &all} {
			w.funds, w.disbursed = w.funds+1, w.disbursed+works.Funds[i].Disbursed
		}
	}
	for d, w := range below {
		a.add(nil, append([]Cell{{Code: string(d)}, plain(d.FullName())}, w.cells()...)...)
	}
	a.sort(0, false)
	a.sum(all.cells()...)
	return nil
}

// childOf is the division one level below an area in which another lies, or the area itself.
func childOf(area, d domain.Division) domain.Division {
	if area == domain.Nation {
		area = ""
	}
	for _, n := range []int{2, 4, 6, 9, 12} {
		if n > len(area) && n <= len(d) {
			return d[:n]
		}
	}
	return cmp.Or(area, domain.Nation)
}
