package events

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// publishWait bounds the wait for the acknowledgements of one group; past it nobody knows
// whether the group was stored, and the writer looks.
const publishWait = 10 * time.Second

// The headers by which the server stores a message only at its place. The sequence alone does
// not make a group an unbroken run: when another door appends one message, our first is refused
// and our second fits again. So each message also names its predecessor in the group, by a
// message id that no other group ever uses. The ids serve nothing else; no header has a meaning.
const (
	expectedLast   = "Nats-Expected-Last-Sequence"
	expectedLastID = "Nats-Expected-Last-Msg-Id"
	messageID      = "Nats-Msg-Id"
)

// jetStore is a stream of a JetStream server.
type jetStore struct {
	js     jetstream.JetStream
	stream jetstream.Stream
	flush  func() error // puts on disk what the server has written
}

func (s *jetStore) sync() error { return s.flush() }

// append publishes the messages in one run: the first that does not fit stops all behind it.
func (s *jetStore) append(ctx context.Context, messages []message) error {
	acks := make([]jetstream.PubAckFuture, 0, len(messages))
	group := rand.Text()
	previous := ""
	var failure error
	for i, m := range messages {
		msg := &nats.Msg{Subject: m.subject, Data: m.body, Header: nats.Header{
			expectedLast: []string{strconv.FormatUint(m.sequence-1, 10)},
		}}
		if len(messages) > 1 {
			id := group + strconv.Itoa(i)
			msg.Header[messageID] = []string{id}
			if i > 0 {
				msg.Header[expectedLastID] = []string{previous}
			}
			previous = id
		}
		ack, err := s.js.PublishMsgAsync(msg)
		if err != nil {
			failure = fmt.Errorf("%w: %w", errFence, err)
			break
		}
		acks = append(acks, ack)
	}
	timeout := time.NewTimer(publishWait)
	defer timeout.Stop()
	for i, ack := range acks {
		if err := awaitAck(ctx, ack, messages[i].sequence, timeout); err != nil && failure == nil {
			failure = err
		}
	}
	return failure
}

// awaitAck waits for one acknowledgement. Every failure is errFence: either somebody else
// appended (10071, on clusters 10164 and 10063), or nobody knows whether the message was stored.
func awaitAck(ctx context.Context, ack jetstream.PubAckFuture, want uint64, timeout *time.Timer) error {
	select {
	case a := <-ack.Ok():
		if a.Sequence != want {
			return fmt.Errorf("%w: stored at %d instead of %d", errFence, a.Sequence, want)
		}
		return nil
	case err := <-ack.Err():
		return fmt.Errorf("%w: %w", errFence, err)
	case <-timeout.C:
		timeout.Reset(0)
		return fmt.Errorf("%w: no acknowledgement within %s", errFence, publishWait)
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errFence, ctx.Err())
	}
}

func (s *jetStore) get(sequence uint64) (message, error) {
	ctx, cancel := context.WithTimeout(context.Background(), publishWait)
	defer cancel()
	m, err := s.stream.GetMsg(ctx, sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return message{}, ErrNotFound
	}
	if err != nil {
		return message{}, err
	}
	return message{m.Sequence, m.Subject, m.Data}, nil
}

// readBatch is how many messages the server may send ahead of the reader.
const readBatch = 4096

func (s *jetStore) read(ctx context.Context, after uint64, yield func(message) bool) error {
	info, err := s.stream.Info(ctx)
	if err != nil || info.State.LastSeq <= after {
		return err
	}
	consumer, err := s.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: after + 1,
	})
	if err != nil {
		return err
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(readBatch))
	if err != nil {
		return err
	}
	defer s.forget(ctx, consumer)
	defer messages.Stop()
	for {
		msg, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		meta, err := msg.Metadata()
		if err != nil {
			return err
		}
		at := meta.Sequence.Stream
		if !yield(message{at, msg.Subject(), msg.Data()}) || at >= info.State.LastSeq {
			return nil
		}
	}
}

// forget deletes a reader's consumer at the server, which would keep it for five minutes; one
// that cannot be deleted ends by itself then.
func (s *jetStore) forget(ctx context.Context, consumer jetstream.Consumer) {
	if info := consumer.CachedInfo(); info != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishWait)
		defer cancel()
		_ = s.stream.DeleteConsumer(ctx, info.Name)
	}
}
