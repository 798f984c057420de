package events

import (
	"errors"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// given is a number, code or address that a fact gives an entity.
type given struct {
	tag     uint64
	to      domain.Entity
	sort    nameSort
	several bool // a second entity under it makes it ambiguous, and is ignored otherwise
	lasting bool // a correction does not take it away: further facts state it, uncounted
}

// nameSort is what sort of name is given: of each sort a fact gives an entity one.
type nameSort byte

const (
	officialNumber nameSort = iota // or code
	identityNumber
	otherName // an address, a community's name, a day, what money or a target is for
)

// names calls give with every name that a fact gives.
func (l *lesson) names(f domain.Fact, give func(given)) {
	d, home := l.d, l.p.Slots[l.home].Entity
	county := HomeOf(l.p.Slots[l.home].Home & slotMask)
	number := func(kind domain.EntityKind, box domain.PersonalBox[string], e domain.Entity) {
		if text, ok := box.Value(); ok {
			give(given{tag: d.NumberTag(kind, county, text), to: e})
		}
	}
	identity := func(box domain.PersonalBox[string], e domain.Entity) {
		if text, ok := box.Value(); ok {
			give(given{tag: d.IdentityTag(text), to: e, sort: identityNumber, several: true})
		}
	}
	code := func(kind domain.EntityKind, text string, e domain.Entity) {
		if text != "" && e.Present() {
			give(given{tag: d.NumberTag(kind, county, text), to: e, lasting: kind == domain.DwellingKind})
		}
	}
	switch f := f.(type) {
	case *domain.HouseholdRegistered:
		number(domain.HouseholdKind, f.Number, home)
		for i := range f.Members {
			number(domain.PersonKind, f.Members[i].Number, f.Members[i].Person.Entity)
			identity(f.Members[i].IDNumber, f.Members[i].Person.Entity)
		}
	case *domain.MemberJoined:
		number(domain.PersonKind, f.Member.Number, f.Member.Person.Entity)
		identity(f.Member.IDNumber, f.Member.Person.Entity)
	case *domain.IdentityLinked:
		identity(f.IDNumber, f.Person.Entity)
	case *domain.DwellingHandedOver:
		if f.Address != (domain.Address{}) {
			give(given{tag: d.addressTag(f.Community.Entity, f.Address), to: f.Dwelling.Entity, sort: otherName})
		}
	case *domain.TitleApplied:
		code(domain.DwellingKind, f.ApplicationNo, f.Dwelling.Entity)
	case *domain.CertificateIssued:
		code(domain.DwellingKind, f.ApplicationNo, f.Dwelling.Entity)
	case *domain.JobPlaced:
		give(given{tag: dayTag(f.Person.Entity, l.s.Day()), to: f.Placement.Entity, sort: otherName})
	case *domain.RiskFlagged:
		give(given{tag: dayTag(home, l.s.Day()), to: f.Case.Entity, sort: otherName})
	case *domain.CommunityEstablished:
		code(domain.CommunityKind, f.Code, f.Community.Entity)
		give(given{tag: d.nameTag(county, f.Name), to: f.Community.Entity, sort: otherName, several: true})
	case *domain.FacilityChanged:
		code(domain.FacilityKind, f.Code, f.Facility.Entity)
	case *domain.ProjectChanged:
		code(domain.ProjectKind, f.Code, f.Project.Entity)
	case *domain.FundAllocated:
		give(given{tag: d.fundTag(purposeOf(f), string(f.Source)), to: f.Fund.Entity, sort: otherName})
	case *domain.TargetSet:
		give(given{tag: d.targetTag(l.s.Division, f.Indicator), to: f.Target.Entity, sort: otherName})
	}
}

// purposeOf is the facility or project that money is for.
func purposeOf(f *domain.FundAllocated) domain.Entity {
	if f.For.Facility.Present() {
		return f.For.Facility.Entity
	}
	return f.For.Project.Entity
}

// alias lets the entity answer to the tag. Of a second entity under one tag it is kept that it waits; stated
// again, that it is stated twice.
func (l *lesson) alias(g given) {
	at, ok := l.p.index.get(l.p.Slots, g.to)
	if !ok {
		return
	}
	was, taken := l.p.aliases.get(g.tag)
	switch {
	case !taken:
		l.put(g.tag, at)
	case was&^severalBit == at || slices.Contains(l.p.Waiting[g.tag], at):
		if !g.lasting {
			mark(l, func(p *province) map[uint64]uint32 { return p.Again }, stated(g.tag, at), l.p.Again[stated(g.tag, at)]+1)
		}
	default:
		mark(l, func(p *province) map[uint64][]uint32 { return p.Waiting }, g.tag, append(slices.Clip(l.p.Waiting[g.tag]), at))
		if g.several {
			l.put(g.tag, was|severalBit)
		}
	}
}

// stated mixes a tag and a slot: how often one entity's facts state one name.
func stated(tag uint64, at uint32) uint64 { return dayTag(domain.Entity(tag), domain.Day(at)) }

// put sets a tag's value.
func (l *lesson) put(tag uint64, value uint32) {
	was, taken := l.p.aliases.get(tag)
	l.p.aliases.put(tag, value)
	l.record(func(p *province) {
		if taken {
			p.aliases.put(tag, was)
		} else {
			p.aliases.remove(tag)
		}
	})
}

// unalias takes a name back that a correction replaced, unless another fact states it. Who waited for it
// answers to it then.
func (l *lesson) unalias(g given) {
	at, ok := l.p.index.get(l.p.Slots, g.to)
	value, taken := l.p.aliases.get(g.tag)
	if !ok || !taken || g.lasting {
		return
	}
	again := func(p *province) map[uint64]uint32 { return p.Again }
	waiting := l.p.Waiting[g.tag]
	place := slices.Index(waiting, at)
	switch n := l.p.Again[stated(g.tag, at)]; {
	case n > 0:
		mark(l, again, stated(g.tag, at), n-1)
		return
	case place >= 0:
		waiting = slices.Delete(slices.Clone(waiting), place, place+1)
	case value&^severalBit != at:
		return
	case len(waiting) == 0:
		l.p.aliases.remove(g.tag)
		l.record(func(p *province) { p.aliases.put(g.tag, value) })
		return
	default:
		value, waiting = waiting[0]|value&severalBit, waiting[1:]
	}
	if len(waiting) == 0 {
		value &^= severalBit
	}
	mark(l, func(p *province) map[uint64][]uint32 { return p.Waiting }, g.tag, waiting)
	l.put(g.tag, value)
}

// Restate replaces the names that a fact gave by those that it gives now: a correction, or the void of one,
// took it from one payload to another. It follows Learn of that act; s is the fact's own stamp, at the place
// of the act. A correction that leaves a name out, as one does that is filled in where sealed fields are not
// shown, does not take it away: own is what the fact said at first. Personal fields are open.
func (d *Directory) Restate(home Home, s domain.Stamp, own domain.Fact, corrected [2]domain.Fact) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.provinces[home.Province]
	if p == nil {
		return
	}
	l := &lesson{d: d, p: p, s: s}
	l.home = l.found(home)
	before, after := l.under(own, corrected[0]), l.under(own, corrected[1])
	for _, g := range before {
		if !slices.Contains(after, g) {
			l.unalias(g)
		}
	}
	for _, g := range after {
		if !slices.Contains(before, g) {
			l.alias(g)
		}
	}
}

// under are the names that a fact gives when a correction of it holds: the correction's, and those of its own
// that the correction leaves out.
func (l *lesson) under(own, correction domain.Fact) (all []given) {
	l.names(correction, func(g given) { all = append(all, g) })
	stated := len(all)
	l.names(own, func(g given) {
		if !slices.ContainsFunc(all[:stated], func(s given) bool { return s.to == g.to && s.sort == g.sort }) {
			all = append(all, g)
		}
	})
	return all
}

// restated learns what an act on a record did to the names that the record gives: it is called when the act
// is learnt, with what held before.
func (w *writer) restated(find func(domain.EventID) (*Event, error), of *Event, before domain.EventID, at uint64) error {
	after := w.directory.Correction(of.ID)
	if before == after {
		return nil
	}
	var facts [3]domain.Fact // its own, and under the two corrections
	for i, by := range []domain.EventID{{}, before, after} {
		var err error
		if facts[i], err = w.stating(find, of, by); err != nil {
			return err
		}
	}
	stamp, err := of.Stamp()
	if err != nil {
		return err
	}
	stamp.Place.Sequence = at
	w.directory.Restate(of.Home, stamp, facts[0], [2]domain.Fact(facts[1:]))
	return nil
}

// stating is the payload of a record under a correction of it, or its own.
func (w *writer) stating(find func(domain.EventID) (*Event, error), of *Event, by domain.EventID) (domain.Fact, error) {
	if !by.Present() {
		return w.opener.OpenAll(of)
	}
	e, err := find(by)
	if err != nil {
		return nil, err
	}
	kind, err := of.Kind()
	if err != nil {
		return nil, err
	}
	f, err := w.opener.OpenAll(e)
	if err != nil {
		return nil, err
	}
	c, corrects := f.(*domain.RecordCorrected)
	if !corrects {
		return w.opener.OpenAll(of)
	}
	return w.opener.OpenPayloadAll(e, kind, c.Data)
}

// baseOf finds the record that an act is about in the end, through acts on acts; nil when the event is no
// act, or its record is not in this stream.
func baseOf(find func(domain.EventID) (*Event, error), f domain.Fact) (*Event, error) {
	for {
		target, about := domain.TargetOf(f)
		if _, disputes := f.(*domain.RecordDisputed); !about || disputes {
			return nil, nil
		}
		e, err := find(target)
		if errors.Is(err, ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		kind, err := e.Kind()
		if err != nil {
			return nil, err
		}
		if f, err = kind.Decode(e.Version, e.Data); err != nil {
			return nil, err
		}
		if _, act := domain.TargetOf(f); !act {
			return e, nil
		}
	}
}

// teach lets the directory learn an event, and what an act did to the names that its record gives.
func (w *writer) teach(find func(domain.EventID) (*Event, error), e *Event, stamp domain.Stamp) error {
	of, err := baseOf(find, e.Fact)
	if err != nil {
		return err
	}
	if of == nil {
		w.directory.Learn(e.Home, stamp, e.Fact)
		return nil
	}
	before := w.directory.Correction(of.ID)
	w.directory.Learn(e.Home, stamp, e.Fact)
	with := func(id domain.EventID) (*Event, error) { // e itself is not to be found yet
		if id == e.ID {
			return e, nil
		}
		return find(id)
	}
	return w.restated(with, of, before, e.Sequence)
}
