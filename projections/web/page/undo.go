package page

import (
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// undoPage asks whether an import is to be undone: its script speaks with the door at /v1/batches/{batch}/void, first
// without recording anything.
type undoPage struct {
	frame
	Batch       string
	County      string
	Import      *batchShown // what is known of the import
	Departments []option
	Reasons     []option
	Kinds       []option // by which the script names types
}

func (p *Page) serveUndo(v *visit) error {
	page := undoPage{frame: p.frame(v, v.lang.say("撤销导入", "Undo an import"), "ledger")}
	page.crumbs(page.Home)
	page.County = page.HomeCounty()
	if text := strings.TrimSpace(v.URL.Query().Get("batch")); text != "" {
		id, err := domain.ParseEntity(text)
		if err != nil || id.Kind() != domain.BatchKind {
			return badInput("batch", text, noBatch)
		}
		page.Batch = text
	}
	for _, b := range p.views.Batches(lastBatches) {
		if b.Batch.String() == page.Batch {
			shown := p.batch(v.Context(), &page.frame, b.Event)
			page.Import, page.County = &shown, string(b.Division)
		}
	}
	for _, t := range domain.TermsOf[domain.Department]() {
		if d := domain.Department(t.Code); d != domain.LedgerItself {
			page.Departments = append(page.Departments, option{Code: t.Code, Name: v.lang.pick(t.Text)})
		}
	}
	for _, t := range domain.TermsOf[domain.VoidReason]() {
		page.Reasons = append(page.Reasons, option{Code: t.Code, Name: v.lang.pick(t.Text)})
	}
	for _, k := range domain.Kinds() {
		page.Kinds = append(page.Kinds, option{Code: k.Name, Name: v.lang.pick(k.Label)})
	}
	return p.render(v, "undo", page)
}
