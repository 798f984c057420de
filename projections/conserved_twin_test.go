package projections

import (
	"cmp"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// kinTwin is a second opinion of who belongs to which household, who has which dwelling and whose
// the open cases are: a walk over the facts in the order in which they were true, with sets and
// maps, written from DOMAIN §5 alone. It uses nothing of the fold.
type kinTwin struct {
	members  map[domain.Entity]map[domain.Entity]bool // by household
	dwelling map[domain.Entity]domain.Entity          // by household
	cases    map[domain.Entity]domain.Entity          // the household whose it is, by open case
	dead     map[domain.Entity]bool
	ended    map[domain.Entity]bool          // by closing, merge or a split that left nobody
	heirs    map[domain.Entity]domain.Entity // who has what an ended household had
	lost     map[domain.Entity]bool          // who left for no household of the ledger
	flagged  map[domain.Entity]domain.Entity
	founded  map[domain.Entity]bool
	people   map[domain.Entity]bool // whoever is known
}

// kinFact is one recorded fact with its place.
type kinFact struct {
	sequence uint64
	id       domain.EventID
	day      domain.Day
	rank     int
	home     domain.Entity
	fact     domain.Fact
}

// walkKin walks over what was recorded by a sequence and true by a day.
func walkKin(told []kinFact, known uint64, at domain.Day) *kinTwin {
	w := &kinTwin{
		members: map[domain.Entity]map[domain.Entity]bool{}, dwelling: map[domain.Entity]domain.Entity{}, cases: map[domain.Entity]domain.Entity{},
		dead: map[domain.Entity]bool{}, ended: map[domain.Entity]bool{}, heirs: map[domain.Entity]domain.Entity{}, lost: map[domain.Entity]bool{},
		flagged: map[domain.Entity]domain.Entity{}, founded: map[domain.Entity]bool{}, people: map[domain.Entity]bool{},
	}
	void := map[domain.EventID]bool{}
	var facts []kinFact
	for _, f := range told {
		if f.sequence > known {
			break
		}
		if v, voids := f.fact.(*domain.RecordVoided); voids {
			void[v.TargetEvent] = true
		} else if f.day <= at {
			facts = append(facts, f)
		}
	}
	facts = slices.DeleteFunc(facts, func(f kinFact) bool { return void[f.id] })
	slices.SortStableFunc(facts, func(a, b kinFact) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.rank, b.rank)) })
	for _, f := range facts {
		w.take(f)
	}
	return w
}

func (w *kinTwin) of(household domain.Entity) map[domain.Entity]bool {
	if w.members[household] == nil {
		w.members[household] = map[domain.Entity]bool{}
	}
	return w.members[household]
}

func (w *kinTwin) join(household, person domain.Entity) {
	w.of(household)[person], w.people[person] = true, true
	delete(w.lost, person)
}

// empty reports that nobody who lives belongs to the household.
func (w *kinTwin) empty(household domain.Entity) bool {
	for p := range w.of(household) {
		if !w.dead[p] {
			return false
		}
	}
	return true
}

// pass gives the open cases of a household that ended to its heir.
func (w *kinTwin) pass(from, to domain.Entity) {
	w.ended[from], w.heirs[from] = true, to
	for c, h := range w.cases {
		if h == from {
			w.cases[c] = to
		}
	}
}

// whose follows a household that ended to whoever has what it had.
func (w *kinTwin) whose(household domain.Entity) domain.Entity {
	for w.heirs[household].Present() {
		household = w.heirs[household]
	}
	return household
}

func (w *kinTwin) take(f kinFact) {
	switch fact := f.fact.(type) {
	case *domain.HouseholdRegistered:
		w.founded[f.home] = true
		for _, m := range fact.Members {
			w.join(f.home, m.Person.Entity)
		}
	case *domain.MemberJoined:
		w.join(f.home, fact.Member.Person.Entity)
	case *domain.MemberLeft:
		if w.of(f.home)[fact.Person.Entity] && !fact.MovedToHousehold.Present() {
			w.lost[fact.Person.Entity] = true
		}
		delete(w.of(f.home), fact.Person.Entity)
	case *domain.PersonDied:
		w.dead[fact.Person.Entity] = true
	case *domain.HouseholdClosed:
		w.ended[f.home] = true
	case *domain.HouseholdSplit:
		w.split(f.home, fact)
	case *domain.HouseholdMerged:
		w.merge(fact)
	case *domain.DwellingHandedOver:
		w.dwelling[f.home] = fact.Dwelling.Entity
	case *domain.HouseholdMoved:
		delete(w.dwelling, f.home)
		if fact.Kind == domain.ResettledAgain && fact.Dwelling.Present() {
			w.dwelling[f.home] = fact.Dwelling.Entity
		}
	case *domain.RiskFlagged:
		w.flagged[fact.Case.Entity] = f.home
	case *domain.RiskDecided:
		w.cases[fact.Case.Entity] = w.whose(f.home)
	}
}

func (w *kinTwin) split(parent domain.Entity, f *domain.HouseholdSplit) {
	had := w.dwelling[parent]
	for _, c := range f.Children {
		child := c.Household.Entity
		w.founded[child] = true
		for _, p := range c.Members {
			delete(w.of(parent), p.Entity)
			w.join(child, p.Entity)
		}
		if c.Dwelling.Present() {
			w.dwelling[child] = c.Dwelling.Entity
			if c.Dwelling.Entity == had {
				delete(w.dwelling, parent)
			}
		}
	}
	if !w.empty(parent) || w.ended[parent] {
		return
	}
	first := f.Children[0].Household.Entity
	if left := w.dwelling[parent]; left.Present() && !w.dwelling[first].Present() {
		w.dwelling[first] = left
	}
	w.pass(parent, first)
}

func (w *kinTwin) merge(f *domain.HouseholdMerged) {
	into := f.Into.Entity
	for _, from := range f.From {
		for p := range w.of(from.Entity) {
			w.join(into, p)
		}
		if w.ended[from.Entity] {
			continue // as a late fact shows: what it had is elsewhere already
		}
		if had := w.dwelling[from.Entity]; had.Present() && !w.dwelling[into].Present() {
			w.dwelling[into] = had
		}
		w.pass(from.Entity, into)
	}
}

// living are the members of a household that has not ended.
func (w *kinTwin) living(household domain.Entity) (all []domain.Entity) {
	if w.ended[household] {
		return nil
	}
	for p := range w.of(household) {
		if !w.dead[p] {
			all = append(all, p)
		}
	}
	slices.Sort(all)
	return all
}

// whereIs counts the households that have not ended to which a person belongs.
func (w *kinTwin) whereIs(person domain.Entity) (households []domain.Entity) {
	for h := range w.members {
		if slices.Contains(w.living(h), person) {
			households = append(households, h)
		}
	}
	slices.Sort(households)
	return households
}
