package events

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/anju-ledger/anju/events/book"
)

// rebook makes a stream's book again from the stream, beside the old one, and takes its place when
// everything that was ever signed is in it: then the old one was damaged, not the stream. The old
// one is kept in damaged/. Otherwise nothing changes, and the cause is returned.
func (s *bookshelf) rebook(ctx context.Context, old *streamBook, st storeReader, signed book.Head, cause error) (*streamBook, error) {
	head, headErr := old.book.ReadHead() // one that is damaged says nothing
	damaged := cause
	dir := filepath.Join(s.dir, "book", old.stream)
	if err := os.RemoveAll(dir + ".new"); err != nil {
		return old, errors.Join(cause, err)
	}
	made, err := bookOf(ctx, dir+".new", old.stream, st)
	if err == nil && headErr == nil {
		err = made.Agrees(head)
	}
	if err == nil {
		err = made.Agrees(signed)
	}
	if err == nil && made.Size() < old.book.Size() { // what was acknowledged since the head stands in the old one only
		err = fmt.Errorf("%w: %s ends at %d, and its book at %d", ErrDiffers, old.stream, made.Size(), old.book.Size())
	}
	if err == nil {
		damaged, err = old.places(made, cause)
	}
	if made != nil {
		err = errors.Join(err, made.Close())
	}
	if failed := old.book.Close(); failed != nil {
		return old, errors.Join(cause, failed)
	}
	if err == nil {
		err = s.replace(dir)
	}
	if err != nil {
		cause = fmt.Errorf("%w; made again from the stream it is no better: %w", cause, err)
	} else {
		cause = nil
	}
	again, err := s.open(old.stream)
	if err != nil {
		return old, errors.Join(cause, err)
	}
	if again.mended = old.mended; cause == nil {
		again.tell("账册已损坏，由与其签名头相符的部分重建，旧的在 damaged/：%v", "the book was damaged and is made again from what agrees with its signed head; the old one is in damaged/: %v", damaged)
	}
	return again, cause
}

// maxPlaces bounds how many places of a damaged book are told one by one.
const maxPlaces = 20

// places adds to the cause of a rebook which entries of the old book had other hashes than the new one
// has: a root that is wrong says only that some of all have.
func (s *streamBook) places(made *book.Book, cause error) (error, error) {
	spans, err := made.Differs(s.book)
	if err != nil || len(spans) == 0 {
		return cause, err
	}
	var told []string
	for _, p := range spans[:min(len(spans), maxPlaces)] {
		told = append(told, placesText(s.stream, p.From+1, p.To))
	}
	if more := len(spans) - len(told); more > 0 {
		told = append(told, fmt.Sprintf("%d other places", more))
	}
	return fmt.Errorf("%w; its hashes were wrong for %s", cause, strings.Join(told, ", ")), nil
}

// bookOf makes a book of a whole stream.
func bookOf(ctx context.Context, dir, stream string, st storeReader) (*book.Book, error) {
	b, err := book.Open(dir)
	if err != nil {
		return nil, err
	}
	return b, (&streamBook{book: b, stream: stream}).catchUp(ctx, st, 0)
}

// replace puts the folder of a new book in the place of the old one, which is kept.
func (s *bookshelf) replace(dir string) error {
	aside := filepath.Join(s.dir, "damaged", "book-"+filepath.Base(dir)+"."+time.Now().UTC().Format("20060102T150405.000"))
	if err := os.MkdirAll(filepath.Dir(aside), 0o700); err != nil {
		return err
	}
	if err := os.Rename(dir, aside); err != nil {
		return err
	}
	// A crash here leaves no book: the next start makes an empty one, and it catches up.
	return os.Rename(dir+".new", dir)
}
