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
	heads    map[domain.Entity]domain.Entity // whom the last fact named
	county   map[domain.Entity]string
	apart    map[[3]domain.Entity]bool        // who is in two households, and whether these lay in two counties when he came to be
	late     map[domain.Entity]domain.EventID // by person: what made him a member of a household that had ended
	founded  map[domain.Entity]bool
	people   map[domain.Entity]bool // whoever is known
}

// kinFact is one recorded fact with its place.
type kinFact struct {
	place    domain.Place
	id       domain.EventID
	source   domain.Source
	kind     *domain.Kind
	day      domain.Day
	division domain.Division
	home     domain.Entity
	fact     domain.Fact
}

// founds are the households that the fact founds, if it stands.
func (f *kinFact) founds() (all []domain.Entity) {
	switch fact := f.fact.(type) {
	case *domain.HouseholdRegistered:
		all = append(all, f.home)
	case *domain.HouseholdSplit:
		for _, c := range fact.Children {
			all = append(all, c.Household.Entity)
		}
	}
	return all
}

// standing is what facts state when acts are read: of the acts on one record the last holds that was not voided.
func standing(told []kinFact) (facts []kinFact) {
	holds := map[domain.EventID]domain.Fact{}
	for _, f := range slices.Backward(told) {
		target, isAct := domain.TargetOf(f.fact)
		if _, voided := holds[f.id].(*domain.RecordVoided); isAct && !voided && holds[target] == nil {
			holds[target] = f.fact
		}
	}
	for _, f := range told {
		_, isAct := domain.TargetOf(f.fact)
		switch by := holds[f.id].(type) {
		case *domain.RecordVoided:
			continue
		case *domain.RecordCorrected:
			corrected, err := by.Carried(f.kind)
			if err != nil {
				panic(err)
			}
			f.fact = corrected
		}
		if !isAct {
			facts = append(facts, f)
		}
	}
	return facts
}

// walkKin walks over what of the told was recorded first, and true by a day.
func walkKin(told []kinFact, known int, at domain.Day) *kinTwin {
	w := &kinTwin{
		members: map[domain.Entity]map[domain.Entity]bool{}, dwelling: map[domain.Entity]domain.Entity{}, cases: map[domain.Entity]domain.Entity{},
		dead: map[domain.Entity]bool{}, ended: map[domain.Entity]bool{}, heirs: map[domain.Entity]domain.Entity{}, lost: map[domain.Entity]bool{},
		founded: map[domain.Entity]bool{}, people: map[domain.Entity]bool{},
		heads: map[domain.Entity]domain.Entity{}, county: map[domain.Entity]string{}, late: map[domain.Entity]domain.EventID{},
	}
	facts := slices.DeleteFunc(standing(told[:known]), func(f kinFact) bool { return f.day > at })
	slices.SortStableFunc(facts, func(a, b kinFact) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.kind.Rank, b.kind.Rank))
	})
	for i, f := range facts {
		w.take(f)
		if i == len(facts)-1 || facts[i+1].day != f.day {
			w.meet()
		}
	}
	return w
}

// meet notes at the end of a day who is in two households since then, and whether they lie in two counties.
func (w *kinTwin) meet() {
	was := w.apart
	w.apart = map[[3]domain.Entity]bool{}
	for p := range w.people {
		homes := w.whereIs(p)
		for _, a := range homes {
			for _, b := range homes {
				if a == b {
					continue
				}
				of := [3]domain.Entity{p, a, b}
				if apart, before := was[of]; before {
					w.apart[of] = apart
				} else {
					w.apart[of] = w.county[a] != w.county[b]
				}
			}
		}
	}
}

// headOf is who is the head: whom the last fact names, if he belongs to the household.
func (w *kinTwin) headOf(household domain.Entity) domain.Entity {
	if head := w.heads[household]; slices.Contains(w.living(household), head) {
		return head
	}
	return 0
}

func (w *kinTwin) of(household domain.Entity) map[domain.Entity]bool {
	if w.members[household] == nil {
		w.members[household] = map[domain.Entity]bool{}
	}
	return w.members[household]
}

func (w *kinTwin) join(household, person domain.Entity, by domain.EventID) {
	w.of(household)[person], w.people[person] = true, true
	delete(w.lost, person)
	delete(w.late, person)
	if w.ended[household] {
		w.late[person] = by
	}
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
			w.cases[c] = w.whose(to)
		}
	}
}

// whose follows a household that ended to whoever has what it had. Where a late fact ended the household that a merge
// then led back to, the way goes round: it stays with the one that the merge names.
func (w *kinTwin) whose(household domain.Entity) domain.Entity {
	for met := map[domain.Entity]bool{}; w.heirs[household].Present() && !met[household]; household = w.heirs[household] {
		met[household] = true
	}
	return household
}

func (w *kinTwin) take(f kinFact) {
	switch fact := f.fact.(type) {
	case *domain.HouseholdRegistered:
		w.founded[f.home], w.county[f.home] = true, f.division.County()
		for _, m := range fact.Members {
			w.join(f.home, m.Person.Entity, f.id)
			w.relate(f.home, m)
		}
	case *domain.MemberJoined:
		w.join(f.home, fact.Member.Person.Entity, f.id)
		w.relate(f.home, fact.Member)
	case *domain.HeadChanged:
		w.heads[f.home] = fact.NewHead.Entity
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
		w.split(f, fact)
	case *domain.HouseholdMerged:
		w.merge(f, fact)
	case *domain.DwellingHandedOver:
		w.dwelling[f.home] = fact.Dwelling.Entity
	case *domain.HouseholdMoved:
		delete(w.dwelling, f.home)
		if fact.Kind == domain.ResettledAgain && fact.Dwelling.Present() {
			w.dwelling[f.home] = fact.Dwelling.Entity
		}
		if f.division != "" {
			w.county[f.home] = f.division.County()
		}
	case *domain.RiskDecided:
		delete(w.cases, fact.Case.Entity)
		if fact.Class != domain.NoCase {
			w.cases[fact.Case.Entity] = w.whose(f.home)
		}
	case *domain.RiskCleared:
		delete(w.cases, fact.Case.Entity)
	}
}

// relate takes what a registration or joining says of the head: he is it, or is it no more.
func (w *kinTwin) relate(household domain.Entity, m domain.Member) {
	switch {
	case m.Relation == domain.Head:
		w.heads[household] = m.Person.Entity
	case m.Relation != "" && w.heads[household] == m.Person.Entity:
		delete(w.heads, household)
	}
}

func (w *kinTwin) split(f kinFact, split *domain.HouseholdSplit) {
	parent := f.home
	had := w.dwelling[parent]
	for _, c := range split.Children {
		child := c.Household.Entity
		w.founded[child], w.county[child] = true, f.division.County()
		for _, p := range c.Members {
			delete(w.of(parent), p.Entity)
			w.join(child, p.Entity, f.id)
			if w.heads[parent] == p.Entity {
				w.heads[child] = p.Entity
			}
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
	first := split.Children[0].Household.Entity
	if left := w.dwelling[parent]; left.Present() && !w.dwelling[first].Present() {
		w.dwelling[first] = left
	}
	w.pass(parent, first)
}

func (w *kinTwin) merge(f kinFact, merge *domain.HouseholdMerged) {
	into := merge.Into.Entity
	for _, from := range merge.From {
		for p := range w.of(from.Entity) {
			w.join(into, p, f.id)
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
	if w.ended[household] || !w.founded[household] {
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
