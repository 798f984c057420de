package intake

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// act is a correction or void of a job.placed as it is handed in.
func act(kind, key, target, more string) string {
	data := `,"reason":"false"`
	if kind == "record.corrected" {
		data = `,"reason":"typo","data":` + placed[strings.Index(placed, `"data":`)+len(`"data":`):len(placed)-1]
		data = strings.Replace(data, `"number":"52060300000101"`, `"number":"52060300000101","division":"520603"`, 1)
	}
	return `{"type":"` + kind + `","key":"` + key + `","time":"2021-06-30","data":{"target_event":"` + target + `"` + data + more + `}}`
}

// TestAnActIsItsOwners: whose event may be corrected or voided by whom, from wherever it is said; everybody
// else is refused by name, and nothing is recorded.
func TestAnActIsItsOwners(t *testing.T) {
	d := testDoor(t)
	accepted(t, d, rural(), household)
	job := accepted(t, d, hrss(), placed)
	elsewhere := accepted(t, d, Caller{"rural", "440300"}, strings.NewReplacer("register/1", "register/2", "520603003", "440300").Replace(household))
	require.Equal(t, "ANJU-44", elsewhere.Stream)
	for _, c := range []struct {
		name       string
		caller     Caller
		kind       string
		target     domain.EventID
		more       string
		field, way string
		refusal    domain.RefusalKind
	}{
		{"another department's event", rural(), "record.corrected", job.ID, "", "department", "record.disputed", domain.NotAllowed},
		{"another department's event, void", rural(), "record.voided", job.ID, "", "department", "record", domain.NotAllowed},
		{"the same department of another county", Caller{"hrss", "520602"}, "record.corrected", job.ID, "", "division", "record.disputed", domain.NotAllowed},
		{"of another province", Caller{"hrss", "440300"}, "record.voided", job.ID, "", "division", "record.disputed", domain.NotAllowed},
		{"an event of another province, by its name", hrss(), "record.voided", elsewhere.ID, "", "department", "record", domain.NotAllowed},
		{"no event", hrss(), "record.voided", domain.EventID{1, 8: 0x80}, "", "/data/target_event", "receipts", domain.Unknown},
		{"no event, corrected", hrss(), "record.corrected", domain.EventID{1, 8: 0x80}, "", "/data/target_event", "receipts", domain.Unknown},
		{"approved by who records", hrss(), "record.voided", job.ID, `,"approved_by":"HRSS/520603"`, "/data/approved_by", "person", domain.Conflict},
		{"approved by the department's name", hrss(), "record.corrected", job.ID, `,"approved_by":"人力资源社会保障"`, "/data/approved_by", "person", domain.Conflict},
	} {
		t.Run(c.name, func(t *testing.T) {
			here, there := d.directory.Position(52), d.directory.Position(44)
			a := record(t, d, c.caller, act(c.kind, "act/1", c.target.String(), c.more))
			require.NotNil(t, a.Problem)
			r := a.Problem.Refusals[0]
			require.Equal(t, c.field, r.Field)
			require.Equal(t, c.refusal, r.Kind)
			require.Contains(t, r.Fix.EN, c.way)
			require.NotEmpty(t, r.Rule.ZH)
			require.Equal(t, []uint64{here, there}, []uint64{d.directory.Position(52), d.directory.Position(44)})
		})
	}
	city := Caller{"hrss", "5206"}
	accepted(t, d, city, act("record.corrected", "act/city", job.ID.String(), ""))
	accepted(t, d, Caller{"hrss", "00"}, act("record.corrected", "act/nation", job.ID.String(), `,"approved_by":"zhang_01"`))
	split := `{"type":"household.split","key":"split/1","time":"2021-01-01","subject":{"number":"520603000001"},"data":{"children":[{"members":[{"number":"52060300000102"}]}],"approved_by":"county 520603"}}`
	a := record(t, d, Caller{"county", "520603"}, split)
	require.Equal(t, "/data/approved_by", a.Problem.Refusals[0].Field)
}
