package page

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// Values that are text, whatever they look like. The door refuses marks of direction, but not the
// letters of a script that runs from right to left; a roster may hold both.
const (
	markup = `<script>window.harmed=1</script><img src=x onerror=window.harmed=1>` + "שלום"
	nasty  = "\u202e\u2066" + markup
)

// requests watches what the page sends from now on: addresses, heads and bodies.
func (f *flow) requests() func() []string {
	var mu sync.Mutex
	var sent []string
	require.NoError(f.t, chromedp.Listen(f.ctx, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok {
			mu.Lock()
			defer mu.Unlock()
			raw, err := json.Marshal(e.Request)
			if err == nil {
				sent = append(sent, string(raw))
			}
		}
	}))
	f.command(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		return err
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(sent)
	}
}

// TestARosterOfNumbers is matched on the clerk's word alone: before it nothing leaves the browser, then
// the numbers, each in the body of a lookup, and never a name. No number is kept.
func TestARosterOfNumbers(t *testing.T) {
	const secret, number, person, strange = "龙某某秘", "520603900002", "52060390000201", "520603777777"
	file := filepath.Join(t.TempDir(), "花名册.csv")
	rows := "易地扶贫搬迁人口花名册,,,,\n序号,户编号,人编号,姓名,与户主关系\n1," + number + ",52060390000202,配某某,配偶\n2," + number + "," + person + "," + secret + ",户主\n3," + strange + ",,无某某,户主\n"
	require.NoError(t, os.WriteFile(file, []byte(rows), 0o600))
	f := inBrowser(t, chinese, 1280, "/households/"+idOf(t, domain.HouseholdKind, number)+"?at="+sampleDay)
	sent := f.requests()
	f.do(chromedp.SetUploadFiles(`input[data-do="roster"]`, []string{file}))
	f.sees("须把这 4 个编号逐个交给本服务器查询")
	f.sound()
	f.picture("roster-asked-zh")
	for _, request := range sent() {
		require.NotContains(t, request, number)
	}
	f.do(chromedp.Click("[data-do=match]"))
	f.until(`document.querySelector("#filehead .name")?.innerText === "` + secret + `" && document.querySelectorAll("#members .name").length === 2`)
	f.sees("1 个编号没有对上")
	require.False(t, value[bool](f, `/[0-9]{12}/.test(sessionStorage.getItem("anju-roster"))`))
	looked := 0
	for _, request := range sent() {
		require.NotContains(t, request, secret)
		require.NotContains(t, request, "某某")
		var r network.Request
		require.NoError(t, json.Unmarshal([]byte(request), &r))
		require.NotContains(t, r.URL, number)
		if strings.HasSuffix(r.URL, "/v1/lookup") {
			looked++
		}
	}
	require.Equal(t, 4, looked)
}

// TestTheRosterNeverLeavesTheBrowser: names stand beside ids, on later pages too, and no request
// carries one. A name of ten thousand characters, markup and marks of direction stay text.
func TestTheRosterNeverLeavesTheBrowser(t *testing.T) {
	household, person := idOf(t, domain.HouseholdKind, "520603900002"), idOf(t, domain.PersonKind, "52060390000201")
	const secret = "龙某某秘"
	file := filepath.Join(t.TempDir(), "roster.csv")
	csv := "标识,姓名\n" + household + "," + secret + "\n" + person + ",\"" + strings.ReplaceAll(nasty, `"`, `""`) + strings.Repeat("长", 10_000) + "\"\n"
	require.NoError(t, os.WriteFile(file, []byte(csv), 0o600))
	f := inBrowser(t, chinese, 1280, "/households/"+household+"?at="+sampleDay)
	sent := f.requests()
	f.do(chromedp.SetUploadFiles(`input[data-do="roster"]`, []string{file}))
	f.sees(secret)
	f.sees("window.harmed=1")
	f.until(`!document.querySelector(".who img, .who script") && window.harmed === undefined`)
	require.LessOrEqual(t, value[int](f, `Math.max(...[...document.querySelectorAll(".name")].map(n => [...n.textContent].length))`), 61)
	f.sound()
	f.do(chromedp.EmulateViewport(390, 900))
	f.sound()
	f.do(chromedp.EmulateViewport(1280, 900))
	f.picture("household-roster-zh")
	f.open("/persons/" + person + "?at=" + sampleDay)
	f.sees("window.harmed=1")
	f.sees(secret)
	require.NotEmpty(t, sent())
	for _, request := range sent() {
		require.NotContains(t, request, secret)
		require.NotContains(t, request, "harmed")
		require.NotContains(t, request, "%E9%BE%99%E6%9F%90", "nor in an address")
	}
}

// TestRecordedTextsStayText: what somebody recorded or put into a file is never markup.
func TestRecordedTextsStayText(t *testing.T) {
	record(t, "hrss", "training.completed", `{"person":{"number":"52060390000201"},"course":`+fmt.Sprintf("%q", markup)+`}`)
	person := idOf(t, domain.PersonKind, "52060390000201")
	f := inBrowser(t, chinese, 390, "/persons/"+person+"?at="+sampleDay)
	f.sees("window.harmed=1")
	f.until(`window.harmed === undefined && !document.querySelector("main img")`)
	f.sound()
	file := filepath.Join(t.TempDir(), markup[:8]+".csv")
	rows := "人编号,姓名,证件号码,就业状态,就业渠道,就业单位,就业地区划代码,入职日期,离职日期,月工资(元),核实日期,核实方式,培训课程,培训完成日期,统计日期\n" +
		"52060390000201," + strings.Repeat("甲", 10_000) + ",,在岗," + strings.ReplaceAll(nasty, ",", "") + ",某厂,520603,2021-01-01,,3000,,,,,2021-06-20\n" +
		"52060390000202,乙,,在岗," + strings.Repeat("很", 10_000) + ",某厂,520603,2021-01-01,,3000,,,,,2021-06-20\n"
	require.NoError(t, os.WriteFile(file, []byte(rows), 0o600))
	f.open("/import?at=" + sampleDay)
	f.do(chromedp.SetUploadFiles("#files", []string{file}))
	f.until(`document.querySelectorAll("table.rows tbody tr").length === 2`)
	f.until(`window.harmed === undefined && !document.querySelector("#import img, #import script")`)
	f.sees("企业吸纳")
	f.sound()
}

// TestAFormsTextsStayText: markup and letters from right to left are recorded as they are and shown as
// text; marks of direction and ten thousand characters are refused at their field.
func TestAFormsTextsStayText(t *testing.T) {
	f := inBrowser(t, chinese, 390, "/record/training.completed")
	send := func(course string) {
		value[bool](f, fmt.Sprintf(`(document.querySelector("[data-field=course]").value = %s, true)`, quoted(course)))
		f.do(chromedp.Click("button.strong"))
	}
	f.do(chromedp.SetValue("input[name=time]", "2021-06-21"), chromedp.SetValue("[data-field=person]", "52060390000201"))
	for _, wrong := range []string{nasty, strings.Repeat("长", 10_000)} {
		send(wrong)
		f.until(`document.querySelector("[data-field=course][aria-invalid]") && document.getElementById("receipt").innerText`)
		f.until(`window.harmed === undefined && !document.querySelector("main img")`)
		f.sound()
	}
	send(markup)
	f.until(`document.querySelector("#receipt .notice.good")`)
	f.do(chromedp.Click("#receipt a[href^='/events/']"))
	f.until(`location.pathname.startsWith("/events/")`)
	f.sees("window.harmed=1")
	f.until(`window.harmed === undefined && !document.querySelector("main img")`)
	f.sound()
}

// TestAMapsTextsStayText: what an operator's GeoJSON names its areas is text, however long; what is no
// map is said.
func TestAMapsTextsStayText(t *testing.T) {
	shape := `"geometry":{"type":"Polygon","coordinates":[[[104,25],[109,25],[109,29],[104,29],[104,25]]]}}`
	geo := `{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"name":` + quoted(nasty+strings.Repeat("长", 10_000)) + `},` + shape + `,
		{"type":"Feature","properties":{"adcode":520000,"name":` + quoted(markup) + `},` + shape + `]}`
	dir := t.TempDir()
	file, wrong := filepath.Join(dir, "own.geojson"), filepath.Join(dir, "wrong.geojson")
	require.NoError(t, os.WriteFile(file, []byte(geo), 0o600))
	require.NoError(t, os.WriteFile(wrong, []byte(nasty), 0o600))
	f := inBrowser(t, english, 390, "/divisions/00?at="+sampleDay)
	f.do(chromedp.SetUploadFiles(`[data-do=geojson]`, []string{wrong}))
	f.sees("No GeoJSON that can be used")
	f.do(chromedp.SetUploadFiles(`[data-do=geojson]`, []string{file}))
	f.until(`document.querySelector('.map a[href^="/divisions/52"] path') && document.querySelectorAll(".map path").length === 2`)
	require.LessOrEqual(t, value[int](f, `Math.max(...[...document.querySelectorAll(".map title")].map(n => [...n.textContent].length))`), 61)
	f.until(`window.harmed === undefined && !document.querySelector("main img, .map script")`)
	f.sound()
}

// quoted writes a text as JSON, which JavaScript reads too.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}
