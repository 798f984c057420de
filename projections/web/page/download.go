package page

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"iter"

	"github.com/xuri/excelize/v2"

	"github.com/anju-ledger/anju/domain"
)

// The media types of downloads.
const (
	csvType  = "text/csv; charset=utf-8"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// byteOrderMark tells spreadsheet programs that a CSV file is UTF-8.
const byteOrderMark = "\uFEFF"

// attach says that the answer is a file.
func (v *visit) attach(name, ext string) {
	v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="anju-%s-%s.%s"`, name, v.moment.day, ext))
}

// fileForms are the codes of files.
func fileForms() []domain.Term { return []domain.Term{{Code: "csv"}, {Code: "xlsx"}} }

// download answers with rows as a file, when the address asks for one.
func (v *visit) download(name string, rows iter.Seq[[]any]) (answered bool, err error) {
	switch v.URL.Query().Get("as") {
	case "csv":
		return true, v.sendCSV(name, rows)
	case "xlsx":
		return true, v.sendXLSX(name, rows)
	case "":
		return false, nil
	}
	return true, badInput("as", v.URL.Query().Get("as"), wrongCode, fileForms()...)
}

// sendCSV answers with rows as CSV.
func (v *visit) sendCSV(name string, rows iter.Seq[[]any]) error {
	var body bytes.Buffer
	body.WriteString(byteOrderMark)
	w := csv.NewWriter(&body)
	for row := range rows {
		cells := make([]string, len(row))
		for i, value := range row {
			cells[i] = fmt.Sprint(value)
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	v.attach(name, "csv")
	v.send(csvType, body.Bytes())
	return w.Error()
}

// sendXLSX answers with rows as a workbook of one sheet.
func (v *visit) sendXLSX(name string, rows iter.Seq[[]any]) (err error) {
	file := excelize.NewFile()
	defer func() { _ = file.Close() }() // nothing of it is on disk
	sheet, err := file.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	n := 0
	for row := range rows {
		n++
		at, err := excelize.CoordinatesToCellName(1, n)
		if err != nil {
			return err
		}
		if err := sheet.SetRow(at, row); err != nil {
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
	v.attach(name, "xlsx")
	v.send(xlsxType, body.Bytes())
	return nil
}
