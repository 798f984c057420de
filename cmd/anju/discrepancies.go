package main

import (
	"fmt"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

type discrepanciesCommand struct {
	target
	moment
	Division string `placeholder:"CODE" help:"Only this division, such as 520603. 区划。"`
	Kind     string `placeholder:"KIND" help:"Only this kind, such as two_open_placements. 矛盾种类。"`
	Cursor   string `placeholder:"ID" help:"The cursor of the page before. 上一页给出的 cursor。"`
	Limit    string `placeholder:"N" help:"Homes on a page, 1 to 1000; default 100. 每页户数。"`
}

// Help shows an example.
func (discrepanciesCommand) Help() string {
	return `What does not fit together: since when, whom it concerns, the facts with their events, and who can settle it. Whoever recorded one of the facts corrects or voids it; the discrepancy is then gone.

相互矛盾的记录：起始日期、涉及对象、有关记录、由谁处理。由记录部门更正或作废后即消失。

  anju discrepancies --division 520603 --as-of 2021-06-30`
}

// Run prints a page of the worklist.
func (c discrepanciesCommand) Run(s *session) error {
	pairs := c.pairs()
	for name, value := range map[string]string{"division": c.Division, "kind": c.Kind, "cursor": c.Cursor, "limit": c.Limit} {
		pairs[name] = value
	}
	return c.with(s, func(base string) error {
		return show(s, get(base+"/v1/discrepancies", pairs), printDiscrepancies)
	})
}

func printDiscrepancies(s *session, a projections.DiscrepancyList) {
	fmt.Fprintf(s.out, "矛盾 discrepancies: %d | 截至 as of %s\n\n", len(a.Discrepancies), a.At)
	for _, d := range a.Discrepancies {
		who := make([]string, 0, len(d.Entities))
		for _, e := range d.Entities {
			who = append(who, e.String())
		}
		fmt.Fprintf(s.out, "%s | 自 since %s | %s\n", named(d.Name, string(d.Kind)), d.Since, strings.Join(who, " "))
		t := newTable(nil)
		for _, f := range d.Facts {
			name := f.Type
			if kind, known := domain.KindOf(f.Type); known {
				name = named(kind.Label, f.Type)
			}
			t.add("  "+f.Day.String(), name, f.Event.String())
		}
		t.add("  处理 settle", strings.Join(d.Settle, " "), "")
		t.write(s.out)
		fmt.Fprintln(s.out)
	}
	if a.Cursor != "" {
		fmt.Fprintf(s.out, "还有更多：加 --cursor %s / more: add --cursor %s\n", a.Cursor, a.Cursor)
	}
	fmt.Fprintln(s.out, s.standing(a.Parameters, a.Basis))
}
