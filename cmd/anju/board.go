package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

type boardCommand struct {
	target
	moment
	Division string `arg:"" help:"A division code, such as 520603; 00 is the nation. 区划代码。"`
}

// Help shows an example.
func (boardCommand) Help() string {
	return `How many households are in each state and at each level, how many of those by a word that is stale, what is overdue, and the totals of the division.

各状态、各水平的户数（其中已过期的），超期事项和汇总。

  anju board 520603 --as-of 2021-06-30`
}

// Run prints the board of a division as of a day.
func (c boardCommand) Run(s *session) error {
	return c.with(s, func(base string) error {
		q := get(base+"/v1/divisions/"+url.PathEscape(c.Division)+"/board", c.pairs())
		return show(s, q, printBoard)
	})
}

func printBoard(s *session, b projections.BoardAnswer) {
	fmt.Fprintf(s.out, "看板 board of %s | 截至 as of %s\n\n", place(b.Division), b.At)
	t := newTable([]string{"户 households", grouped(b.Households), ""}, 1, 2)
	t.add("一户一就业 employed", grouped(b.Employed), percent(b.Employed, b.Households))
	t.add()
	t.add("状态 state", "户 households", "")
	for state := domain.Closed; state <= domain.Stabilising; state++ {
		if n := b.States[state.String()]; n > 0 {
			t.add("  "+named(state.Label(), state.String()), grouped(n), percent(n, b.Households))
		}
	}
	if len(b.Overdue) > 0 {
		t.add()
		t.add("超期 overdue", "户 households", "")
	}
	for _, kind := range domain.OverdueKinds() {
		if n := b.Overdue[kind.Code]; n > 0 {
			t.add("  "+named(kind.Text, kind.Code), grouped(n), percent(n, b.Households))
		}
	}
	t.write(s.out)
	fmt.Fprintln(s.out)
	boardLevels(b).write(s.out)
	fmt.Fprintln(s.out)
	printTotals(s, b.Totals)
	fmt.Fprintln(s.out, "\n"+s.standing(b.Parameters, b.Basis))
}

// boardLevels are the levels of the ten dimensions, worst first, where households are.
func boardLevels(b projections.BoardAnswer) *table {
	t := newTable([]string{"方面 dimension", "水平 level", "户 households", "", "其中过期 stale"}, 2, 3, 4)
	for _, d := range domain.Dimensions() {
		name := named(d.Label(), d.String())
		levels := d.Levels()
		for _, term := range append(levels[1:len(levels):len(levels)], levels[0]) {
			n := b.Dimensions[d.String()][term.Code]
			if n.Households == 0 {
				continue
			}
			stale := ""
			if n.Stale > 0 {
				stale = grouped(n.Stale)
			}
			t.add(name, named(term.Text, term.Code), grouped(n.Households), percent(n.Households, b.Households), stale)
			name = ""
		}
	}
	return t
}

// printTotals prints the totals that are not nought, in two columns where the line has room.
func printTotals(s *session, totals map[string]float64) {
	var lines [][2]string
	known := map[string]bool{}
	add := func(key, label string) {
		known[key] = true
		if v := totals[key]; v != 0 {
			lines = append(lines, [2]string{number(v), label})
		}
	}
	for _, t := range domain.Totals() {
		label := t.Label.ZH + " " + t.Key
		if t.Unit != "" {
			label = t.Label.ZH + "（" + t.Unit + "） " + t.Key
		}
		add(t.Key, label)
	}
	for _, key := range slices.Sorted(maps.Keys(totals)) { // of a server that knows more than we
		if !known[key] {
			add(key, key)
		}
	}
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(s.out, "合计 totals")
	t := newTable(nil, 0, 2)
	half := (len(lines) + 1) / 2
	for i := range half {
		row := lines[i][:]
		if half+i < len(lines) {
			row = append(row, lines[half+i][:]...)
		}
		t.add(row...)
	}
	t.write(s.out)
}

// number writes a total: whole where it is.
func number(v float64) string {
	if v == float64(int(v)) {
		return grouped(int(v))
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
