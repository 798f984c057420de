package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

type diffCommand struct {
	target
	AsOf     string `name:"as-of" placeholder:"A..B" help:"Two days, such as 2021-03-31..2021-06-30; or one, when --known-at is a range. 两个截至日期。"`
	KnownAt  string `name:"known-at" placeholder:"A..B" help:"Two moments of the ledger; B left out is now. 两个已知时刻。"`
	Total    string `placeholder:"KEY" help:"The homes and events that make this total differ, instead of households: job_placed, funds_disbursed_wan_yuan ... 使该总数不同的户或对象及记录。"`
	Cursor   string `placeholder:"ID" help:"The cursor of the page before. 上一页给出的 cursor。"`
	Limit    string `placeholder:"N" help:"Households on a page, 1 to 1000; default 100. 每页户数。"`
	AtLeast  string `name:"at-least" placeholder:"POS" help:"Wait for this position, such as ANJU-52:12345. 等待读到该位置。"`
	Set      string `name:"parameters" placeholder:"NAME" help:"Both judged by this parameter set; default the one in force. 参数集。"`
	Within   string `name:"division" placeholder:"CODE" help:"The division, instead of the argument. 区划代码，可代替参数。"`
	Division string `arg:"" optional:"" help:"A division code, such as 520603. 区划代码。"`
}

// Help shows examples.
func (diffCommand) Help() string {
	return `The households of a division that differ between two days, or between what was known at two moments: in what, and the facts, corrections and voids that made the difference, of other homes too; and the totals that differ. With --total KEY, one of those totals: the households, communities, facilities, projects and funds whose share of it differs, each with the events that made its share grow or shrink; all together they are the total's difference. Pages that follow the first go on with its picture, though more was recorded since.

两个日期之间，或两个已知时刻之间有差异的户：差异所在，以及造成差异的记录、更正和作废；还有不同的总数。加 --total KEY：哪些户、社区、设施、项目或资金在该总数中的份额不同，因哪些记录，各增减多少。

  anju diff 520603 --as-of 2021-03-31..2021-06-30
  anju diff 520603 --as-of 2021-03-31..2021-06-30 --total job_placed
  anju diff 520603 --as-of 2021-06-30 --known-at 2021-06-30..    # what changed since in the figures published on that day

What time alone changed, a level gone stale or a thing fallen due without a new fact, says so: the day, the rule and the fact it counts from. 仅因时间推移而变的，注明日期、规则和起算记录。`
}

// Run prints a page of differences.
func (c diffCommand) Run(s *session) error {
	switch {
	case c.Division == "":
		c.Division = c.Within
	case c.Within != "" && c.Within != c.Division:
		return fmt.Errorf("区划只写一次：%q 与 --division %q 不同 / name one division: %q is not --division %q", c.Division, c.Within, c.Division, c.Within)
	}
	if c.Division == "" {
		return errors.New("缺少区划，如 anju diff 520603 / a division is missing, such as: anju diff 520603")
	}
	pairs := map[string]string{"as_of": c.AsOf, "known_at": c.KnownAt, "total": c.Total, "cursor": c.Cursor, "limit": c.Limit, "at_least": c.AtLeast, "parameters": c.Set}
	return c.with(s, func(base string) error {
		return show(s, get(base+"/v1/divisions/"+url.PathEscape(c.Division)+"/diff", pairs), printDiff)
	})
}

func printDiff(s *session, a projections.DiffAnswer) {
	axes := "截至 as of " + towards(a.From.AsOf, a.To.AsOf)
	if a.From.AsOf == a.To.AsOf && a.ToParameters == "" {
		axes += " | 已知至 known at " + towards(a.From.KnownAt, a.To.KnownAt)
	}
	fmt.Fprintf(s.out, "比较 difference of %s | %s | 差异户 households %s\n\n", place(a.Division), axes, grouped(a.Differ))
	for i := range a.Differs {
		d := &a.Differs[i]
		fmt.Fprintf(s.out, "参数 parameter %s: %s → %s  %s\n", d.Name, d.From, d.To, s.say(d.Reason))
	}
	t := newTable([]string{"方面 dimension", "由 from", "到 to", "户 households"}, 3)
	for _, c := range a.Transitions {
		t.add(c.Dimension, level(c.From, c.FromStale), level(c.To, c.ToStale), grouped(c.Households))
	}
	if len(a.Transitions) > 0 && a.Total == nil {
		t.write(s.out)
		fmt.Fprintln(s.out)
	}
	if a.Total != nil {
		printTotalDiff(s, a.Total)
	}
	if len(a.Totals) > 0 && a.Total == nil {
		t = newTable([]string{"总数 total", "由 from", "到 to"}, 1, 2)
		for _, c := range a.Totals {
			t.add(c.Key, number(c.From), number(c.To))
		}
		t.write(s.out)
		fmt.Fprintln(s.out)
	}
	for i := range a.Households {
		printDiffRow(s, &a.Households[i])
	}
	if a.Cursor != "" {
		fmt.Fprintf(s.out, "还有更多：加 --cursor %s / more: add --cursor %s\n", a.Cursor, a.Cursor)
	}
	fmt.Fprintln(s.out, "由 from: "+s.standing(a.Parameters, a.From))
	fmt.Fprintln(s.out, "到 to: "+s.standing(cmp.Or(a.ToParameters, a.Parameters), a.To))
}

// towards writes what stands on both sides, once where it is the same.
func towards[T interface {
	comparable
	String() string
}](from, to T) string {
	if from == to {
		return from.String()
	}
	return from.String() + " → " + to.String()
}

// level writes a level's code, and that it is stale.
func level(code string, stale bool) string {
	if stale {
		return code + " 过期 stale"
	}
	return code
}

// passed says why time alone changed something: the day and the reason; the rule, and the fact that it counts from.
func (s *session) passed(p *domain.Passing) (why, by string) {
	var parts []string
	if p.Rule != "" {
		parts = append(parts, "规则 rule "+p.Rule+" = "+p.Value)
	}
	if len(p.Events) > 0 {
		parts = append(parts, "起算 counts from "+p.Events[0].String())
	}
	return "仅因时间 by time alone, 自 since " + p.Day.String() + ": " + s.say(p.Reason), strings.Join(parts, " | ")
}

func printDiffRow(s *session, d *projections.DiffRow) {
	fmt.Fprintf(s.out, "户 household %s\n", d.Household)
	t := newTable(nil)
	for _, c := range d.Changes {
		t.add("  "+c.Dimension, level(c.From, c.FromStale)+" → "+level(c.To, c.ToStale), "", "")
		if c.ToReason != (domain.Text{}) {
			t.add("", s.say(c.FromReason)+" → "+s.say(c.ToReason), "", "")
		}
		if c.Passed != nil {
			why, by := s.passed(c.Passed)
			t.add("", why, "", "")
			if by != "" {
				t.add("", by, "", "")
			}
		}
	}
	tell := func(mark string, e *projections.Entry) {
		what, by := recordOf(e)
		t.add("  "+mark+e.Day.String(), what, by, e.Position)
	}
	for i := range d.Events {
		tell("", &d.Events[i])
	}
	for i := range d.Others {
		tell("他处 elsewhere ", &d.Others[i])
	}
	t.write(s.out)
	fmt.Fprintln(s.out)
}

// recordOf is what kind of record an entry is, and whose.
func recordOf(e *projections.Entry) (what, by string) {
	what = e.Type
	if kind, known := domain.KindOf(e.Type); known {
		what = named(kind.Label, e.Type)
	}
	return what, named(domain.Label(e.Department), string(e.Department))
}

// printTotalDiff prints a total that differs and a page of the homes whose share of it does.
func printTotalDiff(s *session, d *projections.TotalDiff) {
	fmt.Fprintf(s.out, "总数 total %s %s: %s → %s%s | 增 grew %s, 减 shrank %s | 份额不同 homes that differ %s\n\n", d.Key, s.say(d.Label), number(d.From), number(d.To), d.Unit,
		number(d.Grew), number(d.Shrank), grouped(d.Differ))
	for i := range d.Shares {
		row := &d.Shares[i]
		fmt.Fprintf(s.out, "%s: %s → %s\n", strings.TrimSpace(row.Home.Kind().String()+" "+row.Home.String()+" "+row.Name), number(row.From), number(row.To))
		t := newTable(nil, 1)
		for k := range row.Events {
			e := &row.Events[k]
			what, by := recordOf(&e.Entry)
			if e.Home != row.Home {
				what += " 他处 elsewhere " + e.Home.String()
			}
			t.add("  "+e.Day.String(), signed(e.Amount), what, by, e.Position)
		}
		if row.More {
			t.add("  …", signed(row.Rest), "其余的记录 further events", "", "")
		}
		t.write(s.out)
		fmt.Fprintln(s.out)
	}
}

// signed writes by how much something grew or shrank.
func signed(v float64) string {
	if v > 0 {
		return "+" + number(v)
	}
	return number(v)
}
