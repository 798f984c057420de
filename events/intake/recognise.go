package intake

import (
	"slices"

	"github.com/anju-ledger/anju/events/intake/sheet"
)

// layout is where a template's columns stand in a file.
type layout struct {
	template *Template
	header   int       // row number of the header
	first    int       // index of the first row behind it
	columns  []*column // by column of the file, nil where the template has none
	at       map[string]int
	titles   map[string]string // of the columns, as the file has them
}

// headerRows is how many rows are looked at for the header: titles and notes stand above it.
const headerRows = 20

// recognise finds the template and the row whose cells are its header: all needed columns are
// there, and of several templates the one that names the most columns wins. Columns may stand
// in any order; those that no template names are left alone.
func recognise(t *sheet.Table, templates []*Template) (best *layout) {
	most := 0
	for i, row := range t.Rows[:min(len(t.Rows), headerRows)] {
		for _, template := range templates {
			l := template.layout(row)
			if l != nil && len(l.at) > most {
				most, best = len(l.at), l
				best.first = i + 1
			}
		}
	}
	return best
}

// layout reads a row as the template's header, nil when a needed column is missing.
func (t *Template) layout(row sheet.Row) *layout {
	l := &layout{template: t, header: row.Number, columns: make([]*column, len(row.Cells)), at: map[string]int{}, titles: map[string]string{}}
	for i, cell := range row.Cells {
		c := t.headers[sheet.HeaderName(cell)]
		if c == nil {
			continue
		}
		if _, twice := l.at[c.name]; !twice {
			l.columns[i], l.at[c.name], l.titles[c.name] = c, i, sheet.Text(cell)
		}
	}
	for name, c := range t.Columns {
		if _, there := l.at[name]; c.Needed && !there {
			return nil
		}
	}
	if len(l.at) == 0 {
		return nil
	}
	return l
}

// isHeader reports a header that stands again further down, as where files were joined.
func (l *layout) isHeader(row sheet.Row) bool {
	for name, i := range l.at {
		if c := l.template.headers[sheet.HeaderName(row.Cell(i))]; c == nil || c.name != name {
			return false
		}
	}
	return true
}

// rankOf is the place of a file's template among the built-in ones, so that files are imported
// in the order in which they need each other; 0 for a user's template.
func rankOf(data []byte, own *Template) int {
	if own != nil {
		return 0
	}
	table, err := sheet.Read(data)
	if err != nil {
		return 0
	}
	l := recognise(table, Templates())
	return slices.IndexFunc(Templates(), func(t *Template) bool { return l != nil && t == l.template })
}
