package events

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/seal"
)

// idTable finds an event's sequence by its id: open addressing, 8 bytes a slot (32 bits of the
// id's hash, 32 of the sequence), at most three quarters full. Two ids of one hash, some one in a
// hundred at fifty million events, are told apart by who asks: he reads the event and compares.
type idTable struct {
	slots []uint64
	used  int
}

// maxSequence is the last sequence that a slot can hold: four billion events of one province.
const maxSequence = 1<<32 - 1

// hashID spreads an id over 32 bits: version 7 ids begin with their time, version 8 ids are
// hashes already, so the halves are mixed.
func hashID(id domain.EventID) uint64 {
	h := binary.BigEndian.Uint64(id[:8]) ^ binary.BigEndian.Uint64(id[8:])*0x9e3779b97f4a7c15
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h >> 32
}

func (t *idTable) add(id domain.EventID, sequence uint64) {
	if t.used*4 >= len(t.slots)*3 {
		old := t.slots
		t.slots = make([]uint64, max(1024, 2*len(old)))
		for _, slot := range old {
			if slot != 0 {
				t.put(slot)
			}
		}
	}
	t.put(hashID(id)<<32 | sequence)
	t.used++
}

// put stores a slot at its first free place.
func (t *idTable) put(slot uint64) {
	at := t.home(slot >> 32)
	for t.slots[at] != 0 {
		at = (at + 1) % len(t.slots)
	}
	t.slots[at] = slot
}

// home is where a hash's search begins: the hash scaled to the table.
func (t *idTable) home(hash uint64) int { return int(hash * uint64(len(t.slots)) >> 32) }

// candidates calls yield with each sequence that the id may stand at, until it is false.
func (t *idTable) candidates(id domain.EventID, yield func(sequence uint64) bool) {
	if len(t.slots) == 0 {
		return
	}
	hash := hashID(id)
	for at := t.home(hash); t.slots[at] != 0; at = (at + 1) % len(t.slots) {
		if t.slots[at]>>32 == hash && !yield(t.slots[at]&maxSequence) {
			return
		}
	}
}

// Index is what a draft may ask while it is settled: everything recorded in the draft's stream,
// and what stands before it in the groups that are being made or on their way. It is for the goroutine that calls
// Settle, and only during that call.
type Index struct {
	w       *writer
	pending map[domain.EventID]*Event // of the group that the draft joins
	sealer  *seal.Sealer
}

// Find returns the event of the id in this stream, sealed as it lies there; ErrNotFound when
// there is none.
func (x *Index) Find(id domain.EventID) (*Event, error) {
	if e, ok := x.pending[id]; ok {
		return e, nil
	}
	if before := x.w.flying; before != nil {
		if e, ok := before.index.pending[id]; ok {
			return e, nil
		}
	}
	return x.w.find(id)
}

// Directory returns the names and homes known at this point.
func (x *Index) Directory() *Directory { return x.w.directory }

// Sealer seals the fields of the group; the log makes its new keys durable before it publishes.
func (x *Index) Sealer() *seal.Sealer { return x.sealer }

// find reads the event of an id from the store.
func (w *writer) find(id domain.EventID) (found *Event, err error) {
	w.ids.candidates(id, func(sequence uint64) bool {
		var m message
		m, err = w.history.get(sequence)
		if err != nil {
			return false
		}
		e, parseErr := Parse(m.body)
		if parseErr == nil && e.ID == id {
			found = e
			return false
		}
		return true
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("reading a recorded event: %w", err)
	}
	if found == nil {
		return nil, ErrNotFound
	}
	return found, nil
}
