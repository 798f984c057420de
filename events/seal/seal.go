// Package seal keeps the keys of people and households and seals fields under them, so that
// destroying one key erases one person from an append-only log while every proof over the
// log still verifies (DESIGN D9).
//
// It follows WIRE §4 for the bytes of a sealed field, draft-irtf-cfrg-xchacha-03 for the
// cipher, and the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár (CRYPTO 2015)
// for snapshots. docs/format.md repeats all layouts. It knows neither events nor people: an
// owner is a number, an event 16 bytes, a field a JSON pointer.
//
// Golden vectors stand in field_test.go, checked by a second implementation of the cipher;
// crash_test.go cuts every step of every write; FuzzOpen feeds Open with strange bytes.
package seal

import (
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// The layout of a sealed field, before base64url (WIRE §4):
//
//	+------+-----------------+----------+---------------------------+
//	| 0x01 | key id          | nonce    | ciphertext and tag        |
//	| 1    | 16 random bytes | 24       | multiple of 32, and 16    |
//	+------+-----------------+----------+---------------------------+
const (
	algorithm  = 0x01 // XChaCha20-Poly1305
	keyIDSize  = 16
	keySize    = chacha20poly1305.KeySize
	nonceSize  = chacha20poly1305.NonceSizeX
	tagSize    = chacha20poly1305.Overhead
	prefixSize = 1 + keyIDSize + nonceSize
	padding    = 32 // plaintexts are filled with spaces to a multiple of it, to hide their length
)

// ErrErased reports that the key was destroyed: the value is gone for ever and no backup may
// bring it back. Callers show "erased" in the field's place.
var ErrErased = errors.New("erased: the key was destroyed")

// ErrUnknownKey reports a key id that this keyring never held or that a restored old copy of
// it does not hold yet. Callers stop and ask for a newer copy of the keyring; for a snapshot
// they rebuild from the log.
var ErrUnknownKey = errors.New("the keyring does not hold this key")

// ErrDamaged reports bytes that were not written by this package, were changed, or were moved
// to another event or field. Callers stop and name the place; a copy may help.
var ErrDamaged = errors.New("damaged")

// ErrStopped reports that an earlier write to the keyring failed. Nothing more is written,
// because after a failed fsync nobody knows what is on disk; the process must be restarted.
var ErrStopped = errors.New("the keyring stopped after a failed write")

// encoding refuses padding and stray bits, so that a sealed field has one spelling.
var encoding = base64.RawURLEncoding.Strict()

// sealField writes the sealed form of plain under key, with a nonce that is never used again.
func sealField(key *openKey, nonce []byte, at place, plain []byte) string {
	raw := make([]byte, prefixSize, prefixSize+padded(len(plain))+tagSize)
	raw[0] = algorithm
	copy(raw[1:], key.id[:])
	copy(raw[1+keyIDSize:], nonce)
	text := make([]byte, padded(len(plain)))
	for i := copy(text, plain); i < len(text); i++ {
		text[i] = ' '
	}
	var room [128]byte
	raw = key.aead.Seal(raw, nonce, text, at.appendTo(room[:0]))
	return encoding.EncodeToString(raw)
}

// parseField decodes base64url and checks everything that needs no key.
func parseField(sealed string) (id keyID, raw []byte, err error) {
	raw, err = encoding.DecodeString(sealed)
	if err != nil {
		return id, nil, fmt.Errorf("%w: a sealed field is base64url without padding", ErrDamaged)
	}
	text := len(raw) - prefixSize - tagSize
	switch {
	case text < padding || text%padding != 0:
		return id, nil, fmt.Errorf("%w: a sealed field has %d bytes", ErrDamaged, len(raw))
	case raw[0] != algorithm:
		return id, nil, fmt.Errorf("%w: a sealed field of unknown algorithm %#02x", ErrDamaged, raw[0])
	}
	copy(id[:], raw[1:])
	return id, raw, nil
}

// openField decrypts in place what parseField returned and takes the padding off.
func openField(key cipher.AEAD, raw []byte, at place) ([]byte, error) {
	var room [128]byte
	nonce, box := raw[1+keyIDSize:prefixSize], raw[prefixSize:]
	text, err := key.Open(box[:0], nonce, box, at.appendTo(room[:0]))
	if err != nil {
		return nil, fmt.Errorf("%w: the field %s does not open under its key", ErrDamaged, at.pointer)
	}
	for len(text) > 0 && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
	}
	return text, nil
}

func padded(n int) int { return (n + padding - 1) / padding * padding }

// place binds a sealed field to where it stands, so that it opens nowhere else.
type place struct {
	event   [16]byte
	pointer string // RFC 6901, from data
}

// appendTo appends the associated data: the event id as its 36 characters of lower-case text,
// a zero byte, the pointer.
func (p place) appendTo(b []byte) []byte {
	for i, n := 0, 0; i < len(p.event); i += n {
		n = 2
		switch i {
		case 0:
			n = 4
		case 4, 6, 8:
			b = append(b, '-')
		case 10:
			b = append(b, '-')
			n = 6
		}
		b = hex.AppendEncode(b, p.event[i:i+n])
	}
	b = append(b, 0)
	return append(b, p.pointer...)
}
