// Package sheet reads the tables that departments have: XLSX, or CSV in UTF-8 (with or without
// byte order mark) or GB18030, and the forms that values take in their cells (DOMAIN §6).
//
// It knows neither templates nor facts: it hands over rows of text with the numbers that a
// spreadsheet program shows, and turns text into days, months, amounts and numbers, exactly or
// not at all. XLSX is read by excelize. TestSampleFilesAreReadRowByRow and the fuzz tests of the
// cell forms cover its promises.
package sheet

import (
	"errors"
	"strings"
)

// The bounds of a file. Each keeps one file from taking the door's memory.
const (
	MaxFile     = 64 << 20  // bytes of a file as it comes
	maxUnzipped = 512 << 20 // bytes of an XLSX's parts together: 100,000 rows of 16 columns are some 60 MiB
	MaxRows     = 200_000   // twice the largest file that departments have
	maxColumns  = 200       // the widest of the known files has 16
	maxCell     = 32_767    // characters, as in a spreadsheet program
	maxSpans    = 200_000   // merged cells of a sheet
)

// What can be wrong with a file as a whole; the message of the error that wraps it says more and
// holds nothing of the file's content.
var (
	// ErrTooLarge: split the file.
	ErrTooLarge = errors.New("the file is over a limit")
	// ErrDamaged: save the file again; it ends early or is no table.
	ErrDamaged = errors.New("the file cannot be read as a table")
	// ErrEmpty: there is no row in it.
	ErrEmpty = errors.New("the file has no rows")
)

// Row is one row of a table. Number is its number in a spreadsheet program, from 1; Cells are
// as they stand, merged ones filled in.
type Row struct {
	Number int
	Cells  []string
}

// Cell returns the cell of a column, "" beyond the row's end.
func (r Row) Cell(column int) string {
	if column < 0 || column >= len(r.Cells) {
		return ""
	}
	return r.Cells[column]
}

// IsBlank reports a row that has nothing in any cell.
func (r Row) IsBlank() bool {
	for _, c := range r.Cells {
		if Trim(c) != "" {
			return false
		}
	}
	return true
}

// IsTotal reports a 合计 row: its first filled cell is a word for a sum.
func (r Row) IsTotal() bool {
	for _, c := range r.Cells {
		if c = Trim(c); c != "" {
			switch strings.TrimRight(HeaderName(c), ":") {
			case "合计", "总计", "小计", "共计", "累计", "total":
				return true
			}
			return false
		}
	}
	return false
}

// Table is a file that was read. It is bounded by MaxFile and MaxRows, and read only.
type Table struct {
	Format    Format
	Rows      []Row
	delimiter rune // of CSV
	sheet     string
	data      []byte // the file, for the workbook that goes back
}

// Format is how a file is written.
type Format string

// The formats.
const (
	XLSX    Format = "xlsx"
	UTF8    Format = "csv utf-8"
	UTF8BOM Format = "csv utf-8 bom"
	GB18030 Format = "csv gb18030"
)

// Read reads a whole file, whose bytes the table keeps. Errors are ErrTooLarge, ErrDamaged and
// ErrEmpty.
func Read(data []byte) (*Table, error) {
	if len(data) > MaxFile {
		return nil, limit("64 MiB a file")
	}
	t := &Table{data: data}
	var err error
	if len(data) >= 4 && string(data[:2]) == "PK" {
		err = t.readXLSX()
	} else {
		err = t.readCSV()
	}
	if err != nil {
		return nil, err
	}
	if len(t.Rows) == 0 {
		return nil, ErrEmpty
	}
	return t, nil
}

func limit(what string) error { return errors.Join(ErrTooLarge, errors.New("at most "+what)) }

func damaged(what string) error { return errors.Join(ErrDamaged, errors.New(what)) }

// add takes one row in, refusing what is over a limit.
func (t *Table) add(number int, cells []string) error {
	if len(t.Rows) >= MaxRows {
		return limit("200,000 rows")
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) > maxColumns {
		return limit("200 columns")
	}
	for _, c := range cells {
		if len(c) > maxCell {
			return limit("32,767 characters a cell")
		}
	}
	if len(cells) > 0 {
		t.Rows = append(t.Rows, Row{number, cells})
	}
	return nil
}
