package sheet

import (
	"cmp"
	"io"
	"slices"
)

// WriteRemarks writes the file again with a column of remarks behind its last one: the header
// row's remark is the column's name. Format, encoding and content stay as they came.
func (t *Table) WriteRemarks(w io.Writer, header int, name string, remarks map[int]string) error {
	all := make(map[int]string, len(remarks)+1)
	for row, text := range remarks {
		all[row] = text
	}
	all[header] = name
	if t.Format == XLSX {
		return t.writeXLSX(w, all)
	}
	return t.writeCSV(w, func(row int) string { return all[row] })
}

func sortSpans(spans []span) {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
}
