package intake

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
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
	status, answer := send(t, "POST", server.URL+"/v1/imports/i000000000000/confirm?answer=table", "", nil)
	require.Equal(t, 400, status)
	refusedBy(t, string(answer), 400, "answer", domain.Malformed)
	require.Empty(t, facts(t, d))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "nothing is kept")
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
