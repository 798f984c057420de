package twin

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

type row struct {
	number int
	cells  []string
}

// readRows reads a file as it lies on a department's disk.
func readRows(data []byte) []row {
	if bytes.HasPrefix(data, []byte("PK")) {
		return readWorkbook(data)
	}
	text := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(text) {
		text, _ = simplifiedchinese.GB18030.NewDecoder().Bytes(text)
	}
	var rows []row
	for i, line := range strings.Split(string(text), "\n") {
		cells, err := csv.NewReader(strings.NewReader(line)).Read()
		if err == nil {
			rows = append(rows, row{i + 1, cells})
		}
	}
	return rows
}

type workbookSheet struct {
	Rows []struct {
		Number int `xml:"r,attr"`
		Cells  []struct {
			At     string `xml:"r,attr"`
			Type   string `xml:"t,attr"`
			Value  string `xml:"v"`
			Inline string `xml:"is>t"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
	Merged []struct {
		Span string `xml:"ref,attr"`
	} `xml:"mergeCells>mergeCell"`
}

func readWorkbook(data []byte) []row {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		panic("twin: " + err.Error())
	}
	var words struct {
		Items []struct {
			Text string `xml:"t"`
		} `xml:"si"`
	}
	part(z, "xl/sharedStrings.xml", &words)
	var sheet workbookSheet
	part(z, "xl/worksheets/sheet1.xml", &sheet)
	var rows []row
	at := map[int]int{}
	for _, r := range sheet.Rows {
		cells := make([]string, 26)
		for _, c := range r.Cells {
			value := c.Value + c.Inline
			if c.Type == "s" {
				n, _ := strconv.Atoi(c.Value)
				value = words.Items[n].Text
			}
			cells[c.At[0]-'A'] = value
		}
		at[r.Number] = len(rows)
		rows = append(rows, row{r.Number, cells})
	}
	span := regexp.MustCompile(`^([A-Z])(\d+):[A-Z](\d+)$`)
	for _, m := range sheet.Merged {
		p := span.FindStringSubmatch(m.Span)
		from, _ := strconv.Atoi(p[2])
		to, _ := strconv.Atoi(p[3])
		for n := from + 1; n <= to; n++ {
			rows[at[n]].cells[p[1][0]-'A'] = rows[at[from]].cells[p[1][0]-'A']
		}
	}
	return rows
}

func part(z *zip.Reader, name string, into any) {
	r, err := z.Open(name)
	if err != nil {
		return // a workbook without strings has no such part
	}
	b, err := io.ReadAll(r)
	if err == nil {
		err = xml.Unmarshal(b, into)
	}
	if err != nil {
		panic("twin: " + err.Error())
	}
}

// LastCells are the last filled cells of a file's rows by the rows' numbers.
func LastCells(data []byte) map[int]string {
	last := map[int]string{}
	for _, r := range readRows(data) {
		for _, c := range r.cells {
			if c != "" {
				last[r.number] = c
			}
		}
	}
	return last
}
