package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// As of 2021-06-30. Of compulsory age are those born from 2005-09 (six by 31 August 2012, nine school years to
// 2021-08-31) to 2014-08. a.2, 2014-08: nothing stated; a.3, 2014-09: not yet. b.2: enrolled. c.2: dropped out.
// d.2: enrolled, then found out of school by a visit. e.2, 2005-08: past it. e.3: birth month not stated.
func TestChildrenWithoutSchool(t *testing.T) {
	v := newVillage(t)
	v.household("a", "2018-09-01", "ordinary", "2014-08 none", "2014-09 none")
	v.household("b", "2018-09-01", "ordinary", "2010-01 none")
	v.household("c", "2018-09-01", "ordinary", "2010-01 none")
	v.household("d", "2018-09-01", "ordinary", "2005-09 none")
	v.household("e", "2018-09-01", "ordinary", "2005-08 none", " none")
	for _, name := range []string{"b", "c", "d"} {
		v.record("edu", "service.enrolled", name+".school", "2020-09-01", `{"person":"$`+name+`.2$","kind":"junior","institution":"中学"}`)
	}
	v.record("edu", "service.left", "c.left", "2021-03-01", `{"person":"$c.2$","kind":"junior","reason":"dropped_out"}`)
	v.about("community", "visit.made", "d.visit", "d", "2021-05-01", `{"purpose":"routine","found":["child_not_in_school"],"person":"$d.2$"}`)
	a, err := v.ask("children-without-school", "2021-06-30")
	require.NoError(t, err)
	require.Equal(t, []string{
		"c|c.2|-|-|2010-01|stated|2021-03-01", "d|d.2|-|-|2005-09|stated|2021-05-01", "a|a.2|-|-|2014-08|unknown|-",
	}, v.written(a.Table))
	require.Equal(t, []string{"c.left", "d.visit", ""}, v.evidence(a))
	require.Equal(t, []string{"stated|2", "unknown|1", "enrolled|1", "birth_unknown|1"}, v.written(*a.Summary))
	require.Equal(t, []string{"a|a.2|-|-|2014-08|unknown|-"}, v.rows("7", "2021-02-28"), "c and d were enrolled still")
	require.Equal(t, "a|a.3|-|-|2014-09|unknown|-", v.rows("7", "2021-09-01")[2], "d is past it, a.3 has begun")
}

// Five people live at the site, two in another village. The school is open, the kindergarten being built, no
// clinic is recorded, the service centre was open and closed again.
func TestSitesLackingServices(t *testing.T) {
	v := newVillage(t)
	v.record("civil", "community.established", "other", "2018-01-10", `{"code":"520603001502","name":"新苑社区","kind":"town","form":"own_committee"}`)
	v.ids["site"] = v.ids["other/data/community"]
	v.household("o", "2018-09-01", "ordinary", "2000-01 ordinary")
	v.site()
	v.household("a", "2018-09-01", "ordinary", "2000-01 ordinary", "2010-01 none", "2012-01 none")
	v.household("b", "2018-09-01", "ordinary")
	v.facility("school", "junior_school", "open", "2020-01-01", "", "")
	v.facility("garden", "kindergarten", "building", "2020-01-01", "", "")
	v.facility("centre", "service_centre", "open", "2020-01-01", "", "")
	v.record("civil", "facility.changed", "centre.closed", "2021-01-01", `{"facility":"$centre.facility$","stage":"closed","kind":"service_centre"}`)
	a, err := v.ask("sites-lacking-services", "2021-06-30", "people=5")
	require.NoError(t, err)
	require.Equal(t, []string{"site|安和社区|5|2|open|building|-|closed"}, v.written(a.Table))
	require.Equal(t, []string{"garden centre centre.closed"}, v.evidence(a))
	require.Equal(t, []string{"site|安和社区|5|2|open|building|-|open"}, v.rows("8", "2020-12-31", "people=5"))
	require.Empty(t, v.rows("8", "2021-06-30", "people=6"))
	require.Empty(t, v.rows("8", "2021-06-30"), "none has 800")
	v.facility("clinic", "hospital", "open", "2021-06-01", "", "")
	require.Equal(t, "site|安和社区|5|2|open|building|open|closed", v.rows("8", "2021-06-30", "people=5")[0])
	r := v.refusal("8", "people=many")
	require.Equal(t, []string{"people", "many", "a whole number, 1–1000000", "such as 800"}, []string{r.Field, r.Value, r.Rule.EN, r.Fix.EN})
	v.refusal("8", "people=0")
}

// As of 2021-06-30. Kindergarten: three by 31 August 2020, so born 2017-08 and not 2017-09: two children, one
// place, one enrolled. Primary: born 2014-08, six by 31 August 2020; the school has 300 places: a gap of -299.
// Elderly care: sixty on 2021-06-01, born 1961-06 and not 1961-07; its beds are not stated, so no gap is known. The
// workshop: one job for each labour household, a and b and not c; its 5 jobs are enough by three. What a person
// needs of a clinic or of water is stated nowhere: three households and ten people are served. One member's birth month
// is not stated, at one site, for three facilities.
func TestFacilityDemand(t *testing.T) {
	v := newVillage(t)
	v.site()
	v.household("a", "2018-09-01", "ordinary", "2017-08 none", "2017-08 none", "2017-09 none", "2014-08 none")
	v.household("b", "2018-09-01", "ordinary", "1961-06 none", "1961-07 none", " none")
	v.household("c", "2018-09-01", "none")
	v.facility("garden", "kindergarten", "open", "2020-01-01", "1", "places")
	v.facility("school", "primary_school", "open", "2020-01-01", "300", "places")
	v.facility("home", "elderly_care", "building", "2020-01-01", "", "")
	v.facility("shop", "workshop", "open", "2020-01-01", "5", "jobs")
	v.facility("clinic", "clinic", "open", "2020-01-01", "20", "m2")
	v.facility("water", "water", "open", "2020-01-01", "", "")
	v.record("edu", "service.enrolled", "a.garden", "2020-09-01", `{"person":"$a.2$","kind":"kindergarten","facility":"$garden.facility$"}`)
	a, err := v.ask("facility-demand", "2021-06-30", "division=520603")
	require.NoError(t, err)
	require.Equal(t, []string{
		"garden|garden|kindergarten|open|1|places|2|1|1|3|10|0",
		"shop|shop|workshop|open|5|jobs|2|-3|-|3|10|0",
		"school|school|primary_school|open|300|places|1|-299|0|3|10|0",
		"clinic|clinic|clinic|open|20|m2|-|-|-|3|10|0",
		"home|home|elderly_care|building|-|-|1|-|0|3|10|0",
		"water|water|water|open|-|-|-|-|-|3|10|0",
	}, v.written(a.Table))
	require.Contains(t, a.Notes[len(a.Notes)-2].EN, "3 times")
	require.Equal(t, "what a person needs is not stated, so the demand is not known: clinic, water supply", a.Notes[len(a.Notes)-1].EN)
	require.Equal(t, []string{"water|water|water|open|-|-|-|-|-|3|10|0"}, v.rows("9", "2021-06-30", "kind=water"))
	require.Equal(t, "garden|garden|kindergarten|open|1|places|3|2|1|3|10|0", v.rows("9", "2021-09-01")[0], "2017-09 has begun")
	require.Equal(t, "school|school|primary_school|open|300|places|1|-299|0|3|10|0", v.rows("9", "2020-09-01")[2])
	v.facility("second", "kindergarten", "open", "2021-01-01", "30", "beds")
	require.Equal(t, "garden|garden|kindergarten|open|1|places|2|1|1|3|10|1", v.rows("9", "2021-06-30")[0])
	require.Contains(t, v.rows("9", "2021-06-30"), "second|second|kindergarten|open|30|beds|2|-|0|3|10|1", "beds are no places")
	require.Empty(t, v.rows("9", "2021-06-30", "division=520602"))
}
