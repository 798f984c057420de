package page

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain/sample/county"
)

// mostStops bounds how many stops of the keyboard a thing may be away.
const mostStops = 120

// reach goes on by the tabulator until the keyboard stands on something, and sees that it shows.
func (f *flow) reach(selector string) {
	f.t.Helper()
	here := fmt.Sprintf(`document.activeElement.matches(%q)`, selector)
	for range mostStops {
		if value[bool](f, here) {
			outline := `(e => getComputedStyle(e).outlineStyle !== "none" || getComputedStyle(e.parentElement).outlineStyle !== "none")(document.activeElement)`
			require.True(f.t, value[bool](f, outline), "%s: where the keyboard stands is not seen", selector)
			return
		}
		f.do(chromedp.KeyEvent("\t"))
	}
	require.Fail(f.t, "the keyboard does not reach "+selector)
}

// press opens what the keyboard stands on.
func (f *flow) press(selector string) {
	f.t.Helper()
	f.reach(selector)
	f.do(chromedp.KeyEvent("\r"))
}

// TestAClerkImportsAFile is the way of somebody who has never seen the page, by the keyboard alone:
// from the overview to the import, choose the file, understand what is refused, confirm, and find a
// person's new job in her household's file. Choosing the file itself is the system's dialog.
func TestAClerkImportsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), held)
	require.NoError(t, os.WriteFile(file, county.File(held), 0o600))
	before := shared.ledger.Streams()[0].Durable
	f := inBrowser(t, chinese, 1280, "/divisions/520603?at="+sampleDay)
	f.press(`nav a[href^="/import"]`)
	f.sees("把文件拖到这里")
	f.sound()
	f.reach("#files")
	f.do(chromedp.SetUploadFiles("#files", []string{file}))
	f.until(`document.getElementById("confirm")`)
	f.sees("将记入")
	f.sees("编号被表格软件改为科学计数")
	f.sees("请将该列设为文本格式")
	f.sees("三千")
	require.Equal(t, before, shared.ledger.Streams()[0].Durable, "nothing is recorded before the confirmation")
	require.Equal(t, 26, value[int](f, `document.querySelectorAll("table.rows tbody tr").length`))
	require.Zero(t, value[int](f, `[...document.querySelectorAll("table.rows tbody tr")].filter(r => !r.cells[3].innerText.trim() || !r.cells[4].innerText.trim()).length`), "each row says what is wrong and how to correct it")
	f.sound()
	f.picture("import-errors-zh")
	f.do(chromedp.EmulateViewport(390, 900))
	f.sound()
	f.picture("import-errors-zh-phone")
	f.do(chromedp.EmulateViewport(1280, 900))
	f.press("#confirm")
	f.sees("已同步到磁盘")
	require.Greater(t, shared.ledger.Streams()[0].Durable, before)
	require.True(t, value[bool](f, `!!document.querySelector('a[download^="remarks-"][href^="blob:"]')`), "the file with remarks is still there")
	f.sound()
	f.picture("import-done-zh")
	f.press(`a[href^="/find"].button`)
	f.until(`location.pathname === "/find" && document.querySelector("input[name=number]")`)
	f.reach("input[name=number]")
	f.do(chromedp.KeyEvent("52060390000201\r"))
	f.until(`location.pathname.startsWith("/persons/p")`)
	f.sees("在岗，已核实")
	f.press(`table a[href^="/households/h"]`)
	f.until(`location.pathname.startsWith("/households/h")`)
	f.sees("就业安置")
	f.sees("某电子厂")
	f.picture("household-with-job-zh")
}
