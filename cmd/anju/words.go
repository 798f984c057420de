package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// The languages of sentences. Names stand in Chinese with their code, which is English and what
// a filter takes; refusals stand in both languages.
const (
	chinese = "zh"
	english = "en"
)

// languageOf reads the language from the environment: LC_ALL, LC_MESSAGES, LANG, the first that
// is set; Chinese unless it begins with "en".
func languageOf(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "en") {
				return english
			}
			return chinese
		}
	}
	return chinese
}

// say picks the session's language of a sentence.
func (s *session) say(t domain.Text) string {
	if s.lang == english {
		return t.EN
	}
	return t.ZH
}

// named writes a term in Chinese with its code.
func named(t domain.Text, code string) string { return t.ZH + " " + code }

// yesNo writes a flag in both languages.
func yesNo(yes bool) string {
	if yes {
		return "是 yes"
	}
	return "否 no"
}

// grouped writes a whole number with commas: 1,224.
func grouped(n int) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// percent writes a share of a whole, "" of nothing.
func percent(n, of int) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f%%", float64(n)*100/float64(of))
}

// standing is the last line of every answer: which rules, and how much of the log it rests on.
func standing(parameters string, position, lag projections.Position) string {
	var parts []string
	if parameters != "" {
		parts = append(parts, "参数 parameters "+parameters)
	}
	for _, stream := range slices.Sorted(maps.Keys(position)) {
		parts = append(parts, fmt.Sprintf("位置 position %s:%d", stream, position[stream]))
		if behind := lag[stream]; behind > 0 {
			parts = append(parts, fmt.Sprintf("落后 lag %d", behind))
		}
	}
	if len(position) == 0 {
		parts = append(parts, "账本为空 the ledger is empty")
	}
	return strings.Join(parts, " | ")
}

// place writes a division's code with its name.
func place(d domain.Division) string {
	if d == "" {
		return ""
	}
	return strings.TrimSpace(string(d) + " " + d.FullName())
}

// day writes a date, "-" where there is none: an answer that lacks it leaves the zero day.
func day(d domain.Day) string {
	if !d.Present() || d == 0 {
		return "-"
	}
	return d.String()
}
