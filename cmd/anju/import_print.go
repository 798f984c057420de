package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake"
)

// printedRows is how many refused or changed rows of one file are printed; --remarks and --json
// have them all.
const printedRows = 20

// printReports prints a line of counts for each file, and below them the rows that need a look,
// at most so many of each file.
func printReports(s *session, files []*intake.FileReport, most int) {
	t := newTable([]string{"文件 file", "模板 template", "行 rows", "接受 accepted", "重复 same", "变化 changed", "空 nothing", "拒绝 refused"}, 2, 3, 4, 5, 6, 7)
	var sum [6]int
	for _, f := range files {
		counts := [6]int{f.Rows, f.Accepted, f.Duplicates, f.Changed, f.Nothing, len(f.Rejected)}
		cells := []string{f.File, f.Template}
		for i, n := range counts {
			sum[i] += n
			cells = append(cells, grouped(n))
		}
		if f.Rows == 0 && f.Needs == nil {
			cells[2] = "没有数据行 no rows"
		}
		t.add(cells...)
	}
	if len(files) > 1 {
		cells := []string{"合计 total", ""}
		for _, n := range sum {
			cells = append(cells, grouped(n))
		}
		t.add(cells...)
	}
	t.write(s.out)
	for _, f := range files {
		printRows(s, f, most)
	}
}

// printRows prints what is to be done about a file.
func printRows(s *session, f *intake.FileReport, most int) {
	if f.Needs != nil {
		fmt.Fprintf(s.out, "\n%s: %s；%s / %s; %s\n", f.File, f.Needs.Rule.ZH, f.Needs.Fix.ZH, f.Needs.Rule.EN, f.Needs.Fix.EN)
		return
	}
	if len(f.Rejected) > 0 {
		fmt.Fprintf(s.out, "\n%s: 拒绝的行 refused rows\n", f.File)
		t := newTable([]string{"行 row", "列 column", "种类 kind", "值 value", "原因与办法 why, and what to do"}, 0)
		for _, r := range f.Rejected[:min(len(f.Rejected), most)] {
			t.add(fmt.Sprint(r.Row), r.Column, string(r.Kind), r.Value, s.sentences(r.Rule, r.Fix))
		}
		t.write(s.out)
		more(s, len(f.Rejected)-most)
	}
	if len(f.Changes) > 0 {
		fmt.Fprintf(s.out, "\n%s: 与已记录内容不同的行 rows that differ from what is recorded\n", f.File)
		t := newTable([]string{"行 row", "原值 → 现值 was → now"}, 0)
		corrected := false
		for _, c := range f.Changes[:min(len(f.Changes), most)] {
			corrected = corrected || c.Corrected
			t.add(fmt.Sprint(c.Row), differences(c.Fields))
		}
		t.write(s.out)
		more(s, len(f.Changes)-most)
		if !corrected {
			fmt.Fprintln(s.out, "未改动账本；加 --correct 记为更正 / the ledger is unchanged; --correct records them as corrections")
		}
	}
}

// more says how many rows are not printed.
func more(s *session, n int) {
	if n > 0 {
		fmt.Fprintf(s.out, "… 另有 %d 行，见 --remarks 或 --json / %d more: see --remarks or --json\n", n, n)
	}
}

// sentences joins a rule and its way out, in the session's language.
func (s *session) sentences(rule, fix domain.Text) string {
	if s.lang == english {
		return rule.EN + "; " + fix.EN
	}
	return rule.ZH + "；" + fix.ZH
}

// differences writes the fields of a changed row as the file has them, by column and in its unit,
// a column once however many facts it is part of; sealed ones only by name.
func differences(fields []intake.Difference) string {
	var parts []string
	for _, d := range fields {
		part := d.Column
		if d.Column == "" {
			part = strings.TrimPrefix(d.Field, "/data/")
		}
		if !d.Sealed {
			part += " " + inUnit(d, d.Was) + " → " + inUnit(d, d.Now)
		}
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// inUnit writes an amount in the unit of its column: yuan, ten thousand yuan or square metres for
// the fen and square decimetres of the field. Where the column does not name it, it stands behind.
func inUnit(d intake.Difference, stored string) string {
	n, err := strconv.ParseInt(stored, 10, 64)
	places, unit := 0, ""
	switch {
	case err != nil || d.Column == "":
	case strings.HasSuffix(d.Field, "_dm2"):
		places, unit = 2, "平方米"
	case strings.Contains(d.Field, "_fen") && strings.Contains(d.Column, "万元"):
		places, unit = 6, "万元"
	case strings.Contains(d.Field, "_fen"):
		places, unit = 2, "元"
	}
	if places == 0 {
		return stored
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	digits := fmt.Sprintf("%0*d", places+1, n)
	whole, part := digits[:len(digits)-places], strings.TrimRight(digits[len(digits)-places:], "0")
	if part != "" {
		whole += "." + part
	}
	if strings.Contains(d.Column, unit) {
		unit = ""
	}
	return sign + whole + unit
}
