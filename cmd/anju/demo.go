package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events/intake"
)

type demoCommand struct {
	Once    bool     `help:"End after printing instead of serving. 输出后结束。"`
	Without []string `placeholder:"FILE" help:"Leave out these files, to import them by hand on the page. 留出的文件。"`
	Listen  string   `default:"127.0.0.1:0" placeholder:"ADDRESS" help:"Address of HTTP; by default any free port. HTTP 地址。"`
}

// Help shows an example.
func (demoCommand) Help() string {
	return `A fresh ledger in a temporary folder; the eleven files of a synthetic county, with their faults, go through the real door. The folder is deleted at the end.

在临时目录新建账本，将一个虚构县的十一个部门文件（含错误行）经正式入口导入；结束时删除目录。

  anju demo --once
  anju demo --without 2_labour_gb18030.csv   # then drop that file on the page`
}

// The household and the day that the demo shows.
const (
	demoHousehold = "520603900002"
	demoDay       = "2021-06-30"
	demoRefused   = 2 // refused rows shown of a file
)

// Run records the sample county through the real door, into a folder that ends with the demo.
func (c demoCommand) Run(s *session) error {
	for _, name := range c.Without {
		if !slices.Contains(county.Names(), name) {
			return fmt.Errorf("--without %s：虚构县没有这个文件，可用：%s / the county has no such file, one of: %s", name, strings.Join(county.Names(), "、"), strings.Join(county.Names(), ", "))
		}
	}
	dir, err := os.MkdirTemp("", "anju-demo-")
	if err != nil {
		return err
	}
	n, err := startNode(s, nodeConfig{Dir: dir, Listen: c.Listen})
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	err = c.show(s, n)
	if err == nil && !c.Once {
		if !s.json {
			fmt.Fprintln(s.out, "\n服务中，按 Ctrl-C 结束 / serving until interrupted by Ctrl-C")
		}
		select {
		case <-s.ctx.Done():
		case err = <-n.ended:
		}
	}
	if s.ctx.Err() != nil && !errors.Is(err, errRefused) {
		err = nil // interrupted: this is how a demo ends
	}
	return errors.Join(err, n.close(), os.RemoveAll(dir))
}

// show records the county and prints it: as tables, or as one JSON object.
func (c demoCommand) show(s *session, n *node) error {
	reports, err := c.record(s, n)
	if err != nil {
		return err
	}
	own := *s
	own.state = "" // this ledger ends with the demo: it is not one to remember, nor another that stood at its address
	s = &own
	at := target{Server: n.url}
	board := boardCommand{at, moment{At: demoDay}, county.Division}
	status := statusCommand{at, moment{At: demoDay}, countyFlag{county.Division}, demoHousehold}
	timeline := timelineCommand{at, moment{At: demoDay}, countyFlag{county.Division}, "household", demoHousehold}
	if s.json {
		return c.showJSON(s, n, importReport{reports}, board.Run, status.Run, timeline.Run)
	}
	printReports(s, reports, demoRefused)
	for _, ask := range []func(*session) error{board.Run, status.Run, timeline.Run} {
		fmt.Fprintln(s.out)
		if err := ask(s); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "\nHTTP  %s\nNATS  %s\n", n.url, n.ledger.ClientURL())
	if !c.Once {
		fmt.Fprintf(s.out, "页面  %s/divisions/%s?at=%s\n", n.url, county.Division, demoDay)
		fmt.Fprintf(s.out, `
试试 / try, in another terminal:
  %[3]s households --server %[1]s --division 520603 --state in_crisis --as-of 2021-06-30
  %[3]s person --server %[1]s --division 520603 %[2]s01 --as-of 2021-06-30
  curl -N '%[1]s/v1/events?follow=true&type=title.certificate_issued'
`, n.url, demoHousehold, program())
	}
	return nil
}

// record imports the county's files, one after the other.
func (c demoCommand) record(s *session, n *node) (reports []*intake.FileReport, err error) {
	bar := s.meter("导入 importing", int64(len(county.Names())))
	defer bar.end()
	for i, name := range county.Names() {
		if slices.Contains(c.Without, name) {
			continue
		}
		report, err := n.door.Import(s.ctx, intake.Caller{Division: county.Division}, name, county.File(name), intake.ImportOptions{Record: true})
		if err != nil {
			return nil, err
		}
		reports = append(reports, report)
		bar.set(int64(i + 1))
	}
	return reports, n.views.CaughtUp(s.ctx)
}

// demoReport is what demo --json prints.
type demoReport struct {
	Import   importReport   `json:"import"`
	Board    jsontext.Value `json:"board"`
	Status   jsontext.Value `json:"status"`
	Timeline jsontext.Value `json:"timeline"`
	HTTP     string         `json:"http"`
	NATS     string         `json:"nats"`
}

func (demoCommand) showJSON(s *session, n *node, imported importReport, asks ...func(*session) error) error {
	report := demoReport{Import: imported, HTTP: n.url, NATS: n.ledger.ClientURL()}
	for i, into := range []*jsontext.Value{&report.Board, &report.Status, &report.Timeline} {
		body := &bytes.Buffer{}
		asked := *s
		asked.out, asked.terminal.out = body, false
		if err := asks[i](&asked); err != nil {
			return err
		}
		*into = body.Bytes()
	}
	if err := json.MarshalWrite(s.out, report, json.Deterministic(true)); err != nil {
		return err
	}
	fmt.Fprintln(s.out)
	return nil
}

// program is how this program is called again: by its path, or by "go run", which built it.
func program() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./cmd/anju"
	}
	return os.Args[0]
}
