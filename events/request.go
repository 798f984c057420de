package events

import (
	"context"
	"fmt"
)

// request is one Append, or a part of one, on its way.
type request struct {
	set      bool
	drafts   []Draft
	outcomes []Outcome
	done     chan struct{} // closed when the outcomes hold
}

// refuse answers the request with an error.
func (r *request) refuse(err error) {
	for i := range r.outcomes {
		r.outcomes[i] = Outcome{Err: err}
	}
	close(r.done)
}

// submit queues a request.
func (w *writer) submit(ctx context.Context, r *request) error {
	if w.failure() != nil {
		return fmt.Errorf("%w: %w", ErrStopped, w.failure())
	}
	select {
	case w.queue <- r:
		return nil
	case <-w.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await waits for the answer of a queued request.
func (w *writer) await(ctx context.Context, r *request) error {
	select {
	case <-r.done:
		return nil
	case <-w.stopped:
		select {
		case <-r.done:
			return nil
		default:
			return ErrStopped
		}
	case <-ctx.Done():
		return ctx.Err()
	}
}
