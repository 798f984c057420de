package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	standing "github.com/anju-ledger/anju/projections/ask"
)

type askCommand struct {
	target
	moment
	Question  string            `arg:"" optional:"" default:"list" help:"A question's number or name, such as 3 or no-verified-work; list names all. 问题的编号或名称。"`
	Division  string            `placeholder:"CODE" help:"Only this division, such as 520603; the county of a number. 区划。"`
	Household string            `placeholder:"ID" help:"The household that the question is about: id, or official number in --division. 户。"`
	Community string            `placeholder:"ID" help:"The community that the question is about: id, code or name in --division. 安置社区。"`
	Set       map[string]string `placeholder:"OPTION=VALUE" help:"Another option of the question, such as people=800; several by \";\". 问题的其他选项。"`
	File      string            `type:"existingfile" placeholder:"FILE" help:"The file that the question reads. 问题所读的文件。"`
	Cursor    string            `placeholder:"ROW" help:"The cursor of the page before. 上一页给出的 cursor。"`
	Limit     string            `placeholder:"N" help:"Rows on a page, 1 to 1000; default 100. 每页行数。"`
	CSV       bool              `name:"csv" help:"Print every row as CSV. 输出 CSV（全部行）。"`
	XLSX      string            `name:"xlsx" type:"path" placeholder:"FILE" help:"Write every row into this new workbook. 写入新的工作簿（全部行）。"`
}

// Help shows examples.
func (askCommand) Help() string {
	return `The thirty standing questions: what they mean, their options and their answers (docs/questions.md).

三十个常设问题：定义、选项和答案。

  anju ask                                                     # all questions
  anju ask 3 --division 520603 --as-of 2021-06-30
  anju ask no-verified-work --division 520603 --as-of 2021-06-30 --known-at 2026-01-31 --csv`
}

// Run prints the list of questions, or the answer to one.
func (c askCommand) Run(s *session) error {
	if strings.EqualFold(c.Question, "list") {
		return listQuestions(s)
	}
	if c.CSV && s.json || c.XLSX != "" && (c.CSV || s.json) {
		return errors.New("--json、--csv、--xlsx 只能选一个 / one of --json, --csv and --xlsx is given: leave the others out")
	}
	q, known := standing.Find(c.Question)
	if !known {
		return fmt.Errorf("没有问题 %q：anju ask 列出全部 / there is no question %q: \"anju ask\" lists all", c.Question, c.Question)
	}
	return c.with(s, func(base string) error { return c.put(s, base, q) })
}

// put asks the ledger, and prints what it answers.
func (c askCommand) put(s *session, base string, q standing.Question) error {
	pairs := c.pairs()
	maps.Copy(pairs, c.Set)
	for name, value := range map[string]string{"division": c.Division, "cursor": c.Cursor, "limit": c.Limit, "format": c.format()} {
		pairs[name] = value
	}
	for kind, who := range map[domain.EntityKind]string{domain.HouseholdKind: c.Household, domain.CommunityKind: c.Community} {
		if who == "" {
			continue
		}
		id, err := find(s, base, kind, c.Division, who)
		if err != nil {
			return err
		}
		pairs[kind.String()] = id
	}
	request := get(base+"/v1/questions/"+url.PathEscape(q.Name), pairs)
	if c.File != "" {
		body, err := os.ReadFile(c.File)
		if err != nil {
			return err
		}
		request.method, request.contentType, request.body = http.MethodPost, "text/csv", bytes.NewReader(body)
	}
	switch c.format() {
	case "csv":
		return copyBody(s.plain(), request)
	case "xlsx":
		return c.keep(s.plain(), request)
	}
	return show(s, request, printAnswer)
}

// format is that of a file, "" where none is wanted.
func (c askCommand) format() string {
	switch {
	case c.CSV:
		return "csv"
	case c.XLSX != "":
		return "xlsx"
	}
	return ""
}

// keep writes the answer into a new file, whole or not at all.
func (c askCommand) keep(s *session, q question) error {
	if _, err := os.Stat(c.XLSX); err == nil {
		return fmt.Errorf("文件已存在：请另选名称 / the file is there already: choose another name: %s", c.XLSX)
	}
	resp, err := open(s, q)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.XLSX, body, 0o600); err != nil {
		return errors.Join(err, os.Remove(c.XLSX))
	}
	fmt.Fprintf(s.out, "已写入 written: %s\n", c.XLSX)
	return nil
}

func listQuestions(s *session) error {
	all := standing.Questions()
	if s.json {
		return json.MarshalWrite(s.out, all, json.Deterministic(true))
	}
	t := newTable([]string{"", "问题 question", ""}, 0)
	for i := range all {
		q := &all[i]
		t.add(strconv.Itoa(q.Number), q.Title.ZH, "")
		t.add("", q.Name, q.Title.EN)
	}
	t.write(s.out)
	fmt.Fprintln(s.out, "\n定义与选项见 docs/questions.md，或 anju ask --json / definitions and options: docs/questions.md, or anju ask --json")
	return nil
}

func printAnswer(s *session, a standing.Answer) {
	fmt.Fprintf(s.out, "%d %s | %s\n", a.Number, s.say(a.Title), a.Question)
	for _, line := range broken(s.say(a.Meaning), lineColumns) {
		fmt.Fprintln(s.out, line)
	}
	var options []string
	for _, name := range slices.Sorted(maps.Keys(a.Options)) {
		options = append(options, name+"="+a.Options[name])
	}
	fmt.Fprintf(s.out, "%s | 截至 as of %s | 行 rows %s\n\n", strings.Join(options, " "), a.AsOf, grouped(a.Count))
	if a.Summary != nil {
		printCells(s, *a.Summary)
		fmt.Fprintln(s.out)
	}
	if len(a.Rows) > 0 {
		printCells(s, a.Table)
		fmt.Fprintln(s.out)
	}
	if a.Cursor != "" {
		fmt.Fprintf(s.out, "还有更多：加 --cursor %s，或 --csv 取全部 / more: add --cursor %s, or take all by --csv\n", a.Cursor, a.Cursor)
	}
	if a.Down != "" {
		fmt.Fprintf(s.out, "明细 what is behind it: GET %s\n", a.Down)
	}
	fmt.Fprintln(s.out, s.standing(a.Parameters, a.Basis))
}

// printCells prints a table; the events of its rows are in JSON and CSV.
func printCells(s *session, rows standing.Table) {
	var head []string
	var numbers []int
	for _, c := range rows.Columns {
		if c.Kind == standing.Event {
			continue
		}
		if c.Kind.Number() {
			numbers = append(numbers, len(head))
		}
		head = append(head, s.say(c.Title))
	}
	t := newTable(head, numbers...)
	for i := range rows.Rows {
		var row []string
		for k, cell := range rows.Rows[i].Cells {
			if rows.Columns[k].Kind == standing.Event {
				continue
			}
			row = append(row, cellText(s, rows.Columns[k].Kind, cell))
		}
		t.add(row...)
	}
	t.write(s.out)
}

// cellText is a cell as people read it: "-" is not known, which is not nought.
func cellText(s *session, kind standing.Kind, c standing.Cell) string {
	switch {
	case !c.Known():
		return "-"
	case kind == standing.Money:
		return strconv.FormatFloat(c.Number/100, 'f', 2, 64)
	case kind == standing.Percent:
		return strconv.FormatFloat(c.Number, 'f', 1, 64) + "%"
	case c.IsNumber && c.Number == float64(int(c.Number)):
		return grouped(int(c.Number))
	}
	return c.In(s.lang == english)
}
