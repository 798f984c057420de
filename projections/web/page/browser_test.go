package page

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events/intake"
)

// The environment of the browser's tests.
const (
	browserVariable     = "ANJU_BROWSER"     // its program; "required" makes a missing one a failure
	screenshotsVariable = "ANJU_SCREENSHOTS" // a folder for pictures of every flow
)

// flowWait bounds one flow.
const flowWait = time.Minute

//go:embed testdata/axe-4.14.1.min.js
var axe string

// chromium is the one browser of all flows, started by the first.
var chromium = sync.OnceValues(func() (context.Context, context.CancelFunc) {
	path := os.Getenv(browserVariable)
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if _, err := exec.LookPath(path); err != nil {
			path = name
		}
	}
	if _, err := exec.LookPath(path); err != nil {
		return nil, func() {}
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(),
		append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)...)
	ctx, endBrowser := chromedp.NewContext(allocator)
	return ctx, func() { endBrowser(); end() }
})

// flow is a tab of the browser in which a test does what a person would.
type flow struct {
	t    *testing.T
	ctx  context.Context
	lang language
	at   *node
}

// inBrowser opens a page of the shared county in a fresh tab of a width.
func inBrowser(t *testing.T, lang language, width int64, path string) *flow {
	t.Helper()
	return shared.inBrowser(t, lang, width, path)
}

// inBrowser opens a page in a fresh tab of a width.
func (n *node) inBrowser(t *testing.T, lang language, width int64, path string) *flow {
	t.Helper()
	parent, _ := chromium()
	if parent == nil {
		if os.Getenv(browserVariable) == "required" {
			t.Fatal("no Chromium: apt-get install chromium fonts-wqy-zenhei")
		}
		t.Skip("no Chromium here; scripts/check.sh installs it")
	}
	require.NoError(t, chromedp.Do(parent)) // the browser lives with this context, not with a flow's
	ctx, end := chromedp.NewContext(parent)
	t.Cleanup(end)
	require.NoError(t, chromedp.Do(ctx))
	ctx, stop := context.WithTimeout(ctx, flowWait)
	t.Cleanup(stop)
	f := &flow{t, ctx, lang, n}
	f.command(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch})
		return err
	})
	f.do(chromedp.EmulateViewport(width, 900))
	f.open(with(path, "lang", string(lang)))
	return f
}

// watch notes what the browser stops because of the page's policy, and errors of its scripts that
// nobody caught.
const watch = `window.stopped = [];
addEventListener("securitypolicyviolation", e => stopped.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample));
addEventListener("error", e => stopped.push(String(e.message)));
addEventListener("unhandledrejection", e => stopped.push(String(e.reason)));`

// command runs a command of the browser's own.
func (f *flow) command(run func(ctx context.Context, target *chromedp.Target) error) {
	f.t.Helper()
	_, err := chromedp.Run(f.ctx, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		return chromedp.Void{}, run(ctx, target)
	})
	require.NoError(f.t, err)
}

func (f *flow) do(steps ...chromedp.Action[chromedp.Void]) {
	f.t.Helper()
	require.NoError(f.t, chromedp.Do(f.ctx, steps...))
}

func (f *flow) open(path string) {
	f.t.Helper()
	f.do(chromedp.Navigate(f.at.server.URL + path))
}

// value evaluates an expression in the page.
func value[T any](f *flow, expression string) T {
	f.t.Helper()
	v, err := chromedp.Run(f.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(f.t, err, expression)
	return v
}

// until waits for a condition of the page.
func (f *flow) until(condition string) {
	f.t.Helper()
	_, err := chromedp.Run(f.ctx, chromedp.Poll[bool]("!!("+condition+")"))
	for err != nil && f.ctx.Err() == nil { // the page went elsewhere while it was looked at
		_, err = chromedp.Run(f.ctx, chromedp.Poll[bool]("!!("+condition+")"))
	}
	if err != nil {
		f.picture("failed-" + strings.ReplaceAll(f.t.Name(), "/", "-"))
	}
	require.NoError(f.t, err, condition)
}

// sees waits until the page says something.
func (f *flow) sees(text string) {
	f.t.Helper()
	f.until("document.body.innerText.includes(" + fmt.Sprintf("%q", text) + ")")
}

// picture keeps a picture of the page where one is wanted.
func (f *flow) picture(name string) {
	dir := os.Getenv(screenshotsVariable)
	if dir == "" {
		return
	}
	size, err := chromedp.Run(f.ctx, chromedp.Evaluate[[]int64](`[innerWidth, innerHeight, document.documentElement.scrollHeight]`))
	if err == nil { // as high as the page, so that what sticks to an edge stands where it belongs
		err = chromedp.Do(f.ctx, chromedp.EmulateViewport(size[0], max(size[1], size[2])))
	}
	var png []byte
	if err == nil {
		png, err = chromedp.Run(f.ctx, chromedp.CaptureScreenshot())
	}
	if err == nil {
		err = chromedp.Do(f.ctx, chromedp.EmulateViewport(size[0], size[1]))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		f.t.Log(err)
	}
}

// sound checks what every page must keep: nobody is shut out of it, it does not scroll sideways,
// and the browser did not have to stop anything that its policy forbids.
func (f *flow) sound() {
	f.t.Helper()
	require.LessOrEqual(f.t, value[int](f, "document.documentElement.scrollWidth - innerWidth"), 0, "the page scrolls sideways")
	require.Empty(f.t, value[[]string](f, "window.stopped"))
	value[bool](f, axe+"; true")
	found := value[[]string](f, `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations
		.filter(v => v.impact === "serious" || v.impact === "critical")
		.map(v => v.id + ": " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + n.failureSummary).join(" | ")))`)
	require.Empty(f.t, found)
	value[bool](f, "(window.stopped = [], true)") // axe tries things of its own
}

// TestWhatThePolicyStopsIsSeen, and so are errors of scripts: else sound would find every page sound.
func TestWhatThePolicyStopsIsSeen(t *testing.T) {
	f := inBrowser(t, chinese, 390, "/find")
	f.until(linked)
	require.Empty(t, value[[]string](f, "window.stopped"))
	value[bool](f, `(document.body.setAttribute("style", "color: red"), document.head.append(Object.assign(document.createElement("script"), {textContent: "window.harmed = 1"})), setTimeout(() => { throw new Error("slip") }), true)`)
	f.until(`window.stopped.length === 3 && window.harmed === undefined`)
}

func TestTheOverviewInABrowser(t *testing.T) {
	f := inBrowser(t, chinese, 1280, "/divisions/520603?at="+sampleDay)
	f.sees("万山区")
	f.until(`document.querySelector("#progress canvas")`)
	f.until(`document.getElementById("link").classList.contains("on")`)
	f.sound()
	f.picture("overview-zh")
	value[bool](f, `(() => { document.querySelector("#months details").open = true; return true; })()`)
	f.sees("逐月数字")
	require.True(t, value[bool](f, `[...document.querySelectorAll("#months td a")].some(a => a.textContent === "815" && a.getAttribute("href") === "/lists?division=520603&title=issued&at=2021-06-30")`))
	f.sound()
	value[bool](f, `(() => { const s = document.querySelector("input.slide[data-for=at]"); s.value -= 365;
		for (const kind of ["input", "change"]) s.dispatchEvent(new Event(kind, {bubbles: true})); return true; })()`)
	f.until(`location.search === "?at=2020-06-30"`)
	f.sees("2020-06-30")
	f.open("/divisions/520603?at=" + sampleDay + "&known_at=2999-01-01")
	f.sees("按当时所知显示")
	f.sound()
	f.open("/divisions/00?at=" + sampleDay)
	f.sees("全国")
	f.sound()
	f.picture("nation-zh")
	f = inBrowser(t, english, 1280, "/divisions/520603?at="+sampleDay)
	f.sees("Ten dimensions")
	f.sound()
	f.picture("overview-en")
	f = inBrowser(t, chinese, 390, "/divisions/520603?at="+sampleDay)
	f.sees("十个方面")
	f.sound()
	f.picture("overview-zh-phone")
}

// TestTheKeyboardAlone: the first stop leads past the navigation, and every stop is seen.
func TestTheKeyboardAlone(t *testing.T) {
	f := inBrowser(t, chinese, 1280, "/divisions/520603?at="+sampleDay)
	f.sees("万山区")
	f.do(chromedp.KeyEvent("\t"))
	require.Equal(t, "#main", value[string](f, `document.activeElement.getAttribute("href")`))
	f.do(chromedp.KeyEvent("\r"))
	f.until(`location.hash === "#main"`)
	f.do(chromedp.KeyEvent("\t"))
	require.True(t, value[bool](f, `document.getElementById("main").contains(document.activeElement)`))
	require.NotEqual(t, "none", value[string](f, `getComputedStyle(document.activeElement).outlineStyle`))
}

// TestTheFileInABrowser: from an official number to the file, to a fact, to its proof.
func TestTheFileInABrowser(t *testing.T) {
	f := inBrowser(t, chinese, 1280, "/find?at="+sampleDay)
	f.do(chromedp.SendKeys("input[name=number]", "520603900002\r"))
	f.until(`location.pathname.startsWith("/households/h")`)
	f.sees("一户一档")
	f.until(`document.getElementById("link").classList.contains("on")`)
	f.sound()
	f.picture("household-zh")
	f.do(chromedp.EmulateViewport(390, 900))
	f.sound()
	f.picture("household-zh-phone")
	f.do(chromedp.EmulateViewport(1280, 900), chromedp.Click("table.readings a.proof"))
	f.until(`document.querySelector("[data-do=prove]")`)
	f.do(chromedp.Click("[data-do=prove]"))
	f.until(`document.querySelector(".verdict.good")`)
	f.sound()
	f.picture("event-proved-zh")
	// The key of another ledger, remembered at this address, is said plainly, with the way on.
	value[bool](f, `(localStorage.setItem("anju-key-ANJU-52", "another"), true)`)
	f.do(chromedp.Click("[data-do=prove]"))
	f.until(`document.querySelector(".verdict.bad") && document.querySelector("[data-do=trust]")`)
	f.sees("又一次 anju demo")
	f.do(chromedp.Click("[data-do=trust]"))
	f.until(`document.querySelector(".verdict.good")`)
	// The same proof of other bytes proves nothing.
	value[bool](f, `(() => { const p = document.getElementById("proof"); p.dataset.raw = p.dataset.raw.replace("520603", "520604"); return true; })()`)
	f.do(chromedp.Click("[data-do=prove]"))
	f.until(`document.querySelector(".verdict.bad")`)
}

// TestListsInABrowser: a filter refreshes the list alone, and the address follows it.
func TestListsInABrowser(t *testing.T) {
	f := inBrowser(t, chinese, 1280, "/lists?list=doors&at="+sampleDay)
	f.sees("本周该上门的户")
	f.sound()
	f.picture("list-zh")
	f.do(chromedp.SetValue("select[name=state]", "in_crisis"))
	value[bool](f, `document.querySelector("select[name=state]").dispatchEvent(new Event("change", {bubbles: true}))`)
	f.until(`location.search.includes("state=in_crisis") && !document.getElementById("list").innerText.includes("有返贫风险")`)
	f.do(chromedp.EmulateViewport(390, 900))
	f.sound()
	f = inBrowser(t, english, 390, "/find")
	f.sees("By address")
	f.sound()
	f.picture("find-en-phone")
}

// TestAFileThatNeedsAnotherSaysSoOnce: jobs before the register of their county.
func TestAFileThatNeedsAnotherSaysSoOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), held)
	require.NoError(t, os.WriteFile(file, county.File(held), 0o600))
	f := inBrowser(t, english, 1280, "/import")
	f.do(chromedp.SetValue("#division", "110101"), chromedp.SetUploadFiles("#files", []string{file}))
	f.until(`document.querySelector(".imported .notice.bad")`)
	require.Zero(t, value[int](f, `document.querySelectorAll("table.rows").length`))
	require.True(t, value[bool](f, `document.getElementById("confirm").disabled`))
	f.picture("import-needs-en")
	wrong := filepath.Join(t.TempDir(), "letter.csv")
	require.NoError(t, os.WriteFile(wrong, []byte("Dear,Sir\n1,2\n"), 0o600))
	f.open("/import")
	f.do(chromedp.SetUploadFiles("#files", []string{wrong}))
	f.sees("no template has this header")
}

// TestAFormRecordsAFact: every type has a form; a refusal stands at its field, and the receipt
// leads to the event.
func TestAFormRecordsAFact(t *testing.T) {
	f := inBrowser(t, chinese, 1280, "/record")
	f.command(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "America/New_York"})
		return err
	})
	f.sees("就业安置")
	f.sound()
	f.do(chromedp.Click(`a[href="/record/job.placed"]`))
	f.until(`document.getElementById("record")`)
	f.sound()
	f.do(chromedp.Click("button.strong"))
	f.until(`document.querySelectorAll("[aria-invalid]").length >= 2`)
	f.picture("record-wrong-zh")
	f.do(
		chromedp.SetValue("input[name=time]", "2021-06-25"), chromedp.SendKeys(`[data-field=person]`, "999"),
		chromedp.SetValue(`[data-field=channel]`, "factory"), chromedp.SendKeys(`[data-field=wage_fen_month]`, "3500.5"), chromedp.Click("button.strong"),
	)
	f.until(`document.querySelector("[data-field=person][aria-invalid]") && document.getElementById("receipt").innerText`)
	f.sound()
	f.do(chromedp.SetValue(`[data-field=person]`, "52060390000202"), chromedp.Click("button.strong"))
	f.until(`document.querySelector("#receipt .notice.good")`)
	f.picture("record-done-zh")
	f.do(chromedp.Click("#receipt a[href^='/events/']"))
	f.until(`location.pathname.startsWith("/events/")`)
	f.sees("3,500.50 元")
	f.sees("企业吸纳")
	f.do(chromedp.Click(`a[href^="/record/record.corrected"]`))
	f.until(`document.querySelector("[data-field=wage_fen_month]")?.value === "3500.5" && document.querySelector("[data-field=channel]").value === "factory"`)
	f.sound()
	f.do(
		chromedp.SetValue("[data-field=wage_fen_month]", "3600"), chromedp.SetValue("[data-field=reason]", "typo"),
		chromedp.SetValue("input[name=time]", "2021-06-26T09:00"), chromedp.Click("button.strong"),
	)
	f.until(`document.querySelector("#receipt .notice.good")`)
	last, err := shared.page.eventAt(t.Context(), 52, shared.ledger.Streams()[0].Durable)
	require.NoError(t, err)
	require.Equal(t, "2021-06-26T01:00:00Z", last.Time.Time().UTC().Format(time.RFC3339), "nine in China, though the computer stands elsewhere")
	f.picture("correction-zh")
	f.do(chromedp.Click(`main p.notice a[href^="/events/"]`))
	f.sees("这条记录已更正")
	f = inBrowser(t, english, 390, "/record/household.registered")
	f.until(`document.querySelector("[data-list=members] .item")`)
	f.sound()
	f.picture("record-register-en-phone")
}

// TestACorrectionOfAListOfPeople: each member is an item of the form, begun with what is open.
func TestACorrectionOfAListOfPeople(t *testing.T) {
	household := idOf(t, domain.HouseholdKind, "520603900002")
	f := inBrowser(t, chinese, 1280, "/households/"+household+"?at="+sampleDay)
	f.do(chromedp.Click(`#timeline table:first-of-type tbody th a[href^="/events/"]`))
	f.until(`location.pathname.startsWith("/events/")`)
	f.do(chromedp.Click(`a[href^="/record/record.corrected"]`))
	f.until(`document.querySelectorAll("[data-list=members] > [data-items] > .item").length === 2`)
	f.sound()
	f.picture("correction-list-zh")
	second := `[data-list=members] > [data-items] > .item:nth-child(2) `
	require.Equal(t, "1983-03", value[string](f, `document.querySelector("`+second+`[data-field=birth_month]").value`))
	f.do(
		chromedp.SetValue(second+"[data-field=labour_class]", "skilled"), chromedp.SetValue("[data-field=reason]", "typo"),
		chromedp.SetValue("input[name=time]", "2021-06-27T10:00"), chromedp.Click("button.strong"),
	)
	f.until(`document.getElementById("receipt").innerText`)
	f.picture("correction-list-done-zh")
	f.until(`document.querySelector("#receipt .notice.good")`)
	f.open("/households/" + household + "?at=2021-06-27")
	f.sees("技能劳动力")
	f.until(`document.querySelector('#members a[href^="/persons/` + idOf(t, domain.PersonKind, "52060390000202") + `"]')`) // the same persons
}

// TestTheLedgerInABrowser: versions, rates and imports; what is recorded elsewhere appears in the
// ticker by itself.
func TestTheLedgerInABrowser(t *testing.T) {
	f := inBrowser(t, chinese, 1280, "/ledger")
	f.sees("检查点")
	f.until(`document.getElementById("link").classList.contains("on")`)
	f.sound()
	f.picture("ledger-zh")
	f.sees("状态定义")
	f.sees(domain.Definition)
	f.sees("anju-2021-1 第1版，在用")
	f.sees("近一分钟")
	f.sees("资金拨付")
	first := value[string](f, `document.querySelector("#ticker tbody td:last-child").innerText`)
	record(t, "hrss", "training.completed", `{"person":{"number":"52060390000201"},"course":"缝纫"}`)
	f.until(`document.querySelector("#ticker tbody td:last-child").innerText !== "` + first + `"`)
	f.sees("培训完成")
	require.Equal(t, 1, value[int](f, `document.querySelectorAll("#ticker tr.fresh").length`))
	require.NotEqual(t, "0", value[string](f, `document.querySelector("table.stream td:nth-child(5)").innerText`), "of the last minute")
	f.do(chromedp.EmulateViewport(390, 900))
	f.sound()
	f.picture("ledger-zh-phone")
}

// record records a fact through the door.
func record(t *testing.T, department domain.Department, kind, data string) {
	t.Helper()
	shared.record(t, department, kind, data)
}

// record records a fact through the door; of is whose it is where the data do not say.
func (n *node) record(t *testing.T, department domain.Department, kind, data string, of ...string) {
	t.Helper()
	caller := intake.Caller{Department: department, Division: county.Division}
	subject := ""
	if len(of) > 0 {
		subject = fmt.Sprintf(`"subject":{"number":%q},`, of[0])
	}
	body := fmt.Sprintf(`{"type":%q,"key":"test/%s/%d","time":"2021-06-20",%s"data":%s}`, kind, t.Name(), time.Now().UnixNano(), subject, data)
	answers := n.door.Record(t.Context(), caller, []*intake.Submission{intake.Parse([]byte(body), caller, time.Now())}, false)
	require.Nil(t, answers[0].Problem, "%+v", answers[0].Problem)
}

// TestAMapOfOnesOwn: an operator's GeoJSON is drawn in the browser, in the tiles' colours.
func TestAMapOfOnesOwn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.geojson")
	geo := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"adcode":520000,"name":"贵州省"},"geometry":{"type":"Polygon","coordinates":[[[104,25],[109,25],[109,29],[104,29],[104,25]]]}}]}`
	require.NoError(t, os.WriteFile(file, []byte(geo), 0o600))
	f := inBrowser(t, chinese, 1280, "/divisions/00?at="+sampleDay)
	f.do(chromedp.SetUploadFiles(`[data-do=geojson]`, []string{file}))
	f.until(`document.querySelector('.map a[href^="/divisions/52"] path.t3, .map a[href^="/divisions/52"] path.t2, .map a[href^="/divisions/52"] path.t4')`)
	f.sound()
}

// unwalked are the pages with data that no other flow looks at for whom they shut out.
var unwalked = regexp.MustCompile(`^/(communities/|funds|facilities|discrepancies|totals/|divisions/52\?|record$)`)

// TestNoPageScrollsSideways on a phone, in either language, and none shuts anybody out.
func TestNoPageScrollsSideways(t *testing.T) {
	for _, l := range []language{chinese, english} {
		f := inBrowser(t, l, 390, "/find")
		for _, path := range addresses(t) {
			f.open(path)
			require.LessOrEqual(t, value[int](f, "document.documentElement.scrollWidth - innerWidth"), 0, path)
			require.Empty(t, value[[]string](f, "window.stopped"), path)
			if l == chinese && unwalked.MatchString(path) { // in English they are built alike
				f.sound()
			}
		}
	}
}
