package sample

import (
	"fmt"
	"hash/fnv"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
)

// StandIns makes up what a rehearsal states in the place of sealed fields: values that keep the
// rules of their fields, are plainly nobody's, and follow from the entity alone, so that what is
// said of one person twice is the same and two persons share an ID number only when Same says so. The same entities
// asked in the same order have the same values. One goroutine uses it.
type StandIns struct {
	holders map[string]domain.Entity        // of ID numbers
	same    map[domain.Entity]domain.Entity // the next of those who share one; the last has none
}

// NewStandIns returns stand-ins of which none is taken yet.
func NewStandIns() *StandIns {
	return &StandIns{holders: map[string]domain.Entity{}, same: map[domain.Entity]domain.Entity{}}
}

// Same has two persons share one ID number; it is told before either is asked for.
func (s *StandIns) Same(one, other domain.Entity) {
	if one, other = s.holder(one), s.holder(other); one != other {
		s.same[max(one, other)] = min(one, other)
	}
}

// holder stands for all who share an ID number.
func (s *StandIns) holder(of domain.Entity) domain.Entity {
	for s.same[of].Present() {
		of = s.same[of]
	}
	return of
}

// Value returns the JSON of a sealed field that is of an entity, a person or a home.
func (s *StandIns) Value(of domain.Entity, f *domain.Field) []byte {
	var value any = s.text(of, f)
	if f.List {
		value = []string{s.text(of, f)}
	}
	b, err := json.Marshal(value)
	if err != nil {
		panic("sample: a stand-in does not encode: " + err.Error())
	}
	return b
}

// text is one value: of a code the one that says least, since nobody knows which was sealed.
func (s *StandIns) text(of domain.Entity, f *domain.Field) string {
	if f.Type == domain.CodeField {
		return leastTelling(f.Terms)
	}
	n := seedOf(of)
	switch f.Name {
	case "number":
		return "rehearsal-" + of.String() // who knows the first ledger's id finds the same entity here
	case "name":
		return "演练" + string([]rune{stems[n%10], stems[n/10%10], stems[n/100%10]})
	case "id_number":
		return s.identity(s.holder(of))
	case "phone":
		return fmt.Sprintf("1990%07d", n%10_000_000) // as in the simulation: a range that is not given out
	case "code": // of a measure: letters of which no list has this word
		return "rehearsal"
	}
	return "演练 rehearsal"
}

// stems are the characters that stand for names in samples.
var stems = [10]rune{'甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'}

// leastTelling is "other" where a list has it, its first code otherwise.
func leastTelling(terms []domain.Term) string {
	for _, t := range terms {
		if t.Code == "other" {
			return t.Code
		}
	}
	return terms[0].Code
}

func seedOf(e domain.Entity) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(e.String())) // a hash takes everything
	return h.Sum64()
}

// identity is an ID number with a right checksum, of an area that is not assigned (99); the birth
// date in it is made up too. A number that another entity has already is passed over.
func (s *StandIns) identity(of domain.Entity) string {
	for n := seedOf(of); ; n++ {
		area, year, month, day, order := n%10_000, 1940+n/10_000%70, 1+n/700_000%12, 1+n/8_400_000%28, n/235_200_000%1000
		number := withChecksum(fmt.Sprintf("99%04d%04d%02d%02d%03d", area, year, month, day, order))
		if holder, taken := s.holders[number]; !taken || holder == of {
			s.holders[number] = of
			return number
		}
	}
}

// withChecksum appends the last character of an ID number (GB 11643: ISO 7064 MOD 11-2).
func withChecksum(digits string) string {
	sum := 0
	for _, d := range []byte(digits) {
		sum = (sum + int(d-'0')) * 2 % 11
	}
	return digits + string("0123456789X"[(12-sum)%11])
}
