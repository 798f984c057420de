package page

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections"
)

// bring imports files of the sample county.
func (n *node) bring(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		_, err := n.door.Import(t.Context(), intake.Caller{Division: county.Division}, name, county.File(name), intake.ImportOptions{Record: true})
		require.NoError(t, err)
	}
}

// hide makes a tab believe that another one is looked at.
func (f *flow) hide(hidden bool) {
	f.t.Helper()
	word := map[bool]string{true: "true", false: "false"}[hidden]
	value[bool](f, `(Object.defineProperty(document, "hidden", {value: `+word+`, configurable: true}), document.dispatchEvent(new Event("visibilitychange")), true)`)
}

const linked = `document.getElementById("link").classList.contains("on")`

// TestOpenPagesFollow from an empty ledger on: numbers, chart, works, places and lists come by
// themselves; eight tabs share one connection and leave five to the questions; hidden ones have none
// and are told what they missed; what stands still is said, and when it goes on.
func TestOpenPagesFollow(t *testing.T) {
	if parent, _ := chromium(); parent == nil {
		inBrowser(t, chinese, 1280, "/") // skips, or fails where a browser is required
	}
	n, err := newNode(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.close()) })
	names := county.Names()
	f := n.inBrowser(t, chinese, 1280, "/divisions/520603?at="+sampleDay)
	f.sees("这里还没有登记的搬迁户")
	f.until(linked)
	f.sound()
	f.picture("overview-empty-zh")
	value[bool](f, `(window.same = true)`)
	n.bring(t, names[0], names[1])
	f.sees("1,224")
	f.sees("安和社区")
	f.until(`document.querySelector("#progress canvas") && window.same`)
	f.until(`document.getElementById("position").textContent.startsWith("ANJU-52:")`)

	tabs := []*flow{f}
	for _, path := range []string{"/ledger", "/lists", "/divisions/52", "/divisions/00", "/funds", "/discrepancies", "/find"} {
		tab := n.inBrowser(t, english, 1280, path)
		tab.until(linked)
		tabs = append(tabs, tab)
	}
	require.EqualValues(t, 1, n.live.Load(), "eight tabs, one connection")
	n.record(t, "rural", "dwelling.handed_over", `{"community":{"number":"新苑社区"},"address":{"block":"99","unit":"1","room":"201"}}`, "520603000001")
	tabs[7].do(chromedp.SendKeys("input[name=community]", "社区"), chromedp.SendKeys("input[name=block]", "99"), chromedp.SendKeys("input[name=unit]", "1"), chromedp.SendKeys("input[name=room]", "201\r"))
	tabs[7].sees("Several communities have this address")
	tabs[7].sees("新苑社区 block 99, unit 1, room 201")
	tabs[7].sees("安和社区 block 99, unit 1, room 201")
	tabs[7].sound()
	tabs[7].open("/import")
	tabs[7].until(linked)

	value[bool](f, `(window.shift = 0, new PerformanceObserver(l => l.getEntries().forEach(e => window.shift += e.value)).observe({type: "layout-shift", buffered: false}), document.querySelector("#numbers .legend a").focus(), window.numbers = document.getElementById("numbers"), window.works = document.getElementById("works"), true)`)
	value[bool](tabs[2], `(window.list = document.getElementById("list"), true)`)
	begun, anew := time.Now(), n.anew.Load()
	n.bring(t, "3_titles.xlsx", "4_facilities.csv", "7_visits.csv") // thousands of records
	f.until(`window.works !== document.getElementById("works") && document.getElementById("position").textContent === "` + n.position(t) + `"`)
	most := int64(len(tabs)) * (int64(time.Since(begun)/time.Second) + 2)
	require.LessOrEqual(t, n.anew.Load()-anew, most, "once a second and tab")
	require.True(t, value[bool](f, `document.activeElement.matches("#numbers .legend a") && window.same`), "the keyboard stays where it was")
	tabs[2].until(`window.list !== document.getElementById("list")`)
	f.sees("十个方面") // though other tabs were opened in English meanwhile

	f.until(`(window.numbers = document.getElementById("numbers"), window.shift = 0, true)`)
	position := value[string](f, `document.getElementById("position").textContent`)
	n.record(t, "hrss", "training.completed", `{"person":{"number":"52060390000201"},"course":"缝纫"}`)
	f.until(`document.getElementById("position").textContent !== "` + position + `"`)
	require.Zero(t, value[float64](f, `window.shift`), "nothing moved")

	for _, tab := range tabs {
		tab.hide(true)
	}
	require.Eventually(t, func() bool { return n.live.Load() == 0 }, flowWait, 50*time.Millisecond)
	n.record(t, "hrss", "training.completed", `{"person":{"number":"52060390000201"},"course":"焊工"}`)
	tabs[1].hide(false)
	tabs[1].until(`document.querySelector("#ticker tbody td:last-child").innerText === "` + n.position(t) + `"`)
	f.hide(false)
	f.until(`document.getElementById("position").textContent === "` + n.position(t) + `"`)

	n.down.Store(true)
	n.server.CloseClientConnections()
	f.sees("连接中断（")
	f.picture("overview-lost-zh")
	f.sound()
	n.down.Store(false)
	f.until(`document.getElementById("stale").classList.contains("good") && ` + linked)
	f.until(`document.getElementById("stale").hidden`)

	n.strange.Store(true)
	n.record(t, "hrss", "training.completed", `{"person":{"number":"52060390000201"},"course":"电工"}`)
	f.sees("视图已停止更新")
	require.Equal(t, "1,224", value[string](f, `document.querySelector("#h-states a").textContent`), "the numbers stand")
	f.do(chromedp.EmulateViewport(390, 900))
	f.picture("overview-stopped-zh-phone")
	f.sound()
}

// TestEmptyPages: nothing is recorded yet, or nothing is there, or the chart did not come; every page
// says so, in both languages, and keeps its promises on a phone.
func TestEmptyPages(t *testing.T) {
	if parent, _ := chromium(); parent == nil {
		inBrowser(t, chinese, 390, "/") // skips, or fails where a browser is required
	}
	n, err := newNode(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.close()) })
	words := map[string][2]string{
		"/": {"还没有登记的搬迁户", "No household is registered"}, "/divisions/520603": {"还没有登记的搬迁户", "No household is registered"},
		"/lists": {"没有符合条件的户", "No household matches"}, "/lists?list=doors": {"没有符合条件的户", "No household matches"},
		"/funds": {"", ""}, "/facilities": {"", ""}, "/discrepancies": {"没有矛盾", "Nothing contradicts"},
		"/find": {"还没有登记安置社区", "No community is recorded yet"}, "/import": {"把文件拖到这里", "Drop files here"},
		"/record": {"就业安置", "Job placed"}, "/record/job.placed": {"就业安置", "Job placed"}, "/ledger": {"还没有数据流", "No stream yet"},
		"/households/h0000000000000": {"没有找到", "Not found"}, "/persons/p0000000000000": {"没有找到", "Not found"}, "/events/ANJU-52:1": {"没有找到这条记录", "There is no such event"},
		"/no/such/page": {"没有这个页面", "There is no such page"}, "/divisions/abc": {"区划代码", "A division code"},
	}
	f := n.inBrowser(t, english, 390, "/find")
	for path, want := range words {
		s := n.look(t, path, chinese)
		require.Contains(t, s.body, want[0], path)
		f.open(path)
		f.sees(want[1])
		f.sound()
	}
	f.open("/ledger")
	f.until(linked)
	f.picture("ledger-empty-en-phone")
	f = inBrowser(t, english, 390, "/find")
	f.command(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{{URLPattern: "*://*:*/*/progress*", Block: true}}})
		return err
	})
	f.open("/divisions/520603?at=" + sampleDay)
	f.sees("The chart did not load")
	f.sound()
}

// position is how far the views are once they have read all that is recorded.
func (n *node) position(t *testing.T) string {
	t.Helper()
	ctx, end := context.WithTimeout(t.Context(), flowWait)
	defer end()
	require.NoError(t, n.views.CaughtUp(ctx))
	position, _, err := n.views.Where()
	require.NoError(t, err)
	return position.String()
}

// TestAPageThatSaysNothingNewIsNotSentAgain, though something was recorded elsewhere.
func TestAPageThatSaysNothingNewIsNotSentAgain(t *testing.T) {
	ask := func(tag string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, shared.server.URL+"/divisions/110101?at="+sampleDay, nil)
		require.NoError(t, err)
		req.Header.Set(liveHeader, english.Tag())
		req.Header.Set("If-None-Match", tag)
		resp, err := shared.server.Client().Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		return resp
	}
	first := ask("")
	require.Equal(t, http.StatusOK, first.StatusCode)
	record(t, "hrss", "training.completed", `{"person":{"number":"52060390000201"},"course":"缝纫"}`)
	at := shared.position(t)
	again := ask(first.Header.Get("ETag"))
	require.Equal(t, http.StatusNotModified, again.StatusCode)
	require.Equal(t, at, again.Header.Get(positionHeader))
	require.Equal(t, http.StatusOK, ask(`"other"`).StatusCode)
}

// TestATabWithoutSharedWorkersFollowsAlone: not every browser has them.
func TestATabWithoutSharedWorkersFollowsAlone(t *testing.T) {
	f := inBrowser(t, english, 1280, "/find")
	f.until(linked)
	value[bool](f, `fetch("/ledger").then(r => r.text()).then(html => { // the same page, as such a browser runs it
		delete window.SharedWorker; history.replaceState(null, "", "/ledger"); document.open(); document.write(html); document.close(); return true; })`)
	f.until(`window.SharedWorker === undefined && document.getElementById("streams")`)
	f.until(linked)
	first := value[string](f, `document.querySelector("#ticker tbody td:last-child").innerText`)
	record(t, "hrss", "training.completed", `{"person":{"number":"52060390000201"},"course":"茶艺"}`)
	f.until(`document.querySelector("#ticker tbody td:last-child").innerText !== "` + first + `"`)
}

// TestOneAnswersForAll who ask at once; a question whose asker went away is answered by the next.
func TestOneAnswersForAll(t *testing.T) {
	var k kept[int]
	of := flight{asked{division: "52"}, "ANJU-52:7"}
	gone, leave := context.WithCancel(t.Context())
	begun, made := make(chan struct{}), atomic.Int32{}
	var all sync.WaitGroup
	all.Go(func() {
		_, err := k.answer(gone, of, 9, func() (int, string, error) {
			close(begun)
			<-gone.Done()
			return 0, "", gone.Err()
		})
		assert(t, err != nil)
	})
	<-begun
	for range 50 {
		all.Go(func() {
			n, err := k.answer(t.Context(), of, 9, func() (int, string, error) {
				made.Add(1)
				return 42, of.position, nil
			})
			assert(t, err == nil && n == 42)
		})
	}
	leave()
	all.Wait()
	require.EqualValues(t, 1, made.Load())
	n, err := k.answer(t.Context(), flight{of.asked, "ANJU-52:8"}, 9, func() (int, string, error) { return 43, "ANJU-52:8", nil })
	require.NoError(t, err)
	require.Equal(t, 43, n, "of another position")
}

// assert fails a test from any goroutine.
func assert(t *testing.T, holds bool) {
	t.Helper()
	if !holds {
		t.Error("not as it should be")
	}
}

// TestViewsAreBehind when what was durable some seconds ago is not read yet; a ledger on which
// records arrive all the time is not.
func TestViewsAreBehind(t *testing.T) {
	var c chase
	now := time.Now()
	at := func(read, durable uint64, later time.Duration) bool {
		return c.behind(projections.Position{"ANJU-52": read}, projections.Position{"ANJU-52": durable - read}, now.Add(later))
	}
	require.False(t, at(0, 100, 0))
	require.False(t, at(90, 200, behindAfter-1))
	require.True(t, at(99, 300, behindAfter))
	require.False(t, at(100, 400, behindAfter+1))
	require.False(t, at(399, 900, 2*behindAfter))
	require.True(t, at(399, 900, 2*behindAfter+1))
}
