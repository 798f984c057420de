package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Due on 2021-06-01: 29 days late on 2021-06-30. Due on 2021-06-30: in time. An accepted rectification ends a
// finding, one that was not accepted does not. One finding has no due day.
func TestOverdueFindings(t *testing.T) {
	v := newVillage(t)
	v.site()
	v.household("a", "2018-09-01", "ordinary")
	v.facility("school", "primary_school", "open", "2019-01-01", "", "")
	find := func(key, about, due string) {
		if due != "" {
			due = `,"due":"` + due + `"`
		}
		v.record("audit", "inspection.found", key, "2021-03-01", `{"kind":"quality","severity":"serious","about":["$`+about+`$"],"owner":"housing"`+due+`}`)
		v.names[v.ids[key+"/data/finding"]] = key
	}
	find("f1", "a/subject", "2021-06-01")
	find("f2", "school.facility", "2021-05-01")
	find("f3", "a/subject", "2021-06-30")
	find("f4", "a/subject", "2021-05-01")
	find("f5", "school.facility", "")
	v.record("housing", "inspection.rectified", "f2.no", "2021-04-01", `{"finding":"$f2/data/finding$","accepted":"no"}`)
	v.record("housing", "inspection.rectified", "f4.yes", "2021-06-15", `{"finding":"$f4/data/finding$","accepted":"yes"}`)
	a, err := v.ask("overdue-findings", "2021-06-30")
	require.NoError(t, err)
	require.Equal(t, []string{
		"f2|school|quality|serious|housing|2021-03-01|2021-05-01|60|520603", "f1|a|quality|serious|housing|2021-03-01|2021-06-01|29|520603",
	}, v.written(a.Table))
	require.Equal(t, []string{"f2", "f1"}, v.evidence(a), "the event bears the key of its finding")
	require.Contains(t, a.Notes[len(a.Notes)-1].EN, "1 more")
	require.Len(t, v.rows("16", "2021-06-14"), 3, "f4 was open still")
	require.Empty(t, v.rows("16", "2021-06-30", "division=11"))
}

// a.2 died on 2021-02-15: the month of his death is no fault, March begins 14 days after. b was closed on 2021-01-31
// and paid, for no month, on the next day. c moved back on 2021-01-01; February begins 31 days later. d moved back
// and was resettled.
func TestPaidAfterEnd(t *testing.T) {
	v := newVillage(t)
	v.site()
	v.household("a", "2018-09-01", "ordinary", "1950-01 none")
	v.household("b", "2018-09-01", "ordinary")
	v.household("c", "2018-09-01", "ordinary")
	v.household("d", "2018-09-01", "ordinary")
	pay := func(key, who, day, period string) {
		if period != "" {
			period = `,"period":"` + period + `"`
		}
		v.record("civil", "benefit.paid", key, day, `{`+who+`,"kind":"dibao","amount_fen":35000`+period+`}`)
	}
	v.record("psb", "person.died", "a.died", "2021-02-15", `{"person":"$a.2$"}`)
	v.about("county", "household.closed", "b.closed", "b", "2021-01-31", `{"reason":"extinct"}`)
	v.about("rural", "household.moved", "c.moved", "c", "2021-01-01", `{"kind":"returned_to_origin"}`)
	v.about("rural", "household.moved", "d.moved", "d", "2021-01-01", `{"kind":"returned_to_origin"}`)
	v.about("rural", "household.moved", "d.back", "d", "2021-01-20", `{"kind":"resettled_again","to_community":"$site$"}`)
	pay("a.jan", `"person":"$a.2$"`, "2021-01-20", "2021-01")
	pay("a.feb", `"person":"$a.2$"`, "2021-02-20", "2021-02")
	pay("a.mar", `"person":"$a.2$"`, "2021-03-20", "2021-03")
	pay("a.1st", `"person":"$a.1$"`, "2021-03-20", "2021-03")
	pay("b.feb", `"household":"$b/subject$"`, "2021-02-01", "")
	pay("c.feb", `"household":"$c/subject$"`, "2021-02-20", "2021-02")
	pay("d.feb", `"household":"$d/subject$"`, "2021-02-20", "2021-02")
	a, err := v.ask("paid-after-end", "2021-06-30")
	require.NoError(t, err)
	require.Equal(t, []string{
		"c|-|moved|2021-01-01|2021-02|2021-02-20|35000|31", "a|a.2|dead|2021-02-15|2021-03|2021-03-20|35000|14", "b|-|closed|2021-01-31|-|2021-02-01|35000|1",
	}, v.written(a.Table))
	require.Equal(t, []string{"c.feb c.moved", "a.mar a.died", "b.feb b.closed"}, v.evidence(a))
	require.Equal(t, []string{"dead|1|35000", "closed|1|35000", "moved|1|35000"}, v.written(*a.Summary))
	require.Len(t, v.rows("17", "2021-03-19"), 2, "March was not paid yet")
}

// One ID number in a, registered on 2019-01-01, and in b, on 2020-01-01; and one in a alone.
func TestRegisteredTwice(t *testing.T) {
	v := newVillage(t)
	register := func(name, day, members string) {
		v.record("rural", "household.registered", name, day, `{"number":"`+name+`","category":"poor","members":[`+members+`]}`)
		v.names[v.ids[name+"/subject"]] = name
		v.names[v.ids[name+"/data/members/0/person"]] = name + ".1"
	}
	twin := `"name":"某","relation":"head","id_number":"522121198001010014"`
	register("b", "2020-01-01", `{"number":"b1",`+twin+`}`)
	register("a", "2019-01-01", `{"number":"a1",`+twin+`},{"number":"a2","name":"某","relation":"spouse"}`)
	a, err := v.ask("registered-twice", "2021-06-30", "division=520603")
	require.NoError(t, err)
	require.Equal(t, []string{"a|a.1|2019-01-01|b|b.1|2020-01-01|2020-01-01"}, v.written(a.Table))
	require.Equal(t, []string{"a b"}, v.evidence(a))
	require.Empty(t, v.rows("18", "2019-12-31"), "b was not registered yet")
	v.record("rural", "record.voided", "void", "2021-12-01T00:00:00Z", `{"target_event":"$b$","reason":"duplicate"}`)
	require.Empty(t, v.rows("18", "2021-06-30"))
}

// Titles of 1 of 4 households with keys are 2,500 of 10,000: of a target of 5,000, 50%; of 2,500 by 2021-03-31,
// reached. 5,000 was due on 2021-06-29.
func TestTargetProgress(t *testing.T) {
	v := newVillage(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		v.household(name, "2018-09-01", "ordinary")
	}
	v.record("nr", "title.certificate_issued", "a.title", "2020-01-01", `{"dwelling":"$a.keys.dwelling$"}`)
	v.record("ndrc", "target.set", "t1", "2021-01-01", `{"indicator":"titled_rate","value":2500,"due":"2021-03-31"}`)
	v.record("ndrc", "target.set", "t2", "2021-01-01", `{"indicator":"titled_rate","value":5000,"due":"2021-06-29"}`)
	a, err := v.ask("target-progress", "2021-06-30")
	require.NoError(t, err)
	require.Len(t, a.Rows, 2)
	require.Contains(t, v.written(a.Table)[0], "|titled_rate|2500|2500|per_10000|100|2021-03-31|yes|no")
	require.Contains(t, v.written(a.Table)[1], "|titled_rate|5000|2500|per_10000|50|2021-06-29|no|yes")
	require.Equal(t, []string{"t1", "t2"}, v.evidence(a))
	require.Contains(t, v.rows("19", "2021-06-29", "indicator=titled_rate")[1], "|no|no", "the last day is in time")
	require.Empty(t, v.rows("19", "2021-06-30", "indicator=lived_in_rate"))
	require.Contains(t, v.refusal("19", "indicator=happiness").Fix.EN, "titled_rate")
}
