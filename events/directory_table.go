package events

import (
	"math/bits"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// tagTable maps 64-bit tags to 32-bit values by open addressing with linear probing: 12 bytes
// a place, at most four fifths of the places full. The zero table is empty. It has no lock.
type tagTable struct {
	tags   []uint64 // 0 = free
	values []uint32
	count  int
}

// home is the place where a search for the tag begins: the tag scaled to the table's size, so
// that places keep the order of the mixed tags and any size will do.
func (t *tagTable) home(tag uint64) int {
	at, _ := bits.Mul64(tag*0x9E3779B97F4A7C15, uint64(len(t.tags)))
	return int(at)
}

func (t *tagTable) place(tag uint64) int {
	at := t.home(tag)
	for t.tags[at] != 0 && t.tags[at] != tag {
		if at++; at == len(t.tags) {
			at = 0
		}
	}
	return at
}

// get returns the value of the tag.
func (t *tagTable) get(tag uint64) (uint32, bool) {
	if t.count == 0 || tag == 0 {
		return 0, false
	}
	at := t.place(tag)
	return t.values[at], t.tags[at] == tag
}

// put sets the value of the tag, which is not 0.
func (t *tagTable) put(tag uint64, value uint32) {
	if (t.count+1)*5 > len(t.tags)*4 {
		t.grow()
	}
	at := t.place(tag)
	if t.tags[at] == 0 {
		t.count++
	}
	t.tags[at], t.values[at] = tag, value
}

func (t *tagTable) grow() {
	old := *t
	size := max(16, len(old.tags)*5/4)
	*t = tagTable{make([]uint64, size), make([]uint32, size), 0}
	for i, tag := range old.tags {
		if tag != 0 {
			at := t.place(tag)
			t.tags[at], t.values[at] = tag, old.values[i]
			t.count++
		}
	}
}

// remove takes the tag out and moves those behind it up, so that searches stay short.
func (t *tagTable) remove(tag uint64) {
	if t.count == 0 {
		return
	}
	hole := t.place(tag)
	if t.tags[hole] != tag {
		return
	}
	t.count--
	n := len(t.tags)
	for at := (hole + 1) % n; t.tags[at] != 0; at = (at + 1) % n {
		if (at-t.home(t.tags[at])+n)%n >= (at-hole+n)%n {
			t.tags[hole], t.values[hole] = t.tags[at], t.values[at]
			hole = at
		}
	}
	t.tags[hole] = 0
}

// tagsOf returns every tag whose value is v; it reads the whole table.
func (t *tagTable) tagsOf(v uint32) (tags []uint64) {
	for i, tag := range t.tags {
		if tag != 0 && t.values[i] == v {
			tags = append(tags, tag)
		}
	}
	return tags
}

// slotTable finds an entity's slot: open addressing over numbers of slots, 4 bytes a place, at most
// four fifths full; the entities themselves stand in the slots, which every method is given. The
// zero table is empty, and slot 0 is no entity's.
type slotTable struct {
	places []uint32 // 0 = free
	count  int
}

// makeSlotTable returns an empty table with room for n entities.
func makeSlotTable(n int) slotTable { return slotTable{places: make([]uint32, n*5/4+16)} }

func (t *slotTable) home(e domain.Entity) int {
	at, _ := bits.Mul64(uint64(e)*0x9E3779B97F4A7C15, uint64(len(t.places)))
	return int(at)
}

// place is where the entity stands, or the free place where it would.
func (t *slotTable) place(slots []slot, e domain.Entity) int {
	at := t.home(e)
	for t.places[at] != 0 && slots[t.places[at]].Entity != e {
		if at++; at == len(t.places) {
			at = 0
		}
	}
	return at
}

// get returns the entity's slot.
func (t *slotTable) get(slots []slot, e domain.Entity) (uint32, bool) {
	if t.count == 0 || !e.Present() {
		return 0, false
	}
	at := t.places[t.place(slots, e)]
	return at, at != 0
}

// put enters the slot of an entity that is not there yet.
func (t *slotTable) put(slots []slot, at uint32) {
	if (t.count+1)*5 > len(t.places)*4 {
		old := t.places
		t.places = make([]uint32, max(16, len(old)*5/4))
		for _, at := range old {
			if at != 0 {
				t.places[t.place(slots, slots[at].Entity)] = at
			}
		}
	}
	t.places[t.place(slots, slots[at].Entity)] = at
	t.count++
}

// remove takes an entity out and moves those behind it up, so that searches stay short.
func (t *slotTable) remove(slots []slot, e domain.Entity) {
	if _, there := t.get(slots, e); !there {
		return
	}
	hole, n := t.place(slots, e), len(t.places)
	t.count--
	for at := (hole + 1) % n; t.places[at] != 0; at = (at + 1) % n {
		if (at-t.home(slots[t.places[at]].Entity)+n)%n >= (at-hole+n)%n {
			t.places[hole] = t.places[at]
			hole = at
		}
	}
	t.places[hole] = 0
}

func (t *slotTable) clone() slotTable { return slotTable{slices.Clone(t.places), t.count} }
