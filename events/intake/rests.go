package intake

import (
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// kinship is whom a split, a merge or a move concerned: what is recorded later of them in these
// households rests on it.
type kinship struct {
	households []domain.Entity
	people     []domain.Entity // none: of a split or merge every later one of the households rests on it
	places     []domain.Entity // of a household's move: its new dwelling and community
}

// kinshipOf reads whom a fact concerned; false for one on which nothing rests but what it created.
func kinshipOf(d *events.Directory, target *events.Event, was domain.Fact) (k kinship, moves bool) {
	k.households = []domain.Entity{target.Home.Entity}
	switch f := was.(type) {
	case *domain.HouseholdSplit:
	case *domain.HouseholdMerged:
		for _, from := range f.From {
			k.households = append(k.households, from.Entity)
			k.people = append(k.people, d.MembersOn(from.Entity, target.Time.Day())...)
		}
	case *domain.MemberJoined:
		k.people = []domain.Entity{f.Member.Person.Entity}
		k.households = append(k.households, f.FromHousehold.Entity)
	case *domain.MemberLeft:
		k.people = []domain.Entity{f.Person.Entity}
		k.households = append(k.households, f.MovedToHousehold.Entity)
	case *domain.HouseholdMoved:
		k.places = []domain.Entity{f.Dwelling.Entity, f.ToCommunity.Entity}
	default:
		return kinship{}, false
	}
	return k, true
}

// holds reports that a later fact rests on the split, merge or move.
func (k *kinship) holds(e *events.Event, f domain.Fact) bool {
	here := slices.Contains(k.households, e.Subject)
	among := func(homes ...domain.Entity) bool {
		return here || slices.ContainsFunc(homes, func(h domain.Entity) bool { return h.Present() && slices.Contains(k.households, h) })
	}
	who := func(p domain.PersonID) bool { return slices.Contains(k.people, p.Entity) }
	switch f := f.(type) {
	case *domain.HouseholdSplit:
		return here && len(k.places) == 0 && (len(k.people) == 0 || slices.ContainsFunc(f.Children, func(c domain.Child) bool { return slices.ContainsFunc(c.Members, who) }))
	case *domain.HouseholdMerged:
		homes := []domain.Entity{f.Into.Entity}
		for _, from := range f.From {
			homes = append(homes, from.Entity)
		}
		return len(k.places) == 0 && among(homes...)
	case *domain.MemberJoined:
		return who(f.Member.Person) && among(f.FromHousehold.Entity)
	case *domain.MemberLeft:
		return who(f.Person) && among(f.MovedToHousehold.Entity)
	case *domain.HeadChanged:
		return here && who(f.NewHead)
	case *domain.HouseholdMoved:
		return here && len(k.places) > 0
	case *domain.DwellingHandedOver:
		return here && (k.place(f.Dwelling.Entity) || k.place(f.Community.Entity))
	case *domain.OccupancyChecked:
		return here && k.place(f.Dwelling.Entity)
	case *domain.TitleApplied:
		return here && k.place(f.Dwelling.Entity)
	case *domain.CertificateIssued:
		return here && k.place(f.Dwelling.Entity)
	}
	return false
}

func (k *kinship) place(e domain.Entity) bool { return e.Present() && slices.Contains(k.places, e) }

// restedOn tells what rests on the target, and the ways out of it.
func restedOn(target *events.Event) rule {
	switch target.Type {
	case "household.split", "household.member_joined", "household.member_left":
		return rule{
			domain.Depends, zhen("其他记录依赖于这次分户或迁移，撤销须指明回到哪里", "other facts rest on this split or move, so undoing it has to say where to"),
			zhen("请先作废这些记录；或以 anju undo、POST /v1/undo 选择：return_to=household 回到原户现在的住处，return_to=address 在原地址另立新户",
				"void those first; or choose with anju undo or POST /v1/undo: return_to=household returns to the old household where it is now, return_to=address founds a new one at the old address"),
		}
	case "household.moved":
		return rule{
			domain.Depends, zhen("其他记录依赖于这次整户迁移，撤销须指明回到哪里", "other facts rest on this household's move, so undoing it has to say where to"),
			zhen("请先作废这些记录；或以 anju undo、POST /v1/undo 选择 return_to=address 迁回原地址；若留在现址则无需撤销",
				"void those first; or choose return_to=address with anju undo or POST /v1/undo, which moves it back to the old address; to stay where it is now nothing need be undone"),
		}
	case "household.merged":
		return rule{
			domain.Depends, zhen("其他记录依赖于这次并户", "other facts rest on this merge"),
			zhen("请先作废这些记录；或以 household.split 将其分出", "void those first; or split them off again by household.split"),
		}
	}
	return dependants()
}

// movesPeople returns the field by which a correction would change who belongs to which household,
// or who died; "" when it changes nothing of the kind.
func movesPeople(was, now domain.Fact) (pointer string) {
	switch was := was.(type) {
	case *domain.HouseholdRegistered:
		now := now.(*domain.HouseholdRegistered)
		for i := range was.Members {
			person := was.Members[i].Person
			if !slices.ContainsFunc(now.Members, func(m domain.Member) bool { return m.Person == person }) {
				return "/members"
			}
		}
	case *domain.MemberJoined:
		if was.Member.Person != now.(*domain.MemberJoined).Member.Person {
			return "/member/person"
		}
	case *domain.HouseholdSplit:
		now := now.(*domain.HouseholdSplit)
		if !slices.EqualFunc(was.Children, now.Children, func(a, b domain.Child) bool {
			return a.Household == b.Household && a.Dwelling == b.Dwelling && slices.Equal(a.Members, b.Members)
		}) {
			return "/children"
		}
	case *domain.HouseholdMerged:
		now := now.(*domain.HouseholdMerged)
		if was.Into != now.Into {
			return "/into"
		}
		if !slices.Equal(was.From, now.From) {
			return "/from"
		}
	case *domain.MemberLeft:
		if was.Person != now.(*domain.MemberLeft).Person {
			return "/person"
		}
	case *domain.PersonDied:
		if was.Person != now.(*domain.PersonDied).Person {
			return "/person"
		}
	case *domain.HeadChanged:
		if was.NewHead != now.(*domain.HeadChanged).NewHead {
			return "/new_head"
		}
	}
	return ""
}
