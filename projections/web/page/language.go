package page

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// language is one that pages are written in.
type language string

// The languages; Chinese comes first.
const (
	chinese language = "zh"
	english language = "en"
)

// languageCookie keeps the choice for a year.
const (
	languageCookie = "anju-lang"
	languageKept   = 365 * 24 * 60 * 60 // seconds
)

// languageOf reads the language that was chosen; Chinese until another is. A page that is asked for
// anew stays in its own, though another was chosen in another tab.
func languageOf(r *http.Request) language {
	switch r.Header.Get(liveHeader) {
	case chinese.Tag():
		return chinese
	case english.Tag():
		return english
	}
	if c, err := r.Cookie(languageCookie); err == nil && c.Value == string(english) {
		return english
	}
	return chinese
}

// Tag is the language as HTML names it.
func (l language) Tag() string {
	if l == english {
		return "en"
	}
	return "zh-CN"
}

// say picks one of two texts that stand beside each other.
func (l language) say(zh, en string) string {
	if l == english {
		return en
	}
	return zh
}

// pick is say of a text of the domain.
func (l language) pick(t domain.Text) string { return l.say(t.ZH, t.EN) }

// term names a code of a list.
func (l language) term(terms []domain.Term, code string) string {
	for _, t := range terms {
		if t.Code == code {
			return l.pick(t.Text)
		}
	}
	return code
}

// grouped writes a whole number with commas: 1,224.
func grouped[T ~int | ~int32 | ~int64 | ~uint64](n T) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// percent writes a share of a whole, "" of nothing. Only nought is 0%.
func percent(n, of int) string {
	if of == 0 {
		return ""
	}
	share := float64(n) * 100 / float64(of)
	switch {
	case n > 0 && share < 1:
		return "<1%"
	case n < of && share > 99:
		return ">99%"
	}
	return strconv.FormatFloat(share, 'f', 0, 64) + "%"
}

// yuan writes an amount of fen: 3,200.00.
func yuan(f domain.Fen) string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%s.%02d", sign, grouped(int64(f/100)), int64(f%100))
}

// wan writes an amount of fen in ten thousand yuan: 56,905.00.
func wan(f domain.Fen) string {
	const perWan = 1_000_000
	return grouped(int64(f/perWan)) + fmt.Sprintf(".%02d", int64(f%perWan)/10_000)
}

// shortDay writes a day, a dash when there is none.
func shortDay(d domain.Day) string {
	if !d.Present() {
		return "—"
	}
	return d.String()
}

// placeOf names a division as far as the table knows it.
func (l language) place(d domain.Division) string {
	if d == domain.Nation || d == "" {
		return l.say("全国", "Nation")
	}
	if name := d.Name(); name != "" {
		return name
	}
	return string(d)
}

// cut shortens text that would break a page; what it says ends in an ellipsis.
func cut(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return strings.TrimSpace(string(runes[:most])) + "…"
}

// Other is the other language, OtherTag how HTML names it, OtherName how it names itself.
func (l language) Other() string { return l.say(string(english), string(chinese)) }

// OtherTag is how HTML names the other language.
func (l language) OtherTag() string { return l.say("en", "zh-CN") }

// OtherName is how the other language names itself.
func (l language) OtherName() string { return l.say("English", "中文") }

// duty names what is to be done, without the word that says that it is late.
func (l language) duty(kind domain.OverdueKind) string {
	name := l.pick(domain.OverdueKinds()[kind].Text)
	return strings.TrimSuffix(strings.TrimSuffix(name, "超期"), " overdue")
}

// label names a field; the unit that it is recorded in is left to the value, which is written in
// another.
func (l language) label(t domain.Text) string {
	name := l.pick(t)
	for _, unit := range []string{"（分）", "（平方分米）", " (fen)", " (dm2)"} {
		name = strings.Replace(name, unit, "", 1)
	}
	return name
}

// unit names the unit of a total, which the domain writes in Chinese.
func (l language) unit(u string) string {
	if u == "万元" {
		return l.say(u, "×10,000 yuan")
	}
	return u
}
