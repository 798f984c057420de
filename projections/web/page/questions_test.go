package page

import (
	"bytes"
	"encoding/csv"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/anju-ledger/anju/projections/ask"
)

// TestEveryStandingQuestionIsAPage in both languages, answered, or with its options to be filled in.
func TestEveryStandingQuestionIsAPage(t *testing.T) {
	for _, l := range []language{chinese, english} {
		index := look(t, "/questions?division=520603", l)
		for _, q := range ask.Questions() {
			require.Contains(t, html.UnescapeString(index.body), l.pick(q.Title))
			path := "/questions/" + q.Name + "?at=" + sampleDay
			if strings.Contains(index.body, q.Name+"?division") {
				path += "&division=520603"
			}
			s := look(t, path, l)
			require.Equal(t, http.StatusOK, s.StatusCode, path)
			require.Contains(t, html.UnescapeString(s.body), l.pick(q.Meaning), path)
			answered := regexp.MustCompile(`id="sheet"|role="alert"`).MatchString(s.body)
			require.True(t, answered, path)
		}
	}
	require.Equal(t, http.StatusNotFound, look(t, "/questions/what-is-love", chinese).StatusCode)
	require.Empty(t, has(look(t, "/questions/no-verified-work?division=abc", english).body, "division: ", "2, 4, 6, 9 or 12 digits"))
}

// TestASheetIsSearchedOrderedAndTakenAlong: funds of the sample county.
func TestASheetIsSearchedOrderedAndTakenAlong(t *testing.T) {
	read := func(path string) [][]string {
		s := look(t, path+"&as=csv&at="+sampleDay, english)
		require.Equal(t, csvType, s.Header.Get("Content-Type"), s.body)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(s.body, byteOrderMark))).ReadAll()
		require.NoError(t, err)
		return rows[1:]
	}
	const path = "/funds?division=520603"
	all, up, down := read(path), read(path+"&by=5"), read(path+"&by=5&desc=1")
	require.NotEmpty(t, all)
	require.ElementsMatch(t, all, up)
	require.Equal(t, up[0][5], down[len(down)-1][5])
	require.NotEqual(t, up[0], down[0])
	found := read(path + "&q=" + url.QueryEscape(strings.ToUpper(all[0][1])))
	require.NotEmpty(t, found)
	for _, row := range found {
		require.Contains(t, strings.ToLower(strings.Join(row, " ")), strings.ToLower(all[0][1]))
	}
	s := look(t, path+"&as=xlsx&at="+sampleDay, english)
	file, err := excelize.OpenReader(bytes.NewReader([]byte(s.body)))
	require.NoError(t, err)
	kind, err := file.GetCellType("Sheet1", "F2")
	require.NoError(t, err)
	require.NotEqual(t, excelize.CellTypeInlineString, kind, "an amount is a number")
	for _, query := range []string{"by=99", "by=-1", "by=x", "as=doc", "source=gold", "measure=z9", "division=1"} {
		require.Equal(t, http.StatusBadRequest, look(t, "/funds?"+query, chinese).StatusCode, query)
	}
	for _, wrong := range []string{"/facilities?kind=castle", "/facilities?stage=broken", "/discrepancies?kind=odd", "/lists?sort=random"} {
		require.Equal(t, http.StatusBadRequest, look(t, wrong, chinese).StatusCode, wrong)
	}
}

// TestWhatIsNotKnownStandsLast in both directions.
func TestWhatIsNotKnownStandsLast(t *testing.T) {
	known, unknown := cellOfNumber(3, "3"), sheetCell{}
	for _, descending := range []bool{false, true} {
		require.Negative(t, compareCells(known, unknown, descending))
		require.Positive(t, compareCells(unknown, known, descending))
		require.Zero(t, compareCells(unknown, unknown, descending))
	}
	require.Negative(t, compareCells(cellOfNumber(9, "9"), cellOfNumber(10, "10"), false))
	require.Positive(t, compareCells(cellOfNumber(9, "9"), cellOfNumber(10, "10"), true))
}

// TestAnswersAreDownloadedAsTheyStand: in the order of the page, with what they rest on.
func TestAnswersAreDownloadedAsTheyStand(t *testing.T) {
	s := look(t, "/questions/no-verified-work?division=520603&by=3&as=csv&at="+sampleDay, chinese)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(s.body, byteOrderMark))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, "household", rows[0][0])
	require.Equal(t, "days", rows[0][4])
	require.Greater(t, len(rows), 2)
	require.LessOrEqual(t, len(rows[1][4]), len(rows[len(rows)-1][4]))
	require.Contains(t, rows[1], sampleDay)
}

// TestASuspectedDuplicateLinksTheOtherHousehold: the person's id alone would lead nowhere.
func TestASuspectedDuplicateLinksTheOtherHousehold(t *testing.T) {
	s := look(t, "/discrepancies?division=520603&kind=registered_twice&by=1&at="+sampleDay, english)
	links := regexp.MustCompile(`<td><a href="/households/([^?"]+)`).FindAllStringSubmatch(s.body, -1)
	require.NotEmpty(t, links)
	homes := regexp.MustCompile(`<th scope="row"><bdi>`).FindAllString(s.body, -1)
	require.Len(t, links, 2*len(homes), "each row links both")
}

// TestEveryTotalOpensWhatItIsMadeOf: the amounts of its list sum up to it.
func TestEveryTotalOpensWhatItIsMadeOf(t *testing.T) {
	at, err := shared.page.momentOf(t.Context(), url.Values{"at": {sampleDay}})
	require.NoError(t, err)
	b, err := shared.page.board(t.Context(), "520603", at)
	require.NoError(t, err)
	for _, key := range []string{"job_placed", "visits", "persons", "titles_issued", "communities"} {
		s := look(t, "/totals/"+key+"?division=520603&as=csv&at="+sampleDay, english)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(s.body, byteOrderMark))).ReadAll()
		require.NoError(t, err, key)
		sum := 0.0
		for _, row := range rows[1:] {
			n, err := strconv.ParseFloat(row[1], 64)
			require.NoError(t, err)
			sum += n
		}
		require.Equal(t, b.Totals[key], sum, key)
	}
	require.Equal(t, http.StatusNotFound, look(t, "/totals/happiness", chinese).StatusCode)
	overview := look(t, "/divisions/520603?at="+sampleDay, chinese).body
	for _, href := range regexp.MustCompile(`<dd><a href="([^"]*)"`).FindAllStringSubmatch(overview, -1) {
		require.Equal(t, http.StatusOK, look(t, html.UnescapeString(href[1]), chinese).StatusCode, href[1])
	}
}
