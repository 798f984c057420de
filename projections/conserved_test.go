package projections

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
)

// clan is a random history of a few households that split, merge, move and lose members, recorded
// through the real door in any order of days, with voids and undoing.
type clan struct {
	t          *rapid.T
	ledger     *events.Ledger
	door       *intake.Door
	serial     *int
	told       []kinFact
	households []domain.Entity
	people     []domain.Entity
	dwellings  []domain.Entity
	clock      domain.Day
	used       map[domain.Day]bool
	refused    int
}

func (c *clan) pick(what string, all []domain.Entity) domain.Entity {
	return all[rapid.IntRange(0, len(all)-1).Draw(c.t, what)]
}

// day is a new day: mostly after all others, at times before them.
func (c *clan) day() domain.Day {
	d := c.clock
	if rapid.IntRange(0, 3).Draw(c.t, "late") == 0 {
		d = domain.MakeDay(2019, 1, 2) + domain.Day(rapid.IntRange(0, int(c.clock-domain.MakeDay(2019, 1, 2))).Draw(c.t, "day"))
	}
	for c.used[d] {
		d++
	}
	c.used[d] = true
	c.clock = max(c.clock, d+domain.Day(rapid.IntRange(1, 20).Draw(c.t, "gap")))
	return d
}

// write is an event as a department hands it in.
func (c *clan) write(kind string, day domain.Day, subject domain.Entity, data string) string {
	*c.serial++
	about := ""
	if subject.Present() {
		about = fmt.Sprintf(`"subject":%q,`, subject)
	}
	when := day.String()
	if strings.HasPrefix(kind, "record.") {
		when = "2021-06-30T10:00:00+08:00"
	}
	return fmt.Sprintf(`{"type":%q,"key":"k/%d","time":%q,%s"data":%s}`, kind, *c.serial, when, about, data)
}

// record offers events as one set and takes in what was recorded.
func (c *clan) record(department domain.Department, bodies ...string) bool {
	caller := intake.Caller{Department: department, Division: "520603"}
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
		for rec, err := range c.ledger.Read(context.Background(), 52, a.Receipt.Sequence-1) {
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
	c.told = append(c.told, kinFact{e.Sequence, e.ID, e.Time.Day(), kind.Rank, e.Subject, f})
	c.t.Logf("%d %s %s of %s: %s", e.Sequence, e.Time.Day(), e.Type, e.Subject, e.Data)
	switch f := f.(type) {
	case *domain.HouseholdRegistered:
		c.households = append(c.households, e.Subject)
		for _, m := range f.Members {
			c.people = append(c.people, m.Person.Entity)
		}
	case *domain.HouseholdSplit:
		for _, child := range f.Children {
			c.households = append(c.households, child.Household.Entity)
		}
	case *domain.DwellingHandedOver:
		c.dwellings = append(c.dwellings, f.Dwelling.Entity)
	}
}

// found registers a household, with keys and mostly with an open case.
func (c *clan) found() {
	members := `{"relation":"head"}` + strings.Repeat(`,{"relation":"other"}`, rapid.IntRange(0, 3).Draw(c.t, "members"))
	day := domain.MakeDay(2019, 1, 1)
	require.True(c.t, c.record("rural", c.write("household.registered", day, 0, `{"category":"poor","members":[`+members+`]}`)))
	home := c.households[len(c.households)-1]
	*c.serial++
	require.True(c.t, c.record("rural", c.write("dwelling.handed_over", day, home, fmt.Sprintf(`{"address":{"block":"1","room":"%d"}}`, *c.serial))))
	if rapid.Bool().Draw(c.t, "case") {
		c.watch(home, c.day())
	}
}

// watch opens a case of a household.
func (c *clan) watch(home domain.Entity, day domain.Day) {
	if c.record("rural", c.write("risk.flagged", day, home, `{"source":"grid"}`)) {
		flag := c.told[len(c.told)-1].fact.(*domain.RiskFlagged)
		require.True(c.t, c.record("rural", c.write("risk.decided", day, 0, fmt.Sprintf(`{"case":%q,"class":"unstable"}`, flag.Case.Entity))))
	}
}

func list(all []domain.Entity) string {
	texts := make([]string, len(all))
	for i, e := range all {
		texts[i] = fmt.Sprintf("%q", e)
	}
	return "[" + strings.Join(texts, ",") + "]"
}

// some draws people, mostly members of the household.
func (c *clan) some(home domain.Entity) (all []domain.Entity) {
	from := slices.Clone(walkKin(c.told, ^uint64(0), c.clock).living(home))
	if len(from) == 0 || rapid.IntRange(0, 9).Draw(c.t, "anybody") == 0 {
		from = c.people
	}
	slices.SortFunc(from, func(a, b domain.Entity) int { return slices.Index(c.people, a) - slices.Index(c.people, b) }) // ids are chance
	for range rapid.IntRange(1, 3).Draw(c.t, "people") {
		if p := c.pick("person", from); !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// act lets something happen; much of it is refused.
func (c *clan) act() {
	home, other, day := c.pick("home", c.households), c.pick("other", c.households), c.day()
	person := c.some(home)[0]
	switch rapid.SampledFrom([]string{"split", "split", "merge", "move", "move", "leave", "return", "die", "away", "again", "case", "close", "void", "void", "undo", "undo"}).Draw(c.t, "act") {
	case "split":
		c.split(home, day)
	case "merge":
		subject := rapid.SampledFrom([]domain.Entity{0, home, c.pick("subject", c.households)}).Draw(c.t, "of")
		if c.record("county", c.write("household.merged", day, subject, fmt.Sprintf(`{"into":%q,"from":[%q],"reason":"care"}`, home, other))) {
			require.Equal(c.t, home, c.told[len(c.told)-1].home)
		}
	case "move":
		left := c.write("household.member_left", day, home, fmt.Sprintf(`{"person":%q,"reason":"marriage","moved_to_household":%q}`, person, other))
		joined := c.write("household.member_joined", day, other, fmt.Sprintf(`{"member":{"person":%q,"relation":"other"},"reason":"marriage","from_household":%q}`, person, home))
		if home != other && slices.Contains(walkKin(c.told, ^uint64(0), day).living(home), person) {
			c.record("psb", left, joined)
		}
	case "leave":
		c.record("psb", c.write("household.member_left", day, home, fmt.Sprintf(`{"person":%q,"reason":"moved"}`, person)))
	case "return":
		if now := walkKin(c.told, ^uint64(0), day); now.lost[person] && len(now.whereIs(person)) == 0 && !now.dead[person] {
			c.record("psb", c.write("household.member_joined", day, home, fmt.Sprintf(`{"member":{"person":%q,"relation":"other"},"reason":"return"}`, person)))
		}
	case "die":
		c.record("psb", c.write("person.died", day, 0, fmt.Sprintf(`{"person":%q}`, person)))
	case "away":
		c.record("psb", c.write("household.moved", day, home, `{"kind":"returned_to_origin"}`))
	case "again":
		*c.serial++
		c.record("rural", c.write("dwelling.handed_over", day, home, fmt.Sprintf(`{"address":{"block":"1","room":"%d"}}`, *c.serial)))
	case "case":
		c.watch(home, day)
	case "close":
		c.record("county", c.write("household.closed", day, home, `{"reason":"withdrawn"}`))
	case "void", "undo":
		c.takeBack(day)
	}
}

func (c *clan) split(home domain.Entity, day domain.Day) {
	people := c.some(home)
	dwelling := ""
	if rapid.IntRange(0, 2).Draw(c.t, "with dwelling") == 0 {
		dwelling = fmt.Sprintf(`,"dwelling":%q`, c.pick("dwelling", c.dwellings))
	}
	children := `{"members":` + list(people[:1]) + dwelling + `}`
	if len(people) > 1 {
		children += `,{"members":` + list(people[1:]) + `}`
	}
	c.record("township", c.write("household.split", day, home, `{"children":[`+children+`]}`))
}

// takeBack voids a fact, or undoes it by a choice.
func (c *clan) takeBack(day domain.Day) {
	f := c.told[rapid.IntRange(0, len(c.told)-1).Draw(c.t, "fact")]
	departments := map[string]domain.Department{}
	for _, k := range domain.Kinds() {
		if k.Rank == f.rank {
			departments[k.Name] = k.Departments[0]
		}
	}
	choice := rapid.SampledFrom([]intake.ReturnTo{"", intake.ToHousehold, intake.ToAddress}).Draw(c.t, "return to")
	if _, split := f.fact.(*domain.HouseholdSplit); split && choice == "" {
		choice = intake.ToHousehold // what is recorded later of a household that a void took away is another matter
	}
	switch f.fact.(type) {
	case *domain.HouseholdSplit, *domain.MemberLeft, *domain.MemberJoined, *domain.HouseholdMoved:
		caller := intake.Caller{Department: rapid.SampledFrom([]domain.Department{"township", "psb"}).Draw(c.t, "department"), Division: "520603"}
		answers, problem := c.door.TakeBack(context.Background(), caller, intake.TakeBack{Event: f.id, ReturnTo: choice, Day: day, Relation: "other"})
		if problem != nil {
			require.Less(c.t, problem.Status, 500)
			c.refused++
			return
		}
		c.learn(answers)
	case *domain.PersonDied, *domain.HouseholdMerged, *domain.HouseholdClosed:
		for _, department := range []domain.Department{"psb", "county"} {
			if c.record(department, c.write("record.voided", day, 0, fmt.Sprintf(`{"target_event":%q,"reason":"false"}`, f.id))) {
				return
			}
		}
	}
}

// TestSplitsMergesAndMovesConservePersonsDwellingsAndOpenCases compares, of random histories through
// the real door, who belongs to which household, who has which dwelling and whose cases are open with
// a naive twin, on random days and as known at random moments; and holds that nobody who lives and
// nothing is in two households or in none, unless a discrepancy says so.
func TestSplitsMergesAndMovesConservePersonsDwellingsAndOpenCases(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{Clock: testNow})
	require.NoError(t, err)
	defer func() { require.NoError(t, ledger.Close()) }()
	door := intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(), Random: rand.Reader, Now: testNow,
	})
	views := viewsOf(t, ledger)
	serial, accepted, refused := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := &clan{t: t, ledger: ledger, door: door, serial: &serial, clock: domain.MakeDay(2019, 1, 3), used: map[domain.Day]bool{}}
		for range 3 {
			c.found()
		}
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			if c.clock > domain.MakeDay(2021, 6, 1) {
				break
			}
			c.act()
		}
		last := c.told[len(c.told)-1].sequence
		require.NoError(t, views.AtLeast(context.Background(), 52, last))
		c.compare(views, last, c.clock)
		for range 2 {
			known := c.told[rapid.IntRange(0, len(c.told)-1).Draw(t, "known")].sequence
			c.compare(views, known, domain.MakeDay(2019, 1, 1)+domain.Day(rapid.IntRange(0, int(c.clock-domain.MakeDay(2019, 1, 1))).Draw(t, "as of")))
		}
		accepted, refused = accepted+len(c.told), refused+c.refused
	})
	t.Logf("%d facts recorded, %d acts refused", accepted, refused)
	require.Greater(t, refused, 0)
}

// compare compares what is known by a sequence as of a day.
func (c *clan) compare(v *Views, known uint64, at domain.Day) {
	want := walkKin(c.told, known, at)
	k := &Known{views: v, horizon: &domain.Horizon{52: known}, by: 1, today: domain.NoDay, neighbours: &sync.Map{}}
	explained := 0
	held := map[domain.Entity]int{}
	for _, h := range c.households {
		roll, status := c.read(k, h, at)
		if status == nil {
			require.Empty(c.t, want.living(h))
			continue
		}
		explained += len(status.Discrepancies)
		if want.ended[h] || !want.founded[h] {
			require.Contains(c.t, []domain.State{domain.Closed, domain.NotRegistered}, status.State, "%s on %s", h, at)
			continue
		}
		require.NotContains(c.t, []domain.State{domain.Closed, domain.NotRegistered}, status.State, "%s on %s", h, at)
		require.Equal(c.t, want.living(h), belonging(roll, at), "members of %s on %s as known at %d", h, at, known)
		dwelling := holding(roll, at)
		require.Equal(c.t, want.dwelling[h], dwelling, "dwelling of %s on %s as known at %d", h, at, known)
		if dwelling.Present() {
			held[dwelling]++
		}
		open := false
		for _, whose := range want.cases {
			open = open || whose == h
		}
		require.Equal(c.t, open, status.Dimensions[domain.Risk].Level == "monitored", "cases of %s on %s as known at %d", h, at, known)
	}
	for d, n := range held {
		voids := slices.ContainsFunc(c.told, func(f kinFact) bool { _, is := f.fact.(*domain.RecordVoided); return is })
		if n > 1 && !voids { // a void may give back what another household has since: docs/plan.md
			require.Positive(c.t, explained, "dwelling %s on %s as known at %d", d, at, known)
		}
	}
	c.conserved(want, explained)
}

// conserved holds that everybody who lives is in one household, unless something says why not.
func (c *clan) conserved(w *kinTwin, explained int) {
	for _, p := range c.people {
		homes := w.whereIs(p)
		inClosed := false
		for h := range w.members {
			inClosed = inClosed || w.ended[h] && !w.heirs[h].Present() && w.members[h][p]
		}
		if len(homes) == 1 || !w.people[p] || w.dead[p] || len(homes) == 0 && (w.lost[p] || inClosed) {
			continue
		}
		require.Positive(c.t, explained, "%s belongs to %v, and no discrepancy says so", p, homes)
	}
}

// read folds a household as known; no status when nothing is known of it.
func (c *clan) read(k *Known, h domain.Entity, at domain.Day) (roll domain.Roll, status *domain.StatusAnswer) {
	v := k.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	around := k.around()
	file, known := around.File(h)
	if !known {
		return roll, nil
	}
	return domain.RollOf(file, around), domain.Status(file, around, at, domain.DefaultParameters())
}

func belonging(r domain.Roll, at domain.Day) (all []domain.Entity) {
	for _, s := range r.Stays() {
		if s.Holds(at) {
			all = append(all, s.Person.Entity)
		}
	}
	slices.Sort(all)
	return all
}

func holding(r domain.Roll, at domain.Day) (dwelling domain.Entity) {
	for _, d := range r.Dwellings() {
		if d.Holds(at) {
			dwelling = d.Of
		}
	}
	return dwelling
}
