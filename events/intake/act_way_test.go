package intake

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// The refusals of lineage acts point at what the caller wrote, once, and name the event that is in the way.
func TestARefusedActOfLineageNamesWhatIsReallyWrong(t *testing.T) {
	ds := openDoors(t)
	d, ids := ds.door, estate(t, ds.door)
	death := accepted(t, d, Caller{"civil", "520603"}, fact("person.died", "1", "2020-05-01", "", `{"person":`+quoted(ids[one+"03"])+`}`))
	split := func(day string, who domain.Entity) []domain.Refusal {
		return record(t, d, township(), splitting("new", day, ids[one], who)).Problem.Refusals
	}
	told := split("1999-01-01", ids[one+"02"])
	require.Len(t, told, 1, "%+v", told)
	require.Equal(t, []string{"/time", "1999-01-01"}, []string{told[0].Field, told[0].Value})
	require.Contains(t, told[0].Rule.EN, "2018-09-01")
	join := record(t, d, psb(), fact("household.member_joined", "new", "2021-05-01", quoted(ids[two]), `{"member":{"person":`+quoted(ids[one+"03"])+`,"relation":"other"},"reason":"return","from_household":`+quoted(ids[one])+`}`))
	for _, r := range [][]domain.Refusal{split("2020-09-01", ids[one+"03"]), split("2020-04-01", ids[one+"03"]), join.Problem.Refusals} {
		require.Len(t, r, 1, "%+v", r)
		require.Contains(t, r[0].Rule.EN, "died on 2020-05-01, by event "+death.ID.String())
		require.Contains(t, r[0].Fix.EN, "void that event first")
		require.Contains(t, r[0].Fix.ZH, "不列此人")
	}
	accepted(t, d, Caller{"civil", "520603"}, act("record.voided", "v/death", death.ID.String(), ""))
	left := accepted(t, d, psb(), fact("household.member_left", "1", "2021-03-01", quoted(ids[one]), `{"person":`+quoted(ids[one+"03"])+`,"reason":"marriage","moved_to_household":`+quoted(ids[two])+`}`))
	joined := accepted(t, d, psb(), fact("household.member_joined", "1", "2021-03-02", quoted(ids[two]), `{"member":{"person":`+quoted(ids[one+"03"])+`,"relation":"other"},"reason":"marriage","from_household":`+quoted(ids[one])+`}`))
	for _, event := range []domain.EventID{left.ID, joined.ID} {
		_, p := ds.undo(t, psb(), event, "return_to", "household", "time", "2021-02-01", "relation", "child")
		require.Equal(t, []string{"/time", "2021-02-01"}, []string{p.Refusals[0].Field, p.Refusals[0].Value})
		_, p = ds.undo(t, psb(), event, "return_to", "household", "time", "2021-03-01", "relation", "child")
		require.Equal(t, "/time", p.Refusals[0].Field, "he had left, and not arrived")
		_, p = ds.undo(t, psb(), event, "return_to", "household", "time", "2021-04-01", "relation", "nephew")
		require.Equal(t, "/relation", p.Refusals[0].Field)
		require.NotContains(t, p.Refusals[0].Fix.EN, "leave it out")
		require.NotContains(t, p.Refusals[0].Fix.ZH, "不写")
	}
	dispute := accepted(t, d, rural(), `{"type":"record.disputed","key":"d/1","time":"2021-06-30","data":{"target_event":"`+left.ID.String()+`","claim":"not_so"}}`)
	withdrawn := accepted(t, d, rural(), act("record.voided", "w", dispute.ID.String(), ""))
	for _, e := range []domain.EventID{dispute.ID, withdrawn.ID} {
		r := refusedAt(t, d, hrss(), "department", domain.NotAllowed, act("record.voided", "new", e.String(), ""))
		require.NotContains(t, r.Fix.EN, "record.disputed", "a dispute cannot be disputed")
		require.Contains(t, r.Rule.EN, "rural 520603")
		require.Contains(t, r.Fix.EN, "a correction of the record")
	}
}
