package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
	"github.com/anju-ledger/anju/events/intake"
)

// importRowsFull is how many rows the imported files have at full scale, and importHouseholds how
// many households they are about.
const (
	importRowsFull   = 100_000
	importHouseholds = 20_000
)

// labourHeader is the header of the labour template's files.
const labourHeader = "人编号,姓名,证件号码,就业状态,就业渠道,就业单位,就业地区划代码,入职日期,离职日期,月工资(元),核实日期,核实方式,培训课程,培训完成日期,统计日期"

// labourFile is a department's file of jobs that are not recorded yet, each placed and verified.
func labourFile(rows int, numbers []string) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff" + labourHeader + "\n")
	for _, cells := range labourRows(rows, numbers) {
		b.WriteString(strings.Join(cells, ",") + "\n")
	}
	return b.Bytes()
}

// labourRows are the rows of a labour file about persons with official numbers.
func labourRows(rows int, numbers []string) [][]string {
	all := make([][]string, rows)
	for i := range all {
		day := domain.MakeDay(2020, 1, 1) + domain.Day(i/len(numbers)*40)
		all[i] = []string{
			numbers[i%len(numbers)], "某甲", "", "在岗", "企业吸纳", "某服装车间", string(benchCounty), day.String(), "",
			fmt.Sprint(3000 + i%2000), (day + 30).String(), "社保比对", "", "", "2021-06-20",
		}
	}
	return all
}

// labourBook is the same file as a workbook.
func labourBook(rows int, numbers []string) ([]byte, error) {
	book := excelize.NewFile()
	defer book.Close()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, err
	}
	for i, cells := range append([][]string{strings.Split(labourHeader, ",")}, labourRows(rows, numbers)...) {
		line := make([]any, len(cells))
		for k, cell := range cells {
			line[k] = cell
		}
		if err := sheet.SetRow(fmt.Sprintf("A%d", i+1), line); err != nil {
			return nil, err
		}
	}
	if err := sheet.Flush(); err != nil {
		return nil, err
	}
	out, err := book.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// personNumbers are the official numbers of a county's persons.
func personNumbers(county *sample.County) (numbers []string) {
	for n := range county.Households {
		for _, m := range county.Household(n)[0].Data.(*domain.HouseholdRegistered).Members {
			number, _ := m.Number.Value()
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// importing imports a file through the door, every row of which is new.
func (b *bench) importing(door *intake.Door, name string, data []byte, rows int) error {
	report, err := door.Import(b.s.ctx, intake.Caller{Division: benchCounty}, name, data, intake.ImportOptions{Record: true})
	if err == nil && (report.Rows != rows || report.Accepted != rows) {
		err = fmt.Errorf("import of %d rows: %d rows, %d accepted, %d rejected, %d duplicates", rows, report.Rows, report.Accepted, len(report.Rejected), report.Duplicates)
	}
	return err
}

// importRows imports a labour file about registered households, as CSV and as XLSX, each into a
// ledger of its own.
func (b *bench) importRows() error {
	rows, households := b.scaled(importRowsFull), b.scaled(importHouseholds)
	county := sample.NewCounty(benchCounty, 1, households)
	numbers := personNumbers(county)
	csv := labourFile(rows, numbers)
	book, err := labourBook(rows, numbers)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		row, name string
		data      []byte
	}{{"import.csv", "labour.csv", csv}, {"import.xlsx", "labour.xlsx", book}} {
		if err := b.importFile(county, file.row, file.name, file.data); err != nil {
			return err
		}
		b.row(file.row, "s", "%d rows of two facts, %d persons, one run", rows, len(numbers))
	}
	return nil
}

// importFile times one import into a ledger of its own, in which the county is registered.
func (b *bench) importFile(county *sample.County, row, name string, data []byte) (err error) {
	n, err := startNode(b.s, nodeConfig{Dir: b.folder(row), Listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	if err := b.registerCounty(b.s.ctx, n.door, county); err != nil {
		return err
	}
	rows := b.scaled(importRowsFull)
	began := time.Now()
	if err := b.importing(n.door, name, data, rows); err != nil {
		return err
	}
	b.take(row, time.Since(began).Seconds(), 0)
	return nil
}

// registerCounty registers a county's households.
func (b *bench) registerCounty(ctx context.Context, door *intake.Door, county *sample.County) error {
	all := make([]sample.Event, 0, county.Households)
	for n := range county.Households {
		e := county.Household(n)[0]
		e.Data.(*domain.HouseholdRegistered).Community = domain.CommunityID{} // none is established here
		all = append(all, e)
	}
	r := recorder{doorSink{door}, &simulatedCounty{county, identities{}}, identities{}, &simulationTally{}}
	return r.record(ctx, all)
}
