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
	v := &verification{book: w.book, report: VerifyReport{Stream: w.book.stream, Events: durable, Findings: []Finding{}}}
	if err := v.tree(l, durable); err != nil {
		return v.report, err
	}
	if err := v.entries(durable); err != nil {
		return v.report, err
	}
	err = v.messages(ctx, w.store.(*jetStore), durable, progress)
	v.report.OK = len(v.report.Findings) == 0
	return v.report, err
}

// verification is one run of Verify.
type verification struct {
	book   *streamBook
	report VerifyReport
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

// entries reads and hashes every entry of the book, past what is damaged.
func (v *verification) entries(durable uint64) error {
	for from := uint64(0); from < durable; {
		var failed error
		for _, err := range v.book.book.Read(from, durable) {
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

// messages reads the whole stream and compares each message with its leaf.
func (v *verification) messages(ctx context.Context, st storeReader, durable uint64, progress func(done, all uint64)) error {
	next := uint64(1)
	var failed error
	err := st.read(ctx, 0, func(m message) bool {
		if m.sequence > durable {
			return false
		}
		if m.sequence > next {
			v.find(Finding{Kind: Lost, From: next, To: m.sequence - 1})
		}
		next = m.sequence + 1
		if failed = v.message(m); failed != nil {
			return false
		}
		if next%settleEvery == 0 {
			progress(next-1, durable)
		}
		return m.sequence < durable
	})
	if errors.Is(err, errStalled) {
		err = nil // the rest is lost
	}
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	if next <= durable {
		v.find(Finding{Kind: Lost, From: next, To: durable})
	}
	progress(durable, durable)
	return nil
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
