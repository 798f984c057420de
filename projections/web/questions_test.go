package web

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/projections/ask"
)

// askedQuestions asks every standing question that GET answers, by number, and one in each format.
func askedQuestions() []string {
	addresses := []string{"/v1/questions/no-verified-work?division=520603&as_of=2021-06-30&format=csv", "/v1/questions/1?as_of=2021-06-30&known_at=2021-06-30&format=xlsx"}
	for _, q := range ask.Questions() {
		address, ok := "/v1/questions/"+strconv.Itoa(q.Number)+"?as_of=2021-06-30", true
		for _, o := range q.Options {
			switch {
			case q.Name == "looked-at-me": // it waits for identity
				ok = false
			case o.Kind == ask.DivisionOption:
				address += "&division=520603"
			case o.Kind == ask.FileOption && o.Required:
				ok = false
			case o.Kind == ask.HouseholdOption && o.Required:
				address += "&" + o.Name + "={household}"
			case o.Kind == ask.MomentOption && o.Required:
				address += "&" + o.Name + "=2020-01-01"
			}
		}
		if ok {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// Questions are found by name and number, paged, and refused with field, rule and way out.
func TestQuestionsOverHTTP(t *testing.T) {
	_, server := serve(t)
	_, listed := get(t, server.URL+"/v1/questions")
	var all []ask.Question
	require.NoError(t, json.Unmarshal([]byte(strings.Join(listed, "")), &all))
	require.Equal(t, len(ask.Questions()), len(all))
	for _, c := range []struct{ address, kind, field, rule, fix string }{
		{"nothing", "unknown-question", "name", "the name or the number of a question", "GET /v1/questions lists all"},
		{"3?people=1", "bad-parameter", "people", "no-verified-work has no such option", "one of: division as_of"},
		{"8?people=none", "bad-parameter", "people", "a whole number", "such as 800"},
		{"3?division=12345", "bad-parameter", "division", "2, 4, 6, 9 or 12 digits", "such as 520603"},
		{"3?limit=0", "bad-parameter", "limit", "1 to 1000 rows", "format=csv"},
		{"3?cursor=x", "bad-parameter", "cursor", "the page before", "leave it out"},
		{"28?household=x", "waits-for-identity", "", "no record of who looked", "once there is identity"},
		{"3?format=doc", "bad-parameter", "format", "json, csv or xlsx", "leave it out for json"},
		{"3?as_of=2021-13-01", "bad-parameter", "as_of", "2021-06-30", "leave it out"},
		{"3?nothing=1", "unknown-parameter", "nothing", "only the parameters listed", "division"},
	} {
		resp, lines := get(t, server.URL+"/v1/questions/"+c.address)
		require.GreaterOrEqual(t, resp.StatusCode, http.StatusBadRequest, c.address)
		var p Problem
		require.NoError(t, json.Unmarshal([]byte(strings.Join(lines, "")), &p))
		require.Equal(t, problemTypes+c.kind, p.Type, c.address)
		require.Equal(t, c.field, p.Field, c.address)
		require.Contains(t, p.Rule.EN+p.Fix.EN, c.rule, c.address)
		require.Contains(t, p.Fix.EN, c.fix, c.address)
		require.NotEmpty(t, p.Rule.ZH)
		require.NotEmpty(t, p.Fix.ZH)
	}
}

// A question that reads a file takes it as the body of a POST; as CSV and XLSX the same answer is a file.
func TestAQuestionReadsAFile(t *testing.T) {
	_, _, server := serveAPI(t, func(a *API) { a.patient = 200 * time.Millisecond })
	post := func(address, body string) (*http.Response, string) {
		resp, err := http.Post(server.URL+address, "text/csv", strings.NewReader(body))
		require.NoError(t, err)
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp, string(b)
	}
	const figures = "metric,value,scope,note\nhouseholds / people,150 / 600,A,in towns 100 hh 401 p; elsewhere 50 hh 200 p\n" // 601 people
	resp, body := post("/v1/questions/26", figures)
	require.Equal(t, http.StatusOK, resp.StatusCode, body)
	var a ask.Answer
	require.NoError(t, json.Unmarshal([]byte(body), &a))
	require.Equal(t, 1, a.Count, body)
	resp, body = post("/v1/questions/parts-that-do-not-sum?format=csv", figures)
	require.Equal(t, "text/csv", resp.Header.Get("Content-Type"))
	require.Contains(t, resp.Header.Get("Content-Disposition"), "anju-parts-that-do-not-sum-")
	require.Equal(t, 2, strings.Count(body, "\n"))
	resp, body = post("/v1/questions/1?format=xlsx", "")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.True(t, strings.HasPrefix(body, "PK"), "a workbook")
	for _, c := range []struct{ body, kind string }{
		{"", "bad-parameter"}, {"a,b\n1,2\n", "bad-parameter"}, {strings.Repeat("x", fileMost+1), "too-large"},
	} {
		resp, body = post("/v1/questions/26", c.body)
		require.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))
		var p Problem
		require.NoError(t, json.Unmarshal([]byte(body), &p))
		require.Equal(t, problemTypes+c.kind, p.Type)
		require.NotEmpty(t, p.Rule.ZH)
		require.NotEmpty(t, p.Fix.EN)
	}
	reader, writer := io.Pipe() // a body that does not come
	defer writer.Close()
	resp, err := http.Post(server.URL+"/v1/questions/26", "text/csv", reader)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusRequestTimeout, resp.StatusCode)
}
