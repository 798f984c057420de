package events

import (
	"encoding/binary"
	"errors"
	"strings"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// Home is what every entity has for life (DESIGN D2): the province whose stream and the county
// whose subjects hold its facts, and the entity under whose subject they stand.
type Home struct {
	Province uint8
	County   uint32 // six digits
	Entity   domain.Entity
}

// String returns "52.520603", the form of an event's home attribute.
func (h Home) String() string { return string(h.append(nil)) }

func (h Home) append(b []byte) []byte {
	b = append(b, '0'+h.Province/10, '0'+h.Province%10, '.')
	for unit := uint32(100_000); unit > 0; unit /= 10 {
		b = append(b, byte('0'+h.County/unit%10))
	}
	return b
}

// CountyDigits returns the county as six digits.
func (h Home) CountyDigits() string { return h.String()[3:] }

// HomeIn returns the home that an entity founded in the division has.
func HomeIn(d domain.Division, e domain.Entity) Home {
	var county uint32
	for _, c := range []byte(d.County()) {
		county = county*10 + uint32(c-'0')
	}
	return Home{uint8(county / 10_000), county, e}
}

// Directory is what the door knows of entities, kept by Learn in stream order: their homes, the
// official numbers and codes they answer to, the members of households, who was forgotten, what
// was voided. Numbers are kept only as keyed tags.
//
// It is memory: rebuilt from the log, or loaded from a snapshot and its tail. About 22 bytes an
// entity and 18 an alias. Its methods may be called concurrently; Learn, Settle and Undo come
// from the one writer. TestDirectoryUndoTakesBackWhatAFailedGroupTaught covers its promise.
type Directory struct {
	tag  func(class string, value []byte) uint64
	base *Directory // what an overlay does not know itself

	mu        sync.RWMutex
	provinces map[uint8]*province // under mu, with all they hold
}

// province is the part of a directory that one stream fills.
type province struct {
	Slots     []slot
	index     slotTable
	aliases   tagTable // tag → slot; severalBit where two entities answer to it
	Handed    map[uint32]domain.Day
	Handovers map[uint32][]handover
	Steps     map[uint32][]step
	Died      map[domain.Entity]domain.EventID // with the event that says so
	DiedOn    map[domain.Entity]domain.Day
	Ended     map[domain.Entity][]domain.EventID // households, by each event that says so
	Since     map[uint32]domain.Day              // of a household: when it was registered
	Acts      map[domain.Entity][]act            // splits and merges that it took part in
	Forgotten map[domain.Entity][]uint64         // with the tags of the numbers he answered to
	Deeds     map[domain.EventID][]deed          // corrections and voids, by target
	Waiting   map[uint64][]uint32                // by tag: slots of further entities that answer to it
	Again     map[uint64]uint32                  // by tag and slot: how often further facts give the name
	Unmade    map[uint32][]domain.EventID        // of a home: events that were voided, in force or not
	Anew      map[uint32]int                     // of a household: how often it was registered after the first time
	Position  uint64

	joined map[domain.Entity][]uint32 // of a person: slots of households that he joined, read off Steps

	journal []change // what was learnt beyond the durable position, oldest first
}

// slot is one entity. A home's own word is its county; any other's is the slot of its home. The
// entities of one home are chained from it, newest first.
//
//	entity 8 | home 4: flags 3 bits, county or slot 29 | next 4: slot of the next of the home, 0 = none
type slot struct {
	Entity domain.Entity
	Home   uint32
	Next   uint32
}

// Flags of slot.Home and of an alias's value.
const (
	namedBit   = 1 << 31 // another home's fact names it
	slotMask   = 1<<29 - 1
	severalBit = 1 << 31
)

// change takes back one thing learnt from the event at a sequence.
type change struct {
	sequence uint64
	undo     func(p *province)
}

// ErrUnknownName reports that no entity answers to a number or code; ErrAmbiguousName that more
// than one does, and that its id is needed.
var (
	ErrUnknownName   = errors.New("no entity answers to this name")
	ErrAmbiguousName = errors.New("more than one entity answers to this name")
)

// NewDirectory returns an empty directory; tag is the keyring's keyed hash (seal.Ring.Tag).
func NewDirectory(tag func(class string, value []byte) uint64) *Directory {
	return &Directory{tag: tag, provinces: map[uint8]*province{}}
}

// Over returns an overlay for a dry run: it answers as d does and learns without d's knowing.
func (d *Directory) Over() *Directory {
	return &Directory{tag: d.tag, base: d, provinces: map[uint8]*province{}}
}

func newProvince() *province {
	return &province{
		Slots: make([]slot, 1), Handed: map[uint32]domain.Day{}, Handovers: map[uint32][]handover{},
		Steps: map[uint32][]step{}, Died: map[domain.Entity]domain.EventID{}, Ended: map[domain.Entity][]domain.EventID{}, Since: map[uint32]domain.Day{}, DiedOn: map[domain.Entity]domain.Day{}, Acts: map[domain.Entity][]act{}, Forgotten: map[domain.Entity][]uint64{},
		Deeds: map[domain.EventID][]deed{}, Waiting: map[uint64][]uint32{}, Again: map[uint64]uint32{}, Unmade: map[uint32][]domain.EventID{}, Anew: map[uint32]int{}, joined: map[domain.Entity][]uint32{},
	}
}

// Home returns the entity's home.
func (d *Directory) Home(e domain.Entity) (Home, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p, at, ok := d.find(e)
	if !ok && d.base != nil {
		return d.base.Home(e)
	}
	if !ok {
		return Home{}, false
	}
	own := p.Slots[at]
	if !e.Kind().HasSubject() {
		own = p.Slots[own.Home&slotMask]
	}
	county := own.Home & slotMask
	return Home{uint8(county / 10_000), county, own.Entity}, true
}

// find returns where the entity stands; the caller holds mu.
func (d *Directory) find(e domain.Entity) (*province, uint32, bool) {
	for _, p := range d.provinces {
		if at, ok := p.index.get(p.Slots, e); ok {
			return p, at, true
		}
	}
	return nil, 0, false
}

// Resolve returns the entity that answers to a number or code of the kind in the county, which
// is "" for identity numbers. Errors are ErrUnknownName and ErrAmbiguousName.
func (d *Directory) Resolve(kind domain.EntityKind, county, number string) (domain.Entity, error) {
	number = strings.TrimSpace(number)
	e, err := d.byTag(d.numberTag(kind, county, number))
	if errors.Is(err, ErrUnknownName) && kind == domain.PersonKind {
		return d.byTag(d.identityTag(number))
	}
	if errors.Is(err, ErrUnknownName) && kind == domain.CommunityKind {
		return d.byTag(d.nameTag(county, number))
	}
	return e, err
}

// ResolveExactly is Resolve without a person's identity number standing in for his own: what
// registration asks.
func (d *Directory) ResolveExactly(kind domain.EntityKind, county, number string) (domain.Entity, error) {
	return d.byTag(d.NumberTag(kind, county, number))
}

// Dwelling returns the dwelling at an address of a community.
func (d *Directory) Dwelling(community domain.Entity, a domain.Address) (domain.Entity, error) {
	return d.byTag(d.addressTag(community, a))
}

// Placement returns the job spell that the person began on the day.
func (d *Directory) Placement(person domain.Entity, day domain.Day) (domain.Entity, error) {
	return d.byTag(dayTag(person, day))
}

// Case returns the household's case that was flagged on the day.
func (d *Directory) Case(household domain.Entity, day domain.Day) (domain.Entity, error) {
	return d.byTag(dayTag(household, day))
}

// Fund returns the money from a source for a facility or project.
func (d *Directory) Fund(purpose domain.Entity, source string) (domain.Entity, error) {
	return d.byTag(d.fundTag(purpose, source))
}

// Target returns the target that was set for an indicator of a division.
func (d *Directory) Target(division domain.Division, i domain.Indicator) (domain.Entity, error) {
	return d.byTag(d.targetTag(division, i))
}

// NumberTag is the keyed tag of an official number: what a tombstone of it is made of.
func (d *Directory) NumberTag(kind domain.EntityKind, county, number string) uint64 {
	return d.numberTag(kind, county, strings.TrimSpace(number))
}

// IdentityTag is the keyed tag of an identity number, the same all over the ledger.
func (d *Directory) IdentityTag(number string) uint64 {
	return d.identityTag(strings.TrimSpace(number))
}

func (d *Directory) byTag(tag uint64) (domain.Entity, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.provinces {
		at, ok := p.aliases.get(tag)
		switch {
		case ok && at&severalBit != 0:
			return 0, ErrAmbiguousName
		case ok:
			return p.Slots[at].Entity, nil
		}
	}
	if d.base != nil {
		return d.base.byTag(tag)
	}
	return 0, ErrUnknownName
}

func (d *Directory) numberTag(kind domain.EntityKind, county, number string) uint64 {
	return d.tag("number/"+kind.String(), []byte(county+"/"+number))
}

func (d *Directory) identityTag(number string) uint64 { return d.tag("identity", []byte(number)) }

func (d *Directory) nameTag(county, name string) uint64 {
	return d.tag("community", []byte(county+"/"+name))
}

func (d *Directory) addressTag(community domain.Entity, a domain.Address) uint64 {
	return d.tag("address", []byte(community.String()+"/"+a.Block+"/"+a.Unit+"/"+a.Room))
}

func (d *Directory) fundTag(purpose domain.Entity, source string) uint64 {
	return d.tag("fund", []byte(purpose.String()+"/"+source))
}

func (d *Directory) targetTag(division domain.Division, i domain.Indicator) uint64 {
	return d.tag("target", []byte(string(division)+"/"+string(i)))
}

// dayTag mixes a random id and a day; ids are random, so no key is needed.
func dayTag(e domain.Entity, day domain.Day) uint64 {
	x := uint64(e) ^ uint64(uint32(day))*0xD6E8FEB86659FD93
	x = (x ^ x>>32) * 0xD6E8FEB86659FD93
	return x ^ x>>29 | 1
}

// FundsOf returns the funds allocated for a facility or project.
func (d *Directory) FundsOf(purpose domain.Entity) (funds []domain.Entity) {
	for _, source := range domain.TermsOf[domain.FundSource]() {
		if e, err := d.Fund(purpose, source.Code); err == nil {
			funds = append(funds, e)
		}
	}
	return funds
}

// Closed reports that the household's file has ended.
func (d *Directory) Closed(household domain.Entity) bool { return d.Ended(household).Present() }

// Ended returns the event that ended the household's file, absent when it goes on.
func (d *Directory) Ended(household domain.Entity) domain.EventID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.provinces {
		for _, by := range p.Ended[household] {
			if !d.void(by) {
				return by
			}
		}
	}
	if d.base != nil {
		return d.base.Ended(household)
	}
	return domain.EventID{}
}

// Named reports that a fact of another home names the entity: something rests on it.
func (d *Directory) Named(e domain.Entity) bool { return d.flag(e, namedBit) }

func (d *Directory) flag(e domain.Entity, bit uint32) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p, at, ok := d.find(e)
	return ok && p.Slots[at].Home&bit != 0 || d.base != nil && d.base.flag(e, bit)
}

// Forgotten reports that the person's key was destroyed.
func (d *Directory) Forgotten(person domain.Entity) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.provinces {
		if _, ok := p.Forgotten[person]; ok {
			return true
		}
	}
	return d.base != nil && d.base.Forgotten(person)
}

// AllForgotten returns every person whose key must not exist any more.
func (d *Directory) AllForgotten() (persons []domain.Entity) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.provinces {
		for e := range p.Forgotten {
			persons = append(persons, e)
		}
	}
	return persons
}

// Tombstones returns the tags of the numbers that a forgotten person answered to: what the
// keyring remembers of him, so that nobody registers him anew.
func (d *Directory) Tombstones(person domain.Entity) (tags [][]byte) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.provinces {
		for _, tag := range p.Forgotten[person] {
			tags = append(tags, binary.BigEndian.AppendUint64(nil, tag))
		}
	}
	return tags
}

// Position returns the sequence of the last event learnt from the province's stream.
func (d *Directory) Position(provinceCode uint8) uint64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if p := d.provinces[provinceCode]; p != nil {
		return p.Position
	}
	return 0
}
