package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events/intake"
)

type demoCommand struct {
	Once   bool   `help:"End after printing instead of serving."`
	Listen string `default:"127.0.0.1:0" help:"Address of HTTP."`
}

// The household and the day that the demo shows.
const (
	demoHousehold = "520603900002"
	demoDay       = "2021-06-30"
)

// Run records the sample county through the real door, into a folder that ends with the demo.
func (c demoCommand) Run(s *session) error {
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
		fmt.Fprintln(s.out, "\nServing until interrupted. / 按 Ctrl-C 结束。")
		select {
		case <-s.ctx.Done():
		case err = <-n.ended:
		}
	}
	return errors.Join(err, n.close(), os.RemoveAll(dir))
}

func (c demoCommand) show(s *session, n *node) error {
	var reports []*intake.FileReport
	for _, name := range county.Names() {
		report, err := n.door.Import(s.ctx, intake.Caller{Division: county.Division}, name, county.File(name), intake.ImportOptions{Record: true})
		if err != nil {
			return err
		}
		reports = append(reports, report)
	}
	printReports(s, reports, 2)
	if err := n.views.CaughtUp(s.ctx); err != nil {
		return err
	}
	at := target{Server: n.url}
	fmt.Fprintln(s.out)
	if err := (boardCommand{at, moment{At: demoDay}, county.Division}).Run(s); err != nil {
		return err
	}
	fmt.Fprintln(s.out)
	if err := (statusCommand{at, moment{At: demoDay}, countyFlag{county.Division}, demoHousehold}).Run(s); err != nil {
		return err
	}
	fmt.Fprintln(s.out)
	if err := (timelineCommand{at, moment{At: demoDay}, countyFlag{county.Division}, demoHousehold}).Run(s); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n\nHTTP  %s\nNATS  %s\n", n.url, n.ledger.ClientURL())
	return nil
}
