package ask

import (
	"context"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
)

// myTimeline is question 27.
func myTimeline() Question {
	return Question{
		Number: 27, Name: "my-timeline", Title: domain.Text{ZH: "我家的经过", EN: "My timeline in plain words"},
		Meaning: domain.Text{
			ZH: "到截至日为止记录的关于一户的全部事实，按发生日，用平常的话说：家庭自己的、成员在家期间的、住房的，以及所在社区和设施的。人以其在家中的身份称呼；密封的内容不出现。",
			EN: "Everything that was recorded of a household up to the day, in the order in which it was true, in plain words: its own facts, its members' while they belong to it, its dwelling's, its community's and that community's facilities'. People are called by their place in the household; what is sealed is not told.",
		},
		Options: []Option{theHousehold(), theCounty()},
		Columns: []Column{
			column("day", Date, "日期", "day"), column("words", Words, "经过", "what happened"), column("department", Level, "记录部门", "recorded by"), column("standing", Words, "现状", "standing"), column("event", Event, "事件", "event"),
		},
		answer: answerTimeline,
	}
}

func answerTimeline(_ context.Context, a *asked) error {
	id, err := a.entity("household", domain.HouseholdKind)
	if err != nil {
		return err
	}
	line, err := a.Known.Timeline(id, a.Ledger, a.At)
	if err != nil {
		return err
	}
	members, err := a.Known.Members(id, a.Ledger, a.At)
	if err != nil {
		return err
	}
	called := map[domain.Entity]domain.Text{}
	for i := range members.Members {
		m := &members.Members[i]
		called[m.Person] = calledAs(m.Relation, m.Profile.BirthMonth)
	}
	facts := a.Known.FactsOf(line.Entries)
	for i := range line.Entries {
		e := &line.Entries[i]
		standing := Cell{}
		switch {
		case e.Voided.Present():
			standing = words("已作废", "voided")
		case e.Corrected.Present():
			standing = words("已更正", "corrected")
		}
		said := domain.Text{ZH: e.Name.ZH, EN: e.Name.EN}
		if who, known := called[e.About]; known {
			said = domain.Text{ZH: who.ZH + "：" + said.ZH, EN: who.EN + ": " + said.EN}
		}
		if kind, known := domain.KindOf(e.Type); known && facts[e.Event] != nil {
			zh, en := details(kind, facts[e.Event])
			said.ZH, said.EN = said.ZH+zh, said.EN+en
		}
		a.add([]domain.EventID{e.Event}, date(e.Day), Cell{Names: said}, code(e.Department), standing, Cell{Code: e.Event.String()})
	}
	return nil
}

// calledAs names a member by his place in the household, and his year of birth.
func calledAs(r domain.Relation, birth domain.Month) domain.Text {
	t := domain.Text{ZH: "成员", EN: "member"}
	if r != "" {
		t = domain.Label(r)
	}
	if birth != 0 {
		year := strconv.Itoa(int(birth) / 12)
		t = domain.Text{ZH: t.ZH + "（" + year + "年生）", EN: t.EN + " born " + year}
	}
	return t
}

// details tells the open fields of a fact: codes by their names, days, money and plain numbers; ids, reference
// numbers and what is sealed are left out.
func details(kind *domain.Kind, fact domain.Fact) (zh, en string) {
	data, err := domain.Encode(fact)
	if err != nil {
		return "", ""
	}
	var values map[string]jsontext.Value
	if json.Unmarshal(data, &values) != nil {
		return "", ""
	}
	var said []domain.Text
	fields := kind.Fields()
	for i := range fields {
		f := &fields[i]
		raw, there := values[f.Name]
		if !there || f.List || f.Class != domain.Open || f.Reference {
			continue
		}
		if t, told := detail(f, raw); told {
			said = append(said, t)
		}
	}
	for i, t := range said {
		if i == 0 {
			zh, en = "，", ": "
		} else {
			zh, en = zh+"，", en+", "
		}
		zh, en = zh+t.ZH, en+t.EN
	}
	return zh, en
}

// detail tells one field; false where there is nothing to tell in plain words.
func detail(f *domain.Field, raw jsontext.Value) (domain.Text, bool) {
	var text string
	switch f.Type {
	case domain.CodeField:
		if json.Unmarshal(raw, &text) == nil {
			for _, t := range f.Terms {
				if t.Code == text {
					return t.Text, true
				}
			}
		}
	case domain.DateField, domain.MonthField:
		if json.Unmarshal(raw, &text) == nil && text != "" {
			return domain.Text{ZH: f.Label.ZH + text, EN: f.Label.EN + " " + text}, true
		}
	case domain.IntegerField:
		var n int64
		if json.Unmarshal(raw, &n) != nil {
			return domain.Text{}, false
		}
		return amount(f, n), true
	case domain.TextField:
		if f.Fold && json.Unmarshal(raw, &text) == nil && text != "" {
			return domain.Text{ZH: text, EN: text}, true
		}
	}
	return domain.Text{}, false
}

// amount tells a number, money in yuan and areas in square metres.
func amount(f *domain.Field, n int64) domain.Text {
	zh, _, _ := strings.Cut(f.Label.ZH, "（")
	en, _, _ := strings.Cut(f.Label.EN, " (")
	hundredths := strings.TrimSuffix(strconv.FormatFloat(float64(n)/100, 'f', 2, 64), ".00")
	switch f.Unit {
	case "fen":
		return domain.Text{ZH: zh + hundredths + "元", EN: en + " " + hundredths + " yuan"}
	case "dm2":
		return domain.Text{ZH: zh + hundredths + "平方米", EN: en + " " + hundredths + " m²"}
	}
	return domain.Text{ZH: f.Label.ZH + strconv.FormatInt(n, 10), EN: f.Label.EN + " " + strconv.FormatInt(n, 10)}
}
