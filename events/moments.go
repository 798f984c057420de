package events

import (
	"context"
	"math/bits"
	"slices"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// momentsApart is how far apart the places lie whose recorded times are remembered: a stream of
// a hundred million events needs less than two megabytes, and a search reads some ten events.
const momentsApart = 1 << 10

// moments remembers when some events of a stream were recorded. Since recordedtime never goes back, a
// moment is a position; the marks are what searches met on their way.
type moments struct {
	mu    sync.Mutex
	marks []moment // by sequence
}

type moment struct {
	sequence uint64
	recorded domain.Moment
}

// around returns the closest marks: the last sequence known to be recorded by a moment, and the
// first known to be recorded after it, end when none is.
func (m *moments) around(by domain.Moment, end uint64) (low, high uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, _ := slices.BinarySearchFunc(m.marks, by, func(x moment, by domain.Moment) int {
		if x.recorded <= by {
			return -1
		}
		return 1
	})
	high = end
	if at > 0 {
		low = m.marks[at-1].sequence
	}
	if at < len(m.marks) {
		high = m.marks[at].sequence
	}
	return low, high
}

func (m *moments) note(found moment) {
	if found.sequence%momentsApart != 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	at, noted := slices.BinarySearchFunc(m.marks, found.sequence, func(x moment, s uint64) int { return int(x.sequence) - int(s) })
	if !noted {
		m.marks = slices.Insert(m.marks, at, found)
	}
}

// roundest is the number between low and high, both excluded, that the largest power of two
// divides: searches meet the same places again, also when the stream has grown.
func roundest(low, high uint64) uint64 {
	last := high - 1
	if differ := bits.Len64(low ^ last); differ > 0 {
		return last &^ (1<<(differ-1) - 1)
	}
	return last
}

// RecordedBy returns where a province's stream stood at a moment: the sequence of its last durable
// entry that was recorded by then, 0 when there was none. Of a set of which not every part was
// recorded by then no part counts.
func (l *Ledger) RecordedBy(ctx context.Context, province uint8, by domain.Moment) (uint64, error) {
	l.mu.Lock()
	w, open := l.writers[province]
	l.mu.Unlock()
	if !open {
		return 0, nil
	}
	durable, _ := w.position()
	low, high := w.moments.around(by, durable+1)
	for place := durable; low+1 < high && ctx.Err() == nil; place = roundest(low, high) {
		found, err := l.recordedAt(ctx, w, place, low)
		switch {
		case err != nil:
			return 0, err
		case found.recorded <= by:
			low = place
		default:
			high = found.sequence
		}
	}
	if low == 0 || ctx.Err() != nil {
		return 0, ctx.Err()
	}
	rec, err := l.Get(ctx, province, low)
	if err == nil && rec.Event != nil && rec.Event.Set.Part < rec.Event.Set.Parts {
		low -= min(low, uint64(rec.Event.Set.Part))
	}
	return low, err
}

// recordedAt returns when the last event up to a place and after another was recorded: foreign
// entries do not say when they came. The zero moment is before all when there is none.
func (l *Ledger) recordedAt(ctx context.Context, w *writer, place, after uint64) (moment, error) {
	for ; place > after; place-- {
		rec, err := l.Get(ctx, w.province, place)
		if err != nil {
			return moment{}, err
		}
		if rec.Event != nil {
			found := moment{place, rec.Event.Recorded}
			w.moments.note(found)
			return found, nil
		}
	}
	return moment{}, nil
}
