package projections

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
	"github.com/anju-ledger/anju/events"
)

// tale is a random history of a few households in the order in which it was recorded: what a
// simulated county did, shuffled, so that facts come late, and among it corrections, voids, acts on
// acts, splits, merges, members who move and households that leave for another county.
type tale struct {
	r         *rand.Rand
	told      []taleFact
	homes     map[domain.Entity]domain.Entity   // of persons
	dwellings map[domain.Entity]domain.Entity   // of dwellings
	counties  map[domain.Entity]domain.Division // of homes
	recorded  map[uint8]uint64                  // by province
}

type taleFact struct {
	subject domain.Entity
	fact    domain.Fact
	stamp   domain.Stamp
}

// newTale tells of one county.
func newTale(seed uint64, households int) *tale { return newTaleOf(seed, households, "520603") }

// newTaleOf tells of counties whose people meet, facts of one between those of the others.
func newTaleOf(seed uint64, households int, counties ...domain.Division) *tale {
	t := &tale{
		r: rand.New(rand.NewPCG(seed, 3)), homes: map[domain.Entity]domain.Entity{}, dwellings: map[domain.Entity]domain.Entity{},
		counties: map[domain.Entity]domain.Division{}, recorded: map[uint8]uint64{},
	}
	var facts []sample.Event
	for _, division := range counties {
		county := sample.NewCounty(division, seed, max(1, households/len(counties)))
		own := county.Foundations()
		for n := range county.Households {
			own = append(own, county.Household(n)...)
		}
		for _, e := range own {
			t.counties[e.Subject] = division
		}
		facts = append(facts, own...)
	}
	t.r.Shuffle(len(facts), func(i, k int) { facts[i], facts[k] = facts[k], facts[i] })
	for i, e := range facts {
		switch f := e.Data.(type) {
		case *domain.HouseholdRegistered:
			for m := range f.Members {
				f.Members[m].IDNumber.Tag = uint64(1 + t.r.IntN(3*households))
				t.homes[f.Members[m].Person.Entity] = e.Subject
			}
		case *domain.DwellingHandedOver:
			t.dwellings[f.Dwelling.Entity] = e.Subject
		}
		source := domain.Source{Department: e.Department, Division: t.counties[e.Subject]}
		t.tell(e.Subject, e.Data, domain.Stamp{
			Time: e.Time.Moment(), Kind: e.Kind, ID: domain.DeriveEventID(source, e.Key), Key: e.Key, Division: e.Division, Source: source,
		})
		if i > 10 && t.r.IntN(12) == 0 {
			t.disturb()
		}
	}
	return t
}

func (t *tale) tell(subject domain.Entity, fact domain.Fact, s domain.Stamp) {
	province := events.HomeIn(t.counties[subject], subject).Province
	t.recorded[province]++
	s.Subject, s.Place = subject, domain.Place{Province: province, Sequence: t.recorded[province]}
	t.told = append(t.told, taleFact{subject, fact, s})
}

// horizonOf is what was told so far.
func horizonOf(told []taleFact) *domain.Horizon {
	h := &domain.Horizon{}
	for _, f := range told {
		h[f.stamp.Place.Province] = f.stamp.Place.Sequence
	}
	return h
}

// happen tells a fact without a key on a random day.
func (t *tale) happen(subject domain.Entity, kind string, fact domain.Fact, division domain.Division) {
	k, known := domain.KindOf(kind)
	if !known {
		panic(kind)
	}
	n := len(t.told)
	day := domain.MakeDay(2019, 1, 1) + domain.Day(t.r.IntN(1400))
	t.tell(subject, fact, domain.Stamp{
		Time: day.Moment(), Kind: k, ID: domain.EventID{7, byte(n >> 8), byte(n), 8: 0x80}, Division: division, Source: domain.Source{Department: "rural", Division: "520603"},
	})
}

// disturb tells something that a simulated county does not do.
func (t *tale) disturb() {
	target := t.told[t.r.IntN(len(t.told))]
	person, home := t.someone()
	_, other := t.someone()
	here, there := t.counties[home], t.counties[other]
	switch t.r.IntN(13) {
	case 8:
		t.happen(target.subject, "record.disputed", &domain.RecordDisputed{TargetEvent: target.stamp.ID, Claim: "not_so"}, "520603")
	case 0, 1:
		t.happen(target.subject, "record.voided", &domain.RecordVoided{TargetEvent: target.stamp.ID, Reason: "false"}, "520603")
	case 2, 3:
		t.correct(target)
	case 4:
		if !home.Present() {
			return
		}
		t.happen(home, "household.moved", &domain.HouseholdMoved{Kind: "left_county"}, "520602")
	case 5:
		if home.Present() && other.Present() && home != other {
			t.happen(home, "household.member_left", &domain.MemberLeft{Person: domain.PersonID{Entity: person}, Reason: "marriage", MovedToHousehold: domain.HouseholdID{Entity: other}}, here+"001")
			t.happen(other, "household.member_joined", &domain.MemberJoined{Member: domain.Member{Person: domain.PersonID{Entity: person}, Relation: "spouse"}, Reason: "marriage", FromHousehold: domain.HouseholdID{Entity: home}}, there+"001")
		}
	case 6:
		if home.Present() {
			child := domain.MintEntity(domain.HouseholdKind, t.r.Uint64N(1<<50))
			t.counties[child] = here
			t.happen(home, "household.split", &domain.HouseholdSplit{Children: []domain.Child{{Household: domain.HouseholdID{Entity: child}, Members: []domain.PersonID{{Entity: person}}}}}, here+"001")
		}
	case 7:
		if home.Present() && other.Present() && home != other && here == there {
			t.happen(home, "household.merged", &domain.HouseholdMerged{Into: domain.HouseholdID{Entity: home}, From: []domain.HouseholdID{{Entity: other}}, Reason: "care"}, here+"001")
		}
	case 9, 10: // he belongs to another household without its being said that he left the first
		if home.Present() && other.Present() && home != other {
			t.happen(other, "household.member_joined", &domain.MemberJoined{Member: domain.Member{Person: domain.PersonID{Entity: person}, Relation: "other"}, Reason: "return"}, there+"001")
		}
	case 11:
		if d := t.dwelling(); d.Present() && home.Present() {
			t.happen(home, "dwelling.handed_over", &domain.DwellingHandedOver{Dwelling: domain.DwellingID{Entity: d}}, here+"001")
		}
	case 12:
		if home.Present() {
			t.happen(home, "person.died", &domain.PersonDied{Person: domain.PersonID{Entity: person}}, here)
		}
	}
}

// dwelling is one that was told of; absent while none was.
func (t *tale) dwelling() domain.Entity {
	if len(t.dwellings) == 0 {
		return 0
	}
	all := slices.Sorted(maps.Keys(t.dwellings))
	return all[t.r.IntN(len(all))]
}

// correct tells that a fact was otherwise: a job elsewhere, or the same again; a registration of
// somebody else's number.
func (t *tale) correct(target taleFact) {
	if _, isAct := domain.TargetOf(target.fact); isAct {
		return
	}
	c := &domain.RecordCorrected{TargetEvent: target.stamp.ID, Reason: "typo"}
	fact := target.fact
	if v, ok := fact.(*domain.JobVerified); ok {
		changed := *v
		changed.Still = []domain.Answer{domain.Yes, domain.No}[t.r.IntN(2)]
		if person, _ := t.someone(); person.Present() && t.r.IntN(3) == 0 {
			changed.Person = domain.PersonID{Entity: person} // an older door let a correction name anybody
		}
		fact = &changed
	}
	if err := c.Carry(target.stamp.Kind, fact); err == nil {
		t.happen(target.subject, "record.corrected", c, "520603")
	}
}

// someone is a person with his household; absent before anybody is registered.
func (t *tale) someone() (person, home domain.Entity) {
	known := map[domain.Entity]bool{}
	for _, f := range t.told {
		known[f.subject] = true
	}
	var all []domain.Entity
	for p, h := range t.homes {
		if known[h] {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	person = all[t.r.IntN(len(all))]
	return person, t.homes[person]
}

// taleSource is a ledger that knows the homes of the tale.
type taleSource struct {
	Source
	tale *tale
}

// Home implements Homes.
func (s taleSource) Home(e domain.Entity) (events.Home, bool) { return s.tale.Home(e) }

// views are views that were told a part of the tale.
func (t *tale) views(ledger Source, told []taleFact) *Views {
	v := New(taleSource{ledger, t}, events.Opener{}, domain.DefaultParameters())
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, f := range told {
		v.apply(f.subject, f.fact, f.stamp)
		v.position[f.stamp.Place.Province] = f.stamp.Place.Sequence
	}
	v.wake()
	return v
}

// Home implements Homes.
func (t *tale) Home(e domain.Entity) (events.Home, bool) {
	home, known := t.homes[e]
	if !known {
		home, known = t.dwellings[e]
	}
	return events.HomeIn(t.counties[home], home), known
}

// compareDiscrepancies compares the worklist, page by page, with what the statuses tell.
func (t *tale) compareDiscrepancies(on *rapid.T, k *Known, want *Views, at domain.Day) {
	var wanted, got []domain.Discrepancy
	ofTwo := []domain.DiscrepancyKind{domain.InTwoHouseholds, domain.InTwoCounties, domain.SecondNumber, domain.DwellingTwice}
	told := map[string]int{} // what households told that come before, with its facts turned round
	for _, id := range want.Households() {
		a, err := want.Household(id, at)
		require.NoError(on, err)
		own := map[string]int{}
		for _, d := range a.Discrepancies {
			switch across := fmt.Sprint(d.Kind, d.Since, d.Events); {
			case a.State == domain.NotRegistered:
			case told[across] > 0 && slices.Contains(ofTwo, d.Kind):
				told[across]--
			default:
				wanted = append(wanted, d)
				slices.Reverse(d.Events)
				own[fmt.Sprint(d.Kind, d.Since, d.Events)]++
				slices.Reverse(d.Events)
			}
		}
		for across, n := range own {
			told[across] += n
		}
	}
	q := Query{Limit: 2}
	for more := true; more; {
		page, err := k.Discrepancies(context.Background(), q, at)
		require.NoError(on, err)
		for _, d := range page.Discrepancies {
			if d.Home.Kind() != domain.HouseholdKind {
				continue
			}
			require.NotEmpty(on, d.Settle)
			x := domain.Discrepancy{Kind: d.Kind, Since: d.Since, Reason: d.Name}
			for _, f := range d.Facts {
				x.Events = append(x.Events, f.Event)
			}
			got = append(got, x)
		}
		if more = page.Cursor != ""; more {
			q.After, err = domain.ParseEntity(page.Cursor)
			require.NoError(on, err)
		}
	}
	require.Equal(on, wanted, got)
}

// TestBothAxesAgreeWithANaiveFold asks, of random histories, what was known by random moments as of
// random days, and compares with views that were told nothing but what was recorded by then; and
// the statuses also with views that were told nothing of later days either.
func TestBothAxesAgreeWithANaiveFold(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, ledger.Close()) }()
	rapid.Check(t, func(t *rapid.T) {
		tale := newTaleOf(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(2, 12).Draw(t, "households"), "520603", "440305")
		v := tale.views(ledger, tale.told)
		defer v.Close()
		for range 2 {
			known := tale.told[:rapid.IntRange(0, len(tale.told)).Draw(t, "known")]
			at := domain.MakeDay(2019, 1, 1) + domain.Day(rapid.IntRange(0, 1500).Draw(t, "day"))
			tale.compare(t, ledger, v, known, at)
		}
	})
}

func (t *tale) compare(on *rapid.T, ledger *events.Ledger, v *Views, told []taleFact, at domain.Day) {
	want := t.views(ledger, told)
	defer want.Close()
	k := &Known{views: v, judged: v.inForce.Load(), horizon: horizonOf(told), by: 1, today: domain.NoDay, neighbours: &sync.Map{}}
	for _, division := range []domain.Division{"52", "520603", "520603001", "520602", "520603001501", "44", "440305", domain.Nation} {
		wanted, err := want.Board(division, at)
		require.NoError(on, err)
		got, err := k.Board(context.Background(), division, at)
		require.NoError(on, err)
		got.Basis = wanted.Basis
		require.Equal(on, wanted, got, "%s on %s", division, at)
		sharesMakeUp(on, want.now(), wanted)
		sharesMakeUp(on, k, got)
		page, err := want.now().List(context.Background(), Choice{Division: division, Limit: 5}, at)
		require.NoError(on, err)
		seen, err := k.List(context.Background(), Choice{Division: division, Limit: 5}, at)
		require.NoError(on, err)
		seen.Basis = page.Basis
		require.Equal(on, page, seen)
	}
	var upTo []taleFact
	in := map[domain.EventID]bool{}
	for _, f := range told { // an act counts from its target's day on
		if target, isAct := domain.TargetOf(f.fact); isAct && in[target] || !isAct && f.stamp.Day() <= at {
			upTo, in[f.stamp.ID] = append(upTo, f), true
		}
	}
	early := t.views(ledger, upTo)
	defer early.Close()
	early.inForce.Load().settled()() // who holds one number is told once lines are made
	for _, id := range want.Households() {
		wanted, err := want.Household(id, at)
		require.NoError(on, err)
		got, err := k.Household(id, at)
		require.NoError(on, err)
		require.Equal(on, wanted.StatusAnswer, got.StatusAnswer, at.String())
		if earlier, err := early.Household(id, at); err == nil {
			require.Equal(on, earlier.StatusAnswer, got.StatusAnswer, at.String())
		}
		line, err := want.now().Timeline(id, t, at)
		require.NoError(on, err)
		seen, err := k.Timeline(id, t, at)
		require.NoError(on, err)
		require.Equal(on, line.Entries, seen.Entries)
	}
	t.compareDiscrepancies(on, k, want, at)
	for person := range t.homes {
		wanted, err := want.now().Person(person, t, at)
		require.NoError(on, err)
		got, err := k.Person(person, t, at)
		require.NoError(on, err)
		got.Basis = wanted.Basis
		require.Equal(on, wanted, got)
	}
	for e := range want.mentions {
		if e.Kind() != domain.CommunityKind {
			continue
		}
		wanted, err := want.now().Community(e, at)
		require.NoError(on, err)
		got, err := k.Community(e, at)
		require.NoError(on, err)
		got.Basis = wanted.Basis
		require.Equal(on, wanted, got)
	}
}
