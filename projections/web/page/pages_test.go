package page

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events/intake"
)

// TestEveryNumberOpensItsList: a list has as many households as the number that leads to it.
func TestEveryNumberOpensItsList(t *testing.T) {
	body := look(t, "/divisions/520603?at="+sampleDay, english).body
	links := regexp.MustCompile(`<a href="(/lists\?[^"]*)"[^>]*>(?:[^<]|<i[^>]*>|</i>|<span>|</span>)*?(?:<b>)?([0-9][0-9,]*)(?:</b>)?`).FindAllStringSubmatch(body, -1)
	require.Greater(t, len(links), 30)
	require.Contains(t, body, "stale=housing", "what is stale has its list too")
	for _, link := range links {
		path := strings.ReplaceAll(link[1], "&amp;", "&")
		list := look(t, path, english).body
		got := regexp.MustCompile(`<span><b>([0-9,]+)</b> households`).FindStringSubmatch(list)
		require.NotNil(t, got, path)
		require.Equal(t, link[2], got[1], path)
	}
}

// TestDiscrepanciesNameWhoSettlesThem: the county's three pairs that were registered twice.
// TestACommunityListsItsResidents by state: its page and its list count the same.
func TestACommunityListsItsResidents(t *testing.T) {
	id := idOf(t, domain.CommunityKind, "520603001501")
	s := look(t, "/communities/"+id+"?at="+sampleDay, english)
	links := regexp.MustCompile(`<li><a href="(/lists[^"]*site[^"]*)"><i[^>]*></i><span>[^<]*</span> <b>([0-9,]+)</b>`).FindAllStringSubmatch(s.body, -1)
	require.Greater(t, len(links), 3)
	for _, link := range links {
		require.Contains(t, look(t, html.UnescapeString(link[1]), english).body, "<b>"+link[2]+"</b> households", link[1])
	}
	require.Equal(t, http.StatusBadRequest, look(t, "/lists?division=520603&site=h4haxefb549vp", english).StatusCode)
	require.Contains(t, look(t, "/lists?division=520603&at="+sampleDay, english).body, `<option value="`+id+`">`)
}

func TestDiscrepanciesNameWhoSettlesThem(t *testing.T) {
	s := look(t, "/discrepancies?division=520603&at="+sampleDay, chinese)
	require.Empty(t, has(s.body, "疑似重复登记", "万山区 乡村振兴", `href="/households/h`))
	require.Contains(t, look(t, "/discrepancies?kind=after_death&at="+sampleDay, english).body, "Nothing contradicts")
}

// TestASuspectedDuplicateLinksTheOther household, and a reason says more than its level.
func TestASuspectedDuplicateLinksTheOther(t *testing.T) {
	at, err := shared.page.momentOf(t.Context(), url.Values{"at": {sampleDay}})
	require.NoError(t, err)
	a, err := shared.page.sift(t.Context(), &choice{Division: "520603", levels: map[domain.Dimension]domain.Level{domain.Data: domain.DataDuplicate}}, at)
	require.NoError(t, err)
	require.NotEmpty(t, a.Households)
	one := a.Households[0].Household.String()
	body := look(t, "/households/"+one+"?at="+sampleDay, english).body
	twin := regexp.MustCompile(`compare with: <a href="/households/(h[0-9a-z]+)\?at`).FindStringSubmatch(body)
	require.NotNil(t, twin)
	require.NotEqual(t, one, twin[1])
	require.Contains(t, look(t, "/households/"+twin[1]+"?at="+sampleDay, english).body, `compare with: <a href="/households/`+one)
	for _, l := range []language{chinese, english} {
		body := look(t, "/households/"+idOf(t, domain.HouseholdKind, "520603900002")+"?at="+sampleDay, l).body
		for _, row := range regexp.MustCompile(`<td class="level"><i class="t.?"></i>([^<]*?) ?(?:<span[^>]*>[^<]*</span>)?</td><td>([^<]*)</td>`).FindAllStringSubmatch(body, -1) {
			require.NotEqual(t, row[1], row[2])
			require.NotEmpty(t, row[2])
		}
	}
}

// TestListsAreDownloaded: both forms hold every household of the list, not the page's fifty.
func TestListsAreDownloaded(t *testing.T) {
	path := "/lists?division=520603&housing=vacant&at=" + sampleDay
	at, err := shared.page.momentOf(t.Context(), url.Values{"at": {sampleDay}})
	require.NoError(t, err)
	b, err := shared.page.board(t.Context(), "520603", at)
	require.NoError(t, err)
	vacant := b.Dimensions["housing"]["vacant"].Households
	s := look(t, path+"&as=csv", chinese)
	require.Equal(t, csvType, s.Header.Get("Content-Type"))
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(s.body, byteOrderMark))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, vacant+1)
	require.Equal(t, "空置", rows[1][3])
	require.Regexp(t, `^\S+ \d+栋\d+单元\d+室$`, rows[1][1])
	s = look(t, path+"&as=xlsx", english)
	file, err := excelize.OpenReader(bytes.NewReader([]byte(s.body)))
	require.NoError(t, err)
	cells, err := file.GetRows("Sheet1")
	require.NoError(t, err)
	require.Len(t, cells, vacant+1)
	require.Equal(t, "vacant", cells[1][3])
	require.Equal(t, "'=1+1", harmless("=1+1"))
}

// TestAFilterOutOfItsListIsRefused in words, not by a page that shows something else.
func TestAFilterOutOfItsListIsRefused(t *testing.T) {
	for query, says := range map[string]string{
		"housing=castle": "lived_in", "state=happy": "in_crisis", "overdue=tea": "visit", "list=everything": "employed", "division=abc": "2、4、6、9或12位数字",
		"stale=tea": "housing", "sort=fun": "worst", "at=x": "日期写作", "as_of=2021-06-30T00:00:00+09:00": "日期写作", "known_at=yesterday": "时刻写作", "as=pdf": "csv xlsx",
	} {
		s := look(t, "/lists?"+strings.ReplaceAll(query, "+", "%2B"), chinese)
		require.Equal(t, http.StatusBadRequest, s.StatusCode, query)
		name, _, _ := strings.Cut(query, "=")
		require.Empty(t, has(s.body, name, says), query)
	}
	require.Contains(t, look(t, "/lists?state=happy", english).body, "state=happy: it is a code of its list")
	number := look(t, "/lists?state=52060390000201", english)
	require.Equal(t, http.StatusBadRequest, number.StatusCode)
	require.NotContains(t, number.body, "52060390000201", "what may be somebody's number is not repeated")
}

// TestWorklistsAreTheStandingQuestions: each shows only households that it asks for.
func TestWorklistsAreTheStandingQuestions(t *testing.T) {
	at, err := shared.page.momentOf(t.Context(), url.Values{"at": {sampleDay}})
	require.NoError(t, err)
	size := map[string]int{}
	for i := range worklists {
		a, err := shared.page.sift(t.Context(), &choice{Division: "520603", list: &worklists[i], sort: byWorst}, at)
		require.NoError(t, err)
		size[worklists[i].code] = len(a.Households)
		for k := 1; k < len(a.Households); k++ {
			require.LessOrEqual(t, worst(a.Households[k-1].Word), worst(a.Households[k].Word))
		}
	}
	b, err := shared.page.board(t.Context(), "520603", at)
	require.NoError(t, err)
	require.Equal(t, b.Dimensions["housing"]["vacant"].Households, size["vacant"])
	require.Equal(t, b.Dimensions["services"]["gap"].Households, size["services_gap"])
	require.GreaterOrEqual(t, size["doors"], b.Overdue["visit"], "what is overdue now still is in a week")
	require.Equal(t, b.Households-b.Employed-b.Dimensions["employment"]["n/a"].Households, size["no_job"])
	require.Contains(t, look(t, "/funds?idle=1&at="+sampleDay, english).body, "bridging funds")
}

// TestTheFileSaysWhatIsKnown: state, reasons, members, address, what is due, and each record with
// both of its days.
func TestTheFileSaysWhatIsKnown(t *testing.T) {
	s := look(t, "/households/"+idOf(t, domain.HouseholdKind, "520603900002")+"?at="+sampleDay, chinese)
	require.Empty(t, has(s.body, "安和社区", "99栋1单元201室", "住房", "常住，依据2021-06-05的记录", "户主", "1981-03", "搬迁户登记", "2019-05-01", "走访", "接下来要办"))
	require.NotContains(t, s.body, "520603900002", "an official number stands on no page")
	require.Equal(t, http.StatusNotFound, look(t, "/households/h000000000000", chinese).StatusCode)
	require.Equal(t, http.StatusNotFound, look(t, "/households/p000000000000", chinese).StatusCode)
	person := look(t, "/persons/"+idOf(t, domain.PersonKind, "52060390000201")+"?at="+sampleDay, english)
	require.Empty(t, has(person.body, "1981-03", "sealed", "head"))
	community := look(t, "/communities/"+idOf(t, domain.CommunityKind, "520603001501")+"?at="+sampleDay, english)
	require.Empty(t, has(community.body, "安和社区", "households live here", "clinic"))
	event := look(t, "/events/ANJU-52:2000", chinese)
	require.Empty(t, has(event.body, "已封存", "ANJU-52:2000", "核对这条记录"))
	require.NotContains(t, event.body[:strings.Index(event.body, `data-raw`)], `{"sealed"`)
}

// TestNumbersAreLookedUpNeverShown: what was asked for stands neither in an address nor on the
// page that says that nothing was found.
func TestNumbersAreLookedUpNeverShown(t *testing.T) {
	ask := func(form url.Values) (*http.Response, string) {
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		resp, err := client.PostForm(shared.server.URL+"/find?at="+sampleDay, form)
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp, string(body)
	}
	household := idOf(t, domain.HouseholdKind, "520603900002")
	found := func(name, want string, form url.Values) {
		resp, _ := ask(form)
		require.Equal(t, http.StatusSeeOther, resp.StatusCode, name)
		require.Equal(t, want+"?at="+sampleDay, resp.Header.Get("Location"), name)
	}
	found("a household's number", "/households/"+household, url.Values{"number": {"520603900002"}, "division": {"520603"}})
	found("a person's number", "/persons/"+idOf(t, domain.PersonKind, "52060390000201"), url.Values{"number": {" 52060390000201 "}, "division": {"520603"}})
	found("an id", "/households/"+household, url.Values{"number": {strings.ToUpper(household)}, "division": {"520603"}})
	found("an address", "/households/"+household, url.Values{
		"community": {idOf(t, domain.CommunityKind, "520603001501")}, "block": {"99"}, "unit": {"1"}, "room": {"201"},
	})
	found("an address, the community by name", "/households/"+household, url.Values{"community": {"安和社区"}, "block": {"99"}, "unit": {"1"}, "room": {"201"}})
	found("by part of its name", "/households/"+household, url.Values{"community": {"安和"}, "block": {"99"}, "unit": {"1"}, "room": {"201"}})
	resp, body := ask(url.Values{"community": {"无此"}, "block": {"99"}, "unit": {"1"}, "room": {"201"}})
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	require.Contains(t, body, `value="无此"`)
	resp, body = ask(url.Values{"number": {"520603999999"}, "division": {"520603"}})
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	require.NotContains(t, body, "520603999999")
	_, body = ask(url.Values{"name": {"万山"}})
	require.Contains(t, body, "贵州省铜仁市万山区 520603")
	_, body = ask(url.Values{"name": {"520603999999"}})
	require.NotContains(t, body, "520603999999")
	for _, path := range []string{
		"/find?name=520603900002", "/event?id=520603900002", "/events/520603900002", "/persons/520603900002", "/lists?division=5206039000021", "/520603900002",
		"/find?number=520603900002&at=" + sampleDay, "/lists?who=520603900002", "/ledger?520603900002",
	} {
		s := look(t, path, chinese)
		require.NotContains(t, s.body, "520603900002", path)
		require.Equal(t, path, s.Request.URL.RequestURI(), "sent on")
	}
	long := strconv.Itoa(1) + strings.Repeat("9", 2*findMost)
	resp, _ = ask(url.Values{"number": {long}})
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
}

// TestAsItWasKnownThen: the numbers of an overview, its lists and a household's file follow both
// axes, and the page says so.
func TestAsItWasKnownThen(t *testing.T) {
	household := idOf(t, domain.HouseholdKind, "520603900002")
	first, err := shared.page.eventAt(t.Context(), 52, 1)
	require.NoError(t, err)
	before := "&known_at=" + (first.Recorded - 2000).Time().In(domain.China).Format(localForm)
	now := "&known_at=2999-01-01"
	at := "?at=" + sampleDay
	none := look(t, "/divisions/520603"+at+before, english)
	require.Empty(t, has(none.body, "No household is registered here yet", "Shown as it was known", "nothing was recorded by that moment"))
	require.Contains(t, look(t, "/lists"+at+before, english).body, "No household matches")
	for _, path := range []string{"/divisions/520603", "/households/" + household, "/persons/" + idOf(t, domain.PersonKind, "52060390000201"), "/lists", "/discrepancies"} {
		require.Contains(t, look(t, path+"?at=1990-01-01", english).body, "nothing was true yet by that day; the first fact is of ", path)
		require.Contains(t, look(t, path+"?at=1990-01-01", chinese).body, "截至该日尚无任何事实", path)
	}
	require.Equal(t, http.StatusOK, look(t, "/divisions/520603"+at+now, english).StatusCode)
	require.Contains(t, look(t, "/divisions/520603"+at+now, english).body, `/lists?division=520603&amp;housing=vacant&amp;at=2021-06-30&amp;known_at=2999-01-01T23%3A59%3A59`)

	for _, path := range []string{"/lists", "/find", "/ledger", "/funds", "/discrepancies"} {
		body := look(t, path+at+now, english).body
		for _, form := range regexp.MustCompile(`(?s)<form[^>]*method="get".*?</form>`).FindAllString(body, -1) {
			require.Contains(t, form, `name="known_at" value="2999-01-01T23:59:59"`, path)
			require.Contains(t, form, `name="at"`, path)
		}
	}
	sorted := look(t, "/lists"+at+now+"&sort=id", english).body
	require.Contains(t, sorted, `&amp;known_at=2999-01-01T23%3A59%3A59`)
	require.Equal(t, "at=2021-06-30&known_at=2999-01-01T23%3A59%3A59", look(t, "/event"+at+now+"&id=ANJU-52:1", english).Request.URL.RawQuery)
	require.Contains(t, look(t, "/import"+at+now, english).body, `data-moment="?at=2021-06-30&amp;known_at=2999-01-01T23%3A59%3A59"`)
	keys := look(t, "/households/"+household+at+now, chinese)
	require.Empty(t, has(keys.body, "99栋1单元201室", "当时所知"))
	// Half of the county's register was recorded by its middle: some households are known, not all.
	middle, err := shared.page.eventAt(t.Context(), 52, 4000)
	require.NoError(t, err)
	m, err := shared.page.momentOf(t.Context(), url.Values{"at": {sampleDay}, "known_at": {middle.Recorded.Time().In(domain.China).Format(localForm)}})
	require.NoError(t, err)
	b, err := shared.page.board(t.Context(), "520603", m)
	require.NoError(t, err)
	list, err := shared.page.sift(t.Context(), &choice{Division: "520603"}, m)
	require.NoError(t, err)
	require.Len(t, list.Households, b.Households, "the list is as long as the number")
	require.Equal(t, http.StatusBadRequest, look(t, "/divisions/520603?known_at=yesterday", chinese).StatusCode)
}

// TestACorrectionBeginsWithWhatIsOpen: the form of a register's correction holds its payload as
// far as it is open, and nothing sealed.
func TestACorrectionBeginsWithWhatIsOpen(t *testing.T) {
	s := look(t, "/record/record.corrected?target=ANJU-52:2000", chinese)
	require.Equal(t, http.StatusOK, s.StatusCode)
	require.Empty(t, has(s.body, "搬迁户登记", "birth_month", "乡村振兴"))
	require.NotContains(t, s.body, "&#34;sealed&#34;")
	require.NotContains(t, s.body, "<textarea")
	require.Regexp(t, `<input data-field="birth_month"|<input type="month" data-field="birth_month" value="[0-9]{4}-[0-9]{2}"`, s.body)
	require.Empty(t, has(look(t, "/record/record.corrected", english).body, "The record to be corrected", `name="target"`))
	void := look(t, "/record/record.voided?target=ANJU-52:2000", english)
	require.Contains(t, void.body, "Household registered")
	require.Equal(t, http.StatusNotFound, look(t, "/record/record.voided?target=ANJU-52:99999999", english).StatusCode)
}

// TestACorrectedAddressIsShown in the file and in lists, instead of the one that was corrected.
func TestACorrectedAddressIsShown(t *testing.T) {
	m, err := shared.page.momentOf(t.Context(), url.Values{})
	require.NoError(t, err)
	all, err := shared.page.words(t.Context(), "520603", m)
	require.NoError(t, err)
	id := all.Households[len(all.Households)-1].Household
	d, err := shared.page.dwells(id, m)
	require.NoError(t, err)
	keys, err := shared.page.eventAt(t.Context(), d.Keys.Province, d.Keys.Sequence)
	require.NoError(t, err)
	stated, ok := handover(keys)
	require.True(t, ok)
	was := chinese.address(stated.Address)
	require.Contains(t, look(t, "/households/"+id.String(), chinese).body, was)
	caller := intake.Caller{Department: keys.Source.Department, Division: county.Division}
	body := fmt.Sprintf(`{"type":"record.corrected","key":"test/address","time":"2021-06-20T08:00:00+08:00","data":{"target_event":%q,"reason":"typo","data":{"dwelling":%q,"area_dm2":%d,"community":%q,"address":{"block":"98","unit":"2","room":"777"}}}}`,
		keys.ID, stated.Dwelling, stated.AreaDm2, stated.Community)
	answers := shared.door.Record(t.Context(), caller, []*intake.Submission{intake.Parse([]byte(body), caller, time.Now())}, false)
	require.Nil(t, answers[0].Problem, "%+v", answers[0].Problem)
	require.NoError(t, shared.views.CaughtUp(t.Context()))
	file := look(t, "/households/"+id.String(), chinese).body
	require.Contains(t, file, "98栋2单元777室")
	list := look(t, "/lists?division=520603&as=csv", chinese).body
	require.Contains(t, list, "98栋2单元777室")
	require.NotContains(t, list, was+"\n")
}

// TestATownshipLeadsToItsCommunities though the county records their households.
func TestATownshipLeadsToItsCommunities(t *testing.T) {
	id := idOf(t, domain.CommunityKind, "520603001501")
	for _, path := range []string{"/divisions/520603001", "/divisions/520603001501"} {
		s := look(t, path+"?at="+sampleDay, english)
		require.Empty(t, has(s.body, "recorded by the county", `href="/communities/`+id), path)
		require.NotContains(t, s.body, "No household is registered here yet")
	}
	require.Contains(t, look(t, "/divisions/520603?at="+sampleDay, english).body, "site="+id)
}

// TestACommunityIsFoundByItsNameOrCode, without an address in it.
func TestACommunityIsFoundByItsNameOrCode(t *testing.T) {
	for _, name := range []string{"安和社区", "520603001501"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, shared.server.URL+"/find", strings.NewReader(url.Values{"name": {name}}.Encode()))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := shared.server.Client().Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Regexp(t, `<a href="/communities/[a-z0-9]+"><bdi>安和社区`, string(body), name)
	}
}
