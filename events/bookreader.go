package events

import (
	"context"
	"errors"

	"github.com/anju-ledger/anju/events/book"
)

// bookReader reads a stream's history from its book, where every entry is checked, and what the
// book does not hold yet from the stream. What is damaged in the book is read from the stream,
// if that still agrees with the leaf hashes. What neither proves is a *DifferenceError that names
// it: nothing is handed out in its stead, and nothing is passed over.
type bookReader struct {
	*streamBook
	stream  *jetStore
	suspect func(sequence uint64) // is told where damage was met
}

// errUnproven says why a place cannot be read.
var errUnproven = errors.New("unverified: neither the stream nor its book proves what stood there")

// get implements history. The stream is quicker for a single message; the book's leaf says
// whether it is what was recorded, and the book has it when it is not.
func (r bookReader) get(sequence uint64) (message, error) {
	m, err := r.stream.get(sequence)
	if sequence == 0 || sequence > r.book.Size() {
		return m, err
	}
	leaf, leafErr := r.book.Leaf(sequence - 1)
	if err == nil && leafErr == nil && book.LeafHash(r.entry(m)) == leaf {
		return m, nil
	}
	r.suspect(sequence)
	entry, err := r.book.Entry(sequence - 1)
	if errors.Is(err, book.ErrDamaged) {
		err = &DifferenceError{r.streamBook.stream, sequence, sequence, errUnproven}
	}
	if err != nil {
		return message{}, err
	}
	m, _, err = r.message(entry)
	return m, err
}

// records implements history.
func (r bookReader) records(ctx context.Context, after uint64, open opening, yield func(Record) bool) error {
	wanted := true
	take := func(rec Record) bool {
		after = rec.Sequence
		wanted = yield(rec) && ctx.Err() == nil
		return wanted
	}
	for upTo := r.book.Size(); after < upTo && wanted; {
		err := r.streamBook.records(after, upTo, open, take)
		if errors.Is(err, book.ErrDamaged) {
			r.suspect(after + 1)
			err = r.readChecked(ctx, after, r.book.FrameEnd(after), take)
		}
		if err != nil {
			return err
		}
	}
	if !wanted {
		return ctx.Err()
	}
	return storeHistory{r.stream, r.province()}.records(ctx, after, open, yield)
}

// readChecked yields the records after one sequence up to another, each from whichever of stream
// and book has it as its leaf says; a leaf counts when the tiles above it agree.
func (r bookReader) readChecked(ctx context.Context, after, upTo uint64, yield func(Record) bool) error {
	n := int(upTo - after)
	entries := r.book.Salvage(after, n, true)
	err := r.stream.between(ctx, after, upTo, func(m message) bool {
		if i := m.sequence - after - 1; entries[i] == nil {
			entries[i] = r.entry(m)
		}
		return true
	})
	if err != nil {
		return err
	}
	for i := 0; i < n; i++ {
		if from := i; !r.proves(after+uint64(i), entries[i]) {
			for i++; i < n && !r.proves(after+uint64(i), entries[i]); i++ {
			}
			return &DifferenceError{r.streamBook.stream, after + uint64(from) + 1, after + uint64(i), errUnproven}
		}
		m, _, err := r.message(entries[i])
		if err != nil || !yield(recordOf(r.province(), m)) {
			return err
		}
	}
	return nil
}

// proves reports whether the entry of an index is what the tree says of it.
func (r bookReader) proves(index uint64, entry []byte) bool {
	if entry == nil || r.book.CheckLeaves(index) != nil {
		return false
	}
	leaf, err := r.book.Leaf(index)
	return err == nil && book.LeafHash(entry) == leaf
}
