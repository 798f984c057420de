package intake

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// A correction leaves the fact in its file: of every type that one person, dwelling, household or case decides, naming
// another household's is refused with the way out, which leads on; another member of the same household is accepted.
func TestACorrectionGivesNoFactToAnotherHousehold(t *testing.T) {
	d := testDoor(t)
	ids := estate(t, d)
	accepted(t, d, Caller{"edu", "520603"}, fact("facility.changed", "1", "2018-01-01", "", `{"code":"F-1","name":"小学","stage":"open","kind":"primary_school"}`))
	accepted(t, d, Caller{"agri", "520603"}, fact("industry.project_changed", "1", "2018-01-01", "", `{"code":"P-1","name":"食用菌基地","stage":"operating","kind":"farming"}`))
	cases, complaints := map[string]domain.Entity{}, map[string]domain.Entity{}
	for _, number := range []string{one, two} {
		cases[number] = accepted(t, d, rural(), fact("risk.flagged", number, "2020-01-01", byNumber(number), `{"source":"grid"}`)).IDs["/data/case"]
		complaints[number] = accepted(t, d, Caller{"civil", "520603"}, fact("grievance.filed", number, "2020-01-01", byNumber(number), `{"kind":"title","channel":"visit"}`)).IDs["/data/grievance"]
	}
	job := accepted(t, d, hrss(), fact("job.placed", "1", "2020-02-01", "", `{"person":`+quoted(ids[one+"02"])+`,"channel":"factory"}`)).IDs["/data/placement"]
	person, dwelling := quoted(ids[one+"02"]), quoted(ids["home/"+one])
	seen := map[string]bool{}
	for _, c := range []struct {
		department  domain.Department
		kind, field string
		data        string // of the first household
		other       domain.Entity
	}{
		{"hrss", "job.placed", "/person", `{"person":` + person + `,"channel":"factory"}`, ids[two+"02"]},
		{"hrss", "job.verified", "/person", `{"person":` + person + `,"still":"yes"}`, ids[two+"02"]},
		{"hrss", "job.ended", "/person", `{"person":` + person + `,"placement":` + quoted(job) + `,"reason":"contract_ended"}`, ids[two+"02"]},
		{"hrss", "job.wanted", "/person", `{"person":` + person + `,"wish":"work"}`, ids[two+"02"]},
		{"hrss", "training.completed", "/person", `{"person":` + person + `,"course":"缝纫","hours":40}`, ids[two+"02"]},
		{"hrss", "business.started", "/person", `{"person":` + person + `,"kind":"shop"}`, ids[two+"02"]},
		{"hrss", "business.closed", "/person", `{"person":` + person + `,"reason":"loss"}`, ids[two+"02"]},
		{"hrss", "person.profile_updated", "/person", `{"person":` + person + `,"labour_class":"weak"}`, ids[two+"02"]},
		{"psb", "person.identity_linked", "/person", `{"person":` + person + `,"id_number":"990101198112010025","scheme":"resident_id","match":"exact"}`, ids[two+"02"]},
		{"psb", "hukou.changed", "/person", `{"person":` + person + `,"kind":"moved","division":"520603003"}`, ids[two+"02"]},
		{"civil", "entitlement.started", "/person", `{"person":` + person + `,"kind":"dibao"}`, ids[two+"02"]},
		{"civil", "entitlement.ended", "/household", `{"household":` + quoted(ids[one]) + `,"kind":"dibao","reason":"income_rose"}`, ids[two]},
		{"civil", "benefit.paid", "/person", `{"person":` + person + `,"kind":"dibao","amount_fen":1}`, ids[two+"02"]},
		{"edu", "service.enrolled", "/person", `{"person":` + person + `,"facility":{"number":"F-1"},"kind":"primary"}`, ids[two+"02"]},
		{"edu", "service.left", "/person", `{"person":` + person + `,"kind":"primary","reason":"dropped_out"}`, ids[two+"02"]},
		{"rural", "dwelling.occupancy_checked", "/dwelling", `{"dwelling":` + dwelling + `,"state":"lived_in"}`, ids["home/"+two]},
		{"nr", "title.application_accepted", "/dwelling", `{"dwelling":` + dwelling + `}`, ids["home/"+two]},
		{"nr", "title.certificate_issued", "/dwelling", `{"dwelling":` + dwelling + `}`, ids["home/"+two]},
		{"agri", "industry.household_linked", "/household", `{"household":` + quoted(ids[one]) + `,"project":{"number":"P-1"},"kind":"wage"}`, ids[two]},
		{"civil", "grievance.resolved", "/grievance", `{"grievance":` + quoted(complaints[one]) + `,"outcome":"settled"}`, complaints[two]},
		{"rural", "risk.decided", "/case", `{"case":` + quoted(cases[one]) + `,"class":"borderline"}`, cases[two]},
		{"rural", "help.planned", "/case", `{"case":` + quoted(cases[one]) + `,"measures":[{"code":"d4","owner":"某"}]}`, cases[two]},
		{"rural", "risk.cleared", "/case", `{"case":` + quoted(cases[one]) + `,"basis":"help_worked","kind":"cleared"}`, cases[two]},
	} {
		t.Run(c.kind, func(t *testing.T) {
			seen[c.kind] = true
			by := Caller{c.department, "520603"}
			own := domain.Entity(0)
			for _, e := range []domain.Entity{ids[one], ids[one+"02"], ids["home/"+one], cases[one], complaints[one]} {
				if strings.Contains(c.data, `":`+quoted(e)) {
					own = e
				}
			}
			told := accepted(t, d, by, fact(c.kind, "told", "2021-01-01", "", c.data))
			wrong := strings.Replace(c.data, quoted(own), quoted(c.other), 1)
			r := refusedAt(t, d, by, "/data/data"+c.field, domain.Conflict, correcting(told.ID, wrong))
			require.Equal(t, c.other.String(), r.Value)
			require.Contains(t, r.Fix.EN, "wrong_subject")
			require.Contains(t, r.Fix.ZH, "作废")
			accepted(t, d, by, correcting(told.ID, strings.Replace(c.data, quoted(ids[one+"02"]), quoted(ids[one+"03"]), 1)))
			accepted(t, d, by, act("record.voided", "void/"+c.kind, told.ID.String(), ""))
			accepted(t, d, by, fact(c.kind, "anew", "2021-01-01", "", wrong))
		})
	}
	for _, k := range domain.Kinds() {
		apart := strings.HasPrefix(k.Name, "household.") || k.Name == "dwelling.handed_over" || k.Name == "visit.made" || // where others may come from elsewhere
			k.Name == "person.died" || k.Name == "person.key_destroyed" || // held by rules of their own
			k.Name == "homestead.vacated" || k.Name == "homestead.checked" || k.Name == "grievance.filed" || k.Name == "risk.flagged" || k.Name == "income.declared" // name nothing that another has
		require.True(t, k.Home != domain.HouseholdKind || apart || seen[k.Name], k.Name)
	}
}
