package web

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections"
)

func testNow() time.Time { return time.Date(2021, 7, 1, 4, 0, 0, 0, time.UTC) }

// served is a ledger with the sample county, served whole: both doors in one document.
type served struct {
	ledger   *events.Ledger
	views    *projections.Views
	api      *API
	staging  *intake.Staging
	door     *intake.Door
	patterns []string // as the router has them
	server   *httptest.Server
}

// recordingMux notes what is put into the router.
type recordingMux struct {
	*http.ServeMux
	served *served
}

func (m recordingMux) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	m.served.patterns = append(m.served.patterns, pattern)
	m.ServeMux.HandleFunc(pattern, handler)
}

func serveCounty(t testing.TB) *served {
	t.Helper()
	s := openServed(t, t.TempDir()) // on disk: it keeps a book
	for _, name := range county.Names() {
		_, err := s.door.Import(t.Context(), intake.Caller{Division: county.Division}, name, county.File(name), intake.ImportOptions{Record: true})
		require.NoError(t, err)
	}
	s.serve(t)
	require.NoError(t, s.views.CaughtUp(t.Context()))
	return s
}

// openServed opens a ledger that is served later.
func openServed(t testing.TB, dir string) *served {
	t.Helper()
	ledger, err := events.Open(t.Context(), events.Config{Dir: dir, Port: -1, Clock: testNow})
	require.NoError(t, err)
	return &served{ledger: ledger, door: intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
		Random: rand.Reader, Now: testNow,
	})}
}

// serve serves the ledger until the test ends.
func (s *served) serve(t testing.TB) {
	t.Helper()
	var err error
	s.staging, err = intake.NewStaging(s.door, t.TempDir())
	require.NoError(t, err)
	s.views = projections.New(s.ledger, events.Opener{Ring: s.ledger.Ring()}, domain.DefaultParameters())
	s.api = New(s.ledger, s.views, testNow)
	s.server = httptest.NewServer(s.api.route(recordingMux{http.NewServeMux(), s}, []Mount{s.door.Mount, s.staging.Mount}))
	t.Cleanup(func() {
		s.views.Close()
		s.server.CloseClientConnections()
		s.server.Close()
		require.NoError(t, s.ledger.Close())
	})
}

// ask sends one request and returns status, media type and body.
func (s *served) ask(t testing.TB, method, address, media, body string) (int, string, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, s.server.URL+address, strings.NewReader(body))
	require.NoError(t, err)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return resp.StatusCode, kind, string(text)
}

// document is as much of an OpenAPI document as the tests read.
type document struct {
	OpenAPI string                          `json:"openapi"`
	Paths   map[string]map[string]operation `json:"paths"`
	Schemas struct {
		Schemas map[string]jsontext.Value `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	ID        string              `json:"operationId"`
	Responses map[string]response `json:"responses"`
}

type response struct {
	Content map[string]struct {
		Schema jsontext.Value `json:"schema"`
	} `json:"content"`
}

// schema is a schema of the document, ready to validate by.
func (d *document) schema(t testing.TB, schema jsontext.Value) *jsonschema.Resolved {
	t.Helper()
	whole, err := json.Marshal(map[string]any{"$defs": d.Schemas.Schemas, "allOf": []any{schema}}, json.Deterministic(true))
	require.NoError(t, err)
	var s jsonschema.Schema
	require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(whole), componentPrefix, "#/$defs/")), &s))
	resolved, err := s.Resolve(nil)
	require.NoError(t, err)
	return resolved
}

func (s *served) document(t testing.TB) (d document) {
	t.Helper()
	status, media, body := s.ask(t, "GET", "/openapi.json", "", "")
	require.Equal(t, 200, status)
	require.Equal(t, "application/openapi+json", media)
	require.NoError(t, json.Unmarshal([]byte(body), &d))
	require.Equal(t, "3.1.0", d.OpenAPI)
	return d
}

// questions are the addresses that each GET operation is asked by; {…} is filled with ids.
func questions() map[string][]string {
	when := "at=2021-06-30"
	return map[string][]string{
		"/v1/divisions/{code}/diff":     {"/v1/divisions/520603/diff?as_of=2020-06-30..2021-06-30&limit=3", "/v1/divisions/520603/diff?as_of=2021-06-30&known_at=2021-06-30..&limit=2", "/v1/divisions/520603/diff?as_of=2020-06-30..2021-06-30&total=funds_disbursed_wan_yuan&limit=2"},
		"/v1/divisions/{code}/targets":  {"/v1/divisions/520603/targets?" + when, "/v1/divisions/52/targets?indicator=titled_rate&known_at=2021-06-30"},
		"/v1/questions":                 {"/v1/questions"},
		"/v1/questions/{name}":          askedQuestions(),
		"/v1/discrepancies":             {"/v1/discrepancies?division=520603&" + when, "/v1/discrepancies?kind=registered_twice&limit=2&" + when + "&known_at=2021-06-30"},
		"/v1/households/{id}":           {"/v1/households/{household}?as_of=2021-06-30&known_at=2021-06-30", "/v1/households/{household}?as_of=2031-06-30&known_at=2031-01-01T00:00:00%2B08:00", "/v1/households/{household}?" + when, "/v1/households/520603000001?division=520603"},
		"/v1/households/{id}/timeline":  {"/v1/households/{household}/timeline?known_at=2021-06-30", "/v1/households/{household}/timeline?" + when},
		"/v1/households/{id}/members":   {"/v1/households/{household}/members?known_at=2021-06-30&" + when},
		"/v1/persons/{id}":              {"/v1/persons/{person}?known_at=2021-06-30", "/v1/persons/{person}?" + when, "/v1/persons/{person}"},
		"/v1/persons/{id}/timeline":     {"/v1/persons/{person}/timeline?" + when},
		"/v1/communities/{id}":          {"/v1/communities/{community}?known_at=2021-06-30", "/v1/communities/{community}?" + when},
		"/v1/communities/{id}/timeline": {"/v1/communities/{community}/timeline?" + when},
		"/v1/households":                {"/v1/households?known_at=2021-06-30", "/v1/households?division=520603&limit=3&" + when, "/v1/households?housing=vacant&" + when},
		"/v1/divisions/{code}/board":    {"/v1/divisions/520603/board?known_at=2021-06-30T08:00:00Z", "/v1/divisions/520603/board?" + when, "/v1/divisions/99/board"},
		"/v1/events":                    {"/v1/events?type=job.placed", "/v1/events"},
		"/v1/events/{id}":               {"/v1/events/ANJU-52:7"},
		"/v1/events/{id}/proof":         {"/v1/events/ANJU-52:1/proof"},
		"/v1/events/{id}/verify":        {"/v1/events/ANJU-52:7/verify"},
		"/book/{stream}/checkpoint":     {"/book/ANJU-52/checkpoint"},
		"/book/{stream}/key":            {"/book/ANJU-52/key"},
		"/book/{stream}/tile/{tile}":    {"/book/ANJU-52/tile/0/000", "/book/ANJU-52/tile/entries/000"},
		"/v1/ledger":                    {"/v1/ledger"},
		"/v1/kinds":                     {"/v1/kinds"},
		"/v1/schemas/{type}":            {"/v1/schemas/job.placed"},
		"/v1/measures":                  {"/v1/measures"},
		"/v1/parameters":                {"/v1/parameters", "/v1/parameters?parameters=anju-2021-1"},
		"/v1/views":                     {"/v1/views"},
		"/v1/views/{name}":              {"/v1/views/anju-2021-1"},
		"/v1/views/{name}/compare":      {"/v1/views/anju-2021-1/compare?division=520603&" + when},
		"/healthz":                      {"/healthz"},
		"/readyz":                       {"/readyz"},
		"/openapi.json":                 {"/openapi.json"},
		"/metrics":                      {"/metrics"},
		"/v1/export":                    {"/v1/export?format=csv&tables=facts", "/v1/export?tables=facts,statuses,ocel&as_of=2021-06-30&known_at=2031-01-01&division=520603&parameters=anju-2021-1&position=ANJU-52:700"},
		"/v1/imports/{id}":              {"/v1/imports/{import}"},
		"/v1/imports/{id}/progress":     {"/v1/imports/{import}/progress"},
		"/v1/imports/{id}/remarks":      {"/v1/imports/{import}/remarks"},
	}
}

// TestAServedCounty imports the county once for the tests that only read it.
func TestAServedCounty(t *testing.T) {
	s := serveCounty(t)
	s.api.wait = time.Millisecond
	t.Run("targets are set, and read with what is reached", func(t *testing.T) { testTargets(t, s) })
	t.Run("what is disputed is listed until it is answered", func(t *testing.T) { testDisputes(t, s) })
	t.Run("a second set is built, compared, switched to and dropped", func(t *testing.T) { testViews(t, s) })
	t.Run("the document is what the server does", func(t *testing.T) { testDocument(t, s) })
	t.Run("every wrong question is a problem of its kind", func(t *testing.T) { testProblems(t, s) })
	t.Run("an export is the folder's, bit for bit", func(t *testing.T) { testExport(t, s) })
	t.Run("a community is found by its code and its name", func(t *testing.T) { testCommunityNames(t, s) })
}

func testDocument(t *testing.T, s *served) {
	d := s.document(t)
	t.Run("every route is documented, and every operation routed", func(t *testing.T) {
		var documented, routed []string
		for path, item := range d.Paths {
			for method := range item {
				documented = append(documented, strings.ToUpper(method)+" "+path)
			}
		}
		for _, pattern := range s.patterns {
			if strings.Contains(pattern, " ") { // those without a method refuse what is no operation
				routed = append(routed, strings.ReplaceAll(pattern, "...}", "}")) // the router's way of taking the rest
			}
		}
		require.ElementsMatch(t, documented, routed)
		require.Greater(t, len(routed), 20)
	})
	ids := s.ids(t)
	for path, item := range d.Paths {
		op, isGet := item["get"]
		if !isGet {
			continue
		}
		t.Run("GET "+path, func(t *testing.T) {
			addresses := questions()[path]
			require.NotEmpty(t, addresses, "no question asks it")
			for _, address := range addresses {
				s.checkAnswer(t, &d, op, ids.Replace(address))
			}
		})
	}
	t.Run("payloads of all types", func(t *testing.T) {
		for _, k := range domain.Kinds() {
			payload, described := d.Schemas.Schemas[k.Name]
			require.True(t, described, k.Name)
			require.JSONEq(t, string(k.JSONSchema()), string(payload))
		}
	})
}

// ids finds entities to ask about.
func (s *served) ids(t testing.TB) *strings.Replacer {
	household, err := s.ledger.Directory().Resolve(domain.HouseholdKind, "520603", "520603000001")
	require.NoError(t, err)
	var community string
	for rec, err := range s.ledger.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		if rec.Event.Type == "community.established" {
			community = rec.Event.Subject.String()
			break
		}
	}
	var staged struct {
		ID string `json:"id"`
	}
	status, _, body := s.ask(t, "POST", "/v1/imports?division=520603&name="+county.Names()[0], "application/octet-stream", string(county.File(county.Names()[0])))
	require.Equal(t, 201, status, body)
	require.NoError(t, json.Unmarshal([]byte(body), &staged))
	person := s.ledger.Directory().Members(household)[0]
	return strings.NewReplacer("{household}", household.String(), "{person}", person.String(), "{community}", community, "{import}", staged.ID)
}

// checkAnswer asks one question and validates what comes by the document.
func (s *served) checkAnswer(t *testing.T, d *document, op operation, address string) {
	t.Helper()
	status, media, body := s.ask(t, "GET", address, "", "")
	require.Equal(t, 200, status, "%s %s", address, body)
	content, documented := op.Responses["200"].Content[media]
	require.True(t, documented, "%s answers %s", address, media)
	if media == "text/plain" || media == tilesMedia || media == tarMedia || strings.HasPrefix(media, "application/vnd") || media == "text/csv" {
		return // no JSON
	}
	schema := d.schema(t, content.Schema)
	lines := []string{body}
	if media == "application/x-ndjson" {
		lines = strings.SplitAfter(strings.TrimSpace(body), "\n")
		lines = lines[:min(len(lines), 100)]
	}
	for _, line := range lines {
		var v any
		require.NoError(t, json.Unmarshal([]byte(line), &v), address)
		require.NoError(t, schema.Validate(v), "%s\n%.2000s", address, line)
	}
}
