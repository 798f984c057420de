package book

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrProof reports a text that is no proof, or proves something else.
var ErrProof = errors.New("this proves nothing")

// proofHead is the first line of a proof (C2SP tlog-proof).
const proofHead = "c2sp.org/tlog-proof@v1"

// maxProofLines bounds a proof: a tree of 2^63 entries has 63 levels.
const maxProofLines = 63

// Proof says that an entry stands in a log: its index, the way from its leaf to the root of a
// checkpoint, and the checkpoint with its signatures. It is checked offline.
type Proof struct {
	Index      uint64
	Extra      []byte // what the entry is made again from; not signed, it proves itself by the hash
	Hashes     []Hash
	Checkpoint []byte
}

// MarshalText writes the proof as C2SP tlog-proof says.
func (p *Proof) MarshalText() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(proofHead + "\n")
	if len(p.Extra) > 0 {
		b.WriteString("extra " + base64.StdEncoding.EncodeToString(p.Extra) + "\n")
	}
	b.WriteString("index " + strconv.FormatUint(p.Index, 10) + "\n")
	for i := range p.Hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(p.Hashes[i][:]) + "\n")
	}
	b.WriteString("\n")
	b.Write(p.Checkpoint)
	return b.Bytes(), nil
}

// UnmarshalText reads what MarshalText writes; ErrProof when the text is no proof.
func (p *Proof) UnmarshalText(text []byte) error {
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != proofHead {
		return fmt.Errorf("%w: it does not begin as a proof does", ErrProof)
	}
	lines = lines[1:]
	extra, lines, err := cutExtra(lines)
	if err != nil {
		return err
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") || len(lines) > 1+maxProofLines {
		return fmt.Errorf("%w: it names no index", ErrProof)
	}
	number := strings.TrimPrefix(lines[0], "index ")
	index, err := strconv.ParseUint(number, 10, 63)
	if err != nil || strconv.FormatUint(index, 10) != number {
		return fmt.Errorf("%w: the index is no number", ErrProof)
	}
	hashes := make([]Hash, 0, len(lines)-1)
	for _, line := range lines[1:] {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return fmt.Errorf("%w: a line is no hash", ErrProof)
		}
		hashes = append(hashes, Hash(raw))
	}
	*p = Proof{index, extra, hashes, []byte(checkpoint)}
	return nil
}

// cutExtra reads the line of extra data, which may be absent.
func cutExtra(lines []string) (extra []byte, rest []string, err error) {
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "extra ") {
		return nil, lines, nil
	}
	extra, err = base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[0], "extra "))
	if err != nil || len(extra) == 0 {
		return nil, nil, fmt.Errorf("%w: the extra data is no base64", ErrProof)
	}
	return extra, lines[1:], nil
}

// Check checks the proof of an entry against a public key: the key signed the checkpoint, and the
// entry stands at the index of its tree. It returns the head that the checkpoint signs.
func (p *Proof) Check(entry []byte, verifier string) (Head, error) {
	h, err := OpenCheckpoint(p.Checkpoint, verifier)
	if err != nil {
		return Head{}, err
	}
	if p.Index >= h.Size {
		return Head{}, fmt.Errorf("%w: entry %d in a tree of %d", ErrProof, p.Index, h.Size)
	}
	err = tlog.CheckRecord(tlog.RecordProof(p.Hashes), int64(h.Size), h.Root, int64(p.Index), LeafHash(entry))
	if err != nil {
		return Head{}, fmt.Errorf("%w: entry %d is not in the tree of %d with these bytes: %w", ErrProof, p.Index, h.Size, err)
	}
	return h, nil
}

// Proves checks that hashes are the proof that an entry with this leaf stands at an index of what
// the head says; ErrProof when they are not.
func (h Head) Proves(index uint64, leaf Hash, hashes []Hash) error {
	if err := tlog.CheckRecord(hashes, int64(h.Size), h.Root, int64(index), leaf); err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	return nil
}
