package events

import (
	"context"
	"fmt"
	"iter"

	"github.com/anju-ledger/anju/domain"
)

// Read implements Log.
func (l *Ledger) Read(ctx context.Context, province uint8, after uint64) iter.Seq2[Record, error] {
	return l.records(ctx, province, after, recordReader{})
}

// Follow implements Log.
func (l *Ledger) Follow(ctx context.Context, province uint8, after uint64) iter.Seq2[Record, error] {
	return l.records(ctx, province, after, recordReader{follow: true})
}

// FollowOpen is Follow with payloads opened, on several cores, while history is read ahead: Event.Fact
// is what open returned. What it refused, and what is not history any more, has no Fact.
func (l *Ledger) FollowOpen(ctx context.Context, province uint8, after uint64, open func(*Event) (domain.Fact, error)) iter.Seq2[Record, error] {
	return l.records(ctx, province, after, recordReader{follow: true, open: open})
}

// records reads a stream in order, void sets left out, never past what is durable.
func (l *Ledger) records(ctx context.Context, province uint8, after uint64, as recordReader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		w, err := l.writer(ctx, province)
		if err != nil {
			yield(Record{}, err)
			return
		}
		r := as
		r.w, r.seen = w, after
		for {
			durable, moved := w.position()
			if !r.upTo(ctx, durable, yield) {
				return
			}
			if w.missing != nil { // a short history is never handed out as a whole one
				yield(Record{}, w.missing)
				return
			}
			if !r.follow {
				return
			}
			select {
			case <-moved:
			case <-ctx.Done():
				return
			case <-l.ctx.Done():
				yield(Record{}, ErrStopped)
				return
			}
		}
	}
}

// recordReader is one reader's place in a stream.
type recordReader struct {
	w      *writer
	follow bool // ends without an error when its context does
	open   opening
	sets   setReader
	seen   uint64 // the last sequence handed on
	read   uint64 // the last sequence taken from the store; behind seen after a start inside a set
}

// upTo hands on the records up to the durable position; false when the reader wants no more.
func (r *recordReader) upTo(ctx context.Context, durable uint64, yield func(Record, error) bool) bool {
	if r.seen >= durable {
		return true
	}
	if err := r.align(); err != nil {
		return yield(Record{}, err) && false
	}
	wanted := true
	take := func(rec Record) bool {
		r.read = rec.Sequence
		if r.sets.alone(rec) {
			wanted = rec.Sequence <= r.seen || yield(rec, nil)
			r.seen = max(r.seen, rec.Sequence)
			return wanted
		}
		for _, whole := range r.sets.add(rec) {
			if whole.Sequence > r.seen && !yield(whole, nil) {
				wanted = false
				return false
			}
		}
		if len(r.sets.held) == 0 {
			r.seen = max(r.seen, rec.Sequence)
		}
		return true
	}
	for _, rec := range r.w.recent(r.read) {
		if !take(rec) {
			return false
		}
	}
	if r.read >= durable {
		return true
	}
	err := r.w.history.records(ctx, r.read, r.open, func(rec Record) bool {
		return rec.Sequence <= durable && take(rec) && rec.Sequence < durable
	})
	if err == nil && wanted && r.read < durable {
		err = fmt.Errorf("%s ends at %d, and %d was acknowledged", StreamName(r.w.province), r.read, durable)
	}
	if err == nil || !wanted {
		return wanted
	}
	if !r.follow || ctx.Err() == nil {
		yield(Record{}, err)
	}
	return false
}

// align begins the reading at the head of the set that the first record is a part of.
func (r *recordReader) align() error {
	if r.read > 0 || r.seen == 0 {
		return nil
	}
	r.read = r.seen
	m, err := r.w.history.get(r.seen + 1)
	if err != nil {
		return err
	}
	if rec := recordOf(r.w.province, m); rec.Event != nil && rec.Event.Set.Part > 1 {
		r.read -= min(r.read, uint64(rec.Event.Set.Part-1))
	}
	return nil
}

// Get returns the record at a place of a province's stream, also when it is a part of a void
// set; ErrNotFound past what is durable, and of a province of which nothing is recorded: reading makes no
// stream.
func (l *Ledger) Get(_ context.Context, province uint8, sequence uint64) (Record, error) {
	w, err := l.holding(province, sequence)
	if err != nil {
		return Record{}, err
	}
	if recent := w.recent(sequence - 1); len(recent) > 0 {
		return recent[0], nil
	}
	m, err := w.history.get(sequence)
	if err != nil {
		return Record{}, err
	}
	return recordOf(province, m), nil
}

// holding returns the writer of a stream that holds a durable event; ErrNotFound when there is none, a
// *DifferenceError when it is lost.
func (l *Ledger) holding(province uint8, sequence uint64) (*writer, error) {
	l.mu.Lock()
	w, open := l.writers[province]
	l.mu.Unlock()
	if !open {
		return nil, ErrNotFound
	}
	if durable, _ := w.position(); sequence == 0 || sequence > durable {
		if w.missing != nil && w.missing.From <= sequence && sequence <= w.missing.To {
			return nil, w.missing
		}
		return nil, ErrNotFound
	}
	return w, nil
}
