package domain

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
)

// Fact is the payload of one event: a pointer to one of the catalogue's structs. The
// unexported method closes the set; a fact without a fold does not compile.
type Fact interface {
	// Check reports every rule of the type that this payload breaks, by field; it is pure and
	// knows neither the clock nor other facts.
	Check(r *Report)
	// apply adds the fact to the file of its home. It is called in fold order (WIRE §3) and may
	// not depend on anything but f and s.
	apply(f *File, s *Stamp)
}

// Stamp places a fact in the world and in the ledger while it is folded.
type Stamp struct {
	Time     Moment   // when it was true in the world
	Kind     *Kind    // its type; Kind.Rank orders facts of one moment
	ID       EventID  // the event
	Key      string   // its business key (WIRE §3), "" when the submitter gave the id
	Place    Place    // where the event stands in the ledger
	Division Division // where the subject was at Time
	Source   Source   // who recorded it
	Subject  Entity   // the home it stands under; kept by registers for facts that touch further homes

	file *File  // while folding: the file,
	at   uint32 // where the record begins in its register,
	day  Day    // and Day()
}

// Day returns the civil day that the fact was true on.
func (s Stamp) Day() Day { return s.Time.Day() }

// Source is who recorded a fact: a department of a division. It is written
// "/departments/hrss/520603".
type Source struct {
	Department Department
	Division   Division
}

// String returns the form that stands in an event's source attribute.
func (s Source) String() string {
	return sourcePrefix + string(s.Department) + "/" + string(s.Division)
}

// DeriveEventID is the id of a fact that has a business key (WIRE §3): the first 16 bytes of
// SHA-256(source, 0x00, key) with version 8 and the RFC 9562 variant.
func DeriveEventID(source Source, key string) EventID {
	b := append(make([]byte, 0, 256), sourcePrefix...)
	b = append(b, source.Department...)
	b = append(append(b, '/'), source.Division...)
	return hashEventID(append(append(b, 0), key...))
}

// sourcePrefix begins the text of every source.
const sourcePrefix = "/departments/"

// hashEventID is the id of source, 0x00 and key.
func hashEventID(text []byte) (id EventID) {
	sum := sha256.Sum256(text)
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Place names one event of the ledger: the province that names its stream, and its sequence.
type Place struct {
	Province uint8
	Sequence uint64
}

// TimeKind says how a type states its time.
type TimeKind byte

// The two forms of an event's time.
const (
	DateTime    TimeKind = iota // a civil date: 2020-03-05T00:00:00+08:00
	InstantTime                 // an instant: UTC with three decimals
)

// Kind is one type of fact at its present version: an entry of the catalogue.
type Kind struct {
	Name        string       // "job.placed"; never changes
	Version     int          // of the payload; older ones are read by was
	Rank        int          // order among facts of one moment (WIRE §3); never changes
	Area        int          // 0 to 6, 9 (DOMAIN §1)
	Time        TimeKind     // date or instant
	Home        EntityKind   // kind of entity whose subject the event stands under
	Departments []Department // who may record it; see AnyDepartment, OfTarget, OfGrievance, Importer
	Label       Text         // its name
	Effect      Text         // what it changes
	Sample      Fact         // one valid payload with made-up ids, boxes open

	fields func() []Field // read off the struct at first use: enumerations are registered by then
	plan   func() *plan   // of the struct, likewise
	new    func() Fact
	older  map[int]func(data []byte) (Fact, error)
}

// kinds are all types by name, filled by define while the package initialises, read-only after.
var kinds = map[string]*Kind{}

// maxRank is above every type's rank: a rank is a multiple of ten, and registers keep its tenth.
const maxRank = 1000

// define enters a type into the catalogue. It panics on a programmer's mistake: a second type
// of the name, a struct that is no payload.
func define[T any, P interface {
	*T
	Fact
}](k Kind) *Kind {
	if _, twice := kinds[k.Name]; twice {
		panic("domain: " + k.Name + " is defined twice")
	}
	if k.Rank <= 0 || k.Rank%10 != 0 || k.Rank >= maxRank {
		panic("domain: the rank of " + k.Name + " is none")
	}
	if k.Version == 0 {
		k.Version = 1
	}
	k.new = func() Fact { return P(new(T)) }
	k.fields = sync.OnceValue(func() []Field { return fieldsOf(reflect.TypeFor[T]()) })
	k.plan = sync.OnceValue(func() *plan { return planOf(reflect.TypeFor[T](), k.fields()) })
	k.older = map[int]func([]byte) (Fact, error){}
	kinds[k.Name] = &k
	return &k
}

// was says how version v of k, whose payload was an Old, reads today. The door accepts only
// the present version; the log is read in all of them for ever.
func was[Old any](k *Kind, v int, upgrade func(Old) Fact) struct{} {
	k.older[v] = func(data []byte) (Fact, error) {
		var old Old
		if err := json.Unmarshal(data, &old); err != nil {
			return nil, err
		}
		return upgrade(old), nil
	}
	return struct{}{}
}

// Kinds returns the catalogue in the order of the ranks.
func Kinds() []*Kind {
	all := make([]*Kind, 0, len(kinds))
	for _, k := range kinds {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b *Kind) int { return a.Rank - b.Rank })
	return all
}

// KindOf finds a type by name.
func KindOf(name string) (*Kind, bool) {
	k, ok := kinds[name]
	return k, ok
}

// Schema is the value of an event's dataschema: "anju:job.placed/2".
func (k *Kind) Schema() string { return fmt.Sprintf("anju:%s/%d", k.Name, k.Version) }

// ParseSchema splits "anju:job.placed/2" into its name and version.
func ParseSchema(s string) (name string, version int, ok bool) {
	rest, found := strings.CutPrefix(s, "anju:")
	name, digits, slash := strings.Cut(rest, "/")
	if !found || !slash || digits == "" || len(digits) > 4 || digits[0] == '0' {
		return "", 0, false
	}
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return "", 0, false
		}
		version = version*10 + int(c-'0')
	}
	return name, version, true
}

// Fields describes the payload in the order of its keys; the caller must not change it.
func (k *Kind) Fields() []Field { return k.fields() }

// Reads reports whether payloads of the version can be read.
func (k *Kind) Reads(version int) bool { return version == k.Version || k.older[version] != nil }

// New returns an empty payload.
func (k *Kind) New() Fact { return k.new() }

// ErrVersion reports a payload version that this program does not know: stop with its name.
var ErrVersion = fmt.Errorf("unknown version of a fact type")

// Decode reads a stored payload of the version, boxes closed as they lie in the log. It
// trusts what the door has let in: it checks form, not rules. Older versions are upgraded.
func (k *Kind) Decode(version int, data []byte) (Fact, error) {
	if version != k.Version {
		if old, ok := k.older[version]; ok {
			return old(data)
		}
		return nil, fmt.Errorf("%w: %s/%d", ErrVersion, k.Name, version)
	}
	f := k.new()
	if err := json.Unmarshal(data, f); err != nil {
		return nil, fmt.Errorf("payload of %s: %w", k.Name, err)
	}
	return f, nil
}

// Encode returns the payload's bytes: compact, keys in the struct's order, absent fields left
// out, strings escaped as RFC 8785 does.
func Encode(f Fact) ([]byte, error) { return json.Marshal(f) }

// kindsByRank are the types by rank/10, made at first use.
var kindsByRank = sync.OnceValue(func() *[256]*Kind {
	var table [256]*Kind
	for _, k := range kinds {
		table[k.Rank/10] = k
	}
	return &table
})

func kindByRank(rank int) *Kind { t := kindsByRank(); return t[rank/10] }
