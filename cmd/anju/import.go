package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/events/intake/sheet"
)

type importCommand struct {
	target
	Division   string   `required:"" placeholder:"CODE" help:"The division whose files they are, such as 520603. 文件所属区划。"`
	Department string   `placeholder:"CODE" help:"The importing department; default: the template's owner. 导入部门。"`
	Template   string   `placeholder:"FILE" help:"A template of your own (YAML); default: the built-in ones, by header. 自定义模板。"`
	Effective  string   `placeholder:"DATE" help:"Date from which new members of known households belong to them. 新成员生效日期。"`
	Correct    bool     `help:"Record changed cells as corrections. 将变化记为更正。"`
	DryRun     bool     `name:"dry-run" help:"Show what would be recorded, and record nothing. 只试运行，不记录。"`
	Yes        bool     `short:"y" aliases:"confirm" help:"Record without asking. 不询问，直接记录。"`
	Remarks    string   `placeholder:"DIR" help:"Write each file again into this folder, with a column of remarks. 将带备注列的文件写入该目录。"`
	Files      []string `arg:"" help:"XLSX, or CSV in UTF-8 or GB18030, in any order. 文件，顺序不限。"`
}

// Help shows an example.
func (importCommand) Help() string {
	return `On a terminal the files are tried first, and recorded when you agree; elsewhere, or with --yes or --json, they are recorded at once. A wrong row is refused with its reason, and the others are recorded; an unusable file stops the whole command before anything is recorded. The same file again records nothing. Exit code 1 when a file could not be used, waits for another one, or had all its rows refused.

在终端上先试运行，确认后记录；非终端或加 --yes、--json 时直接记录。有误的行连同原因被拒绝，其余照常记录；有不可用的文件时，全部不记录。重复导入不会重复记录。

  anju import --division 520603 register.xlsx labour.csv
  anju import --division 520603 --dry-run --remarks checked register.xlsx`
}

// importReport is what --json prints.
type importReport struct {
	Files []*intake.FileReport `json:"files"`
}

// errNothingRecorded ends an import whose files cannot all be used.
var errNothingRecorded = errors.New("未记录任何内容：请更正上述文件后重试 / nothing is recorded: correct these files and try again")

// errDeclined ends an import that the person before the terminal did not want.
var errDeclined = errors.New("未记录任何内容 / nothing is recorded")

// Run imports files, those that others need first, and prints what became of each row.
func (c importCommand) Run(s *session) error {
	p := &parcel{command: c, session: s}
	if err := p.read(); err != nil {
		return err
	}
	return c.withNew(s, func(base string) error {
		p.base = base
		defer p.discard()
		if err := p.stage(); err != nil {
			return err
		}
		asks := s.terminal.in && s.terminal.out && !c.Yes && !s.json
		if c.DryRun || asks {
			if err := p.each(p.try); err != nil || c.DryRun {
				return errors.Join(err, p.print(false))
			}
			if err := p.print(false); err != nil && !errors.Is(err, errRefused) {
				return err
			}
			if !agrees(s) {
				return errDeclined
			}
			fmt.Fprintln(s.out)
		}
		err := p.each(p.record)
		p.settle()
		return errors.Join(err, p.print(true))
	})
}

// agrees asks the person before the terminal.
func agrees(s *session) bool {
	fmt.Fprint(s.out, "\n确认记录？ record this? [y/N] ")
	answer := make(chan string, 1)
	go func() { // ends with the process at the latest: reading a terminal cannot be interrupted
		line, _ := bufio.NewReader(s.in).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case line := <-answer:
		return slices.Contains([]string{"y", "yes", "是", "确认"}, line)
	case <-s.ctx.Done():
		return false
	}
}

// parcel is the files of one import on their way.
type parcel struct {
	command  importCommand
	session  *session
	base     string
	template []byte
	files    []*parcelFile // as they were named
}

// parcelFile is one file of a parcel.
type parcelFile struct {
	path     string
	data     []byte
	id       string // of the staged import; "" once it is recorded
	template string
	report   *intake.FileReport
}

// read reads the files, and names all that cannot be read.
func (p *parcel) read() error {
	s, names := p.session, map[string]string{}
	var err error
	if p.command.Template != "" {
		if p.template, err = readFile(p.command.Template); err != nil {
			return err
		}
	}
	if dir := p.command.Remarks; dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("--remarks %s: 不能用作目录；请另选 / it cannot be a folder; choose another: %w", dir, err)
		}
	}
	for _, path := range p.command.Files {
		f := &parcelFile{path: path}
		var wrong error
		f.data, wrong = readFile(path)
		switch name := filepath.Base(path); {
		case wrong != nil:
		case len(f.data) == 0:
			wrong = fmt.Errorf("%s: 文件是空的；请重新保存后再导入 / it is empty; save it again and import it again", path)
		case len(f.data) > sheet.MaxFile:
			wrong = fmt.Errorf("%s: 文件超过 %d MiB；请拆分 / it has more than %d MiB; split it", path, sheet.MaxFile>>20, sheet.MaxFile>>20)
		case p.command.Remarks != "" && names[name] != "":
			wrong = fmt.Errorf("%s: 与 %s 同名；使用 --remarks 时文件名须不同 / it has the name of %s; with --remarks names must differ", path, names[name], names[name])
		default:
			names[name] = path
		}
		if wrong != nil {
			fmt.Fprintln(s.err, "anju:", wrong)
			err = errNothingRecorded
		}
		p.files = append(p.files, f)
	}
	return err
}

// each does a step for every file, those that others need first.
func (p *parcel) each(step func(f *parcelFile) error) error {
	rank := func(f *parcelFile) int {
		return slices.IndexFunc(intake.Templates(), func(t *intake.Template) bool { return t.Name == f.template })
	}
	ordered := slices.Clone(p.files)
	slices.SortStableFunc(ordered, func(a, b *parcelFile) int { return rank(a) - rank(b) })
	for _, f := range ordered {
		if err := step(f); err != nil {
			return err
		}
	}
	return nil
}

// print prints what became of the files, and fails when one of them came to nothing.
func (p *parcel) print(recorded bool) error {
	s := p.session
	report := importReport{Files: []*intake.FileReport{}}
	for _, f := range p.files {
		if f.report != nil {
			report.Files = append(report.Files, f.report)
		}
	}
	if s.json {
		if err := json.MarshalWrite(s.out, report, json.Deterministic(true)); err != nil {
			return err
		}
	} else if len(report.Files) > 0 {
		printReports(s, report.Files, printedRows)
		if p.command.Remarks != "" && recorded != p.command.DryRun {
			fmt.Fprintf(s.out, "\n带备注的文件在 %s / the files with remarks are in %s\n", p.command.Remarks, p.command.Remarks)
		}
		if p.command.DryRun {
			fmt.Fprintln(s.out, "\n这是试运行，未记录任何内容 / this is a dry run: nothing is recorded")
		}
	}
	for _, f := range report.Files {
		if f.Needs != nil && (recorded || !p.brings(f.Needs.Template)) || f.Rows > 0 && len(f.Rejected) == f.Rows {
			return errRefused
		}
	}
	return nil
}

// brings reports whether a file that another one needs is part of the same import.
func (p *parcel) brings(template string) bool {
	return slices.ContainsFunc(p.files, func(f *parcelFile) bool { return f.template == template })
}

// discard deletes what is still staged: it holds names.
func (p *parcel) discard() {
	plain := p.session.plain()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(plain.ctx), stopWait)
	defer cancel()
	plain.ctx = ctx
	for _, f := range p.files {
		if f.id == "" {
			continue
		}
		resp, err := open(plain, question{method: "DELETE", address: p.base + "/v1/imports/" + f.id})
		if err != nil {
			continue // it is deleted after a day
		}
		resp.Body.Close()
	}
}
