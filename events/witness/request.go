package witness

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/anju-ledger/anju/events/book"
)

// ErrRequest reports a text that is no request to add a checkpoint.
var ErrRequest = errors.New("this is no request to add a checkpoint")

// The bounds of a request. A tree of 2^63 entries has 63 levels; a note may bear 100 signatures.
const (
	maxProof   = 63
	maxRequest = 64 << 10
)

// Request asks a witness for a cosignature (C2SP tlog-witness, add-checkpoint):
//
//	old <size that the witness is thought to hold>
//	<a hash of the consistency proof>, none or more lines
//
//	<checkpoint>
type Request struct {
	Old        uint64
	Proof      []book.Hash
	Checkpoint []byte
}

// MarshalText writes the body of the request.
func (r *Request) MarshalText() ([]byte, error) {
	b := append([]byte("old "), strconv.FormatUint(r.Old, 10)...)
	for i := range r.Proof {
		b = append(b, '\n')
		b = base64.StdEncoding.AppendEncode(b, r.Proof[i][:])
	}
	return append(append(b, "\n\n"...), r.Checkpoint...), nil
}

// UnmarshalText reads what MarshalText writes; ErrRequest when it is not that. The checkpoint is not
// looked at.
func (r *Request) UnmarshalText(text []byte) error {
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	number, isOld := strings.CutPrefix(lines[0], "old ")
	if !found || !isOld {
		return fmt.Errorf("%w: it begins with a line \"old <size>\" and has an empty line before the checkpoint", ErrRequest)
	}
	old, err := parseSize(number)
	if err != nil {
		return err
	}
	if len(lines) > 1+maxProof {
		return fmt.Errorf("%w: a proof has at most %d lines", ErrRequest, maxProof)
	}
	var proof []book.Hash
	for _, line := range lines[1:] {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return fmt.Errorf("%w: a line of the proof is no hash", ErrRequest)
		}
		proof = append(proof, book.Hash(raw))
	}
	*r = Request{old, proof, []byte(checkpoint)}
	return nil
}

// parseSize reads a decimal number below 2^63 that is written in the one way.
func parseSize(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || strconv.FormatUint(n, 10) != text {
		return 0, fmt.Errorf("%w: a size is no number", ErrRequest)
	}
	return n, nil
}
