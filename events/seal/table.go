package seal

import "iter"

// table is an open-addressing index from a 32-bit fingerprint to slot numbers, about 10 bytes
// an entry and without pointers, so that millions of owners cost the collector nothing. A
// fingerprint only points: whoever looks up reads the slot and compares the whole owner or
// key id. Nothing is ever taken out; destroyed keys must go on answering "erased".
//
//	cell: 63..32 fingerprint | 31..0 slot number + 1; zero is an empty cell
type table struct {
	cells []uint64
	used  int
}

// Cells are filled to 17/20: past it the runs of linear probing grow long.
const fillNumerator, fillDenominator = 17, 20

// home is where the search for a fingerprint begins: cells are nearly sorted by it.
func (t *table) home(fingerprint uint32) int {
	return int(uint64(fingerprint) * uint64(len(t.cells)) >> 32)
}

func (t *table) add(fingerprint, slot uint32) {
	if (t.used+1)*fillDenominator > len(t.cells)*fillNumerator {
		t.grow()
	}
	t.put(uint64(fingerprint)<<32 | uint64(slot+1))
	t.used++
}

func (t *table) put(cell uint64) {
	i := t.home(uint32(cell >> 32))
	for t.cells[i] != 0 {
		if i++; i == len(t.cells) {
			i = 0
		}
	}
	t.cells[i] = cell
}

// grow makes the table a quarter larger, so that it is never more than a third empty.
func (t *table) grow() {
	old := t.cells
	t.cells = make([]uint64, len(old)+len(old)/4+64)
	for _, cell := range old {
		if cell != 0 {
			t.put(cell)
		}
	}
}

// find yields the slots that were added under the fingerprint.
func (t *table) find(fingerprint uint32) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		if len(t.cells) == 0 {
			return
		}
		for i := t.home(fingerprint); t.cells[i] != 0; {
			cell := t.cells[i]
			if uint32(cell>>32) == fingerprint && !yield(uint32(cell)-1) {
				return
			}
			if i++; i == len(t.cells) {
				i = 0
			}
		}
	}
}

// ownerFingerprint mixes an owner's number (the finalizer of MurmurHash3), whose high bits may
// be alike for all owners of a kind.
func ownerFingerprint(owner uint64) uint32 {
	owner ^= owner >> 33
	owner *= 0xff51afd7ed558ccd
	owner ^= owner >> 33
	owner *= 0xc4ceb9fe1a85ec53
	owner ^= owner >> 33
	return uint32(owner >> 32)
}

// fingerprint of a key id is its first bytes: they are random.
func (id keyID) fingerprint() uint32 {
	return uint32(id[0])<<24 | uint32(id[1])<<16 | uint32(id[2])<<8 | uint32(id[3])
}
