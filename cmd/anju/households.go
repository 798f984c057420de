package main

import (
	"fmt"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

type householdsCommand struct {
	target
	moment
	Division string            `placeholder:"CODE" help:"Only this division, such as 520603. 区划。"`
	State    string            `placeholder:"CODE" help:"Only this overall state, such as at_risk. 状态。"`
	Level    map[string]string `placeholder:"DIMENSION=LEVEL" help:"Only this level of a dimension, such as housing=vacant; several by \";\". 某方面的水平。"`
	Stale    string            `placeholder:"DIMENSION" help:"Only where what this dimension rests on is stale, such as housing. 依据已过期的方面。"`
	Overdue  string            `placeholder:"KIND" help:"Only with something overdue of this kind, such as visit. 超期事项。"`
	Cursor   string            `placeholder:"ID" help:"The cursor of the page before. 上一页给出的 cursor。"`
	Limit    string            `placeholder:"N" help:"Households on a page, 1 to 1000; default 100. 每页户数。"`
}

// Help shows an example.
func (householdsCommand) Help() string {
	return `A household is listed when every condition holds. The codes are those that "anju board" shows.

各条件须同时满足；代码与 anju board 所示相同。

  anju households --division 520603 --state at_risk --level "housing=vacant;income=near_line" --as-of 2021-06-30`
}

// Run prints a page of households.
func (c householdsCommand) Run(s *session) error {
	pairs := c.pairs()
	for dimension, level := range c.Level {
		pairs[dimension] = level
	}
	for name, value := range map[string]string{
		"division": c.Division, "state": c.State, "stale": c.Stale, "overdue": c.Overdue,
		"cursor": c.Cursor, "limit": c.Limit,
	} {
		pairs[name] = value
	}
	return c.with(s, func(base string) error {
		return show(s, get(base+"/v1/households", pairs), printHouseholds)
	})
}

// listed are the dimensions that a list has room for.
var listed = [...]domain.Dimension{domain.Housing, domain.Employment, domain.IncomeLevel}

func printHouseholds(s *session, a projections.HouseholdList) {
	fmt.Fprintf(s.out, "户 households: %d | 截至 as of %s\n\n", len(a.Households), a.At)
	if len(a.Households) > 0 {
		head := []string{"户 household", "状态 state"}
		for _, d := range listed {
			head = append(head, named(d.Label(), d.String()))
		}
		t := newTable(append(head, "超期 overdue"))
		for _, h := range a.Households {
			cells := []string{h.Household.String(), named(h.State.Label(), h.State.String())}
			for _, d := range listed {
				level := h.Dimensions[d.String()]
				cell := level.Level
				if level.Stale {
					cell += " 过期"
				}
				cells = append(cells, cell)
			}
			t.add(append(cells, strings.Join(h.Overdue, " "))...)
		}
		t.write(s.out)
		fmt.Fprintln(s.out)
	}
	if a.Cursor != "" {
		fmt.Fprintf(s.out, "还有更多：加 --cursor %s / more: add --cursor %s\n", a.Cursor, a.Cursor)
	}
	fmt.Fprintln(s.out, s.standing(a.Parameters, a.Basis))
}
