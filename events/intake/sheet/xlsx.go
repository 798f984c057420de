package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"
)

// readXLSX reads the first sheet that has rows.
func (t *Table) readXLSX() error {
	t.Format = XLSX
	z, err := zip.NewReader(bytes.NewReader(t.data), int64(len(t.data)))
	if err != nil {
		return damaged("its ZIP directory is missing or broken")
	}
	if err := unzippedSize(z); err != nil {
		return err
	}
	f, err := excelize.OpenReader(bytes.NewReader(t.data), options())
	if err != nil {
		return damaged("it is no XLSX workbook")
	}
	defer func() { _ = f.Close() }()
	for at, name := range f.GetSheetList() {
		t.sheet = name
		spans, err := mergedCells(z, at)
		if err != nil {
			return err
		}
		if err := t.readSheet(f, spans); err != nil || len(t.Rows) > 0 {
			return err
		}
	}
	return nil
}

// options keeps everything in memory: excelize's temporary files would hold names in the clear.
func options() excelize.Options {
	return excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped}
}

// unzippedSize refuses a ZIP bomb before anything is unpacked: by what the directory says, and,
// since it may lie, by unpacking into nothing.
func unzippedSize(z *zip.Reader) error {
	var total uint64
	for _, f := range z.File {
		if total += f.UncompressedSize64; total > maxUnzipped || f.UncompressedSize64 > maxUnzipped {
			return limit("512 MiB unpacked")
		}
	}
	var really int64
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return damaged("a part of the workbook is broken")
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, maxUnzipped-really+1))
		if closing := r.Close(); err != nil || closing != nil {
			return damaged("a part of the workbook ends early")
		}
		if really += n; really > maxUnzipped {
			return limit("512 MiB unpacked")
		}
	}
	return nil
}

func (t *Table) readSheet(f *excelize.File, spans []span) error {
	rows, err := f.Rows(t.sheet)
	if err != nil {
		return damaged("its first sheet cannot be read")
	}
	defer func() { _ = rows.Close() }()
	fill := filler{spans: spans}
	for number := 1; rows.Next(); number++ {
		if number > 1<<20 {
			return limit("1,048,576 sheet rows")
		}
		cells, err := rows.Columns()
		if err != nil {
			return damaged("a row of its first sheet cannot be read")
		}
		if err := t.add(number, fill.row(number, cells)); err != nil {
			return err
		}
	}
	if rows.Error() != nil {
		return damaged("its first sheet ends early")
	}
	return nil
}

// span is a merged cell that covers more than one row; its value stands in its first row.
type span struct {
	column   int // from 0
	from, to int // rows, from 1
	value    string
}

// filler gives every row under a vertically merged cell its value.
type filler struct {
	spans  []span // by first row
	open   []span
	opened int
}

func (f *filler) row(number int, cells []string) []string {
	for f.opened < len(f.spans) && f.spans[f.opened].from <= number {
		s := f.spans[f.opened]
		f.opened++
		if s.column < len(cells) && s.from == number {
			s.value = cells[s.column]
			f.open = append(f.open, s)
		}
	}
	kept := f.open[:0]
	for _, s := range f.open {
		if s.to < number {
			continue
		}
		kept = append(kept, s)
		for len(cells) <= s.column {
			cells = append(cells, "")
		}
		if cells[s.column] == "" {
			cells[s.column] = s.value
		}
	}
	f.open = kept
	return cells
}

// mergedCells reads the merged cells of the sheet at a place of the workbook's list. excelize
// would load the whole sheet as cells for that; the list is a few elements at its end.
func mergedCells(z *zip.Reader, at int) ([]span, error) {
	name, err := sheetPart(z, at)
	if err != nil {
		return nil, err
	}
	r, err := z.Open(name)
	if err != nil {
		return nil, damaged("a sheet of the workbook is missing")
	}
	defer func() { _ = r.Close() }()
	var spans []span
	in := bufio.NewReaderSize(r, 1<<16)
	for {
		element, err := in.ReadSlice('>')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, damaged("a sheet of the workbook ends early")
		}
		if i := bytes.Index(element, []byte("mergeCell ")); i >= 0 {
			if s, ok := parseSpan(element[i:]); ok {
				spans = append(spans, s)
			}
		}
		if len(spans) > maxSpans {
			return nil, limit("200,000 merged cells")
		}
	}
	sortSpans(spans)
	return spans, nil
}

// parseSpan reads mergeCell ref="B4:B7"; only those of several rows matter.
func parseSpan(element []byte) (s span, ok bool) {
	_, rest, found := strings.Cut(string(element), `ref="`)
	ref, _, closed := strings.Cut(rest, `"`)
	first, last, two := strings.Cut(ref, ":")
	if !found || !closed || !two {
		return s, false
	}
	column, from, err1 := excelize.CellNameToCoordinates(first)
	_, to, err2 := excelize.CellNameToCoordinates(last)
	if err1 != nil || err2 != nil || to <= from || column > maxColumns {
		return s, false
	}
	return span{column: column - 1, from: from, to: to}, true
}

// sheetPart is the part of the package that holds the sheet (ECMA-376, part 1, 18.2.19).
func sheetPart(z *zip.Reader, at int) (string, error) {
	var book struct {
		Sheets []struct {
			ID string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		List []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := readXML(z, "xl/workbook.xml", &book); err != nil {
		return "", err
	}
	if err := readXML(z, "xl/_rels/workbook.xml.rels", &links); err != nil {
		return "", err
	}
	if at >= len(book.Sheets) {
		return "", damaged("its list of sheets is broken")
	}
	for _, l := range links.List {
		if l.ID == book.Sheets[at].ID {
			if strings.HasPrefix(l.Target, "/") {
				return path.Clean(l.Target)[1:], nil
			}
			return path.Join("xl", l.Target), nil
		}
	}
	return "", damaged("a sheet of the workbook is missing")
}

func readXML(z *zip.Reader, name string, into any) error {
	r, err := z.Open(name)
	if err != nil {
		return damaged("it is no XLSX workbook")
	}
	defer func() { _ = r.Close() }()
	if err := xml.NewDecoder(io.LimitReader(r, 4<<20)).Decode(into); err != nil {
		return damaged("its list of sheets is broken")
	}
	return nil
}

// writeXLSX writes the workbook with one more column behind the last, everything else kept.
func (t *Table) writeXLSX(w io.Writer, remarks map[int]string) error {
	f, err := excelize.OpenReader(bytes.NewReader(t.data), options())
	if err != nil {
		return damaged("it is no XLSX workbook")
	}
	defer func() { _ = f.Close() }()
	column := t.width() + 1
	for row, text := range remarks {
		cell, err := excelize.CoordinatesToCellName(column, row)
		if err != nil {
			return err
		}
		if err := f.SetCellStr(t.sheet, cell, text); err != nil {
			return err
		}
	}
	return f.Write(w)
}
