package page

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// TestAnotherParameterSetJudges every figure of every page that is gone to from one that names it: the address keeps it
// as it keeps both axes, and the foot of each page says it.
func TestAnotherParameterSetJudges(t *testing.T) {
	require.NotContains(t, look(t, "/find", chinese).body, `id="parameters"`, "one set alone is no choice")
	set, refused := domain.ParseParameters([]byte(`{"name": "title-half-year", "version": 1, "valid_from": "2021-01-01", "source": "测试 / a test",
		"parameters": [{"name": "title_months", "value": "6", "source": "O", "reason": {"zh": "半年办证", "en": "a title within half a year"}}]}`))
	require.Empty(t, refused)
	require.NoError(t, shared.views.Build(set))
	known, err := shared.views.KnownAt(0, domain.MomentOf(time.Now())).Under(set.Name)
	require.NoError(t, err)
	at, err := domain.ParseDay(sampleDay)
	require.NoError(t, err)
	board, err := known.Board(t.Context(), "520603", at)
	require.NoError(t, err)
	own, err := shared.views.Board("520603", at)
	require.NoError(t, err)
	ours, sooner := own.Overdue["title"], board.Overdue["title"]
	require.Greater(t, sooner, ours)

	const under = "at=" + sampleDay + "&parameters=title-half-year"
	body := look(t, "/divisions/520603?"+under, english).body
	require.Empty(t, has(body, grouped(sooner), "Parameters <b>title-half-year</b>", "which is not the one in force", `<option value="title-half-year" selected>`))
	links := regexp.MustCompile(`href="(/[^"]*)"`).FindAllStringSubmatch(body, -1)
	kept := 0
	for _, l := range links {
		if strings.Contains(l[1], "at="+sampleDay) && !strings.Contains(l[1], "lang=") && strings.Contains(l[1], "parameters=title-half-year") {
			kept++
		}
	}
	require.Greater(t, kept, 60, "the links of the page keep it")
	home := idOf(t, domain.HouseholdKind, "520603900002")
	for _, path := range []string{"/households/" + home + "?", "/lists?division=520603&", "/questions/employment-rate?division=520603&", "/discrepancies?division=520603&", "/funds?division=520603&", "/totals/titles_issued?division=520603&"} {
		page := look(t, path+under, english)
		require.Equal(t, http.StatusOK, page.StatusCode, path)
		require.Contains(t, page.body, "Parameters <b>title-half-year</b>", path)
		require.Contains(t, look(t, path+"at="+sampleDay, english).body, "Parameters <b>anju-2021-1</b>", path)
	}
	named := look(t, "/divisions/520603?at="+sampleDay+"&parameters=anju-2021-1", english).body
	require.NotContains(t, named, "which is not the one in force")
	require.NotContains(t, named, grouped(sooner))
	unknown := look(t, "/divisions/520603?parameters=nobody", chinese)
	require.Equal(t, http.StatusBadRequest, unknown.StatusCode)
	require.Contains(t, unknown.body, "没有这个名称的参数集")

	for lang, width := range map[language]int64{chinese: 1280, english: 390} {
		f := inBrowser(t, lang, width, "/divisions/520603?at="+sampleDay)
		f.until(linked)
		value[bool](f, `(document.getElementById("parameters").value = "title-half-year", document.querySelector("form.moment").requestSubmit(), true)`)
		f.until(`location.search.includes("parameters=title-half-year") && document.querySelector("#stand").innerText.includes("title-half-year")`)
		f.until(`document.body.innerText.includes("` + grouped(sooner) + `")`)
		f.sound()
		f.picture("sets-" + string(lang))
		value[bool](f, `(document.querySelector(".notice a").click(), true)`)
		f.until(`!location.search.includes("parameters") && document.querySelector("#stand").innerText.includes("anju-2021-1")`)
	}
}
