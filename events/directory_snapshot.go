package events

import (
	"encoding/gob"
	"fmt"
	"io"
	"slices"
)

// directoryVersion names the layout of a directory's snapshot; another is refused and the
// directory rebuilt from the log.
const directoryVersion = 1

func (t *tagTable) clone() tagTable {
	return tagTable{slices.Clone(t.tags), slices.Clone(t.values), t.count}
}

// aliasList is a province's alias table in a snapshot.
type aliasList struct {
	Tags   []uint64
	Values []uint32
}

// Save writes what the directory knows of durable events; w seals it, since who lives with
// whom stands in it. It copies under the lock and writes outside it.
func (d *Directory) Save(w io.Writer) error {
	d.mu.RLock()
	copies := make(map[uint8]*province, len(d.provinces))
	for code, p := range d.provinces {
		copies[code] = p.settled()
	}
	d.mu.RUnlock()
	enc := gob.NewEncoder(w)
	if err := enc.Encode([2]int{directoryVersion, len(copies)}); err != nil {
		return fmt.Errorf("save the directory: %w", err)
	}
	for code, p := range copies {
		list := aliasList{}
		for i, tag := range p.aliases.tags {
			if tag != 0 {
				list.Tags, list.Values = append(list.Tags, tag), append(list.Values, p.aliases.values[i])
			}
		}
		for _, part := range []any{code, p, list} {
			if err := enc.Encode(part); err != nil {
				return fmt.Errorf("save the directory of province %02d: %w", code, err)
			}
		}
	}
	return nil
}

// LoadDirectory reads what Save wrote; tag must be of the same keyring. Any error means that
// the snapshot is of no use: rebuild from the log.
func LoadDirectory(r io.Reader, tag func(class string, value []byte) uint64) (*Directory, error) {
	d := NewDirectory(tag)
	dec := gob.NewDecoder(r)
	var head [2]int
	if err := dec.Decode(&head); err != nil {
		return nil, fmt.Errorf("load the directory: %w", err)
	}
	if head[0] != directoryVersion {
		return nil, fmt.Errorf("load the directory: layout %d instead of %d", head[0], directoryVersion)
	}
	for range head[1] {
		var code uint8
		p, list := newProvince(), aliasList{}
		p.Slots = nil
		for _, part := range []any{&code, p, &list} {
			if err := dec.Decode(part); err != nil {
				return nil, fmt.Errorf("load the directory: %w", err)
			}
		}
		for i, s := range p.Slots {
			if i > 0 {
				p.index.put(uint64(s.Entity), uint32(i))
			}
		}
		for i, tag := range list.Tags {
			p.aliases.put(tag, list.Values[i])
		}
		d.provinces[code] = p
	}
	return d, nil
}
