package intake

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events/intake/sheet"
	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// truth is what a correct import of the sample county gives.
type truth struct {
	Totals  map[string]int `json:"totals"`
	Rejects []reject       `json:"rejects"`
}

type reject struct {
	File   string             `json:"file"`
	Row    int                `json:"row"`
	Column string             `json:"column"`
	Kind   domain.RefusalKind `json:"kind"`
}

func countyTruth(t *testing.T) (want truth) {
	require.NoError(t, json.Unmarshal(county.File("truth.json"), &want))
	return want
}

// importCounty imports every file of the county; change may rewrite one first.
func importCounty(t *testing.T, d *Door, change func(name string, data []byte) []byte) (reports []*FileReport) {
	t.Helper()
	for _, name := range county.Names() {
		data := county.File(name)
		if change != nil {
			data = change(name, data)
		}
		report, err := d.Import(t.Context(), Caller{Division: county.Division}, name, data, ImportOptions{Record: true})
		require.NoError(t, err, name)
		require.Nil(t, report.Needs, name)
		require.Equal(t, report.Rows, report.Accepted+report.Duplicates+report.Changed+report.Nothing+len(report.Rejected), name)
		reports = append(reports, report)
	}
	return reports
}

func rejects(reports []*FileReport) (got []reject) {
	for _, f := range reports {
		for _, r := range f.Rejected {
			got = append(got, reject{f.File, r.Row, r.Column, r.Kind})
		}
	}
	return got
}

// facts counts the events of the county's stream by type.
func facts(t *testing.T, d *Door) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for rec, err := range d.log.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		counts[rec.Event.Type]++
	}
	return counts
}

func TestTheSampleCountyIsImportedAsItsTruthSays(t *testing.T) {
	d, want := testDoor(t), countyTruth(t)
	reports := importCounty(t, d, nil)
	require.Equal(t, want.Rejects, rejects(reports))
	duplicates := 0
	for _, r := range reports {
		duplicates += r.Duplicates
		require.Zero(t, r.Changed, r.File)
	}
	require.Equal(t, want.Totals["duplicate_rows"], duplicates)
	require.Len(t, want.Rejects, want.Totals["rejected_rows"])
	counts := facts(t, d)
	for kind, total := range map[string]string{
		"household.registered": "households", "dwelling.handed_over": "dwellings_handed_over", "community.established": "communities",
		"job.placed": "job_placed", "job.ended": "job_ended", "training.completed": "trainings",
		"title.application_accepted": "title_applications", "title.certificate_issued": "titles_issued",
		"industry.household_linked": "industry_links", "industry.project_changed": "industry_projects", "risk.flagged": "cases",
		"risk.cleared": "cases_cleared", "visit.made": "visits", "income.declared": "incomes_declared",
		"service.enrolled": "services_enrolled", "service.left": "services_left", "fund.allocated": "facilities",
	} {
		require.Equal(t, want.Totals[total], counts[kind], kind)
	}
	require.Equal(t, want.Totals["job_verified"]+want.Totals["stated_not_working"], counts["job.verified"])
	require.Equal(t, want.Totals["facilities"]+want.Totals["facilities_open"], counts["facility.changed"])
	require.Equal(t, len(reports), counts["import.batch_closed"])

	again := importCounty(t, d, nil)
	require.Equal(t, want.Rejects, rejects(again))
	for _, r := range again {
		require.Zero(t, r.Accepted, r.File)
		require.Zero(t, r.Changed, r.File)
	}
	require.Equal(t, counts, facts(t, d))
}

// shuffled puts the rows behind the header into another order; workbooks become CSV.
func shuffled(seed uint64) func(string, []byte) []byte {
	return func(_ string, data []byte) []byte {
		table, err := sheet.Read(data)
		if err != nil {
			return data
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		rows := table.Rows[recognise(table, Templates()).first:]
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for _, row := range table.Rows {
			_ = w.Write(row.Cells)
		}
		w.Flush()
		if table.Format == sheet.GB18030 {
			out, err := simplifiedchinese.GB18030.NewEncoder().Bytes(b.Bytes())
			if err == nil {
				return out
			}
		}
		return b.Bytes()
	}
}

func TestTheOrderOfRowsDoesNotMatter(t *testing.T) {
	d, want := testDoor(t), countyTruth(t)
	reports := importCounty(t, d, shuffled(7))
	require.Len(t, rejects(reports), len(want.Rejects))
	counts := facts(t, d)
	require.Equal(t, want.Totals["job_placed"], counts["job.placed"])
	require.Equal(t, want.Totals["visits"], counts["visit.made"])
	require.Equal(t, want.Totals["incomes_declared"], counts["income.declared"])
	require.Equal(t, want.Totals["households"], counts["household.registered"])
	require.Equal(t, want.Totals["title_applications"], counts["title.application_accepted"])
	before := counts
	importCounty(t, d, nil)
	require.Equal(t, before, facts(t, d))
}

func TestADryRunSaysWhatTheImportThenDoes(t *testing.T) {
	d := testDoor(t)
	for _, name := range county.Names() {
		o := ImportOptions{}
		dry, err := d.Import(t.Context(), Caller{Division: county.Division}, name, county.File(name), o)
		require.NoError(t, err)
		o.Record = true
		done, err := d.Import(t.Context(), Caller{Division: county.Division}, name, county.File(name), o)
		require.NoError(t, err)
		require.Equal(t, done.Rejected, dry.Rejected, name)
		require.Equal(t, [4]int{done.Accepted, done.Duplicates, done.Changed, done.Nothing}, [4]int{dry.Accepted, dry.Duplicates, dry.Changed, dry.Nothing}, name)
	}
}

func TestTheSameFileTwiceAtOnceIsRecordedOnce(t *testing.T) {
	d := testDoor(t)
	for _, name := range county.Names()[:3] {
		var running sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			running.Go(func() {
				_, errs[i] = d.Import(t.Context(), Caller{Division: county.Division}, name, county.File(name), ImportOptions{Record: true})
			})
		}
		running.Wait()
		require.NoError(t, errs[0])
		require.NoError(t, errs[1])
	}
	want, counts := countyTruth(t), facts(t, d)
	require.Equal(t, want.Totals["households"], counts["household.registered"])
	require.Equal(t, want.Totals["job_placed"], counts["job.placed"])
}
