package projections

import (
	"encoding/binary"
	"math/bits"
)

// Sizes of an arena: chunks begin small, since most counties are, and grow with what they hold.
const (
	firstChunk = 16 << 10
	lastChunk  = 256 << 10 // emptying one takes well under a millisecond
	unit       = 8         // bytes; everything begins at a multiple
	placeBits  = 15        // of an address, for the place in a chunk: 256 KiB in units
	wastedPart = 10        // about a tenth of an arena, and a chunk, may be waste
)

// span says where an arena keeps a home's bytes; size 0 keeps nothing.
type span struct {
	at   uint32 // number of the chunk << placeBits | place in it, in units
	size uint32 // bytes
}

// arena keeps one byte string a home, each changing its length now and then, in large chunks
// without pointers: a garbage collector has nothing to look at, and nothing is rounded up much.
//
//	chunk: entries, one after the other | room for more
//	entry: u32 home | u32 length of the entry | bytes | slack
//
// A string that outgrows its entry moves to the end of the chunk that is open. When too much
// is waste, the chunk with the most of it is emptied: so bytes move, and a slice of them holds
// only as long as the lock under which it was taken.
type arena struct {
	span   func(homeNo) *span // where a home's place is noted
	chunks []chunk
	spare  []uint32 // chunks that hold nothing
	open   int      // the chunk that is being filled
	size   int      // bytes of the chunks that hold something
	wasted int      // bytes of them in entries that were left
}

type chunk struct {
	bytes  []byte
	fill   int
	wasted int
}

// room is the length of the entry for so many bytes: rounded up by at most a sixteenth, so that
// small changes stay in place.
func room(size int) int {
	size += unit
	step := max(unit, 1<<max(0, bits.Len(uint(size))-5))
	return (size + step - 1) &^ (step - 1)
}

// get returns a home's bytes.
func (a *arena) get(s span) []byte {
	if s.size == 0 {
		return nil
	}
	from := int(s.at&(1<<placeBits-1))*unit + unit
	return a.chunks[s.at>>placeBits].bytes[from : from+int(s.size) : from+int(s.size)]
}

// put keeps b as the home's bytes instead of those before. b may not lie in the arena.
func (a *arena) put(home homeNo, b []byte) {
	s := a.span(home)
	if s.size > 0 && len(b) > 0 && room(int(s.size)) == room(len(b)) {
		s.size = uint32(len(b))
		copy(a.get(*s), b)
		return
	}
	if s.size > 0 {
		a.waste(int(s.at>>placeBits), room(int(s.size)))
	}
	*s = span{}
	if len(b) > 0 {
		*s = a.keep(home, b)
	}
	if a.wasted > a.size/wastedPart+a.nextChunk() {
		a.tidy()
	}
}

// tidy empties the worst chunk when that gives something: long strings leave ends that no moving
// makes smaller.
func (a *arena) tidy() {
	if n := a.worst(); n >= 0 && a.chunks[n].wasted*wastedPart > len(a.chunks[n].bytes) {
		a.empty(n)
	}
}

func (a *arena) waste(n, size int) {
	a.chunks[n].wasted += size
	a.wasted += size
}

// keep appends an entry.
func (a *arena) keep(home homeNo, b []byte) span {
	size := room(len(b))
	if len(a.chunks) == 0 || a.chunks[a.open].fill+size > len(a.chunks[a.open].bytes) {
		a.begin(size)
	}
	c := &a.chunks[a.open]
	binary.LittleEndian.PutUint32(c.bytes[c.fill:], uint32(home))
	binary.LittleEndian.PutUint32(c.bytes[c.fill+4:], uint32(size))
	copy(c.bytes[c.fill+unit:], b)
	s := span{uint32(a.open)<<placeBits | uint32(c.fill/unit), uint32(len(b))}
	c.fill += size
	return s
}

// nextChunk is the size of a new chunk.
func (a *arena) nextChunk() int {
	return min(lastChunk, max(firstChunk, a.size/wastedPart/firstChunk*firstChunk))
}

// begin opens a chunk in which size bytes have room; what is left of the one before is waste.
func (a *arena) begin(size int) {
	if len(a.chunks) > 0 {
		c := &a.chunks[a.open]
		a.waste(a.open, len(c.bytes)-c.fill)
	}
	if len(a.spare) > 0 {
		a.open = int(a.spare[len(a.spare)-1])
		a.spare = a.spare[:len(a.spare)-1]
	} else {
		a.open = len(a.chunks)
		a.chunks = append(a.chunks, chunk{})
	}
	c := &a.chunks[a.open]
	if len(c.bytes) < size {
		c.bytes = make([]byte, max(size, a.nextChunk()))
	}
	a.size += len(c.bytes)
}

// worst is the chunk with the most waste, but for the open one.
func (a *arena) worst() int {
	worst, most := -1, -1
	for i := range a.chunks {
		if i != a.open && a.chunks[i].wasted > most {
			worst, most = i, a.chunks[i].wasted
		}
	}
	return worst
}

// empty moves what a chunk holds to the end, and keeps it for the next that is begun.
func (a *arena) empty(n int) {
	c := a.chunks[n]
	for at := 0; at < c.fill; {
		home := homeNo(binary.LittleEndian.Uint32(c.bytes[at:]))
		s := a.span(home)
		if s.size > 0 && s.at == uint32(n)<<placeBits|uint32(at/unit) {
			*s = a.keep(home, c.bytes[at+unit:at+unit+int(s.size)])
		}
		at += int(binary.LittleEndian.Uint32(c.bytes[at+4:]))
	}
	a.size -= len(c.bytes)
	a.wasted -= a.chunks[n].wasted
	a.chunks[n] = chunk{bytes: c.bytes}
	if len(a.spare) > 0 || len(c.bytes) > lastChunk { // one at hand is enough; places are of usual chunks
		a.chunks[n].bytes = nil
	}
	a.spare = append(a.spare, uint32(n))
}
