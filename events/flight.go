package events

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// run makes groups until ctx ends or the door must stand still; every request gets an answer.
func (w *writer) run(ctx context.Context) {
	defer close(w.stopped)
	var carrier sync.WaitGroup
	carrier.Go(func() { w.carry(ctx) })
	var poll <-chan time.Time
	if w.shared {
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		poll = ticker.C
	}
	for w.failure() == nil {
		switch {
		case w.flying != nil:
			w.gather(ctx)
		case ctx.Err() != nil:
			w.fail(ErrStopped)
		case w.building != nil:
			w.launch()
		default:
			w.begin(ctx, poll)
		}
	}
	w.refuseAll()
	close(w.flights)
	carrier.Wait()
}

// begin waits for the first request of a group, and takes those that came with it.
func (w *writer) begin(ctx context.Context, poll <-chan time.Time) {
	if len(w.waiting) == 0 {
		select {
		case <-ctx.Done():
			return
		case <-poll:
			w.lookForOthers(ctx)
			return
		case f := <-w.asks:
			f()
			return
		case r := <-w.queue:
			w.waiting = append(w.waiting, r)
		}
	}
	for w.take() {
		if len(w.waiting) > 0 {
			continue
		}
		select {
		case r := <-w.queue:
			w.waiting = append(w.waiting, r)
		default:
			return
		}
	}
}

// gather settles what comes in while a group is on its way, one request at a time, so that a
// group that is on the disk is not kept waiting for its answer.
func (w *writer) gather(ctx context.Context) {
	select {
	case err := <-w.landed:
		w.land(ctx, err)
		return
	default:
	}
	if len(w.waiting) > 0 && w.take() {
		return
	}
	queue := w.queue
	if len(w.waiting) > 0 {
		queue = nil // the next group is full
	}
	select {
	case err := <-w.landed:
		w.land(ctx, err)
	case r := <-queue:
		w.waiting = append(w.waiting, r)
	case f := <-w.asks:
		f()
	}
}

// take settles the first request that waits into the next group; false when there is no room in
// it, or the door must not write.
func (w *writer) take() bool {
	r := w.waiting[0]
	if w.building == nil {
		if err := w.mayWrite(); err != nil {
			w.waiting = w.waiting[1:]
			r.refuse(err)
			if !errors.Is(err, ErrDiskFull) {
				w.fail(err)
				return false
			}
			return len(w.waiting) > 0
		}
		w.building = w.newBuild()
	}
	if !w.building.fits(r) {
		return false
	}
	w.waiting = w.waiting[1:]
	w.settleRequest(w.building, r)
	return true
}

// launch sends the next group off to the disk. One that holds nothing new is answered at once:
// its receipts speak of what is on disk.
func (w *writer) launch() {
	b := w.building
	w.building = nil
	if durable, _ := w.position(); len(b.messages) == 0 && durable == w.last {
		b.answer()
		return
	}
	w.flying = b
	w.flights <- b
}

// land takes in what became of the group on its way.
func (w *writer) land(ctx context.Context, err error) {
	b := w.flying
	w.flying = nil
	switch {
	case err == nil:
		w.attempts, w.stuck = 0, 0
		w.keep(b)
		w.steps.at("answered")
	case errors.Is(err, errFence):
		w.retry(ctx, b, err)
	default:
		_ = w.takeBack(b) // their ids stay claimed until the ledger is opened again
		w.fail(err)
	}
}

// retry catches up with the stream after another door appended first, or nobody knows: what was
// settled on top of a group that is not there is settled anew. A group that cannot be stored
// again and again is answered so.
func (w *writer) retry(ctx context.Context, b *build, cause error) {
	claimed := w.takeBack(b)
	err := w.catchUp(ctx)
	w.owners.releaseAll(claimed)
	if err == nil {
		err = w.syncLearned()
	}
	if err != nil && !errors.Is(err, errUnread) {
		w.fail(err)
		return
	}
	if w.attempts++; w.last == b.before {
		w.stuck++ // nobody else appended: the store does not answer, or refuses
	}
	if w.attempts < maxAttempts && w.stuck < maxStuck && ctx.Err() == nil {
		return
	}
	w.attempts, w.stuck = 0, 0
	for _, r := range b.requests {
		r.refuse(fmt.Errorf("%w: whether it was stored is unknown, send it again: %w", ErrStopped, cause))
	}
	w.waiting = w.waiting[len(b.requests):]
}

// carry takes groups to the disk, one after the other, until there are no more.
func (w *writer) carry(ctx context.Context) {
	for b := range w.flights {
		w.landed <- w.deliver(ctx, b)
	}
}

// deliver makes the group's keys durable, stores its messages and puts them on disk.
func (w *writer) deliver(ctx context.Context, b *build) error {
	if len(b.messages) > 0 {
		w.steps.at("keys")
		if err := b.index.sealer.Commit(); err != nil {
			return err
		}
		w.steps.at("publish")
		if err := w.store.append(ctx, b.messages); err != nil {
			return err
		}
		w.steps.at("enter")
		if err := w.enter(b.messages...); err != nil {
			return fmt.Errorf("%w: %w", errSync, err) // the stream has the group, its book does not: a start makes it whole
		}
	}
	// The commit point: before this sync returns nothing of the group is acknowledged, and a
	// crash loses or keeps any prefix of it; after it the whole group is on disk.
	began := time.Now()
	w.steps.at("sync")
	if err := w.store.sync(); err != nil {
		return fmt.Errorf("%w: %w", errSync, err)
	}
	w.count(len(b.messages), time.Since(began))
	w.steps.at("receipt")
	return nil
}

// steps is Config.Steps, which may be absent.
type steps func(step string)

// at tells that a step comes now.
func (s steps) at(step string) {
	if s != nil {
		s(step)
	}
}

// count notes a group that is on the disk.
func (w *writer) count(messages int, sync time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Groups++
	w.stats.Events += uint64(messages)
	w.stats.SyncTime += sync
	w.stats.SlowestSync = max(w.stats.SlowestSync, sync)
}

// refuseAll answers everything that is not recorded; nothing is on its way any more.
func (w *writer) refuseAll() {
	if w.building != nil {
		w.owners.releaseAll(w.takeBack(w.building))
	}
	err := w.failure()
	if !errors.Is(err, ErrStopped) {
		err = fmt.Errorf("%w: %w", ErrStopped, err)
	}
	for _, r := range w.waiting {
		r.refuse(err)
	}
	w.waiting = nil
	for {
		select {
		case r := <-w.queue:
			r.refuse(err)
		default:
			return
		}
	}
}
