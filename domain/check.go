package domain

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// The limits of a payload's texts and lists. An event holds 32 KiB (WIRE §6); these keep any
// payload of a few texts inside it and name the field that is too long.
const (
	maxText      = 200  // characters of an open text: names, references, courses, purposes
	maxSealed    = 2000 // bytes of a sealed value's JSON: the longest is the note of a visit
	maxTextBytes = 4 * maxText
	maxList      = 400 // entries of a list: a hospital that serves every site of a prefecture
)

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
		pointer := f.under(base)
		switch {
		case isAbsent(f, v):
			if f.Required && !f.Minted && !f.Created {
				r.Add(pointer, "", Missing, Text{f.Label.ZH + "必须填写", f.Label.EN + " is required"},
					Text{"请补充该字段", "give a value for the field"})
			}
		case f.Class != Open:
			checkBox(r, pointer, f, v)
		case f.List && v.Len() > maxList:
			r.Add(pointer, strconv.Itoa(v.Len()), TooLarge,
				Text{"列表最多" + strconv.Itoa(maxList) + "项", "a list holds at most " + strconv.Itoa(maxList) + " entries"},
				Text{"请分多次记录", "record it in several facts"})
		case f.List:
			for n := range v.Len() {
				checkEntry(r, pointer+"/"+strconv.Itoa(n), f, v.Index(n))
			}
		default:
			checkValue(r, pointer, f, v)
		}
	}
}

// isAbsent reports a field without a value: zero, an empty list or a box with nothing in it.
func isAbsent(f *Field, v reflect.Value) bool {
	if f.Class != Open {
		box := v.Field(0).Interface().(Box)
		return box.IsZero() || string(box.Plain) == `""` || string(box.Plain) == "null" || string(box.Plain) == "[]"
	}
	return v.IsZero() || f.List && v.Len() == 0
}

// checkEntry checks one entry of a list, which may not be empty.
func checkEntry(r *Report, pointer string, f *Field, v reflect.Value) {
	if v.IsZero() && f.Type != ObjectField && f.Type != IntegerField {
		r.Add(pointer, "", Missing, Text{f.Label.ZH + "含有空项", f.Label.EN + " has an empty entry"},
			Text{"请删去空项", "remove the empty entry"})
		return
	}
	checkValue(r, pointer, f, v)
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
		checkText(r, pointer, f, v.String())
	case DivisionField:
		if short, err := ParseDivision(v.String()); err != nil || string(short) != v.String() {
			r.Add(pointer, Shown(v.String()), Malformed, Text{"区划代码为2、4、6、9或12位数字", "a division code has 2, 4, 6, 9 or 12 digits"},
				Text{"请填写统计用区划代码，例如 520603", "give a GB/T 2260 code such as 520603"})
		}
	case EntityField:
		if e := entityIn(v); f.Entity != 0 && e.Present() && e.Kind() != f.Entity {
			r.Add(pointer, e.String(), Malformed, Text{"标识的类别不符", "the id is that of a " + e.Kind().String()},
				Text{"请填写以 " + string(rune(f.Entity)) + " 开头的标识", "give the id of a " + f.Entity.String() + "; it begins with " + string(rune(f.Entity))})
		}
	case DateField, MonthField:
		checkYear(r, pointer, f, v)
	}
}

// The years that a date or month of a payload may lie in: nobody alive was born before the
// first, and no contract or due date goes beyond the second.
const (
	firstYear = 1900
	lastYear  = 2100
)

func checkYear(r *Report, pointer string, f *Field, v reflect.Value) {
	year := int(v.Int()) / 12 // a month
	if f.Type == DateField {
		year = Date(v.Int()).Day().Year()
	}
	if year < firstYear || year > lastYear {
		r.Add(pointer, strconv.Itoa(year), BadDate, Text{f.Label.ZH + "的年份应在1900至2100之间", f.Label.EN + " lies in the years 1900 to 2100"},
			Text{"请核对年份", "check the year"})
	}
}

func entityIn(v reflect.Value) Entity {
	if v.Kind() == reflect.Struct {
		v = v.Field(0)
	}
	return Entity(v.Uint())
}

func checkInteger(r *Report, pointer string, f *Field, n int64) {
	if (f.Min == nil || n >= *f.Min) && (f.Max == nil || n <= *f.Max) {
		return
	}
	value := strconv.FormatInt(n, 10)
	switch {
	case f.Min != nil && n < *f.Min && n < 0:
		r.Add(pointer, value, Negative, Text{f.Label.ZH + "不能为负数", f.Label.EN + " cannot be negative"},
			Text{"请填写0以上的数", "give nought or more"})
	case f.Min != nil && n < *f.Min:
		least := strconv.FormatInt(*f.Min, 10)
		r.Add(pointer, value, BadNumber, Text{f.Label.ZH + "不能小于" + least, f.Label.EN + " is at least " + least},
			Text{"请填写" + least + "以上的数", "give " + least + " or more"})
	case f.Max != nil && n > *f.Max:
		most := strconv.FormatInt(*f.Max, 10)
		r.Add(pointer, value, BadNumber, Text{f.Label.ZH + "不能大于" + most, f.Label.EN + " is at most " + most},
			Text{"请核对数值和单位", "check the figure and its unit"})
	}
}

func checkCode(r *Report, pointer string, f *Field, code string) {
	if slices.ContainsFunc(f.Terms, func(t Term) bool { return t.Code == code }) {
		return
	}
	known := make([]string, len(f.Terms))
	for i, t := range f.Terms {
		known[i] = t.Code
	}
	list := strings.Join(known, ", ")
	r.Add(pointer, Shown(code), UnknownCode, Text{"该代码不在列表中", "the code is not in its list"},
		Text{"可用代码：" + list, "use one of: " + list})
}

// checkBox checks a sealed field while it is open; its value never enters a refusal.
func checkBox(r *Report, pointer string, f *Field, v reflect.Value) {
	box := v.Field(0).Interface().(Box)
	if len(box.Plain) == 0 {
		return // closed: the door checked it when it was open
	}
	if len(box.Plain) > maxSealed {
		r.Add(pointer, "", TooLarge, Text{f.Label.ZH + "不得超过" + strconv.Itoa(maxSealed) + "字节", f.Label.EN + " holds at most " + strconv.Itoa(maxSealed) + " bytes"},
			Text{"请缩短内容", "shorten it"})
		return
	}
	values, ok := plainTexts(f, box)
	switch {
	case !ok:
		r.Add(pointer, "", Malformed, Text{"取值不符合字段的形式", "the value is not of the field's form"},
			Text{"请按字段说明填写", "see the field's schema"})
	case !f.List:
		hidden(r, pointer, f, values[0])
	default:
		for n, value := range values {
			hidden(r, pointer+"/"+strconv.Itoa(n), f, value)
		}
	}
}

// plainTexts decodes an open box; every sealed field of the catalogue is a text, a code or a
// list of them (TestSealedFieldsAreTexts).
func plainTexts(f *Field, box Box) (values []string, ok bool) {
	if f.List {
		return values, json.Unmarshal(box.Plain, &values) == nil
	}
	var one string
	err := json.Unmarshal(box.Plain, &one)
	return []string{one}, err == nil
}

// hidden checks a value of a sealed field without telling it.
func hidden(r *Report, pointer string, f *Field, value string) {
	at := len(r.Refusals)
	switch f.Type {
	case CodeField:
		checkCode(r, pointer, f, value)
	case TextField:
		checkForm(r, pointer, value)
	}
	for i := range r.Refusals[at:] {
		r.Refusals[at+i].Value = ""
	}
}

// checkText checks an open text. Its value is not told: it may be the phone number itself.
func checkText(r *Report, pointer string, f *Field, s string) {
	switch {
	case len(s) > maxTextBytes || utf8.RuneCountInString(s) > maxText:
		most := strconv.Itoa(maxText)
		r.Add(pointer, "", TooLarge, Text{f.Label.ZH + "最多" + most + "个字", f.Label.EN + " holds at most " + most + " characters"},
			Text{"请缩短到要点", "shorten it to what matters"})
	case looksPersonal(s, f.Reference):
		r.Add(pointer, "", PersonalText, Text{"公开字段中疑似含有电话号码或证件号码", "an open text holds what looks like a phone or ID number"},
			Text{"请删去号码；个人信息只填在其封存字段中", "take the number out: personal data belong in their sealed fields alone"})
	default:
		checkForm(r, pointer, s)
	}
}

// checkForm refuses what no text may hold: bytes that are no UTF-8, control characters, and
// marks that turn the direction of what follows on a screen.
func checkForm(r *Report, pointer, s string) {
	switch {
	case !utf8.ValidString(s):
		r.Add(pointer, "", Malformed, Text{"文字不是有效的UTF-8", "the text is not valid UTF-8"},
			Text{"请以UTF-8编码重新填写", "write the text again in UTF-8"})
	case strings.IndexFunc(s, isUnseen) >= 0:
		r.Add(pointer, "", Malformed, Text{"文字不得含控制字符", "a text holds no control characters"},
			Text{"请删去不可见字符", "remove the invisible characters"})
	}
}

func isUnseen(c rune) bool {
	return unicode.IsControl(c) || c == '\u2028' || c == '\u2029' || c == '\ufeff' ||
		c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069'
}
