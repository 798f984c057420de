package events

import (
	"context"
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/events/book"
)

// fromBoth reads the messages of a stream whose book is damaged in places: from the book, and there
// from the stream. Nothing says that they are what was recorded; whoever makes a book of them
// compares its root with what was signed.
type fromBoth struct {
	storeReader
	old *streamBook
}

// read implements storeReader.
func (r fromBoth) read(ctx context.Context, after uint64, yield func(message) bool) error {
	wanted := true
	take := func(m message) bool {
		m.body = append([]byte(nil), m.body...)
		after = m.sequence
		wanted = yield(m) && ctx.Err() == nil
		return wanted
	}
	for upTo := r.old.book.Size(); after < upTo && wanted; {
		err := r.old.read(after, upTo, take)
		if errors.Is(err, book.ErrDamaged) {
			err = r.fromStream(ctx, after, r.old.book.FrameEnd(after), take)
		}
		if err != nil {
			return err
		}
	}
	if !wanted {
		return ctx.Err()
	}
	return r.storeReader.read(ctx, after, yield)
}

// fromStream reads the messages after one sequence up to another from the stream.
func (r fromBoth) fromStream(ctx context.Context, after, upTo uint64, yield func(message) bool) error {
	last := after
	err := r.storeReader.read(ctx, after, func(m message) bool {
		if m.sequence > upTo {
			return false
		}
		last = m.sequence
		return yield(m) && last < upTo
	})
	if err == nil && last < upTo && ctx.Err() == nil {
		err = fmt.Errorf("%w: %s and its book have both lost %d", ErrDiffers, r.old.stream, last+1)
	}
	return err
}

// mend makes a damaged book whole from itself and the stream; the stream is left as it is.
func (w *writer) mend(ctx context.Context, st storeReader) (err error) {
	if w.damaged == nil {
		return nil
	}
	w.book, err = w.rebook(ctx, w.book, fromBoth{st, w.book}, w.signed, w.damaged)
	if err != nil {
		return fmt.Errorf("%s cannot be repaired: %w", w.book.stream, err)
	}
	return nil
}
