package main

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

type viewsAgainstCommand struct {
	target
	AsOf     string `name:"as-of" placeholder:"DATE" help:"As it was in the world on this date; default today. 截至日期。"`
	KnownAt  string `name:"known-at" placeholder:"TIME" help:"As it was known then; default what both servers have read. 按当时已记录的。"`
	Set      string `name:"parameters" placeholder:"NAME" help:"Both judged by this parameter set; default that in force on each. 参数集。"`
	Limit    int    `default:"20" placeholder:"N" help:"How many of the households that differ are told with both reasons. 列出户数。"`
	Other    string `arg:"" placeholder:"URL" help:"The other server. 另一服务。"`
	Division string `arg:"" optional:"" help:"A division code, such as 520603; default all. 区划代码。"`
}

// Help shows examples.
func (viewsAgainstCommand) Help() string {
	return `Which households another server judges otherwise, by state and dimension, and some of them with both reasons: another version of the program, whose rules have another name (definition), on a copy of the ledger or following the same NATS (docs/views.md, "Two versions of the rules").

另一服务（另一版本的程序，在账本副本上或同一 NATS 上）判断不同的户。

  anju views against http://127.0.0.1:8421 520603 --as-of 2021-06-30`
}

// judged is a household as a list of a server has it. Codes are text: the other version may know more of them.
type judged struct {
	Household  domain.Entity                     `json:"household"`
	State      string                            `json:"state"`
	Employed   bool                              `json:"employed"`
	Dimensions map[string]projections.LevelShort `json:"dimensions"`
	Overdue    []string                          `json:"overdue"`
}

// judgedList is a page of them.
type judgedList struct {
	Households []judged `json:"households"`
	Cursor     string   `json:"cursor"`
	Parameters string   `json:"parameters"`
	projections.Basis
}

// againstPage is how many households are asked for at a time.
const againstPage = "1000"

// Run compares this server with another, household by household.
func (c viewsAgainstCommand) Run(s *session) error {
	return c.with(s, func(base string) error {
		a, err := c.compare(s.plain(), base, serverOf(c.Other))
		if err != nil {
			return err
		}
		if s.json {
			return json.MarshalWrite(s.out, a, json.Deterministic(true))
		}
		printDiff(s, *a)
		return nil
	})
}

// compare goes through both lists, which are in the order of ids.
func (c viewsAgainstCommand) compare(s *session, base, other string) (*projections.DiffAnswer, error) {
	from, to := &judgedReader{c: &c, s: s, base: base}, &judgedReader{c: &c, s: s, base: other}
	if c.KnownAt == "" { // what both have read
		for _, r := range []*judgedReader{from, to} {
			if err := r.page(""); err != nil {
				return nil, err
			}
		}
		c.KnownAt = min(from.list.KnownAt, to.list.KnownAt).String()
	}
	a := &projections.DiffAnswer{Division: domain.Division(c.Division), Transitions: []projections.Transition{}, Totals: []projections.TotalChange{}, Households: []projections.DiffRow{}}
	counts := map[projections.Transition]int{}
	take := func(x, y judged) error {
		changes := judgedOtherwise(&x, &y)
		if len(changes) == 0 {
			return nil
		}
		a.Differ++
		for _, ch := range changes {
			counts[projections.Transition{Dimension: ch.Dimension, From: ch.From, To: ch.To, FromStale: ch.FromStale, ToStale: ch.ToStale}]++
		}
		if len(a.Households) >= c.Limit {
			return nil
		}
		row := projections.DiffRow{Household: cmp.Or(x.Household, y.Household), Changes: changes, Events: []projections.Entry{}}
		a.Households = append(a.Households, row)
		if x.State == "" || y.State == "" { // one of them does not know it
			return nil
		}
		return c.explain(s, base, other, &a.Households[len(a.Households)-1])
	}
	if err := merge(from, to, take); err != nil {
		return nil, err
	}
	for t, n := range counts {
		t.Households = n
		a.Transitions = append(a.Transitions, t)
	}
	slices.SortFunc(a.Transitions, func(x, y projections.Transition) int {
		return cmp.Or(-cmp.Compare(x.Households, y.Households), cmp.Compare(fmt.Sprint(x), fmt.Sprint(y)))
	})
	a.From, a.To, a.Parameters, a.ToParameters = from.list.Basis, to.list.Basis, from.list.Parameters, to.list.Parameters
	return a, nil
}

// merge hands on every household of either list, with the other side's where it has it.
func merge(from, to *judgedReader, take func(x, y judged) error) error {
	nextX, stopX := iter.Pull(from.all())
	defer stopX()
	nextY, stopY := iter.Pull(to.all())
	defer stopY()
	x, moreX := nextX()
	y, moreY := nextY()
	for moreX || moreY {
		var a, b judged
		inX := moreX && (!moreY || x.Household <= y.Household)
		inY := moreY && (!moreX || y.Household <= x.Household)
		if inX {
			a = x
			x, moreX = nextX()
		}
		if inY {
			b = y
			y, moreY = nextY()
		}
		if err := take(a, b); err != nil {
			return err
		}
	}
	return cmp.Or(from.err, to.err)
}

// judgedReader reads a server's list page by page.
type judgedReader struct {
	c    *viewsAgainstCommand
	s    *session
	base string
	list judgedList
	err  error
}

func (r *judgedReader) page(cursor string) error {
	r.list = judgedList{}
	return fetch(r.s, get(r.base+"/v1/households", map[string]string{
		"division": r.c.Division, "as_of": r.c.AsOf, "known_at": r.c.KnownAt, "parameters": r.c.Set, "limit": againstPage, "cursor": cursor,
	}), &r.list)
}

func (r *judgedReader) all() iter.Seq[judged] {
	return func(yield func(judged) bool) {
		for cursor, more := "", true; more; more = cursor != "" {
			if r.err = r.page(cursor); r.err != nil {
				return
			}
			for _, h := range r.list.Households {
				if !yield(h) {
					return
				}
			}
			cursor = r.list.Cursor
		}
	}
}

// judgedOtherwise tells in what two servers judge a household otherwise; a side that has it not is without a state.
func judgedOtherwise(x, y *judged) (changes []projections.Change) {
	add := func(dimension, from, to string, fromStale, toStale bool) {
		if from != to || fromStale != toStale {
			changes = append(changes, projections.Change{Dimension: dimension, From: from, To: to, FromStale: fromStale, ToStale: toStale})
		}
	}
	const absent = "absent"
	add("state", cmp.Or(x.State, absent), cmp.Or(y.State, absent), false, false)
	if x.State == "" || y.State == "" {
		return changes
	}
	add("employed", strconv.FormatBool(x.Employed), strconv.FormatBool(y.Employed), false, false)
	dimensions := map[string]bool{}
	for _, side := range []*judged{x, y} {
		for d := range side.Dimensions {
			dimensions[d] = true
		}
	}
	for _, d := range slices.Sorted(maps.Keys(dimensions)) {
		add(d, x.Dimensions[d].Level, y.Dimensions[d].Level, x.Dimensions[d].Stale, y.Dimensions[d].Stale)
	}
	kinds := slices.Concat(x.Overdue, y.Overdue)
	slices.Sort(kinds)
	for _, k := range slices.Compact(kinds) {
		add("overdue."+k, strconv.FormatBool(slices.Contains(x.Overdue, k)), strconv.FormatBool(slices.Contains(y.Overdue, k)), false, false)
	}
	return changes
}

// reasons are why a server judges a household as it does.
type reasons struct {
	StateReason domain.Text `json:"state_reason"`
	Dimensions  map[string]struct {
		Reason domain.Text `json:"reason"`
	} `json:"dimensions"`
}

// explain asks both servers why.
func (c viewsAgainstCommand) explain(s *session, base, other string, row *projections.DiffRow) error {
	var why [2]reasons
	for i, server := range []string{base, other} {
		q := get(server+"/v1/households/"+url.PathEscape(row.Household.String()), map[string]string{"as_of": c.AsOf, "known_at": c.KnownAt, "parameters": c.Set})
		if err := fetch(s, q, &why[i]); err != nil {
			return err
		}
	}
	for i := range row.Changes {
		ch := &row.Changes[i]
		switch _, of := why[0].Dimensions[ch.Dimension]; {
		case ch.Dimension == "state":
			ch.FromReason, ch.ToReason = why[0].StateReason, why[1].StateReason
		case of:
			ch.FromReason, ch.ToReason = why[0].Dimensions[ch.Dimension].Reason, why[1].Dimensions[ch.Dimension].Reason
		}
	}
	return nil
}
