package intake

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// TestWhatComesBackIsHeldToTheRules brings structural acts back, by the void of their void and by a correction after
// it, when the households have gone on: what would be refused anew is refused, and goes once its obstacle is gone.
func TestWhatComesBackIsHeldToTheRules(t *testing.T) {
	d := testDoor(t)
	ids := estate(t, d)
	town := Caller{"township", "520603"}
	void := func(key string, of domain.EventID) string { return act("record.voided", key, of.String(), "") }
	back := func(field string, body string, event domain.EventID) {
		t.Helper()
		r := refusedAt(t, d, town, field, domain.Conflict, body)
		require.Contains(t, r.Rule.EN, event.String()+" would count again")
		require.Contains(t, r.Rule.ZH, event.String())
	}

	body := merging("1", "2020-09-01", quoted(ids[two]), quoted(ids[one]))
	merged := accepted(t, d, town, body)
	voided := accepted(t, d, town, void("v1", merged.ID))
	against := accepted(t, d, town, merging("2", "2020-10-01", quoted(ids[one]), quoted(ids[two])))
	back("/data/target_event", void("v2", voided.ID), merged.ID) // a cycle
	data := body[strings.Index(body, `"data":`)+len(`"data":`) : len(body)-1]
	back("/data/target_event", correcting(merged.ID, data), merged.ID)
	accepted(t, d, town, void("v3", against.ID))
	again := accepted(t, d, town, void("v2", voided.ID))
	require.True(t, d.directory.Closed(ids[one]))
	accepted(t, d, town, void("v4", again.ID))
	require.False(t, d.directory.Closed(ids[one]))

	_, founding := split(t, d, "1", "2021-03-01", ids[one], ids[one+"03"])
	voided = accepted(t, d, town, void("v5", founding))
	left := accepted(t, d, psb(), fact("household.member_left", "1", "2021-04-01", quoted(ids[one]), `{"person":`+quoted(ids[one+"03"])+`,"reason":"moved"}`))
	back("/data/target_event", void("v6", voided.ID), founding) // he would belong to the child, and to none
	accepted(t, d, psb(), void("v7", left.ID))
	accepted(t, d, town, void("v6", voided.ID))
	require.NotContains(t, d.directory.Members(ids[one]), ids[one+"03"])
}

// TestNobodyMovesIntoAVoidedHousehold: one of which the registration, or the split that founded it, is voided.
func TestNobodyMovesIntoAVoidedHousehold(t *testing.T) {
	d := testDoor(t)
	ids := estate(t, d)
	town := Caller{"township", "520603"}
	void := func(key string, of domain.EventID) string { return act("record.voided", key, of.String(), "") }
	registered := accepted(t, d, rural(), family(three))
	third := registered.IDs["/subject"]
	gone := accepted(t, d, rural(), void("v1", registered.ID))
	into := merging("1", "2021-02-01", quoted(third), quoted(ids[two]))
	r := refusedAt(t, d, town, "/data/into", domain.Conflict, into)
	require.Equal(t, gone.ID.String(), r.Value)
	refusedAt(t, d, town, "/data/from/0", domain.Conflict, merging("2", "2021-02-01", quoted(ids[two]), quoted(third)))
	refusedAt(t, d, psb(), "/subject", domain.Conflict, fact("household.member_joined", "1", "2021-02-01", quoted(third), `{"member":{"relation":"child"},"reason":"birth"}`))
	refusedAt(t, d, psb(), "/data/moved_to_household", domain.Conflict, fact("household.member_left", "1", "2021-02-01", quoted(ids[one]), `{"person":`+quoted(ids[one+"02"])+`,"reason":"moved","moved_to_household":`+quoted(third)+`}`))
	accepted(t, d, rural(), strings.Replace(family(three), "register/", "register/anew/", 1))
	merged := accepted(t, d, town, into)
	accepted(t, d, town, void("v2", merged.ID))

	child, founding := split(t, d, "1", "2021-03-01", ids[one], ids[one+"03"])
	accepted(t, d, town, void("v3", founding))
	refusedAt(t, d, town, "/data/into", domain.Conflict, merging("3", "2021-04-01", quoted(child), quoted(ids[two])))
}
