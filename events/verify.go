package events

import (
	"context"
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/book"
)

// FindingKind says what is wrong at a place.
type FindingKind string

// The kinds of findings.
const (
	Altered    FindingKind = "altered"     // the stream has other bytes there than were recorded
	Moved      FindingKind = "moved"       // the stream has an event there that was recorded elsewhere
	Lost       FindingKind = "lost"        // the stream no longer has it
	BookDamage FindingKind = "book_damage" // the book's own entry or hash is not what it was
)

// Finding is one run of places at which stream or book are not what was recorded.
type Finding struct {
	Kind   FindingKind    `json:"kind"`
	From   uint64         `json:"from"` // sequences, both included
	To     uint64         `json:"to"`
	Event  domain.EventID `json:"event,omitzero"` // recorded there, when one place is meant and the book has it
	Detail string         `json:"detail,omitzero"`
}

// VerifyReport is what a verification of one stream found.
type VerifyReport struct {
	Stream   string    `json:"stream"`
	Events   uint64    `json:"events"` // durable ones, each read from stream and book
	Root     string    `json:"root"`   // of the tree over them
	Signed   uint64    `json:"signed"` // how many the last checkpoint covers
	OK       bool      `json:"ok"`
	Findings []Finding `json:"findings"` // the first maxFindings
	More     int       `json:"more,omitzero"`
}

// maxFindings bounds a report: past it damage is counted, not listed.
const maxFindings = 1000

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
	v.report.OK = len(v.report.Findings) == 0
	return v.report, nil
}

// verifyPiece is how many events are compared between two reports of progress.
const verifyPiece = 1 << 16

// verification compares stream and book, from a place to a place.
type verification struct {
	book   *streamBook
	stream *jetStore
	report VerifyReport
}

func newVerification(w *writer, durable uint64) *verification {
	return &verification{
		book: w.book, stream: w.store.(*jetStore),
		report: VerifyReport{Stream: w.book.stream, Events: durable, Findings: []Finding{}},
	}
}

// piece reads, hashes and compares what stands after one sequence up to another, in the book and
// in the stream; both are durable up to there.
func (v *verification) piece(ctx context.Context, after, upTo uint64) error {
	if err := v.entries(after, upTo); err != nil {
		return err
	}
	return v.messages(ctx, after, upTo)
}

// find notes a finding; runs of one kind are joined.
func (v *verification) find(f Finding) {
	if n := len(v.report.Findings); n > 0 {
		if last := &v.report.Findings[n-1]; last.Kind == f.Kind && last.To+1 == f.From && last.Detail == f.Detail && !f.Event.Present() {
			last.To = f.To
			return
		}
	}
	if len(v.report.Findings) == maxFindings {
		v.report.More++
		return
	}
	v.report.Findings = append(v.report.Findings, f)
}

// damage notes what the book says of itself; other errors are the caller's.
func (v *verification) damage(err error) error {
	var d *book.DamageError
	switch {
	case errors.As(err, &d):
		v.find(Finding{Kind: BookDamage, From: d.From + 1, To: d.To, Detail: d.Err.Error()})
		return nil
	case errors.Is(err, book.ErrDamaged):
		v.find(Finding{Kind: BookDamage, From: 1, To: v.report.Events, Detail: err.Error()})
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
	next := after + 1
	var failed error
	err := v.stream.between(ctx, after, upTo, func(m message) bool {
		v.lost(next, m.sequence)
		next = m.sequence + 1
		failed = v.message(m)
		return failed == nil
	})
	if err = errors.Join(err, failed); err == nil {
		v.lost(next, upTo+1)
	}
	return err
}

// lost notes the places from one on, before another, that the stream does not give.
func (v *verification) lost(from, before uint64) {
	if from < before {
		v.find(Finding{Kind: Lost, From: from, To: before - 1})
	}
}

// message compares one message of the stream with the book's leaf at its place.
func (v *verification) message(m message) error {
	leaf, err := v.book.book.Leaf(m.sequence - 1)
	if err != nil {
		return v.damage(err)
	}
	if book.LeafHash(v.book.entry(m)) == leaf {
		return nil
	}
	f := Finding{Kind: Altered, From: m.sequence, To: m.sequence}
	if entry, err := v.book.book.Entry(m.sequence - 1); err == nil {
		if was, _, err := v.book.message(entry); err == nil {
			if e, err := Parse(was.body); err == nil {
				f.Event = e.ID
			}
		}
	}
	if e, err := Parse(m.body); err == nil && e.Sequence != m.sequence {
		f.Kind, f.Detail = Moved, fmt.Sprintf("the event of place %d stands there", e.Sequence)
	}
	v.find(f)
	return nil
}
