package projections

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

// A snapshot is what views know up to a position, so that a start reads only what came after it.
//
//	"anjuview" | u32 layout | bytes: the parameter set as JSON | uvarint streams: u8 province, u64 position, 32 leaf, 32 root, bytes: origin
//	{ 1 | bytes: county | uvarint homes: u64 id, u8 state, uvarint length of register, of line | registers | lines } | 0
//	divisions | words | mentions | "anjuends"
//
// It is written home by home while facts come in, so registers and lines may hold more than the
// position says. That does no harm: the facts after the position are applied again, a fact
// that is there already changes nothing, and every line that rests on one is made anew. All else
// that boards read is a function of the lines and is made from them.
//
// The bytes are sealed (no cut or changed one opens), and the origin of each stream's book with the
// root of the tree up to the position names the history that was folded; the leaf there does where
// no book is kept. Snapshots are never the truth: one of another history, layout or parameter set
// is left aside.
const (
	snapshotMagic  = "anjuview"
	snapshotEnd    = "anjuends"
	snapshotLayout = 11

	// snapshotEvery bounds what a start after a crash reads: the facts of so long.
	snapshotEvery = 10 * time.Minute
)

// errSnapshot says why a snapshot is of no use.
var errSnapshot = errors.New("the snapshot is left aside")

// Safe is where snapshots are made unreadable to others, and what names the history that they are
// of: an open ledger.
type Safe interface {
	SealSnapshot(w io.Writer) (io.WriteCloser, error)
	OpenSnapshot(r io.Reader) (io.Reader, error)
	History
}

// History names what a ledger holds.
type History interface {
	// Get returns the record at a place of a stream.
	Get(ctx context.Context, province uint8, sequence uint64) (events.Record, error)
	// Root returns the origin of a stream's book, and the root of the tree over its first n
	// entries; "" and no root where no book is kept.
	Root(province uint8, n uint64) (origin string, root book.Hash, err error)
}

// Keep says where views are kept between starts; the zero Keep keeps nothing.
type Keep struct {
	Safe  Safe
	Path  string        // of the snapshot's file
	Every time.Duration // between two snapshots while facts come; 0 = ten minutes
	Sets  *Sets         // the parameter sets; nil = the one that is given, for ever
}

// mark of one stream in a snapshot.
type streamMark struct {
	province uint8
	position uint64
	leaf     [32]byte
	root     book.Hash
	origin   string
}

// String names the history in an error.
func (m streamMark) String() string {
	return fmt.Sprintf("%s up to %d of %s with the root %s", events.StreamName(m.province), m.position, cmp.Or(m.origin, "no book"), m.root)
}

// keepSnapshots writes a snapshot when all was read from the log, and now and then, when
// something came since the last.
func (v *Views) keepSnapshots() {
	select {
	case <-v.ctx.Done():
		return
	case <-v.ready:
	}
	if v.saved == nil {
		for v.inForce.Load().refresh(v.ctx.Done()) > 0 {
		}
		_ = v.save(v.ctx)
	}
	every := v.keep.Every
	if every == 0 {
		every = snapshotEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-v.ctx.Done():
			return
		case <-v.switched:
			_ = v.save(v.ctx)
		case <-tick.C:
			_ = v.save(v.ctx) // without it the next start reads more
		}
	}
}

// save writes a snapshot beside the old one and then in its place. Until the rename the old one
// holds; both are right, the new one saves more reading.
func (v *Views) save(ctx context.Context) (err error) {
	v.saving.Lock()
	defer v.saving.Unlock()
	j := v.inForce.Load()
	marks, moved, err := v.marks(ctx)
	if err != nil || !moved && v.savedBy == j {
		return err
	}
	f, err := os.OpenFile(v.keep.Path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sealed, err := v.keep.Safe.SealSnapshot(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	s := &scribe{w: bufio.NewWriter(sealed)}
	s.head(marks, parametersOf(j.parameters))
	for n := 0; j.copyBlock(n, s); n++ {
		s.write(s.block)
		if ctx.Err() != nil {
			s.err = ctx.Err()
		}
	}
	j.copyTail(s)
	s.write(s.block)
	if s.err == nil {
		s.err = s.w.Flush()
	}
	if s.err == nil {
		s.err = sealed.Close()
	}
	if err := errors.Join(s.err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(v.keep.Path+".new", v.keep.Path); err != nil {
		return err
	}
	v.saved, v.savedBy = marks, j
	return nil
}

// parametersOf writes a parameter set out: snapshots made by another are of no use.
func parametersOf(p *domain.Parameters) []byte {
	b, err := json.Marshal(p, json.Deterministic(true))
	if err != nil {
		panic("projections: a parameter set that cannot be written: " + err.Error())
	}
	return fmt.Appendf(b, "%+v", *p)
}

// marks returns where every stream stands; moved says that it is not where the last snapshot was.
func (v *Views) marks(ctx context.Context) (marks []streamMark, moved bool, err error) {
	v.mu.RLock()
	for province, at := range v.position {
		if at > 0 {
			marks = append(marks, streamMark{province: province, position: at})
		}
	}
	v.mu.RUnlock()
	moved = len(marks) != len(v.saved)
	for i := range marks {
		m := &marks[i]
		if *m, err = v.markAt(ctx, m.province, m.position); err != nil {
			return nil, false, err
		}
		same := false
		for _, s := range v.saved {
			same = same || s == *m
		}
		moved = moved || !same
	}
	return marks, moved, nil
}

// markAt names the history of a stream up to a place.
func (v *Views) markAt(ctx context.Context, province uint8, sequence uint64) (m streamMark, err error) {
	m.province, m.position = province, sequence
	rec, err := v.keep.Safe.Get(ctx, province, sequence)
	if err != nil {
		return m, err
	}
	m.leaf = events.Leaf(events.Entry(events.StreamName(province), rec.Sequence, rec.Subject, rec.Body))
	m.origin, m.root, err = v.keep.Safe.Root(province, sequence)
	return m, err
}

// scribe writes a snapshot; the first failure is kept.
type scribe struct {
	w     *bufio.Writer
	err   error
	block []byte // copied under the lock and written outside it
}

func (s *scribe) write(b []byte) {
	if s.err == nil {
		_, s.err = s.w.Write(b)
	}
}

func (s *scribe) head(marks []streamMark, parameters []byte) {
	b := []byte(snapshotMagic)
	b = binary.LittleEndian.AppendUint32(b, snapshotLayout)
	b = appendBytes(b, parameters)
	b = binary.AppendUvarint(b, uint64(len(marks)))
	for _, m := range marks {
		b = binary.LittleEndian.AppendUint64(append(b, m.province), m.position)
		b = append(append(b, m.leaf[:]...), m.root[:]...)
		b = appendBytes(b, []byte(m.origin))
	}
	s.write(b)
}

func appendBytes(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// copyBlock copies one block of homes; false when there are no more.
func (j *judgement) copyBlock(n int, s *scribe) bool {
	v := j.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	if n >= len(v.homes.blocks) {
		return false
	}
	b, p := v.homes.blocks[n], j.pages[n] // a home has its page since it was marked, with its first fact
	out := appendBytes(append(s.block[:0], 1), []byte(b.shelf.code))
	out = binary.AppendUvarint(out, uint64(b.used))
	for i := range b.used {
		out = binary.LittleEndian.AppendUint64(out, uint64(b.ids[i]))
		out = append(out, b.noted(i, p))
		out = binary.AppendUvarint(out, uint64(len(b.facts(i))))
		out = binary.AppendUvarint(out, uint64(p.lines[i].size))
	}
	for i := range b.used {
		out = append(out, b.facts(i)...)
	}
	for i := range b.used {
		out = append(out, p.rack.lines.get(p.lines[i])...)
	}
	s.block = out
	return true
}

// What a snapshot notes of a home.
const (
	notedStale     = 1 << 0 // its line is older than what it was made from, or absent
	notedForgotten = 1 << 2
)

// noted is what a snapshot notes of a home.
func (b *block) noted(i int, p *page) (state byte) {
	if p.state[i]&stale != 0 || p.lines[i].size == 0 {
		state |= notedStale
	}
	if b.forgotten[i] {
		state |= notedForgotten
	}
	return state
}

// facts returns what a snapshot holds of a home's register. Of a home with a forgotten person
// it is only where the facts stand in the log: what was sealed under his key is not written
// down again, and the next start reads what is left.
func (b *block) facts(i int) []byte {
	register := domain.Register(b.shelf.registers.get(b.registers[i]))
	if !b.forgotten[i] {
		return register
	}
	var places []byte
	for stamp := range register.Facts() {
		places = append(places, stamp.Place.Province)
		places = binary.AppendUvarint(places, stamp.Place.Sequence)
	}
	return places
}

// copyTail copies what is common to all homes. A dictionary may know more than the lines that
// were written name.
func (j *judgement) copyTail(s *scribe) {
	v := j.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	b := append(s.block[:0], 0)
	b = binary.AppendUvarint(b, uint64(len(j.names.divisions.values)))
	for _, d := range j.names.divisions.values {
		b = appendBytes(b, []byte(d))
	}
	b = binary.AppendUvarint(b, uint64(len(j.names.words.values)))
	for _, w := range j.names.words.values {
		b = binary.LittleEndian.AppendUint64(b, uint64(w))
	}
	b = binary.AppendUvarint(b, uint64(len(v.mentions)))
	for named, homes := range v.mentions {
		b = binary.LittleEndian.AppendUint64(b, uint64(named))
		b = binary.AppendUvarint(b, uint64(len(homes)))
		for _, h := range homes {
			b = binary.LittleEndian.AppendUint64(b, uint64(h))
		}
	}
	s.block = append(b, snapshotEnd...)
}
