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
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// ErrCosignature reports a text that is no cosignature of the witness, or not of that checkpoint.
var ErrCosignature = errors.New("the witness did not cosign this checkpoint")

// ErrWitnessKey reports a text that is no public key of a witness.
var ErrWitnessKey = errors.New("this is no public key of a witness: <name>+<8 hex digits>+<base64 of 0x04 and 32 bytes>")

// algCosignature is the algorithm byte of an Ed25519 cosignature (C2SP tlog-cosignature).
const algCosignature = 0x04

// A cosignature, behind the key's hash: u64be time | Ed25519 signature, 64.
const cosignatureSize = 8 + ed25519.SignatureSize

// WitnessKey is the public key of a witness under its name. It is a note.Verifier of its
// cosignatures.
type WitnessKey struct {
	name   string
	hash   uint32
	public ed25519.PublicKey
}

func newWitnessKey(name string, public ed25519.PublicKey) (WitnessKey, error) {
	valid := name != "" && utf8.ValidString(name) && !strings.ContainsRune(name, '+') && !strings.ContainsFunc(name, unicode.IsSpace)
	if !valid || len(public) != ed25519.PublicKeySize {
		return WitnessKey{}, ErrWitnessKey
	}
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write([]byte{algCosignature})
	h.Write(public)
	return WitnessKey{name, binary.BigEndian.Uint32(h.Sum(nil)), public}, nil
}

// ParseWitnessKey reads "<name>+<hash>+<base64 of 0x04 and the Ed25519 key>"; ErrWitnessKey when it is
// not that.
func ParseWitnessKey(text string) (WitnessKey, error) {
	name, rest, _ := strings.Cut(text, "+")
	hash, material, found := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.Strict().DecodeString(material)
	if !found || err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != algCosignature {
		return WitnessKey{}, ErrWitnessKey
	}
	k, err := newWitnessKey(name, raw[1:])
	if err != nil || fmt.Sprintf("%08x", k.hash) != hash {
		return WitnessKey{}, ErrWitnessKey
	}
	return k, nil
}

// String returns the text that ParseWitnessKey reads, "" of the zero key.
func (k WitnessKey) String() string {
	if k.name == "" {
		return ""
	}
	material := append([]byte{algCosignature}, k.public...)
	return fmt.Sprintf("%s+%08x+%s", k.name, k.hash, base64.StdEncoding.EncodeToString(material))
}

// Name implements note.Verifier.
func (k WitnessKey) Name() string { return k.name }

// KeyHash implements note.Verifier.
func (k WitnessKey) KeyHash() uint32 { return k.hash }

// Same says that two keys are one, whatever their names: a quorum counts a witness once.
func (k WitnessKey) Same(other WitnessKey) bool { return k.public.Equal(other.public) }

// Verify implements note.Verifier.
func (k WitnessKey) Verify(text, sig []byte) bool {
	at, ok := timeOf(sig)
	return ok && ed25519.Verify(k.public, cosigned(text, at), sig[8:])
}

// timeOf reads the time of a cosignature, which is at most 2^63-1.
func timeOf(sig []byte) (seconds uint64, ok bool) {
	if len(sig) != cosignatureSize {
		return 0, false
	}
	seconds = binary.BigEndian.Uint64(sig)
	return seconds, seconds < 1<<63
}

// cosigned is what a witness signs of a checkpoint's text.
func cosigned(text []byte, seconds uint64) []byte {
	b := append([]byte("cosignature/v1\ntime "), strconv.FormatUint(seconds, 10)...)
	return append(append(b, '\n'), text...)
}

// Cosigner signs checkpoints as a witness.
type Cosigner struct {
	WitnessKey
	private ed25519.PrivateKey
}

// NewCosigner returns the witness of a name and a seed of 32 random bytes; ErrWitnessKey when the name
// holds a space or a plus.
func NewCosigner(name string, seed []byte) (Cosigner, error) {
	if len(seed) != ed25519.SeedSize {
		return Cosigner{}, ErrWitnessKey
	}
	private := ed25519.NewKeyFromSeed(seed)
	k, err := newWitnessKey(name, private.Public().(ed25519.PublicKey))
	return Cosigner{k, private}, err
}

// Cosign returns the signature line, with its newline, that says: as of a time, this is the largest
// consistent checkpoint that the witness has seen of the log. The text is the checkpoint's,
// without its signatures.
func (c Cosigner) Cosign(text []byte, at time.Time) Cosignature {
	seconds := uint64(max(at.Unix(), 0))
	sig := binary.BigEndian.AppendUint32(nil, c.hash)
	sig = binary.BigEndian.AppendUint64(sig, seconds)
	sig = append(sig, ed25519.Sign(c.private, cosigned(text, seconds))...)
	line := "— " + c.name + " " + base64.StdEncoding.EncodeToString(sig) + "\n"
	return Cosignature{c.WitnessKey, time.Unix(int64(seconds), 0).UTC(), line}
}

// Cosignature is a witness's signature of a checkpoint.
type Cosignature struct {
	Key  WitnessKey
	At   time.Time
	Line string // as it stands behind the checkpoint, with its newline
}

// CosignatureOf returns a witness's cosignature of a checkpoint that stands behind it;
// ErrCosignature when there is none that its key made. The log's own signature is not looked at.
func CosignatureOf(checkpoint []byte, k WitnessKey) (Cosignature, error) {
	n, err := note.Open(checkpoint, note.VerifierList(k))
	if err != nil {
		return Cosignature{}, fmt.Errorf("%w: %s: %w", ErrCosignature, k.name, err)
	}
	raw, err := base64.StdEncoding.DecodeString(n.Sigs[0].Base64)
	if err != nil {
		return Cosignature{}, fmt.Errorf("%w: %w", ErrCosignature, err)
	}
	seconds, _ := timeOf(raw[4:])
	line := "— " + k.name + " " + n.Sigs[0].Base64 + "\n"
	return Cosignature{k, time.Unix(int64(seconds), 0).UTC(), line}, nil
}

// Cosignatures returns those cosignatures of some witnesses that stand behind a checkpoint and hold, each
// key once. Wrong ones and those of other witnesses do no harm.
func Cosignatures(checkpoint []byte, keys []WitnessKey) (all []Cosignature) {
	for i, k := range keys {
		twice := false
		for _, before := range keys[:i] {
			twice = twice || before.Same(k)
		}
		if c, err := CosignatureOf(checkpoint, k); err == nil && !twice {
			all = append(all, c)
		}
	}
	return all
}

// CheckWitnessed checks that enough of some witnesses cosigned a checkpoint; ErrCosignature, with how many
// did, when not.
func CheckWitnessed(checkpoint []byte, keys []WitnessKey, needed int) ([]Cosignature, error) {
	all := Cosignatures(checkpoint, keys)
	if len(all) < needed {
		return all, fmt.Errorf("%w: %d of %d witnesses did, %d are needed", ErrCosignature, len(all), len(keys), needed)
	}
	return all, nil
}

// CheckpointText returns a checkpoint's text without its signatures, and the origin it names. Nothing
// is checked: it says whose key to look for. ErrSignature when it is no signed note.
func CheckpointText(checkpoint []byte) (text []byte, origin string, err error) {
	_, err = note.Open(checkpoint, note.VerifierList())
	var unverified *note.UnverifiedNoteError
	if !errors.As(err, &unverified) {
		return nil, "", fmt.Errorf("%w: %w", ErrSignature, err)
	}
	origin, _, _ = strings.Cut(unverified.Note.Text, "\n")
	return []byte(unverified.Note.Text), origin, nil
}
