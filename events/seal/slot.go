package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// The keyring file is a header and slots, each of 128 bytes, so that none crosses a disk
// sector. All numbers are big-endian; a checksum is the first 8 bytes of SHA-256.
//
//	header
//	0        8         12         16      24        40      64                   112     120
//	+--------+---------+----------+-------+---------+-------+--------------------+-------+----------+
//	|anjuring|version 1|slot size |epoch  |ring id  |nonce  |wrapped secret, tag |0      |checksum  |
//	+--------+---------+----------+-------+---------+-------+--------------------+-------+----------+
//
//	slot
//	0        8         24         48                    96       100     101     120
//	+--------+---------+----------+---------------------+--------+-------+-------+----------+
//	|owner   |key id   |nonce     |wrapped key, tag     |group   |state  |0      |checksum  |
//	+--------+---------+----------+---------------------+--------+-------+-------+----------+
//
// A slot's checksum covers the ring id, its own number (u64) and its bytes 0–119. Group is the
// number of the first slot that was written with it: only slots of the last group may be torn.
// A tombstone has its 32-byte keyed hash at 24; destroyed and void slots are zero from 24 to 95.
const (
	magic       = "anjuring"
	version     = 1
	slotSize    = 128
	checksumAt  = 120
	wrappedSize = keySize + tagSize
	maxSlots    = 1<<32 - 2 // a slot's number fits the index's 32 bits
)

// The states of a slot. Zero is no state, so that a hole in the file is no slot.
const (
	stateLive      = 1 // a key in use
	stateDestroyed = 2 // the owner is erased; owner and key id stay, the key does not
	stateTombstone = 3 // keyed hash of a forgotten official number
	stateSnapshot  = 4 // the key of snapshots; the last one counts
	stateVoid      = 5 // torn by a crash before its commit returned; never used
)

type keyID [keyIDSize]byte

// slot is one record of the file.
type slot struct {
	owner  uint64
	id     keyID
	sealed [nonceSize + wrappedSize]byte // nonce and wrapped key, or a tombstone's hash
	group  uint32
	state  byte
}

// header is the file's first record.
type header struct {
	epoch  uint64 // of the key-encryption key that wraps everything here
	ring   [16]byte
	secret [nonceSize + wrappedSize]byte
}

func (h *header) encode() []byte {
	b := make([]byte, slotSize)
	copy(b, magic)
	binary.BigEndian.PutUint32(b[8:], version)
	binary.BigEndian.PutUint32(b[12:], slotSize)
	binary.BigEndian.PutUint64(b[16:], h.epoch)
	copy(b[24:], h.ring[:])
	copy(b[40:], h.secret[:])
	sum := sha256.Sum256(b[:checksumAt])
	copy(b[checksumAt:], sum[:8])
	return b
}

func decodeHeader(b []byte) (h header, err error) {
	if len(b) != slotSize || string(b[:8]) != magic {
		return h, fmt.Errorf("%w: this file is no keyring", ErrDamaged)
	}
	if v := binary.BigEndian.Uint32(b[8:]); v != version {
		return h, fmt.Errorf("%w: a keyring of unknown version %d", ErrDamaged, v)
	}
	if sum := sha256.Sum256(b[:checksumAt]); !bytes.Equal(sum[:8], b[checksumAt:]) {
		return h, fmt.Errorf("%w: the keyring's header", ErrDamaged)
	}
	h.epoch = binary.BigEndian.Uint64(b[16:])
	copy(h.ring[:], b[24:])
	copy(h.secret[:], b[40:])
	return h, nil
}

// encode appends the slot as record number n of the ring.
func (s *slot) encode(dst []byte, ring [16]byte, n uint32) []byte {
	at := len(dst)
	dst = binary.BigEndian.AppendUint64(dst, s.owner)
	dst = append(dst, s.id[:]...)
	dst = append(dst, s.sealed[:]...)
	dst = binary.BigEndian.AppendUint32(dst, s.group)
	dst = append(dst, s.state)
	dst = append(dst, make([]byte, checksumAt-101)...)
	sum := slotChecksum(dst[at:], ring, n)
	return append(dst, sum[:]...)
}

// decodeSlot returns false when b is not what encode wrote for record n of this ring.
func decodeSlot(b []byte, ring [16]byte, n uint32) (s slot, ok bool) {
	if sum := slotChecksum(b[:checksumAt], ring, n); !bytes.Equal(sum[:], b[checksumAt:slotSize]) {
		return s, false
	}
	s.owner = binary.BigEndian.Uint64(b)
	copy(s.id[:], b[8:])
	copy(s.sealed[:], b[24:])
	s.group = binary.BigEndian.Uint32(b[96:])
	s.state = b[100]
	return s, s.state >= stateLive && s.state <= stateVoid
}

func slotChecksum(b []byte, ring [16]byte, n uint32) (sum [8]byte) {
	var all [24 + checksumAt]byte
	copy(all[:], ring[:])
	binary.BigEndian.PutUint64(all[16:], uint64(n))
	copy(all[24:], b[:checksumAt])
	full := sha256.Sum256(all[:])
	copy(sum[:], full[:8])
	return sum
}

// wrapping is the associated data of a wrapped key: moving it to another owner, ring or use
// makes it unreadable.
func wrapping(ring [16]byte, owner uint64, id keyID, state byte) []byte {
	b := append(make([]byte, 0, 48), ring[:]...)
	b = binary.BigEndian.AppendUint64(b, owner)
	b = append(b, id[:]...)
	return append(b, state)
}

// wrap encrypts key into sealed, whose first bytes already hold a fresh nonce.
func wrap(kek cipher.AEAD, sealed *[nonceSize + wrappedSize]byte, key, ad []byte) {
	kek.Seal(sealed[nonceSize:nonceSize], sealed[:nonceSize], key, ad)
}

// unwrap is the opposite of wrap.
func unwrap(kek cipher.AEAD, sealed *[nonceSize + wrappedSize]byte, ad []byte) ([]byte, error) {
	key, err := kek.Open(nil, sealed[:nonceSize], sealed[nonceSize:], ad)
	if err != nil {
		return nil, fmt.Errorf("%w: a key of the keyring does not unwrap", ErrDamaged)
	}
	return key, nil
}

// newAEAD is chacha20poly1305.NewX for keys whose size is known to be right.
func newAEAD(key []byte) cipher.AEAD {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic("seal: " + err.Error()) // a key of the wrong size is a programmer's mistake
	}
	return aead
}
