package domain

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"slices"
	"strings"
	"sync"
)

// DivisionsAsOf is the day that the embedded table of divisions was true on. An event keeps the
// code that stood at its own time; the table only gives names.
const DivisionsAsOf = "2023-06-30"

//go:embed reference/divisions.txt.gz
var divisionsFile []byte

// divisionNames is the embedded table: codes in order, each with its name.
type divisionNames struct {
	codes []Division
	names []string
}

// divisionTable unpacks the table at first use: about 45,000 names, 2 MB. Its form is described
// in reference/README.md.
var divisionTable = sync.OnceValue(func() (t divisionNames) {
	zipped, err := gzip.NewReader(bytes.NewReader(divisionsFile))
	if err != nil {
		panic("domain: the embedded divisions: " + err.Error())
	}
	text, err := io.ReadAll(zipped)
	if err != nil {
		panic("domain: the embedded divisions: " + err.Error())
	}
	var above string // the code of the lines above, as far as it goes on
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		code := ""
		switch line[0] {
		case '=':
			code, line = line[1:3], line[3:]
			above = code
		case '+':
			code, line = above[:2]+line[1:3], line[3:]
			above = code
		case '-':
			code, line = above[:4]+line[1:3], line[3:]
			above = code
		case '*':
			code, line = above[:4]+line[1:6], line[6:]
		default:
			code, line = above[:6]+line[:3], line[3:]
		}
		t.codes = append(t.codes, Division(code))
		t.names = append(t.names, line)
	}
	return t
})

// Name returns the division's own name, such as 万山区, "" when the table lacks it.
func (d Division) Name() string {
	if d == Nation {
		return "全国"
	}
	t := divisionTable()
	if i, ok := slices.BinarySearch(t.codes, d); ok {
		return t.names[i]
	}
	return ""
}

// FullName returns the names from the province down, such as 贵州省铜仁市万山区; a level that the
// table lacks is left out.
func (d Division) FullName() string {
	if d == Nation || d == "" {
		return d.Name()
	}
	name := d.Name()
	for up := d.Parent(); up != Nation && up != ""; up = up.Parent() {
		if n := up.Name(); n != "市辖区" && n != "县" { // rows that only group counties
			name = n + name
		}
	}
	return name
}

// Known reports whether the table holds the code or, of a village (12 digits), its township.
// Other codes are accepted all the same, and marked.
func (d Division) Known() bool {
	if len(d) == 12 {
		d = d.Parent()
	}
	return d.Name() != ""
}

// Children returns the divisions one level down that the table holds, in the order of their
// codes; those of the nation are the provinces.
func (d Division) Children() []Division {
	t := divisionTable()
	var children []Division
	start := 0
	if d != Nation {
		start, _ = slices.BinarySearch(t.codes, d)
	}
	for _, c := range t.codes[start:] {
		if !c.Within(d) {
			break
		}
		if c.Parent() == d {
			children = append(children, c)
		}
	}
	return children
}
