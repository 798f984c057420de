package ask

import (
	"context"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// changedFigure is question 25.
func changedFigure() Question {
	return Question{
		Number: 25, Name: "changed-figure", Title: domain.Text{ZH: "两个已知时刻之间数字的变化", EN: "What changed in a figure between two moments of knowledge"},
		Meaning: domain.Text{
			ZH: "同一截至日期的一个数字（figure：某状态、某方面水平、某种超期的户数，或一户一就业的户数，默认；也可为看板的任一总数，如 job_placed、funds_disbursed_wan_yuan），在已知时刻 from 与 known_at（默认现在）之间为什么变了：按入账先后，逐条列出使户计入（1）或不再计入（−1）、使户、社区、设施、项目或资金在总数中所占的份额增减的记录、更正或作废，并说明它改变了什么；一户各行之和是它的变化，没有改变这个数字的记录不列。没有记录的行，是别的对象的记录所致，或户移出移入区划，或一个对象第一百条以后的记录之和。按户翻页，行数指户数。",
			EN: "Why a figure as of one day (`figure`: the households in a state, at a level of a dimension, with something overdue, or employed, which is the default; or any total of a board, such as job_placed or funds_disbursed_wan_yuan) is not what it was as known at `from`, at known_at (now by default): in the order of the ledger each fact, correction or void by which a household came to count (1) or no longer counts (−1), or by which the share that a household, community, facility, project or fund has in the total grew or shrank, and what else it changed. The rows of a household add up to its change; what did not change the figure is left out. A row without an event comes of facts about something else, of a household that came to the division or left it, or is what the events of one home beyond a hundred make together. Pages go by household, and rows count households.",
		},
		Options: []Option{
			inDivision(),
			{Name: "from", Kind: MomentOption, Required: true, Title: domain.Text{ZH: "前一个已知时刻", EN: "the earlier moment of knowledge"}},
			{Name: "figure", Kind: CodeOption, Default: "employed", Choices: append(figures(), totalFigures()...), Title: domain.Text{ZH: "哪个数字", EN: "which figure"}},
		},
		Summary: []Column{
			column("figure", Level, "数字", "figure"), column("before", Count, "原来", "before"), column("after", Count, "后来", "after"), column("came", Count, "进入", "came in"), column("left", Count, "退出", "dropped out"),
		},
		Columns: []Column{
			column("home", Object, "户或对象", "household or other"), column("change", Count, "变化", "change"), column("day", Date, "日期", "day"), column("type", Level, "记录", "record"), column("department", Level, "部门", "department"),
			column("position", Words, "账本位置", "position"), column("became", Words, "改变了什么", "what it changed"), column("event", Event, "事件", "event"),
		},
		byHousehold: true,
		answer:      answerChanged,
	}
}

// figures are the figures that can be asked for.
func figures() []domain.Term {
	all := []domain.Term{{Code: "employed", Text: domain.Text{ZH: "一户一就业", EN: "employed"}}}
	for s := domain.InCrisis; s <= domain.Stabilising; s++ {
		all = append(all, domain.Term{Code: s.String(), Text: s.Label()})
	}
	for _, d := range domain.Dimensions() {
		for _, l := range d.Levels() {
			all = append(all, domain.Term{Code: d.String() + "." + l.Code, Text: domain.Text{ZH: d.Label().ZH + "：" + l.ZH, EN: d.Label().EN + ": " + l.EN}})
		}
	}
	for _, k := range domain.OverdueKinds()[:domain.OverdueFacility] {
		all = append(all, domain.Term{Code: overdueFigure + "." + k.Code, Text: k.Text})
	}
	return all
}

// overdueFigure stands before the kinds of what is overdue.
const overdueFigure = "overdue"

// figure reports whether a household counts in a figure.
func figure(name string, w domain.Word) bool {
	if !w.Counted() {
		return false
	}
	if dimension, level, of := strings.Cut(name, "."); of {
		if k, known := domain.ParseOverdueKind(level); known && dimension == overdueFigure {
			return w.Overdue(k)
		}
		d, _ := domain.ParseDimension(dimension)
		l, _ := d.ParseLevel(level)
		return w.Level(d) == l
	}
	return name == "employed" && w.Employed() || w.State().String() == name
}

func answerChanged(ctx context.Context, a *asked) error {
	by, _ := domain.ParseKnownAt(a.Options["from"]) // it was checked
	last := a.By
	if last == 0 {
		last = a.Now
	}
	if by > last {
		return refuse("from", a.Options["from"], domain.Malformed, "不晚于 known_at；不写即现在", "a moment not after known_at, which is now when it is left out", "请对调两个时刻，或改 from", "exchange the two, or choose another")
	}
	then, err := a.Then(ctx, by)
	if err != nil {
		return err
	}
	a.earlier(then.Stands(a.At), domain.Text{ZH: "from", EN: "from"})
	from, to := projections.Side{Known: then, At: a.At}, projections.Side{Known: a.Known, At: a.At}
	if total, is := domain.ParseTotal(a.Options["figure"]); is {
		return a.changedTotal(ctx, from, to, total)
	}
	was, err := a.words(ctx, from)
	if err != nil {
		return err
	}
	is, err := a.words(ctx, to)
	if err != nil {
		return err
	}
	before, after, changed := 0, 0, map[domain.Entity]int{}
	name := a.Options["figure"]
	for id, w := range was {
		if figure(name, w) {
			before++
			changed[id]--
		}
	}
	for id, w := range is {
		if figure(name, w) {
			after++
			changed[id]++
		}
	}
	var ids []domain.Entity
	came := 0
	for id, by := range changed {
		if by != 0 {
			ids = append(ids, id)
		}
		came += max(by, 0)
	}
	slices.Sort(ids)
	at := slices.IndexFunc(figures(), func(t domain.Term) bool { return t.Code == name })
	a.sum(term(figures()[at]), count(before), count(after), count(came), count(len(ids)-came))
	return a.changes(from, to, ids, changed)
}

// changes adds the rows of a page of households that came into a figure or dropped out of it.
func (a *asked) changes(from, to projections.Side, ids []domain.Entity, by map[domain.Entity]int) error {
	a.Count = len(ids)
	first, met := slices.BinarySearch(ids, a.after)
	if met {
		first++
	}
	page := ids[first:min(first+a.limit, len(ids))]
	if first+len(page) < len(ids) {
		a.Cursor = page[len(page)-1].String()
	}
	for _, id := range page {
		if err := a.turns(from, to, id, by[id]); err != nil {
			return err
		}
	}
	return nil
}

// turns adds the events by which a household came into the figure or dropped out of it: together they are its change.
func (a *asked) turns(from, to projections.Side, id domain.Entity, change int) error {
	turns, err := from.Turns(to, id, a.Ledger)
	if err != nil {
		return err
	}
	in := func(w domain.Word) int {
		if figure(a.Options["figure"], w) {
			return 1
		}
		return 0
	}
	for i := range turns {
		t := &turns[i]
		by := in(t.After) - in(t.Before)
		if by == 0 {
			continue
		}
		change -= by
		a.turned(id, count(by), &t.Entry, changes(t.Changes))
	}
	if change != 0 { // it came to the division or left it
		a.turned(id, count(change), &projections.Entry{}, Cell{})
	}
	return nil
}

// turned adds the row of one event by which a home's part in the figure changed; of none, where no event explains it.
func (a *asked) turned(home domain.Entity, by Cell, e *projections.Entry, became Cell) {
	cells := []Cell{entity(home), by, {}, {}, {}, {}, became, {}}
	if !e.Event.Present() {
		a.add(nil, cells...)
		return
	}
	copy(cells[2:], []Cell{date(e.Day), {Code: e.Type, Names: e.Name}, code(e.Department), plain(e.Position)})
	cells[7] = plain(e.Event.String())
	a.add([]domain.EventID{e.Event}, cells...)
}
