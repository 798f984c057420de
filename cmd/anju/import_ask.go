package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake"
)

// pollEvery is how often a running import is asked how far it is, when a bar shows it.
const pollEvery = 200 * time.Millisecond

// stage hands every file over and learns its template; all that cannot be used are named.
func (p *parcel) stage() error {
	s, c := p.session, p.command
	pairs := map[string]string{"division": c.Division, "department": c.Department, "effective": c.Effective, "dryrun": "false"}
	if c.Correct {
		pairs["changes"] = "record"
	}
	failed := error(nil)
	for _, f := range p.files {
		form, contentType, err := p.form(f)
		if err != nil {
			return err
		}
		var staged intake.Import
		err = fetch(s.plain(), question{http.MethodPost, p.base + "/v1/imports?" + query(pairs), contentType, form}, &staged)
		var wrong refusal
		switch {
		case errors.As(err, &wrong):
			fmt.Fprintf(s.err, "anju: %s: %s\n", f.path, strings.TrimPrefix(wrong.Error(), "file: "))
			failed = errNothingRecorded
			continue
		case err != nil:
			return err
		}
		f.id, f.template = staged.ID, staged.Files[0].Template
		f.data = nil
	}
	return failed
}

// form puts a file, and the template of one's own, into a form.
func (p *parcel) form(f *parcelFile) (body io.Reader, contentType string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	add := func(name, file string, data []byte) {
		part, e := w.CreateFormFile(name, file)
		if e == nil {
			_, e = part.Write(data)
		}
		err = errors.Join(err, e)
	}
	if p.template != nil {
		add("template", "template.yaml", p.template)
	}
	add("file", filepath.Base(f.path), f.data)
	return &b, w.FormDataContentType(), errors.Join(err, w.Close())
}

// try asks what would be recorded.
func (p *parcel) try(f *parcelFile) error {
	address := p.base + "/v1/imports/" + f.id
	err := p.watched(f, "试运行 trying", func() error { return p.ask(f, question{method: http.MethodGet, address: address}) })
	if err != nil || p.command.Remarks == "" || !p.command.DryRun || f.report.Needs != nil {
		return err
	}
	return p.keepRemarks(f, question{method: http.MethodGet, address: address + "/remarks?file=0"})
}

// record has the file recorded.
func (p *parcel) record(f *parcelFile) error {
	address := p.base + "/v1/imports/" + f.id
	confirm := question{method: http.MethodPost, address: address + "/confirm"}
	err := p.watched(f, "记录 recording", func() error {
		if p.command.Remarks == "" {
			return p.ask(f, confirm)
		}
		confirm.address += "?answer=workbook"
		if err := p.keepRemarks(f, confirm); err != nil {
			return err
		}
		return p.ask(f, question{method: http.MethodGet, address: address})
	})
	if err != nil {
		return fmt.Errorf("%s: %w（再次导入是安全的 / importing it again is harmless）", f.path, err)
	}
	f.id = ""
	return nil
}

// settle waits until the views have read what was recorded, so that the next command sees it; as
// long as the server waits for a position, and no longer.
func (p *parcel) settle() {
	s := p.session.plain()
	var ledger ledgerAnswer
	if fetch(s, get(p.base+"/v1/ledger", nil), &ledger) != nil {
		return // it is recorded all the same
	}
	var position []string
	for _, st := range ledger.Streams {
		position = append(position, fmt.Sprintf("%s:%d", st.Stream, st.Durable))
	}
	resp, err := open(s, get(p.base+"/v1/households", map[string]string{"limit": "1", "at_least": strings.Join(position, ",")}))
	if err == nil {
		resp.Body.Close()
	}
}

// ask takes the answer about a file.
func (p *parcel) ask(f *parcelFile, q question) error {
	var answer intake.Import
	if err := fetch(p.session.plain(), q, &answer); err != nil {
		return err
	}
	f.report = answer.Files[0]
	f.report.File = p.shown(f)
	if f.report.Needs != nil && !f.report.Recorded && p.brings(f.report.Needs.Template) {
		f.report.Needs.Fix = domain.Text{ZH: "该文件在本次导入中，会先被记录", EN: "it is part of this import and is recorded first"}
	}
	return nil
}

// shown is a file's name in a report: short, unless two files share it.
func (p *parcel) shown(f *parcelFile) string {
	name := filepath.Base(f.path)
	for _, other := range p.files {
		if other != f && filepath.Base(other.path) == name {
			return f.path
		}
	}
	return name
}

// keepRemarks writes the file with its remarks into the folder that was asked for.
func (p *parcel) keepRemarks(f *parcelFile, q question) error {
	resp, err := open(p.session.plain(), q)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	out, err := os.OpenFile(filepath.Join(p.command.Remarks, filepath.Base(f.path)), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("--remarks: %w", err)
	}
	_, err = io.Copy(out, resp.Body)
	return errors.Join(err, out.Close())
}

// watched does a work at the server while a bar shows how many rows are done.
func (p *parcel) watched(f *parcelFile, what string, work func() error) error {
	s := p.session
	if !s.terminal.err {
		return work()
	}
	bar := s.meter(what+" "+filepath.Base(f.path), -1)
	defer bar.end()
	done := make(chan error, 1)
	go func() { done <- work() }()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			var at intake.Progress
			if fetch(s.plain(), get(p.base+"/v1/imports/"+f.id+"/progress", nil), &at) == nil {
				bar.of(int64(at.Rows))
				bar.set(int64(at.Done))
			}
		}
	}
}
