package intake

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// An act on a record moves it to nobody: another subject than its target's is refused, whoever is named and however,
// and so is another type; what says the same as the target is accepted.
func TestAnActStandsUnderItsTargetsSubjectAndType(t *testing.T) {
	d := testDoor(t)
	ids := estate(t, d)
	income := accepted(t, d, township(), fact("income.declared", "2020", "2021-01-31", quoted(ids[one]), `{"year":2020,"wage_fen":1,"persons":3}`))
	at := `"target_event":"` + income.ID.String() + `"`
	acts := []string{
		`{"type":"record.voided","key":"a/1","time":"2021-06-30",@"data":{` + at + `,"reason":"false"}}`,
		`{"type":"record.disputed","key":"a/2","time":"2021-06-30",@"data":{` + at + `,"claim":"wrong_subject"}}`,
		`{"type":"record.corrected","key":"a/3","time":"2021-06-30",@"data":{` + at + `,"reason":"typo","data":{"year":2020,"wage_fen":2,"persons":3}}}`,
	}
	told := func(body, subject string) string { return strings.Replace(body, "@", `"subject":`+subject+`,`, 1) }
	for _, body := range acts {
		for subject, value := range map[string]string{
			quoted(ids[two]): ids[two].String(), `"household/` + ids[two].String() + `"`: ids[two].String(), byNumber(two): ids[two].String(),
			quoted(ids[one+"02"]): ids[one+"02"].String(), `"pzzzzzzzzzzzz"`: "pzzzzzzzzzzzz", byNumber("999"): "",
		} {
			r := refusedAt(t, d, township(), "/subject", domain.Conflict, told(body, subject))
			require.Equal(t, value, r.Value)
			require.Contains(t, r.Fix.EN, "leave subject out")
			require.Contains(t, r.Fix.EN, "voided (reason wrong_subject) and recorded anew")
		}
	}
	for schema, kind := range map[string]domain.RefusalKind{
		"anju:visit.made/1": domain.Malformed, "anju:income.declared/9": domain.Malformed, "nonsense": domain.UnknownCode,
	} {
		r := refusedAt(t, d, township(), "/data/schema", kind, strings.Replace(strings.Replace(acts[2], "@", "", 1), `"reason"`, `"schema":"`+schema+`","reason"`, 1))
		require.Equal(t, schema, r.Value)
		if kind == domain.Malformed {
			require.Contains(t, r.Rule.EN, "anju:income.declared/1")
		}
	}
	own := strings.Replace(acts[2], `"reason"`, `"schema":"anju:income.declared/1","reason"`, 1)
	accepted(t, d, township(), told(own, quoted(ids[one])))
	accepted(t, d, township(), told(acts[1], byNumber(one)))
	accepted(t, d, township(), told(acts[0], `"household/`+ids[one].String()+`"`))
}
