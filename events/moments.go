package events

import (
	"encoding/binary"
	"slices"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// runsAPage is how many runs of a stream's moments are packed between two that can be found at once.
const runsAPage = 256

// moments says when the events of a stream were recorded. Since recordedtime never goes back, it is a
// list of runs, each the first event of a new millisecond: three bytes a run and fewer for an event of a group.
// All parts of a set count as recorded with the last. May be used concurrently.
type moments struct {
	mu     sync.RWMutex
	pages  []page
	packed []byte // of each run but a page's first: how many events and milliseconds after the run before
	last   moment // the last run
	runs   int
}

type moment struct {
	sequence uint64
	recorded domain.Moment
}

// page begins with a run that stands whole; the others follow in packed.
type page struct {
	first moment
	at    int
}

// note takes the next records that are durable; those that were taken before change nothing.
func (m *moments) note(records []Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, rec := range records {
		e := rec.Event
		if e == nil || e.Set.Part < e.Set.Parts { // a foreign entry does not say when it came
			continue
		}
		m.add(moment{e.Sequence - uint64(max(e.Set.Parts, 1)-1), e.Recorded})
	}
}

// add begins a run where a moment is a new one; mu is held.
func (m *moments) add(next moment) {
	if next.recorded <= m.last.recorded || next.sequence <= m.last.sequence {
		return
	}
	if m.runs%runsAPage == 0 {
		m.pages = append(m.pages, page{next, len(m.packed)})
	} else {
		m.packed = binary.AppendUvarint(m.packed, next.sequence-m.last.sequence)
		m.packed = binary.AppendUvarint(m.packed, uint64(next.recorded-m.last.recorded))
	}
	m.last = next
	m.runs++
}

// upTo returns the last sequence recorded by a moment, end when none before it was recorded later.
func (m *moments) upTo(by domain.Moment, end uint64) uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.runs == 0 || m.last.recorded <= by {
		return end
	}
	n, _ := slices.BinarySearchFunc(m.pages, by, func(p page, by domain.Moment) int {
		if p.first.recorded <= by {
			return -1
		}
		return 1
	})
	later := moment{} // the first run after the moment
	if n < len(m.pages) {
		later = m.pages[n].first
	}
	if n > 0 {
		m.page(n-1, func(run moment) bool {
			if run.recorded > by {
				later = run
			}
			return run.recorded <= by
		})
	}
	return min(later.sequence-1, end)
}

// page yields the runs of a page; mu is held.
func (m *moments) page(n int, yield func(moment) bool) {
	run, packed := m.pages[n].first, m.packed[m.pages[n].at:]
	if n+1 < len(m.pages) {
		packed = m.packed[m.pages[n].at:m.pages[n+1].at]
	}
	for yield(run) && len(packed) > 0 {
		events, n := binary.Uvarint(packed)
		after, k := binary.Uvarint(packed[n:])
		packed = packed[n+k:]
		run = moment{run.sequence + events, run.recorded + domain.Moment(after)}
	}
}

// saved returns the runs up to a sequence, for a snapshot.
func (m *moments) saved(last uint64) (b []byte) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	before := moment{}
	for n := range m.pages {
		m.page(n, func(run moment) bool {
			if run.sequence > last {
				return false
			}
			b = binary.AppendUvarint(b, run.sequence-before.sequence)
			b = binary.AppendUvarint(b, uint64(run.recorded-before.recorded))
			before = run
			return true
		})
	}
	return b
}

// load takes what saved wrote.
func (m *moments) load(b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for run := (moment{}); len(b) > 0; {
		events, n := binary.Uvarint(b)
		after, k := binary.Uvarint(b[max(n, 0):])
		if n <= 0 || k <= 0 {
			return
		}
		b = b[n+k:]
		run = moment{run.sequence + events, run.recorded + domain.Moment(after)}
		m.add(run)
	}
}

// RecordedBy returns where a province's stream stood at a moment: the sequence of its last durable
// entry that was recorded by then, 0 when there was none. Of a set of which not every part was
// recorded by then no part counts. It reads nothing from the disk.
func (l *Ledger) RecordedBy(province uint8, by domain.Moment) uint64 {
	l.mu.Lock()
	w, open := l.writers[province]
	l.mu.Unlock()
	if !open {
		return 0
	}
	return w.moments.upTo(by, w.whole())
}
