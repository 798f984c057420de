package page

import "github.com/anju-ledger/anju/domain"

// importPage is the shell of the import: its script speaks with the door at /v1/imports.
type importPage struct {
	frame
	County    string
	Templates []string
}

// templates are the files that the door recognises by their headers (docs/templates.md).
var templates = []domain.Text{
	{ZH: "安置社区", EN: "communities"},
	{ZH: "搬迁户登记", EN: "register of households"},
	{ZH: "就业台账", EN: "jobs"},
	{ZH: "不动产登记", EN: "titles"},
	{ZH: "配套设施", EN: "facilities"},
	{ZH: "产业利益联结", EN: "industry"},
	{ZH: "防返贫监测", EN: "monitoring"},
	{ZH: "走访记录", EN: "visits"},
	{ZH: "收入申报", EN: "incomes"},
	{ZH: "公共服务", EN: "public services"},
	{ZH: "资金拨付", EN: "disbursed funds"},
}

func (p *Page) serveImport(v *visit) error {
	page := importPage{frame: p.frame(v, v.lang.say("导入表格", "Import spreadsheets"), "import")}
	if len(page.Home) >= len("520603") {
		page.County = page.Home.County()
	}
	page.crumbs(page.Home)
	for _, t := range templates {
		page.Templates = append(page.Templates, v.lang.pick(t))
	}
	return p.render(v, "import", page)
}
