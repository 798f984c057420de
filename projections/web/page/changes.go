package page

import (
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// changedHomes is how many households that differ are told, each with its records: a few milliseconds for each.
const changedHomes = 500

// changesPage compares the moment of the page with an earlier day, or with what was known of the same day by an
// earlier moment.
type changesPage struct {
	worksPage
	From, Since string // as an input of a form has them
	Compared    bool
	Transitions []transition
	Totals      []totalChange
	Total       string // whose homes and events are shown; "" = the households that differ
	Sum         string // what it was and is
}

// transition counts the households that went from one state or level to another.
type transition struct {
	Of, From, To string
	Households   int
}

func (p *Page) serveChanges(v *visit) error {
	l, query := v.lang, v.URL.Query()
	page := &changesPage{worksPage: worksPage{frame: p.frame(v, l.say("变化", "Changes"), "lists")}}
	page.Division = page.Home
	var err error
	if text := query.Get("division"); text != "" {
		if page.Division, err = domain.ParseDivision(text); err != nil {
			return badInput("division", text, noDivision)
		}
	}
	page.crumbs(page.Division)
	from := projections.Side{Known: v.moment.known, At: v.moment.day}
	switch day, since := query.Get("from"), query.Get("since"); {
	case day != "" && since != "":
		return badInput("from", day, oneEarlier)
	case day != "":
		if from.At, err = domain.ParseDay(day); err != nil {
			return badInput("from", day, wrongDay)
		}
		if from.At > v.moment.day {
			return badInput("from", day, notEarlier)
		}
		page.From = day
	case since != "":
		by, err := readInstant(since)
		if err != nil {
			return badInput("since", since, wrongInstant)
		}
		if v.moment.by != 0 && by > v.moment.by {
			return badInput("since", since, notEarlier)
		}
		page.Since = moment{by: by}.By()
		if from.Known, err = p.views.Then(v.moment.set, p.now, knownWait)(v.Context(), by); err != nil {
			return stopped(err)
		}
	default:
		return p.render(v, "changes", page)
	}
	if key := query.Get("total"); key != "" {
		return p.compareTotal(v, page, from, key)
	}
	return p.compare(v, page, from)
}

// compare fills in what differs.
func (p *Page) compare(v *visit, page *changesPage, from projections.Side) error {
	to := projections.Side{Known: v.moment.known, At: v.moment.day}
	d, err := from.Diff(v.Context(), to, page.Division, p.ledger.Directory(), projections.Query{Limit: changedHomes})
	if err != nil {
		return stopped(err)
	}
	l := v.lang
	page.tell(&d)
	page.totals(d.Totals)
	if d.Cursor != "" {
		page.Notes = append(page.Notes, grouped(d.Differ)+l.say("户不同，这里列出前500户；全部见 anju diff。", " households differ; the first 500 are listed here, and all by anju diff."))
	}
	for _, t := range d.Transitions {
		c := projections.Change{Dimension: t.Dimension, From: t.From, To: t.To, FromStale: t.FromStale, ToStale: t.ToStale}
		name, was, is := c.Said()
		page.Transitions = append(page.Transitions, transition{l.pick(name), l.pick(was), l.pick(is), t.Households})
	}
	rows := make([]sheetRow, len(d.Households))
	for i := range d.Households {
		rows[i] = page.changed(&d.Households[i])
	}
	page.Sheet.Columns = columns(l.say("户", "Household"), l.say("变化", "What differs"), l.say("仅因时间推移", "By time alone"))
	page.Sheet.Empty = l.say("没有户不同", "No household differs")
	return p.showChanges(v, page, rows)
}

// tell says what a comparison rests on.
func (w *changesPage) tell(d *projections.DiffAnswer) {
	w.Compared, w.Stand = true, standOf(d.To.Position, d.To.Lag, d.Parameters)
	w.note(d.From.Notes)
}

// changed is the row of a household that differs; its evidence are the records that made the difference.
func (w *changesPage) changed(d *projections.DiffRow) sheetRow {
	var what, passed []string
	var counted []domain.EventID // from which a rule counts
	for _, c := range d.Changes {
		name, was, is := c.Said()
		what = append(what, w.Lang.pick(name)+w.Lang.say("：", ": ")+w.Lang.pick(was)+" → "+w.Lang.pick(is))
		if c.Passed != nil {
			why := c.Passed.Day.String() + " " + w.Lang.pick(c.Passed.Reason)
			if c.Passed.Rule != "" {
				why += w.Lang.say("（", " (") + c.Passed.Rule + " = " + c.Passed.Value + w.Lang.say("）", ")")
			}
			passed = append(passed, why)
			counted = append(counted, c.Passed.Events...)
		}
	}
	row := sheetRow{Cells: []sheetCell{w.cellOfWho(d.Household), w.cellOfLines(what), w.cellOfLines(passed)}}
	for _, e := range append(d.Events, d.Others...) {
		row.Events = append(row.Events, e.Event)
	}
	for _, id := range counted {
		if !slices.Contains(row.Events, id) {
			row.Events = append(row.Events, id)
		}
	}
	return row
}

// cellOfLines is a cell of several lines.
func (w *changesPage) cellOfLines(lines []string) sheetCell {
	return sheetCell{Text: strings.Join(lines, w.Lang.say("；", "; ")), Lines: lines}
}

// showChanges searches, orders and pages the rows, or hands them out as a file.
func (p *Page) showChanges(v *visit, page *changesPage, rows []sheetRow) error {
	if err := page.Sheet.arrange(&page.frame, v.URL.Query(), rows); err != nil {
		return err
	}
	if answered, err := v.download("changes", page.Sheet.table()); answered {
		return err
	}
	if v.part() == "sheet" {
		return p.render(v, "sheetrows", &page.Sheet)
	}
	return p.render(v, "changes", page)
}
