package intake

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

func testImports(t *testing.T) (*Door, *httptest.Server, string) {
	d, dir := testDoor(t), t.TempDir()
	s, err := NewStaging(d, dir)
	require.NoError(t, err)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return d, server, dir
}

// send sends a request and returns the status and the body.
func send(t *testing.T, method, url, media string, body io.Reader) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	require.NoError(t, err)
	r.Header.Set("Content-Type", media)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { require.NoError(t, answer.Body.Close()) }()
	b, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, b
}

func TestAFileIsStagedTriedConfirmedAndDeleted(t *testing.T) {
	d, server, dir := testImports(t)
	file := county.File("0_communities.csv")
	status, body := send(t, "POST", server.URL+"/v1/imports?division=520603&name=0_communities.csv", "text/csv", bytes.NewReader(file))
	require.Equal(t, 201, status, string(body))
	var staged Import
	require.NoError(t, json.Unmarshal(body, &staged))
	require.Equal(t, 6, staged.Files[0].Accepted)
	require.Empty(t, facts(t, d), "a dry run records nothing")
	info, err := os.Stat(dir + "/" + staged.ID + "/0")
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	status, body = send(t, "GET", server.URL+"/v1/imports/"+staged.ID+"/remarks", "", nil)
	require.Equal(t, 200, status)
	require.True(t, bytes.HasPrefix(body, []byte("\xef\xbb\xbf")), "the encoding is the file's own")
	require.Equal(t, 6, bytes.Count(body, []byte("acceptable")))

	status, first := send(t, "POST", server.URL+"/v1/imports/"+staged.ID+"/confirm", "", nil)
	require.Equal(t, 200, status, string(first))
	require.Equal(t, map[string]int{"community.established": 6, "import.batch_closed": 1}, facts(t, d))
	require.NoFileExists(t, dir+"/"+staged.ID+"/0")
	status, _ = send(t, "POST", server.URL+"/v1/imports/"+staged.ID+"/confirm", "", nil)
	require.Equal(t, 200, status, "confirming again answers the receipt")
	require.Equal(t, 7, facts(t, d)["community.established"]+facts(t, d)["import.batch_closed"])
}

func TestAFileThatNeedsAnotherSaysSoOnce(t *testing.T) {
	_, server, _ := testImports(t)
	status, body := send(t, "POST", server.URL+"/v1/imports?division=520603&name=l.csv", "text/csv", bytes.NewReader(county.File("2_labour_gb18030.csv")))
	require.Equal(t, 201, status)
	var staged Import
	require.NoError(t, json.Unmarshal(body, &staged))
	require.Equal(t, "register", staged.Files[0].Needs.Template)
	require.Empty(t, staged.Files[0].Rejected)
}

func TestAUserTemplateMapsACaseAnActivityAndATime(t *testing.T) {
	d, server, _ := testImports(t)
	accepted(t, d, rural(), household)
	const template = `
template: activity_log
version: 1
department: hrss
columns:
  Case: {form: number, needed: true, required: true, sealed: true, entity: person}
  Activity: {form: code, needed: true, required: true, values: {hired: hired, trained: trained}}
  Timestamp: {form: date, needed: true, required: true}
  Detail: {form: text}
facts:
  - type: job.placed
    only: {Activity: [hired]}
    time: Timestamp
    key: [/data/person, Timestamp]
    data: {person: {of: Case}, employer: Detail}
  - type: training.completed
    only: {Activity: [trained]}
    time: Timestamp
    key: [/data/person, Detail, Timestamp]
    data: {person: {of: Case}, course: Detail}
`
	const log = "Timestamp;Activity;Case;Detail\n2020-03-05 10:00:00;hired;52060300000101;ACME\n2020-02-01;trained;52060300000101;Sewing\n2020-02-01;danced;52060300000101;x\n"
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for name, text := range map[string]string{"template": template, "file": log} {
		part, err := w.CreateFormFile(name, name+".csv")
		require.NoError(t, err)
		_, err = io.WriteString(part, text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	status, body := send(t, "POST", server.URL+"/v1/imports?division=520603&confirm=true", w.FormDataContentType(), &form)
	require.Equal(t, 201, status, string(body))
	var done Import
	require.NoError(t, json.Unmarshal(body, &done))
	require.Equal(t, 2, done.Files[0].Accepted)
	require.Len(t, done.Files[0].Rejected, 1)
	require.Equal(t, "Activity", done.Files[0].Rejected[0].Column)
	require.Equal(t, 1, facts(t, d)["job.placed"])
	require.Equal(t, 1, facts(t, d)["training.completed"])
}

func TestBadFilesAreRefusedByName(t *testing.T) {
	_, server, _ := testImports(t)
	register := county.File("1_register.xlsx")
	for name, c := range map[string]struct {
		body   []byte
		status int
	}{
		"a truncated workbook":     {register[:len(register)/2], 422},
		"an empty file":            {nil, 422},
		"a header nobody knows":    {[]byte("a,b\n1,2\n"), 422},
		"bytes that are no text":   {[]byte("\x00\xff\x00\xfe"), 422},
		"a workbook that is a ZIP": {[]byte("PK\x05\x06" + strings.Repeat("\x00", 18)), 422},
	} {
		status, body := send(t, "POST", server.URL+"/v1/imports?division=520603", "text/csv", bytes.NewReader(c.body))
		require.Equal(t, c.status, status, "%s: %s", name, body)
		require.Contains(t, string(body), `"rule"`, name)
	}
	status, _ := send(t, "POST", server.URL+"/v1/imports?division=5206031", "text/csv", strings.NewReader("x"))
	require.Equal(t, 400, status)
	status, _ = send(t, "GET", server.URL+"/v1/imports/..%2f..%2fetc", "", nil)
	require.Equal(t, 404, status)
}

func TestAChangedCellIsShownAndRecordedOnlyByChoice(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), household)
	const head = "人编号,就业状态,入职日期,月工资(元),就业单位\n52060300000101,在岗,2020-03-05,"
	load := func(row string, correct bool) *FileReport {
		report, err := d.Import(t.Context(), Caller{Division: "520603"}, "l.csv", []byte(head+row+"\n"), ImportOptions{Record: true, Correct: correct})
		require.NoError(t, err)
		return report
	}
	require.Equal(t, 1, load("3200,甲厂", false).Accepted)
	require.Equal(t, 1, load(",甲厂", false).Duplicates, "an empty cell is no statement")
	changed := load("3300,甲厂", false)
	require.Equal(t, 1, changed.Changed)
	require.Equal(t, []Difference{{Field: "/data/wage_fen_month", Column: "月工资(元)", Was: "320000", Now: "330000"}}, changed.Changes[0].Fields)
	require.Zero(t, facts(t, d)["record.corrected"])
	require.True(t, load("3300,", true).Changes[0].Corrected)
	require.Equal(t, 1, facts(t, d)["record.corrected"])
	require.Equal(t, 1, load("3300,甲厂", false).Duplicates, "the correction is in force")
}

// TestAFileIsKeptUntried is how a program shows how far a long import is.
func TestAFileIsKeptUntried(t *testing.T) {
	d, server, _ := testImports(t)
	file := county.File("0_communities.csv")
	status, body := send(t, "POST", server.URL+"/v1/imports?division=520603&name=c.csv&dryrun=false", "text/csv", bytes.NewReader(file))
	require.Equal(t, 201, status, string(body))
	var kept Import
	require.NoError(t, json.Unmarshal(body, &kept))
	require.Equal(t, "communities", kept.Files[0].Template)
	require.Equal(t, domain.Department("civil"), kept.Files[0].Department)
	require.Zero(t, kept.Files[0].Rows)
	status, body = send(t, "GET", server.URL+"/v1/imports/"+kept.ID+"/progress", "", nil)
	require.Equal(t, 200, status)
	require.JSONEq(t, `{"file":0,"done":0,"rows":0}`, string(body))
	var told []Progress
	_, err := d.Import(t.Context(), Caller{Division: "520603"}, "c.csv", file, ImportOptions{Progress: func(done, rows int) { told = append(told, Progress{0, done, rows}) }})
	require.NoError(t, err)
	require.Equal(t, []Progress{{0, 6, 6}}, told)
	status, body = send(t, "POST", server.URL+"/v1/imports/"+kept.ID+"/confirm", "", nil)
	require.Equal(t, 200, status)
	require.Contains(t, string(body), `"accepted":6`)
	status, _ = send(t, "GET", server.URL+"/v1/imports/ibcdefghjkmnp/progress", "", nil)
	require.Equal(t, 404, status)
}
