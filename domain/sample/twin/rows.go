package twin

import (
	"slices"
	"strconv"
	"strings"
)

// line is one row that was read: what its columns state, in one spelling, and what is wrong.
type line struct {
	number  int
	at      map[string]int    // places of the columns
	says    map[string]string // days as 2020-03-05, amounts in fen
	day     map[string]int
	wrongAt int
	column  string
	wrong   string
}

func (l *line) has(name string) bool { return l.says[name] != "" }

// refuse notes a fault; the first in column order counts, and the first told of one column.
func (l *line) refuse(name, kind string) {
	at := l.at[name]
	if l.wrong == "" || at < l.wrongAt {
		l.wrongAt, l.column, l.wrong = at, name, kind
	}
}

// recognise finds the header and the file's kind.
func recognise(rows []row) (layout, int) {
	for i, r := range rows {
		for _, l := range layouts() {
			known := 0
			for _, cell := range r.cells {
				if slices.ContainsFunc(l.columns, func(c column) bool { return c.name == plain(cell) }) {
					known++
				}
			}
			if known == len(l.columns) {
				return l, i
			}
		}
	}
	panic("twin: a file of none of the eleven kinds")
}

// lines reads the rows behind the header.
func (c *County) lines(data []byte) (layout, []*line) {
	rows := readRows(data)
	l, header := recognise(rows)
	var all []*line
	for _, r := range rows[header+1:] {
		first := ""
		for _, cell := range r.cells {
			if first = strings.TrimSpace(cell); first != "" {
				break
			}
		}
		if first == "" || first == "合计" || slices.Equal(r.cells, rows[header].cells) {
			continue
		}
		all = append(all, c.read(l, rows[header], r))
	}
	return l, all
}

func (c *County) read(l layout, header, r row) *line {
	one := &line{number: r.number, at: map[string]int{}, says: map[string]string{}, day: map[string]int{}}
	for i, name := range header.cells {
		one.at[plain(name)] = i
	}
	for _, col := range l.columns {
		cell := ""
		if i := one.at[col.name]; i < len(r.cells) {
			cell = plain(r.cells[i])
		}
		switch {
		case cell != "":
			c.readCell(one, col, cell)
		case col.must:
			one.refuse(col.name, "missing")
		}
	}
	return one
}

// readCell reads a filled cell.
func (c *County) readCell(l *line, col column, cell string) {
	value, wrong := cell, ""
	switch col.form {
	case "id", "household", "person":
		value, wrong = c.readID(col.form, cell)
	case "day":
		day, ok := readDay(cell)
		if l.day[col.name], value = day, Iso(day); !ok {
			wrong = "bad_date"
		}
	case "month":
		month, ok := readMonth(cell)
		if value = strconv.Itoa(month); !ok {
			wrong = "bad_date"
		}
	case "year":
		if year, ok := readNumber(cell, 0); !ok || year < 1900 || year > 2100 {
			wrong = "bad_number"
		}
	case "yuan", "area":
		value, wrong = amount(cell, 2, false)
	case "signed":
		value, wrong = amount(cell, 2, true)
	case "wan":
		value, wrong = amount(cell, 6, false)
	case "count":
		value, wrong = amount(cell, 0, false)
	case "code":
		if value = col.codes[cell]; value == "" {
			wrong = "unknown_code"
		}
	case "community":
		if !c.names[cell] {
			wrong = "unknown"
		}
	case "communities":
		for _, name := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("、，；", r) }) {
			if !c.names[plain(name)] {
				wrong = "unknown"
			}
		}
	case "project":
		if !c.projects[cell] {
			wrong = "unknown"
		}
	}
	if wrong != "" {
		l.refuse(col.name, wrong)
		return
	}
	l.says[col.name] = value
}

func (c *County) readID(form, cell string) (value, wrong string) {
	if lossy(cell) {
		return "", "lossy_number"
	}
	value = exact(cell)
	if form == "household" && c.households[value] == nil || form == "person" && c.persons[value] == nil {
		wrong = "unknown"
	}
	return value, wrong
}

func amount(cell string, places int, signed bool) (value, wrong string) {
	n, ok := readNumber(cell, places)
	switch {
	case !ok:
		return "", "bad_number"
	case n < 0 && !signed:
		return "", "negative"
	}
	return strconv.FormatInt(n, 10), ""
}
