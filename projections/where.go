package projections

import (
	"os"
	"time"
)

// Where returns how far the views have read each stream, how many durable events they have not
// applied yet, and why they follow no more, if they do not.
func (v *Views) Where() (position, lag Position, failed error) {
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	position, lag = v.where()
	return position, lag, v.failed
}

// Stopped says why the views follow no more, nil while they do. What they know is not all that is
// recorded then, and nothing may be concluded from what they do not know.
func (v *Views) Stopped() error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.failed
}

// Stats is what views tell of their work.
type Stats struct {
	Waiting    int       // homes whose facts changed and whose lines boards would have to make first
	Caught     bool      // they have read what was durable when they started
	SnapshotAt time.Time // when the snapshot was last written; zero before the first
}

// Stats returns the views' counters, for their metrics.
func (v *Views) Stats() Stats {
	s := Stats{Waiting: v.inForce.Load().count()}
	select {
	case <-v.ready:
		s.Caught = true
	default:
	}
	if v.keep.Path != "" {
		if file, err := os.Stat(v.keep.Path); err == nil {
			s.SnapshotAt = file.ModTime()
		}
	}
	return s
}
