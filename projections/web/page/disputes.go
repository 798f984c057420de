package page

import (
	"context"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// serveDisputes lists the records that somebody contests and nobody answered yet: what is wrong with each, and who answers.
func (p *Page) serveDisputes(v *visit) error {
	l := v.lang
	page := &worksPage{frame: p.frame(v, l.say("有异议的记录", "Disputed records"), "lists")}
	page.Division = page.Home
	var err error
	if text := v.URL.Query().Get("division"); text != "" {
		if page.Division, err = domain.ParseDivision(text); err != nil {
			return badInput("division", text, noDivision)
		}
	}
	list, err := v.moment.known.Discrepancies(v.Context(), projections.Query{Division: page.Division, Limit: discrepancyHomes, Kind: domain.Disputed}, v.moment.day)
	if err != nil {
		return stopped(err)
	}
	page.crumbs(page.Division)
	page.Stand = standOf(list.Position, list.Lag, list.Parameters)
	page.note(list.Notes)
	rows := make([]sheetRow, len(list.Discrepancies))
	for i := range list.Discrepancies {
		rows[i] = p.dispute(v.Context(), page, &list.Discrepancies[i])
	}
	page.Sheet.Columns = columns(l.say("有异议的记录", "Disputed record"), l.say("发生日期", "Happened on"), l.say("对象", "About"), l.say("异议", "What is wrong with it"),
		l.say("提出部门", "Disputed by"), l.say("提出日期", "Since"), l.say("由谁答复", "Who answers"))
	page.Sheet.Empty = l.say("没有未答复的异议", "No dispute waits for an answer")
	return p.showWorks(v, page, "disputes", rows)
}

// dispute is one row: the first of its facts is the record, the second the dispute.
func (p *Page) dispute(ctx context.Context, w *worksPage, r *projections.DiscrepancyRow) sheetRow {
	row := sheetRow{}
	if len(r.Facts) < 2 {
		return row
	}
	of, by := &r.Facts[0], &r.Facts[1]
	name := of.Type
	if kind, known := domain.KindOf(of.Type); known {
		name = w.Lang.pick(kind.Label)
	}
	row.Events = []domain.EventID{of.Event, by.Event}
	row.Cells = []sheetCell{
		{Text: name, Href: w.To("/events/", of.Event)},
		cellOfDay(of.Day), w.cellOfWho(r.Home), cellOf(p.claim(ctx, w.Lang, by.Event)),
		cellOf(w.settlers([]string{by.Source.String()})), cellOfDay(by.Day), cellOf(w.settlers([]string{of.Source.String()})),
	}
	return row
}

// claim is what a dispute says is wrong.
func (p *Page) claim(ctx context.Context, l language, id domain.EventID) string {
	record, err := p.findEvent(ctx, id.String())
	if err != nil {
		return ""
	}
	kind, err := record.Event.Kind()
	if err != nil {
		return ""
	}
	fact, err := kind.Decode(record.Event.Version, record.Event.Data)
	if d, ok := fact.(*domain.RecordDisputed); ok && err == nil {
		return l.pick(domain.Label(d.Claim))
	}
	return ""
}
