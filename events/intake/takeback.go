package intake

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// ReturnTo is where those return to whose split or move is undone.
type ReturnTo string

// The two ways out when later facts rest on what is undone. Nothing is edited by either: the fact
// stays, and new facts of today say how it goes on.
const (
	ToHousehold ReturnTo = "household" // the old household, where it is now
	ToAddress   ReturnTo = "address"   // a new household at the old address
)

// TakeBack is the wish to take back a split, a member's move or a household's move.
type TakeBack struct {
	Event      domain.EventID
	ReturnTo   ReturnTo        // "" = nothing rests on it: it is voided
	Day        domain.Day      // from which it is so; of a choice
	Relation   domain.Relation // of a member who returns, to the head; of the choice household
	Division   domain.Division // where they are then; "" = the caller's
	ApprovedBy string          // who approved it, who is not who records it; "" = nobody yet
}

// TakeBack takes back a split or a move. Without a choice the event is voided, which is refused with the
// list of what rests on it and both ways out when anything does. With a choice it records, as one set,
// facts whose cause is the event: a merge or a joining for the old household, a split that founds
// a new household at the old address, or a move back. The same wish again gets the first receipts.
func (d *Door) TakeBack(ctx context.Context, caller Caller, u TakeBack) ([]Answer, *Problem) {
	if wrong := u.approved(caller); len(wrong) > 0 {
		return nil, problemOf(0, wrong)
	}
	was, event, err := d.recorded(ctx, caller, u.Event)
	switch {
	case errors.Is(err, errNoFact):
		return nil, problemOf(0, []domain.Refusal{unknownEvent().at("/event", u.Event.String())})
	case err != nil:
		return nil, failure(err)
	}
	if _, moves := kinshipOf(d.directory, event, was); !moves || event.Type == "household.merged" {
		return nil, problemOf(0, []domain.Refusal{noMove(event.Type).at("/event", u.Event.String())})
	}
	if u.ReturnTo == "" {
		return d.takeBackByVoid(ctx, caller, event, u.ApprovedBy)
	}
	x := takingBack{d: d.directory, u: u, event: event}
	if err := x.recorded(ctx, d, caller); err != nil {
		return nil, failure(err)
	}
	if len(x.subs) == 0 {
		x.plan(was)
	}
	if len(x.refusals) > 0 {
		return nil, problemOf(0, x.refusals)
	}
	for i, s := range x.subs {
		if domain.ApprovedBy(s.Fact) == "" {
			domain.Approve(s.Fact, u.ApprovedBy)
		}
		s.Cause, s.Time, s.Division, s.Key = event.ID, u.Day.Moment(), u.Division, x.key(i)
	}
	return d.record(ctx, caller, x.subs, true)
}

// approved refuses an approver who is no code, or who is who records.
func (u *TakeBack) approved(caller Caller) (wrong []domain.Refusal) {
	if u.ApprovedBy == "" {
		return nil
	}
	for _, r := range kindNamed("record.voided").Check(&domain.RecordVoided{TargetEvent: u.Event, Reason: "false", ApprovedBy: u.ApprovedBy}) {
		if r.Field = strings.TrimPrefix(r.Field, "/data"); r.Field == "/approved_by" {
			wrong = append(wrong, r)
		}
	}
	if len(wrong) == 0 {
		wrong = approver(caller, u.ApprovedBy, "/approved_by")
	}
	return wrong
}

// takeBackByVoid voids the event.
func (d *Door) takeBackByVoid(ctx context.Context, caller Caller, event *events.Event, approved string) ([]Answer, *Problem) {
	answers := d.Record(ctx, caller, []*Submission{{
		Kind: kindNamed("record.voided"), Time: domain.MomentOf(d.now()), Cause: event.ID,
		Key:  Key{Text("takeback"), Text("record.voided"), Text(event.ID.String())},
		Fact: &domain.RecordVoided{TargetEvent: event.ID, Reason: "false", ApprovedBy: approved},
	}}, false)
	return answers, answers[0].Problem
}

// takingBack makes the facts of a choice.
type takingBack struct {
	d        *events.Directory
	u        TakeBack
	event    *events.Event
	subs     []*Submission
	refusals []domain.Refusal
}

func (x *takingBack) refuse(r rule, field, value string) {
	x.refusals = append(x.refusals, r.at(field, value))
}

func (x *takingBack) add(kind string, subject domain.Entity, f domain.Fact) {
	s := &Submission{Kind: kindNamed(kind), Fact: f}
	if subject.Present() {
		s.Subject = Name{Pointer: "/subject", Kind: domain.HouseholdKind, ID: subject}
	}
	x.subs = append(x.subs, s)
}

// key names the facts of a choice one after the other.
func (x *takingBack) key(i int) Key {
	return Key{Text("takeback"), Text(x.event.ID.String()), Text(string(x.u.ReturnTo)), Text(strconv.Itoa(i + 1))}
}

// recorded finds the facts of the choice when they are recorded already: they are offered again.
func (x *takingBack) recorded(ctx context.Context, d *Door, caller Caller) error {
	for {
		id := domain.DeriveEventID(caller.Source(), x.key(len(x.subs)).text(nil))
		f, e, err := d.recorded(ctx, caller, id)
		if errors.Is(err, errNoFact) {
			return nil
		}
		if err != nil {
			return err
		}
		x.add(e.Type, e.Subject, f)
	}
}

// plan chooses by what the event is.
func (x *takingBack) plan(was domain.Fact) {
	if by := x.d.Voided(x.event.ID); by.Present() {
		x.refuse(voidedAlready(by), "/event", x.event.ID.String())
		return
	}
	if moved := x.event.Time.Day(); x.u.Day < moved {
		x.refuse(beforeTheMove(moved), "/time", x.u.Day.String())
		return
	}
	home := x.event.Home.Entity
	switch f := was.(type) {
	case *domain.HouseholdSplit:
		x.split(home, f)
	case *domain.HouseholdMoved:
		x.moved(home, f)
	case *domain.MemberLeft:
		x.member(f.Person, home, f.MovedToHousehold.Entity)
	case *domain.MemberJoined:
		from := f.FromHousehold.Entity
		if h, ok := x.d.Home(f.Member.Person.Entity); ok && !from.Present() && h.Entity != home {
			from = h.Entity
		}
		x.member(f.Member.Person, from, home)
	}
}

// split brings the children that go on back into the parent, or together to the old address: what
// the first that has members splits into takes the others in, for splits come before merges of a day.
func (x *takingBack) split(parent domain.Entity, f *domain.HouseholdSplit) {
	var children []domain.HouseholdID
	var first []domain.PersonID
	for _, c := range f.Children {
		if x.d.Closed(c.Household.Entity) {
			continue
		}
		children = append(children, c.Household)
		for _, e := range x.d.Members(c.Household.Entity) {
			if len(children) == 1 {
				first = append(first, domain.PersonID{Entity: e})
			}
		}
		if len(first) == 0 {
			children = children[:len(children)-1] // nobody is left there to return
		}
	}
	switch {
	case len(children) == 0:
		x.refuse(nothingLeft(), "/event", x.event.ID.String())
	case x.u.ReturnTo == ToHousehold:
		if x.d.Closed(parent) {
			x.refuse(goneHousehold(parent), "/return_to", string(x.u.ReturnTo))
			return
		}
		x.add("household.merged", parent, &domain.HouseholdMerged{Into: domain.HouseholdID{Entity: parent}, From: children, Reason: "undone"})
	default:
		old, ok := x.oldAddress(parent, children[0].Entity)
		if !ok {
			return
		}
		x.found(children[0].Entity, first, old)
		if len(children) > 1 {
			x.add("household.merged", 0, &domain.HouseholdMerged{From: children[1:], Reason: "undone"})
			x.subs[1].Names = []Name{{Pointer: "/data/into", Kind: domain.HouseholdKind, Event: 1, At: "/data/children/0/household"}}
		}
	}
}

// member brings a member back into the household that he came from, or to its old address.
func (x *takingBack) member(person domain.PersonID, from, to domain.Entity) {
	switch {
	case !from.Present() || !to.Present():
		x.refuse(saysNotWhence(), "/event", x.event.ID.String())
	case x.d.Death(person.Entity).Present():
		died, _ := x.d.DiedOn(person.Entity)
		x.refuse(hasDied(died, x.d.Death(person.Entity)), "/event", x.event.ID.String())
	case !slices.Contains(x.d.Members(to), person.Entity):
		x.refuse(movedOn(), "/event", x.event.ID.String())
	case !slices.Contains(x.d.MembersOn(to, x.u.Day), person.Entity):
		x.refuse(beforeTheMove(x.event.Time.Day()), "/time", x.u.Day.String()) // he left before he arrived
	case x.u.ReturnTo == ToAddress:
		if old, ok := x.oldAddress(from, to); ok {
			x.found(to, []domain.PersonID{person}, old)
		}
	case x.d.Closed(from):
		x.refuse(goneHousehold(from), "/return_to", string(x.u.ReturnTo))
	case x.u.Relation == "":
		x.refuse(missing(zhen("请填写他与户主的关系，如 child", "say what he is to the head, such as child")), "/relation", "")
	default:
		x.add("household.member_left", to, &domain.MemberLeft{Person: person, Reason: "moved", MovedToHousehold: domain.HouseholdID{Entity: from}})
		x.add("household.member_joined", from, &domain.MemberJoined{
			Member: domain.Member{Person: person, Relation: x.u.Relation}, Reason: "return", FromHousehold: domain.HouseholdID{Entity: to},
		})
	}
}

// moved moves a household back.
func (x *takingBack) moved(home domain.Entity, f *domain.HouseholdMoved) {
	if x.u.ReturnTo == ToHousehold {
		x.refuse(noOldHousehold(), "/return_to", string(x.u.ReturnTo))
		return
	}
	back := &domain.HouseholdMoved{FromCommunity: f.ToCommunity, ToCommunity: f.FromCommunity, Kind: domain.ResettledAgain}
	if old, err := x.d.DwellingOf(home, x.event.Time.Day()-1); err == nil {
		back.Dwelling = domain.DwellingID{Entity: old}
		x.vacant(old, home)
	}
	if !back.Dwelling.Present() && !back.ToCommunity.Present() {
		x.refuse(noAddress(home), "/return_to", string(x.u.ReturnTo))
	}
	x.add("household.moved", home, back)
}

// found founds a new household of some people at an address.
func (x *takingBack) found(of domain.Entity, people []domain.PersonID, at domain.DwellingID) {
	x.add("household.split", of, &domain.HouseholdSplit{Children: []domain.Child{{Members: people, Dwelling: at}}, LegalBasis: "undo"})
}

// oldAddress is the dwelling that a household had before the event and nobody has now but who may.
func (x *takingBack) oldAddress(household, may domain.Entity) (domain.DwellingID, bool) {
	old, err := x.d.DwellingOf(household, x.event.Time.Day()-1)
	if err != nil {
		x.refuse(noAddress(household), "/return_to", string(x.u.ReturnTo))
		return domain.DwellingID{}, false
	}
	return domain.DwellingID{Entity: old}, x.vacant(old, may)
}

// vacant refuses an address at which another household lives now.
func (x *takingBack) vacant(dwelling, but domain.Entity) bool {
	for _, holder := range x.d.Holders(dwelling, anyDay) {
		if holder != but && !x.d.Closed(holder) {
			x.refuse(takenAddress(holder), "/return_to", string(x.u.ReturnTo))
			return false
		}
	}
	return true
}
