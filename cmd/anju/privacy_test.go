package main

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/events/intake/sheet"
)

// personalColumns are the columns of the sample files whose values nobody may find.
func personalColumns() []string {
	return []string{"户编号", "人编号", "姓名", "证件号码", "联系电话", "不动产权证号", "帮扶责任人", "发现问题", "户主姓名", "备注"}
}

// personalValues are the names, numbers and notes of the sample county, by column.
func personalValues(t *testing.T) map[string][]string {
	t.Helper()
	values, open := map[string][]string{}, map[string]bool{}
	for _, name := range county.Names() {
		table, err := sheet.Read(county.File(name))
		require.NoError(t, err)
		var header []string
		for _, row := range table.Rows {
			if header == nil {
				if slices.ContainsFunc(row.Cells, func(c string) bool { return slices.Contains(personalColumns(), sheet.Trim(c)) }) {
					header = row.Cells
				}
				continue
			}
			for i, cell := range row.Cells {
				if i < len(header) && slices.Contains(personalColumns(), sheet.Trim(header[i])) {
					values[sheet.Trim(header[i])] = append(values[sheet.Trim(header[i])], sheet.Trim(cell))
				} else {
					open[sheet.Trim(cell)] = true
				}
			}
		}
	}
	for column, list := range values {
		slices.Sort(list)
		list = slices.Compact(list)
		values[column] = slices.DeleteFunc(list, func(v string) bool { return utf8.RuneCountInString(v) < 2 || open[v] || strings.Contains(v, "E+") })
	}
	return values
}

// TestNobodysNameLiesInTheClear imports the sample county into a served folder, provokes refusals
// that name people, and searches everything that is left: the folder with the server stopped, its
// temporary files, what it printed and everything it answered.
func TestNobodysNameLiesInTheClear(t *testing.T) {
	root := t.TempDir()
	dir, temp := filepath.Join(root, "ledger"), filepath.Join(root, "temp")
	require.NoError(t, os.Mkdir(temp, 0o700))
	values := personalValues(t)
	var secrets []string
	for column, least := range map[string]int{"户编号": 1000, "人编号": 4000, "证件号码": 1000, "姓名": 20, "帮扶责任人": 0, "不动产权证号": 500} {
		require.Greater(t, len(values[column]), least, column)
	}
	for _, list := range values {
		secrets = append(secrets, list...)
	}
	c := startChild(t, dir, temp)
	said := answers{}
	importAll(t, c, dir, said)
	provoke(t, c, values, said)
	waiting := stageOne(t, c)
	require.Equal(t, fs.FileMode(0o600), modeOf(t, filepath.Join(dir, "staging", waiting, "0")))
	require.Equal(t, fs.FileMode(0o700), modeOf(t, filepath.Join(dir, "staging", waiting)))
	require.Equal(t, fs.FileMode(0o700), modeOf(t, filepath.Join(dir, "staging")))
	_, _, err := ask(t.Context(), "DELETE", c.url+"/v1/imports/"+waiting, "", nil)
	require.NoError(t, err)
	before := totalsOf(t, c, "2021-06-30")
	c.stop(t)

	s := newSeeker(secrets)
	found := s.in("the log", []byte(c.logs.String()))
	for question, answer := range said {
		found = append(found, s.in(question, answer)...)
	}
	files := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		files++
		found = append(found, s.in(path, b)...)
		return err
	}))
	require.Empty(t, found[:min(len(found), 20)], "%d places", len(found))
	require.Greater(t, files, 5)
	require.Greater(t, len(said["GET /v1/events"]), 5<<20, "every event is among the answers")

	t.Run("forgotten", func(t *testing.T) { staysForgotten(t, dir, before) })
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}

// answers are what a server answered, by method and path without their values.
type answers map[string][]byte

// take asks and keeps the answer.
func (a answers) take(t *testing.T, c *child, method, path string, body []byte) (status int, answer []byte) {
	t.Helper()
	route, _, _ := strings.Cut(path, "?")
	media := "application/json"
	if route == "/v1/imports" {
		media = "application/octet-stream"
	}
	status, answer, err := ask(t.Context(), method, c.url+path, media, body)
	require.NoError(t, err)
	a[method+" "+route] = append(a[method+" "+route], answer...)
	return status, answer
}

// importAll imports every file, and asks about everything. What is the same in every ledger is
// left out: the examples in schemas are of the sample county's kind.
func importAll(t *testing.T, c *child, dir string, said answers) {
	t.Helper()
	for i, name := range county.Names() {
		query := "/v1/imports?division=520603&name=" + name
		if i > 1 { // two are tried first
			query += "&confirm=true"
		}
		status, b := said.take(t, c, "POST", query, county.File(name))
		require.Equal(t, 201, status, "%s: %s", name, b)
		var staged intake.Import
		require.NoError(t, json.Unmarshal(b, &staged))
		said.take(t, c, "POST", "/v1/imports/"+staged.ID+"/confirm", nil)
		said.take(t, c, "GET", "/v1/imports/"+staged.ID, nil)
		require.NoFileExists(t, filepath.Join(dir, "staging", staged.ID, "0"))
	}
	for _, path := range []string{"/v1/events", "/v1/households?division=520603", "/v1/divisions/520603/board?at=2021-06-30", "/v1/ledger", "/metrics"} {
		said.take(t, c, "GET", path, nil)
	}
}

// provoke sends names and numbers where they do not belong. As a division stands one with two digits
// more: a household's number of twelve digits has the form of a code, and is one for all we know.
func provoke(t *testing.T, c *child, values map[string][]string, said answers) {
	t.Helper()
	send := func(method, path, body string) { said.take(t, c, method, path, []byte(body)) }
	const events = "/v1/events?department=hrss&division=520603"
	for _, column := range []string{"户编号", "人编号", "姓名", "证件号码", "联系电话"} {
		for _, v := range values[column][:min(3, len(values[column]))] {
			job := func(attribute, data string) string {
				return `{"type":"job.placed","key":"k","time":"2020-03-05"` + attribute + `,"data":{"person":{"number":"52060300000101"}` + data + `}}`
			}
			for _, body := range []string{
				`{"type":"` + v + `","key":"k"}`, `{"type":"job.placed","key":"` + v + `"}`, `{"type":"job.placed","id":"` + v + `"}`,
				job(`,"`+v+`":"x"`, ""), job(`,"subject":"`+v+`"`, ""), job(`,"division":"`+v+`00"`, ""), job(`,"cause":"`+v+`"`, ""), job(`,"source":"`+v+`"`, ""),
				job("", `,"`+v+`":"x"`), job("", `,"channel":"`+v+`"`), job("", `,"place_division":"`+v+`00"`), job("", `,"contract_to":"`+v+`"`), job("", `,"wage_fen_month":"`+v+`"`),
				`{"type":"job.placed","key":"k","time":"` + v + `","data":{}}`, `{"type":"job.placed","key":"k","time":"2020-03-05","data":{"person":"` + v + `"}}`,
				`{"type":"job.placed","key":"k","time":"2020-03-05","data":{"person":{"number":"` + v + `","division":"44"}}}`,
				`{"type":"job.placed","key":"k","time":"2020-03-05","data":{"person":{"number":"1","division":"` + v + `"}}}`, v,
			} {
				send("POST", events, body)
			}
			q := url.QueryEscape(v)
			send("POST", "/v1/events?department="+q+"&division=520603", "{}")
			send("POST", "/v1/events?department=hrss&division="+q, "{}")
			send("POST", "/v1/imports?division="+q, "x")
			send("POST", "/v1/lookup", `{"kind":"person","division":"440300","number":"`+v+`"}`)
			for _, path := range []string{"/v1/households/", "/v1/persons/", "/v1/communities/", "/v1/divisions/", "/v1/schemas/", "/v1/imports/", "/v1/households?division=", "/v1/events?type="} {
				_, b, err := ask(t.Context(), "GET", c.url+path+q, "", nil)
				require.NoError(t, err)
				said["GET "+path+"…"] = append(said["GET "+path+"…"], b...)
			}
		}
	}
}

// stageOne leaves a register waiting for its confirmation.
func stageOne(t *testing.T, c *child) string {
	t.Helper()
	_, b, err := ask(t.Context(), "POST", c.url+"/v1/imports?division=520603&name=r.xlsx", "application/octet-stream", county.File("1_register.xlsx"))
	require.NoError(t, err)
	var staged intake.Import
	require.NoError(t, json.Unmarshal(b, &staged))
	return staged.ID
}

// staysForgotten forgets a person of the folder: his sealed fields are erased, also when the
// keyring of yesterday is put back, every count stays, and next month's row of him is refused.
func staysForgotten(t *testing.T, dir, before string) {
	const number = "52060300000101"
	person := personOf(t, dir, number)
	open, _ := fieldsOf(t, dir, person)
	require.NotZero(t, open, "his fields are open")
	old := map[string][]byte{}
	for _, name := range []string{"keyring", "anju.kek"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		old[name] = b
	}
	code, _, message := anju(t, "forget", "--dir", dir, "--division", "520603", "--request-ref", "R-1", "--legal-basis", "PIPL 47", "--yes", number)
	require.Equal(t, exitDone, code, message)
	erased := func(when string) {
		t.Helper()
		open, gone := fieldsOf(t, dir, person)
		require.Zero(t, open, when)
		require.NotZero(t, gone, when)
	}
	erased("after forgetting")

	kek, err := os.ReadFile(filepath.Join(dir, "anju.kek"))
	require.NoError(t, err)
	require.NotEqual(t, old["anju.kek"], kek, "the keyring is wrapped anew")
	put := func(name string, b []byte) { require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600)) }
	put("keyring", old["keyring"])
	_, err = events.Open(t.Context(), events.Config{Dir: dir, Port: -1})
	require.Error(t, err, "an old keyring alone does not open")
	put("anju.kek", old["anju.kek"])
	served := startChild(t, dir, t.TempDir())
	require.Equal(t, before, totalsOf(t, served, "2021-06-30"), "counts stay")
	status, b, err := ask(t.Context(), "POST", served.url+"/v1/imports?division=520603&confirm=true&name=r.xlsx", "application/octet-stream", county.File("1_register.xlsx"))
	require.NoError(t, err)
	require.Equal(t, 201, status, string(b))
	var again intake.Import
	require.NoError(t, json.Unmarshal(b, &again))
	kinds := map[domain.RefusalKind]int{}
	for _, r := range again.Files[0].Rejected {
		kinds[r.Kind]++
	}
	require.Equal(t, 1, kinds[domain.Erased], "next month's register with his row says erased: %v", kinds)
	require.Zero(t, again.Files[0].Accepted)
	require.NotContains(t, string(b), number)
	served.stop(t)
	erased("with an old keyring and its key put back")
}

// openFolder opens a ledger's folder for a moment.
func openFolder(t *testing.T, dir string, use func(l *events.Ledger)) {
	t.Helper()
	l, err := events.Open(t.Context(), events.Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	use(l)
}

func personOf(t *testing.T, dir, number string) (person domain.Entity) {
	t.Helper()
	openFolder(t, dir, func(l *events.Ledger) {
		var err error
		person, err = l.Directory().Resolve(domain.PersonKind, "520603", number)
		require.NoError(t, err)
	})
	return person
}

// fieldsOf counts the sealed fields under the person's key that open, and those that are erased.
func fieldsOf(t *testing.T, dir string, person domain.Entity) (open, erased int) {
	t.Helper()
	openFolder(t, dir, func(l *events.Ledger) {
		opener := events.Opener{Ring: l.Ring()}
		for rec, err := range l.Read(t.Context(), 52, 0) {
			require.NoError(t, err)
			f, err := opener.OpenAll(rec.Event)
			require.NoError(t, err)
			kind, err := rec.Event.Kind()
			require.NoError(t, err)
			kind.VisitBoxes(f, func(ref domain.BoxRef) {
				switch {
				case ref.Person != person:
				case ref.Box.Erased:
					erased++
				case len(ref.Box.Plain) > 0:
					open++
				}
			})
		}
	})
	return open, erased
}

// totalsOf is the board of the county without what tells when it was asked.
func totalsOf(t *testing.T, c *child, at string) string {
	t.Helper()
	_, b, err := ask(t.Context(), "GET", c.url+"/v1/divisions/520603/board?at="+at, "", nil)
	require.NoError(t, err)
	var board map[string]any
	require.NoError(t, json.Unmarshal(b, &board))
	parts := []string{}
	for _, name := range []string{"households", "states", "dimensions", "overdue", "totals"} {
		require.Contains(t, board, name)
		text, err := json.Marshal(board[name], json.Deterministic(true))
		require.NoError(t, err)
		parts = append(parts, fmt.Sprintf("%s %s", name, text))
	}
	return strings.Join(parts, "\n")
}
