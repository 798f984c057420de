package projections

import "github.com/anju-ledger/anju/domain"

// homeNo numbers the homes as they appear; homes of one county lie in blocks together.
type homeNo uint32

const (
	blockBits  = 8
	blockHomes = 1 << blockBits
)

// block holds the heads of homes of one county.
type block struct {
	shelf     *shelf
	used      int
	ids       [blockHomes]domain.Entity
	registers [blockHomes]span
	forgotten [blockHomes]bool // a person of it was forgotten: see block.facts
}

// shelf holds the homes that were first heard of in one county: their facts. Where a household
// lives on a day is another question, which its line answers.
type shelf struct {
	code      string // six digits
	blocks    []homeNo
	registers arena
}

// homes are all homes, found by id.
type homes struct {
	blocks  []*block
	slots   []homeNo // open addressing by id: number + 1, 0 is free
	count   int
	shelves map[string]*shelf
	order   []*shelf // as they appeared
	places  []homeNo // those of neither households nor persons: few, and asked about by themselves
}

func newHomes() homes { return homes{shelves: map[string]*shelf{}} }

func (h *homes) block(n homeNo) *block { return h.blocks[n>>blockBits] }

// id returns a home's id.
func (h *homes) id(n homeNo) domain.Entity { return h.block(n).ids[n%blockHomes] }

// register returns a home's facts; they hold as long as the lock.
func (h *homes) register(n homeNo) domain.Register {
	b := h.block(n)
	return b.shelf.registers.get(b.registers[n%blockHomes])
}

// find returns the number of a home.
func (h *homes) find(id domain.Entity) (homeNo, bool) {
	if len(h.slots) == 0 {
		return 0, false
	}
	for at := h.begin(id); h.slots[at] != 0; at = (at + 1) % len(h.slots) {
		if n := h.slots[at] - 1; h.id(n) == id {
			return n, true
		}
	}
	return 0, false
}

// begin is where the search for an id begins: ids are random, their kinds are not.
func (h *homes) begin(id domain.Entity) int {
	hash := uint64(id) * 0x9e3779b97f4a7c15 >> 32
	return int(hash * uint64(len(h.slots)) >> 32)
}

// add gives a home that is not known yet its number; county is where it was first heard of.
func (h *homes) add(id domain.Entity, county string) homeNo {
	c := h.shelf(county)
	var b *block
	if len(c.blocks) > 0 {
		b = h.block(c.blocks[len(c.blocks)-1])
	}
	if b == nil || b.used == blockHomes {
		b = &block{shelf: c}
		c.blocks = append(c.blocks, homeNo(len(h.blocks))<<blockBits)
		h.blocks = append(h.blocks, b)
	}
	n := c.blocks[len(c.blocks)-1] + homeNo(b.used)
	b.ids[b.used] = id
	b.used++
	h.enter(n)
	return n
}

// enter makes a home findable.
func (h *homes) enter(n homeNo) {
	if h.count*4 >= len(h.slots)*3 {
		h.grow()
	}
	h.count++
	h.slot(n)
	if k := h.id(n).Kind(); k != domain.HouseholdKind && k != domain.PersonKind {
		h.places = append(h.places, n)
	}
}

// all calls f with every home.
func (h *homes) all(f func(homeNo)) {
	for i, b := range h.blocks {
		for k := range b.used {
			f(homeNo(i)<<blockBits + homeNo(k))
		}
	}
}

// shelf returns the shelf of a county.
func (h *homes) shelf(code string) *shelf {
	c, known := h.shelves[code]
	if !known {
		c = &shelf{code: code}
		c.registers.span = func(n homeNo) *span { return &h.block(n).registers[n%blockHomes] }
		h.shelves[code] = c
		h.order = append(h.order, c)
	}
	return c
}

func (h *homes) slot(n homeNo) {
	at := h.begin(h.id(n))
	for h.slots[at] != 0 {
		at = (at + 1) % len(h.slots)
	}
	h.slots[at] = n + 1
}

// grow makes the table half as large again.
func (h *homes) grow() {
	old := h.slots
	h.slots = make([]homeNo, max(1024, len(old)*3/2))
	for _, slot := range old {
		if slot != 0 {
			h.slot(slot - 1)
		}
	}
}
