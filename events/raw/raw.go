// Package raw does what a log does at the least, with nothing of ours in between: it publishes
// messages to a JetStream stream, each fenced by the sequence that it expects, and puts groups of
// them on disk with one sync; and it reads a stream through a bare ordered consumer.
//
// The benchmarks set the ledger's figures beside its own, on the same bytes. It knows no events.
// TestAStreamIsFencedAndDrained proves that it does what it is compared for.
package raw

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Message is what is stored: a subject below "anju." and a body.
type Message struct {
	Subject string
	Body    []byte
}

// Stream is a stream of its own in a folder. One goroutine uses it.
type Stream struct {
	server *server.Server
	conn   *nats.Conn
	js     jetstream.JetStream
	folder *os.File // open since before the first write, to sync its file system
	last   uint64
}

// Bounds of the raw stream.
const (
	startWait  = 30 * time.Second
	ackWait    = 30 * time.Second
	mostAsync  = 2048 // messages that are on their way; a group has 1,024
	readAtOnce = 4096 // messages that the server sends ahead of a reader
)

// Open starts a server in the folder with one empty stream, kept as the ledger's are.
func Open(ctx context.Context, dir string) (*Stream, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	s := &Stream{folder: folder}
	if err := s.start(ctx, dir); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Stream) start(ctx context.Context, dir string) (err error) {
	s.server, err = server.NewServer(&server.Options{
		ServerName: "raw", DontListen: true, NoSigs: true, JetStream: true, StoreDir: filepath.Join(dir, "jetstream"), MaxPayload: 1 << 20,
	})
	if err != nil {
		return err
	}
	go s.server.Start() // ends in Close
	if !s.server.ReadyForConnections(startWait) {
		return errors.New("raw: the server does not start")
	}
	if s.conn, err = nats.Connect("", nats.InProcessServer(s.server)); err != nil {
		return err
	}
	if s.js, err = jetstream.New(s.conn, jetstream.WithPublishAsyncMaxPending(mostAsync)); err != nil {
		return err
	}
	_, err = s.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: "RAW", Subjects: []string{"anju.>"}, Storage: jetstream.FileStorage, Discard: jetstream.DiscardNew,
		DenyDelete: true, DenyPurge: true, AllowDirect: true, Duplicates: 100 * time.Millisecond,
	})
	return err
}

// Append stores the messages in groups of a size: each group is published at once, every message
// with the sequence that it expects before it, acknowledged, and put on disk by one sync.
func (s *Stream) Append(ctx context.Context, messages []Message, group int) error {
	for len(messages) > 0 {
		n := min(group, len(messages))
		if err := s.publish(ctx, messages[:n]); err != nil {
			return err
		}
		if err := syncFileSystem(s.folder); err != nil {
			return err
		}
		messages = messages[n:]
	}
	return nil
}

func (s *Stream) publish(ctx context.Context, group []Message) error {
	acks := make([]jetstream.PubAckFuture, len(group))
	for i, m := range group {
		ack, err := s.js.PublishMsgAsync(&nats.Msg{Subject: m.Subject, Data: m.Body, Header: nats.Header{
			"Nats-Expected-Last-Sequence": []string{strconv.FormatUint(s.last+uint64(i), 10)},
		}})
		if err != nil {
			return err
		}
		acks[i] = ack
	}
	timeout := time.NewTimer(ackWait)
	defer timeout.Stop()
	for _, ack := range acks {
		select {
		case a := <-ack.Ok():
			if s.last++; a.Sequence != s.last {
				return fmt.Errorf("raw: stored at %d instead of %d", a.Sequence, s.last)
			}
		case err := <-ack.Err():
			return err
		case <-timeout.C:
			return errors.New("raw: no acknowledgement")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Drain reads a stream of the connection's server to its end through an ordered consumer, and
// returns how many messages it held.
func Drain(ctx context.Context, conn *nats.Conn, stream string) (count uint64, err error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return 0, err
	}
	from, err := js.Stream(ctx, stream)
	if err != nil {
		return 0, err
	}
	total := from.CachedInfo().State.Msgs
	consumer, err := from.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy})
	if err != nil {
		return 0, err
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(readAtOnce))
	if err != nil {
		return 0, err
	}
	defer messages.Stop()
	for count < total {
		if _, err := messages.Next(jetstream.NextContext(ctx)); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// Conn returns a connection to the stream's server.
func (s *Stream) Conn() *nats.Conn { return s.conn }

// Close stops the server; what it wrote stays in the folder.
func (s *Stream) Close() error {
	if s.conn != nil {
		s.conn.Close()
	}
	if s.server != nil {
		s.server.Shutdown()
		s.server.WaitForShutdown()
	}
	return s.folder.Close()
}
