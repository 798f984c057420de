package main

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake"
)

// refusal is a problem document that a person reads.
type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }

// words is a text of a problem document: an object with two languages, or a string with both,
// "中文 / English", or with one.
type words domain.Text

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] != '"' {
		return json.Unmarshal(b, (*domain.Text)(w))
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	zh, en, both := strings.Cut(text, " / ")
	if !both {
		zh, en = "", text
	}
	*w = words{ZH: zh, EN: en}
	return nil
}

// problem is what is read of a problem document (RFC 9457).
type problem struct {
	Title    words            `json:"title"`
	Names    words            `json:"names"` // the title, a language each
	Detail   words            `json:"detail"`
	Field    string           `json:"field"`
	Value    string           `json:"value"`
	Rule     words            `json:"rule"`
	Fix      words            `json:"fix"`
	Refusals []domain.Refusal `json:"refusals"`

	Dependants []domain.EventID    `json:"dependants"` // of an event that is to be voided
	Depends    []intake.Dependence `json:"depends"`    // of an import that is to be undone
}

// problemText reads a problem document into a line, or a line for each of its refusals, Chinese
// first.
func problemText(status string, body []byte) error {
	var p problem
	if err := json.Unmarshal(body, &p); err != nil || p.Title == (words{}) {
		return refusal(strings.TrimSpace(status + " " + string(body[:min(len(body), 200)])))
	}
	if len(p.Refusals) == 0 {
		p.Refusals = []domain.Refusal{{Field: p.Field, Value: p.Value, Rule: p.rule(), Fix: domain.Text(p.Fix)}}
	}
	lines := make([]string, len(p.Refusals))
	for i, r := range p.Refusals {
		lines[i] = refusalText(r, p.Detail)
		p.Detail = words{} // it is of the whole: once is enough
	}
	for _, id := range p.Dependants {
		lines = append(lines, "← "+id.String())
	}
	for _, d := range p.Depends {
		for _, id := range d.Dependants {
			lines = append(lines, d.Event.String()+" ← "+id.String())
		}
	}
	return refusal(strings.Join(lines, "\n      "))
}

// rule is what a problem without refusals says: its rule, and its title where there is none or
// where no field says what the rule is about.
func (p *problem) rule() domain.Text {
	title := p.Title
	if p.Names != (words{}) {
		title = p.Names
	}
	if p.Field != "" && p.Rule != (words{}) {
		return domain.Text(p.Rule)
	}
	return domain.Text{ZH: sentence("；", title.ZH, p.Rule.ZH), EN: sentence("; ", title.EN, p.Rule.EN)}
}

// refusalText is one refusal as a line: field, value, rule, detail and way out, in both languages.
func refusalText(r domain.Refusal, detail words) string {
	where := r.Field
	if r.Value != "" {
		where = strings.TrimPrefix(where+" \""+r.Value+"\"", " ")
	}
	if where != "" {
		where += ": "
	}
	if r.Rule.EN != "" && strings.Contains(detail.EN, r.Rule.EN) || r.Rule.ZH != "" && strings.Contains(detail.EN, r.Rule.ZH) {
		detail = words{} // it says no more than this line does
	}
	zh := sentence("；", r.Rule.ZH, detail.ZH, r.Fix.ZH)
	en := sentence("; ", r.Rule.EN, detail.EN, r.Fix.EN)
	return where + sentence(" / ", zh, en)
}

// sentence joins the parts that say something.
func sentence(between string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), between)
}
