package events

import (
	"context"
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/events/book"
)

// streamBook is the book of one stream beside the stream: every message is entered in it before
// the sync that makes it durable, so that what is acknowledged lies on disk twice.
type streamBook struct {
	book   *book.Book
	stream string
	mended []string // what the start put right
}

// tell notes what the start put right, in both languages.
func (s *streamBook) tell(zh, en string, what ...any) {
	text := bothLanguages(zh, en, what...)
	s.mended = append(s.mended, text.ZH+" / "+text.EN)
}

// entry returns the bytes that the book keeps of a message.
func (s *streamBook) entry(m message) []byte { return appendEntry(nil, s.stream, &m) }

// enter writes the messages that the book does not hold yet; they follow its end.
func (s *streamBook) enter(messages []message) error {
	next := s.book.Size() + 1
	for len(messages) > 0 && messages[0].sequence < next {
		messages = messages[1:]
	}
	if len(messages) == 0 {
		return nil
	}
	for i, m := range messages {
		if m.sequence != next+uint64(i) {
			return fmt.Errorf("%w: %d stands where %d should in %s", ErrDiffers, m.sequence, next+uint64(i), s.stream)
		}
	}
	return s.book.Append(len(messages), func(b []byte, i int) []byte {
		m := &messages[i]
		return appendEntry(b, s.stream, m)
	})
}

// message reads an entry back into the message that it was made of. The body of a foreign message
// that was too long for the book is its hash, and whole is false.
func (s *streamBook) message(entry []byte) (m message, whole bool, err error) {
	m, stream, whole, err := parseEntry(entry)
	if err == nil && stream != s.stream {
		err = fmt.Errorf("%w: an entry of %s in the book of %s", ErrDiffers, stream, s.stream)
	}
	return m, whole, err
}

// read yields the messages after one sequence up to another from the book, each checked against
// its leaf. A body is the reader's until it asks for the next message.
func (s *streamBook) read(after, upTo uint64, yield func(message) bool) error {
	for entry, err := range s.book.Scan(after, upTo) {
		if err != nil {
			return err
		}
		m, _, err := s.message(entry)
		if err != nil {
			return err
		}
		if !yield(m) {
			return nil
		}
	}
	return nil
}

// checkedRecord is a record of the book, or why it is none.
type checkedRecord struct {
	Record
	err error
}

// records yields the records after one sequence up to another from the book, each checked against
// its leaf. They are read from their bytes, and opened, where they are checked, on all cores.
func (s *streamBook) records(after, upTo uint64, open opening, yield func(Record) bool) error {
	province := s.province()
	parsed := book.Map(s.book, after, upTo, func(_ uint64, entry []byte) (c checkedRecord) {
		m, _, err := s.message(entry)
		if err != nil {
			return checkedRecord{err: err}
		}
		return checkedRecord{Record: openedRecord(province, m, open)}
	})
	for c, err := range parsed {
		if err = errors.Join(err, c.err); err != nil {
			return err
		}
		if !yield(c.Record) {
			return nil
		}
	}
	return nil
}

// province is the number in the stream's name.
func (s *streamBook) province() uint8 {
	province, _ := ParseStreamName(s.stream)
	return province
}

// reconcile makes stream and book hold the same before the door opens. The book ahead: the stream
// lost its tail, and gets it again, same bytes, same places. The stream ahead: the book catches
// up. ErrDiffers when where both reach they are not the same, or the book is not what it once
// signed.
//
// A book that lost what was signed is not made whole in place: whether the stream still has that
// as it was is told by making it anew (rebook).
func (s *streamBook) reconcile(ctx context.Context, st store, end uint64, signed book.Head) error {
	head, err := s.book.ReadHead()
	if err != nil {
		return err
	}
	written := s.book.Size()
	if known := max(head.Size, signed.Size); written < known {
		return &DifferenceError{s.stream, written + 1, known, errors.New("the book has lost them")}
	}
	if common := min(written, end); common > 0 {
		if err := s.same(st, common); err != nil {
			return err
		}
	}
	if written > end {
		if err := s.giveBack(ctx, st, end, written); err != nil {
			return err
		}
		s.tell("第 %d 至 %d 条在数据流中缺失，已由账册还回", "events %d to %d were missing in the stream, and its book gave them back", end+1, written)
	}
	if end > written {
		if err := s.catchUp(ctx, st, written); err != nil {
			return err
		}
		s.tell("第 %d 至 %d 条在账册中缺失，已由数据流补齐", "events %d to %d were missing in the book, and the stream gave them back", written+1, end)
	}
	if err := s.book.Agrees(head); err != nil {
		return fmt.Errorf("%w: %w", ErrDiffers, err)
	}
	return nil
}

// same compares the message at a place with the book's leaf there.
func (s *streamBook) same(st storeReader, sequence uint64) error {
	leaf, err := s.book.Leaf(sequence - 1)
	if err != nil {
		return err
	}
	m, err := st.get(sequence)
	switch {
	case errors.Is(err, ErrNotFound):
		err = errors.New("the stream has lost it")
	case err != nil:
		return err
	case book.LeafHash(s.entry(m)) == leaf:
		return nil
	default:
		err = errors.New("the stream has other bytes there than the book")
	}
	return &DifferenceError{s.stream, sequence, sequence, err}
}

// giveBack appends to the stream what only the book holds.
func (s *streamBook) giveBack(ctx context.Context, st store, after, upTo uint64) error {
	group := make([]message, 0, maxGroupEvents)
	flush := func() error {
		if len(group) == 0 {
			return nil
		}
		err := st.append(ctx, group)
		group = group[:0]
		return err
	}
	var failed error
	err := s.read(after, upTo, func(m message) bool {
		m.body = append([]byte(nil), m.body...)
		if group = append(group, m); len(group) == maxGroupEvents {
			failed = flush()
		}
		return failed == nil
	})
	if err = errors.Join(err, failed); err == nil {
		err = flush()
	}
	if err == nil {
		err = st.sync()
	}
	if err != nil {
		return fmt.Errorf("giving %s back what only its book holds: %w", s.stream, err)
	}
	return nil
}

// catchUp enters what only the stream holds.
func (s *streamBook) catchUp(ctx context.Context, st storeReader, after uint64) error {
	var failed error
	group := make([]message, 0, maxGroupEvents)
	err := st.read(ctx, after, func(m message) bool {
		if group = append(group, m); len(group) == maxGroupEvents {
			failed = s.enter(group)
			group = group[:0]
		}
		return failed == nil
	})
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	return s.enter(group)
}

// bookOnly reads what the book holds and nothing else, while the stream is not to be trusted.
type bookOnly struct{ bookReader }

// records implements history.
func (r bookOnly) records(ctx context.Context, after uint64, open opening, yield func(Record) bool) error {
	upTo := r.book.Size()
	if after >= upTo {
		return nil
	}
	return r.bookReader.records(ctx, after, open, func(rec Record) bool { return yield(rec) && rec.Sequence < upTo })
}

// readBookOnly has history read from the book alone; what was signed and is not in it is missing.
func (w *writer) readBookOnly(st *jetStore) {
	w.history = bookOnly{bookReader{w.book, st, w.suspect}}
	signed, size := w.signed.Size, w.book.book.Size()
	if head, err := w.book.book.ReadHead(); err == nil {
		signed = max(signed, head.Size)
	}
	if size < signed {
		w.missing = &DifferenceError{w.book.stream, size + 1, signed, errUnproven}
	}
}

// vouches reports whether the book is what it once signed, and right where the stream ends: then it
// is the stream that is wrong, and the book is not to be made again from it.
func (s *streamBook) vouches(end uint64, signed book.Head) bool {
	head, err := s.book.ReadHead()
	size := s.book.Size()
	common := min(size, end)
	if err != nil || common == 0 || size < max(head.Size, signed.Size) || s.book.Agrees(head) != nil || s.book.Agrees(signed) != nil {
		return false
	}
	_, err = s.book.Entry(common - 1)
	return err == nil && s.book.CheckLeaves(common-1) == nil
}

// giveBook opens the book of a door's stream.
func (l *Ledger) giveBook(w *writer) (err error) {
	if l.config.Unbooked {
		return nil
	}
	if w.book, err = l.shelf.openOrNew(StreamName(w.province)); err != nil {
		return err
	}
	w.rebook, w.damaged, w.scrub = l.shelf.rebook, l.damaged[w.province], l.scrubs[StreamName(w.province)]
	w.signed, err = l.shelf.last(StreamName(w.province))
	return err
}

// openBook makes stream and book hold the same, and chooses where history is read. differs says
// why the door must stand still although what the book holds can be read.
func (w *writer) openBook(ctx context.Context) (differs, err error) {
	w.history = storeHistory{w.store, w.province}
	if w.book == nil {
		return nil, nil
	}
	st := w.store.(*jetStore)
	w.tellOfHeads()
	if err := w.mend(ctx, st); err != nil {
		return nil, err
	}
	w.history = bookReader{w.book, st, w.suspect}
	end, err := st.end(ctx)
	whole := err == nil
	if err == nil && w.shared && w.book.book.Size() > end {
		err = fmt.Errorf("%w: the stream of %s ends at %d, its book at %d", ErrDiffers, w.book.stream, end, w.book.book.Size())
	}
	if err == nil {
		err = w.book.reconcile(ctx, st, end, w.signed)
	}
	if err == nil {
		if wrong := w.book.book.Agrees(w.signed); wrong != nil {
			err = fmt.Errorf("%w: it is not what the last checkpoint signed: %w", ErrDiffers, wrong)
		}
	}
	if whole && (errors.Is(err, ErrDiffers) || errors.Is(err, book.ErrDamaged)) && !w.book.vouches(end, w.signed) {
		w.book, err = w.rebook(ctx, w.book, st, w.signed, err)
		w.history = bookReader{w.book, st, w.suspect}
	}
	if errors.Is(err, ErrDiffers) || errors.Is(err, book.ErrDamaged) {
		w.readBookOnly(st)
		return err, nil
	}
	if err != nil {
		return nil, err
	}
	return w.lookAgain(ctx)
}

// tellOfHeads notes when of head and checkpoint, which come one soon after the other, one lacks.
func (w *writer) tellOfHeads() {
	head, err := w.book.book.ReadHead()
	switch {
	case err == nil && head.Size > 0 && w.signed.Size == 0:
		w.book.tell("最后的检查点缺失或与所签不符，账册头仍有效：%d 条", "the last checkpoint is gone or no longer what was signed; the head in the book still holds: %d events", head.Size)
	case err == nil && head.Size == 0 && w.signed.Size > 0:
		w.book.tell("账册头缺失，最后的检查点仍有效：%d 条", "the book's head is gone; the last checkpoint still holds: %d events", w.signed.Size)
	}
}

// enter writes messages into the book, where there is one, before the sync that makes them durable.
func (w *writer) enter(messages ...message) error {
	if w.book == nil {
		return nil
	}
	return w.book.enter(messages)
}

func (w *writer) closeBook() error {
	if w.book == nil {
		return nil
	}
	return w.book.book.Close()
}
