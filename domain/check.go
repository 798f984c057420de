package domain

import (
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds an open or sealed text of a payload, in bytes: long enough for a note, short
// enough that an event stays well inside its 32 KiB.
const maxText = 2000

// maxList bounds a list of a payload: the largest real one is a register page of a big family
// or the sites served by a county hospital.
const maxList = 400

// Check returns every rule that the payload breaks: those of its fields' descriptions
// (required, bounds, codes, texts), then those of the type itself.
func (k *Kind) Check(f Fact) []Refusal {
	r := Report{Base: "/data"}
	checkFields(&r, "", k.Fields(), reflect.ValueOf(f).Elem())
	if r.OK() {
		f.Check(&r)
	}
	return r.Refusals
}

func checkFields(r *Report, base string, fields []Field, s reflect.Value) {
	for i := range fields {
		f := &fields[i]
		v := s.Field(f.index)
		pointer := base + "/" + f.Name
		if v.IsZero() || f.Class != Open && v.Field(0).Interface().(Box).IsZero() {
			if f.Required && !f.Minted && !f.Created && (f.Type != IntegerField || v.Kind() == reflect.Struct) {
				r.Add(pointer, "", Missing, Text{f.Label.ZH + "必须填写", f.Label.EN + " is required"},
					Text{"请补充该字段", "give a value for the field"})
			}
			if v.Kind() != reflect.Int32 && v.Kind() != reflect.Int64 {
				continue
			}
		}
		switch {
		case f.Class != Open:
			checkBox(r, pointer, f, v)
		case f.List && v.Len() > maxList:
			r.Add(pointer, strconv.Itoa(v.Len()), TooLarge, Text{"列表最多400项", "a list holds at most 400 entries"},
				Text{"请分多次记录", "record it in several facts"})
		case f.List:
			for n := range v.Len() {
				checkValue(r, pointer+"/"+strconv.Itoa(n), f, v.Index(n))
			}
		default:
			checkValue(r, pointer, f, v)
		}
	}
}

func checkValue(r *Report, pointer string, f *Field, v reflect.Value) {
	if v.Kind() == reflect.Struct && f.Type == IntegerField {
		v = v.Field(0) // Opt
	}
	switch f.Type {
	case ObjectField:
		checkFields(r, pointer, f.Children, v)
	case IntegerField:
		checkInteger(r, pointer, f, v.Int())
	case CodeField:
		checkCode(r, pointer, f, v.String())
	case TextField:
		checkText(r, pointer, v.String())
	case DivisionField:
		if _, err := ParseDivision(v.String()); err != nil {
			r.Add(pointer, v.String(), Malformed, Text{"区划代码为2、4、6、9或12位数字的最短写法", "a division code has 2, 4, 6, 9 or 12 digits in its shortest form"},
				Text{"请去掉末尾多余的0，例如 520603000 写作 520603", "drop the trailing zeros, such as 520603 for 520603000"})
		}
	case EntityField:
		e := entityIn(v)
		if f.Entity != 0 && e.Present() && e.Kind() != f.Entity {
			r.Add(pointer, e.String(), Malformed, Text{"编号的类别不符", "the id is of another kind: " + e.Kind().String()},
				Text{"请填写" + f.Entity.String() + "的编号", "give the id of a " + f.Entity.String()})
		}
	}
}

func entityIn(v reflect.Value) Entity {
	if v.Kind() == reflect.Struct {
		v = v.Field(0)
	}
	return Entity(v.Uint())
}

func checkInteger(r *Report, pointer string, f *Field, n int64) {
	value := strconv.FormatInt(n, 10)
	switch {
	case f.Min != nil && n < *f.Min && n < 0:
		r.Add(pointer, value, Negative, Text{f.Label.ZH + "不能为负数", f.Label.EN + " cannot be negative"},
			Text{"请核对数值", "check the figure"})
	case f.Min != nil && n < *f.Min:
		least := strconv.FormatInt(*f.Min, 10)
		r.Add(pointer, value, BadNumber, Text{f.Label.ZH + "不能小于" + least, f.Label.EN + " is at least " + least},
			Text{"请核对数值", "check the figure"})
	case f.Max != nil && n > *f.Max:
		most := strconv.FormatInt(*f.Max, 10)
		r.Add(pointer, value, BadNumber, Text{f.Label.ZH + "不能大于" + most, f.Label.EN + " is at most " + most},
			Text{"请核对数值和单位", "check the figure and its unit"})
	}
}

func checkCode(r *Report, pointer string, f *Field, code string) {
	known := make([]string, len(f.Terms))
	for i, t := range f.Terms {
		if t.Code == code {
			return
		}
		known[i] = t.Code
	}
	list := strings.Join(known, ", ")
	r.Add(pointer, code, UnknownCode, Text{"该代码不在列表中", "the code is not in its list"},
		Text{"可用代码：" + list, "use one of: " + list})
}

// checkBox checks a sealed field while it is open; its value never enters a refusal.
func checkBox(r *Report, pointer string, f *Field, v reflect.Value) {
	box := v.Field(0).Interface().(Box)
	if len(box.Plain) > maxText {
		r.Add(pointer, "", TooLarge, Text{"内容过长", "the text is too long"}, Text{"请缩短到2000字节以内", "keep it within 2,000 bytes"})
	}
	if f.Type != CodeField || len(box.Plain) == 0 {
		return
	}
	value := v.MethodByName("Value").Call(nil)
	codes := value[0]
	if !value[1].Bool() {
		r.Add(pointer, "", Malformed, Text{"取值格式不正确", "the value is not of the field's form"}, Text{"请按字段说明填写", "see the field's schema"})
		return
	}
	if codes.Kind() != reflect.Slice {
		hidden(r, pointer, f, codes.String())
		return
	}
	for n := range codes.Len() {
		hidden(r, pointer+"/"+strconv.Itoa(n), f, codes.Index(n).String())
	}
}

// hidden checks a code of a sealed field without telling its value.
func hidden(r *Report, pointer string, f *Field, code string) {
	at := len(r.Refusals)
	checkCode(r, pointer, f, code)
	if len(r.Refusals) > at {
		r.Refusals[at].Value = ""
	}
}

func checkText(r *Report, pointer, s string) {
	fix := Text{"请删去或改写该处内容", "remove or rewrite that part"}
	switch {
	case len(s) > maxText:
		r.Add(pointer, "", TooLarge, Text{"文字不得超过2000字节", "a text holds at most 2,000 bytes"}, fix)
	case !utf8.ValidString(s):
		r.Add(pointer, "", Malformed, Text{"文字不是有效的UTF-8", "the text is not valid UTF-8"}, fix)
	case strings.IndexFunc(s, unicode.IsControl) >= 0:
		r.Add(pointer, "", Malformed, Text{"文字不得含控制字符", "a text holds no control characters"}, fix)
	case looksPersonal(s):
		r.Add(pointer, "", PersonalText, Text{"公开字段中疑似含有电话号码或身份证号码", "an open text holds what looks like a phone or ID number"}, fix)
	}
}

// looksPersonal reports a run of digits, however spaced, that has the form of a Chinese mobile
// number (11 digits from 13 to 19) or of an ID number (15 or 18, the last may be X).
func looksPersonal(s string) bool {
	var run []byte
	flush := func() bool {
		n := len(run)
		found := n == 11 && run[0] == '1' && run[1] >= '3' || n == 15 || n == 18
		run = run[:0]
		return found
	}
	for _, c := range s {
		switch {
		case '0' <= c && c <= '9':
			run = append(run, byte(c))
		case '０' <= c && c <= '９':
			run = append(run, byte(c-'０'+'0'))
		case (c == 'x' || c == 'X' || c == 'Ｘ') && len(run) == 17:
			run = append(run, 'X')
		case c == ' ' || c == '-' || c == '　' || c == '－':
		default:
			if flush() {
				return true
			}
		}
	}
	return flush()
}
