package page

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestAFieldIsLookedAtWhileItIsTyped, not only when it is left.
func TestAFieldIsLookedAtWhileItIsTyped(t *testing.T) {
	f := inBrowser(t, chinese, 390, "/record/job.placed?at="+sampleDay)
	const wage = `[data-field=wage_fen_month]`
	f.do(chromedp.SendKeys(wage, "ab1"))
	f.until(`document.querySelector("` + wage + `[aria-invalid]")`)
	f.sees("格式不对")
	f.until(`document.activeElement.matches("` + wage + `")`)
	f.do(chromedp.SendKeys(wage, "\b\b\b3200"))
	f.until(`!document.querySelector("[aria-invalid]") && document.querySelector("` + wage + `").value === "3200"`)
}

// TestAReceiptKeepsTheMoment in the address that it leads to.
func TestAReceiptKeepsTheMoment(t *testing.T) {
	f := inBrowser(t, chinese, 390, "/record/training.completed?at="+sampleDay+"&known_at=2999-01-01")
	f.do(
		chromedp.SetValue("input[name=time]", "2021-06-22"), chromedp.SetValue("[data-field=person]", "52060390000201"),
		chromedp.SetValue("[data-field=course]", "烹饪"), chromedp.Click("button.strong"),
	)
	f.until(`document.querySelector("#receipt .notice.good")`)
	require.Contains(t, value[string](f, `document.querySelector("#receipt a[href^='/events/']").getAttribute("href")`), "?at=2021-06-30&known_at=2999-01-01T23%3A59%3A59")
	f.do(chromedp.Click("#receipt a[href^='/events/']"))
	f.until(`location.pathname.startsWith("/events/") && location.search.includes("known_at=2999")`)
	f.sees("烹饪")
}
