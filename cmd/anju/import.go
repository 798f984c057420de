package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake"
)

type importCommand struct {
	Dir        string   `default:"anju-data" type:"path" help:"The ledger's folder; made when it is not there."`
	Division   string   `required:"" help:"The division whose files they are, such as 520603."`
	Department string   `help:"The importing department; default: the template's owner."`
	Template   string   `type:"existingfile" help:"A template of your own (YAML); default: the built-in ones, by header."`
	Effective  string   `help:"Date from which new members of known households belong to them."`
	Correct    bool     `help:"Record changed cells as corrections."`
	Confirm    bool     `help:"Record; without it nothing is recorded."`
	Files      []string `arg:"" help:"XLSX, or CSV in UTF-8 or GB18030."`
}

// importReport is what --json prints.
type importReport struct {
	Files []*intake.FileReport `json:"files"`
}

// Run imports files one after the other and prints what became of each row.
func (c importCommand) Run(s *session) error {
	caller, options, err := c.options()
	if err != nil {
		return err
	}
	n, err := startNode(s, nodeConfig{Dir: c.Dir, Listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	var report importReport
	for _, path := range c.Files {
		var data []byte
		var file *intake.FileReport
		if data, err = os.ReadFile(path); err != nil {
			break
		}
		if file, err = n.door.Import(s.ctx, caller, filepath.Base(path), data, options); err != nil {
			break
		}
		report.Files = append(report.Files, file)
	}
	if err := errors.Join(err, n.close()); err != nil {
		return err
	}
	if s.json {
		return json.MarshalWrite(s.out, report)
	}
	for _, f := range report.Files {
		printFile(s, f)
	}
	if !c.Confirm {
		fmt.Fprintln(s.out, "Nothing is recorded yet; add --confirm to record. / 尚未记录，加 --confirm 确认。")
	}
	return nil
}

func (c importCommand) options() (caller intake.Caller, o intake.ImportOptions, err error) {
	if caller.Division, err = domain.ParseDivision(c.Division); err != nil {
		return caller, o, fmt.Errorf("--division %s: %w", c.Division, err)
	}
	if c.Department != "" {
		var known bool
		if caller.Department, known = domain.ParseDepartment(c.Department); !known {
			return caller, o, fmt.Errorf("--department %s: no such department / 没有这个部门", c.Department)
		}
	}
	o.Record, o.Correct = c.Confirm, c.Correct
	if c.Effective != "" {
		if o.Effective, err = domain.ParseDay(c.Effective); err != nil {
			return caller, o, fmt.Errorf("--effective: %w", err)
		}
	}
	if c.Template != "" {
		text, err := os.ReadFile(c.Template)
		if err != nil {
			return caller, o, err
		}
		if o.Template, err = intake.ParseTemplate(text); err != nil {
			return caller, o, err
		}
	}
	return caller, o, nil
}

// printFile prints one file's counts and refused rows.
func printFile(s *session, f *intake.FileReport) {
	fmt.Fprintf(s.out, "%s (%s): %d rows, %d accepted, %d duplicates, %d changed, %d nothing, %d rejected\n",
		f.File, f.Template, f.Rows, f.Accepted, f.Duplicates, f.Changed, f.Nothing, len(f.Rejected))
	if f.Needs != nil {
		fmt.Fprintf(s.out, "  %s %s / %s %s\n", f.Needs.Rule.ZH, f.Needs.Fix.ZH, f.Needs.Rule.EN, f.Needs.Fix.EN)
	}
	for _, r := range f.Rejected {
		fmt.Fprintf(s.out, "  row %d, %s (%s): %s %s / %s\n", r.Row, r.Column, r.Kind, r.Value, r.Fix.ZH, r.Fix.EN)
	}
}
