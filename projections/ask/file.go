package ask

import (
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/anju-ledger/anju/domain"
)

// byteOrderMark tells spreadsheet programs that a CSV file is UTF-8.
const byteOrderMark = "\uFEFF"

// WriteCSV writes every row under the names of the columns: codes as they are, money in fen, what is not
// known empty. The last columns are the events of each row and what the answer rests on, the same in
// every row, so that no figure leaves without them.
func (a *Answer) WriteCSV(to io.Writer) error {
	if _, err := io.WriteString(to, byteOrderMark); err != nil {
		return err
	}
	w := csv.NewWriter(to)
	var head []string
	for _, c := range a.Columns {
		head = append(head, c.Name)
	}
	basis := a.basis()
	head = append(head, "events")
	for _, b := range basis {
		head = append(head, b[0])
	}
	if err := w.Write(head); err != nil {
		return err
	}
	for i := range a.Rows {
		row := make([]string, 0, len(head))
		for _, c := range a.Rows[i].Cells {
			row = append(row, c.raw())
		}
		row = append(row, a.Rows[i].evidence())
		for _, b := range basis {
			row = append(row, b[1])
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// basis names what the answer rests on.
func (a *Answer) basis() [][2]string {
	basis := [][2]string{{"as_of", a.AsOf.String()}, {"known_at", a.KnownAt.String()}}
	if a.KnownThen != 0 {
		basis = append(basis, [2]string{"known_then", a.KnownThen.String()})
	}
	return append(basis, [][2]string{{"definition", a.Definition}, {"parameters", a.Parameters}, {"position", a.Position.String()}}...)
}

// evidence lists the events of a row.
func (r *Row) evidence() string {
	ids := make([]string, len(r.Events))
	for i, id := range r.Events {
		ids[i] = id.String()
	}
	return strings.Join(ids, " ")
}

// raw is the cell as a program reads it: the code before the name, of a sentence the English one. A text
// that a spreadsheet would take for a formula begins with an apostrophe.
func (c Cell) raw() string {
	text := c.Code
	switch {
	case c.IsNumber:
		return strconv.FormatFloat(c.Number, 'f', -1, 64)
	case text == "":
		text = c.Names.EN
	}
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		text = "'" + text
	}
	return text
}

// WriteXLSX writes a workbook: the rows with heads and names in both languages, numbers as numbers, money
// in yuan; and on a second sheet what was asked, how it is defined, and what it rests on.
func (a *Answer) WriteXLSX(to io.Writer) (err error) {
	file := excelize.NewFile()
	defer func() { _ = file.Close() }() // nothing of it is on disk
	if err := a.rowsSheet(file); err != nil {
		return err
	}
	if err := a.aboutSheet(file); err != nil {
		return err
	}
	return file.Write(to)
}

func (a *Answer) rowsSheet(file *excelize.File) error {
	var all [][]any
	var head []any
	for _, c := range a.Columns {
		head = append(head, c.Title.ZH+" "+c.Title.EN)
	}
	all = append(all, append(head, "记录 events"))
	for i := range a.Rows {
		var row []any
		for k, c := range a.Rows[i].Cells {
			row = append(row, c.shown(a.Columns[k].Kind))
		}
		all = append(all, append(row, a.Rows[i].evidence()))
	}
	return fill(file, "Sheet1", all)
}

// shown is the cell in a workbook.
func (c Cell) shown(k Kind) any {
	switch {
	case !c.Known():
		return nil
	case c.IsNumber && k == Money:
		return c.Number / 100
	case c.IsNumber:
		return c.Number
	case c.Names != (domain.Text{}) && c.Code == "":
		return c.Names.ZH + " / " + c.Names.EN
	case c.Names != (domain.Text{}):
		return c.Names.ZH + " " + c.Code
	}
	return c.Code
}

func (a *Answer) aboutSheet(file *excelize.File) error {
	if _, err := file.NewSheet("说明 about"); err != nil {
		return err
	}
	rows := [][]any{
		{"问题 question", strconv.Itoa(a.Number) + " " + a.Question},
		{"", a.Title.ZH + " / " + a.Title.EN},
		{"定义 meaning", a.Meaning.ZH},
		{"", a.Meaning.EN},
		{"行数 rows", a.Count},
	}
	for _, name := range slices.Sorted(maps.Keys(a.Options)) {
		rows = append(rows, []any{"选项 option", name + " = " + a.Options[name]})
	}
	for _, b := range a.basis() {
		rows = append(rows, []any{b[0], b[1]})
	}
	for _, n := range a.Notes {
		rows = append(rows, []any{"注意 note", n.ZH + " / " + n.EN})
	}
	if a.Summary != nil {
		rows = append(rows, []any{})
		var head []any
		for _, c := range a.Summary.Columns {
			head = append(head, c.Title.ZH+" "+c.Title.EN)
		}
		rows = append(rows, head)
		for i := range a.Summary.Rows {
			var row []any
			for k, c := range a.Summary.Rows[i].Cells {
				row = append(row, c.shown(a.Summary.Columns[k].Kind))
			}
			rows = append(rows, row)
		}
	}
	return fill(file, "说明 about", rows)
}

func fill(file *excelize.File, name string, rows [][]any) error {
	sheet, err := file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := sheet.SetRow(at, row); err != nil {
			return err
		}
	}
	return sheet.Flush()
}
