package page

import (
	"cmp"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// serveTotal lists who makes up a total: the households, communities, facilities and funds that add
// to it, each of which leads to its facts.
func (p *Page) serveTotal(v *visit) error {
	at := slices.IndexFunc(domain.Totals(), func(t domain.Total) bool { return t.Key == v.PathValue("key") })
	if at < 0 {
		return notThere(noTotal)
	}
	total := domain.Totals()[at]
	page := &worksPage{frame: p.frame(v, v.lang.pick(total.Label), "lists")}
	page.Division = page.Home
	var err error
	if text := v.URL.Query().Get("division"); text != "" {
		if page.Division, err = domain.ParseDivision(text); err != nil {
			return badInput("division", text, noDivision)
		}
	}
	a, err := v.moment.known.SharesOf(v.Context(), domain.TotalNo(at), page.Division, v.moment.day)
	if err != nil {
		return stopped(err)
	}
	page.crumbs(page.Division)
	page.Stand = standOf(a.Position, a.Lag, a.Parameters)
	page.note(a.Notes)
	rows := make([]sheetRow, len(a.Shares))
	for i, s := range a.Shares {
		who := page.cellOfWho(s.Home)
		if name := v.moment.known.NameOf(s.Home); name != "" {
			who.Text = name
		}
		rows[i].Cells = []sheetCell{who, cellOfNumber(s.Amount, cmp.Or(amount(s.Amount), "0"))}
	}
	page.Sheet.Columns = columns(v.lang.say("户、社区、设施或资金", "Household, community, facility or fund"), "#"+v.lang.pick(total.Label)+v.lang.unitOf(total))
	return p.showWorks(v, page, "total", rows)
}

// unitOf is what a total is counted in, for the head of a column.
func (l language) unitOf(t domain.Total) string {
	if t.Unit == "" {
		return ""
	}
	return l.say("（万元）", " (10,000 yuan)")
}
