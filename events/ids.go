package events

import (
	"encoding/binary"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// idTable finds an event's sequence by its id: open addressing in many small parts, 8 bytes a
// slot, 60 to 75 of a hundred slots taken. Two ids of one hash, some one in a hundred at fifty
// million events, are told apart by who asks: he reads the event and compares.
//
//	slot: 63..32 hash of the id, the part in its first byte | 31..0 sequence; zero is empty
//
// One goroutine adds; any may look.
type idTable struct {
	mu    sync.RWMutex
	parts [idParts]idPart
	used  int
}

// idPart grows by itself: a full table is never moved at once, which would keep the door waiting.
type idPart struct {
	slots []uint64
	used  int
}

// idParts makes a part of nine million events fit into a processor's cache.
const idParts = 256

// maxSequence is the last sequence that a slot can hold: four billion events of one province.
const maxSequence = 1<<32 - 1

// hashID spreads an id over 32 bits: version 7 ids begin with their time, version 8 ids are
// hashes already, so the halves are mixed, one after the other: merely added up, ids that count
// in both halves would fall on each other.
func hashID(id domain.EventID) uint64 {
	h := binary.BigEndian.Uint64(id[:8]) * 0x9e3779b97f4a7c15
	h ^= h>>32 ^ binary.BigEndian.Uint64(id[8:])
	h *= 0xd6e8feb86659fd93
	h ^= h >> 29
	h *= 0xd6e8feb86659fd93
	return h >> 32
}

// add enters an event.
func (t *idTable) add(id domain.EventID, sequence uint64) {
	hash := hashID(id)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.parts[hash>>24].add(hash<<32 | sequence)
	t.used++
}

// find returns the sequences that the id may stand at.
func (t *idTable) find(id domain.EventID) (candidates []uint64) {
	hash := hashID(id)
	t.mu.RLock()
	defer t.mu.RUnlock()
	p := &t.parts[hash>>24]
	if len(p.slots) == 0 {
		return nil
	}
	for at := p.home(hash << 32); p.slots[at] != 0; at = (at + 1) % len(p.slots) {
		if p.slots[at]>>32 == hash {
			candidates = append(candidates, p.slots[at]&maxSequence)
		}
	}
	return candidates
}

// upTo returns a copy of a part's slots whose events stand no later than the sequence.
func (t *idTable) upTo(part int, sequence uint64) []uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	slots := make([]uint64, 0, t.parts[part].used)
	for _, slot := range t.parts[part].slots {
		if slot != 0 && slot&maxSequence <= sequence {
			slots = append(slots, slot)
		}
	}
	return slots
}

// load fills an empty part.
func (t *idTable) load(part int, slots []uint64) {
	p := &t.parts[part]
	p.slots = make([]uint64, len(slots)*3/2+16)
	for _, slot := range slots {
		p.add(slot)
	}
	t.used += len(slots)
}

func (p *idPart) add(slot uint64) {
	if p.used*4 >= len(p.slots)*3 {
		old := p.slots
		p.slots = make([]uint64, len(old)*5/4+16)
		for _, slot := range old {
			if slot != 0 {
				p.put(slot)
			}
		}
	}
	p.put(slot)
	p.used++
}

// put stores a slot at its first free place.
func (p *idPart) put(slot uint64) {
	at := p.home(slot)
	for p.slots[at] != 0 {
		at = (at + 1) % len(p.slots)
	}
	p.slots[at] = slot
}

// home is where a slot's search begins: the hash without its first byte, scaled to the part.
func (p *idPart) home(slot uint64) int {
	return int(slot >> 32 & (1<<24 - 1) * uint64(len(p.slots)) >> 24)
}
