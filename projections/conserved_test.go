package projections

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
)

// clan is a random history of a few households in two counties of one province and in another province, which
// split, merge, move and lose members, recorded through the real door in any order of days, with corrections,
// voids and undoing.
type clan struct {
	t         *rapid.T
	ledger    *events.Ledger
	door      *intake.Door
	serial    *int
	told      []kinFact // in the order in which it was recorded, over both provinces
	people    []domain.Entity
	dwellings []domain.Entity
	place     map[domain.Entity]domain.Division // of a household: where it was founded
	clock     domain.Day
	used      map[domain.Day]bool
	refused   int
}

// kinPlaces are where the clan's households are.
func kinPlaces() []domain.Division {
	return []domain.Division{"520603001", "520603001", "520602001", "440305001"}
}

func (c *clan) pick(what string, all []domain.Entity) domain.Entity {
	return all[rapid.IntRange(0, len(all)-1).Draw(c.t, what)]
}

// chance is true once in n times.
func (c *clan) chance(what string, n int) bool { return rapid.IntRange(0, n-1).Draw(c.t, what) == 0 }

// now is all that is known, of the latest day.
func (c *clan) now() *kinTwin { return walkKin(c.told, len(c.told), c.clock+1000) }

// households are those that something founds, in the order in which they were.
func (c *clan) households() []domain.Entity {
	w := c.now()
	return slices.DeleteFunc(c.everyHousehold(), func(h domain.Entity) bool { return !w.founded[h] })
}

// everyHousehold has those, too, of which the registration or the split is voided.
func (c *clan) everyHousehold() (all []domain.Entity) {
	for _, f := range c.told {
		for _, h := range f.founds() {
			if !slices.Contains(all, h) {
				all = append(all, h)
			}
		}
	}
	return all
}

// day is a new day: mostly after all others, at times before them.
func (c *clan) day() domain.Day {
	d := c.clock
	if c.chance("late", 4) {
		d = domain.MakeDay(2019, 1, 2) + domain.Day(rapid.IntRange(0, int(c.clock-domain.MakeDay(2019, 1, 2))).Draw(c.t, "day"))
	}
	for c.used[d] {
		d++
	}
	c.used[d] = true
	c.clock = max(c.clock, d+domain.Day(rapid.IntRange(1, 20).Draw(c.t, "gap")))
	return d
}

// by is a department of the county in which a household was founded.
func (c *clan) by(department domain.Department, household domain.Entity) intake.Caller {
	return intake.Caller{Department: department, Division: domain.Division(c.place[household].County())}
}

// write is an event as a department hands it in, in a division.
func (c *clan) write(kind string, day domain.Day, subject domain.Entity, in domain.Division, data string) string {
	*c.serial++
	about := ""
	if subject.Present() {
		about = fmt.Sprintf(`"subject":%q,`, subject)
	}
	if in != "" {
		about += fmt.Sprintf(`"division":%q,`, in)
	}
	when := day.String()
	if strings.HasPrefix(kind, "record.") {
		when = "2021-06-30T10:00:00+08:00"
	}
	return fmt.Sprintf(`{"type":%q,"key":"k/%d","time":%q,%s"data":%s}`, kind, *c.serial, when, about, data)
}

// of is an event of a household, where it was founded.
func (c *clan) of(kind string, day domain.Day, household domain.Entity, data string) string {
	return c.write(kind, day, household, c.place[household], data)
}

// record offers events as one set and takes in what was recorded.
func (c *clan) record(caller intake.Caller, bodies ...string) bool {
	subs := make([]*intake.Submission, len(bodies))
	for i, b := range bodies {
		subs[i] = intake.Parse([]byte(b), caller, testNow())
	}
	return c.learn(c.door.Record(context.Background(), caller, subs, len(subs) > 1))
}

func (c *clan) learn(answers []intake.Answer) bool {
	for _, a := range answers {
		if a.Problem != nil {
			require.Less(c.t, a.Problem.Status, 500)
			c.refused++
			return false
		}
	}
	for _, a := range answers {
		province, _ := events.ParseStreamName(a.Receipt.Stream)
		for rec, err := range c.ledger.Read(context.Background(), province, a.Receipt.Sequence-1) {
			require.NoError(c.t, err)
			c.take(rec.Event)
			break
		}
	}
	return true
}

func (c *clan) take(e *events.Event) {
	kind, err := e.Kind()
	require.NoError(c.t, err)
	f, err := kind.Decode(e.Version, e.Data)
	require.NoError(c.t, err)
	fact := kinFact{domain.Place{Province: e.Home.Province, Sequence: e.Sequence}, e.ID, e.Source, kind, e.Time.Day(), e.Division, e.Subject, f}
	if slices.ContainsFunc(c.told, func(o kinFact) bool { return o.id == e.ID }) {
		return // said again
	}
	c.told = append(c.told, fact)
	c.t.Logf("%d/%d %s %s of %s in %s: %s", e.Home.Province, e.Sequence, e.Time.Day(), e.Type, e.Subject, e.Division, e.Data)
	switch f := f.(type) {
	case *domain.HouseholdRegistered:
		c.place[e.Subject] = e.Division
		for _, m := range f.Members {
			c.people = append(c.people, m.Person.Entity)
		}
	case *domain.HouseholdSplit:
		for _, child := range f.Children {
			c.place[child.Household.Entity] = e.Division
		}
	case *domain.DwellingHandedOver:
		c.dwellings = append(c.dwellings, f.Dwelling.Entity)
	}
}

// found registers a household, with keys and mostly with an open case.
func (c *clan) found() {
	members := `{"relation":"head"}` + strings.Repeat(`,{"relation":"other"}`, rapid.IntRange(0, 3).Draw(c.t, "members"))
	day, in := domain.MakeDay(2019, 1, 1), rapid.SampledFrom(kinPlaces()).Draw(c.t, "place")
	rural := intake.Caller{Department: "rural", Division: domain.Division(in.County())}
	require.True(c.t, c.record(rural, c.write("household.registered", day, 0, in, `{"category":"poor","members":[`+members+`]}`)))
	home := c.told[len(c.told)-1].home
	*c.serial++
	require.True(c.t, c.record(rural, c.of("dwelling.handed_over", day, home, fmt.Sprintf(`{"address":{"block":"1","room":"%d"}}`, *c.serial))))
	if rapid.Bool().Draw(c.t, "case") {
		c.watch(home, c.day())
	}
}

// watch opens a case of a household.
func (c *clan) watch(home domain.Entity, day domain.Day) {
	if c.record(c.by("rural", home), c.of("risk.flagged", day, home, `{"source":"grid"}`)) {
		flag := c.told[len(c.told)-1].fact.(*domain.RiskFlagged)
		require.True(c.t, c.record(c.by("rural", home), c.write("risk.decided", day, 0, c.place[home], fmt.Sprintf(`{"case":%q,"class":"unstable"}`, flag.Case.Entity))))
	}
}

// TestSplitsMergesAndMovesConservePersonsDwellingsAndOpenCases compares, of random histories through
// the real door, who belongs to which household, who is its head, who has which dwelling and whose cases are open
// with a naive twin, on random days and as known at random moments. Whoever lives and whatever is there stands in
// one household, or the discrepancies say of him or it, by name, that he or it stands in these two, or left and did
// not arrive; and they say it of nobody else. What households tell of their lineage has no cycle.
func TestSplitsMergesAndMovesConservePersonsDwellingsAndOpenCases(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{Clock: testNow})
	require.NoError(t, err)
	defer func() { require.NoError(t, ledger.Close()) }()
	door := intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(), Random: rand.Reader, Now: testNow,
	})
	views := viewsOf(t, ledger)
	serial, accepted, refused := 0, 0, 0
	kinds := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		c := &clan{t: t, ledger: ledger, door: door, serial: &serial, place: map[domain.Entity]domain.Division{}, clock: domain.MakeDay(2019, 1, 3), used: map[domain.Day]bool{}}
		for range rapid.IntRange(3, 4).Draw(t, "households") {
			c.found()
		}
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			if c.clock > domain.MakeDay(2021, 6, 1) {
				break
			}
			c.act()
		}
		for _, f := range c.told {
			require.NoError(t, views.AtLeast(context.Background(), f.place.Province, f.place.Sequence))
			kinds[f.kind.Name]++
		}
		c.compare(views, len(c.told), c.clock)
		for range 2 {
			known := rapid.IntRange(1, len(c.told)).Draw(t, "known")
			c.compare(views, known, domain.MakeDay(2019, 1, 1)+domain.Day(rapid.IntRange(0, int(c.clock-domain.MakeDay(2019, 1, 1))).Draw(t, "as of")))
		}
		accepted, refused = accepted+len(c.told), refused+c.refused
	})
	t.Logf("%d facts recorded, %d acts refused: %v", accepted, refused, kinds)
	require.Greater(t, refused, 0)
}
