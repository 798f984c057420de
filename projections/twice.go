package projections

import (
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// twice finds the ID numbers that several households hold. Of each number's tag 32 bits stand in
// a table with the home that brought it; only numbers met again are kept whole.
type twice struct {
	slots   []uint64 // open addressing: top half of the tag << 32 | home + 1
	used    int
	holders map[uint64][]holder // by tag, of those that perhaps several homes hold
}

// holder is a home that knows an ID number from a day on.
type holder struct {
	home homeNo
	day  domain.Day
}

func newTwice() twice { return twice{holders: map[uint64][]holder{}} }

// add enters a home's ID number; lines gives the lines of homes that were entered before.
func (t *twice) add(home homeNo, i identity, lines func(homeNo) line) {
	others := t.meet(home, i.tag)
	if _, shared := t.holders[i.tag]; !shared {
		for _, other := range others {
			lines(other).identities(func(theirs identity) {
				if theirs.tag == i.tag {
					t.holders[i.tag] = append(t.holders[i.tag], holder{other, theirs.day})
				}
			})
		}
	}
	if _, shared := t.holders[i.tag]; shared {
		t.holders[i.tag] = append(t.holders[i.tag], holder{home, i.day})
	}
}

// remove takes a home's ID number out.
func (t *twice) remove(home homeNo, i identity) {
	holders, shared := t.holders[i.tag]
	if !shared {
		return
	}
	t.holders[i.tag] = slices.DeleteFunc(holders, func(h holder) bool { return h.home == home })
	if len(t.holders[i.tag]) == 0 {
		delete(t.holders, i.tag)
	}
}

// others returns the homes whose lines hold an ID number.
func (t *twice) others(tag uint64, lines func(homeNo) line) (homes []homeNo) {
	if len(t.slots) == 0 {
		return nil
	}
	for at := t.begin(tag); t.slots[at] != 0; at = (at + 1) % len(t.slots) {
		if t.slots[at]>>32 != tag>>32 {
			continue
		}
		home, holds := homeNo(t.slots[at]&(1<<32-1))-1, false
		lines(home).identities(func(i identity) { holds = holds || i.tag == tag })
		if holds {
			homes = append(homes, home)
		}
	}
	return homes
}

// meet enters a tag in the table and returns the other homes that stand under its 32 bits.
func (t *twice) meet(home homeNo, tag uint64) (others []homeNo) {
	if t.used*4 >= len(t.slots)*3 {
		t.grow()
	}
	want := tag&^(1<<32-1) | uint64(home+1)
	entered := false
	at := t.begin(tag)
	for ; t.slots[at] != 0; at = (at + 1) % len(t.slots) {
		switch slot := t.slots[at]; {
		case slot == want:
			entered = true
		case slot>>32 == tag>>32:
			others = append(others, homeNo(slot&(1<<32-1))-1)
		}
	}
	if !entered {
		t.slots[at] = want
		t.used++
	}
	return others
}

func (t *twice) begin(tag uint64) int { return int(tag >> 32 * uint64(len(t.slots)) >> 32) }

func (t *twice) grow() {
	old := t.slots
	t.slots = make([]uint64, max(1024, len(old)*3/2))
	for _, slot := range old {
		if slot == 0 {
			continue
		}
		at := t.begin(slot)
		for t.slots[at] != 0 {
			at = (at + 1) % len(t.slots)
		}
		t.slots[at] = slot
	}
}
