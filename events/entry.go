package events

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
)

// maxEntry is the longest entry that a C2SP entry bundle holds. Only a foreign message can make
// a longer one; its body is then replaced by its SHA-256.
const maxEntry = 65_535

// foreignLength marks, in an entry's body length, a body that is replaced by its SHA-256.
const foreignLength = 1 << 31

// Entry returns the bytes that the book keeps, and hashes, of one message (docs/format.md):
//
//	u16be length | stream name | u64be sequence | u16be length | NATS subject | u32be length | body
//
// Neither headers nor JetStream's time are in it, so that a restored or mirrored stream has the
// same entries.
func Entry(stream string, sequence uint64, subject string, body []byte) []byte {
	return appendEntry(nil, stream, &message{sequence, subject, body})
}

func appendEntry(b []byte, stream string, m *message) []byte {
	size := 16 + len(stream) + len(m.subject) + len(m.body)
	b = slices.Grow(b, min(size, maxEntry))
	b = append(binary.BigEndian.AppendUint16(b, uint16(len(stream))), stream...)
	b = binary.BigEndian.AppendUint64(b, m.sequence)
	b = append(binary.BigEndian.AppendUint16(b, uint16(len(m.subject))), m.subject...)
	if size > maxEntry {
		sum := sha256.Sum256(m.body)
		b = binary.BigEndian.AppendUint32(b, uint32(len(m.body))|foreignLength)
		return append(b, sum[:]...)
	}
	return append(binary.BigEndian.AppendUint32(b, uint32(len(m.body))), m.body...)
}

// Leaf returns an entry's leaf hash (RFC 6962): SHA-256 of 0x00 and the entry.
func Leaf(entry []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(entry)
	return [32]byte(h.Sum(nil))
}

// errEntry reports bytes that are no entry.
var errEntry = errors.New("not an entry of a book")

// parseEntry reads what Entry writes. whole is false when the body stands as its hash. The
// message's body is a part of b.
func parseEntry(b []byte) (m message, stream string, whole bool, err error) {
	cut := func(n int) []byte {
		if err != nil || len(b) < n {
			err = errEntry
			return nil
		}
		part := b[:n]
		b = b[n:]
		return part
	}
	length := func() int {
		if part := cut(2); err == nil {
			return int(binary.BigEndian.Uint16(part))
		}
		return 0
	}
	stream = string(cut(length()))
	if part := cut(8); err == nil {
		m.sequence = binary.BigEndian.Uint64(part)
	}
	m.subject = string(cut(length()))
	size := uint32(0)
	if part := cut(4); err == nil {
		size = binary.BigEndian.Uint32(part)
	}
	whole = size&foreignLength == 0
	if m.body = b; err == nil && (whole && uint32(len(b)) != size || !whole && len(b) != sha256.Size) {
		err = errEntry
	}
	return m, stream, whole, err
}
