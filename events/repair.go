package events

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/anju-ledger/anju/events/book"
)

// setAside moves the store of each stream that is to be repaired out of the server's way, into
// damaged/, before the server starts: opening the stream then makes it anew, and its book gives it
// everything back, same bytes, same places. The book is read and hashed whole first; one that is
// damaged itself is to be mended, and the stream is needed for that. A crash in between is harmless: the next start goes on giving back.
func (l *Ledger) setAside() error {
	for _, province := range l.config.Repair {
		stream := StreamName(province)
		err := l.mayRepair(stream)
		if errors.Is(err, book.ErrDamaged) {
			l.damaged[province] = err
			continue
		}
		if err != nil {
			return fmt.Errorf("%s cannot be repaired from its book: %w", stream, err)
		}
		from := filepath.Join(l.config.Dir, "jetstream", "jetstream", "$G", "streams", stream)
		if _, err := os.Stat(from); errors.Is(err, os.ErrNotExist) {
			continue // it is gone altogether
		}
		to := filepath.Join(l.config.Dir, "damaged", stream+"."+l.config.Clock().UTC().Format(time.RFC3339))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
	}
	return nil
}

// mayRepair checks that the book holds everything that was ever signed.
func (l *Ledger) mayRepair(stream string) (err error) {
	b, err := l.shelf.open(stream)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.book.Close()) }()
	signed, err := l.shelf.last(stream)
	if err != nil {
		return err
	}
	head, err := b.book.ReadHead()
	if err != nil {
		return err
	}
	size := b.book.Size()
	root, err := b.book.Root(size)
	if err != nil {
		return err
	}
	for _, wrong := range []error{b.book.Agrees(signed), b.book.Agrees(head), b.book.CheckTiles(size, root)} {
		if wrong != nil {
			return wrong
		}
	}
	for _, err := range b.book.Scan(0, size) {
		if err != nil {
			return err
		}
	}
	return nil
}

// streams returns the streams that have a book.
func (s *bookshelf) streams() (provinces []uint8, err error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, "book"))
	for _, e := range entries {
		if province, ours := ParseStreamName(e.Name()); ours {
			provinces = append(provinces, province)
		}
	}
	return provinces, err
}

// Book returns the book of a province's stream, to read and prove from; ErrNotFound when there is
// none.
func (l *Ledger) Book(province uint8) (*book.Book, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, open := l.writers[province]
	if !open || w.book == nil {
		return nil, ErrNotFound
	}
	return w.book.book, nil
}
