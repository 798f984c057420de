package events

import "github.com/anju-ledger/anju/events/book"

// Root names the history of a province's stream up to a place: the origin of its checkpoints and
// the root of the tree over its first n entries. book.ErrNotThere when fewer are there. A stream
// without a book, as in memory, has no name and no root.
func (l *Ledger) Root(province uint8, n uint64) (origin string, root book.Hash, err error) {
	b, err := l.Book(province)
	if err != nil {
		return "", book.Hash{}, nil
	}
	root, err = b.Root(n)
	return l.shelf.originOf(StreamName(province)), root, err
}
