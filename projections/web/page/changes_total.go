package page

import (
	"net/url"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// totalChange is a total that differs, with the address of the homes and events that made it.
type totalChange struct {
	Label, Unit, From, To string
	Href                  string
}

// compareTotal fills in whose share of a total differs, by which records.
func (p *Page) compareTotal(v *visit, page *changesPage, from projections.Side, key string) error {
	no, known := domain.ParseTotal(key)
	if !known {
		var codes []domain.Term
		for _, t := range domain.Totals() {
			codes = append(codes, domain.Term{Code: t.Key, Text: t.Label})
		}
		return badInput("total", key, noTotal, codes...)
	}
	to := projections.Side{Known: v.moment.known, At: v.moment.day}
	d, err := from.DiffTotal(v.Context(), to, page.Division, no, projections.Query{Limit: changedHomes})
	if err != nil {
		return stopped(err)
	}
	page.tell(&d)
	l, t := v.lang, d.Total
	page.Total = key
	page.AllHref = page.address("")
	unit := l.unit(t.Unit)
	page.Sum = l.pick(t.Label) + l.say("：", ": ") + amount(t.From) + " → " + amount(t.To) + unit + l.say("（增 ", " (grew ") + amount(t.Grew) + l.say("，减 ", ", shrank ") + amount(t.Shrank) + l.say("）", ")")
	if d.Cursor != "" {
		page.Notes = append(page.Notes, grouped(t.Differ)+l.say("个对象的份额不同，这里列出前500个；全部见 anju diff --total。", " shares differ; the first 500 are listed here, and all by anju diff --total."))
	}
	rows := make([]sheetRow, len(t.Shares))
	for i := range t.Shares {
		rows[i] = page.shareRow(&t.Shares[i])
	}
	page.Sheet.Columns = columns(l.say("户、社区、设施、项目或资金", "Household, community, facility, project or fund"), "#"+l.say("原份额", "Share before"), "#"+l.say("现份额", "Share after"), l.say("因哪些记录", "By which records"))
	page.Sheet.Empty = l.say("这个数没有不同", "This total does not differ")
	return p.showChanges(v, page, rows)
}

// shareRow is the row of a home whose share differs.
func (w *changesPage) shareRow(s *projections.ShareRow) sheetRow {
	who := w.cellOfWho(s.Home)
	if s.Name != "" {
		who.Text = s.Name
	}
	row := sheetRow{}
	var lines []string
	for i := range s.Events {
		e := &s.Events[i]
		line := e.Day.String() + " " + w.Lang.pick(e.Name) + " " + grew(e.Amount)
		if e.Home != s.Home {
			line += w.Lang.say("（记录在 ", " (recorded under ") + e.Home.String() + w.Lang.say("）", ")")
		}
		lines = append(lines, line)
		row.Events = append(row.Events, e.Event)
	}
	if s.More {
		lines = append(lines, w.Lang.say("其余的记录 ", "further records ")+grew(s.Rest))
	}
	row.Cells = []sheetCell{who, cellOfNumber(s.From, amount(s.From)), cellOfNumber(s.To, amount(s.To)), w.cellOfLines(lines)}
	return row
}

// grew writes by how much something grew or shrank.
func grew(n float64) string {
	if n < 0 {
		return "−" + amount(-n)
	}
	return "+" + amount(n)
}

// totals lists the totals that differ, each leading to its homes and events.
func (w *changesPage) totals(all []projections.TotalChange) {
	for _, c := range all {
		no, _ := domain.ParseTotal(c.Key)
		t := domain.Totals()[no]
		w.Totals = append(w.Totals, totalChange{w.Lang.pick(t.Label), w.Lang.unit(t.Unit), amount(c.From), amount(c.To), w.address(c.Key)})
	}
}

// address is that of the same comparison, of a total or of all.
func (w *changesPage) address(total string) string {
	query := url.Values{"division": {string(w.Division)}}
	for name, value := range map[string]string{"from": w.From, "since": w.Since, "total": total} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return w.To("/changes?" + query.Encode())
}
