package events

import (
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

func (t *tagTable) clone() tagTable {
	return tagTable{slices.Clone(t.tags), slices.Clone(t.values), t.count}
}

// settled returns a copy of what the directory knows of a province's durable events, nil when
// that is nothing.
func (d *Directory) settled(provinceCode uint8) *province {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if p := d.provinces[provinceCode]; p != nil {
		return p.settled()
	}
	return nil
}

// Provinces returns the provinces of which the directory knows anything, in order.
func (d *Directory) Provinces() []uint8 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Sorted(maps.Keys(d.provinces))
}

// resume takes a province of a snapshot into a directory that knows nothing of it.
func (d *Directory) resume(provinceCode uint8, p *province) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.provinces[provinceCode] = p
}

// savedSlot and savedAlias are the sizes of a slot and of an alias in a snapshot:
//
//	slot:  entity 8 | home 4 | next 4        alias: tag 8 | value 4        big-endian
const (
	savedSlot  = 16
	savedAlias = 12
)

// save writes a copy of a province; w seals it, since who lives with whom stands in it.
func (p *province) save(w io.Writer) error {
	lean := *p
	lean.Slots = nil // below, without reflection: they are most of it
	if err := gob.NewEncoder(w).Encode(&lean); err != nil {
		return fmt.Errorf("save the directory: %w", err)
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(len(p.Slots)))
	for _, s := range p.Slots {
		b = binary.BigEndian.AppendUint64(b, uint64(s.Entity))
		b = binary.BigEndian.AppendUint32(b, s.Home)
		b = binary.BigEndian.AppendUint32(b, s.Next)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(p.aliases.count))
	for i, tag := range p.aliases.tags {
		if tag != 0 {
			b = binary.BigEndian.AppendUint64(b, tag)
			b = binary.BigEndian.AppendUint32(b, p.aliases.values[i])
		}
	}
	_, err := w.Write(b)
	return err
}

// loadProvince reads what save wrote; r must be an io.ByteReader, so that gob takes no more from
// it than it needs. Any error means that the snapshot is of no use.
func loadProvince(r io.Reader) (*province, error) {
	p := newProvince()
	if err := gob.NewDecoder(r).Decode(p); err != nil {
		return nil, fmt.Errorf("load the directory: %w", err)
	}
	p.Slots = p.Slots[:0]
	err := loadEach(r, savedSlot, func(n int) {
		p.Slots = make([]slot, 0, n)
		p.index = makeSlotTable(n)
	}, func(b []byte) {
		s := slot{domain.Entity(binary.BigEndian.Uint64(b)), binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])}
		p.Slots = append(p.Slots, s)
		if at := len(p.Slots) - 1; at > 0 {
			p.index.put(p.Slots, uint32(at))
		}
	})
	if err != nil {
		return nil, err
	}
	p.join()
	return p, loadEach(r, savedAlias, func(n int) { p.aliases = makeTagTable(n) }, func(b []byte) {
		p.aliases.put(binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:]))
	})
}

// loadEach reads a count, and then that many records of the size.
func loadEach(r io.Reader, size int, begin func(n int), record func(b []byte)) error {
	b := make([]byte, size*4096)
	if _, err := io.ReadFull(r, b[:8]); err != nil {
		return fmt.Errorf("load the directory: %w", err)
	}
	n := int(binary.BigEndian.Uint64(b))
	begin(n)
	for n > 0 {
		piece := b[:min(n*size, len(b))]
		if _, err := io.ReadFull(r, piece); err != nil {
			return fmt.Errorf("load the directory: %w", err)
		}
		for at := 0; at < len(piece); at += size {
			record(piece[at : at+size])
		}
		n -= len(piece) / size
	}
	return nil
}

// makeTagTable returns a table with room for n tags.
func makeTagTable(n int) tagTable {
	size := n*5/4 + 16
	return tagTable{make([]uint64, size), make([]uint32, size), 0}
}
