package ask

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/anju-ledger/anju/domain"
)

// publishedMost bounds the lines of a file of published figures.
const publishedMost = 20_000

// What may be found in a file of published figures.
var (
	notSum     = domain.Term{Code: "does_not_sum", Text: domain.Text{ZH: "分项之和不符", EN: "the parts do not sum"}}
	noWhole    = domain.Term{Code: "no_whole", Text: domain.Text{ZH: "没有合计", EN: "the whole is not in the file"}}
	contradict = domain.Term{Code: "contradicts", Text: domain.Text{ZH: "同名同日不同值", EN: "the same name and day, another value"}}
	differs    = domain.Term{Code: "differs", Text: domain.Text{ZH: "同一指标另有说法", EN: "another figure of the same thing"}}
	sums       = domain.Term{Code: "sums", Text: domain.Text{ZH: "分项之和相符", EN: "the parts sum"}}
)

func findings() []domain.Term { return []domain.Term{notSum, noWhole, contradict, differs, sums} }

// unsummedParts is question 26.
func unsummedParts() Question {
	return Question{
		Number: 26, Name: "parts-that-do-not-sum", Title: domain.Text{ZH: "公布数据中分项之和不符的", EN: "Parts that do not sum, in a file of published figures"},
		Meaning: domain.Text{
			ZH: "CSV 文件，列名 metric 指标、value 数值，可有 unit 单位、as_of 日期、scope 范围、note 备注、part_of 上级指标；一格可写几个数，“户 / 人”对“318400 / 882300”。检查三件事：写明 part_of 的分项之和；备注里写出的分项，即用 + 或 / 相连、与本行某数相差不到一成的，或单位相同的连续几个数、之和与本行某数相差不到百分之一的；同名的不同数值：同日的互相矛盾，只在逗号或括号后的限定语上不同的另列。备注是文字，读出的分项请核对。",
			EN: "A CSV file with the columns metric and value, and where there are such unit, as_of, scope, note and part_of; a cell may hold several figures, \"households / people\" for \"318400 / 882300\". Three things are checked: the sum of those that say by part_of whose parts they are; parts told in a note: numbers joined by + or / within a tenth of a figure of the line, or several numbers of one unit whose sum is within a hundredth of one; and other values of one name: on one day they contradict each other, and names that differ only behind a comma or in brackets are told apart. A note is prose: look at what was read out of it.",
		},
		Options: []Option{
			{Name: "file", Kind: FileOption, Required: true, Title: domain.Text{ZH: "公布数据的 CSV 文件", EN: "the CSV file of published figures"}},
			{Name: "show", Kind: CodeOption, Default: "wrong", Choices: []domain.Term{
				{Code: "wrong", Text: domain.Text{ZH: "不符的", EN: "what does not fit"}}, {Code: "all", Text: domain.Text{ZH: "相符的也列出", EN: "what fits too"}},
			}, Title: domain.Text{ZH: "列出哪些", EN: "what is listed"}},
		},
		Summary: []Column{column("finding", Level, "结果", "finding"), column("count", Count, "个数", "count")},
		Columns: []Column{
			column("finding", Level, "结果", "finding"), column("line", Count, "行", "line"), column("metric", Words, "指标", "metric"), column("scope", Words, "范围", "scope"),
			column("as_of", Words, "日期", "as of"), column("figure", Count, "数值", "figure"), column("against", Count, "对照", "against"),
			column("difference", Count, "相差", "difference"), column("rests_on", Words, "依据", "rests on"),
		},
		answer: answerParts,
	}
}

func answerParts(_ context.Context, a *asked) error {
	all, unread, err := readFigures(a.File)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	add := func(f *published, found domain.Term, against float64, restsOn string) {
		counts[found.Code]++
		if found.Code != sums.Code || a.Options["show"] == "all" {
			a.add(nil, term(found), count(f.line), plain(f.metric), plain(f.scope), plain(f.asOf), figureCell(f.value), figureCell(against), figureCell(f.value-against), plain(restsOn))
		}
	}
	declaredParts(all, add)
	notedParts(all, add)
	sameNames(all, add)
	for _, t := range findings() {
		a.sum(term(t), count(counts[t.Code]))
	}
	if unread > 0 {
		a.note("没有数值而未读的格："+strconv.Itoa(unread), "cells that hold no number, not read: "+strconv.Itoa(unread))
	}
	a.note("检查的是文件，不是账本：截至日期和已知时刻不起作用", "the file was checked, not the ledger: neither day nor moment matters")
	slices.SortStableFunc(a.Rows, func(x, y Row) int { return cmp.Compare(x.Cells[1].Number, y.Cells[1].Number) })
	return nil
}

func figureCell(v float64) Cell { return Cell{Number: math.Round(v*1e6) / 1e6, IsNumber: true} }

// published is one published figure.
type published struct {
	line                int
	metric, scope, asOf string
	unit, note, partOf  string
	value               float64
}

// bare is a name without what qualifies it: "resettlement sites, earlier figure" is "resettlement sites".
func bare(name string) string {
	name = strings.ToLower(name)
	if at := strings.IndexAny(name, ",(，（;；"); at > 0 {
		name = name[:at]
	}
	return strings.TrimSpace(name)
}

// heads are the names of the columns.
func heads() map[string][]string {
	return map[string][]string{
		"metric": {"metric", "指标", "指标名称"}, "value": {"value", "数值", "值"}, "unit": {"unit", "单位"}, "as_of": {"as_of", "date", "日期", "截至日期"},
		"scope": {"scope", "division", "范围", "地区", "区划"}, "note": {"note", "备注", "说明"}, "part_of": {"part_of", "上级指标", "合计指标"},
	}
}

// readFigures reads the file; unread counts the cells that hold no number.
func readFigures(file []byte) (all []published, unread int, err error) {
	file = bytes.TrimPrefix(file, []byte(byteOrderMark))
	if !utf8.Valid(file) {
		file, _ = simplifiedchinese.GB18030.NewDecoder().Bytes(file)
	}
	r := csv.NewReader(bytes.NewReader(file))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, true
	head, err := r.Read()
	at := map[string]int{}
	for name, words := range heads() {
		at[name] = slices.IndexFunc(head, func(cell string) bool { return slices.Contains(words, strings.ToLower(strings.TrimSpace(cell))) })
	}
	if err != nil || at["metric"] < 0 || at["value"] < 0 {
		return nil, 0, refuse("file", "", domain.Missing, "第一行应有列名 metric（指标）和 value（数值）", "the first line names the columns metric and value", "请用 UTF-8 或 GB18030 的 CSV", "give a CSV file in UTF-8 or GB18030")
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, unread, nil
		}
		line, _ := r.FieldPos(0)
		if err != nil || len(all) > publishedMost {
			return nil, 0, refuse("file", "", domain.Malformed, "第"+strconv.Itoa(line)+"行无法读取，或超过"+strconv.Itoa(publishedMost)+"个数", "line "+strconv.Itoa(line)+" cannot be read, or there are more than "+strconv.Itoa(publishedMost)+" figures",
				"请检查引号，或分成几个文件", "look at its quotation marks, or divide the file")
		}
		cell := func(name string) string {
			if i := at[name]; i >= 0 && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		some, missed := figuresOf(published{line: line, metric: cell("metric"), scope: cell("scope"), asOf: cell("as_of"), unit: cell("unit"), note: cell("note"), partOf: cell("part_of")}, cell("value"))
		all, unread = append(all, some...), unread+missed
	}
}

// figuresOf divides a line that holds several figures: "households / people" for "318400 / 882300".
func figuresOf(line published, value string) (all []published, unread int) {
	values, names, units := strings.Split(value, " / "), strings.Split(line.metric, " / "), strings.Split(line.unit, " / ")
	for i, text := range values {
		one := line
		if len(values) > 1 && len(names) == len(values) {
			one.metric, one.unit = names[i], cmp.Or(line.unit, names[i])
		}
		if len(values) > 1 && len(units) == len(values) {
			one.unit = units[i]
		}
		found := numbers(text)
		if len(found) != 1 || found[0].from != 0 {
			unread++
			continue
		}
		one.value, one.unit = found[0].value, cmp.Or(found[0].unit, one.unit)
		all = append(all, one)
	}
	return all, unread
}

// declaredParts checks the parts of which the file says whose they are.
func declaredParts(all []published, add func(f *published, found domain.Term, against float64, restsOn string)) {
	type whole struct{ metric, scope, asOf string }
	parts := map[whole][]*published{}
	var order []whole
	for i := range all {
		f := &all[i]
		if f.partOf == "" {
			continue
		}
		w := whole{strings.ToLower(f.partOf), strings.ToLower(f.scope), f.asOf}
		if parts[w] == nil {
			order = append(order, w)
		}
		parts[w] = append(parts[w], f)
	}
	for _, w := range order {
		sum, said := 0.0, []string(nil)
		for _, f := range parts[w] {
			sum += f.value
			said = append(said, f.metric+" "+written(f.value))
		}
		at := slices.IndexFunc(all, func(f published) bool {
			return w == whole{strings.ToLower(f.metric), strings.ToLower(f.scope), f.asOf}
		})
		if at < 0 {
			missing := *parts[w][0]
			missing.metric, missing.value = missing.partOf, sum
			add(&missing, noWhole, sum, strings.Join(said, " + "))
			continue
		}
		add(&all[at], fits(all[at].value, sum), sum, strings.Join(said, " + "))
	}
}

// fits says whether a sum is a figure; they may differ by what floating point rounds away.
func fits(value, sum float64) domain.Term {
	if math.Abs(value-sum) <= 1e-6*math.Max(1, math.Abs(value)) {
		return sums
	}
	return notSum
}

func written(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// namesMost is how many ways of qualifying one name are compared.
const namesMost = 16

// sameNames finds other values under one name: of the same day, and the latest under each name that differs in
// what qualifies it only.
func sameNames(all []published, add func(f *published, found domain.Term, against float64, restsOn string)) {
	type name struct{ metric, scope, unit, day string }
	days, met := map[name]*published{}, map[name][]*published{}
	tell := func(f *published, found domain.Term, o *published) {
		if f.value != o.value {
			add(f, found, o.value, "line "+strconv.Itoa(o.line)+": "+o.metric+" "+o.asOf)
		}
	}
	for i := range all {
		f := &all[i]
		n := name{strings.ToLower(f.metric), strings.ToLower(f.scope), bare(f.unit), f.asOf}
		if o := days[n]; o != nil {
			tell(f, contradict, o)
			continue
		}
		days[n] = f
		n.metric, n.day = bare(f.metric), ""
		known := -1
		for k, o := range met[n] {
			if strings.EqualFold(o.metric, f.metric) {
				known = k
			} else {
				tell(f, differs, o)
			}
		}
		if known >= 0 {
			met[n][known] = f
		} else if len(met[n]) < namesMost {
			met[n] = append(met[n], f)
		}
	}
}
