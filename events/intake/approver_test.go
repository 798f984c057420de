package intake

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// Who approved something is named by a code at every door; a text that could be a name is refused and not told.
func TestWhoApprovedIsNamedByACode(t *testing.T) {
	ds := openDoors(t)
	d := ds.door
	ids := estate(t, d)
	county := Caller{"county", "520603"}
	child, event := split(t, d, "1", "2021-03-01", ids[one], ids[one+"03"])
	job := accepted(t, d, hrss(), fact("job.verified", "1", "2021-03-01", "", `{"person":`+quoted(ids[one+"02"])+`,"still":"yes"}`)).ID
	person, parent, other := quoted(ids[one+"02"]), quoted(ids[one]), quoted(ids[two])
	for _, name := range []string{"某甲", "Zhang Wei", "ZhangWei", "zhang.wei", "zhang_01#", "０１", "a12345678901234567890123456789012345678901"} {
		by := `,"approved_by":"` + name + `"}`
		for _, c := range []struct {
			caller Caller
			field  string
			body   string
		}{
			{hrss(), "/data/approved_by", `{"type":"record.voided","key":"v","time":"2021-06-30","data":{"target_event":"` + job.String() + `","reason":"false"` + by + `}`},
			{hrss(), "/data/approved_by", `{"type":"record.corrected","key":"c","time":"2021-06-30","data":{"target_event":"` + job.String() + `","reason":"typo","data":{"person":` + person + `,"still":"no"}` + by + `}`},
			{township(), "/data/data/approved_by", correcting(event, `{"children":[{"members":[`+quoted(ids[one+"03"])+`]}]`+by)},
			{county, "/data/approved_by", fact("household.split", "2", "2021-04-01", parent, `{"children":[{"members":[`+person+`]}]`+by)},
			{county, "/data/approved_by", fact("household.merged", "2", "2021-04-01", "", `{"into":`+parent+`,"from":[`+quoted(child)+`],"reason":"care"`+by)},
			{psb(), "/data/approved_by", fact("household.moved", "2", "2021-04-01", parent, `{"kind":"returned_to_origin"`+by)},
			{psb(), "/data/approved_by", fact("household.member_joined", "2", "2021-04-01", other, `{"member":{"person":`+person+`,"relation":"other"},"reason":"return","from_household":`+parent+by)},
			{psb(), "/data/approved_by", fact("household.member_left", "2", "2021-04-01", parent, `{"person":`+person+`,"reason":"moved"`+by)},
		} {
			r := refusedAt(t, d, c.caller, c.field, domain.Malformed, c.body)
			require.Empty(t, r.Value)
			require.Contains(t, r.Fix.EN, "zhang_01")
			require.Contains(t, r.Rule.ZH, "代号")
		}
		_, problem := ds.undo(t, township(), event, "approved_by", name)
		require.Equal(t, "/approved_by", problem.Refusals[0].Field)
		require.Empty(t, problem.Refusals[0].Value)
		status, body := ds.post(t, "/v1/batches/i000000000001/void?division=520603&reason=test&approved_by="+url.QueryEscape(name))
		require.Equal(t, 400, status)
		require.Contains(t, body, `"field":"approved_by"`)
		require.NotContains(t, body, name)
	}
	// What stands in the log is read, whatever its form.
	old, err := kindNamed("record.voided").Decode(1, []byte(`{"target_event":"`+job.String()+`","reason":"false","approved_by":"某甲"}`))
	require.NoError(t, err)
	require.Equal(t, "某甲", domain.ApprovedBy(old))
}
