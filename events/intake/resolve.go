package intake

import (
	"errors"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// resolver finds out who a submission is about: it fills in the entities that are named by
// number, mints those that the fact creates, and finds the home. It works on what the
// directory knows at that moment, so it runs again at each attempt.
type resolver struct {
	directory *events.Directory
	caller    Caller
	mint      func(domain.EntityKind) domain.Entity // an id that nobody has
	entombed  func(tag uint64) bool                 // the number of somebody forgotten
	earlier   []*draft                              // of the same set
	s         *Submission
	home      events.Home
	refusals  []domain.Refusal
}

func (r *resolver) refuse(x domain.Refusal) { r.refusals = append(r.refusals, x) }

// resolve does all of it; false when something is refused.
func (r *resolver) resolve() bool {
	r.refusals = nil
	r.names()
	if len(r.refusals) == 0 {
		r.create()
	}
	if len(r.refusals) == 0 {
		r.findHome()
	}
	if len(r.refusals) == 0 {
		r.known()
	}
	return len(r.refusals) == 0
}

// names fills the payload's entities that stand as numbers.
func (r *resolver) names() {
	r.s.eachName(func(n *Name, id *domain.Entity, f *domain.Field) {
		if n.Kind == 0 {
			n.Kind = f.Entity
		}
		*id = r.find(n)
	})
}

// find resolves one name; what it cannot find is refused.
func (r *resolver) find(n *Name) domain.Entity {
	e, err := r.lookup(n)
	switch {
	case err == nil:
		return e
	case errors.Is(err, errNotMade):
		r.refuse(notMade().at(n.Pointer, printable(n.At)))
	case errors.Is(err, events.ErrAmbiguousName):
		r.refuse(ambiguous().at(n.Pointer, ""))
	case n.Number != "" && r.isEntombed(n):
		r.refuse(erased().at(n.Pointer, ""))
	default:
		r.refuse(unknownEntity().at(n.Pointer, n.ID.String()))
	}
	return 0
}

func (r *resolver) isEntombed(n *Name) bool {
	return (n.Kind == domain.PersonKind || n.Kind == 0) &&
		(r.entombed(r.directory.NumberTag(domain.PersonKind, r.county(n), n.Number)) || r.entombed(r.directory.IdentityTag(n.Number)))
}

func (r *resolver) county(n *Name) string {
	if n.Division != "" {
		return n.Division.County()
	}
	return r.caller.Division.County()
}

func (r *resolver) lookup(n *Name) (domain.Entity, error) {
	switch {
	case n.Event > 0:
		return r.made(n)
	case n.ID.Present():
		if _, ok := r.directory.Home(n.ID); !ok {
			return 0, events.ErrUnknownName
		}
		return n.ID, nil
	case n.Of != nil:
		return r.lookupOf(n)
	case n.Kind != 0:
		return r.directory.Resolve(n.Kind, r.county(n), n.Number)
	}
	for _, kind := range numbered() {
		if e, err := r.directory.Resolve(kind, r.county(n), n.Number); !errors.Is(err, events.ErrUnknownName) {
			return e, err
		}
	}
	return 0, events.ErrUnknownName
}

// errNotMade says that no earlier event of the set creates what is named.
var errNotMade = errors.New("no earlier event of the set creates it")

// made finds what an earlier event of the set created.
func (r *resolver) made(n *Name) (domain.Entity, error) {
	if n.Event > len(r.earlier) || r.earlier[n.Event-1].answer.Receipt == nil {
		return 0, errNotMade
	}
	e := r.earlier[n.Event-1].answer.Receipt.IDs[n.At]
	if !e.Present() || n.Kind != 0 && n.Pointer != "/subject" && e.Kind() != n.Kind {
		return 0, errNotMade
	}
	return e, nil
}

// numbered are the kinds that have numbers or codes, in the order they are tried where a field
// takes any.
func numbered() []domain.EntityKind {
	return []domain.EntityKind{domain.HouseholdKind, domain.PersonKind, domain.CommunityKind, domain.FacilityKind, domain.ProjectKind, domain.DwellingKind}
}

func (r *resolver) lookupOf(n *Name) (domain.Entity, error) {
	of, err := r.lookup(n.Of)
	if err != nil {
		return 0, err
	}
	switch n.Kind {
	case domain.PlacementKind:
		return r.directory.Placement(of, n.Day)
	case domain.CaseKind:
		return r.directory.Case(of, n.Day)
	case domain.DwellingKind:
		if of.Kind() == domain.CommunityKind {
			return r.directory.Dwelling(of, n.Address)
		}
		return r.directory.DwellingOf(of, n.Day)
	case domain.FundKind:
		if n.Source != "" {
			return r.directory.Fund(of, n.Source)
		}
		funds := r.directory.FundsOf(of)
		switch len(funds) {
		case 0:
			return 0, events.ErrUnknownName
		case 1:
			return funds[0], nil
		}
		return 0, events.ErrAmbiguousName
	}
	return 0, events.ErrUnknownName
}

// founds reports that the type opens the file of a household.
func founds(f domain.Fact) (*domain.HouseholdRegistered, bool) {
	h, ok := f.(*domain.HouseholdRegistered)
	return h, ok
}

// county where the fact's own numbers count: that of the division its subject was in.
func (r *resolver) ownCounty() string { return r.s.Division.County() }

// create fills in the entities that the fact creates: found by their number or code, kept from
// an earlier attempt, or minted.
func (r *resolver) create() {
	named := func(pointer string) bool {
		return slices.ContainsFunc(r.s.Names, func(n Name) bool { return n.Pointer[len("/data"):] == pointer })
	}
	r.s.Kind.VisitEntities(r.s.Fact, func(ref domain.EntityRef) {
		if !ref.Field.Minted && !ref.Field.Created || slices.Contains(r.s.given, ref.Pointer) || named(ref.Pointer) {
			return
		}
		mine := r.s.minted.at(ref.Pointer)
		found, err := r.existing(ref)
		switch {
		case err == nil:
			*ref.ID = found
		case !errors.Is(err, events.ErrUnknownName):
			r.refuse(ambiguous().at("/data"+ref.Pointer, ""))
		case mine.Present():
			*ref.ID = mine
		default:
			*ref.ID = r.mint(ref.Field.Entity)
			r.keep(ref.Pointer, *ref.ID)
		}
	})
}

// keep remembers an id made for the submission.
func (r *resolver) keep(pointer string, id domain.Entity) {
	r.s.minted = append(r.s.minted, mint{pointer, id})
}

// existing finds the entity that a created field stands for by what the payload says of it.
func (r *resolver) existing(ref domain.EntityRef) (domain.Entity, error) {
	d, county := r.directory, r.ownCounty()
	code := ""
	switch f := r.s.Fact.(type) {
	case *domain.HouseholdRegistered:
		return r.member(ref.Pointer, memberAt(f.Members, ref.Pointer))
	case *domain.MemberJoined:
		return r.member(ref.Pointer, &f.Member)
	case *domain.DwellingHandedOver:
		return d.Dwelling(f.Community.Entity, f.Address)
	case *domain.FundAllocated:
		purpose := f.For.Facility.Entity
		if !purpose.Present() {
			purpose = f.For.Project.Entity
		}
		return d.Fund(purpose, string(f.Source))
	case *domain.TargetSet:
		return d.Target(r.s.Division, f.Indicator)
	case *domain.CommunityEstablished:
		code = f.Code
	case *domain.FacilityChanged:
		code = f.Code
	case *domain.ProjectChanged:
		code = f.Code
	case *domain.HomesteadGivenUp, *domain.HomesteadChecked:
		return r.onlyHomestead()
	}
	if code == "" {
		return 0, events.ErrUnknownName
	}
	return d.Resolve(ref.Field.Entity, county, code)
}

// onlyHomestead is the household's old homestead when it is known to have one.
func (r *resolver) onlyHomestead() (domain.Entity, error) {
	if r.s.Subject.IsZero() {
		return 0, events.ErrUnknownName
	}
	household, err := r.lookup(&r.s.Subject)
	if err != nil {
		return 0, events.ErrUnknownName
	}
	if held := r.directory.HeldBy(household, domain.HomesteadKind); len(held) == 1 {
		return held[0], nil
	}
	return 0, events.ErrUnknownName
}

func memberAt(members []domain.Member, pointer string) *domain.Member {
	n := 0
	for _, c := range strings.TrimSuffix(strings.TrimPrefix(pointer, "/members/"), "/person") {
		n = n*10 + int(c-'0')
	}
	return &members[n]
}

// member finds a person by his official number; one who was forgotten is refused.
func (r *resolver) member(pointer string, m *domain.Member) (domain.Entity, error) {
	number, hasNumber := m.Number.Value()
	identity, hasIdentity := m.IDNumber.Value()
	d := r.directory
	if hasNumber && r.entombed(d.NumberTag(domain.PersonKind, r.ownCounty(), number)) || hasIdentity && r.entombed(d.IdentityTag(identity)) {
		r.refuse(erased().at("/data"+pointer, ""))
	}
	if !hasNumber {
		return 0, events.ErrUnknownName
	}
	return d.ResolveExactly(domain.PersonKind, r.ownCounty(), number)
}

// findHome decides under whose subject the fact stands.
func (r *resolver) findHome() {
	s := r.s
	if h, ok := founds(s.Fact); ok {
		r.foundHousehold(h)
		return
	}
	var subject domain.Entity
	if !s.Subject.IsZero() {
		if subject = r.find(&s.Subject); !subject.Present() {
			return
		}
	}
	own, strict := r.ownEntity()
	switch {
	case own.Present() && r.s.minted.at(own.at) == own.id && own.id.Kind().HasSubject():
		r.home = events.HomeIn(s.Division, own.id)
		return
	case own.Present() && (strict || !subject.Present()):
		home, ok := r.directory.Home(own.id)
		if !ok {
			r.refuse(unknownEntity().at("/data"+own.at, own.id.String()))
			return
		}
		r.home = home
		if given, known := r.directory.Home(subject); subject.Present() && known && given.Entity != home.Entity {
			r.refuse(wrongHome().at("/subject", subject.String()))
		}
	case subject.Present():
		r.home, _ = r.directory.Home(subject)
	default:
		r.refuse(missing(zhen("请在 subject 中写明所属的户或对象：账本编号或 {\"number\":…}", `name in the subject whom or what it is about: an id or {"number":…}`)).at("/subject", ""))
		return
	}
	if want := s.Kind.Home; want != 0 && r.home.Entity.Kind() != want {
		r.refuse(wrongForm(zhen("subject 应为"+want.String(), "the subject is a "+want.String()), zhen("请在 subject 中填写该类对象", "name one of that kind in the subject, or leave it out where the payload names it")).at("/subject", r.home.Entity.String()))
	}
}

// foundHousehold finds the household by its number, or mints it.
func (r *resolver) foundHousehold(h *domain.HouseholdRegistered) {
	if !r.s.Subject.IsZero() {
		r.refuse(doorsOwn().at("/subject", ""))
		return
	}
	id := r.s.minted.at("/subject")
	if number, ok := h.Number.Value(); ok {
		if e, err := r.directory.Resolve(domain.HouseholdKind, r.ownCounty(), number); err == nil {
			r.home, _ = r.directory.Home(e)
			return
		}
	}
	if !id.Present() {
		id = r.mint(domain.HouseholdKind)
		r.keep("/subject", id)
	}
	r.home = events.HomeIn(r.s.Division, id)
}

// ownEntityRef is the entity that a fact is about.
type ownEntityRef struct {
	id domain.Entity
	at string
}

// Present reports that there is one.
func (o ownEntityRef) Present() bool { return o.id.Present() }

// ownEntity finds the payload's entity that decides the home: of a fact about a home of the
// payload's own, that one; otherwise the first entity whose home is of the wanted kind. strict
// says that a subject beside it must agree; the household itself decides in household.*,
// dwelling.handed_over and visit.made, where persons and dwellings may come from elsewhere.
func (r *resolver) ownEntity() (own ownEntityRef, strict bool) {
	k := r.s.Kind
	strict = !strings.HasPrefix(k.Name, "household.") && k.Name != "dwelling.handed_over" && k.Name != "visit.made"
	k.VisitEntities(r.s.Fact, func(ref domain.EntityRef) {
		if own.Present() || !ref.ID.Present() || strings.Count(ref.Pointer, "/") > 1 && k.Home != 0 {
			return
		}
		home, known := r.directory.Home(*ref.ID)
		minted := r.s.minted.at(ref.Pointer) == *ref.ID
		switch {
		case minted && ref.ID.Kind() == k.Home && k.Home != domain.HouseholdKind:
			own = ownEntityRef{*ref.ID, ref.Pointer}
		case !minted && known && (k.Home == 0 || home.Entity.Kind() == k.Home):
			own = ownEntityRef{*ref.ID, ref.Pointer}
		case !minted && !known && ref.ID.Kind() == k.Home && k.Home == domain.BatchKind:
			own = ownEntityRef{*ref.ID, ref.Pointer}
			r.keep(ref.Pointer, *ref.ID)
		}
	})
	return own, strict
}

// staysAt refuses what a correction says of somebody or something whose facts stand in another file: the fact would
// be of its old file, which has no such person or dwelling, and be missing in the other.
func (r *resolver) staysAt(target events.Home) {
	own, strict := r.ownEntity()
	if home, known := r.directory.Home(own.id); own.Present() && strict && known && home.Entity != target.Entity {
		r.refuse(ofAnotherFile().at("/data/data"+own.at, own.id.String()))
	}
}

// known refuses entities that the ledger does not know.
func (r *resolver) known() {
	r.s.Kind.VisitEntities(r.s.Fact, func(ref domain.EntityRef) {
		e := *ref.ID
		if !e.Present() || r.s.minted.at(ref.Pointer) == e {
			return
		}
		if _, ok := r.directory.Home(e); !ok {
			r.refuse(unknownEntity().at("/data"+ref.Pointer, e.String()))
		}
	})
}

// keyText joins the submission's key now that entities are known.
func (r *resolver) keyText() string {
	if len(r.s.Key) == 1 && r.s.Key[0].Raw {
		return r.s.Key[0].Text
	}
	at := map[string]domain.Entity{"/subject": r.home.Entity}
	if len(r.s.Key) > 1 {
		r.s.Kind.VisitEntities(r.s.Fact, func(ref domain.EntityRef) { at["/data"+ref.Pointer] = *ref.ID })
	}
	return r.s.Key.text(func(pointer string) domain.Entity { return at[pointer] })
}
