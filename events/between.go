package events

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
)

// Bounds of one request for a run of messages: small enough that the server answers a publisher
// in between.
const (
	betweenMessages = 256
	betweenBytes    = 1 << 20
)

// betweenRequest asks a stream for a run of its messages (JetStream's direct get).
type betweenRequest struct {
	Sequence uint64 `json:"seq"`
	Batch    uint64 `json:"batch"`
	MaxBytes int    `json:"max_bytes"`
}

// between yields the messages after one sequence up to another that the stream can still give;
// what is damaged or deleted is left out, and nothing is waited for. It makes no consumer.
func (s *jetStore) between(ctx context.Context, after, upTo uint64, yield func(message) bool) error {
	inbox := s.conn.NewInbox()
	answers := make(chan *nats.Msg, betweenMessages+1)
	sub, err := s.conn.ChanSubscribe(inbox, answers)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }() // it ends with the connection otherwise
	end := uint64(0)
	for wanted := true; after < upTo && wanted; {
		request, err := json.Marshal(betweenRequest{after + 1, min(betweenMessages, upTo-after), betweenBytes})
		if err != nil {
			return err
		}
		if err := s.conn.PublishRequest("$JS.API.DIRECT.GET."+s.name, inbox, request); err != nil {
			return err
		}
		before := after
		if after, wanted, err = takeRun(ctx, answers, after, upTo, yield); err != nil {
			return err
		}
		if after > before {
			continue
		}
		if end == 0 {
			info, err := s.stream.Info(ctx)
			if err != nil {
				return err
			}
			end = info.State.LastSeq
		}
		if after++; after > end {
			return nil
		}
	}
	return nil
}

// takeRun yields the answers to one request, up to the one that ends them, and returns the last
// sequence among them.
func takeRun(ctx context.Context, answers <-chan *nats.Msg, last, upTo uint64, yield func(message) bool) (uint64, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	for {
		var m *nats.Msg
		select {
		case m = <-answers:
		case <-ctx.Done():
			return last, false, fmt.Errorf("%w: %w", errUnread, ctx.Err())
		}
		switch status := m.Header.Get("Status"); {
		case status == "204" || status == "404": // the end of the run, or nothing there
			return last, true, nil
		case status != "" || len(m.Header) == 0:
			return last, false, fmt.Errorf("%w: %s %s", errUnread, status, m.Header.Get("Description"))
		}
		sequence, err := strconv.ParseUint(m.Header.Get("Nats-Sequence"), 10, 64)
		if err != nil {
			return last, false, errors.Join(errUnread, err)
		}
		if sequence > upTo {
			return upTo, false, nil
		}
		last = sequence
		if !yield(message{sequence, m.Header.Get("Nats-Subject"), m.Data}) {
			return last, false, nil
		}
	}
}
