package main

import (
	"fmt"
	"net/url"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

type timelineCommand struct {
	target
	moment
	countyFlag
	Kind string `default:"household" enum:"household,person,community" help:"Whose official number it is: household, person or community; an id tells by itself. 对象种类。"`
	ID   string `arg:"" help:"An id or official number of a household, person or community. 户、人或社区的编号。"`
}

// Help shows an example.
func (timelineCommand) Help() string {
	return `One line a fact: when it was true, what it was, who recorded it, and where it stands in the log. A household's timeline has its members' and its community's facts too; a fact that was corrected or voided says so.

一行一条事实：发生日期、事项、记录部门、在账本中的位置；含成员和社区的事实，已更正或作废的会注明。

  anju timeline 520603900002 --division 520603 --as-of 2021-06-30
  anju timeline --kind person 52060390000201 --division 520603`
}

// Run prints what was recorded, in the order in which it was true.
func (c timelineCommand) Run(s *session) error {
	kind, _ := domain.ParseEntityKind(c.Kind)
	if e, err := domain.ParseEntity(c.ID); err == nil {
		kind = e.Kind()
	}
	path := "/v1/households/"
	switch kind {
	case domain.PersonKind:
		path = "/v1/persons/"
	case domain.CommunityKind:
		path = "/v1/communities/"
	}
	return c.with(s, func(base string) error {
		id, err := find(s, base, kind, c.Division, c.ID)
		if err != nil {
			return err
		}
		q := get(base+path+url.PathEscape(id)+"/timeline", c.pairs())
		return show(s, q, printTimeline)
	})
}

func printTimeline(s *session, a projections.TimelineAnswer) {
	who := "户 household " + a.Household.String()
	switch {
	case a.Person.Present():
		who = "人 person " + a.Person.String()
	case a.Community.Present():
		who = "社区 community " + a.Community.String()
	}
	fmt.Fprintf(s.out, "%s | 截至 as of %s | 事实 facts %d\n\n", who, a.At, len(a.Entries))
	t := newTable([]string{"日期 day", "事项 fact", "", "部门 department", "位置 position", ""})
	for _, e := range a.Entries {
		since := ""
		switch {
		case e.Voided.Present():
			since = "已作废 voided"
		case e.Corrected.Present():
			since = "已更正 corrected"
		}
		if e.Disputed.Present() {
			since += " 有异议 disputed"
		}
		what := e.Name
		if e.Words != (domain.Text{}) {
			what = domain.Text{ZH: what.ZH + "：" + e.Words.ZH, EN: what.EN + ": " + e.Words.EN}
		}
		t.add(e.Day.String(), what.ZH, e.Type, named(domain.Label(e.Department), string(e.Department)), e.Position, since)
	}
	t.write(s.out)
	fmt.Fprintln(s.out, "\n"+s.standing("", a.Basis))
}
