package intake

import (
	"bytes"
	"mime/multipart"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

// TestBadImportsAreRefusedByName lists requests that are wrong whatever their file.
func TestBadImportsAreRefusedByName(t *testing.T) {
	d, server, dir := testImports(t)
	for _, r := range []struct {
		name, query string
		status      int
		field       string
		kind        domain.RefusalKind
	}{
		{"in the ledger's own name", "division=520603&department=ledger", 403, "department", domain.NotAllowed},
		{"no division", "", 400, "division", domain.Malformed},
		{"a province", "division=52", 400, "division", domain.Malformed},
		{"a prefecture", "division=5206", 400, "division", domain.Malformed},
		{"confirm misspelt", "division=520603&confirm=yes", 400, "confirm", domain.Malformed},
		{"confirm empty", "division=520603&confirm=", 400, "confirm", domain.Malformed},
		{"dryrun misspelt", "division=520603&dryrun=no", 400, "dryrun", domain.Malformed},
		{"changes misspelt", "division=520603&changes=recrod", 400, "changes", domain.Malformed},
	} {
		t.Run(r.name, func(t *testing.T) {
			status, answer := send(t, "POST", server.URL+"/v1/imports?"+r.query, "text/csv", bytes.NewReader(county.File("0_communities.csv")))
			require.Equal(t, r.status, status, string(answer))
			refusedBy(t, string(answer), r.status, r.field, r.kind)
		})
	}
	for _, media := range []string{"", "application/x-www-form-urlencoded", "application/json", "text/plain"} {
		status, answer := send(t, "POST", server.URL+"/v1/imports?division=520603", media, bytes.NewReader(county.File("0_communities.csv")))
		require.Equal(t, 415, status, media)
		refusedBy(t, string(answer), 415, "Content-Type", domain.Malformed)
		require.Contains(t, string(answer), "-H 'Content-Type: application/octet-stream'")
	}
	require.Empty(t, facts(t, d))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "nothing is kept")
}

// TestWhatIsAskedOfAnImportIsRefusedByName asks for imports and files that are not there.
func TestWhatIsAskedOfAnImportIsRefusedByName(t *testing.T) {
	d, server, _ := testImports(t)
	status, answer := send(t, "POST", server.URL+"/v1/imports?division=520603", "text/csv", bytes.NewReader(county.File("0_communities.csv")))
	require.Equal(t, 201, status)
	var staged Import
	require.NoError(t, json.Unmarshal(answer, &staged))
	const nobody, expired = "/v1/imports/x13800138000", "/v1/imports/ibcdefghjkmnp"
	here := "/v1/imports/" + staged.ID
	for _, r := range []struct {
		method, path string
		status       int
		field        string
		kind         domain.RefusalKind
	}{
		{"GET", nobody, 404, "id", domain.Unknown},
		{"GET", expired, 404, "id", domain.Unknown},
		{"GET", expired + "/progress", 404, "id", domain.Unknown},
		{"GET", expired + "/remarks?file=5", 404, "id", domain.Unknown},
		{"POST", expired + "/confirm", 404, "id", domain.Unknown},
		{"DELETE", expired, 404, "id", domain.Unknown},
		{"GET", here + "/remarks?file=5", 404, "file", domain.Unknown},
		{"GET", here + "/remarks?file=x", 400, "file", domain.Malformed},
		{"GET", here + "/remarks?file=", 400, "file", domain.Malformed},
		{"POST", here + "/confirm?answer=workbook&file=5", 404, "file", domain.Unknown},
		{"POST", here + "/confirm?answer=workbook&file=-1", 400, "file", domain.Malformed},
		{"POST", here + "/confirm?answer=table", 400, "answer", domain.Malformed},
		{"POST", here + "/confirm?anwser=workbook", 400, "anwser", domain.UnknownField},
	} {
		status, answer := send(t, r.method, server.URL+r.path, "", nil)
		require.Equal(t, r.status, status, "%s: %s", r.path, answer)
		refusedBy(t, string(answer), r.status, r.field, r.kind)
	}
	require.Empty(t, facts(t, d), "nothing was confirmed")
	status, _ = send(t, "POST", server.URL+here+"/confirm?answer=workbook&file=0", "", nil)
	require.Equal(t, 200, status)
}

func TestAFormSaysWhichPartIsMissing(t *testing.T) {
	_, server, _ := testImports(t)
	form := func(names ...string) (int, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for _, name := range names {
			part, err := w.CreateFormFile(name, "c.csv")
			require.NoError(t, err)
			_, err = part.Write(county.File("0_communities.csv"))
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		status, answer := send(t, "POST", server.URL+"/v1/imports?division=520603", w.FormDataContentType(), &b)
		return status, string(answer)
	}
	status, answer := form("data")
	require.Equal(t, 400, status)
	refusedBy(t, answer, 400, "file", domain.Missing)
	require.Contains(t, answer, "part `file` is missing")
	status, answer = form("file", "tempalte")
	require.Equal(t, 400, status)
	refusedBy(t, answer, 400, "tempalte", domain.UnknownField)
	status, answer = form("file")
	require.Equal(t, 201, status, answer)
}

func TestARefusalIsToldOnceAndInItsLanguages(t *testing.T) {
	ds := openDoors(t)
	refusals := func(body string) []domain.Refusal {
		_, answer := ds.http(t, rural(), "application/json", "", body)
		var p Problem
		require.NoError(t, json.Unmarshal([]byte(answer), &p), answer)
		return p.Refusals
	}
	tomorrow := time.Now().Add(25 * time.Hour).UTC().Format(time.RFC3339)
	told := refusals(strings.Replace(household, "2018-09-01", tomorrow, 1))
	require.Len(t, told, 1, "a time in the future is refused once")
	told = refusals(strings.Replace(household, "2018-09-01", "soon", 1))
	require.NotContains(t, told[0].Rule.ZH, " or ")
	require.Contains(t, told[0].Rule.EN, " or ")
	told = refusals(strings.Replace(household, `"key":"register/1",`, "", 1))
	require.Equal(t, "give id or key", told[0].Rule.EN)

	m, err := ds.nc.Request("anju.record.rural", []byte(household), 10*time.Second)
	require.NoError(t, err)
	refusedBy(t, string(m.Data), 422, "division", domain.Missing)
	require.Contains(t, string(m.Data), "anju.record.<department>.<division>")
	require.Contains(t, string(m.Data), "Anju-Division")
}

// TestAnImportThatRecordsNothingNamesNoBatch: a batch stands for facts; there is none.
func TestAnImportThatRecordsNothingNamesNoBatch(t *testing.T) {
	d, server, _ := testImports(t)
	load := func(name string) (*FileReport, string) {
		status, answer := send(t, "POST", server.URL+"/v1/imports?division=520603&confirm=true", "text/csv", bytes.NewReader(county.File(name)))
		require.Equal(t, 201, status, string(answer))
		var done Import
		require.NoError(t, json.Unmarshal(answer, &done))
		return done.Files[0], string(answer)
	}
	first, _ := load("0_communities.csv")
	require.True(t, first.Recorded)
	require.True(t, first.Batch.Present())
	there := facts(t, d)
	again, answer := load("0_communities.csv")
	require.Equal(t, 6, again.Duplicates)
	require.False(t, again.Recorded)
	require.NotContains(t, answer, `"batch"`)
	needs, answer := load("2_labour_gb18030.csv")
	require.NotNil(t, needs.Needs)
	require.NotContains(t, answer, `"batch"`)
	require.Equal(t, there, facts(t, d))
}

func TestNoTemplateSpeaksForTheLedger(t *testing.T) {
	template := func(department, kind, by string) string {
		return "template: x\nversion: 1\ndepartment: " + department + by + "\ncolumns:\n  A: {form: date}\nfacts:\n  - {type: " + kind + ", time: A, key: [A]}\n"
	}
	_, err := ParseTemplate([]byte(template("hrss", "job.placed", "")))
	require.NoError(t, err)
	for _, bad := range []string{
		template("ledger", "person.key_destroyed", ""),
		template("hrss", "person.key_destroyed", "\ndepartment_by: {column: A, values: {a: ledger}}"),
		template("hrss", "import.batch_closed", ""),
	} {
		_, err := ParseTemplate([]byte(bad))
		require.ErrorIs(t, err, ErrTemplate)
		require.ErrorContains(t, err, "ledger itself")
	}
}

// TestAFileIsItsCountysWhoeverOfItImports keeps a file from being recorded twice when another
// office of the county imports it.
func TestAFileIsItsCountysWhoeverOfItImports(t *testing.T) {
	d := testDoor(t)
	load := func(name string, division domain.Division) *FileReport {
		report, err := d.Import(t.Context(), Caller{Division: division}, name, county.File(name), ImportOptions{Record: true})
		require.NoError(t, err)
		return report
	}
	names := county.Names()[:3]
	for _, name := range names {
		require.Positive(t, load(name, "520603001").Accepted, name)
	}
	first := facts(t, d)
	for _, division := range []domain.Division{"520603", "520603002", "520603001003"} {
		for _, name := range names {
			report := load(name, division)
			require.Zero(t, report.Accepted, name)
			require.Zero(t, report.Changed, name)
		}
	}
	require.Equal(t, first, facts(t, d))
	for rec, err := range d.log.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		require.Equal(t, domain.Division("520603"), rec.Event.Source.Division)
	}
	_, err := d.Import(t.Context(), Caller{Division: "5206"}, "c.csv", county.File(names[0]), ImportOptions{Record: true})
	require.ErrorContains(t, err, "county")
	// A single submission's source is the caller's, as it is.
	status, answer := post(t, d, "department=hrss&division=520603001", "application/json", strings.NewReader(strings.Replace(placed, `"time"`, `"source":"/departments/hrss/520603","time"`, 1)))
	require.Equal(t, 403, status, answer)
}

func TestTheClosingOfAnImportIsNotCorrected(t *testing.T) {
	d := testDoor(t)
	report, err := d.Import(t.Context(), Caller{Division: "520603"}, "c.csv", county.File("0_communities.csv"), ImportOptions{Record: true})
	require.NoError(t, err)
	var closed domain.EventID
	for rec, err := range d.log.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		if rec.Event.Type == batchClosed {
			closed = rec.Event.ID
		}
	}
	civil := Caller{"civil", "520603"}
	a := record(t, d, civil, `{"type":"record.corrected","key":"c/1","time":"2021-06-30","data":{"target_event":"`+closed.String()+
		`","data":{"batch":"`+report.Batch.String()+`","template":"communities","template_version":1,"rows":9},"reason":"typo"}}`)
	require.NotNil(t, a.Problem)
	require.Equal(t, domain.NotAllowed, a.Problem.Refusals[0].Kind)
	require.Equal(t, closedByLedger().rule, a.Problem.Refusals[0].Rule)
}
