package intake

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
)

// imported imports one of the county's files.
func imported(t *testing.T, d *Door, name string) *FileReport {
	t.Helper()
	r, err := d.Import(t.Context(), Caller{Division: county.Division}, name, county.File(name), ImportOptions{Record: true})
	require.NoError(t, err)
	require.Nil(t, r.Needs)
	return r
}

// inForce counts the events of a batch that are not voided.
func (d *Door) inForce(t *testing.T, batch domain.Entity) (n int) {
	for rec, err := range d.log.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		if inBatch(rec.Event, batch) && !d.directory.Voided(rec.Event.ID).Present() {
			n++
		}
	}
	return n
}

// TestAnImportIsUndone takes imports of the county back, and brings one back again: whole or not at all, the
// latest first, and as often as it is said.
func TestAnImportIsUndone(t *testing.T) {
	d := testDoor(t)
	files := map[string]*FileReport{}
	for _, name := range append(county.Names()[:2:2], county.Names()[6]) {
		r := imported(t, d, name)
		files[r.Template] = r
	}
	register, cases := files["register"], files["monitoring"]
	order := func(r *FileReport) Undoing {
		return Undoing{Batch: r.Batch, Division: "520603", Reason: "test", ApprovedBy: "zhang_01"}
	}
	position := func() uint64 { return d.directory.Position(52) }

	before := position()
	_, p := d.Undo(t.Context(), order(register))
	require.Equal(t, http.StatusConflict, p.Status)
	require.NotEmpty(t, p.Depends)
	of := batches(t, d)
	for _, dep := range p.Depends {
		require.NotEmpty(t, dep.Dependants)
		for _, id := range dep.Dependants {
			require.Equal(t, cases.Batch.String(), of[id], "the file of cases rests on the register, nothing else does")
		}
	}
	trial := order(cases)
	trial.Trial = true
	would, p := d.Undo(t.Context(), trial)
	require.Nil(t, p, "%+v", p)
	require.Equal(t, d.inForce(t, cases.Batch), would.Voided)
	require.Equal(t, batchClosed, would.First[0].Type, "the latest first")
	require.False(t, would.Recorded)
	require.Equal(t, before, position(), "refused or tried, nothing is recorded")

	// A crash after some sets: what is left rests on nothing that is gone, and the next call goes on.
	crashed := order(cases)
	ctx, crash := context.WithCancel(t.Context())
	crashed.set = 7
	crashed.Progress = func(done, _ int) {
		if done >= 21 {
			crash()
		}
	}
	_, p = d.Undo(ctx, crashed)
	require.NotNil(t, p)
	require.Contains(t, p.Detail, "harmless")
	done, p := d.Undo(t.Context(), order(cases))
	require.Nil(t, p, "%+v", p)
	require.Equal(t, would.Voided, done.Voided+done.Already)
	require.Contains(t, []int{21, 28}, done.Already, "the set that was on its way when the caller went may be there, too")
	require.Zero(t, d.inForce(t, cases.Batch))
	requireLatestFirst(t, d, cases.Batch)

	again, p := d.Undo(t.Context(), order(cases))
	require.Nil(t, p)
	require.Zero(t, again.Voided)
	require.False(t, again.Recorded)
	require.Equal(t, done.Undo, again.Undo, "one undoing, however often it was called")

	_, p = d.Undo(t.Context(), order(register))
	require.Nil(t, p, "nothing in force rests on it any more: %+v", p)
	require.Zero(t, d.inForce(t, register.Batch))

	back, p := d.Undo(t.Context(), Undoing{Batch: done.Undo, Division: "520603", Reason: "false"})
	require.Nil(t, p, "%+v", p)
	require.Equal(t, would.Voided, back.Voided)
	require.Equal(t, would.Voided, d.inForce(t, cases.Batch), "the import is back")
	third, p := d.Undo(t.Context(), order(cases))
	require.Nil(t, p, "%+v", p)
	require.Equal(t, would.Voided, third.Voided)
	require.Zero(t, d.inForce(t, cases.Batch))
}

// requireLatestFirst: no event of the batch was voided before a later one of it.
func requireLatestFirst(t *testing.T, d *Door, batch domain.Entity) {
	at := map[domain.EventID]uint64{}
	last := uint64(1 << 60)
	for rec, err := range d.log.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		if inBatch(rec.Event, batch) {
			at[rec.Event.ID] = rec.Sequence
		}
		f, err := factOf(rec.Event)
		require.NoError(t, err)
		if v, is := f.(*domain.RecordVoided); is {
			require.Less(t, at[v.TargetEvent], last)
			last = at[v.TargetEvent]
		}
	}
}

// batches are the batches of all events, by id.
func batches(t *testing.T, d *Door) map[domain.EventID]string {
	all := map[domain.EventID]string{}
	for rec, err := range d.log.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		all[rec.Event.ID], _, _ = strings.Cut(rec.Event.Batch, "/")
	}
	return all
}

// post sends a request without a body.
func (ds *doors) post(t testing.TB, address string) (int, string) {
	t.Helper()
	res, err := http.Post(ds.url+address, "", nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(b)
}

// TestWhatCannotBeUndoneIsSaid asks by HTTP: each refusal has its field, and nothing is recorded.
func TestWhatCannotBeUndoneIsSaid(t *testing.T) {
	ds := openDoors(t)
	r := imported(t, ds.door, county.Names()[0])
	before := ds.door.directory.Position(52)
	for _, c := range []struct {
		batch, query string
		status       int
		field        string
	}{
		{"i000000000001", "division=520603&reason=test", 404, "batch"},
		{"h000000000001", "division=520603&reason=test", 400, "batch"},
		{"import", "division=520603&reason=test", 400, "batch"},
		{r.Batch.String(), "reason=test", 400, "division"},
		{r.Batch.String(), "division=520603", 400, "reason"},
		{r.Batch.String(), "division=520603&reason=bored", 400, "reason"},
		{r.Batch.String(), "division=520603&reason=test&dryrun=perhaps", 400, "dryrun"},
		{r.Batch.String(), "division=520603&reason=test&colour=red", 400, "colour"},
		{r.Batch.String(), "division=520603&reason=test&department=tea", 400, "department"},
		{r.Batch.String(), "division=520603&reason=test&department=hrss", 403, "department"},
		{r.Batch.String(), "division=520602&reason=test", 403, "division"},
		{r.Batch.String(), "division=520603&department=civil&reason=test&approved_by=civil", 400, "approved_by"},
		{r.Batch.String(), "division=520603&reason=test&approved_by=%E6%B0%91%E6%94%BF", 400, "approved_by"},
	} {
		status, body := ds.post(t, "/v1/batches/"+c.batch+"/void?"+c.query)
		require.Equal(t, c.status, status, "%s: %s", c.query, body)
		require.Contains(t, body, `"field":"`+c.field+`"`, c.query)
		require.Contains(t, body, `"fix":{"zh":"`, c.query)
		require.Equal(t, before, ds.door.directory.Position(52))
	}
	status, body := ds.post(t, "/v1/batches/"+r.Batch.String()+"/void?division=520603&reason=test&department=civil&dryrun=true")
	require.Equal(t, 200, status, body)
	require.Contains(t, body, `"recorded":false`)
	require.Equal(t, before, ds.door.directory.Position(52))
	status, body = ds.post(t, "/v1/batches/"+r.Batch.String()+"/void?division=520603&reason=test&department=civil")
	require.Equal(t, 200, status, body)
	require.Contains(t, body, `"recorded":true`)
	require.True(t, bytes.Contains([]byte(body), []byte(`"position":"ANJU-52:`)))
}
