package events

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
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

// jetStore is a stream of a JetStream server. Only the writer's carrier appends.
type jetStore struct {
	conn   *nats.Conn
	name   string
	stream jetstream.Stream
	flush  func() error // puts on disk what the server has written
	steps  steps        // of Config

	inbox string         // of acknowledgements, ends in a dot
	acks  chan *nats.Msg // what arrives there; nil before the first append
	runs  uint64         // appends so far
}

// pubAck is the server's answer to a publish.
type pubAck struct {
	Sequence uint64 `json:"seq"`
	Error    *struct {
		Code        int    `json:"err_code"`
		Description string `json:"description"`
	} `json:"error"`
}

func (s *jetStore) sync() error { return s.flush() }

// append publishes the messages in one run, and asks only for the acknowledgement of the last:
// the server stores it only behind its predecessor, which it stored only behind its own, and so
// on back to the first, which it stored only where the stream was to end. So the last one, at its
// place, speaks for all; and the first that does not fit stops all behind it.
//
// Every failure is errFence: either somebody else appended (10071, on clusters 10164 and 10063),
// or nobody knows what was stored.
func (s *jetStore) append(ctx context.Context, messages []message) error {
	if err := s.listen(); err != nil {
		return fmt.Errorf("%w: %w", errFence, err)
	}
	s.runs++
	reply := s.inbox + strconv.FormatUint(s.runs, 10)
	msg := nats.NewMsg("")
	group := ""
	if len(messages) > 1 {
		group = rand.Text()
	}
	for i, m := range messages {
		if i == (len(messages)+1)/2 {
			s.steps.at("half")
		}
		msg.Subject, msg.Data = m.subject, m.body
		msg.Header[expectedLast] = []string{strconv.FormatUint(m.sequence-1, 10)}
		if group != "" {
			if i > 0 {
				msg.Header[expectedLastID] = msg.Header[messageID]
			}
			msg.Header[messageID] = []string{group + strconv.Itoa(i)}
		}
		if i == len(messages)-1 {
			msg.Reply = reply
		}
		if err := s.conn.PublishMsg(msg); err != nil {
			return fmt.Errorf("%w: %w", errFence, err)
		}
	}
	return s.awaitAck(ctx, reply, messages[len(messages)-1].sequence)
}

// acksWaiting bounds the acknowledgements of earlier runs that came too late.
const acksWaiting = 16

// listen subscribes to the acknowledgements; the subscription ends with the connection.
func (s *jetStore) listen() error {
	if s.acks != nil {
		return nil
	}
	inbox := s.conn.NewInbox() + "."
	acks := make(chan *nats.Msg, acksWaiting)
	if _, err := s.conn.ChanSubscribe(inbox+"*", acks); err != nil {
		return err
	}
	s.inbox, s.acks = inbox, acks
	return nil
}

// awaitAck waits for the acknowledgement of a run's last message.
func (s *jetStore) awaitAck(ctx context.Context, reply string, want uint64) error {
	timeout := time.NewTimer(publishWait)
	defer timeout.Stop()
	for {
		select {
		case m := <-s.acks:
			if m.Subject == reply {
				return ackError(m, want)
			}
		case <-timeout.C:
			return fmt.Errorf("%w: no acknowledgement within %s", errFence, publishWait)
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", errFence, ctx.Err())
		}
	}
}

func ackError(m *nats.Msg, want uint64) error {
	var ack pubAck
	err := json.Unmarshal(m.Data, &ack)
	switch {
	case len(m.Data) == 0:
		return fmt.Errorf("%w: %w", errFence, nats.ErrNoResponders)
	case err != nil:
		return fmt.Errorf("%w: %w", errFence, err)
	case ack.Error != nil:
		return fmt.Errorf("%w: %s (%d)", errFence, ack.Error.Description, ack.Error.Code)
	case ack.Sequence != want:
		return fmt.Errorf("%w: stored at %d instead of %d", errFence, ack.Sequence, want)
	}
	return nil
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

// end returns the last sequence of the stream; a *DifferenceError when it has lost messages before it.
func (s *jetStore) end(ctx context.Context) (uint64, error) {
	info, err := s.stream.Info(ctx)
	if err != nil {
		return 0, err
	}
	if n := info.State; n.NumDeleted > 0 || n.Msgs != n.LastSeq {
		return n.LastSeq, lostFrom(ctx, s.stream, info)
	}
	return info.State.LastSeq, nil
}

// readBatch is how many messages the server may send ahead of the reader.
const readBatch = 4096

// stallWait is how long a reader waits for the next message of a stream that says that it has
// more: where a block is damaged the server says so for ever.
const stallWait = 10 * time.Second

// errStalled ends a reading at a message that the server says it has, and does not send.
var errStalled = errors.New("the server says that there are more messages, and sends none: a block is damaged")

func (s *jetStore) read(ctx context.Context, after uint64, yield func(message) bool) error {
	info, err := s.stream.Info(ctx)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return errGone
	}
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
	waiting, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	stalled := time.AfterFunc(stallWait, func() { stop(errStalled) })
	defer stalled.Stop()
	for {
		stalled.Reset(stallWait)
		msg, err := messages.Next(jetstream.NextContext(waiting))
		stalled.Stop()
		if err != nil {
			return errors.Join(err, context.Cause(waiting))
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
