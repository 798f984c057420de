package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

type statusCommand struct {
	target
	moment
	countyFlag
	ID string `arg:"" help:"A household's id or official number. 户的编号或户编号。"`
}

// Help shows an example.
func (statusCommand) Help() string {
	return `The overall state with its reason, the ten dimensions, what is overdue, where facts contradict each other, and the corrections and voids that it rests on. A level is stale when nobody has confirmed it for too long.

状态及原因、十个方面、超期事项、矛盾记录，以及所依据的更正和作废。长期未再核实的水平标为“过期”。

  anju status 520603900002 --division 520603 --as-of 2021-06-30`
}

// Run prints a household's status as of a day.
func (c statusCommand) Run(s *session) error {
	return c.with(s, func(base string) error {
		id, err := find(s, base, domain.HouseholdKind, c.Division, c.ID)
		if err != nil {
			return err
		}
		q := get(base+"/v1/households/"+url.PathEscape(id), c.pairs())
		return show(s, q, printStatus)
	})
}

func printStatus(s *session, a projections.HouseholdAnswer) {
	fmt.Fprintf(s.out, "户 household %s | 截至 as of %s\n\n", a.Household, a.At)
	top := newTable(nil)
	top.add("状态 state", named(a.State.Label(), a.State.String()))
	top.add("原因 reason", s.say(a.StateReason))
	top.add("一户一就业 employed", yesNo(a.Employed))
	top.write(s.out)
	fmt.Fprintln(s.out)
	t := newTable([]string{"方面 dimension", "水平 level", "自 since", "有效至 fresh until", "依据 reason"})
	for _, d := range domain.Dimensions() {
		r := a.Dimensions[d]
		until := day(r.FreshUntil)
		if r.Stale {
			until += " 过期 stale"
		}
		t.add(named(d.Label(), d.String()), levelName(d, r.Level), day(r.Since), until, s.say(why(d, r)))
	}
	t.write(s.out)
	if len(a.Lineage) > 0 {
		fmt.Fprintln(s.out)
		t = newTable([]string{"沿革 lineage", "自 since", "记录 event"})
		for _, l := range a.Lineage {
			t.add(s.say(l.Text), day(l.Day), l.Event.String())
		}
		t.write(s.out)
	}
	if len(a.Overdue) > 0 {
		fmt.Fprintln(s.out)
		t = newTable([]string{"超期 overdue", "期限 due", "天数 days"}, 2)
		for _, o := range a.Overdue {
			t.add(named(domain.OverdueKinds()[o.Kind].Text, o.Kind.String()), day(o.Due), fmt.Sprint(o.Days))
		}
		t.write(s.out)
	}
	if len(a.Discrepancies) > 0 {
		fmt.Fprintln(s.out)
		t = newTable([]string{"矛盾 discrepancy", "自 since", "说明 what"})
		for _, d := range a.Discrepancies {
			t.add(string(d.Kind), day(d.Since), s.say(d.Reason))
		}
		t.write(s.out)
	}
	if len(a.Amended) > 0 {
		fmt.Fprintln(s.out)
		t = newTable([]string{"更正与作废 amended", "原记录 event", "由 by"})
		for _, m := range a.Amended {
			act := "已作废 voided"
			if m.Act == "corrected" {
				act = "已更正 corrected"
			}
			t.add(act, m.Event.String(), m.By.String())
		}
		t.write(s.out)
	}
	fmt.Fprintln(s.out, "\n"+s.standing(a.Parameters, a.Basis))
}

// levelName writes a level in Chinese with its code; a code that this program does not know
// stands for itself.
func levelName(d domain.Dimension, code string) string {
	if level, known := d.ParseLevel(code); known {
		return named(d.Levels()[level].Text, code)
	}
	return code
}

// why is a dimension's reason without what its row says already.
func why(d domain.Dimension, r domain.Reading) domain.Text {
	level, known := d.ParseLevel(r.Level)
	if !known {
		return r.Reason
	}
	names, t := d.Levels()[level].Text, r.Reason
	if r.Stale {
		t.ZH = strings.TrimSuffix(t.ZH, "，"+r.FreshUntil.String()+"后未再核实，已过期")
		t.EN = strings.TrimSuffix(t.EN, "; not confirmed since, stale after "+r.FreshUntil.String())
	}
	t.ZH = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(t.ZH, d.Label().ZH+"："), names.ZH), "，")
	t.EN = strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(t.EN, d.Label().EN+": "), names.EN), ",; ")
	return t
}
