package book

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrSignature reports a checkpoint that the expected key did not sign, or not for this log.
var ErrSignature = errors.New("the checkpoint is not signed by the expected key")

// Key signs the checkpoints of a ledger's streams (Ed25519).
type Key struct{ private ed25519.PrivateKey }

// NewKey returns the key of a seed of 32 random bytes.
func NewKey(seed []byte) Key { return Key{ed25519.NewKeyFromSeed(seed)} }

// Verifier returns the public key under an origin's name, as note verifier keys are written:
// "<origin>+<hash>+<base64>".
func (k Key) Verifier(origin string) (string, error) {
	return note.NewEd25519VerifierKey(origin, k.private.Public().(ed25519.PublicKey))
}

// noteSigner signs notes under an origin's name (C2SP signed-note).
type noteSigner struct {
	name string
	key  ed25519.PrivateKey
}

// Name implements note.Signer.
func (s noteSigner) Name() string { return s.name }

// KeyHash implements note.Signer: the first four bytes of SHA-256(name, 0x0a, 0x01, public key).
func (s noteSigner) KeyHash() uint32 {
	h := sha256.New()
	h.Write([]byte(s.name + "\n\x01"))
	h.Write(s.key.Public().(ed25519.PublicKey))
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// Sign implements note.Signer.
func (s noteSigner) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

// Sign returns the checkpoint of a head as a signed note (C2SP tlog-checkpoint).
func (k Key) Sign(origin string, h Head) ([]byte, error) {
	return note.Sign(&note.Note{Text: checkpointText(origin, h)}, noteSigner{origin, k.private})
}

// checkpointText is what a checkpoint signs.
func checkpointText(origin string, h Head) string {
	return origin + "\n" + strconv.FormatUint(h.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(h.Root[:]) + "\n"
}

// CheckVerifier says why a text is no public key.
func CheckVerifier(verifier string) error {
	_, err := note.NewVerifier(verifier)
	return err
}

// OpenCheckpoint returns the head that a checkpoint signs. The origin is the name of the verifier
// key; ErrSignature when the key did not sign it, or not for that origin.
func OpenCheckpoint(checkpoint []byte, verifier string) (Head, error) {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return Head{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	n, err := note.Open(checkpoint, note.VerifierList(v))
	if err != nil {
		return Head{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return ParseCheckpoint(n.Text, v.Name())
}

// ParseCheckpoint reads the text of a checkpoint of a log, whose signatures were checked elsewhere;
// ErrSignature when it is none, or of another log.
func ParseCheckpoint(text, origin string) (h Head, err error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 || lines[0] != origin {
		return h, fmt.Errorf("%w: it is not of the log %s", ErrSignature, origin)
	}
	h.Size, err = strconv.ParseUint(lines[1], 10, 63)
	if err != nil || strconv.FormatUint(h.Size, 10) != lines[1] {
		return h, fmt.Errorf("%w: its size is no number", ErrSignature)
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return h, fmt.Errorf("%w: its root is no hash", ErrSignature)
	}
	copy(h.Root[:], root)
	return h, nil
}

// CheckConsistent checks by a consistency proof that the newer head only adds to the older one.
func CheckConsistent(older, newer Head, proof []Hash) error {
	if older.Size == newer.Size {
		if older.Root != newer.Root {
			return fmt.Errorf("%w: two roots for %d entries", ErrDamaged, older.Size)
		}
		return nil
	}
	if older.Size == 0 {
		return nil
	}
	err := tlog.CheckTree(tlog.TreeProof(proof), int64(newer.Size), newer.Root, int64(older.Size), older.Root)
	if err != nil {
		return fmt.Errorf("%w: %d entries do not go on to %d: %w", ErrDamaged, older.Size, newer.Size, err)
	}
	return nil
}
