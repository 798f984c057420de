package events

import (
	"bufio"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/book"
)

// The snapshot of what the doors know, so that a start reads only what came after it. It is
// sealed under a key of the ring, written in the background and when the ledger is closed, and
// never the truth: one that does not open, or is of another log, is left aside and all is read
// from the log. Whether the log itself lost something is the book's to say.
const (
	snapshotFile   = "door.snapshot"
	snapshotLayout = 10
)

// When a snapshot is due: as soon as a start would have to read more than a second or two, or,
// of a large ledger, more than a small part of it; and after a while in any case.
const (
	snapshotLook   = time.Second
	snapshotTail   = 200_000
	snapshotPart   = 32
	snapshotAtMost = 5 * time.Minute
)

// errOtherLayout says that a snapshot was written by another version of the program.
var errOtherLayout = errors.New("the snapshot has another layout")

// errMoving says that a door is not at a place where a reader could begin.
var errMoving = errors.New("the door is in the middle of a set, or stopped")

// doorState is one stream's part of a snapshot. The table by id and the province's directory
// follow it in the file.
type doorState struct {
	Province  uint8
	Last      uint64        // everything up to here is in the snapshot, and nothing after it
	Leaf      [32]byte      // of the message at Last, and
	Root      book.Hash     // of the tree up to there, where a book is kept: they name the log
	Recorded  domain.Moment // not before the last event's
	Moments   []byte        // as moments saves them
	Foreign   uint64
	directory *province // nil when it knows nothing
}

// leafAt returns the leaf hash of the stored message.
func leafAt(province uint8, s history, sequence uint64) ([32]byte, error) {
	m, err := s.get(sequence)
	if err != nil {
		return [32]byte{}, err
	}
	return Leaf(Entry(StreamName(province), m.sequence, m.subject, m.body)), nil
}

// still runs f while the door does nothing else.
func (w *writer) still(f func()) {
	done := make(chan struct{})
	select {
	case w.asks <- func() { f(); close(done) }:
		<-done
	case <-w.stopped:
		f()
	}
}

// state returns what the door knows of what is durable. The door stands still while its part of
// the directory is copied; groups may be on their way.
func (w *writer) state() (d doorState, err error) {
	w.still(func() {
		w.mu.Lock()
		d = doorState{Province: w.province, Last: w.durable, Recorded: w.recorded, Foreign: w.foreign}
		w.mu.Unlock()
		if len(w.parts.held) > 0 || w.flying == nil && d.Last != w.last-w.unsent() {
			err = errMoving
			return
		}
		d.directory = w.directory.settled(w.province)
	})
	if err == nil && d.Last > 0 {
		d.Leaf, d.Root, err = w.nameOf(d.Last)
	}
	d.Moments = w.moments.saved(d.Last)
	return d, err
}

// nameOf returns what names the stream's history up to a place: the leaf there, and the root where
// a book is kept.
func (w *writer) nameOf(last uint64) (leaf [32]byte, root book.Hash, err error) {
	if leaf, err = leafAt(w.province, w.history, last); err == nil && w.book != nil {
		root, err = w.book.book.Root(last)
	}
	return leaf, root, err
}

// unsent is how many events are settled and not sent off.
func (w *writer) unsent() uint64 {
	if w.building == nil {
		return 0
	}
	return uint64(len(w.building.messages))
}

// Snapshot writes the snapshot now, as the ledger does by itself in the background. An error
// leaves the old one as it is; a door in the middle of a set is one, and passes.
func (l *Ledger) Snapshot() error {
	if l.config.Dir == "" {
		return nil // memory has no start
	}
	l.saving.Lock()
	defer l.saving.Unlock()
	return l.save()
}

// save writes the snapshot of all doors beside the old one and then in its place. Until the
// rename the old one holds; both are right, the new one saves more reading.
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
	provinces := l.Provinces()
	if err := gob.NewEncoder(w).Encode([2]int{snapshotLayout, len(provinces)}); err != nil {
		return err
	}
	for _, p := range provinces {
		l.mu.Lock()
		door := l.writers[p]
		l.mu.Unlock()
		if err := door.save(w); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	l.mu.Lock()
	l.snapshotAt = l.config.Clock()
	l.mu.Unlock()
	return nil
}

// save writes one door: its state, its table by id, part by part while it works on, and its
// directory.
func (w *writer) save(to io.Writer) error {
	d, err := w.state()
	if err != nil {
		return err
	}
	if err := gob.NewEncoder(to).Encode(d); err != nil {
		return err
	}
	for part := range idParts {
		slots := w.ids.upTo(part, d.Last)
		b := binary.BigEndian.AppendUint32(make([]byte, 0, 4+8*len(slots)), uint32(len(slots)))
		for _, slot := range slots {
			b = binary.BigEndian.AppendUint64(b, slot)
		}
		if _, err := to.Write(b); err != nil {
			return err
		}
	}
	if d.directory == nil {
		d.directory = newProvince()
	}
	return d.directory.save(to)
}

// loadedDoor is one door of a snapshot.
type loadedDoor struct {
	doorState
	ids *idTable
}

// resume takes what the snapshot knew, when the log holds the message that it names.
func (w *writer) resume() error {
	d := w.saved
	w.saved = nil
	if d == nil || d.Last == 0 {
		return nil
	}
	leaf, root, err := w.nameOf(d.Last)
	lost := errors.Is(err, ErrNotFound) || errors.Is(err, ErrDiffers) || errors.Is(err, book.ErrNotThere) || errors.Is(err, book.ErrDamaged)
	if lost || err == nil && (leaf != d.Leaf || root != d.Root) {
		return nil
	}
	if err != nil {
		return err
	}
	w.last, w.recorded, w.foreign, w.ids, w.stats.Resumed = d.Last, d.Recorded, d.Foreign, d.ids, d.Last
	w.directory.resume(w.province, d.directory)
	w.moments.load(d.Moments)
	return nil
}

// readSnapshot reads the snapshot; what is in it is not compared with the log yet.
func (l *Ledger) readSnapshot() (map[uint8]loadedDoor, error) {
	f, err := os.Open(filepath.Join(l.config.Dir, snapshotFile))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sealed, err := l.ring.NewReader(f)
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(sealed, 1<<16)
	var head [2]int
	if err := gob.NewDecoder(r).Decode(&head); err != nil {
		return nil, err
	}
	if head[0] != snapshotLayout {
		return nil, fmt.Errorf("%w: %d", errOtherLayout, head[0])
	}
	doors := map[uint8]loadedDoor{}
	for range head[1] {
		d, err := loadDoor(r)
		if err != nil {
			return nil, err
		}
		doors[d.Province] = d
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the snapshot does not end: %w", err)
	}
	return doors, nil
}

// loadDoor reads what save wrote of a door.
func loadDoor(r *bufio.Reader) (d loadedDoor, err error) {
	d.ids = &idTable{}
	if err := gob.NewDecoder(r).Decode(&d.doorState); err != nil {
		return d, err
	}
	for part := range idParts {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return d, err
		}
		b := make([]byte, 8*int(binary.BigEndian.Uint32(head[:])))
		if _, err := io.ReadFull(r, b); err != nil {
			return d, err
		}
		slots := make([]uint64, 0, len(b)/8)
		for ; len(b) > 0; b = b[8:] {
			slots = append(slots, binary.BigEndian.Uint64(b))
		}
		d.ids.load(part, slots)
	}
	d.directory, err = loadProvince(r)
	return d, err
}

// saveNowAndThen writes a snapshot whenever one is due. One that fails is tried again later.
func (l *Ledger) saveNowAndThen() {
	look := l.config.look
	if look == nil {
		tick := time.NewTicker(snapshotLook)
		defer tick.Stop()
		look = tick.C
	}
	saved, at := l.acknowledged(), l.config.Clock()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-look:
		}
		total := l.acknowledged()
		fresh, long := total-saved, l.config.Clock().Sub(at) >= snapshotAtMost
		if fresh == 0 || fresh < max(l.config.tail, total/snapshotPart) && !long || !l.sound() || l.room() != nil {
			continue
		}
		at = l.config.Clock()
		if l.Snapshot() == nil {
			saved = total
		}
	}
}

// acknowledged counts the durable messages of all streams.
func (l *Ledger) acknowledged() (total uint64) {
	for _, s := range l.Streams() {
		total += s.Durable
	}
	return total
}

// sound says that every door works, or was stopped in order: then what they know may be saved.
// The snapshot of before a loss is evidence, and stays.
func (l *Ledger) sound() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.writers {
		if err := w.failure(); err != nil && !errors.Is(err, ErrStopped) {
			return false
		}
	}
	return true
}
