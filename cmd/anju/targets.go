package main

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/anju-ledger/anju/projections"
)

type targetsCommand struct {
	target
	moment
	Indicator string `placeholder:"CODE" help:"Only this indicator, such as titled_rate. 指标。"`
	Division  string `arg:"" help:"A division code, such as 520603. 区划代码。"`
}

// Help shows an example.
func (targetsCommand) Help() string {
	return `What was to be reached in a division and what lies in it, by when, and how far it is. Targets are recorded as target.set, for the division that the event names.

区划及其下级的目标、时限与进度。目标以 target.set 记录，归属事件所写的区划。

  anju targets 520603 --as-of 2021-06-30`
}

// Run prints the targets.
func (c targetsCommand) Run(s *session) error {
	pairs := c.pairs()
	pairs["indicator"] = c.Indicator
	return c.with(s, func(base string) error {
		return show(s, get(base+"/v1/divisions/"+url.PathEscape(c.Division)+"/targets", pairs), printTargets)
	})
}

func printTargets(s *session, a projections.TargetsAnswer) {
	fmt.Fprintf(s.out, "目标 targets of %s: %d | 截至 as of %s\n\n", place(a.Division), len(a.Targets), a.At)
	t := newTable([]string{"区划 division", "指标 indicator", "目标 value", "实际 actual", "进度 progress", "时限 due", ""}, 2, 3, 4)
	for i := range a.Targets {
		row := &a.Targets[i]
		word := "进行中 open"
		switch {
		case row.Reached:
			word = "完成 reached"
		case row.Overdue:
			word = "超期 overdue"
		}
		t.add(string(row.Division), string(row.Indicator), figureIn(row.Value, row.Unit), figureIn(row.Actual, row.Unit), figureIn(row.Progress, "per_10000"), row.Due.String(), word)
	}
	if len(a.Targets) > 0 {
		t.write(s.out)
		fmt.Fprintln(s.out)
	}
	fmt.Fprintln(s.out, s.standing(a.Parameters, a.Basis))
}

// figureIn writes a target's figure: rates in percent, money in 万元.
func figureIn(n int64, unit string) string {
	switch unit {
	case "per_10000":
		return strconv.FormatFloat(float64(n)/100, 'f', 2, 64) + "%"
	case "fen":
		return strconv.FormatFloat(float64(n)/1_000_000, 'f', 2, 64) + "万元"
	}
	return grouped(int(n))
}
