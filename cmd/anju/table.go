package main

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/width"
)

// lineColumns is how wide a page is laid out: what a terminal beside a window still shows.
const lineColumns = 100

// columns counts the columns that a text takes on a terminal: a Chinese character takes two.
func columns(s string) (n int) {
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// table lays cells out in columns. A last cell that would pass the end of the line is broken and
// goes on below itself.
type table struct {
	rows  [][]string
	right map[int]bool // columns of numbers stand at the right
}

// newTable begins a table with its head; the columns named in right are aligned to the right.
func newTable(head []string, right ...int) *table {
	t := &table{right: map[int]bool{}}
	if head != nil {
		t.rows = append(t.rows, head)
	}
	for _, c := range right {
		t.right[c] = true
	}
	return t
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// widths returns how wide each column but the last must be, and where the last begins.
func (t *table) widths() (widths []int, last int) {
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for _, w := range widths[:max(len(widths)-1, 0)] {
		last += w + 2
	}
	return widths, last
}

// write prints the table, two spaces between columns.
func (t *table) write(w io.Writer) {
	widths, last := t.widths()
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[i]-columns(cell))
			switch {
			case t.right[i]:
				line.WriteString(pad + cell)
			case i < len(row)-1:
				line.WriteString(cell + pad)
			case i == len(widths)-1:
				line.WriteString(strings.Join(broken(cell, lineColumns-last), "\n"+strings.Repeat(" ", last)))
			default:
				line.WriteString(cell)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// shortest is the least room that a broken cell is given: less would be unreadable.
const shortest = 20

// broken cuts a text into lines of at most n columns: between words, or between two Chinese
// characters.
func broken(s string, n int) (lines []string) {
	n = max(n, shortest)
	for columns(s) > n {
		at, used, space := 0, 0, 0
		for i, r := range s {
			if used += runeColumns(r); used > n {
				break
			}
			at = i + len(string(r))
			if r == ' ' || runeColumns(r) == 2 {
				space = at
			}
		}
		if space > 0 {
			at = space
		}
		lines, s = append(lines, strings.TrimRight(s[:at], " ")), s[at:]
	}
	return append(lines, s)
}
