package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// patience is how long a work may take before a bar shows how far it is.
const patience = time.Second

// Looks of a bar.
const (
	barColumns  = 30
	barThrottle = 100 * time.Millisecond
)

// meter shows on a terminal how far a long work is. Nothing is shown in the first second, and
// nothing ever where errors do not go to a terminal. It is used by one goroutine.
type meter struct {
	s     *session
	what  string
	unit  string // of what is counted; "": no rate is shown
	total int64  // -1: not known
	began time.Time
	bar   *progressbar.ProgressBar
}

// meter begins to measure a work of a total, -1 where it is not known.
func (s *session) meter(what string, total int64) *meter {
	return &meter{s: s, what: what, total: total, began: s.clock()}
}

func (s *session) clock() time.Time {
	if s.now == nil {
		return time.Now()
	}
	return s.now()
}

// set says how much is done.
func (m *meter) set(done int64) {
	if m.bar == nil {
		if !m.s.terminal.err || done == 0 || m.s.clock().Sub(m.began) < patience {
			return
		}
		options := []progressbar.Option{
			progressbar.OptionSetWriter(m.s.err), progressbar.OptionSetDescription(m.what), progressbar.OptionSetWidth(barColumns),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(barThrottle), progressbar.OptionSetElapsedTime(true),
			progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine that draws by itself
		}
		if m.unit != "" {
			options = append(options, progressbar.OptionShowIts(), progressbar.OptionSetItsString(m.unit))
		}
		m.bar = progressbar.NewOptions64(m.total, options...)
	}
	_ = m.bar.Set64(done) // only a bar
}

// of says how much there is to do, once it is known.
func (m *meter) of(total int64) {
	if total <= 0 || total == m.total {
		return
	}
	m.total = total
	if m.bar != nil {
		m.bar.ChangeMax64(total)
	}
}

// end takes the bar away.
func (m *meter) end() {
	if m.bar != nil {
		_ = m.bar.Clear() // only a bar
	}
}
