package page

import "github.com/anju-ledger/anju/domain"

// importPage is the shell of the import: its script speaks with the door at /v1/imports.
type importPage struct {
	frame
	County    string
	Templates []string
}

// templates are the files that the door recognises by their headers (docs/templates.md).
var templates = []domain.Term{
	{Code: "communities", Text: domain.Text{ZH: "安置社区", EN: "communities"}},
	{Code: "register", Text: domain.Text{ZH: "搬迁户登记", EN: "register of households"}},
	{Code: "labour", Text: domain.Text{ZH: "就业台账", EN: "jobs"}},
	{Code: "titles", Text: domain.Text{ZH: "不动产登记", EN: "titles"}},
	{Code: "facilities", Text: domain.Text{ZH: "配套设施", EN: "facilities"}},
	{Code: "industry", Text: domain.Text{ZH: "产业利益联结", EN: "industry"}},
	{Code: "monitoring", Text: domain.Text{ZH: "防返贫监测", EN: "monitoring"}},
	{Code: "visits", Text: domain.Text{ZH: "走访记录", EN: "visits"}},
	{Code: "income", Text: domain.Text{ZH: "收入申报", EN: "incomes"}},
	{Code: "services", Text: domain.Text{ZH: "公共服务", EN: "public services"}},
	{Code: "disbursed", Text: domain.Text{ZH: "资金拨付", EN: "disbursed funds"}},
}

func (p *Page) serveImport(v *visit) error {
	page := importPage{frame: p.frame(v, v.lang.say("导入表格", "Import spreadsheets"), "import")}
	page.County = page.HomeCounty()
	page.crumbs(page.Home)
	for _, t := range templates {
		page.Templates = append(page.Templates, v.lang.pick(t.Text))
	}
	return p.render(v, "import", page)
}

// template names the template of an import; one of a user's own has its own name.
func (l language) template(code string) string { return l.term(templates, code) }
