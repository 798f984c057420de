package main

import (
	"fmt"
	"net/url"
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
	Overdue  string            `placeholder:"KIND" help:"Only with something overdue of this kind, such as visit. 超期事项。"`
	Cursor   string            `placeholder:"ID" help:"The cursor of the page before. 上一页给出的 cursor。"`
	Limit    string            `placeholder:"N" help:"Households on a page, 1 to 1000; default 100. 每页户数。"`
}

// Help shows an example.
func (householdsCommand) Help() string {
	return `A household is listed when every condition holds. The codes are those that "anju board" shows.
各条件须同时满足；代码与 anju board 所示相同。

  anju households --division 520603 --state at_risk --level "housing=vacant;income=near_line" --at 2021-06-30`
}

// Run prints a page of households.
func (c householdsCommand) Run(s *session) error {
	pairs := map[string]string{}
	for dimension, level := range c.Level {
		pairs[dimension] = level
	}
	for name, value := range map[string]string{
		"division": c.Division, "state": c.State, "overdue": c.Overdue, "at": c.At, "at_least": c.AtLeast,
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
	fmt.Fprintln(s.out, standing(a.Parameters, a.Position, a.Lag))
}

type timelineCommand struct {
	target
	moment
	countyFlag
	ID string `arg:"" help:"A household's id or official number. 户的编号或户编号。"`
}

// Help shows an example.
func (timelineCommand) Help() string {
	return `One line a fact: when it was true, what it was, who recorded it, and where it stands in the log.
一行一条事实：发生日期、事项、记录部门、在账本中的位置。

  anju timeline 520603900002 --division 520603 --at 2021-06-30`
}

// Run prints what was recorded of a household, in the order in which it was true.
func (c timelineCommand) Run(s *session) error {
	return c.with(s, func(base string) error {
		id, err := find(s, base, domain.HouseholdKind, c.Division, c.ID)
		if err != nil {
			return err
		}
		q := get(base+"/v1/households/"+url.PathEscape(id)+"/timeline", map[string]string{"at": c.At, "at_least": c.AtLeast})
		return show(s, q, printTimeline)
	})
}

func printTimeline(s *session, a projections.TimelineAnswer) {
	fmt.Fprintf(s.out, "户 household %s | 截至 as of %s | 事实 facts %d\n\n", a.Household, a.At, len(a.Entries))
	t := newTable([]string{"日期 day", "事项 fact", "", "部门 department", "位置 position"})
	for _, e := range a.Entries {
		t.add(e.Day.String(), e.Name.ZH, e.Type, named(domain.Label(e.Department), string(e.Department)), e.Position)
	}
	t.write(s.out)
	fmt.Fprintln(s.out, "\n"+standing("", a.Position, a.Lag))
}
