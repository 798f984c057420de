package ask

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections"
)

// village is a small ledger whose history a test tells through the real door.
type village struct {
	t      *testing.T
	ledger *events.Ledger
	door   *intake.Door
	views  *projections.Views
	clock  time.Time
	place  string            // the division of what is recorded; "" = the county
	ids    map[string]string // of events by key, of entities by name
	names  map[string]string // of ids: a name that the test gave, or an event's key
}

// noon is midday of a date in China.
func noon(date string) time.Time {
	day, err := domain.ParseDay(date)
	if err != nil {
		panic(err)
	}
	return day.Moment().Time().Add(12 * time.Hour)
}

func newVillage(t *testing.T) *village {
	t.Helper()
	v := &village{t: t, ids: map[string]string{}, names: map[string]string{}, clock: noon("2022-01-01")}
	now := func() time.Time { return v.clock }
	ledger, err := events.Open(t.Context(), events.Config{Clock: now})
	require.NoError(t, err)
	v.ledger = ledger
	v.views = projections.New(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters())
	v.door = intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(), Random: rand.Reader, Now: now,
	})
	t.Cleanup(func() {
		v.views.Close()
		require.NoError(t, ledger.Close())
	})
	return v
}

// record records one event; $name$ stands for an id that is known already. "subject|{…}" names the home.
func (v *village) record(department domain.Department, kind, key, day, data string) {
	v.t.Helper()
	for name, id := range v.ids {
		data = strings.ReplaceAll(data, "$"+name+"$", id)
	}
	subject := ""
	if before, after, found := strings.Cut(data, "|"); found {
		subject, data = `"subject":"`+before+`",`, after
	}
	if v.place != "" {
		subject += `"division":"` + v.place + `",`
	}
	body := `{"type":"` + kind + `","key":"` + key + `","time":"` + day + `",` + subject + `"data":` + data + `}`
	caller := intake.Caller{Department: department, Division: "520603"}
	answers := v.door.Record(context.Background(), caller, []*intake.Submission{intake.Parse([]byte(body), caller, v.clock)}, false)
	require.Nil(v.t, answers[0].Problem, "%s %+v", body, answers[0].Problem)
	v.know(key, answers[0].Receipt.ID.String())
	for pointer, id := range answers[0].Receipt.IDs {
		v.know(key+pointer, id.String())
	}
}

// know gives an id a name.
func (v *village) know(name, id string) {
	v.ids[name] = id
	if _, named := v.names[id]; !named {
		v.names[id] = name
	}
}

// household registers a household of a head and of members written "name birth class"; the head is born
// in 1980. The household is called as it is named, its members name.1 and on, and it has the keys of a
// dwelling, name.keys, from that day.
func (v *village) household(name, day, class string, more ...string) {
	v.t.Helper()
	members := []string{`{"number":"` + name + `1","name":"某","relation":"head","birth_month":"1980-01","labour_class":"` + class + `"}`}
	for i, m := range more {
		birth, class, _ := strings.Cut(m, " ")
		if birth != "" {
			birth = `"birth_month":"` + birth + `",`
		}
		members = append(members, fmt.Sprintf(`{"number":"%s%d","name":"某","relation":"child",%s"labour_class":"%s"}`, name, i+2, birth, class))
	}
	community := ""
	if v.ids["site"] != "" {
		community = `"community":"$site$",`
	}
	v.record("rural", "household.registered", name, day, `{"number":"`+name+`","category":"poor",`+community+`"members":[`+strings.Join(members, ",")+`]}`)
	v.names[v.ids[name+"/subject"]] = name
	v.ids[name+".home"] = "household/" + v.ids[name+"/subject"]
	for i := range len(more) + 1 {
		id := v.ids[fmt.Sprintf("%s/data/members/%d/person", name, i)]
		v.ids[fmt.Sprintf("%s.%d", name, i+1)], v.names[id] = id, fmt.Sprintf("%s.%d", name, i+1)
	}
	v.keys(name+".keys", name, day)
}

// site establishes the community that households of the village are registered in.
func (v *village) site() {
	v.t.Helper()
	v.record("civil", "community.established", "site.made", "2018-01-10", `{"code":"520603001501","name":"安和社区","kind":"town","form":"own_committee"}`)
	v.ids["site"] = v.ids["site.made/data/community"]
	v.names[v.ids["site"]] = "site"
}

// placed places a person in a job that is called as its key.
func (v *village) placed(key, person, day string) {
	v.t.Helper()
	v.record("hrss", "job.placed", key, day, `{"person":"$`+person+`$","channel":"factory"}`)
	v.ids[key+".job"] = v.ids[key+"/data/placement"]
}

// said states whether a person still works in the job of a placement.
func (v *village) said(key, person, job, day, still string) {
	v.t.Helper()
	v.record("hrss", "job.verified", key, day, `{"person":"$`+person+`$","placement":"$`+job+`.job$","still":"`+still+`"}`)
}

// keys hands a dwelling over.
func (v *village) keys(key, household, day string) {
	v.t.Helper()
	community := ""
	if v.ids["site"] != "" {
		community = `"community":"$site$",`
	}
	v.record("housing", "dwelling.handed_over", key, day, `$`+household+`.home$|{`+community+`"address":{"block":"1","unit":"1","room":"`+key+`"}}`)
	v.ids[key+".dwelling"] = v.ids[key+"/data/dwelling"]
}

// about records a fact under a household.
func (v *village) about(department domain.Department, kind, key, household, day, data string) {
	v.t.Helper()
	v.record(department, kind, key, day, "$"+household+".home$|"+data)
}

// monitored opens a case that is called as the key of its flag.
func (v *village) monitored(key, household, flagged, decided, class string) {
	v.t.Helper()
	v.about("community", "risk.flagged", key, household, flagged, `{"source":"grid"}`)
	v.ids[key+".case"] = v.ids[key+"/data/case"]
	v.names[v.ids[key+".case"]] = key + ".case"
	if decided != "" {
		v.record("county", "risk.decided", key+".decided", decided, `{"case":"$`+key+`.case$","class":"`+class+`"}`)
	}
}

// facility records a stage of a facility of the site; capacity "" states none.
func (v *village) facility(name, kind, stage, day, capacity, unit string) {
	v.t.Helper()
	size := ""
	if capacity != "" {
		size = `"capacity":` + capacity + `,"capacity_unit":"` + unit + `",`
	}
	v.record("ndrc", "facility.changed", name, day, `{"code":"520603-`+name+`","name":"`+name+`",`+size+`"stage":"`+stage+`","kind":"`+kind+`","communities_served":["$site$"]}`)
	v.ids[name+".facility"] = v.ids[name+"/data/facility"]
	v.names[v.ids[name+".facility"]] = name
}

// stable makes a household stable from 2021-06-01 on: lived in, with a title, a family doctor, nobody able to
// work, and a safety net in the place of a declared income; its keys are of more than a year ago.
func (v *village) stable(name string) {
	v.t.Helper()
	v.record("community", "dwelling.occupancy_checked", name+".check", "2021-06-01", `{"dwelling":"$`+name+`.keys.dwelling$","state":"lived_in"}`)
	v.record("nr", "title.certificate_issued", name+".title", "2020-01-01", `{"dwelling":"$`+name+`.keys.dwelling$"}`)
	v.record("health", "service.enrolled", name+".doctor", "2020-01-01", `{"person":"$`+name+`.1$","kind":"family_doctor","institution":"卫生室"}`)
	v.record("civil", "entitlement.started", name+".dibao", "2020-01-01", `{"person":"$`+name+`.1$","kind":"dibao","amount_fen_month":35000}`)
	v.about("township", "homestead.checked", name+".old", name, "2020-01-01", `{"state":"empty"}`)
}

// fund allocates money to a facility: the fund is called as the key.
func (v *village) fund(key, facility, source, measure, day, fen string) {
	v.t.Helper()
	if measure != "" {
		measure = `,"measure":"` + measure + `"`
	}
	v.record("finance", "fund.allocated", key, day, `{"for":{"facility":"$`+facility+`.facility$"},"source":"`+source+`","amount_fen":`+fen+`,"year":2020`+measure+`}`)
	v.ids[key+".fund"] = v.ids[key+"/data/fund"]
	v.names[v.ids[key+".fund"]] = key
}

// spent disburses money of a fund.
func (v *village) spent(key, fund, day, fen string) {
	v.t.Helper()
	v.record("finance", "fund.disbursed", key, day, `{"fund":"$`+fund+`.fund$","amount_fen":`+fen+`,"voucher_no":"`+key+`"}`)
}

// ask asks a question as of a day, with options "name=value", known_at among them.
func (v *village) ask(name, asOf string, options ...string) (*Answer, error) {
	v.t.Helper()
	q, known := Find(name)
	require.True(v.t, known, name)
	return q.Answer(v.t.Context(), v.request(asOf, options...))
}

// request is a question as it is asked once the views have read everything.
func (v *village) request(asOf string, options ...string) Request {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), time.Minute)
	defer cancel()
	require.NoError(v.t, v.views.CaughtUp(ctx))
	day, err := domain.ParseDay(asOf)
	require.NoError(v.t, err)
	set := ""
	then := func(ctx context.Context, by domain.Moment) (*projections.Known, error) {
		return v.views.KnownAt(by, domain.MomentOf(v.clock)).Under(set)
	}
	r := Request{Values: map[string]string{}, At: day, Now: domain.MomentOf(v.clock), Then: then, Ledger: v.ledger.Directory()}
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "known_at":
			r.By, _ = domain.ParseKnownAt(value)
		case "parameters":
			set = value
		case "file":
			r.File = []byte(value)
		default:
			r.Values[name] = value
		}
	}
	r.Known, err = then(ctx, r.By)
	require.NoError(v.t, err)
	return r
}

// rows asks and writes each row as its cells in English, "|" between, entities by the names of the test;
// "-" is not known.
func (v *village) rows(name, asOf string, options ...string) []string {
	v.t.Helper()
	a, err := v.ask(name, asOf, options...)
	require.NoError(v.t, err)
	return v.written(a.Table)
}

func (v *village) written(table Table) []string {
	rows := []string{}
	for _, row := range table.Rows {
		require.Len(v.t, row.Cells, len(table.Columns))
		var cells []string
		for _, c := range row.Cells {
			text := c.In(true)
			if c.Code != "" && c.Names != (domain.Text{}) {
				text = c.Code
			}
			if name, known := v.names[text]; known {
				text = name
			}
			if !c.Known() {
				text = "-"
			}
			cells = append(cells, text)
		}
		rows = append(rows, strings.Join(cells, "|"))
	}
	return rows
}

// evidence are the keys of the events of each row.
func (v *village) evidence(a *Answer) (keys []string) {
	for _, row := range a.Rows {
		var of []string
		for _, id := range row.Events {
			of = append(of, v.names[id.String()])
		}
		keys = append(keys, strings.Join(of, " "))
	}
	return keys
}

// refusal is what a question is refused for.
func (v *village) refusal(name string, options ...string) domain.Refusal {
	v.t.Helper()
	_, err := v.ask(name, "2021-06-30", options...)
	var refused *Refused
	require.ErrorAs(v.t, err, &refused)
	require.NotEmpty(v.t, refused.Rule.ZH)
	require.NotEmpty(v.t, refused.Rule.EN)
	require.NotEmpty(v.t, refused.Fix.ZH)
	require.NotEmpty(v.t, refused.Fix.EN)
	return refused.Refusal
}
