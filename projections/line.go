package projections

import (
	"encoding/binary"

	"github.com/anju-ledger/anju/domain"
)

// sheet is what a refresh makes of a home's facts for boards.
type sheet struct {
	home          homeNo
	id            domain.Entity // of it
	steps         []domain.Step // of households alone, as all the rest but contributions
	stays         []stay
	contributions []contribution // in the order of their days
	identities    []identity
	neighbours    []domain.Entity // whose facts it rests on too
	holders       []domain.Holder
	room          []byte // of a register as it was known
}

// stay says in which division a household was from a day on.
type stay struct {
	from     domain.Day
	division domain.Division
}

// contribution is what a home adds to a total of its division from a day on.
type contribution struct {
	total    domain.TotalNo
	division domain.Division
	day      domain.Day
	amount   int64
}

// identity is the keyed tag of a member's ID number, known from a day on.
type identity struct {
	tag uint64
	day domain.Day
}

// line is a sheet packed for scanning: what a board reads first stands first.
//
//	u8 flags | u8 0 | u16 number of steps | u32 division | i32 day of the first stay
//	narrow: u16 day - firstNarrow of each step | u24 word of each step, by number
//	wide:   i32 day of each step | u64 word of each step
//	uvarint number of neighbours: u64 each | uvarint number of identities: u64 tag, varint day
//	[when mixed: uvarint number of stays: varint day, uvarint division]
//	contributions, by day: u8 total, top bit = extra | varint days since the one before |
//	[extra: u8 what follows: 1 division, uvarint; 2 amount, varint]
//
// The division, by number, is the one in which all stays and contributions lie; when there are
// several the line is mixed, it is that of the first stay, and each contribution names its own.
type line []byte

const (
	lineHead    = 12
	wideLine    = 1 << 0 // a day or the number of a word does not fit
	mixedLine   = 1 << 1
	countedLine = 1 << 2 // of a household

	extraAmount   = 2
	extraDivision = 1
	isExtra       = 1 << 7

	firstNarrow = domain.Day(-10957) // 1940-01-01; the last is in 2119
	lastNarrow  = firstNarrow + 1<<16 - 1
	lastWord    = 1<<24 - 1
)

// glossary is the dictionaries that lines refer to.
type glossary struct {
	divisions dictionary[domain.Division]
	words     dictionary[domain.Word]
}

// appendLine packs a sheet.
func (n *glossary) appendLine(b line, s *sheet, household bool) line {
	flags := byte(0)
	if household {
		flags |= countedLine
	}
	at := len(b)
	division, day := n.common(s)
	if division == "" && len(s.stays)+len(s.contributions) > 0 {
		flags |= mixedLine
		if len(s.stays) > 0 {
			division = s.stays[0].division
		}
	}
	b = append(b, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(s.steps)))
	b = binary.LittleEndian.AppendUint32(b, n.divisions.number(division))
	b = binary.LittleEndian.AppendUint32(b, uint32(day))
	if n.narrow(s.steps) {
		for _, step := range s.steps {
			b = binary.LittleEndian.AppendUint16(b, uint16(step.From-firstNarrow))
		}
		for _, step := range s.steps {
			w := n.words.number(step.Word)
			b = append(b, byte(w), byte(w>>8), byte(w>>16))
		}
	} else {
		flags |= wideLine
		for _, step := range s.steps {
			b = binary.LittleEndian.AppendUint32(b, uint32(step.From))
		}
		for _, step := range s.steps {
			b = binary.LittleEndian.AppendUint64(b, uint64(step.Word))
		}
	}
	b[at] = flags
	return n.appendRest(b, s, flags&mixedLine != 0)
}

// common is the division in which all of the sheet lies, "" when there are several; day is that
// of the first stay.
func (n *glossary) common(s *sheet) (division domain.Division, day domain.Day) {
	day = domain.NoDay
	if len(s.stays) > 0 {
		division, day = s.stays[0].division, s.stays[0].from
	} else if len(s.contributions) > 0 {
		division = s.contributions[0].division
	}
	for i := range s.stays {
		if s.stays[i].division != division || i > 0 && s.stays[i].from < s.stays[i-1].from {
			return "", day
		}
	}
	for i := range s.contributions {
		if s.contributions[i].division != division {
			return "", day
		}
	}
	return division, day
}

// narrow reports whether days and words of the steps fit the short form.
func (n *glossary) narrow(steps []domain.Step) bool {
	for i := range steps {
		if d := steps[i].From; d < firstNarrow || d > lastNarrow || n.words.number(steps[i].Word) > lastWord {
			return false
		}
	}
	return true
}

func (n *glossary) appendRest(b line, s *sheet, mixed bool) line {
	b = binary.AppendUvarint(b, uint64(len(s.neighbours)))
	for _, e := range s.neighbours {
		b = binary.LittleEndian.AppendUint64(b, uint64(e))
	}
	b = binary.AppendUvarint(b, uint64(len(s.identities)))
	for _, i := range s.identities {
		b = binary.LittleEndian.AppendUint64(b, i.tag)
		b = binary.AppendVarint(b, int64(i.day))
	}
	if mixed {
		b = binary.AppendUvarint(b, uint64(len(s.stays)))
		for _, y := range s.stays {
			b = binary.AppendVarint(b, int64(y.from))
			b = binary.AppendUvarint(b, uint64(n.divisions.number(y.division)))
		}
	}
	last := domain.Day(0)
	for _, c := range s.contributions {
		extra := byte(0)
		if mixed {
			extra |= extraDivision
		}
		if c.amount != 1 {
			extra |= extraAmount
		}
		head := byte(c.total)
		if extra != 0 {
			head |= isExtra
		}
		b = binary.AppendVarint(append(b, head), int64(c.day-last))
		last = c.day
		if extra != 0 {
			b = append(b, extra)
		}
		if mixed {
			b = binary.AppendUvarint(b, uint64(n.divisions.number(c.division)))
		}
		if c.amount != 1 {
			b = binary.AppendVarint(b, c.amount)
		}
	}
	return b
}

// division is the number of the line's division, and mixed whether there are others.
func (l line) division() (n uint32, mixed bool) {
	return binary.LittleEndian.Uint32(l[4:]), l[0]&mixedLine != 0
}

// stepAt returns the place of the step in force on a day, -1 before the first.
func (l line) stepAt(at domain.Day) int {
	n := int(binary.LittleEndian.Uint16(l[2:]))
	lo := 0
	if l[0]&wideLine != 0 {
		for n > 0 {
			half := (n + 1) / 2
			if domain.Day(binary.LittleEndian.Uint32(l[lineHead+(lo+half-1)*4:])) <= at {
				lo += half
				n -= half
			} else {
				n = half - 1
			}
		}
		return lo - 1
	}
	if at < firstNarrow {
		return -1
	}
	days := l[lineHead : lineHead+2*n]
	want := uint16(min(at, lastNarrow) - firstNarrow)
	for n > 0 {
		half := (n + 1) / 2
		if binary.LittleEndian.Uint16(days[(lo+half-1)*2:]) <= want {
			lo += half
			n -= half
		} else {
			n = half - 1
		}
	}
	return lo - 1
}

// number returns the number of a narrow line's word.
func (l line) number(step int) uint32 {
	n := int(binary.LittleEndian.Uint16(l[2:]))
	w := l[lineHead+2*n+3*step:]
	return uint32(w[0]) | uint32(w[1])<<8 | uint32(w[2])<<16
}

// wide returns the word of a wide line.
func (l line) wide(step int) domain.Word {
	n := int(binary.LittleEndian.Uint16(l[2:]))
	return domain.Word(binary.LittleEndian.Uint64(l[lineHead+4*n+8*step:]))
}

// wordAt returns the word in force on a day, 0 before the first step.
func (n *glossary) wordAt(l line, at domain.Day) domain.Word {
	if len(l) == 0 {
		return 0
	}
	step := l.stepAt(at)
	switch {
	case step < 0:
		return 0
	case l[0]&wideLine != 0:
		return l.wide(step)
	}
	return n.words.values[l.number(step)]
}

// rest reads what follows the steps.
func (l line) rest() *lineReader {
	n, each := int(binary.LittleEndian.Uint16(l[2:])), 5
	if l[0]&wideLine != 0 {
		each = 12
	}
	return &lineReader{l[lineHead+each*n:]}
}
