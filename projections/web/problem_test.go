package web

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/export"
	"github.com/anju-ledger/anju/scripts/refusals"
)

// number is an official number that nobody has.
const number = "52060399999901"

// testProblems asks every wrong question.
func testProblems(t *testing.T, s *served) {
	ids := s.ids(t)
	d := s.document(t)
	problem := d.schema(t, []byte(`{"$ref":"`+componentPrefix+`Problem"}`))
	var members struct {
		Properties map[string]struct {
			Type string `json:"type"`
		} `json:"properties"`
	}
	require.NoError(t, json.Unmarshal(d.Schemas.Schemas["Problem"], &members))
	require.Equal(t, "string", members.Properties["title"].Type)
	told := map[string]bool{}
	set := func(name string, version int, from, source, parameters string) string {
		return fmt.Sprintf(`{"name":%s,"version":%d,"valid_from":"%s","source":"%s","parameters":[%s]}`, name, version, from, source, parameters)
	}
	parameterOf := func(name, value, source, reason string) string {
		return fmt.Sprintf(`{"name":"%s","value":"%s","source":"%s","reason":{"zh":"%s","en":"%s"}}`, name, value, source, reason, reason)
	}
	for _, q := range []struct {
		name, method, address, body string
		status                      int
		kind                        problemKind
		field                       string
	}{
		{"unknown address", "GET", "/v1/household/" + number, "", 404, unknownRoute, ""},
		{"another method", "DELETE", "/v1/households/" + number, "", 405, wrongMethod, ""},
		{"another method of a root", "POST", "/healthz", "", 405, wrongMethod, ""},
		{"unknown parameter", "GET", "/v1/households?colour=red", "", 400, unknownParameter, "colour"},
		{"a number as a parameter", "GET", "/v1/kinds?" + number, "", 400, unknownParameter, ""},
		{"parameter of another question", "GET", "/v1/divisions/520603/board?division=52", "", 400, unknownParameter, "division"},
		{"parameter twice", "GET", "/v1/households?limit=1&limit=2", "", 400, badParameter, "limit"},
		{"bad percent encoding", "GET", "/v1/households?state=%zz", "", 400, badParameter, ""},
		{"bad at", "GET", "/v1/households/{household}?at=soon", "", 400, badParameter, "at"},
		{"impossible date", "GET", "/v1/divisions/520603/board?at=2021-02-30", "", 400, badParameter, "at"},
		{"as of no day", "GET", "/v1/households/{household}?as_of=soon", "", 400, badParameter, "as_of"},
		{"as of a day that is none", "GET", "/v1/persons/{person}?as_of=2021-02-30", "", 400, badParameter, "as_of"},
		{"as of a moment of no zone", "GET", "/v1/divisions/520603/board?as_of=2021-06-30T08:00:00", "", 400, badParameter, "as_of"},
		{"as of a moment of another zone", "GET", "/v1/households?as_of=2021-06-30T08:00:00-05:00", "", 400, badParameter, "as_of"},
		{"as of twice", "GET", "/v1/communities/{community}?at=2021-06-30&as_of=2021-06-30", "", 400, badParameter, "as_of"},
		{"known at no moment", "GET", "/v1/households/{household}/timeline?known_at=once", "", 400, badParameter, "known_at"},
		{"known at a day that is none", "GET", "/v1/divisions/520603/board?known_at=2021-13-01", "", 400, badParameter, "known_at"},
		{"known at a moment of no zone", "GET", "/v1/households?known_at=2021-06-30T08:00:00", "", 400, badParameter, "known_at"},
		{"known at a moment of another zone", "GET", "/v1/persons/{person}/timeline?known_at=2021-06-30T08:00:00%2B09:00", "", 400, badParameter, "known_at"},
		{"bad at_least", "GET", "/v1/households/{household}?at_least=7", "", 400, badParameter, "at_least"},
		{"another ledger's at_least", "GET", "/v1/households?at_least=OTHER:7", "", 400, badParameter, "at_least"},
		{"position not reached", "GET", "/v1/households/{household}?at_least=ANJU-52:99999999", "", 409, notReached, "at_least"},
		{"bad cursor", "GET", "/v1/households?cursor=x", "", 400, badParameter, "cursor"},
		{"bad limit", "GET", "/v1/households?limit=0", "", 400, badParameter, "limit"},
		{"bad state", "GET", "/v1/households?state=happy", "", 400, badParameter, "state"},
		{"bad level", "GET", "/v1/households?housing=castle", "", 400, badParameter, "housing"},
		{"a number as a division", "GET", "/v1/households?division=" + number, "", 400, badParameter, "division"},
		{"bad kind of discrepancy", "GET", "/v1/discrepancies?kind=happy", "", 400, badParameter, "kind"},
		{"bad page of discrepancies", "GET", "/v1/discrepancies?limit=x", "", 400, badParameter, "limit"},
		{"bad cursor of discrepancies", "GET", "/v1/discrepancies?cursor=x", "", 400, badParameter, "cursor"},
		{"bad division of discrepancies", "GET", "/v1/discrepancies?division=5", "", 400, badParameter, "division"},
		{"a comparison of nothing", "GET", "/v1/divisions/520603/diff", "", 400, badParameter, "known_at"},
		{"a comparison on both axes", "GET", "/v1/divisions/520603/diff?as_of=2020-01-01..2021-01-01&known_at=2020-01-01..2021-01-01", "", 400, badParameter, "as_of"},
		{"a comparison backwards", "GET", "/v1/divisions/520603/diff?as_of=2021-01-01..2020-01-01", "", 400, badParameter, "as_of"},
		{"a comparison of known moments backwards", "GET", "/v1/divisions/520603/diff?known_at=2021-01-02..2021-01-01", "", 400, badParameter, "known_at"},
		{"a comparison of known moments backwards on a day", "GET", "/v1/divisions/520603/diff?as_of=2021-06-30&known_at=2021-01-02..2021-01-01", "", 400, badParameter, "known_at"},
		{"a comparison from a moment to come", "GET", "/v1/divisions/520603/diff?as_of=2021-06-30&known_at=2099-01-01..", "", 400, badParameter, "known_at"},
		{"a comparison of days backwards at a moment", "GET", "/v1/divisions/520603/diff?as_of=2099-01-01..&known_at=2021-01-01", "", 400, badParameter, "as_of"},
		{"a comparison with no day", "GET", "/v1/divisions/520603/diff?as_of=x..2020-01-01", "", 400, badParameter, "as_of"},
		{"a comparison of no division", "GET", "/v1/divisions/5/diff?as_of=2020-01-01..2021-01-01", "", 400, badParameter, "code"},
		{"a comparison of no total", "GET", "/v1/divisions/520603/diff?as_of=2020-01-01..2021-01-01&total=luck", "", 400, badParameter, "total"},
		{"a comparison's cursor that is none", "GET", "/v1/divisions/520603/diff?as_of=2020-01-01..2021-01-01&cursor=x", "", 400, badParameter, "cursor"},
		{"a cursor of another ledger", "GET", "/v1/divisions/520603/diff?as_of=2020-01-01..2021-01-01&cursor=h7k2m9qx4w1tz@2021-06-30T10:00:00.000Z,ANJU-52:99999999", "", 400, badParameter, "cursor"},
		{"an export of no table", "GET", "/v1/export?tables=facts,names", "", 400, badParameter, "tables"},
		{"an export of no format", "GET", "/v1/export?format=xml", "", 400, badParameter, "format"},
		{"an export of households without a day", "GET", "/v1/export?tables=statuses", "", 400, badParameter, "as_of"},
		{"an export of a day that is none", "GET", "/v1/export?as_of=2021-02-30", "", 400, badParameter, "as_of"},
		{"an export of a moment as of which it is", "GET", "/v1/export?as_of=2021-06-30T18:00:00Z", "", 400, badParameter, "as_of"},
		{"an export of no moment", "GET", "/v1/export?known_at=2021-06-30T18:00:00", "", 400, badParameter, "known_at"},
		{"an export of no division", "GET", "/v1/export?division=" + number, "", 400, badParameter, "division"},
		{"an export of no position", "GET", "/v1/export?position=7", "", 400, badParameter, "position"},
		{"an export of a position not reached", "GET", "/v1/export?position=ANJU-52:99999999", "", 409, notReached, "position"},
		{"an export by no set", "GET", "/v1/export?tables=statuses&as_of=2021-06-30&parameters=nobody", "", 400, badParameter, "parameters"},
		{"bad board", "GET", "/v1/divisions/5/board", "", 400, badParameter, "code"},
		{"unknown household", "GET", "/v1/households/h000000000001", "", 404, unknownEntity, "id"},
		{"number without its county", "GET", "/v1/households/" + number, "", 404, unknownEntity, "id"},
		{"number of nobody", "GET", "/v1/households/" + number + "?division=520603", "", 404, unknownEntity, "id"},
		{"bad county of a number", "GET", "/v1/persons/" + number + "?division=x", "", 400, badParameter, "division"},
		{"a household as a person", "GET", "/v1/persons/{household}", "", 404, unknownEntity, "id"},
		{"unknown person", "GET", "/v1/persons/p000000000001/timeline", "", 404, unknownEntity, "id"},
		{"unknown community", "GET", "/v1/communities/c000000000001", "", 404, unknownEntity, "id"},
		{"unknown community's timeline", "GET", "/v1/communities/c000000000001/timeline", "", 404, unknownEntity, "id"},
		{"id with dots", "GET", "/v1/households/..%2f..%2fetc?division=520603", "", 404, unknownEntity, "id"},
		{"unknown type", "GET", "/v1/schemas/job.paid", "", 404, unknownEntity, "type"},
		{"bad after", "GET", "/v1/events?after=12", "", 400, badParameter, "after"},
		{"bad type", "GET", "/v1/events?type=job.paid", "", 400, badParameter, "type"},
		{"bad subject", "GET", "/v1/events?subject=household/p000000000001", "", 400, badParameter, "subject"},
		{"bad since", "GET", "/v1/events?since=yesterday", "", 400, badParameter, "since"},
		{"bad follow", "GET", "/v1/events?follow=maybe", "", 400, badParameter, "follow"},
		{"an address with an empty id", "GET", "/v1/communities//timeline", "", 404, unknownRoute, ""},
		{"an address that goes back", "GET", "/v1/kinds/../households", "", 404, unknownRoute, ""},
		{"a stream that is not there", "GET", "/v1/events?after=ANJU-99:5", "", 400, badParameter, "after"},
		{"a book that is not there", "GET", "/book/ANJU-99/checkpoint", "", 404, unknownEntity, "stream"},
		{"an unknown question", "GET", "/v1/questions/nobody", "", 404, unknownQuestion, "name"},
		{"a question in no format", "GET", "/v1/questions/no-verified-work?format=xml", "", 400, badParameter, "format"},
		{"another question's option", "GET", "/v1/questions/no-verified-work?days=7", "", 400, badParameter, "days"},
		{"an option that is no number", "GET", "/v1/questions/doors?days=x", "", 400, badParameter, "days"},
		{"a question about nobody", "GET", "/v1/questions/due-next", "", 400, badParameter, "household"},
		{"a question about a household that is not there", "GET", "/v1/questions/due-next?household=h000000000001", "", 404, unknownEntity, "household"},
		{"rows on no page", "GET", "/v1/questions/no-verified-work?limit=0", "", 400, badParameter, "limit"},
		{"a cursor that no page gave", "GET", "/v1/questions/no-verified-work?cursor=x", "", 400, badParameter, "cursor"},
		{"a cursor beyond the last row", "GET", "/v1/questions/no-verified-work?as_of=2021-06-30&cursor=99999", "", 400, badParameter, "cursor"},
		{"a campaign from a later month", "GET", "/v1/questions/title-campaign?as_of=2021-06-30&from=2022-01", "", 400, badParameter, "from"},
		{"a figure from a later moment", "GET", "/v1/questions/changed-figure?known_at=2021-01-01T00:00:00Z&from=2021-06-30T00:00:00Z", "", 400, badParameter, "from"},
		{"who looked", "GET", "/v1/questions/looked-at-me?household={household}", "", 501, waitsForIdentity, ""},
		{"a question of a file without columns", "POST", "/v1/questions/parts-that-do-not-sum", "a,b\n1,2\n", 400, badParameter, "file"},
		{"a question of too many figures", "POST", "/v1/questions/parts-that-do-not-sum", "metric,value\n" + strings.Repeat("x,1\n", 100_100), 400, badParameter, "file"},
		{"a question of a file over 4 MiB", "POST", "/v1/questions/parts-that-do-not-sum", strings.Repeat("x", 5<<20), 413, tooLarge, "body"},
		{"a set over 64 KiB", "POST", "/v1/views", strings.Repeat(" ", 70<<10), 413, tooLarge, "body"},
		{"a set that is no file", "POST", "/v1/views", "{", 400, badBody, ""},
		{"a set of another name", "POST", "/v1/views", set(`"a b"`, 1, "2021-01-01", "x", ""), 400, badBody, "/name"},
		{"a set of no version", "POST", "/v1/views", set(`"a"`, 0, "2021-01-01", "x", ""), 400, badBody, "/version"},
		{"a set of no day", "POST", "/v1/views", set(`"a"`, 1, "soon", "x", ""), 400, badBody, "/valid_from"},
		{"a set of nobody", "POST", "/v1/views", set(`"a"`, 1, "2021-01-01", "", ""), 400, badBody, "/source"},
		{"a set of an unknown parameter", "POST", "/v1/views", set(`"a"`, 1, "2021-01-01", "x", parameterOf("luck", "1", "O", "b")), 400, badBody, "/parameters/0/name"},
		{"a set of a parameter twice", "POST", "/v1/views", set(`"a"`, 1, "2021-01-01", "x", parameterOf("no_home_days", "80", "O", "b")+","+parameterOf("no_home_days", "70", "O", "b")), 400, badBody, "/parameters/1/name"},
		{"a set of a wrong value", "POST", "/v1/views", set(`"a"`, 1, "2021-01-01", "x", parameterOf("no_home_days", "many", "O", "b")), 400, badBody, "/parameters/0/value"},
		{"a set of no source", "POST", "/v1/views", set(`"a"`, 1, "2021-01-01", "x", parameterOf("no_home_days", "80", "X", "b")), 400, badBody, "/parameters/0/source"},
		{"a set of no reason", "POST", "/v1/views", set(`"a"`, 1, "2021-01-01", "x", parameterOf("no_home_days", "80", "O", "")), 400, badBody, "/parameters/0/reason"},
		{"a set with a member too many", "POST", "/v1/views", strings.Replace(set(`"a"`, 1, "2021-01-01", "x", ""), "{", `{"colour":"red",`, 1), 400, badBody, "/colour"},
		{"a set whose lines say otherwise", "POST", "/v1/views", strings.Replace(set(`"a"`, 1, "2021-01-01", "x", ""), "{", `{"lines":[{"year":2020,"fen_head":1}],`, 1), 400, badBody, "/lines"},
		{"another set of a name", "POST", "/v1/views", set(`"anju-2021-1"`, 1, "2021-01-01", "x", parameterOf("no_home_days", "80", "O", "b")), 409, setStands, "name"},
		{"the set in force, built", "POST", "/v1/views/anju-2021-1/build", "", 409, setStands, "name"},
		{"the set in force, switched to", "POST", "/v1/views/anju-2021-1/switch", "", 409, setStands, "name"},
		{"the set in force, dropped", "DELETE", "/v1/views/anju-2021-1", "", 409, setStands, "name"},
		{"an unknown set", "GET", "/v1/views/nobody", "", 404, unknownSet, "name"},
		{"lookup of no object", "POST", "/v1/lookup", number, 400, badBody, "body"},
		{"lookup without a number", "POST", "/v1/lookup", `{"kind":"person","division":"520603"}`, 400, badBody, "number"},
		{"lookup with a member too many", "POST", "/v1/lookup", `{"number":"` + number + `","colour":"red"}`, 400, badBody, "colour"},
		{"lookup with a number as a member", "POST", "/v1/lookup", `{"` + number + `":"x"}`, 400, badBody, "body"},
		{"lookup of a list", "POST", "/v1/lookup", `{"number":["` + number + `"]}`, 400, badBody, "number"},
		{"lookup too large", "POST", "/v1/lookup", `{"number":"` + strings.Repeat(number, 400) + `"}`, 413, tooLarge, "body"},
		{"lookup of an unknown kind", "POST", "/v1/lookup", `{"kind":"castle","number":"` + number + `"}`, 400, badBody, "kind"},
		{"lookup outside of counties", "POST", "/v1/lookup", `{"kind":"person","number":"` + number + `"}`, 400, badBody, "division"},
		{"lookup of nobody", "POST", "/v1/lookup", `{"kind":"person","number":"` + number + `","division":"520603"}`, 404, unknownEntity, "number"},
	} {
		t.Run(q.name, func(t *testing.T) {
			before := s.ledger.Directory().Position(52)
			defer func() { require.Equal(t, before, s.ledger.Directory().Position(52)) }()
			status, media, body := s.ask(t, q.method, ids.Replace(q.address), "", q.body)
			require.Equal(t, q.status, status, body)
			require.Equal(t, "application/problem+json", media)
			require.NotContains(t, body, number)
			var p Problem
			require.NoError(t, json.Unmarshal([]byte(body), &p))
			require.Equal(t, problemTypes+string(q.kind), p.Type)
			require.Equal(t, q.field, p.Field)
			require.Equal(t, p.Names.ZH+" / "+p.Names.EN, p.Title, "RFC 9457 wants a string")
			require.NotEmpty(t, p.Names.ZH)
			for _, text := range []string{p.Rule.ZH, p.Rule.EN, p.Fix.ZH, p.Fix.EN} {
				require.NotEmpty(t, text)
			}
			told[p.Rule.EN] = true
			var v any
			require.NoError(t, json.Unmarshal([]byte(body), &v))
			require.NoError(t, problem.Validate(v))
		})
	}
	resp, err := http.Post(s.server.URL+"/v1/households", "application/json", nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, "GET, HEAD", resp.Header.Get("Allow"))
	requireEveryRule(t, told)
}

// elsewhere are the rules that want what a served county has not, with who meets them.
func elsewhere() map[string]string {
	const slow, broken = "TestALookupThatDoesNotComeIsCutOff, TestAQuestionReadsAFile", "a connection that breaks"
	return map[string]string{
		"a body comes within ten seconds": slow, "the file did not arrive whole": broken, "the body did not come whole": broken,
		"nothing is built by this set": "TestASetAnswersAlikeHoweverItCameIntoForce", "a set is built before it is switched to; it is known": "likewise",
		"the set is built already, or on its way: ready": "likewise", "a ledger knows at most 64 sets": "64 sets that are built",
		"a number that one entity answers to": "two communities of one name", "an id, a number or a division's code is needed": "TestTheMicroServiceAnswersAsHTTPDoes",
		"this is no id": "likewise", "its views have read 7 events": "a start", "the views have to read what was recorded by then": "views that are behind",
	}
}

// broken are the problems of a ledger that is not whole, or stops: only their texts are looked at.
func broken() []*Problem {
	failed := errors.New("failed")
	return []*Problem{unverified(failed), stopped(failed), stopping(), cannotRead(failed), failedExport(export.ErrTemp), setProblem("name", failed)}
}

// requireEveryRule compares what was told with the rules that the source holds: none is missing, and no two share a way out.
func requireEveryRule(t *testing.T, told map[string]bool) {
	sites, err := refusals.In(".", "../ask", "..", "../../domain")
	require.NoError(t, err)
	for rule := range elsewhere() {
		told[rule] = true
	}
	for _, p := range broken() {
		require.NotEmpty(t, p.Rule.ZH)
		require.NotEmpty(t, p.Fix.ZH)
		told[p.Rule.EN] = true
	}
	var missing, shared []string
	by := map[string]string{}
	for _, s := range sites {
		ours := strings.HasPrefix(s.At, "parameters_file.go") || !strings.Contains(s.Dir, "domain")
		if !ours {
			continue
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(told)), s.Rule.MatchString) {
			missing = append(missing, s.At+": "+s.Rule.String())
		}
		if rule, there := by[s.Fix]; there && rule != s.Rule.String() && s.Fix != "" {
			shared = append(shared, s.At+": "+s.Fix)
		}
		by[s.Fix] = s.Rule.String()
	}
	slices.Sort(missing)
	require.Empty(t, strings.Join(missing, "\n"), "rules that the table does not have")
	require.Empty(t, strings.Join(shared, "\n"), "rules that share a way out")
}

func TestHeadTellsWhatGetWouldWithoutTheBody(t *testing.T) {
	_, server := serve(t)
	resp, err := http.Head(server.URL + "/v1/kinds")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	_, lines := get(t, server.URL+"/v1/kinds")
	require.Equal(t, int64(len(lines[0])), resp.ContentLength)
}

func testCommunityNames(t *testing.T, s *served) {
	ids := s.ids(t)
	_, _, body := s.ask(t, "GET", ids.Replace("/v1/communities/{community}?at=2021-06-30"), "", "")
	var c projections.CommunityAnswer
	require.NoError(t, json.Unmarshal([]byte(body), &c))
	require.Positive(t, c.Residents.Households)
	require.NotEmpty(t, c.Facilities)
	for _, name := range []string{c.Code, c.Name} {
		status, _, other := s.ask(t, "GET", "/v1/communities/"+name+"?division=520603&at=2021-06-30", "", "")
		require.Equal(t, 200, status, name)
		require.Equal(t, body, other, name)
	}
	board, err := s.views.Board("520603", domain.MakeDay(2021, 6, 30))
	require.NoError(t, err)
	living := 0
	known := s.views.KnownAt(0, 0)
	for rec, err := range s.ledger.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		if rec.Event.Type == "community.established" {
			a, err := known.Community(rec.Event.Subject, domain.MakeDay(2021, 6, 30))
			require.NoError(t, err)
			living += a.Residents.Households
		}
	}
	require.LessOrEqual(t, living, board.Households, "nobody lives in two communities")
	require.Greater(t, living, board.Households/2)
}
