package projections

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// View is a read model of one's own, kept beside a running ledger (docs/views.md).
type View interface {
	// Position returns up to where the view has applied each stream; nil is the beginning.
	Position() Position
	// Apply takes the next event with its payload, whose sealed fields stay closed. A view that
	// is kept on disk stores the event's stream and sequence together with what it made of it, so
	// that a crash between the two can neither lose nor double an event. An error ends Run.
	Apply(e *events.Event, fact domain.Fact) error
}

// Remote reads a running ledger over HTTP. It may be used concurrently.
type Remote struct {
	Server string       // "http://127.0.0.1:8420"
	Client *http.Client // nil = http.DefaultClient; one with a total time-out would cut the stream
}

// reconnectAfter is the pause before a broken stream is asked for again: long enough not to
// press a server that is starting.
const reconnectAfter = time.Second

// ErrServer reports a server that does not give events; the message says what it answered.
var ErrServer = errors.New("the ledger gives no events")

// Run feeds the view with every event after its position, for ever: until ctx ends, Apply fails,
// or an event comes whose type or version this program does not know, which the error names.
// Calls of Apply follow one another, each stream's events in order.
func (r Remote) Run(ctx context.Context, v View) error {
	for e, err := range r.Follow(ctx, v.Position()) {
		if err != nil {
			return err
		}
		kind, err := e.Kind()
		if err != nil {
			return fmt.Errorf("the view stops at %s:%d: %w", e.Stream(), e.Sequence, err)
		}
		fact, err := kind.Decode(e.Version, e.Data)
		if err != nil {
			return fmt.Errorf("the view stops at %s:%d: %w", e.Stream(), e.Sequence, err)
		}
		if err := v.Apply(e, fact); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Follow yields every event after a position, durable ones only, and goes on with what is
// recorded later. A stream that breaks is asked for again from where it stood; a server that does
// not answer at first, or refuses, is ErrServer. It ends when ctx does.
func (r Remote) Follow(ctx context.Context, after Position) iter.Seq2[*events.Event, error] {
	return func(yield func(*events.Event, error) bool) {
		at := maps.Clone(after)
		if at == nil {
			at = Position{}
		}
		for first := true; ctx.Err() == nil; first = false {
			body, refused, err := r.ask(ctx, at)
			if err != nil && (first || refused) && ctx.Err() == nil {
				yield(nil, err)
				return
			}
			if err == nil && !drain(body, at, yield) {
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(reconnectAfter):
			}
		}
	}
}

// ask opens the stream; refused when asking again would not help.
func (r Remote) ask(ctx context.Context, at Position) (body io.ReadCloser, refused bool, err error) {
	address := strings.TrimSuffix(r.Server, "/") + "/v1/events?follow=true&after=" + url.QueryEscape(at.String())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, true, fmt.Errorf("%w: %w", ErrServer, err)
	}
	resp, err := cmp.Or(r.Client, http.DefaultClient).Do(req)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrServer, err)
	}
	if resp.StatusCode != http.StatusOK {
		err := fmt.Errorf("%w: it answers %s", ErrServer, resp.Status)
		return nil, resp.StatusCode < http.StatusInternalServerError, errors.Join(err, resp.Body.Close())
	}
	return resp.Body, false, nil
}

// drain yields the events of one connection and moves at after each; false when all is over. A
// line that was cut off by a broken connection is not an event: it is asked for again.
func drain(body io.ReadCloser, at Position, yield func(*events.Event, error) bool) bool {
	defer body.Close()
	for lines := bufio.NewReaderSize(body, events.MaxEvent+1); ; {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			yield(nil, fmt.Errorf("%w: a line is over %d bytes", ErrServer, events.MaxEvent))
			return false
		}
		if err != nil {
			return true
		}
		if len(line) == 1 {
			continue // the beat of a stream that has nothing to tell
		}
		e, err := events.Parse(slices.Clone(line[:len(line)-1]))
		if err != nil {
			yield(nil, err)
			return false
		}
		if e.Sequence <= at[e.Stream()] {
			continue
		}
		if !yield(e, nil) {
			return false
		}
		at[e.Stream()] = e.Sequence
	}
}

// String writes the position as questions take it: "ANJU-52:12345", several separated by commas.
func (p Position) String() string {
	parts := make([]string, 0, len(p))
	for _, stream := range slices.Sorted(maps.Keys(p)) {
		parts = append(parts, stream+":"+strconv.FormatUint(p[stream], 10))
	}
	return strings.Join(parts, ",")
}
