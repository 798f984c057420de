package page

import (
	"cmp"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// discrepancyHomes is up to how many homes the worklist looks into: it is worked off by townships.
const discrepancyHomes = 5000

// serveDiscrepancies lists what does not fit together, and who can settle it.
func (p *Page) serveDiscrepancies(v *visit) error {
	page := &worksPage{frame: p.frame(v, v.lang.say("矛盾", "Discrepancies"), "lists")}
	page.Division = page.Home
	kind, err := page.choose(v, "kind", v.lang.say("类型", "Kind"), domain.TermsOf[domain.DiscrepancyKind]())
	if err != nil {
		return err
	}
	if text := v.URL.Query().Get("division"); text != "" {
		if page.Division, err = domain.ParseDivision(text); err != nil {
			return badInput("division", text, noDivision)
		}
	}
	wanted := projections.Query{Division: page.Division, Limit: discrepancyHomes, Kind: domain.DiscrepancyKind(kind)}
	list, err := v.moment.known.Discrepancies(v.Context(), wanted, v.moment.day)
	if err != nil {
		return stopped(err)
	}
	page.crumbs(page.Division)
	page.Stand = standOf(list.Position, list.Lag, list.Parameters)
	page.note(list.Notes)
	if list.Cursor != "" {
		page.Notes = append(page.Notes, v.lang.say("矛盾很多，这里只列出前5,000户（处）；请选择下级区划。", "There are many: the first 5,000 households and places are listed; choose a division below."))
	}
	rows := make([]sheetRow, len(list.Discrepancies))
	for i := range list.Discrepancies {
		rows[i] = p.discrepancy(page, &list.Discrepancies[i])
	}
	l := v.lang
	page.Sheet.Columns = columns(l.say("矛盾", "What does not fit"), l.say("对象", "About"), l.say("另涉及", "And"), l.say("起自", "Since"), l.say("由谁处理", "Who can settle it"))
	page.Sheet.Empty = l.say("没有矛盾", "Nothing contradicts")
	return p.showWorks(v, page, "discrepancies", rows)
}

func (p *Page) discrepancy(w *worksPage, r *projections.DiscrepancyRow) sheetRow {
	row := sheetRow{Cells: []sheetCell{cellOf(w.Lang.pick(r.Name)), w.cellOfWho(r.Home), w.cellOfWho(p.otherOf(r)), cellOfDay(r.Since), cellOf(w.settlers(r.Settle))}}
	for i := range r.Facts {
		row.Events = append(row.Events, r.Facts[i].Event)
	}
	return row
}

// otherOf is whom a contradiction concerns beside its home: another household before all else, also
// that of a person who is registered twice.
func (p *Page) otherOf(r *projections.DiscrepancyRow) (other domain.Entity) {
	for _, e := range r.Entities {
		home, known := p.ledger.Directory().Home(e)
		switch {
		case e == r.Home:
		case e.Kind() == domain.HouseholdKind:
			return e
		case known && e.Kind() == domain.PersonKind && home.Entity != r.Home:
			return home.Entity
		case !other.Present():
			other = e
		}
	}
	return other
}

// settlers are the departments that recorded one of the facts.
func (w *worksPage) settlers(sources []string) string {
	var who []string
	for _, source := range sources {
		parts := strings.Split(source, "/")
		if len(parts) < 4 {
			continue
		}
		who = append(who, cmp.Or(w.Lang.place(domain.Division(parts[3])), parts[3])+" "+w.Lang.pick(domain.Label(domain.Department(parts[2]))))
	}
	return strings.Join(who, w.Lang.say("、", ", "))
}
