package projections

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
)

// TestRandomActsAgreeWithANaiveTwin tells random histories of a household through the door, facts of two
// imports among them, corrected, voided, disputed and undone by whoever may and whoever may not. A
// naive twin, which knows nothing but the list of what was recorded, says beforehand what the door refuses, and
// afterwards what is in force: the register in any order of arrival, the views now and as of any position, and
// the timeline must say the same.
func TestRandomActsAgreeWithANaiveTwin(t *testing.T) {
	c := openCounter(t)
	number := 0
	rapid.Check(t, func(rt *rapid.T) {
		number++
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		s := &saga{counter: c, on: rt, r: r, n: number, batches: []domain.Entity{c.door.Mint(domain.BatchKind), c.door.Mint(domain.BatchKind)}}
		s.begun = c.ledger.Directory().Position(52)
		s.register()
		for range rapid.IntRange(3, 25).Draw(rt, "acts") {
			s.act()
		}
		s.check()
	})
}

// recorded is an event as the log has it.
type recorded struct {
	event *events.Event
	stamp domain.Stamp
	fact  domain.Fact
}

// saga is one history, and all that the twin knows of it.
type saga struct {
	*counter
	on      *rapid.T
	r       *rand.Rand
	n       int
	batches []domain.Entity
	begun   uint64
	list    []recorded // in the order of the log
}

// String lists what was recorded.
func (s *saga) String() string {
	var b strings.Builder
	for i, x := range s.list {
		target, _ := domain.TargetOf(x.fact)
		fmt.Fprintf(&b, "\n%d %s %s %s %s", i, x.event.Type, x.stamp.ID, x.event.Batch, target)
	}
	return b.String()
}

func (s *saga) pick(all ...string) string { return all[s.r.IntN(len(all))] }

// offer hands an event in, perhaps as a row of an import, and reads what the log has of it.
func (s *saga) offer(department domain.Department, kind, day, data string) bool {
	s.keys++
	body := fmt.Sprintf(`{"type":"%s","key":"s/%d","time":"%s","division":"520603001","data":%s}`, kind, s.keys, day, data)
	if kind == "income.declared" || kind == "visit.made" {
		body = fmt.Sprintf(`{"type":"%s","key":"s/%d","time":"%s","division":"520603001","subject":{"number":"S%d"},"data":%s}`, kind, s.keys, day, s.n, data)
	}
	caller := intake.Caller{Department: department, Division: "520603"}
	sub := intake.Parse([]byte(body), caller, testNow())
	if at := s.r.IntN(4); at < len(s.batches) && kind != "record.voided" && kind != "record.disputed" {
		sub.Batch = fmt.Sprintf("%s/%d", s.batches[at], s.keys)
	}
	a := s.door.Record(s.Context(), caller, []*intake.Submission{sub}, false)[0]
	s.read()
	if a.Problem != nil {
		s.on.Logf("%s refused: %+v", kind, *a.Problem)
	}
	return a.Problem == nil
}

// read takes what was recorded since.
func (s *saga) read() {
	opener := events.Opener{Ring: s.ledger.Ring()}
	for rec, err := range s.ledger.Read(s.Context(), 52, s.begun) {
		require.NoError(s.on, err)
		stamp, err := rec.Event.Stamp()
		require.NoError(s.on, err)
		f, err := opener.Open(rec.Event)
		require.NoError(s.on, err)
		s.list, s.begun = append(s.list, recorded{rec.Event, stamp, f}), rec.Sequence
	}
}

func (s *saga) day() string {
	return (domain.MakeDay(2020, 1, 1) + domain.Day(s.r.IntN(500))).String()
}

func (s *saga) register() {
	require.True(s.on, s.offer("rural", "household.registered", "2019-06-01",
		fmt.Sprintf(`{"number":"S%d","category":"poor","members":[{"number":"S%dA","relation":"head","birth_month":"1980-05","labour_class":"ordinary"}]}`, s.n, s.n)))
}

// placed is one of the placements that there are, "" when there is none.
func (s *saga) placed() string {
	var all []string
	for _, x := range s.list {
		if p, is := x.fact.(*domain.JobPlaced); is {
			all = append(all, p.Placement.String())
		}
	}
	if len(all) == 0 {
		return ""
	}
	return s.pick(all...)
}

// act tells something, and compares what the door says with what the twin expects.
func (s *saga) act() {
	person := fmt.Sprintf(`{"person":{"number":"S%dA"}`, s.n)
	switch placement := s.placed(); s.r.IntN(15) {
	case 0, 1:
		require.True(s.on, s.offer("hrss", "job.placed", s.day(), person+`}`))
	case 2, 3:
		if placement != "" {
			require.True(s.on, s.offer("hrss", "job.verified", s.day(), person+`,"placement":"`+placement+`","still":"`+s.pick("yes", "no")+`"}`))
		}
	case 4:
		require.True(s.on, s.offer("township", "income.declared", s.day(), fmt.Sprintf(`{"year":2020,"wage_fen":%d,"persons":1}`, 1+s.r.IntN(1_000_000))))
	case 5:
		require.True(s.on, s.offer("township", "visit.made", s.day(), `{"purpose":"routine"}`))
	case 12, 13:
		require.True(s.on, s.offer("hrss", "business.started", s.day(), person+`,"kind":"shop"}`))
	case 14:
		require.True(s.on, s.offer("hrss", "business.closed", s.day(), person+`}`))
	case 6, 7:
		s.void()
	case 8:
		s.dispute()
	case 9:
		s.undo()
	default:
		s.correct()
	}
}

// target is one of the events, and who acts on it: mostly its own department.
func (s *saga) target() (x recorded, by domain.Department, owner bool) {
	x = s.list[s.r.IntN(len(s.list))]
	if s.r.IntN(8) == 0 && x.stamp.Source.Department != "bank" {
		return x, "bank", false
	}
	return x, x.stamp.Source.Department, true
}

func (s *saga) void() {
	x, by, owner := s.target()
	may := owner && !s.voided(len(s.list), x.stamp.ID) && len(s.dependants([]recorded{x}, "")) == 0
	require.Equal(s.on, may, s.offer(by, "record.voided", "2021-05-01", `{"target_event":"`+x.stamp.ID.String()+`","reason":"false"}`), "void of %s", x.event.Type)
}

func (s *saga) dispute() {
	x := s.list[s.r.IntN(len(s.list))]
	may := s.base(x.stamp.ID).event.Type != "record.disputed"
	require.Equal(s.on, may, s.offer("audit", "record.disputed", s.day(), `{"target_event":"`+x.stamp.ID.String()+`","claim":"not_so"}`))
}

func (s *saga) correct() {
	x, by, owner := s.target()
	_, about := domain.TargetOf(x.fact)
	data := `{"purpose":"routine"}`
	switch f := x.fact.(type) {
	case *domain.HouseholdRegistered:
		data = fmt.Sprintf(`{"number":"S%d","category":"poor","members":[{"number":"S%dA","relation":"head","birth_month":"%s","labour_class":"%s"}]}`, s.n, s.n, s.pick("1980-05", "1950-01", "2012-03"), s.pick("ordinary", "none"))
	case *domain.JobPlaced:
		data = `{"person":"` + f.Person.String() + `","channel":"workshop"}`
	case *domain.JobVerified:
		data = `{"person":"` + f.Person.String() + `","placement":"` + s.placed() + `","still":"` + s.pick("yes", "no", "unknown") + `"}`
	case *domain.BusinessStarted:
		data = `{"person":"` + f.Person.String() + `","kind":"` + s.pick("shop", "catering") + `"}`
	case *domain.BusinessClosed:
		data = `{"person":"` + f.Person.String() + `","reason":"` + s.pick("loss", "moved") + `"}`
	case *domain.IncomeDeclared:
		data = fmt.Sprintf(`{"year":2020,"wage_fen":%d,"persons":1}`, 1+s.r.IntN(1_000_000))
	}
	require.Equal(s.on, owner && !about, s.offer(by, "record.corrected", "2021-05-01", `{"target_event":"`+x.stamp.ID.String()+`","reason":"typo","data":`+data+`}`), "correction of %s", x.event.Type)
}

// undo undoes an import, or an undoing.
func (s *saga) undo() {
	at := s.r.IntN(len(s.batches))
	batch := s.batches[at].String()
	of, left := 0, []recorded(nil)
	for _, x := range s.list {
		if len(x.event.Batch) >= len(batch) && x.event.Batch[:len(batch)] == batch {
			if of++; !s.voided(len(s.list), x.stamp.ID) {
				left = append(left, x)
			}
		}
	}
	done, p := s.door.Undo(s.Context(), intake.Undoing{Batch: s.batches[at], Division: "520603", Reason: "test"})
	before := len(s.list)
	s.read()
	if of == 0 || len(s.dependants(left, batch)) > 0 {
		require.NotNil(s.on, p)
		require.Len(s.on, s.list, before, "refused whole")
		return
	}
	require.Nil(s.on, p, "%+v", p)
	require.Equal(s.on, len(left), done.Voided)
	require.Equal(s.on, of-len(left), done.Already)
	require.Len(s.on, s.list, before+len(left))
	if done.Recorded && !slices.Contains(s.batches, done.Undo) {
		s.batches = append(s.batches, done.Undo)
	}
}

// dependants are the events in force that rest on some events in force, those of the same import left out.
func (s *saga) dependants(on []recorded, batch string) (found []domain.EventID) {
	var made []domain.Entity
	own := map[domain.EventID]bool{}
	for _, x := range on {
		own[x.stamp.ID] = true
		if _, is := x.fact.(*domain.HouseholdRegistered); is {
			made = append(made, x.stamp.Subject)
		}
		x.stamp.Kind.VisitEntities(x.fact, func(ref domain.EntityRef) {
			if ref.Field.Minted || ref.Field.Created {
				made = append(made, *ref.ID)
			}
		})
	}
	for _, x := range s.list {
		if own[x.stamp.ID] || batch != "" && len(x.event.Batch) >= len(batch) && x.event.Batch[:len(batch)] == batch || s.voided(len(s.list), x.stamp.ID) {
			continue
		}
		kind, fact, rests := x.stamp.Kind, x.fact, false
		if target, about := domain.TargetOf(fact); about {
			c, corrects := fact.(*domain.RecordCorrected)
			if !corrects || own[target] || batch != "" && s.inBatch(target, batch) {
				continue
			}
			kind = s.find(target).stamp.Kind
			var err error
			fact, err = c.Carried(kind)
			require.NoError(s.on, err)
		} else {
			rests = slices.Contains(made, x.stamp.Subject)
		}
		kind.VisitEntities(fact, func(ref domain.EntityRef) { rests = rests || slices.Contains(made, *ref.ID) })
		if _, ends := x.fact.(*domain.BusinessClosed); rests || ends && s.leftOpen(on, x) {
			found = append(found, x.stamp.ID)
		}
	}
	return found
}

// leftOpen reports that the end of a business would be one of none, were its beginnings voided: the later fact, of the day
// or after it, with no other beginning in force by then.
func (s *saga) leftOpen(voided []recorded, end recorded) (left bool) {
	for _, x := range voided {
		_, begins := x.fact.(*domain.BusinessStarted)
		left = left || begins && x.stamp.Day() <= end.stamp.Day() && x.event.Sequence < end.event.Sequence
	}
	for _, x := range s.list {
		_, begins := x.fact.(*domain.BusinessStarted)
		gone := slices.ContainsFunc(voided, func(v recorded) bool { return v.stamp.ID == x.stamp.ID })
		if begins && !gone && !s.voided(len(s.list), x.stamp.ID) && x.stamp.Day() <= end.stamp.Day() {
			return false
		}
	}
	return left
}

func (s *saga) inBatch(id domain.EventID, batch string) bool {
	of := s.find(id).event.Batch
	return len(of) >= len(batch) && of[:len(batch)] == batch
}

func (s *saga) find(id domain.EventID) recorded {
	return s.list[slices.IndexFunc(s.list, func(x recorded) bool { return x.stamp.ID == id })]
}

// holds is the act in force on an event when n events were recorded: the last that is not itself voided.
func (s *saga) holds(n int, id domain.EventID) (by domain.EventID, fact domain.Fact) {
	for i := n - 1; i >= 0; i-- {
		x := s.list[i]
		if _, disputes := x.fact.(*domain.RecordDisputed); disputes {
			continue
		}
		if target, about := domain.TargetOf(x.fact); about && target == id && !s.voided(n, x.stamp.ID) {
			return x.stamp.ID, x.fact
		}
	}
	return by, nil
}

func (s *saga) voided(n int, id domain.EventID) bool {
	_, fact := s.holds(n, id)
	_, void := fact.(*domain.RecordVoided)
	return void
}

// disputes are the unanswered disputes of a record, when n events were recorded.
func (s *saga) disputes(n int, of domain.EventID) (open []recorded) {
	for i, x := range s.list[:n] {
		d, is := x.fact.(*domain.RecordDisputed)
		if !is || s.voided(n, x.stamp.ID) {
			continue
		}
		base := s.base(d.TargetEvent).stamp.ID
		then, _ := s.holds(i, base)
		now, _ := s.holds(n, base)
		if base == of && then == now {
			open = append(open, x)
		}
	}
	return open
}

// base is what an event is about in the end, through corrections and voids.
func (s *saga) base(id domain.EventID) recorded {
	x := s.find(id)
	if target, about := domain.TargetOf(x.fact); about && x.event.Type != "record.disputed" {
		return s.base(target)
	}
	return x
}

// clean is the history as if it had been told right at once: no act, and of each fact what is in force.
func (s *saga) clean(n int) (r domain.Register) {
	for _, x := range s.list[:n] {
		if _, about := domain.TargetOf(x.fact); about {
			continue
		}
		fact := x.fact
		switch _, act := s.holds(n, x.stamp.ID); act := act.(type) {
		case *domain.RecordVoided:
			continue
		case *domain.RecordCorrected:
			var err error
			fact, err = act.Carried(x.stamp.Kind)
			require.NoError(s.on, err)
		}
		r, _ = r.Insert(fact, x.stamp)
	}
	return r
}

// check compares the register, the views and the timeline with the twin, now and at an earlier position.
func (s *saga) check() {
	home := s.list[0].stamp.Subject
	require.NoError(s.on, s.views.CaughtUp(s.Context()))
	day := domain.MakeDay(2019, 6, 1) + domain.Day(s.r.IntN(760))
	for _, n := range []int{len(s.list), 1 + s.r.IntN(len(s.list))} {
		var shuffled domain.Register
		for _, i := range s.r.Perm(n) {
			shuffled, _ = shuffled.Insert(s.list[i].fact, s.list[i].stamp)
		}
		got, want := s.status(home, shuffled, day), s.status(home, s.clean(n), day)
		var disputed [][]domain.EventID
		for _, x := range s.list[:n] {
			for _, d := range s.disputes(n, x.stamp.ID) {
				if x.stamp.Day() <= day && d.stamp.Day() <= day {
					disputed = append(disputed, []domain.EventID{x.stamp.ID, d.stamp.ID})
				}
			}
		}
		var told [][]domain.EventID
		var left []domain.EventID
		rest := []domain.Discrepancy{}
		for _, d := range got.Discrepancies {
			switch d.Kind {
			case domain.Disputed:
				told = append(told, d.Events)
			case domain.RestsOnVoided:
				left = append(left, d.Events[0])
			default:
				rest = append(rest, d)
			}
		}
		require.ElementsMatch(s.on, disputed, told, "%s", s)
		require.ElementsMatch(s.on, s.left(n, day), left, "%s", s)
		require.Equal(s.on, want.Discrepancies, rest)
		s.checkAmended(got, n, day)
		require.Equal(s.on, want.State, got.State)
		require.Equal(s.on, want.Employed, got.Employed)
		require.Equal(s.on, want.Overdue, got.Overdue)
		require.Equal(s.on, want.Dimensions[:domain.Data], got.Dimensions[:domain.Data])
		known, err := s.views.KnownTo(context.Background(), Position{"ANJU-52": s.list[n-1].stamp.Place.Sequence})
		require.NoError(s.on, err)
		seen, err := known.Household(home, day)
		require.NoError(s.on, err)
		require.Equal(s.on, got, seen.StatusAnswer)
		s.checkTimeline(known, home, n)
	}
}

// left are the ends of businesses in force by a day, of which only voided facts told the beginning.
func (s *saga) left(n int, day domain.Day) (ends []domain.EventID) {
	if s.voided(n, s.list[0].stamp.ID) {
		return nil // nobody is a member of anything
	}
	for _, end := range s.list[:n] {
		if _, is := end.fact.(*domain.BusinessClosed); !is || s.voided(n, end.stamp.ID) || end.stamp.Day() > day {
			continue
		}
		begun, void := false, false
		for _, x := range s.list[:n] {
			if _, begins := x.fact.(*domain.BusinessStarted); begins && x.stamp.Day() <= end.stamp.Day() {
				gone := s.voided(n, x.stamp.ID)
				begun, void = begun || !gone, void || gone
			}
		}
		if void && !begun {
			ends = append(ends, end.stamp.ID)
		}
	}
	return ends
}

// checkAmended: a status names each act in force on a fact by its day, and nothing else.
func (s *saga) checkAmended(a *domain.StatusAnswer, n int, day domain.Day) {
	want := map[domain.EventID]domain.EventID{}
	for _, x := range s.list[:n] {
		_, about := domain.TargetOf(x.fact)
		if by, act := s.holds(n, x.stamp.ID); !about && x.stamp.Day() <= day && act != nil {
			want[x.stamp.ID] = by
		}
	}
	got := map[domain.EventID]domain.EventID{}
	for _, m := range a.Amended {
		got[m.Event] = m.By
	}
	require.Equal(s.on, want, got, "%s", s)
}

func (s *saga) status(home domain.Entity, r domain.Register, day domain.Day) *domain.StatusAnswer {
	f := &domain.File{Home: home}
	r.Fold(f)
	return domain.Status(f, nil, day, domain.DefaultParameters())
}

func (s *saga) checkTimeline(known *Known, home domain.Entity, n int) {
	line, err := known.Timeline(home, s.ledger.Directory(), domain.MakeDay(2022, 1, 1))
	require.NoError(s.on, err)
	require.Len(s.on, line.Entries, n)
	for _, e := range line.Entries {
		by, act := s.holds(n, e.Event)
		var corrected, voided domain.EventID
		switch act.(type) {
		case *domain.RecordVoided:
			voided = by
		case *domain.RecordCorrected:
			corrected = by
		}
		require.Equal(s.on, voided, e.Voided, e.Type)
		require.Equal(s.on, corrected, e.Corrected, e.Type)
		open := s.disputes(n, e.Event)
		require.Equal(s.on, len(open) > 0, e.Disputed.Present(), "%s n=%d %s", e.Type, n, s)
	}
}
