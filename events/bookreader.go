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

// get implements history. The stream is quicker for a single message; the book's tree says
// whether it is what was recorded, and the book has it when it is not.
func (r bookReader) get(sequence uint64) (message, error) {
	m, err := r.stream.get(sequence)
	if sequence == 0 || sequence > r.book.Size() {
		return m, err
	}
	if err == nil && r.book.Proves(sequence-1, book.LeafHash(r.entry(m))) {
		return m, nil
	}
	r.suspect(sequence)
	entry, err := r.book.Entry(sequence - 1)
	if errors.Is(err, book.ErrDamaged) {
		entry, err = r.checkedEntry(sequence)
	}
	if err != nil {
		return message{}, err
	}
	m, _, err = r.message(entry)
	return m, err
}

// checkedEntry is one entry of checked.
func (r bookReader) checkedEntry(sequence uint64) ([]byte, error) {
	entries, err := r.checked(context.Background(), sequence-1, sequence)
	if err == nil && entries[0] == nil {
		err = &DifferenceError{r.streamBook.stream, sequence, sequence, errUnproven}
	}
	if err != nil {
		return nil, err
	}
	return entries[0], nil
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

// readChecked yields the records after one sequence up to another: see checked.
func (r bookReader) readChecked(ctx context.Context, after, upTo uint64, yield func(Record) bool) error {
	entries, err := r.checked(ctx, after, upTo)
	if err != nil {
		return err
	}
	for i := 0; i < len(entries); i++ {
		if from := i; entries[i] == nil {
			for i < len(entries) && entries[i] == nil {
				i++
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

// checked returns the entries after one sequence up to another, each from whichever of book and
// stream has it as a leaf says that the tiles above prove; nil where neither has.
func (r bookReader) checked(ctx context.Context, after, upTo uint64) ([][]byte, error) {
	first, end := r.book.TilesOf(after, upTo)
	own := r.book.Salvage(first, int(end-first), false)
	theirs := make([][]byte, len(own))
	err := r.stream.between(ctx, first, end, func(m message) bool {
		theirs[m.sequence-first-1] = r.entry(m)
		return true
	})
	if err != nil {
		return nil, err
	}
	leaves := r.book.ProvenLeaves(first, own, theirs)
	entries := make([][]byte, upTo-after)
	for i := range entries {
		at := after + uint64(i) - first
		for _, entry := range [][]byte{own[at], theirs[at]} {
			if entries[i] == nil && entry != nil && book.LeafHash(entry) == leaves[at] {
				entries[i] = entry
			}
		}
	}
	return entries, nil
}
