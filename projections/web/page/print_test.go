package page

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/hex"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/anju-ledger/anju/domain"
)

// TestTheFileIsPrinted: on paper stand the state, the ten dimensions, the members and the records,
// with the day and the position that they are of, and nothing to click on. The PDF says the same.
func TestTheFileIsPrinted(t *testing.T) {
	id := idOf(t, domain.HouseholdKind, "520603900002")
	f := inBrowser(t, chinese, 1280, "/households/"+id+"?at="+sampleDay)
	f.sees("一户一档")
	f.command(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	})
	hidden := `[...document.querySelectorAll(".top nav, .tongue, .moment, .filetools, .skip, .link")].every(e => !e.checkVisibility())`
	shown := `["#filehead", "#readings", "#members", "#timeline", "#stand", ".mark"].every(s => document.querySelector(s).checkVisibility())`
	require.True(t, value[bool](f, hidden))
	require.True(t, value[bool](f, shown))
	require.True(t, value[bool](f, `[...document.querySelectorAll(".wide")].every(w => getComputedStyle(w).overflowX === "visible")`), "nothing is cut off")
	f.picture("household-print-zh")
	var pdf []byte
	f.command(func(ctx context.Context, target *chromedp.Target) error {
		r, err := cdp.Call(ctx, target, page.PrintToPDF, page.PrintToPDFParams{})
		pdf = r.Data
		return err
	})
	text := printed(t, pdf)
	for _, d := range domain.Dimensions() {
		require.Contains(t, text, d.Label().ZH)
	}
	require.Empty(t, has(text, "一户一档", id, "常住", "户主", "搬迁户登记", "数据日期", sampleDay, "账本位置", "ANJU-52:", "没有产业利益联结的记录"))
	require.NotContains(t, text, "打印或存为")
	require.NotContains(t, text, "导入表格")
}

var (
	pdfObjects = regexp.MustCompile(`(?s)(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj`)
	pdfFonts   = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	pdfText    = regexp.MustCompile(`/F(\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>`)
	pdfChars   = regexp.MustCompile(`(?m)^<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>(?: <([0-9A-Fa-f]+)>)?$`)
)

// printed reads the text of a PDF as Chromium writes it: fonts are named by their object, and each has
// a table from its glyphs to characters.
func printed(t *testing.T, pdf []byte) string {
	t.Helper()
	bodies := map[string]string{}
	for _, o := range pdfObjects.FindAllSubmatch(pdf, -1) {
		bodies[string(o[1])] = string(o[2])
	}
	tables := map[string]map[uint64]string{}
	for number, body := range bodies {
		if m := pdfFonts.FindStringSubmatch(body); m != nil {
			tables[number] = glyphsOf(streamOf(t, bodies[m[1]]))
		}
	}
	require.NotEmpty(t, tables)
	var text strings.Builder
	for _, body := range bodies {
		content := streamOf(t, body)
		if !strings.Contains(content, " Tf") {
			continue
		}
		glyphs := map[uint64]string{}
		for _, m := range pdfText.FindAllStringSubmatch(content, -1) {
			if m[1] != "" {
				glyphs = tables[m[1]]
				continue
			}
			if strings.HasPrefix(m[2], "FEFF") {
				continue // what a reader aloud is told, beside the glyphs
			}
			width := 4 // hex digits of a glyph; glyphs drawn one by one have two
			if _, drawn := glyphs[drawnGlyphs]; drawn {
				width = 2
			}
			for i := 0; i+width <= len(m[2]); i += width {
				code, _ := strconv.ParseUint(m[2][i:i+width], 16, 16)
				text.WriteString(glyphs[code])
			}
		}
	}
	return strings.NewReplacer("戶", "户", "⻔", "门", "⻛", "风", "⻓", "长").Replace(norm.NFKC.String(text.String())) // radicals as the characters that they stand for
}

// streamOf is the unpacked stream of an object, "" when it has none.
func streamOf(t *testing.T, body string) string {
	t.Helper()
	head, packed, found := strings.Cut(body, "stream\n")
	if !found || !strings.Contains(head, "/FlateDecode") || strings.Contains(head, "/Subtype /Image") {
		return ""
	}
	z, err := zlib.NewReader(bytes.NewReader([]byte(packed)))
	require.NoError(t, err)
	raw, err := io.ReadAll(z)
	require.NoError(t, err)
	return string(raw)
}

// drawnGlyphs marks a table of glyphs of one byte.
const drawnGlyphs = 1 << 20

// glyphsOf reads a table from glyphs to characters: single ones and runs.
func glyphsOf(table string) map[uint64]string {
	glyphs := map[uint64]string{}
	for _, m := range pdfChars.FindAllStringSubmatch(table, -1) {
		if len(m[1]) == 2 {
			glyphs[drawnGlyphs] = ""
		}
		first, _ := strconv.ParseUint(m[1], 16, 16)
		last, to := first, m[2]
		if m[3] != "" {
			last, _ = strconv.ParseUint(m[2], 16, 16)
			to = m[3]
		}
		raw, _ := hex.DecodeString(to)
		units := make([]uint16, len(raw)/2)
		for i := range units {
			units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
		}
		for code := first; len(units) > 0 && code <= last; code++ {
			glyphs[code] = string(utf16.Decode(units))
			units[len(units)-1]++
		}
	}
	return glyphs
}
