package ask

import (
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// read checks what was given and takes what every question has.
func (a *asked) read() error {
	a.limit = pageDefault
	for name, text := range a.Values {
		if name == "cursor" || name == "limit" {
			continue
		}
		at := slices.IndexFunc(a.question.Options, func(o Option) bool { return o.Name == name })
		if at < 0 || a.question.Options[at].Kind == FileOption {
			return refuse(name, "", domain.UnknownField, "问题 "+a.question.Name+" 没有这个选项", "the question "+a.question.Name+" has no such option", "可用："+a.optionNames(), "one of: "+a.optionNames())
		}
		if err := a.question.Options[at].check(text); err != nil {
			return err
		}
		a.Options[name] = text
	}
	for i := range a.question.Options {
		o := &a.question.Options[i]
		given := a.Options[o.Name] != "" || o.Kind == FileOption && len(a.File) > 0
		if o.Required && !given {
			return refuse(o.Name, "", domain.Missing, "必须给出："+o.Title.ZH, "it has to be given: "+o.Title.EN, o.wayOut().ZH, o.wayOut().EN)
		}
		if !given && o.Default != "" {
			a.Options[o.Name] = o.Default
		}
	}
	if text := a.Options["division"]; text != "" {
		a.division, _ = domain.ParseDivision(text)
	}
	return a.readPage()
}

func (a *asked) readPage() (err error) {
	if text := a.Values["limit"]; text != "" {
		if a.limit, err = strconv.Atoi(text); err != nil || a.limit < 1 || a.limit > pageMost {
			return refuse("limit", text, domain.BadNumber, "每页 1 至 1000 行", "a page has 1 to 1000 rows", "用 cursor 翻页，或用 format=csv 取全部", "turn pages by cursor, or take all as format=csv")
		}
	}
	if text := a.Values["cursor"]; text != "" && a.question.byHousehold {
		if a.cursor, err = projections.ParseCursor(text); err != nil {
			return badCursor(text)
		}
		a.after = a.cursor.After
	} else if text != "" {
		if a.offset, err = strconv.Atoi(text); err != nil || a.offset < 1 || strconv.Itoa(a.offset) != text {
			return badCursor(text)
		}
	}
	if a.Whole {
		a.limit, a.offset, a.after = MostRows, 0, 0
	}
	return nil
}

func badCursor(text string) error {
	return refuse("cursor", domain.Shown(text), domain.Malformed, "应为上一页给出的 cursor", "the cursor that the page before gave", "留空从第一页开始", "leave it out for the first page")
}

func (a *asked) optionNames() string {
	var names []string
	for _, o := range a.question.Options {
		names = append(names, o.Name)
	}
	return strings.Join(append(names, "as_of", "known_at", "at_least", "parameters", "cursor", "limit"), " ")
}

// check reads an option as its kind says.
func (o *Option) check(text string) error {
	ok := true
	switch o.Kind {
	case DivisionOption:
		_, err := domain.ParseDivision(text)
		ok = err == nil
	case NumberOption:
		n, err := strconv.Atoi(text)
		ok = err == nil && n >= o.Min && n <= o.Max
	case CodeOption:
		ok = slices.ContainsFunc(o.Choices, func(t domain.Term) bool { return t.Code == text })
	case MonthOption:
		_, err := domain.ParseMonth(text)
		ok = err == nil
	case MomentOption:
		_, err := domain.ParseKnownAt(text)
		ok = err == nil
	}
	if ok {
		return nil
	}
	rule := o.rule()
	return refuse(o.Name, domain.Shown(text), domain.Malformed, rule.ZH, rule.EN, o.wayOut().ZH, o.wayOut().EN)
}

// rule says what an option has to be.
func (o *Option) rule() domain.Text {
	switch o.Kind {
	case DivisionOption:
		return domain.Text{ZH: "区划代码为2、4、6、9或12位数字", EN: "a division code has 2, 4, 6, 9 or 12 digits"}
	case NumberOption:
		between := strconv.Itoa(o.Min) + "–" + strconv.Itoa(o.Max)
		return domain.Text{ZH: "应为整数 " + between, EN: "a whole number, " + between}
	case CodeOption:
		return domain.Text{ZH: "应为列表中的代码", EN: "a code of its list"}
	case MonthOption:
		return domain.Text{ZH: "应为月份", EN: "a month"}
	case MomentOption:
		return domain.Text{ZH: "应为日期，或注明 +08:00 或 Z 的时刻", EN: "a date, or a moment that says its zone, +08:00 or Z"}
	case HouseholdOption, CommunityOption:
		return domain.Text{ZH: "应为已登记对象的标识或编号", EN: "the id or number of a " + string(o.Kind) + " that is registered"}
	}
	return o.Title
}

// wayOut says how an option is written.
func (o *Option) wayOut() domain.Text {
	example := ""
	switch o.Kind {
	case DivisionOption:
		example = "520603"
	case MonthOption:
		example = "2021-03"
	case MomentOption:
		example = "2021-06-30, 2021-06-30T18:00:00+08:00"
	case CodeOption:
		for _, t := range o.Choices {
			example += " " + t.Code
		}
		return domain.Text{ZH: "可用：" + example, EN: "one of:" + example}
	case FileOption:
		return domain.Text{ZH: "命令用 --file，HTTP 用 POST 正文", EN: "--file of the command, or the body of a POST"}
	case HouseholdOption, CommunityOption:
		return domain.Text{ZH: "使用标识，或在 division 中给出县级区划并使用编号", EN: "give its id, or its number with its county as division"}
	case NumberOption:
		example = o.Default
	}
	return domain.Text{ZH: "例如 " + example, EN: "such as " + example}
}

func refuse(field, value string, kind domain.RefusalKind, rest ...string) error {
	return &Refused{domain.Refusal{
		Field: field, Value: value, Kind: kind, Rule: domain.Text{ZH: rest[0], EN: rest[1]}, Fix: domain.Text{ZH: rest[2], EN: rest[3]},
	}}
}

// number is an option that is a number.
func (a *asked) number(name string) int {
	n, _ := strconv.Atoi(a.Options[name]) // it was checked
	return n
}

// entity is an option that names an entity, by id or by number.
func (a *asked) entity(name string, kind domain.EntityKind) (domain.Entity, error) {
	text := strings.TrimSpace(a.Options[name])
	a.Options[name] = "" // an official number is not repeated
	if e, err := domain.ParseEntity(text); err == nil && e.Kind() == kind {
		a.Options[name] = text
		return e, nil
	}
	if a.division != "" && a.division != domain.Nation {
		if e, err := a.Ledger.Resolve(kind, string(a.division.County()), text); err == nil {
			a.Options[name] = e.String()
			return e, nil
		}
	}
	o := Option{Kind: OptionKind(kind.String())}
	return 0, refuse(name, "", domain.Unknown, o.rule().ZH, o.rule().EN, o.wayOut().ZH, o.wayOut().EN)
}
