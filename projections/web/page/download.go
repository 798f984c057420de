package page

import (
	"bytes"
	"encoding/csv"
	"fmt"

	"github.com/xuri/excelize/v2"

	"github.com/anju-ledger/anju/projections"
)

// The media types of downloads.
const (
	csvType  = "text/csv; charset=utf-8"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// byteOrderMark tells spreadsheet programs that a CSV file is UTF-8.
const byteOrderMark = "\uFEFF"

// attach says that the answer is a file.
func (v *visit) attach(ext string) {
	v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="anju-list-%s.%s"`, v.moment.day, ext))
}

// sendCSV answers with a list as CSV.
func (p *Page) sendCSV(v *visit, all []projections.Sifted) error {
	var body bytes.Buffer
	body.WriteString(byteOrderMark)
	w := csv.NewWriter(&body)
	for row := range p.table(v, all) {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	v.attach("csv")
	v.send(csvType, body.Bytes())
	return w.Error()
}

// sendXLSX answers with a list as a workbook of one sheet, in which every cell is text.
func (p *Page) sendXLSX(v *visit, all []projections.Sifted) (err error) {
	file := excelize.NewFile()
	defer func() { _ = file.Close() }() // nothing of it is on disk
	sheet, err := file.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	n := 0
	for row := range p.table(v, all) {
		n++
		cells := make([]any, len(row))
		for i, value := range row {
			cells[i] = value
		}
		at, err := excelize.CoordinatesToCellName(1, n)
		if err != nil {
			return err
		}
		if err := sheet.SetRow(at, cells); err != nil {
			return err
		}
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	var body bytes.Buffer
	if err := file.Write(&body); err != nil {
		return err
	}
	v.attach("xlsx")
	v.send(xlsxType, body.Bytes())
	return nil
}
