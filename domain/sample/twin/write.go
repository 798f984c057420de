package twin

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// cell is a written cell; number = a workbook keeps it as a number.
type cell struct {
	text   string
	number bool
}

// fileNames are the files in the order of their import.
func fileNames() []string {
	return []string{"0_communities", "1_register", "2_labour", "3_titles", "4_facilities", "5_industry", "6_monitoring", "7_visits", "8_income", "9_services", "a_disbursed"}
}

func (k *maker) write() (files []File) {
	for _, name := range fileNames() {
		kind := name[2:]
		l, rows := layoutNamed(kind), k.books[kind]
		if k.Dirt > 2 && k.chance(0.5) { // the columns in another order too
			k.rnd.Shuffle(len(l.columns), func(i, j int) { l.columns[i], l.columns[j] = l.columns[j], l.columns[i] })
		}
		if k.Shuffled {
			k.rnd.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		}
		table := make([][]cell, 0, len(rows))
		for _, r := range rows {
			table = append(table, k.row(l, r))
		}
		top := k.rnd.IntN(3)
		if k.chance(0.4) {
			at := len(table) / 2
			table = slices.Insert(table, at, headerCells(l))
		}
		if k.chance(0.4) {
			sum := make([]cell, len(l.columns))
			sum[0], sum[1] = cell{text: pick(k, "合计", " 合计 ")}, cell{text: strconv.Itoa(len(rows))}
			table = append(table, sum)
		}
		table = slices.Insert(table, 0, headerCells(l))
		for range top {
			title := make([]cell, len(l.columns))
			title[0].text = "万山区易地扶贫搬迁" + kind + "台账"
			table = slices.Insert(table, 0, title)
		}
		files = append(files, k.file(name, table, top))
	}
	return files
}

func headerCells(l layout) []cell {
	header := make([]cell, len(l.columns))
	for i, c := range l.columns {
		header[i].text = c.name
	}
	return header
}

// row writes a record's cells, in one of the forms that mean the same, and spoils some.
func (k *maker) row(l layout, r record) []cell {
	cells := make([]cell, len(l.columns))
	for i, c := range l.columns {
		cells[i] = k.form(c, r[c.name])
	}
	for k.chance(0.012 * k.Dirt) {
		if i := k.rnd.IntN(len(cells)); r[l.columns[i].name] != "" || k.chance(0.2) {
			was := cells[i]
			if cells[i] = k.spoilt(l.columns[i], was); r["与户主关系"] == "户主" && strings.HasPrefix(cells[i].text, k.Division+"9") {
				cells[i] = was // a head under another number would be another household
			}
		}
	}
	return cells
}

// form writes a value in one of its accepted forms.
func (k *maker) form(c column, value string) cell {
	if value == "" {
		return cell{text: pick(k, "", "", "", "无", "/", " ")}
	}
	if k.Dirt == 0 {
		return cell{text: value}
	}
	one := cell{text: value}
	switch c.form {
	case "day":
		one = k.dayForm(value)
	case "month":
		y, m := value[:4], strings.TrimPrefix(value[4:], "0")
		one.text = pick(k, value, value, y+"-"+value[4:], y+"年"+m+"月")
	case "id", "household", "person", "count", "year":
		one.number = k.chance(0.1) && len(value) < 16 && !strings.HasSuffix(value, "X")
	case "yuan", "wan", "area", "signed":
		one.number = k.chance(0.2)
		if !one.number && k.chance(0.1) && c.form != "wan" && !strings.Contains(value, ".") {
			one.text += ".00"
		}
	}
	switch {
	case one.number:
	case k.chance(0.04) && c.form != "text" && c.form != "code" && c.form != "community":
		one.text = wide(one.text)
	case k.chance(0.06):
		one.text = pick(k, one.text+" ", " "+one.text+" ", one.text+"\u3000", "\u00a0"+one.text)
	}
	return one
}

func (k *maker) dayForm(iso string) cell {
	day, _ := readDay(iso)
	y, m, d := civil(day)
	serial := day - Day(1899, 12, 30)
	return pick(k,
		cell{text: iso}, cell{text: iso}, cell{text: iso}, cell{text: fmt.Sprintf("%d/%d/%d", y, m, d)}, cell{text: fmt.Sprintf("%d%02d%02d", y, m, d)},
		cell{text: fmt.Sprintf("%d年%d月%d日", y, m, d)}, cell{text: strconv.Itoa(serial)}, cell{text: strconv.Itoa(serial), number: true},
		cell{text: fmt.Sprintf("%d/%02d/%02d", y, m, d)}, cell{text: fmt.Sprintf("%d年%02d月%02d日", y, m, d)},
	)
}

func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '０'
		}
		return r
	}, s)
}

// spoilt is a cell with a fault that its column can have.
func (k *maker) spoilt(c column, was cell) cell {
	bad := func(texts ...string) cell { return cell{text: pick(k, texts...)} }
	switch c.form {
	case "day":
		return bad("去年年底", "2021-02-30", "2021-13-01", "20210231", "2021年2月29日", "不详", "2O20-01-01", "")
	case "month":
		return bad("197713", "七七年", "1977-00")
	case "id", "household", "person":
		if c.name == "社区编码" || c.name == "证件号码" || c.name == "联系电话" {
			return bad("5.20603E+11", "1.99E+10")
		}
		return bad("5.20603E+13", "5.20603E+11", fmt.Sprintf("%s9%07d", k.Division, k.rnd.IntN(1e7)), "", "无")
	case "yuan", "area":
		return bad("三千", "-3200", "12.345", "3200元左右", "-0.5")
	case "signed":
		return bad("三千", "12.345")
	case "wan":
		return bad("一百", "-3", "1.2.3")
	case "count":
		return bad("-1", "三", "2.5")
	case "year":
		return bad("二〇二〇", "去年")
	case "code":
		return bad("其他方式XYZ", "？？", "")
	case "community", "communities":
		return bad("不存在社区", "安和")
	case "project":
		return bad(k.Division+"-F999", "")
	}
	if c.must {
		return bad("", "无", "/", "  ")
	}
	return was
}

func (k *maker) file(name string, table [][]cell, top int) File {
	if k.chance(0.5) {
		return File{name + ".xlsx", workbook(k, table, top)}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = k.chance(0.4)
	for _, r := range table {
		cells := make([]string, len(r))
		for i := range r {
			cells[i] = r[i].text
		}
		_ = w.Write(cells) // a buffer takes everything
	}
	w.Flush()
	switch k.rnd.IntN(3) {
	case 0:
		if out, err := simplifiedchinese.GB18030.NewEncoder().Bytes(b.Bytes()); err == nil {
			return File{name + ".csv", out}
		}
	case 1:
		return File{name + ".csv", append([]byte("\xef\xbb\xbf"), b.Bytes()...)}
	}
	return File{name + ".csv", b.Bytes()}
}

// workbook writes a sheet. The titles above the header are merged over its width; so are equal
// cells of a column under each other, now and then.
func workbook(k *maker, table [][]cell, top int) []byte {
	f := excelize.NewFile()
	const sheet = "Sheet1"
	at := func(column, row int) string {
		name, err := excelize.CoordinatesToCellName(column+1, row+1)
		if err != nil {
			panic("twin: " + err.Error())
		}
		return name
	}
	for y, r := range table {
		for x, c := range r {
			if c.number {
				if n, err := strconv.ParseFloat(c.text, 64); err == nil {
					_ = f.SetCellValue(sheet, at(x, y), n) // the name is valid
					continue
				}
			}
			_ = f.SetCellStr(sheet, at(x, y), c.text)
		}
		if y < top {
			_ = f.MergeCell(sheet, at(0, y), at(len(r)-1, y))
		}
	}
	for y := top + 1; y+1 < len(table); y++ {
		if x := k.rnd.IntN(len(table[y])); k.chance(0.3) && table[y][x].text != "" && table[y][x] == table[y+1][x] {
			_ = f.SetCellStr(sheet, at(x, y+1), "")
			_ = f.MergeCell(sheet, at(x, y), at(x, y+1))
			y++
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		panic("twin: " + err.Error())
	}
	return b.Bytes()
}
