package events

import "io"

// SealSnapshot returns a writer that encrypts what views keep between starts, under the present
// key of the ring, on its way to w. What was written opens only after Close. See seal.Writer.
func (l *Ledger) SealSnapshot(w io.Writer) (io.WriteCloser, error) { return l.ring.NewWriter(w) }

// OpenSnapshot reads what SealSnapshot wrote; an error means that it was made by another keyring,
// before a key was destroyed, or was damaged, and is of no use any more.
func (l *Ledger) OpenSnapshot(r io.Reader) (io.Reader, error) { return l.ring.NewReader(r) }
