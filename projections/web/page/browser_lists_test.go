package page

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestAQuestionInABrowser: from the list of questions to an answer, searched while typing, put in
// another order, and on to a household.
func TestAQuestionInABrowser(t *testing.T) {
	f := inBrowser(t, chinese, 1280, "/questions?division=520603&at="+sampleDay)
	f.sound()
	f.picture("questions-zh")
	f.do(chromedp.Click(`a[href*="no-verified-work"]`))
	f.sees("最近核实在岗")
	f.sound()
	f.picture("question-zh")
	rows := value[int](f, `document.querySelectorAll("#sheet tbody tr").length`)
	f.do(chromedp.SendKeys(`input[name="q"]`, "同心"))
	f.until(`[...document.querySelectorAll("#sheet tbody tr")].every(r => r.innerText.includes("同心"))`)
	require.Contains(t, value[string](f, `location.search`), "q=")
	require.Equal(t, 50, rows)
	require.Equal(t, "同心", value[string](f, `document.activeElement.value`), "typing goes on")
	f.do(chromedp.Click(`#sheet thead th.num a`))
	f.until(`document.querySelector('#sheet th[aria-sort="descending"]')`)
	f.do(chromedp.Click(`#sheet tbody th a`))
	f.until(`location.pathname.startsWith("/households/")`)
}
