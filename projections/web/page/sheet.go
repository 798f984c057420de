package page

import (
	"cmp"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// sheet is a table that its reader may search, put in order and take with him.
type sheet struct {
	Columns []sheetColumn
	Rows    []sheetRow // of the page
	Total   int        // of all pages
	First   int        // of the rows shown, from 1
	Last    int
	Path    string
	Hidden  []field // parameters that a search hands on
	Moment  moment
	Search  string
	Before  string
	After   string
	CSV     string
	XLSX    string
	Empty   string // what to say when there is no row at all
	Proofs  bool   // rows name the events they rest on
	lang    language
	found   []sheetRow // on every page, in order
}

// sheetColumn is one column.
type sheetColumn struct {
	Title  string
	Number bool
	Href   string // puts the rows in its order
	Order  string // "ascending" or "descending" when they are
}

// sheetCell is one value. What is not known is empty, and stands last in every order.
type sheetCell struct {
	Text     string
	Lines    []string // the text, where it is of several
	Href     string
	Who      string  // the id of a household or person, whom a roster may name
	Number   float64 // that the text writes, with IsNumber
	IsNumber bool
}

// sheetRow is one row, with the events that it rests on.
type sheetRow struct {
	Cells  []sheetCell
	Events []domain.EventID
	Proofs []field
	at     int // among the rows as they were given
}

// mostProofs is how many events a row links; a download names all.
const mostProofs = 4

// columns makes columns of their titles; # begins the title of one of numbers.
func columns(titles ...string) (all []sheetColumn) {
	for _, t := range titles {
		title, number := strings.CutPrefix(t, "#")
		all = append(all, sheetColumn{Title: title, Number: number})
	}
	return all
}

func cellOf(text string) sheetCell { return sheetCell{Text: text} }

func cellOfDay(d domain.Day) sheetCell {
	if !d.Present() {
		return sheetCell{}
	}
	return sheetCell{Text: d.String()}
}

// cellOfFen shows an amount in yuan.
func cellOfFen(f domain.Fen) sheetCell { return cellOfNumber(float64(f)/100, yuan(f)) }

func (f *frame) cellOfWho(e domain.Entity) sheetCell {
	if !e.Present() {
		return sheetCell{}
	}
	c := sheetCell{Text: e.String(), Href: entityAddress(e, f.To)}
	if k := e.Kind(); k == domain.HouseholdKind || k == domain.PersonKind {
		c.Who = c.Text
	}
	return c
}

// cellOfNumber is a number as it is shown.
func cellOfNumber(n float64, text string) sheetCell {
	return sheetCell{Text: text, Number: n, IsNumber: true}
}

// arrange searches, orders and pages the rows as an address asks: q is what is searched for, by the
// number of a column, desc the other direction.
func (s *sheet) arrange(f *frame, query url.Values, rows []sheetRow) error {
	s.lang, s.Path, s.Search, s.found = f.Lang, f.path, strings.TrimSpace(query.Get("q")), rows
	for i := range rows {
		rows[i].at = i
		s.Proofs = s.Proofs || len(rows[i].Events) > 0
	}
	s.search()
	if err := s.order(f, query); err != nil {
		return err
	}
	page := 1
	if n, err := strconv.Atoi(query.Get("page")); err == nil && n > 0 {
		page = n
	}
	s.Total = len(s.found)
	last := max(1, (s.Total+listRows-1)/listRows)
	page = min(page, last)
	begin := (page - 1) * listRows
	s.Rows = s.found[begin:min(begin+listRows, s.Total)]
	s.First, s.Last = begin+1, begin+len(s.Rows)
	if page > 1 {
		s.Before = with(f.Here, "page", strconv.Itoa(page-1))
	}
	if page < last {
		s.After = with(f.Here, "page", strconv.Itoa(page+1))
	}
	for i := range s.Rows {
		s.Rows[i].Proofs = f.evidence(s.Rows[i].Events[:min(len(s.Rows[i].Events), mostProofs)])
	}
	if s.Total > 0 {
		s.CSV, s.XLSX = with(f.Here, "as", "csv"), with(f.Here, "as", "xlsx")
	}
	for _, h := range f.Hidden() {
		if h.Name != "q" {
			s.Hidden = append(s.Hidden, h)
		}
	}
	s.Moment = f.Moment
	return nil
}

// search keeps the rows in which every word stands somewhere.
func (s *sheet) search() {
	words := strings.Fields(strings.ToLower(s.Search))
	if len(words) == 0 {
		return
	}
	var found []sheetRow
	for _, r := range s.found {
		var all strings.Builder
		for _, c := range r.Cells {
			all.WriteString(strings.ToLower(c.Text))
			all.WriteByte('\n')
		}
		text := all.String()
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			found = append(found, r)
		}
	}
	s.found = found
}

// order sorts the rows by a column, and links the orders that may be had.
func (s *sheet) order(f *frame, query url.Values) error {
	by, descending := -1, query.Get("desc") == "1"
	if text := query.Get("by"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n >= len(s.Columns) {
			return badInput("by", text, noColumn)
		}
		by = n
		slices.SortStableFunc(s.found, func(x, y sheetRow) int { return compareCells(x.Cells[by], y.Cells[by], descending) })
	}
	here := with(with(with(f.Here, "page", ""), "by", ""), "desc", "")
	for i := range s.Columns {
		c := &s.Columns[i]
		c.Href = with(here, "by", strconv.Itoa(i))
		switch {
		case i == by && descending:
			c.Order = "descending"
		case i == by:
			c.Order, c.Href = "ascending", with(c.Href, "desc", "1")
		case c.Number: // of numbers the largest are asked for first
			c.Href = with(c.Href, "desc", "1")
		}
	}
	return nil
}

func compareCells(x, y sheetCell, descending bool) int {
	switch {
	case x.Text == "" || y.Text == "":
		return cmp.Compare(len(y.Text), len(x.Text))
	case descending:
		x, y = y, x
	}
	if x.IsNumber && y.IsNumber {
		return cmp.Compare(x.Number, y.Number)
	}
	return cmp.Compare(x.Text, y.Text)
}

// table writes every row that was found, the head first.
func (s *sheet) table() iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		var head []any
		for _, c := range s.Columns {
			head = append(head, c.Title)
		}
		if s.Proofs {
			head = append(head, s.lang.say("依据的记录", "events"))
		}
		if !yield(head) {
			return
		}
		for i := range s.found {
			if !yield(s.found[i].values(s.Proofs)) {
				return
			}
		}
	}
}

// values are a row's cells in a file: numbers as numbers, and the ids of its events.
func (r *sheetRow) values(proofs bool) (row []any) {
	for _, c := range r.Cells {
		switch {
		case c.Text == "":
			row = append(row, "")
		case c.IsNumber:
			row = append(row, c.Number)
		default:
			row = append(row, harmless(c.Text))
		}
	}
	if proofs {
		ids := make([]string, len(r.Events))
		for i, id := range r.Events {
			ids[i] = id.String()
		}
		row = append(row, strings.Join(ids, " "))
	}
	return row
}

// More is how many events are not linked.
func (r sheetRow) More() int { return len(r.Events) - len(r.Proofs) }
