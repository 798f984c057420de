package events

import (
	"context"
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/events/book"
)

// bookReader reads a stream's history from its book, where every entry is checked, and what the
// book does not hold yet from the stream. What is damaged in the book is read from the stream,
// if that still agrees with the leaf hashes.
type bookReader struct {
	*streamBook
	stream storeReader
}

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
	entry, bookErr := r.book.Entry(sequence - 1)
	if bookErr != nil {
		return message{}, fmt.Errorf("%w: event %d of %s is unverified: %w", ErrDiffers, sequence, r.streamBook.stream, errors.Join(err, bookErr))
	}
	m, _, err = r.message(entry)
	return m, err
}

// records implements history.
func (r bookReader) records(ctx context.Context, after uint64, yield func(Record) bool) error {
	wanted := true
	take := func(rec Record) bool {
		after = rec.Sequence
		wanted = yield(rec) && ctx.Err() == nil
		return wanted
	}
	for upTo := r.book.Size(); after < upTo && wanted; {
		err := r.streamBook.records(after, upTo, take)
		if errors.Is(err, book.ErrDamaged) {
			err = r.readChecked(ctx, after, r.book.FrameEnd(after), take)
		}
		if err != nil {
			return err
		}
	}
	if !wanted {
		return ctx.Err()
	}
	return storeHistory{r.stream, r.province()}.records(ctx, after, yield)
}

// readChecked yields the records after one sequence up to another from the stream, each
// compared with the book's leaf.
func (r bookReader) readChecked(ctx context.Context, after, upTo uint64, yield func(Record) bool) error {
	var failed error
	wanted := true
	err := r.stream.read(ctx, after, func(m message) bool {
		leaf, err := r.book.Leaf(m.sequence - 1)
		if err == nil && (m.sequence != after+1 || book.LeafHash(r.entry(m)) != leaf) {
			err = fmt.Errorf("%w: events %d to %d of %s are unverified", ErrDiffers, after+1, m.sequence, r.streamBook.stream)
		}
		if failed = err; failed != nil {
			return false
		}
		after = m.sequence
		wanted = yield(recordOf(r.province(), m))
		return wanted && m.sequence < upTo
	})
	if err = errors.Join(failed, err); err == nil && wanted && after < upTo {
		err = fmt.Errorf("%w: %s ends at %d, and its book at %d is damaged", ErrDiffers, r.streamBook.stream, after, upTo)
	}
	return err
}
