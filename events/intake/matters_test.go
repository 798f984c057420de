package intake

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// What opened a matter is not voided while a fact goes on with it: the refusal lists it. Voided first, or first in one
// set, it stands in nobody's way; another record that opened the same by then carries it.
func TestWhatOthersGoOnWithIsNotVoided(t *testing.T) {
	ds := openDoors(t)
	d := ds.door
	ids := estate(t, d)
	person, dwelling := quoted(ids[one+"02"]), quoted(ids["home/"+one])
	flagged := accepted(t, d, rural(), fact("risk.flagged", "1", "2020-01-01", byNumber(one), `{"source":"grid"}`)).IDs["/data/case"]
	at := func(department domain.Department, kind, key, day, data string) (Caller, string) {
		return Caller{department, "520603"}, fact(kind, key, day, "", data)
	}
	for _, c := range []struct {
		name                string
		department          domain.Department
		opens, opened       string
		goesOn, other, gone string // gone is another matter
	}{
		{"a certificate", "nr", "title.application_accepted", `{"dwelling":` + dwelling + `,"application_no":"SL1"}`, "title.certificate_issued", `{"dwelling":` + dwelling + `,"application_no":"SL1"}`, `{"dwelling":` + dwelling + `,"application_no":"SL2"}`},
		{"the end of a payment", "civil", "entitlement.started", `{"person":` + person + `,"kind":"dibao"}`, "entitlement.ended", `{"person":` + person + `,"kind":"dibao","reason":"income_rose"}`, `{"person":` + person + `,"kind":"pension","reason":"income_rose"}`},
		{"the end of a business", "hrss", "business.started", `{"person":` + person + `,"kind":"shop"}`, "business.closed", `{"person":` + person + `}`, `{"person":` + quoted(ids[one+"03"]) + `}`},
		{"the end of a service", "edu", "service.enrolled", `{"person":` + person + `,"kind":"primary","institution":"x"}`, "service.left", `{"person":` + person + `,"kind":"primary","reason":"moved"}`, `{"person":` + person + `,"kind":"junior","reason":"moved"}`},
		{"the end of a case", "rural", "risk.decided", `{"case":` + quoted(flagged) + `,"class":"borderline"}`, "risk.cleared", `{"case":` + quoted(flagged) + `,"kind":"cleared"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			by, opens := at(c.department, c.opens, "1", "2020-02-01", c.opened)
			first := accepted(t, d, by, opens)
			goesOn := func(key, day string) domain.EventID {
				_, body := at(c.department, c.goesOn, key, day, c.other)
				return accepted(t, d, by, body).ID
			}
			if c.gone != "" {
				_, body := at(c.department, c.goesOn, "0", "2020-03-01", c.gone)
				accepted(t, d, by, body)
			}
			void := func(key string, id domain.EventID) string { return act("record.voided", key, id.String(), "") }
			end := goesOn("1", "2020-03-01")
			before := d.directory.Position(52)
			a := record(t, d, by, void("v1", first.ID))
			require.NotNil(t, a.Problem)
			require.Equal(t, []domain.EventID{end}, a.Problem.Dependants)
			require.Contains(t, a.Problem.Refusals[0].Fix.EN, "in one set")
			require.Equal(t, before, d.directory.Position(52))
			ds.both(t, by, "["+void("v2", end)+","+void("v3", first.ID)+"]")

			_, again := at(c.department, c.opens, "2", "2020-04-01", c.opened)
			second := accepted(t, d, by, again)
			_, third := at(c.department, c.opens, "3", "2020-04-02", c.opened)
			accepted(t, d, by, third)
			goesOn("2", "2020-05-01")
			accepted(t, d, by, void("v4", second.ID)) // the third opened it, too
			_, early := at(c.department, c.opens, "4", "2020-06-01", c.opened)
			accepted(t, d, by, void("v5", accepted(t, d, by, early).ID)) // nothing goes on with it
		})
	}
}

// An import is not undone while a certificate outside of it stands on its application.
func TestAnImportThatOthersGoOnWithIsNotUndone(t *testing.T) {
	d := testDoor(t)
	ids := estate(t, d)
	dwelling := quoted(ids["home/"+one])
	report, err := d.Import(t.Context(), Caller{Division: "520603"}, "t.csv", []byte("户编号,安置区,坐落,业务号,受理日期,登簿日期\n"+one+",安和社区,1栋"+one+",SL9,2020-01-01,\n"), ImportOptions{Record: true})
	require.NoError(t, err)
	require.Equal(t, 1, report.Accepted, "%+v", report.Rejected)
	certificate := accepted(t, d, Caller{"nr", "520603"}, fact("title.certificate_issued", "1", "2020-02-01", "", `{"dwelling":`+dwelling+`,"application_no":"SL9"}`))
	order := Undoing{Batch: report.Batch, Division: "520603", Reason: "test"}
	_, p := d.Undo(t.Context(), order)
	require.NotNil(t, p)
	require.Equal(t, []domain.EventID{certificate.ID}, p.Depends[0].Dependants)
	accepted(t, d, Caller{"nr", "520603"}, act("record.voided", "v", certificate.ID.String(), ""))
	_, p = d.Undo(t.Context(), order)
	require.Nil(t, p)
}
