package events

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// The snapshot of what the doors know, so that a start reads only what came after it. It is
// sealed under a key of the ring, written when the ledger is closed, and never the truth: one
// that does not open, or is of another log, is left aside and all is read from the log.
const (
	snapshotFile   = "door.snapshot"
	snapshotLayout = 1
	slotsAtOnce    = 1 << 20 // bounds what is decoded at a time: 8 MiB
)

// errOtherLog says that a snapshot is not of the log that lies beside it.
var errOtherLog = errors.New("the snapshot is of another log")

// doorState is one stream's part of a snapshot.
type doorState struct {
	Province uint8
	Last     uint64        // everything up to here is in the snapshot
	Leaf     [32]byte      // of the message at Last: names the log
	Recorded domain.Moment // of the last event
	Foreign  uint64
	Used     int // of the table by id
	Size     int
	slots    []uint64
}

// leafAt returns the leaf hash of the stored message.
func leafAt(province uint8, s storeReader, sequence uint64) ([32]byte, error) {
	m, err := s.get(sequence)
	if err != nil {
		return [32]byte{}, err
	}
	return Leaf(Entry(StreamName(province), m.sequence, m.subject, m.body)), nil
}

// state returns what the door knows; it stands still, with everything durable.
func (w *writer) state() (doorState, error) {
	if durable, _ := w.position(); durable != w.last || len(w.parts.held) > 0 {
		return doorState{}, errors.New("the door was stopped in the middle")
	}
	d := doorState{
		Province: w.province, Last: w.last, Recorded: w.recorded, Foreign: w.foreign,
		Used: w.ids.used, Size: len(w.ids.slots), slots: w.ids.slots,
	}
	var err error
	if w.last > 0 {
		d.Leaf, err = leafAt(w.province, w.store, w.last)
	}
	return d, err
}

// resume takes a snapshot's state into a door that is not open yet.
func (w *writer) resume(d doorState) {
	w.last, w.recorded, w.foreign = d.Last, d.Recorded, d.Foreign
	w.ids = idTable{slots: d.slots, used: d.Used}
}

// save writes the snapshot of all doors, which stand still, beside the old one and then in its
// place. Until the rename the old one holds; both are right, the new one saves more reading.
func (l *Ledger) save() (err error) {
	path := filepath.Join(l.config.Dir, snapshotFile)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, err := l.ring.NewWriter(f)
	if err != nil {
		return err
	}
	enc := gob.NewEncoder(w)
	if err := enc.Encode([2]int{snapshotLayout, len(l.writers)}); err != nil {
		return err
	}
	for _, door := range l.writers {
		d, err := door.state()
		if err != nil {
			return err
		}
		if err := enc.Encode(d); err != nil {
			return err
		}
		for part := range slices.Chunk(d.slots, slotsAtOnce) {
			if err := enc.Encode(part); err != nil {
				return err
			}
		}
	}
	if err := l.directory.Save(w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// load reads the snapshot; without one, or with one that is of no use, the directory is empty
// and every stream is read from its beginning.
func (l *Ledger) load(ctx context.Context) {
	directory, doors, err := l.readSnapshot()
	for _, d := range doors {
		if err == nil {
			err = l.verify(ctx, d)
		}
	}
	if err != nil {
		l.directory = NewDirectory(l.ring.Tag)
		return
	}
	l.directory, l.resumed = directory, doors
}

func (l *Ledger) readSnapshot() (*Directory, map[uint8]doorState, error) {
	f, err := os.Open(filepath.Join(l.config.Dir, snapshotFile))
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	sealed, err := l.ring.NewReader(f)
	if err != nil {
		return nil, nil, err
	}
	r := bufio.NewReader(sealed) // gob takes no more from it than it needs
	dec := gob.NewDecoder(r)
	var head [2]int
	if err := dec.Decode(&head); err != nil {
		return nil, nil, err
	}
	if head[0] != snapshotLayout {
		return nil, nil, fmt.Errorf("%w: layout %d", errOtherLog, head[0])
	}
	doors := map[uint8]doorState{}
	for range head[1] {
		d := doorState{}
		if err := dec.Decode(&d); err != nil {
			return nil, nil, err
		}
		for len(d.slots) < d.Size {
			var part []uint64
			if err := dec.Decode(&part); err != nil {
				return nil, nil, err
			}
			d.slots = append(d.slots, part...)
		}
		doors[d.Province] = d
	}
	directory, err := LoadDirectory(r, l.ring.Tag)
	return directory, doors, err
}

// verify compares the leaf at the snapshot's position with the log's.
func (l *Ledger) verify(ctx context.Context, d doorState) error {
	if d.Last == 0 {
		return nil
	}
	stream, err := l.openStream(ctx, d.Province)
	if err != nil {
		return err
	}
	leaf, err := leafAt(d.Province, &jetStore{conn: l.conn, stream: stream, flush: l.flush}, d.Last)
	if err == nil && leaf != d.Leaf {
		err = errOtherLog
	}
	return err
}
