package page

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections/ask"
)

// questionsPage lists the standing questions.
type questionsPage struct {
	frame
	Division domain.Division
	Groups   []questionGroup
}

// questionGroup are the questions of those who ask them.
type questionGroup struct {
	Name      string
	Questions []questionLine
}

type questionLine struct {
	Number               int
	Title, Meaning, Href string
}

// The groups of DOMAIN §7: questions up to a number are asked by whom.
var questionGroups = []struct {
	upTo int
	name domain.Text
}{
	{19, domain.Text{ZH: "部门", EN: "Departments"}},
	{26, domain.Text{ZH: "分析", EN: "Analysts"}},
	{30, domain.Text{ZH: "户与社区", EN: "Households and communities"}},
}

func (p *Page) serveQuestions(v *visit) error {
	q := questionsPage{frame: p.frame(v, v.lang.say("常设问题", "Standing questions"), "lists")}
	q.Division = q.Home
	var err error
	if text := v.URL.Query().Get("division"); text != "" {
		if q.Division, err = domain.ParseDivision(text); err != nil {
			return badInput("division", text, noDivision)
		}
	}
	q.crumbs(q.Division)
	for _, g := range questionGroups {
		q.Groups = append(q.Groups, questionGroup{Name: v.lang.pick(g.name)})
	}
	for _, one := range ask.Questions() {
		href := "/questions/" + one.Name
		if slices.ContainsFunc(one.Options, func(o ask.Option) bool { return o.Kind == ask.DivisionOption }) {
			href += "?division=" + string(q.Division)
		}
		at := slices.IndexFunc(questionGroups, func(g struct {
			upTo int
			name domain.Text
		},
		) bool {
			return one.Number <= g.upTo
		})
		q.Groups[at].Questions = append(q.Groups[at].Questions, questionLine{one.Number, v.lang.pick(one.Title), v.lang.pick(one.Meaning), q.To(href)})
	}
	return p.render(v, "questions", q)
}

// questionPage is the answer to a standing question, or why there is none.
type questionPage struct {
	frame
	Question ask.Question
	Meaning  string
	Options  []optionField
	Wants    bool   // a file, which the form sends
	Refused  string // why it is not answered, and the way out
	Summary  *sheet
	Sheet    *sheet
}

// optionField is one option as a form's field.
type optionField struct {
	Name, Label, Value, Input, Pattern string
	Required                           bool
	Min, Max                           int
	Choices                            []option
}

// questionFile bounds a file that a question reads.
const questionFile = 4 << 20

func (p *Page) serveQuestion(v *visit) error {
	question, known := ask.Find(v.PathValue("name"))
	if !known {
		return notThere(noQuestion)
	}
	values := v.URL.Query()
	var file []byte
	if v.Method == http.MethodPost {
		var err error
		if values, file, err = v.form(); err != nil {
			return err
		}
	}
	q := questionPage{frame: p.frame(v, v.lang.pick(question.Title), "lists"), Question: question, Meaning: v.lang.pick(question.Meaning)}
	given := map[string]string{}
	for i := range question.Options {
		o := &question.Options[i]
		if text := strings.TrimSpace(values.Get(o.Name)); text != "" && o.Kind != ask.FileOption {
			given[o.Name] = text
		}
		q.offer(o, given[o.Name])
	}
	a, err := p.asking(v, &question, given, file)
	var refused *ask.Refused
	switch {
	case errors.As(err, &refused) && refused.Kind == domain.Missing:
		q.Refused = v.lang.say("请先填写上面的选项。", "Fill in the options above first.")
	case errors.As(err, &refused):
		v.status = http.StatusBadRequest
		q.Refused = refused.Field + v.lang.say("：", ": ") + v.lang.pick(refused.Rule) + v.lang.say("。", ". ") + v.lang.pick(refused.Fix)
	case errors.Is(err, ask.ErrWaits):
		q.Refused = v.lang.say("账本还不知道查询者是谁，因此不记录谁看过；有了身份之后才能回答。", "The ledger does not know yet who asks, so that it keeps no record of who looked; this is answered once there is identity.")
	case err != nil:
		return stopped(err)
	default:
		return p.showAnswer(v, &q, a)
	}
	return p.render(v, "question", &q)
}

// form reads a question that was sent with a file.
func (v *visit) form() (url.Values, []byte, error) {
	v.Body = http.MaxBytesReader(v.w, v.Body, questionFile)
	if err := v.ParseMultipartForm(questionFile); err != nil {
		return nil, nil, badInput("", "", wrongForm)
	}
	f, _, err := v.FormFile("file")
	if err != nil {
		return nil, nil, badInput("", "", wrongForm)
	}
	defer func() { _ = f.Close() }() // it was read
	body, err := io.ReadAll(f)
	return v.Form, body, err
}

// asking answers a question whole. A household's official number is personal and stands in no
// address: here it is found by its id.
func (p *Page) asking(v *visit, q *ask.Question, given map[string]string, file []byte) (*ask.Answer, error) {
	for _, o := range q.Options {
		if _, err := domain.ParseEntity(given[o.Name]); o.Kind == ask.HouseholdOption && given[o.Name] != "" && err != nil {
			return nil, &ask.Refused{Refusal: domain.Refusal{
				Field: o.Name, Rule: domain.Text{ZH: "这里填写户标识", EN: "the id of a household stands here"},
				Fix: domain.Text{ZH: "可先在“查找”中按户编号查到", EN: "the search finds it by the official number"},
			}}
		}
	}
	return p.asked.Answer(v.Context(), q, ask.Request{
		Values: given, At: v.moment.day, By: v.moment.by, Now: domain.MomentOf(p.now()), Known: v.moment.known, Then: p.views.Then(v.moment.set, p.now, knownWait), Ledger: p.ledger.Directory(), File: file, Whole: true,
	}, p.now())
}

// offer makes the field of an option.
func (q *questionPage) offer(o *ask.Option, given string) {
	f := optionField{Name: o.Name, Label: q.Lang.label(o.Title), Value: given, Input: "text", Required: o.Required, Min: o.Min, Max: o.Max}
	if given == "" {
		f.Value = o.Default
	}
	switch o.Kind {
	case ask.FileOption:
		f.Input, f.Name, q.Wants = "file", "file", true
	case ask.NumberOption:
		f.Input = "number"
	case ask.MonthOption:
		f.Input = "month"
	case ask.DivisionOption:
		f.Pattern = "[0-9]{2,12}"
	case ask.CodeOption:
		f.Input = "select"
		if !o.Required {
			f.Choices = []option{{"", q.Lang.say("全部", "all"), f.Value == "", ""}}
		}
		for _, t := range o.Choices {
			f.Choices = append(f.Choices, option{t.Code, q.Lang.pick(t.Text), f.Value == t.Code, ""})
		}
	}
	q.Options = append(q.Options, f)
}

// showAnswer answers with the rows, or with a file of them.
func (p *Page) showAnswer(v *visit, q *questionPage, a *ask.Answer) error {
	q.Stand = standOf(a.Position, a.Lag, a.Parameters)
	q.note(a.Notes)
	if d, err := domain.ParseDivision(a.Options["division"]); err == nil {
		q.crumbs(d)
	}
	if a.Summary != nil {
		q.Summary = &sheet{Columns: q.heads(a.Summary.Columns)}
		q.Summary.Rows = q.rows(a.Summary)
	}
	q.Sheet = &sheet{Columns: q.heads(a.Columns)}
	if q.Wants { // the file is not kept: there is no second look at it
		q.Sheet.Rows = q.rows(&a.Table)
		q.Sheet.Total, q.Sheet.First, q.Sheet.Last = len(q.Sheet.Rows), 1, len(q.Sheet.Rows)
		return p.render(v, "question", q)
	}
	query := v.URL.Query()
	if err := q.Sheet.arrange(&q.frame, query, q.rows(&a.Table)); err != nil {
		return err
	}
	if as := query.Get("as"); as != "" {
		return v.sendAnswer(a, q.Sheet.found, as)
	}
	if v.part() == "sheet" {
		return p.render(v, "sheetrows", q.Sheet)
	}
	return p.render(v, "question", q)
}

// sendAnswer answers with a file of the rows that were found, in their order: it says what the
// answer rests on as the API's files do.
func (v *visit) sendAnswer(a *ask.Answer, found []sheetRow, as string) error {
	rows := make([]ask.Row, len(found))
	for i := range found {
		rows[i] = a.Rows[found[i].at]
	}
	a.Rows = rows
	write, media := a.WriteCSV, csvType
	switch as {
	case "csv":
	case "xlsx":
		write, media = a.WriteXLSX, xlsxType
	default:
		return badInput("as", as, wrongCode, fileForms()...)
	}
	var body bytes.Buffer
	if err := write(&body); err != nil {
		return err
	}
	v.attach(a.Question, as)
	v.send(media, body.Bytes())
	return nil
}

// named reports a column of names that follows the column of what they name: the names are shown
// in place of ids.
func named(all []ask.Column, i int) bool {
	return i > 0 && all[i].Kind == ask.Words && all[i-1].Kind == ask.Community
}

// heads are the columns of a table.
func (q *questionPage) heads(all []ask.Column) (heads []sheetColumn) {
	for i, c := range all {
		if named(all, i) {
			continue
		}
		title := q.Lang.label(c.Title)
		if c.Kind == ask.Money {
			title += q.Lang.say("（元）", " (yuan)")
		}
		heads = append(heads, sheetColumn{Title: title, Number: c.Kind.Number()})
	}
	return heads
}

func (q *questionPage) rows(t *ask.Table) []sheetRow {
	rows := make([]sheetRow, len(t.Rows))
	for i := range t.Rows {
		row := &rows[i]
		row.Events = t.Rows[i].Events
		for k, c := range t.Rows[i].Cells {
			shown := q.cell(t.Columns[k].Kind, c)
			if last := len(row.Cells) - 1; named(t.Columns, k) {
				row.Cells[last].Text = cmp.Or(shown.Text, row.Cells[last].Text)
				continue
			}
			row.Cells = append(row.Cells, shown)
		}
	}
	return rows
}

// cell shows one value of an answer.
func (q *questionPage) cell(kind ask.Kind, c ask.Cell) sheetCell {
	if !c.Known() {
		return sheetCell{}
	}
	switch {
	case c.IsNumber && kind == ask.Money:
		return cellOfFen(domain.Fen(c.Number))
	case c.IsNumber && kind == ask.Percent:
		return cellOfNumber(c.Number, c.In(false)+"%")
	case c.IsNumber:
		text := c.In(false)
		if whole := int64(c.Number); float64(whole) == c.Number {
			text = grouped(whole)
		}
		return cellOfNumber(c.Number, text)
	case kind == ask.Division:
		return sheetCell{Text: q.Lang.place(domain.Division(c.Code)), Href: q.To("/divisions/", c.Code)}
	case kind == ask.Event:
		short, _, _ := strings.Cut(c.Code, "-")
		return sheetCell{Text: short, Href: q.To("/events/", c.Code)}
	}
	if e, err := domain.ParseEntity(c.Code); err == nil && c.Names == (domain.Text{}) {
		return q.cellOfWho(e)
	}
	return cellOf(c.In(q.Lang == english))
}
