package blocks

import "encoding/binary"

// Kind says what stands at a place of a block.
type Kind int

// The kinds of records.
const (
	Message    Kind = iota // a whole record
	Tombstone              // says that the message of its sequence was deleted
	Erased                 // stands where a message was, and holds noise
	Damaged                // has a record's shape, and another checksum than its bytes
	Cut                    // a record's head whose end is missing
	Unreadable             // bytes up to the next whole record
)

// Record is one record of a block. Subject and Body are parts of the block's bytes.
type Record struct {
	Kind     Kind
	Sequence uint64 // as its head says; of Unreadable 0
	Time     int64  // ns since 1970
	Subject  []byte
	Body     []byte
	At       int // where it stands in the file
	Size     int
}

// sequence is the one that a record that may be trusted names, 0 of others.
func (r *Record) sequence() uint64 {
	if r.Kind > Erased {
		return 0
	}
	return r.Sequence
}

// The layout of a record.
const (
	headSize   = 22
	sumSize    = 8
	maxRecord  = 32 << 20
	headersBit = 1 << 31
	erasedBit  = 1 << 63
	tombBit    = 1 << 62
)

// parse splits a block into records, appended to those given. Together they cover every byte, in
// order.
func (p *parser) parse(records []Record, buf []byte) []Record {
	for at := 0; at < len(buf); {
		r := p.record(buf[at:])
		if r.Kind == Damaged && !p.fits(buf[at+r.Size:]) || r.Kind == Cut || r.Kind == Unreadable {
			next := p.next(buf, at+1)
			if next < len(buf) || r.Kind != Cut {
				r = Record{Kind: Unreadable}
			}
			r.Size = next - at
		}
		r.At = at
		records = append(records, r)
		at += r.Size
	}
	return records
}

// fits says that a record, or the end of the block, stands at the beginning of b: so the one
// before it has the right length.
func (p *parser) fits(b []byte) bool { return len(b) == 0 || p.whole(b) }

func (p *parser) whole(b []byte) bool { return p.record(b).Kind <= Erased }

// searchWork bounds, as a multiple of a block, the bytes that are hashed to find whole records
// behind damage: somebody may have written a block that is nothing but heads.
const searchWork = 64

// next finds the next whole record from a place on, the block's end when there is none.
func (p *parser) next(buf []byte, at int) int {
	for ; at+headSize+sumSize <= len(buf) && p.hashed < searchWork*len(buf); at++ {
		if p.whole(buf[at:]) {
			return at
		}
	}
	return len(buf)
}

// checksum hashes a record as JetStream does: all but its two or three lengths.
func (p *parser) checksum(b []byte, subject int, headers bool) uint64 {
	p.hashed += len(b)
	p.sum.Reset()
	_, _ = p.sum.Write(b[4:20]) // a hash takes everything
	if headers {
		_, _ = p.sum.Write(b[headSize:subject])
		_, _ = p.sum.Write(b[subject+4:])
	} else {
		_, _ = p.sum.Write(b[headSize:])
	}
	return p.sum.Sum64()
}

// record reads the record that b begins with. Only its length is trusted before the checksum was.
func (p *parser) record(b []byte) (r Record) {
	if len(b) < headSize+sumSize {
		return Record{Kind: Cut, Size: len(b)}
	}
	length := binary.LittleEndian.Uint32(b)
	headers := length&headersBit != 0
	size := int(length &^ headersBit)
	subject := headSize + int(binary.LittleEndian.Uint16(b[20:]))
	body := subject
	if headers {
		body += 4
	}
	if size > maxRecord || size < body+sumSize {
		return Record{Kind: Unreadable}
	}
	r.Sequence = binary.LittleEndian.Uint64(b[4:])
	if r.Size = size; size > len(b) {
		return Record{Kind: Cut, Sequence: r.Sequence}
	}
	if headers {
		body += int(binary.LittleEndian.Uint32(b[subject:]))
		if body < 0 || body+sumSize > size {
			return Record{Kind: Unreadable}
		}
	}
	r.Time = int64(binary.LittleEndian.Uint64(b[12:]))
	r.Subject, r.Body = b[headSize:subject:subject], b[body:size-sumSize:size-sumSize]
	switch {
	case p.checksum(b[:size-sumSize], subject, headers) != binary.LittleEndian.Uint64(b[size-sumSize:]):
		r.Kind = Damaged
	case r.Sequence&tombBit != 0:
		r.Kind, r.Sequence = Tombstone, r.Sequence&^tombBit
	case r.Sequence&erasedBit != 0:
		r.Kind, r.Sequence = Erased, r.Sequence&^erasedBit
	}
	return r
}
