package events

import (
	"context"
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/book"
)

// Prove returns the proof that the event at a place of a province's stream is in the ledger, under
// the last checkpoint; one is signed now when the last does not reach the event. The proof carries
// the event's bytes, so that it is checked with the public key alone: CheckProof. ErrNotFound past
// what is durable, a *DifferenceError when the book's hashes no longer prove it.
func (l *Ledger) Prove(_ context.Context, province uint8, sequence uint64) (*book.Proof, error) {
	b, err := l.Book(province)
	if err != nil {
		return nil, err
	}
	w, err := l.holding(province, sequence)
	if err != nil {
		return nil, err
	}
	checkpoint, head, err := l.checkpointOver(province, sequence)
	if err != nil {
		return nil, err
	}
	hashes, err := b.ProveEntry(head.Size, sequence-1)
	if err != nil {
		return nil, &DifferenceError{StreamName(province), sequence, sequence, err}
	}
	// Whether the message in the stream is right, the way to the root says itself. Where it is not,
	// the checked reading has the event from the book, or says why it has not.
	leaf := func(m message) book.Hash { return book.LeafHash(appendEntry(nil, StreamName(province), &m)) }
	m, err := w.store.get(sequence)
	if err != nil || head.Proves(sequence-1, leaf(m), hashes) != nil {
		m, err = w.history.get(sequence)
	}
	if err != nil {
		return nil, err
	}
	if err := head.Proves(sequence-1, leaf(m), hashes); err != nil {
		return nil, &DifferenceError{StreamName(province), sequence, sequence, err}
	}
	return &book.Proof{Index: sequence - 1, Extra: m.body, Hashes: hashes, Checkpoint: checkpoint}, nil
}

// Locate returns where the event of an id stands; ErrNotFound when it is not recorded.
func (l *Ledger) Locate(id domain.EventID) (province uint8, sequence uint64, err error) {
	for _, w := range l.doors() {
		e, err := w.find(id)
		if err == nil {
			return w.province, e.Sequence, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return 0, 0, err
		}
	}
	return 0, 0, ErrNotFound
}

// checkpointOver returns a checkpoint that covers a durable event: a witnessed one if it can.
func (l *Ledger) checkpointOver(province uint8, sequence uint64) ([]byte, book.Head, error) {
	stream := StreamName(province)
	for attempt := 0; ; attempt++ {
		l.shelf.mu.Lock()
		candidates := [...]signedHead{l.shelf.shown[stream], l.shelf.signed[stream]}
		l.shelf.mu.Unlock()
		for _, c := range candidates {
			if c.text != nil && c.Size >= sequence {
				return c.text, c.Head, nil
			}
		}
		if attempt > 0 {
			return nil, book.Head{}, fmt.Errorf("%w: no checkpoint reaches event %d of %s", ErrDiffers, sequence, stream)
		}
		l.signAll()
	}
}

// CheckProof checks a proof with the public key of its stream, offline, and returns the event that
// it proves and the head that the checkpoint signs.
func CheckProof(p *book.Proof, verifier string) (*Event, book.Head, error) {
	e, err := Parse(p.Extra)
	if err != nil {
		return nil, book.Head{}, fmt.Errorf("%w: it carries no event: %w", book.ErrProof, err)
	}
	if e.Sequence != p.Index+1 {
		return nil, book.Head{}, fmt.Errorf("%w: the event's place is %d, the proof's %d", book.ErrProof, e.Sequence, p.Index+1)
	}
	h, err := p.Check(Entry(e.Stream(), e.Sequence, e.NATSSubject(), p.Extra), verifier)
	return e, h, err
}
