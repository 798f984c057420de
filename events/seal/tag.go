package seal

import (
	"crypto/sha256"
	"encoding/binary"
)

// Tag returns a 64-bit keyed hash of a value, for equality in memory and in encrypted
// snapshots: the alias index, duplicate people. Without the keyring nothing can be guessed
// from it; it never goes into an event all the same. Equal class and value have equal tags for
// the life of the keyring; class may not hold a zero byte.
//
// It is SHA-256(secret | "anju tag" | 0 | class | 0 | value), of which the first 8 bytes are
// used: cut so short, the hash cannot be extended, and a prefix key is as good as HMAC.
func (r *Ring) Tag(class string, value []byte) uint64 {
	var room [192]byte
	b := append(room[:0], r.secret[:]...)
	b = append(b, "anju tag\x00"...)
	b = append(append(b, class...), 0)
	sum := sha256.Sum256(append(b, value...))
	return binary.BigEndian.Uint64(sum[:])
}
