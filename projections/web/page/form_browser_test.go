package page

import (
	"testing"

	"github.com/chromedp/chromedp"
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
