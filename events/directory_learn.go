package events

import (
	"maps"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// lesson is one event while the directory learns it.
type lesson struct {
	d    *Directory
	p    *province
	home uint32 // slot of the event's home
	s    domain.Stamp

	fresh domain.Entity // the last entity that the event made known
}

// Learn takes in an event in the order of its stream, before it is durable: Settle or Undo
// follows. The fact's personal numbers are open (Opener.OpenAll) unless erased.
func (d *Directory) Learn(home Home, s domain.Stamp, f domain.Fact) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.provinces[home.Province]
	if p == nil {
		p = newProvince()
		d.provinces[home.Province] = p
	}
	was := p.Position
	p.Position = max(p.Position, s.Place.Sequence)
	l := &lesson{d: d, p: p, s: s}
	l.record(func(p *province) { p.Position = was })
	l.home = l.found(home)
	s.Kind.VisitEntities(f, func(ref domain.EntityRef) {
		if e := *ref.ID; e.Present() && (ref.Field.Minted || ref.Field.Created) && e != home.Entity {
			l.hold(home, e)
		}
	})
	l.learn(f)
}

// record keeps how to take a change back.
func (l *lesson) record(undo func(p *province)) {
	l.p.journal = append(l.p.journal, change{l.s.Place.Sequence, undo})
}

// found returns the slot of a home, made when it is new.
func (l *lesson) found(home Home) uint32 {
	if at, ok := l.p.index.get(l.p.Slots, home.Entity); ok {
		return at
	}
	return l.add(slot{home.Entity, home.County, 0})
}

func (l *lesson) add(s slot) uint32 {
	at := uint32(len(l.p.Slots))
	l.p.Slots = append(l.p.Slots, s)
	l.p.index.put(l.p.Slots, at)
	l.record(func(p *province) {
		p.index.remove(p.Slots, s.Entity)
		p.Slots = p.Slots[:at]
	})
	return at
}

// hold makes e an entity of the event's home, or a home of its own, unless it is known.
func (l *lesson) hold(home Home, e domain.Entity) {
	if _, _, known := l.d.find(e); known {
		return
	}
	if l.d.base != nil {
		if _, known := l.d.base.Home(e); known {
			return
		}
	}
	if e.Kind().HasSubject() {
		l.add(slot{e, home.County, 0})
		return
	}
	owner := l.home
	next := l.p.Slots[owner].Next
	l.fresh = e
	at := l.add(slot{e, owner, next})
	l.p.Slots[owner].Next = at
	l.record(func(p *province) { p.Slots[owner].Next = next })
}

func (l *lesson) setFlag(e domain.Entity, bit uint32) {
	p, at, ok := l.d.find(e)
	if !ok || p != l.p || p.Slots[at].Home&bit != 0 {
		return
	}
	p.Slots[at].Home |= bit
	l.record(func(p *province) { p.Slots[at].Home &^= bit })
}

// step adds a change of a household's members.
func (l *lesson) step(household, person domain.Entity, joins bool) {
	at, ok := l.p.index.get(l.p.Slots, household)
	if !ok {
		return
	}
	was := l.p.Steps[at]
	l.p.Steps[at] = append(slices.Clip(was), step{person, l.s.Day(), joins, person == l.fresh, l.s.Place.Sequence, l.s.ID})
	l.record(func(p *province) { p.Steps[at] = was })
	if joins && person != l.fresh && !slices.Contains(l.p.joined[person], at) {
		mark(l, func(p *province) map[domain.Entity][]uint32 { return p.joined }, person, append(slices.Clip(l.p.joined[person]), at))
	}
}

func mark[K comparable, V any](l *lesson, m func(p *province) map[K]V, k K, v V) {
	was, had := m(l.p)[k]
	m(l.p)[k] = v
	l.record(func(p *province) {
		if had {
			m(p)[k] = was
		} else {
			delete(m(p), k)
		}
	})
}

// learn takes in what a type of fact says beside the entities that it mints.
func (l *lesson) learn(f domain.Fact) {
	home := l.p.Slots[l.home].Entity
	l.names(f, l.alias)
	switch f := f.(type) {
	case *domain.HouseholdRegistered:
		since, had := l.p.Since[l.home]
		if !had || l.s.Day() < since {
			mark(l, func(p *province) map[uint32]domain.Day { return p.Since }, l.home, l.s.Day())
		}
		if had {
			mark(l, func(p *province) map[uint32]int { return p.Anew }, l.home, l.p.Anew[l.home]+1)
		}
		l.setFlag(f.Community.Entity, namedBit)
	case *domain.MemberJoined:
		l.step(home, f.Member.Person.Entity, true)
	case *domain.MemberLeft:
		l.step(home, f.Person.Entity, false)
	case *domain.HouseholdSplit:
		l.split(home, f)
	case *domain.HouseholdMerged:
		l.merge(f)
	case *domain.HouseholdClosed:
		l.end(home)
	case *domain.HouseholdMoved:
		l.received(home, f.Dwelling.Entity)
	case *domain.PersonDied:
		mark(l, func(p *province) map[domain.Entity]domain.EventID { return p.Died }, f.Person.Entity, l.s.ID)
		mark(l, func(p *province) map[domain.Entity]domain.Day { return p.DiedOn }, f.Person.Entity, l.s.Day())
	case *domain.KeyDestroyed:
		l.forget(f.Person.Entity)
	case *domain.RecordVoided:
		l.deed(f.TargetEvent, true)
	case *domain.RecordCorrected:
		l.deed(f.TargetEvent, false)
	default:
		l.learnThings(f)
	}
}

// learnThings takes in what is said of no person and no household.
func (l *lesson) learnThings(f domain.Fact) {
	switch f := f.(type) {
	case *domain.DwellingHandedOver:
		l.handedOver(f)
	case *domain.FacilityChanged:
		for _, c := range f.CommunitiesServed {
			l.setFlag(c.Entity, namedBit)
		}
	case *domain.ProjectChanged:
		l.setFlag(f.Community.Entity, namedBit)
	case *domain.HouseholdLinked:
		l.setFlag(f.Project.Entity, namedBit)
	case *domain.FundAllocated:
		l.setFlag(purposeOf(f), namedBit)
	}
}

// HomeOf writes a county's number as six digits.
func HomeOf(county uint32) string { return Home{County: county}.CountyDigits() }

func (l *lesson) handedOver(f *domain.DwellingHandedOver) {
	l.setFlag(f.Community.Entity, namedBit)
	at, ok := l.p.index.get(l.p.Slots, f.Dwelling.Entity)
	_, before := l.p.Handed[at]
	if ok && !before && l.p.Slots[at].Home&slotMask == l.home {
		mark(l, func(p *province) map[uint32]domain.Day { return p.Handed }, at, l.s.Day())
	} else {
		l.received(l.p.Slots[l.home].Entity, f.Dwelling.Entity)
	}
}

// received keeps that a household has a dwelling from the event's day on, none when it is absent.
func (l *lesson) received(household, dwelling domain.Entity) {
	if at, ok := l.p.index.get(l.p.Slots, household); ok {
		mark(l, func(p *province) map[uint32][]handover { return p.Handovers }, at,
			append(slices.Clip(l.p.Handovers[at]), handover{dwelling, l.s.Day(), l.s.ID}))
	}
}

// act keeps that a split or merge concerned a household.
func (l *lesson) act(household domain.Entity, merge bool) {
	mark(l, func(p *province) map[domain.Entity][]act { return p.Acts }, household,
		append(slices.Clip(l.p.Acts[household]), act{l.s.Day(), l.s.ID, merge}))
}

func (l *lesson) end(household domain.Entity) {
	mark(l, func(p *province) map[domain.Entity][]domain.EventID { return p.Ended }, household, append(slices.Clip(l.p.Ended[household]), l.s.ID))
}

// split moves members into the children; a parent without any has ended.
func (l *lesson) split(parent domain.Entity, f *domain.HouseholdSplit) {
	l.act(parent, false)
	had, _ := l.d.dwellingOf(parent, l.s.Day())
	for _, child := range f.Children {
		l.act(child.Household.Entity, false)
		if child.Dwelling.Present() {
			l.received(child.Household.Entity, child.Dwelling.Entity)
		}
		if child.Dwelling.Present() && child.Dwelling.Entity == had {
			l.received(parent, 0)
			had = 0
		}
		for _, person := range child.Members {
			l.step(parent, person.Entity, false)
			l.step(child.Household.Entity, person.Entity, true)
		}
	}
	if slices.ContainsFunc(l.d.membersOn(parent, l.s.Day()), func(e domain.Entity) bool { return l.d.lives(e, l.s.Day()) }) {
		return
	}
	l.end(parent)
	if first := f.Children[0]; had.Present() && !first.Dwelling.Present() {
		l.received(first.Household.Entity, had)
	}
}

// merge ends the sources, and their members belong to the other household.
func (l *lesson) merge(f *domain.HouseholdMerged) {
	l.act(f.Into.Entity, true)
	has, _ := l.d.dwellingOf(f.Into.Entity, l.s.Day())
	for _, from := range f.From {
		if had, _ := l.d.dwellingOf(from.Entity, l.s.Day()); had.Present() && !has.Present() {
			l.received(f.Into.Entity, had)
			has = had
		}
		l.act(from.Entity, true)
		for _, person := range l.d.membersOn(from.Entity, l.s.Day()) {
			l.step(f.Into.Entity, person, true)
		}
		l.end(from.Entity)
	}
}

// forget takes every number of the person out of the index.
func (l *lesson) forget(person domain.Entity) {
	var tags []uint64
	p, at, ok := l.d.find(person)
	if ok && p == l.p {
		tags = p.aliases.tagsOf(at)
	}
	tags = append(tags, l.p.Forgotten[person]...)
	mark(l, func(p *province) map[domain.Entity][]uint64 { return p.Forgotten }, person, tags)
	for _, tag := range tags {
		if value, ok := l.p.aliases.get(tag); ok && value == at {
			l.p.aliases.remove(tag)
			l.record(func(p *province) { p.aliases.put(tag, at) })
		}
	}
}

// Settle says that the stream's events up to the sequence are durable and stay learnt.
func (d *Directory) Settle(provinceCode uint8, upTo uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.provinces[provinceCode]
	if p == nil {
		return
	}
	n := 0
	for n < len(p.journal) && p.journal[n].sequence <= upTo {
		n++
	}
	p.journal = slices.Delete(p.journal, 0, n)
}

// Undo takes back everything learnt beyond the sequence, newest first: a group that failed.
func (d *Directory) Undo(provinceCode uint8, after uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.provinces[provinceCode]; p != nil {
		p.undo(after)
	}
}

func (p *province) undo(after uint64) {
	for n := len(p.journal) - 1; n >= 0 && p.journal[n].sequence > after; n-- {
		p.journal[n].undo(p)
		p.journal = p.journal[:n]
	}
}

// settled returns a copy that knows only what is durable; the caller holds mu.
func (p *province) settled() *province {
	c := &province{
		Slots: slices.Clone(p.Slots), index: p.index.clone(), aliases: p.aliases.clone(), Handed: maps.Clone(p.Handed),
		Handovers: maps.Clone(p.Handovers), Steps: maps.Clone(p.Steps), Died: maps.Clone(p.Died), Ended: maps.Clone(p.Ended), Since: maps.Clone(p.Since), DiedOn: maps.Clone(p.DiedOn), Acts: maps.Clone(p.Acts), Forgotten: maps.Clone(p.Forgotten),
		Deeds: maps.Clone(p.Deeds), Waiting: maps.Clone(p.Waiting), Again: maps.Clone(p.Again), Unmade: maps.Clone(p.Unmade), Anew: maps.Clone(p.Anew), joined: maps.Clone(p.joined), Position: p.Position, journal: slices.Clone(p.journal),
	}
	c.undo(0)
	return c
}
