package projections

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Bounds of following: what is read ahead of the views, what is applied under one lock (about a
// millisecond's work), and from how many records on several goroutines decode them.
const (
	readAhead   = 1024
	applyBatch  = 256
	decodeAlone = 16
)

// delivery is a record on its way into the views.
type delivery struct {
	record events.Record
	fact   domain.Fact // nil: a foreign entry
	stamp  domain.Stamp
	err    error
}

// run applies one stream's records in order: what has come is decoded side by side, then applied
// together. Positions move with what they speak of, under one lock.
func (v *Views) run(province uint8) {
	read := make(chan delivery, readAhead)
	v.running.Go(func() {
		defer close(read)
		for rec, err := range v.source.FollowOpen(v.ctx, province, v.from(province), v.opener.Open) {
			select {
			case read <- delivery{record: rec, err: err}:
			case <-v.ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	})
	batch := make([]delivery, 0, applyBatch)
	for first := range read {
		batch = append(batch[:0], first)
		for len(read) > 0 && len(batch) < applyBatch {
			batch = append(batch, <-read)
		}
		v.decode(batch)
		if !v.take(province, batch) {
			return
		}
	}
}

// from is the position that following begins after.
func (v *Views) from(province uint8) uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.position[province]
}

// decode reads the facts of a batch that are not open yet.
func (v *Views) decode(batch []delivery) {
	workers, closed := min(refreshWorkers, runtime.GOMAXPROCS(0)), 0
	for i := range batch {
		if e := batch[i].record.Event; e != nil && e.Fact == nil {
			closed++
		}
	}
	if closed < decodeAlone {
		workers = 1
	}
	var decoding sync.WaitGroup
	for w := range workers {
		part := batch[w*len(batch)/workers : (w+1)*len(batch)/workers]
		work := func() {
			for i := range part {
				part[i].decode(v.opener)
			}
		}
		if w == workers-1 {
			work()
		} else {
			decoding.Go(work)
		}
	}
	decoding.Wait()
}

func (d *delivery) decode(opener Opener) {
	if d.err != nil || d.record.Event == nil {
		return
	}
	if d.stamp, d.err = d.record.Event.Stamp(); d.err != nil {
		return
	}
	if d.fact = d.record.Event.Fact; d.fact == nil {
		d.fact, d.err = opener.Open(d.record.Event)
	}
}

// take applies a batch; false when the stream cannot be gone on with.
func (v *Views) take(province uint8, batch []delivery) bool {
	v.gate.Lock()
	defer v.gate.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	defer v.wake()
	for i := range batch {
		d := &batch[i]
		if d.err != nil {
			if v.ctx.Err() == nil {
				v.failed = fmt.Errorf("%s stopped after %d: %w", events.StreamName(province), v.position[province], d.err)
			}
			return false
		}
		if d.fact != nil {
			v.apply(d.record.Event.Subject, d.fact, d.stamp)
		}
		if e := d.record.Event; e != nil {
			v.recorded = max(v.recorded, e.Recorded)
		}
		v.position[province] = d.record.Sequence
	}
	return true
}

// wake tells those who wait that positions moved; mu is held for writing.
func (v *Views) wake() {
	close(v.moved)
	v.moved = make(chan struct{})
	v.reached()
	select {
	case v.changed <- struct{}{}:
	default:
	}
}

// reached opens ready when every stream is applied up to what was durable at the start.
func (v *Views) reached() {
	if v.goal == nil {
		return
	}
	for province, goal := range v.goal {
		if v.position[province] < goal && v.failed == nil {
			return
		}
	}
	v.goal = nil
	close(v.ready)
}
