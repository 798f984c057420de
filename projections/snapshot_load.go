package projections

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

const (
	// linesTried is how many lines of a snapshot are made again and compared: a program that reads
	// facts otherwise than the one that wrote them makes all of them anew.
	linesTried = 64

	// maxPart bounds one string of a snapshot: a length beyond it is damage.
	maxPart = 1 << 30
)

// load takes the snapshot into views that are not followed yet; after an error they are to be
// thrown away.
func (v *Views) load(ctx context.Context) error {
	f, err := os.Open(v.keep.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	sealed, err := v.keep.Safe.OpenSnapshot(f)
	if err != nil {
		return err
	}
	r := &reader{r: bufio.NewReaderSize(sealed, 1<<20)}
	if err := v.loadHead(ctx, r); err != nil {
		return err
	}
	var reread []homeNo
	for r.byte() == 1 && r.err == nil {
		reread = v.loadBlock(r, reread)
	}
	v.loadTail(r)
	if r.err != nil {
		return r.err
	}
	v.loaded()
	for _, n := range reread {
		if err := v.reread(ctx, n); err != nil {
			return err
		}
	}
	v.tryLines()
	return nil
}

// loadHead compares what a snapshot was made of with what there is.
func (v *Views) loadHead(ctx context.Context, r *reader) error {
	if string(r.bytes(len(snapshotMagic))) != snapshotMagic || r.u32() != snapshotLayout {
		return fmt.Errorf("%w: it is of another layout", errSnapshot)
	}
	if bytes.Equal(r.part(), parametersOf(v.inForce.Load().parameters)) {
		v.savedBy = v.inForce.Load() // otherwise its lines are of another set, and only its facts are of use
	}
	known := v.source.Provinces()
	for range r.uvarint() {
		m := streamMark{province: r.byte(), position: r.u64()}
		copy(m.leaf[:], r.bytes(len(m.leaf)))
		copy(m.root[:], r.bytes(len(m.root)))
		m.origin = string(r.part())
		if r.err != nil {
			return r.err
		}
		if !slices.Contains(known, m.province) {
			return fmt.Errorf("%w: it was folded from %s, and the ledger has no such stream", errSnapshot, m)
		}
		here, err := v.markAt(ctx, m.province, m.position)
		if err != nil {
			return fmt.Errorf("%w: it was folded from %s, and the ledger does not reach so far: %w", errSnapshot, m, err)
		}
		if here != m {
			return fmt.Errorf("%w: it was folded from %s, and the ledger is %s", errSnapshot, m, here)
		}
		v.position[m.province] = m.position
		v.saved = append(v.saved, m)
	}
	return r.err
}

// loadBlock reads one block of homes, and adds those whose facts are to be read from the log.
func (v *Views) loadBlock(r *reader, reread []homeNo) []homeNo {
	county := string(r.part())
	shelf := v.homes.shelf(county)
	b, j := &block{shelf: shelf}, v.inForce.Load()
	first := homeNo(len(v.homes.blocks)) << blockBits
	b.used = int(min(r.uvarint(), blockHomes))
	var sizes [blockHomes][2]int
	var states [blockHomes]byte
	for i := range b.used {
		b.ids[i] = domain.Entity(r.u64())
		states[i] = r.byte()
		b.forgotten[i] = states[i]&notedForgotten != 0
		sizes[i] = [2]int{int(r.uvarint()), int(r.uvarint())}
	}
	if r.err != nil {
		return reread
	}
	shelf.blocks = append(shelf.blocks, first)
	v.homes.blocks = append(v.homes.blocks, b)
	for i := range b.used {
		n := first + homeNo(i)
		v.homes.enter(n)
		shelf.registers.put(n, r.bytes(sizes[i][0]))
		if b.forgotten[i] {
			reread = append(reread, n)
		}
	}
	p := j.page(first)
	for i := range b.used {
		l := r.bytes(sizes[i][1])
		if v.savedBy == nil {
			p.state[i] = stale
			continue
		}
		p.rack.lines.put(first+homeNo(i), l)
		if states[i]&notedStale != 0 {
			p.state[i] = stale
		}
	}
	return reread
}

func (v *Views) loadTail(r *reader) {
	names := newGlossary()
	for range r.uvarint() {
		names.divisions.number(domain.Division(r.part()))
	}
	for range r.uvarint() {
		names.words.number(domain.Word(r.u64()))
	}
	if v.savedBy != nil {
		v.inForce.Load().names = names
	}
	for range r.uvarint() {
		named, n := domain.Entity(r.u64()), r.uvarint()
		homes := make([]domain.Entity, 0, min(n, maxPart/8))
		for range n {
			homes = append(homes, domain.Entity(r.u64()))
			if r.err != nil {
				return
			}
		}
		v.mentions.put(named, homes)
	}
	if string(r.bytes(len(snapshotEnd))) != snapshotEnd && r.err == nil {
		r.err = fmt.Errorf("%w: its end is missing", errSnapshot)
	}
}

// reread makes a home's register from the log again: its snapshot says only where the facts are.
func (v *Views) reread(ctx context.Context, n homeNo) error {
	places := slices.Clone(v.homes.register(n))
	var register domain.Register
	for len(places) > 0 {
		sequence, size := binary.Uvarint(places[1:])
		rec, err := v.keep.Safe.Get(ctx, places[0], sequence)
		if err != nil {
			return err
		}
		d := delivery{record: rec}
		if d.decode(v.opener); d.err != nil {
			return d.err
		}
		if d.fact != nil {
			register, _ = register.Insert(d.fact, d.stamp)
		}
		places = places[1+size:]
	}
	v.homes.block(n).shelf.registers.put(n, register)
	v.mark(n)
	return nil
}

// loaded makes from the lines what else boards read.
func (v *Views) loaded() {
	j := v.inForce.Load()
	for i, b := range v.homes.blocks {
		for k := range b.used {
			n := homeNo(i)<<blockBits + homeNo(k)
			if b.ids[k].Kind() == domain.HouseholdKind {
				v.unsorted = append(v.unsorted, n)
			}
			if b.ids[k].Kind() == domain.TargetKind { // a register of a home with somebody forgotten is none
				v.noteTarget(b.ids[k], v.homes.register(n).Begins())
			}
			j.line(n).neighbours(func(e domain.Entity) { j.noteReader(e, n) })
			j.index(n)
			if j.page(n).state[k]&stale != 0 {
				j.mark(n)
			}
		}
	}
}

// tryLines makes some lines again; when one comes out otherwise, all are made again.
func (v *Views) tryLines() {
	j := v.inForce.Load()
	step := max(1, v.homes.count/linesTried)
	seen, same := 0, true
	v.homes.all(func(n homeNo) {
		if seen++; seen%step != 0 || j.page(n).state[n%blockHomes]&stale != 0 {
			return
		}
		s := sheet{home: n}
		j.now().fill(&s)
		l := j.names.appendLine(nil, &s, v.homes.id(n).Kind() == domain.HouseholdKind)
		same = same && bytes.Equal(l, j.line(n))
	})
	if !same {
		v.homes.all(j.mark)
	}
}

// reader reads a snapshot; the first failure is kept, and zero values follow it.
type reader struct {
	r    *bufio.Reader
	err  error
	room []byte
}

// bytes returns the next n bytes, valid until the next call.
func (r *reader) bytes(n int) []byte {
	if r.err == nil && (n < 0 || n > maxPart) {
		r.err = fmt.Errorf("%w: a length of %d", errSnapshot, n)
	}
	if r.err != nil {
		return nil
	}
	r.room = slices.Grow(r.room[:0], n)[:n]
	if _, r.err = io.ReadFull(r.r, r.room); r.err != nil {
		return nil
	}
	return r.room
}

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) u32() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// uvarint returns a number, also that of parts that follow: 0 after a failure, so that loops end.
func (r *reader) uvarint() uint64 {
	if r.err != nil {
		return 0
	}
	var n uint64
	n, r.err = binary.ReadUvarint(r.r)
	return n
}

func (r *reader) part() []byte { return r.bytes(int(r.uvarint())) }
