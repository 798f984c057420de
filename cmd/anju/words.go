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

// standing ends every answer: as known by when, how much of the log it rests on, by which rules; and
// in front of that what is to be known of its two axes.
func (s *session) standing(parameters string, b projections.Basis) string {
	notes := ""
	for _, note := range b.Notes {
		notes += "注意 note: " + s.say(note) + "\n"
	}
	var parts []string
	if b.KnownAt != 0 {
		parts = append(parts, "已知至 known at "+b.KnownAt.String())
	}
	for _, stream := range slices.Sorted(maps.Keys(b.Position)) {
		parts = append(parts, fmt.Sprintf("位置 position %s:%d", stream, b.Position[stream]))
		if behind := b.Lag[stream]; behind > 0 {
			parts = append(parts, fmt.Sprintf("落后 lag %d", behind))
		}
	}
	if len(b.Position) == 0 {
		parts = append(parts, "账本为空 the ledger is empty")
	}
	rules := "\n定义 definition " + b.Definition
	if parameters != "" {
		rules += " | 参数 parameters " + parameters
	}
	return notes + strings.Join(parts, " | ") + rules
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
