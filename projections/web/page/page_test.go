package page

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestEveryPageKeepsThePolicy: no page runs an inline script or style, none may be framed, and
// every one says how much of the log it rests on.
func TestEveryPageKeepsThePolicy(t *testing.T) {
	for _, path := range append(addresses(t), "/no/such/page", "/divisions/abc", "/divisions/520603?at=yesterday") {
		s := look(t, path, chinese)
		require.Equal(t, policy, s.Header.Get("Content-Security-Policy"), path)
		require.Equal(t, "nosniff", s.Header.Get("X-Content-Type-Options"), path)
		require.Regexp(t, `^page;dur=[0-9.]+$`, s.Header.Get("Server-Timing"), path)
		require.NotContains(t, s.body, " style=", path)
		require.NotContains(t, s.body, "<style", path)
		for _, forbidden := range []string{`<script(?: [^>]*)?>[^<]`, `<[a-z][^<>]*\son[a-z]+=`, `(?i)(?:src|href)="(?:https?:)?//`} {
			require.Empty(t, regexp.MustCompile(forbidden).FindString(s.body), path)
		}
		require.Contains(t, s.body, "ANJU-52:", path)
	}
	for _, path := range addresses(t) {
		for _, l := range []language{chinese, english} {
			s := look(t, path, l)
			require.Equal(t, http.StatusOK, s.StatusCode, path)
			require.NotContains(t, s.body, "%!", path)
			require.NotContains(t, s.body, "ZgotmplZ", path)
			if l == english {
				require.Empty(t, foreign(s.body), path+": Chinese words on an English page")
			}
		}
	}
	require.Equal(t, http.StatusNotFound, look(t, "/no/such/page", chinese).StatusCode)
	require.Equal(t, http.StatusBadRequest, look(t, "/divisions/520603?at=yesterday", chinese).StatusCode)
}

var (
	wordsOf    = regexp.MustCompile(`<(?:th|dt|dd|h[1-4]|button|label|legend|option|li|td|small|p|summary|b|caption|figcaption)(?: [^>]*)?>([^<]*\p{Han}[^<]*)<`)
	namesPlace = regexp.MustCompile(`(?:^|[\s,])\p{Han}+(?:省|市|区|县|街道|安置点)(?:$|[\s,])`) // provinces to communities, whose names are Chinese
)

// foreign finds Chinese words on an English page that are no place's name.
func foreign(body string) []string {
	var found []string
	for _, m := range wordsOf.FindAllStringSubmatch(body, -1) {
		if hasHan(namesPlace.ReplaceAllString(m[1], "")) {
			found = append(found, m[0])
		}
	}
	return found
}

// TestTheFirstBoardIsKept though its position is the one that a new page holds already, as the
// position of an empty ledger is.
func TestTheFirstBoardIsKept(t *testing.T) {
	p := New(shared.ledger, shared.views, time.Now)
	m, err := p.momentOf(t.Context(), url.Values{"at": {sampleDay}})
	require.NoError(t, err)
	position, _, err := shared.views.Where()
	require.NoError(t, err)
	p.boards.position = position.String()
	_, err = p.board(t.Context(), "00", m)
	require.NoError(t, err)
	require.Len(t, p.boards.made, 1)
}

// TestAPIAnswersStayTheAPIs: mounting the page changes nothing for programs.
func TestAPIAnswersStayTheAPIs(t *testing.T) {
	for path, media := range map[string]string{
		"/v1/ledger": "application/json", "/openapi.json": "application/openapi+json", "/healthz": "application/json",
		"/v1/nothing": "application/problem+json",
	} {
		require.Equal(t, media, look(t, path, chinese).Header.Get("Content-Type"), path)
	}
	resp, err := http.Get(shared.server.URL + "/no/such/page")
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))
}

// TestAWriteFromAnotherSiteIsRefused: a browser tells where a request comes from; programs do not
// and are not touched.
func TestAWriteFromAnotherSiteIsRefused(t *testing.T) {
	post := func(header, value string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, shared.server.URL+"/v1/events?department=hrss&division=520603", strings.NewReader("{}"))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		if header != "" {
			req.Header.Set(header, value)
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		return resp.StatusCode
	}
	require.Equal(t, http.StatusForbidden, post("Sec-Fetch-Site", "cross-site"))
	require.Equal(t, http.StatusForbidden, post("Origin", "https://elsewhere.example"))
	require.NotEqual(t, http.StatusForbidden, post("Sec-Fetch-Site", "same-origin"))
	require.NotEqual(t, http.StatusForbidden, post("", ""))
}

// TestTheLanguageIsKept: a switch leads back to the same page, and the choice holds.
func TestTheLanguageIsKept(t *testing.T) {
	jar := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := jar.Get(shared.server.URL + "/divisions/520603?at=2021-06-30&lang=en")
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusSeeOther, resp.StatusCode)
	require.Equal(t, "/divisions/520603?at=2021-06-30", resp.Header.Get("Location"))
	require.Equal(t, string(english), resp.Cookies()[0].Value)
	require.Contains(t, look(t, "/divisions/520603", english).body, `<html lang="en">`)
	require.Contains(t, look(t, "/divisions/520603", chinese).body, `<html lang="zh-CN">`)
	resp, err = jar.Get(shared.server.URL + "//elsewhere.example/?lang=en")
	require.NoError(t, err)
	resp.Body.Close()
	require.NotContains(t, resp.Header.Get("Location"), "//elsewhere", "the switch leads nowhere else")
}

// TestWhatPagesAskWithIsKept in their links, and nothing else is.
func TestWhatPagesAskWithIsKept(t *testing.T) {
	for _, path := range []string{
		"/funds?by=1&desc=1&q=%E5%AE%89", "/lists?division=520603&housing=vacant&page=2&sort=id", "/facilities?kind=clinic&stage=open",
		"/questions/may-fall-back?days=30", "/questions/untitled-dwellings?division=520603",
	} {
		s := look(t, path+"&strange=520603900002", english)
		require.Equal(t, http.StatusOK, s.StatusCode, path)
		link := regexp.MustCompile(`class="tongue" href="([^"]*)"`).FindStringSubmatch(s.body)[1]
		had, err := url.Parse(path)
		require.NoError(t, err)
		has, err := url.Parse(strings.ReplaceAll(link, "&amp;", "&"))
		require.NoError(t, err)
		want := had.Query()
		want.Set("lang", "zh")
		require.Equal(t, want, has.Query(), path)
	}
}

// TestTheOverviewShowsTheBoard: the numbers of the sample county, each with the list behind it.
func TestTheOverviewShowsTheBoard(t *testing.T) {
	s := look(t, "/divisions/520603?at="+sampleDay, chinese)
	require.Equal(t, http.StatusOK, s.StatusCode)
	asOf := look(t, "/divisions/520603?as_of="+sampleDay, chinese)
	require.Equal(t, strings.Count(s.body, "at=2021-06-30"), strings.Count(asOf.body, "at=2021-06-30"), "the API's name of the day")
	require.NotContains(t, asOf.body, "as_of=")
	require.Empty(t, has(s.body, "万山区", "铜仁市", "贵州省", "1,224", "陷入困难", "住房", "安和社区",
		`href="/lists?division=520603&amp;housing=vacant&amp;at=2021-06-30"`, `href="/lists?division=520603&amp;overdue=visit&amp;at=2021-06-30"`))
	require.Contains(t, look(t, "/divisions/520603", chinese).body, `href="/divisions/520603?at=2021-06-`, "the page offers the latest day")
	require.Contains(t, look(t, "/divisions/110101", english).body, "No household is registered here yet")
	require.Contains(t, look(t, "/divisions/00?at="+sampleDay, chinese).body, ">黔<")
	home := look(t, "/", chinese)
	require.Equal(t, "/divisions/520603", home.Request.URL.Path, "one county: its page is where one begins")
	require.Empty(t, has(look(t, "/divisions/520603/progress?at="+sampleDay, chinese).body,
		`"day":"2021-05-31"`, `"titled":815`, `"titled":"/lists?division=520603&title=issued&at=2021-06-30"`))
}

// TestLiveTellsThePosition: the first message comes at once.
func TestLiveTellsThePosition(t *testing.T) {
	resp, err := http.Get(shared.server.URL + "/live")
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	line, err := bufio.NewReader(resp.Body).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, `"position":"ANJU-52:`)
}

// TestAssetsAreKeptForEver: an asset's address changes with its content, and it comes compressed.
func TestAssetsAreKeptForEver(t *testing.T) {
	s := look(t, shared.page.assets.at("page.css"), chinese)
	require.Contains(t, s.Header.Get("Cache-Control"), "immutable")
	body := look(t, "/divisions/00?at="+sampleDay, chinese).body + look(t, "/divisions/520603?at="+sampleDay, chinese).body
	weight, counted := len(zip([]byte(body))), map[string]bool{}
	for _, m := range regexp.MustCompile(`"/assets/([^"]+)"`).FindAllStringSubmatch(body, -1) {
		if counted[m[1]] {
			continue
		}
		counted[m[1]] = true
		file, known := shared.page.assets.byName[m[1]]
		require.True(t, known, m[1])
		weight += len(file.zipped)
	}
	for _, name := range []string{"page.css", "follow.js", "roster.js", "live.js", "map.js", "charts.js", "echarts-6.1.0.common.min.js"} {
		require.True(t, counted[shared.page.assets.names[name]], name)
	}
	const most = 700_000
	t.Log("bytes of an overview:", weight)
	require.LessOrEqual(t, weight, most)
}

// TestABrowserIsToldThatTheLedgerStarts, in a page that asks again by itself; a program gets a
// problem document from the API.
func TestABrowserIsToldThatTheLedgerStarts(t *testing.T) {
	ask := func(path, accept string) (*httptest.ResponseRecorder, bool) {
		w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("Accept", accept)
		return w, WriteStarting(w, r, 1234)
	}
	w, answered := ask("/divisions/520603", "text/html")
	require.True(t, answered)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Empty(t, has(w.Body.String(), "账本正在启动", "1,234", `http-equiv="refresh"`))
	require.Equal(t, policy, w.Header().Get("Content-Security-Policy"))
	w, answered = ask(shared.page.assets.at("page.css"), "*/*")
	require.True(t, answered)
	require.Equal(t, http.StatusOK, w.Code)
	_, answered = ask("/v1/ledger", "application/json")
	require.False(t, answered)
}

// BenchmarkOverview is what the server needs of the first paint of an overview.
func BenchmarkOverview(b *testing.B) {
	for _, path := range []string{"/divisions/520603?at=" + sampleDay, "/divisions/00?at=" + sampleDay} {
		b.Run(path, func(b *testing.B) {
			handler := shared.page.Handler(http.NotFoundHandler())
			for b.Loop() {
				shared.page.boards.mu.Lock()
				shared.page.boards.position = "" // as after every record
				shared.page.boards.mu.Unlock()
				w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
				handler.ServeHTTP(w, r)
				require.Equal(b, http.StatusOK, w.Code)
			}
		})
	}
}
