package events

import (
	"context"
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/book"
)

// Verify reads everything that is durable of a province's stream, from the book and from
// JetStream, hashes it, and compares it entry by entry, tile by tile and with the last checkpoint.
// progress, when not nil, is told how many events of how many were compared. What is wrong is in
// the report; an error says that the verification could not be made.
func (l *Ledger) Verify(ctx context.Context, province uint8, progress func(done, all uint64)) (VerifyReport, error) {
	w, err := l.writer(ctx, province)
	if err != nil {
		return VerifyReport{}, err
	}
	if w.book == nil {
		return VerifyReport{}, fmt.Errorf("%w: a ledger in memory keeps no book", ErrNotFound)
	}
	if progress == nil {
		progress = func(uint64, uint64) {}
	}
	durable, _ := w.position()
	v := newVerification(w, durable)
	if err := v.tree(l, durable); err != nil {
		return v.report, err
	}
	for at := uint64(0); at < durable; {
		upTo := min(at+verifyPiece, durable)
		if err := v.piece(ctx, at, upTo); err != nil {
			return v.report, err
		}
		at = upTo
		progress(at, durable)
	}
	v.settle()
	return v.report, nil
}

// verifyPiece is how many events are compared between two reports of progress.
const verifyPiece = 1 << 16

// verification compares stream and book, from a place to a place.
type verification struct {
	book   *streamBook
	stream *jetStore
	report VerifyReport

	account *account // of the messages since the first piece
}

func newVerification(w *writer, durable uint64) *verification {
	v := &verification{book: w.book, stream: w.store.(*jetStore), report: newReport(w.book.stream)}
	v.report.Events = durable
	return v
}

// piece reads, hashes and compares what stands after one sequence up to another, in the book and
// in the stream; both are durable up to there. The first piece may begin anywhere, the next begin
// where the one before ended; settle ends them.
func (v *verification) piece(ctx context.Context, after, upTo uint64) error {
	if err := v.written(after, upTo); err != nil {
		return err
	}
	if v.account == nil {
		v.account = newAccount(after, upTo)
	}
	v.account.recorded = upTo
	return v.messages(ctx, after, upTo)
}

// settle tells the report what became of the messages of the pieces.
func (v *verification) settle() {
	if v.account != nil {
		v.account.settle(&v.report, v.name)
		v.account = nil
	}
	v.report.close()
}

// damage notes what the book says of itself; other errors are the caller's.
func (v *verification) damage(err error) error {
	var d *book.DamageError
	switch {
	case errors.As(err, &d):
		v.report.find(Finding{Kind: Altered, In: InBook, From: d.From + 1, To: d.To, Detail: bothLanguages("%v", "%v", d.Err)})
		return nil
	case errors.Is(err, book.ErrDamaged):
		v.report.find(Finding{Kind: Altered, In: InBook, From: 1, To: v.report.Events, Detail: bothLanguages("%v", "%v", err)})
		return nil
	}
	return err
}

// tree checks the tiles, the head and the last checkpoint.
func (v *verification) tree(l *Ledger, durable uint64) error {
	root, err := v.book.book.Root(durable)
	if err != nil {
		return v.damage(err)
	}
	v.report.Root = root.String()
	if err := v.damage(v.book.book.CheckTiles(durable, root)); err != nil {
		return err
	}
	head, err := v.book.book.ReadHead()
	if err == nil {
		err = v.book.book.Agrees(head)
	}
	if err = v.damage(err); err != nil {
		return err
	}
	signed, err := l.shelf.last(v.book.stream)
	if err != nil {
		return err
	}
	v.report.Signed = signed.Size
	return v.damage(v.book.book.Agrees(signed))
}

// written reads and hashes what the book holds: its entries, and the tiles of their leaves with
// those above.
func (v *verification) written(after, upTo uint64) error {
	if err := v.entries(after, upTo); err != nil {
		return err
	}
	for at := after; at < upTo; at = (at/leavesATile + 1) * leavesATile {
		if err := v.leaves(at); err != nil {
			return err
		}
	}
	return nil
}

// leavesATile is how many leaves are checked together.
const leavesATile = 256

// leaves checks the tile of leaves of an index. A damaged tile far above is named for each below it.
func (v *verification) leaves(index uint64) error {
	var d *book.DamageError
	err := v.book.book.CheckLeaves(index)
	if !errors.As(err, &d) {
		return err
	}
	if n := len(v.report.Findings); n > 0 {
		if last := &v.report.Findings[n-1]; last.In == InTiles && last.From <= d.From+1 && d.To <= last.To {
			return nil
		}
	}
	v.report.find(Finding{Kind: Altered, In: InTiles, From: d.From + 1, To: d.To, Detail: bothLanguages("%v", "%v", d.Err)})
	return nil
}

// entries reads and hashes the book's entries, past what is damaged.
func (v *verification) entries(from, to uint64) error {
	for from < to {
		var failed error
		for _, err := range v.book.book.Scan(from, to) {
			if failed = err; err == nil {
				from++
			}
		}
		if failed == nil {
			return nil
		}
		if err := v.damage(failed); err != nil {
			return err
		}
		from = v.book.book.FrameEnd(from)
	}
	return nil
}

// messages reads the stream and compares each message with its leaf; what it cannot give is lost.
func (v *verification) messages(ctx context.Context, after, upTo uint64) error {
	var failed error
	err := v.stream.between(ctx, after, upTo, func(m message) bool {
		failed = v.message(m)
		return failed == nil
	})
	return errors.Join(err, failed)
}

// message compares one message of the stream with the book's leaf at its place, and when it is not
// what was recorded there with the one at the place that it names.
func (v *verification) message(m message) error {
	leaf, err := v.book.book.Leaf(m.sequence - 1)
	if err != nil {
		return v.damage(err)
	}
	if rightLeaf(leaf, v.book.entry(m)) {
		v.account.take(m.sequence, true, 0)
		return nil
	}
	if v.book.book.CheckLeaves(m.sequence-1) != nil { // it may be the leaf that is wrong
		v.account.take(m.sequence, true, 0)
		return v.leaves(m.sequence - 1)
	}
	recorded := uint64(0)
	if e, err := Parse(m.body); err == nil && e.Sequence != m.sequence {
		leaf, err := v.book.book.Leaf(e.Sequence - 1)
		if err == nil && rightLeaf(leaf, v.book.entry(message{e.Sequence, m.subject, m.body})) {
			recorded = e.Sequence
		}
	}
	v.account.take(m.sequence, false, recorded)
	return nil
}

// name returns the id of the event that the book holds at a place.
func (v *verification) name(sequence uint64) (id domain.EventID) {
	entry, err := v.book.book.Entry(sequence - 1)
	if err != nil {
		return id
	}
	return eventOf(entry)
}
