package events

import (
	"context"
	"iter"
)

// records reads a stream in order, void sets left out, never past what is durable.
func (l *Ledger) records(ctx context.Context, province uint8, after uint64, follow bool) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		w, err := l.writer(ctx, province)
		if err != nil {
			yield(Record{}, err)
			return
		}
		r := recordReader{w: w, seen: after}
		for {
			durable, moved := w.position()
			if !r.upTo(ctx, durable, yield) {
				return
			}
			if !follow {
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
	w    *writer
	sets setReader
	seen uint64 // the last sequence handed on
	read uint64 // the last sequence taken from the store; behind seen after a start inside a set
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
	err := r.w.store.read(ctx, r.read, func(m message) bool {
		if m.sequence > durable {
			return false
		}
		r.read = m.sequence
		for _, rec := range r.sets.add(recordOf(r.w.province, m)) {
			if rec.Sequence <= r.seen {
				continue
			}
			if wanted = yield(rec, nil); !wanted {
				return false
			}
		}
		if len(r.sets.held) == 0 {
			r.seen = max(r.seen, m.sequence)
		}
		return m.sequence < durable
	})
	if err != nil && wanted && ctx.Err() == nil {
		yield(Record{}, err)
		return false
	}
	return wanted && err == nil
}

// align begins the reading at the head of the set that the first record is a part of.
func (r *recordReader) align() error {
	if r.read > 0 || r.seen == 0 {
		return nil
	}
	r.read = r.seen
	m, err := r.w.store.get(r.seen + 1)
	if err != nil {
		return err
	}
	if rec := recordOf(r.w.province, m); rec.Event != nil && rec.Event.Set.Part > 1 {
		r.read -= min(r.read, uint64(rec.Event.Set.Part-1))
	}
	return nil
}
