package intake

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake/sheet"
)

// value is what a cell states, in the form that its column has.
type value struct {
	text    string   // text, number, division; of a list: joined
	codes   []string // of a coded column, of a list
	free    string   // unlisted text of a coded column
	day     domain.Day
	month   domain.Month
	number  int64
	address domain.Address
}

// rowRules are the sentences of refusals at cells (data/samples/README.md), with ways out.
func cellRule(kind domain.RefusalKind) rule {
	switch kind {
	case domain.Missing:
		return rule{kind, zhen("该列必须填写", "the column must be filled in"), zhen("请补填后重新导入该行", "fill it in and import the row again")}
	case domain.BadDate:
		return rule{kind, zhen("不是有效日期", "it is no valid date"), zhen("请写成 2020-03-05，或将该列设为日期格式", "write it like 2020-03-05, or format the column as dates")}
	case domain.Negative:
		return rule{kind, zhen("不得为负数", "it may not be below nought"), zhen("请核对金额或数量", "check the amount")}
	case domain.LossyNumber:
		return rule{kind, zhen("编号被表格软件改为科学计数，数字已丢失", "a spreadsheet rounded the number; its digits are lost"), zhen("请将该列设为文本格式，重新填写完整编号", "format the column as text and write the whole number again")}
	case domain.UnknownCode:
		return rule{kind, zhen("不在该列的取值范围内", "it is not one of the column's values"), zhen("请使用模板说明中的取值", "use one of the values that the template lists")}
	case domain.BeforeStart:
		return rule{kind, zhen("早于开始日期", "it lies before its beginning"), zhen("请核对两个日期", "check both dates")}
	case domain.Erased:
		return erased()
	case domain.Unknown:
		return rule{kind, zhen("账本中没有这个编号或名称", "the ledger knows no such number or name"), zhen("请核对编号，或先导入登记它的文件", "check it, or import the file that registers it first")}
	}
	return rule{domain.BadNumber, zhen("不是有效数字", "it is no valid number"), zhen("请填写数字，金额最多两位小数（到分）", "write a number, to the fen at most")}
}

// refusal is the sentence about one of the column's cells; one with a value out of its list names
// what the list holds.
func (c *column) refusal(kind domain.RefusalKind) rule {
	r := cellRule(kind)
	if words := c.words(); kind == domain.UnknownCode && len(words) > 0 {
		r.fix = zhen("可填："+strings.Join(words, "、"), "one of: "+strings.Join(words, ", "))
	}
	return r
}

// mostWords bounds the values that a refusal names.
const mostWords = 20

// words are the spellings that a coded column takes, in Chinese where there are such; none of a
// list that is too long to name.
func (c *column) words() []string {
	spelt := slices.Sorted(maps.Keys(c.codes))
	isHan := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	if slices.ContainsFunc(spelt, isHan) {
		spelt = slices.DeleteFunc(spelt, func(s string) bool { return !isHan(s) })
	}
	if len(spelt) > mostWords {
		return nil
	}
	return spelt
}

var (
	errCode     = errors.New("not one of its values")
	errNegative = errors.New("below nought")
)

// read reads a cell; nil when it states nothing. The kind of what is wrong is "" when nothing is.
func (c *column) read(cell string) (*value, domain.RefusalKind) {
	if sheet.Text(cell) == "" {
		return nil, ""
	}
	v := &value{day: domain.NoDay}
	err := c.readInto(v, cell)
	switch {
	case err == nil:
		return v, ""
	case errors.Is(err, sheet.ErrDate):
		return nil, domain.BadDate
	case errors.Is(err, sheet.ErrLossy):
		return nil, domain.LossyNumber
	case errors.Is(err, errNegative):
		return nil, domain.Negative
	case errors.Is(err, errCode):
		return nil, domain.UnknownCode
	}
	return nil, domain.BadNumber
}

func (c *column) readInto(v *value, cell string) (err error) {
	switch c.Form {
	case "number":
		v.text, err = sheet.Number(cell)
	case "date":
		v.day, err = sheet.Day(cell)
		v.text = v.day.String()
	case "month":
		v.month, err = sheet.Month(cell)
	case "code":
		return c.readCodes(v, cell)
	case "yuan", "square_metres":
		v.number, err = c.amount(cell, 2)
	case "wan_yuan":
		v.number, err = c.amount(cell, 6)
	case "whole":
		v.number, err = c.amount(cell, 0)
	case "year":
		v.number, err = sheet.Decimal(strings.TrimSuffix(sheet.Compact(cell), "年"), 0)
		if err == nil && (v.number < 1900 || v.number > 2100) {
			return sheet.ErrNumber
		}
		v.text = strconv.FormatInt(v.number, 10)
		v.day = domain.MakeDay(int(v.number), 12, 31)
	case "division":
		text, _ := sheet.Number(cell)
		d, err := domain.ParseDivision(text)
		if err != nil {
			return errCode
		}
		v.text = string(d)
	case "address":
		v.address = parseAddress(cell)
	default:
		c.readText(v, cell)
	}
	return err
}

func (c *column) readText(v *value, cell string) {
	v.text = sheet.Text(cell)
	if code, ok := c.codes[sheet.Compact(cell)]; ok {
		v.text = code
	}
	if c.List {
		v.codes = splitList(cell)
	}
}

func (c *column) amount(cell string, places int) (int64, error) {
	n, err := sheet.Decimal(cell, places)
	if err == nil && n < 0 && !c.Signed {
		return 0, errNegative
	}
	return n, err
}

func (c *column) readCodes(v *value, cell string) error {
	parts := []string{cell}
	if c.List {
		parts = splitList(cell)
	}
	var free []string
	for _, part := range parts {
		code, ok := c.codes[sheet.Compact(part)]
		switch {
		case ok && !slices.Contains(v.codes, code):
			v.codes = append(v.codes, code)
		case ok, c.Else == "ignore":
		case c.Else == "text":
			free = append(free, sheet.Text(part))
		default:
			return errCode
		}
	}
	if len(free) > 0 {
		v.free = sheet.Text(cell)
	}
	slices.Sort(v.codes)
	v.text = strings.Join(v.codes, ",")
	return nil
}

// splitList splits 安和社区、新苑社区 at 、 ， ； , and ;.
func splitList(cell string) (parts []string) {
	for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("、，；,;", r) }) {
		if part = sheet.Text(part); part != "" && !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return parts
}

// parseAddress splits 1栋2单元301 into block, unit and room; what has another form is a room as
// it stands.
func parseAddress(cell string) (a domain.Address) {
	rest := strings.TrimSuffix(strings.TrimSuffix(sheet.Compact(cell), "号"), "室")
	for _, mark := range []string{"号楼", "栋", "幢", "座"} {
		if block, after, found := strings.Cut(rest, mark); found {
			a.Block, rest = block, after
			break
		}
	}
	if unit, after, found := strings.Cut(rest, "单元"); found {
		a.Unit, rest = unit, after
	}
	a.Room = rest
	return a
}

// content is the value in one spelling, by which rows are compared and ordered.
func (v *value) content() string {
	if v == nil {
		return ""
	}
	if v.address != (domain.Address{}) {
		return v.address.Block + "/" + v.address.Unit + "/" + v.address.Room
	}
	if v.month != 0 {
		return v.month.String()
	}
	if v.text == "" && v.free == "" {
		return strconv.FormatInt(v.number, 10)
	}
	return v.text + v.free
}
