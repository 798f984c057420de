package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// p1 is idle since 2021-03-01, 121 days before 2021-06-30 (30, 30, 31, 30), p2 since 2021-06-01, 29 days, p3 operates.
// a is linked to p1; b's link ran out; c was closed; d is linked to p3. p1 was said to be idle once more in May.
func TestIdleProjects(t *testing.T) {
	v := newVillage(t)
	v.site()
	stage := func(key, project, day, stage string) {
		body := `{"code":"520603-` + project + `","name":"` + project + `","stage":"` + stage + `","community":"$site$","kind":"farming"}`
		if id := v.ids[project+"/data/project"]; id != "" {
			body = `{"project":"` + id + `","code":"520603-` + project + `","stage":"` + stage + `"}`
		}
		v.record("agri", "industry.project_changed", key, day, body)
		v.names[v.ids[project+"/data/project"]] = project
	}
	stage("p1", "p1", "2020-01-01", "operating")
	stage("p1.idle", "p1", "2021-03-01", "idle")
	stage("p1.again", "p1", "2021-05-01", "idle")
	stage("p2", "p2", "2021-06-01", "idle")
	stage("p3", "p3", "2020-01-01", "operating")
	for _, name := range []string{"a", "b", "c", "d"} {
		v.household(name, "2018-09-01", "ordinary")
	}
	link := func(household, project, until string) {
		if until != "" {
			until = `,"until":"` + until + `"`
		}
		v.record("agri", "industry.household_linked", household+".link", "2020-06-01", `{"household":"$`+household+`/subject$","project":"$`+project+`/data/project$","kind":"order"`+until+`}`)
	}
	link("a", "p1", "2021-06-30")
	link("b", "p1", "2021-06-29")
	link("c", "p1", "")
	link("d", "p3", "")
	v.about("county", "household.closed", "c.closed", "c", "2021-06-01", `{"reason":"extinct"}`)
	a, err := v.ask("idle-projects", "2021-06-30")
	require.NoError(t, err)
	require.Equal(t, []string{
		"p1|520603-p1|p1|farming|2021-03-01|121|a|2020-06-01|2021-06-30", "p2|520603-p2|p2|farming|2021-06-01|29|-|-|-",
	}, v.written(a.Table))
	require.Equal(t, []string{"2|1"}, v.written(*a.Summary))
	require.Equal(t, []string{"a.link p1 p1.idle p1.again", "p2"}, v.evidence(a))
	require.Len(t, v.rows("15", "2021-05-31"), 3, "b and c were linked still, p2 was not there")
	require.Empty(t, v.rows("15", "2021-02-28"))
	require.Empty(t, v.rows("15", "2021-06-30", "division=11"))
}
