package events

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/blocks"
	"github.com/anju-ledger/anju/events/book"
)

// EventReport is what a verification of one event found.
type EventReport struct {
	VerifyReport
	Sequence uint64         `json:"sequence"`
	Event    domain.EventID `json:"event,omitzero"` // absent when no copy of it is what was recorded
	Type     string         `json:"type,omitzero"`
	Proved   bool           `json:"proved"` // it is in the tree that the last checkpoint signs
}

// copies are what is known of one event: both copies, its leaf, and the way to the signed root.
type copies struct {
	entry   []byte   // nil: the book does not have it
	message *message // nil: the stream does not have it
	leaf    book.Hash
	hasLeaf bool
	proof   []book.Hash // under signed; nil when the checkpoint does not reach it
	signed  book.Head
}

// judge hashes both copies of an event against its leaf, and the leaf up to the signed root.
func (c *copies) judge(stream string, sequence uint64) EventReport {
	r := EventReport{VerifyReport: newReport(stream), Sequence: sequence}
	r.Events, r.Signed = 1, c.signed.Size
	find := func(kind FindingKind, in FindingPlace) {
		r.find(Finding{Kind: kind, In: in, From: sequence, To: sequence})
	}
	leaf := c.leaf
	if c.proof != nil {
		r.Root = c.signed.Root.String()
		check := func(leaf book.Hash) bool {
			return tlog.CheckRecord(c.proof, int64(c.signed.Size), c.signed.Root, int64(sequence-1), leaf) == nil
		}
		r.Proved = c.hasLeaf && check(leaf)
		if !r.Proved && c.entry != nil && check(book.LeafHash(c.entry)) {
			r.Proved, leaf = true, book.LeafHash(c.entry) // the leaf is damaged, not the entry
			find(Altered, InTiles)
		}
	}
	switch {
	case !c.hasLeaf && !r.Proved:
		find(Lost, InTiles)
	case c.proof != nil && !r.Proved:
		find(Forked, InCheckpoint)
	}
	var right []byte
	switch {
	case c.entry == nil:
		find(Lost, InBook)
	case !rightLeaf(leaf, c.entry):
		find(Altered, InBook)
	default:
		if m, _, _, err := parseEntry(c.entry); err == nil {
			right = m.body
		}
	}
	switch {
	case c.message == nil:
		find(Lost, InStream)
	case !rightLeaf(leaf, appendEntry(nil, stream, c.message)):
		find(Altered, InStream)
	default:
		right = c.message.body
	}
	if e, err := Parse(right); err == nil {
		r.Event, r.Type = e.ID, e.Type
	}
	r.close()
	return r
}

// VerifyEvent verifies one durable event of a running ledger: its entry in the book and its message
// in the stream, both against the leaf, and the leaf against the last checkpoint. ErrNotFound past what
// is durable.
func (l *Ledger) VerifyEvent(ctx context.Context, province uint8, sequence uint64) (EventReport, error) {
	b, err := l.Book(province)
	if err != nil {
		return EventReport{}, err
	}
	w, err := l.writer(ctx, province)
	if err != nil {
		return EventReport{}, err
	}
	if durable, _ := w.position(); sequence == 0 || sequence > durable {
		return EventReport{}, ErrNotFound
	}
	c := copies{}
	if c.entry, err = b.Entry(sequence - 1); err != nil && !errors.Is(err, book.ErrDamaged) {
		return EventReport{}, err
	}
	m, err := w.store.get(sequence)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return EventReport{}, err
	}
	if err == nil {
		c.message = &m
	}
	if c.leaf, err = b.Leaf(sequence - 1); err != nil && !errors.Is(err, book.ErrDamaged) {
		return EventReport{}, err
	}
	c.hasLeaf = err == nil
	if _, c.signed, err = l.checkpointOver(province, sequence); err != nil {
		return EventReport{}, err
	}
	if c.proof, err = b.ProveEntry(c.signed.Size, sequence-1); err != nil && !errors.Is(err, book.ErrDamaged) {
		return EventReport{}, err
	}
	return c.judge(w.book.stream, sequence), nil
}

// VerifyRestingEvent is VerifyEvent in a stopped ledger's folder; nothing is opened or mended.
func VerifyRestingEvent(r Rest, stream string, sequence uint64) (EventReport, error) {
	release, err := r.enter()
	if err != nil {
		return EventReport{}, err
	}
	defer release()
	dir := r.bookOf(stream)
	if dir == "" || sequence == 0 {
		return EventReport{}, ErrNotFound
	}
	files, err := book.OpenFiles(dir)
	if err != nil {
		return EventReport{}, err
	}
	defer files.Close()
	c := copies{}
	notes := newReport(stream)
	if c.signed, err = r.signed(stream, &notes); err != nil {
		return EventReport{}, err
	}
	entries, leaves, err := files.Written()
	if err != nil {
		return EventReport{}, err
	}
	if sequence > max(entries, leaves, c.signed.Size) {
		return EventReport{}, ErrNotFound
	}
	if c.entry, err = book.RawEntry(files, entries, sequence-1); err != nil {
		return EventReport{}, err
	}
	if c.leaf, c.hasLeaf, err = book.RawLeaf(files, sequence-1); err != nil {
		return EventReport{}, err
	}
	if sequence <= c.signed.Size {
		if c.proof, err = book.ProveIn(files, c.signed.Size, sequence-1); err != nil && !errors.Is(err, book.ErrNotThere) {
			return EventReport{}, err
		}
	}
	if c.message, err = r.message(stream, sequence); err != nil {
		return EventReport{}, err
	}
	report := c.judge(stream, sequence)
	report.Findings = append(notes.Findings, report.Findings...)
	report.Notes = notes.Notes
	report.close()
	return report, nil
}

// message finds the message at a place of a stream in the folder; nil when it is not there.
func (r *Rest) message(stream string, sequence uint64) (*message, error) {
	for _, s := range storesIn(filepath.Join(r.Dir, "jetstream")) {
		if s.name != stream {
			continue
		}
		store, err := blocks.Open(s.dir, stream)
		if err != nil {
			return nil, err
		}
		rec, err := store.Find(sequence)
		if rec == nil || err != nil {
			return nil, err
		}
		return &message{rec.Sequence, string(rec.Subject), rec.Body}, nil
	}
	return nil, nil
}

// LocateResting finds the place of an event by its id in a stopped ledger's folder: it reads the
// books. ErrNotFound when none has it.
func LocateResting(ctx context.Context, r Rest, id domain.EventID) (stream string, sequence uint64, err error) {
	release, err := r.enter()
	if err != nil {
		return "", 0, err
	}
	defer release()
	streams, err := r.streams()
	if err != nil {
		return "", 0, err
	}
	begins := fmt.Sprintf(`{"specversion":"1.0","id":"%s"`, id)
	for _, s := range streams {
		if sequence, err = r.search(ctx, s.name, begins); sequence > 0 || err != nil {
			return s.name, sequence, err
		}
	}
	return "", 0, ErrNotFound
}

// search finds the entry of a stream's book whose event begins so; 0 when there is none.
func (r *Rest) search(ctx context.Context, stream, begins string) (sequence uint64, err error) {
	dir := r.bookOf(stream)
	if dir == "" {
		return 0, nil
	}
	files, err := book.OpenFiles(dir)
	if err != nil {
		return 0, err
	}
	defer files.Close()
	entries, _, err := files.Written()
	if err != nil {
		return 0, err
	}
	audit := &book.Audit{Files: files, Size: entries}
	for run, err := range audit.Runs() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return 0, err
		}
		for i, entry := range run.Entries {
			m, _, _, err := parseEntry(entry)
			if err == nil && len(m.body) > len(begins) && string(m.body[:len(begins)]) == begins {
				return run.First + uint64(i) + 1, nil
			}
		}
		if r.Progress != nil {
			r.Progress(stream, run.First+uint64(len(run.Entries)), entries)
		}
	}
	return 0, nil
}
