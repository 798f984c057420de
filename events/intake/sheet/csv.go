package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// readCSV finds out encoding and delimiter and reads the rows.
func (t *Table) readCSV() error {
	text, err := t.decode()
	if err != nil {
		return err
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return damaged("it holds NUL bytes: neither XLSX nor text in UTF-8 or GB18030")
	}
	t.delimiter = delimiterOf(text)
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = t.delimiter, -1, true
	number, lastLine := 0, 0
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged("its rows are no CSV")
		}
		line, _ := r.FieldPos(0)
		number += line - lastLine // lines between are blank rows, which a program counts too
		lastLine = line
		for _, c := range cells {
			lastLine += strings.Count(c, "\n")
		}
		if err := t.add(number, cells); err != nil {
			return err
		}
	}
}

// decode brings the file to UTF-8 without a mark.
func (t *Table) decode() ([]byte, error) {
	if rest, marked := bytes.CutPrefix(t.data, byteOrderMark); marked && utf8.Valid(rest) {
		t.Format = UTF8BOM
		return rest, nil
	}
	if utf8.Valid(t.data) {
		t.Format = UTF8
		return t.data, nil
	}
	t.Format = GB18030
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(t.data)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, damaged("it is text neither in UTF-8 nor in GB18030")
	}
	return text, nil
}

// delimiterOf is the candidate that stands most often outside quotes in the first lines.
func delimiterOf(text []byte) rune {
	const look = 64 << 10 // bytes: the first lines of any of these files
	if len(text) > look {
		text = text[:look]
	}
	count := map[rune]int{}
	quoted := false
	for _, c := range string(text) {
		switch c {
		case '"':
			quoted = !quoted
		case ',', '\t', ';', '|':
			if !quoted {
				count[c]++
			}
		}
	}
	best := ','
	for _, c := range []rune{'\t', ';', '|'} {
		if count[c] > count[best] {
			best = c
		}
	}
	return best
}

// writeCSV writes the table with one more column, in the file's own encoding and delimiter.
func (t *Table) writeCSV(w io.Writer, remark func(row int) string) error {
	if t.Format == UTF8BOM {
		if _, err := w.Write(byteOrderMark); err != nil {
			return err
		}
	}
	if t.Format == GB18030 {
		w = simplifiedchinese.GB18030.NewEncoder().Writer(w)
	}
	out := csv.NewWriter(w)
	out.Comma = t.delimiter
	width, next := t.width(), 1
	for _, row := range t.Rows {
		for ; next < row.Number; next++ {
			if err := out.Write([]string{""}); err != nil {
				return err
			}
		}
		next++
		cells := make([]string, width+1)
		copy(cells, row.Cells)
		cells[width] = remark(row.Number)
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (t *Table) width() (width int) {
	for _, r := range t.Rows {
		width = max(width, len(r.Cells))
	}
	return width
}
