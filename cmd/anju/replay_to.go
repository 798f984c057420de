package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// replayTo is where replayed events go. What takes them slowly is waited for: the sender never has
// more than a window of them under way, and who does not take them ends the replay.
type replayTo interface {
	// line hands over one event; its bytes are the caller's again when it returns.
	line(e played) error
	// flush returns when everything handed over was taken, or why it was not.
	flush() error
	// taken is how far, in the order of the lines, everything was taken.
	taken() progress
	close() error
}

// played is one event on its way out.
type played struct {
	at       domain.Moment // that its pace goes by
	stream   string
	sequence uint64
	id       domain.EventID
	line     []byte
}

func playedOf(e *events.Event, at domain.Moment, line []byte) played {
	return played{at, e.Stream(), e.Sequence, e.ID, line}
}

// progress is how far a replay was taken: the place of the last event of each stream, and the moment.
type progress struct {
	position position
	at       domain.Moment
	events   int64
}

func (p *progress) note(e *played) {
	p.position[e.stream], p.at = e.sequence, e.at
	p.events++
}

// openReplayTo opens where an address says: "" is the session's output, nats://host:port/subject a
// subject, http://… requests whose bodies are NDJSON.
func openReplayTo(s *session, address string) (replayTo, error) {
	if address == "" {
		return &writerTo{s.out, progress{position: position{}}}, nil
	}
	u, err := url.Parse(address)
	if err == nil && u.Host != "" {
		switch u.Scheme {
		case "nats", "tls":
			return openNATSTo(s, u)
		case "http", "https":
			return &httpTo{s: s, address: address, far: progress{position: position{}}}, nil
		}
	}
	return nil, fmt.Errorf("--to %q：应为 nats://主机:端口/主题 或 http://主机:端口/路径 / it is nats://host:port/subject, such as nats://127.0.0.1:4222/replay.county, or http://host:port/path; left out, events are printed", withoutUser(address))
}

// withoutUser leaves out of an address what may be a password.
func withoutUser(address string) string {
	scheme, rest, found := strings.Cut(address, "://")
	if at := strings.LastIndexByte(rest, '@'); found && at >= 0 {
		return scheme + "://…" + rest[at:]
	}
	return address
}

// writerTo writes lines.
type writerTo struct {
	w   io.Writer
	far progress
}

func (t *writerTo) line(e played) error {
	_, err := t.w.Write(append(e.line, '\n'))
	if err == nil {
		t.far.note(&e)
	}
	return err
}

func (t *writerTo) flush() error    { return nil }
func (t *writerTo) taken() progress { return t.far }
func (t *writerTo) close() error    { return nil }

// Bounds of what is under way to a receiver.
const (
	natsWindow   = 256              // messages that are not acknowledged: some 200 KB
	httpLines    = 512              // events of one request
	httpBytes    = 1 << 20          // of one request
	receiverWait = 30 * time.Second // for the next acknowledgement; a door out waits as long
)

// natsTo publishes each event on one subject, with a reply subject on which its receiver
// acknowledges it: a JetStream stream that takes the subject does so by itself, with the event's id
// as its Nats-Msg-Id; any other receiver answers each message with an empty one. A NATS server drops a
// subscriber that reads too slowly; with a window of unacknowledged messages there is none to drop.
type natsTo struct {
	s       *session
	conn    *nats.Conn
	subject string
	inbox   string             // of acknowledgements; a number stands behind it
	acks    *nats.Subscription // to inbox.*
	pending []played           // published and not acknowledged, the oldest first; without their lines
	first   int64              // number of the oldest
	done    map[int64]bool     // acknowledged before an older one
	denied  atomic.Bool        // the server lets nobody publish there; set by the connection's goroutine
	far     progress
}

func openNATSTo(s *session, u *url.URL) (replayTo, error) {
	subject := strings.TrimPrefix(u.Path, "/")
	if subject == "" || strings.ContainsAny(subject, " \t*>/") {
		return nil, fmt.Errorf("--to %s：缺少主题，或主题含空格、*、>、/ / it lacks the subject, or the subject has a space, *, > or /: write it as in nats://127.0.0.1:4222/replay.county", withoutUser(u.String()))
	}
	u.Path = ""
	t := &natsTo{s: s, subject: subject, inbox: nats.NewInbox(), done: map[int64]bool{}, far: progress{position: position{}}}
	conn, err := nats.Connect(u.String(), nats.Name("anju replay"), nats.NoReconnect(), nats.ErrorHandler(t.fails))
	if err != nil {
		return nil, fmt.Errorf("--to %s：无法连接，请核对地址 / it cannot be reached, check the address: %w", withoutUser(u.String()), err)
	}
	t.conn = conn
	if t.acks, err = conn.SubscribeSync(t.inbox + ".*"); err != nil {
		conn.Close()
		return nil, err
	}
	return t, nil
}

// fails hears what the server says of what was sent. What it does not let through is never acknowledged: the
// connection is closed, so that nobody waits.
func (t *natsTo) fails(conn *nats.Conn, _ *nats.Subscription, err error) {
	if errors.Is(err, nats.ErrPermissionViolation) && !t.denied.Swap(true) {
		conn.Close()
	}
}

func (t *natsTo) line(e played) error {
	for len(t.pending) >= natsWindow {
		if err := t.acknowledged(); err != nil {
			return err
		}
	}
	m := &nats.Msg{Subject: t.subject, Reply: fmt.Sprintf("%s.%d", t.inbox, t.first+int64(len(t.pending))), Data: bytes.Clone(e.line)}
	m.Header = nats.Header{nats.MsgIdHdr: []string{e.id.String()}}
	e.line = nil
	t.pending = append(t.pending, e)
	return t.lost(t.conn.PublishMsg(m))
}

// lost says why a connection is closed.
func (t *natsTo) lost(err error) error {
	switch {
	case !errors.Is(err, nats.ErrConnectionClosed):
		return err
	case t.denied.Load():
		return fmt.Errorf("该服务器不允许发布到 %s（账本自己的服务器只收 anju.record.>）：请换另一个 NATS 服务器 / the server lets nobody publish on %s (the ledger's own takes anju.record.> alone): name another NATS server", t.subject, t.subject)
	}
	return fmt.Errorf("与 NATS 服务器的连接已断开：请核对它是否仍在运行 / the connection to the NATS server is lost: see whether it still runs: %w", err)
}

func (t *natsTo) flush() error {
	for len(t.pending) > 0 {
		if err := t.acknowledged(); err != nil {
			return err
		}
	}
	return nil
}

// acknowledged waits for one acknowledgement.
func (t *natsTo) acknowledged() error {
	ctx, cancel := context.WithTimeout(t.s.ctx, receiverWait)
	defer cancel()
	m, err := t.acks.NextMsgWithContext(ctx)
	switch {
	case t.s.ctx.Err() != nil:
		return errInterrupted
	case errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("无人接收 %s：请先启动接收方，或让 JetStream 流接收该主题 / nobody listens on %s: start the receiver first, or let a JetStream stream take the subject", t.subject, t.subject)
	case errors.Is(err, nats.ErrConnectionClosed):
		return t.lost(err)
	case err != nil:
		return fmt.Errorf("%s 上的接收方 %s 内未确认：接收方须回复每条消息，或由 JetStream 流接收该主题 / the receiver on %s acknowledged nothing for %s: it answers each message, or a JetStream stream takes the subject: %w",
			t.subject, receiverWait, t.subject, receiverWait, err)
	}
	return t.settle(m)
}

// settle notes which message was acknowledged, and how far all are; or says that it was refused.
func (t *natsTo) settle(m *nats.Msg) error {
	n := int64(0)
	if _, err := fmt.Sscanf(m.Subject[len(t.inbox):], ".%d", &n); err != nil {
		return err
	}
	if refused := refusalOf(m); refused != nil {
		place := ""
		if i := n - t.first; 0 <= i && i < int64(len(t.pending)) {
			place = fmt.Sprintf(" %s:%d", t.pending[i].stream, t.pending[i].sequence)
		}
		return fmt.Errorf("接收方拒绝%s / the receiver refuses%s: %w", place, place, refused)
	}
	t.done[n] = true
	for t.done[t.first] && len(t.pending) > 0 {
		t.far.note(&t.pending[0])
		delete(t.done, t.first)
		t.pending, t.first = t.pending[1:], t.first+1
	}
	return nil
}

func (t *natsTo) taken() progress { return t.far }

func (t *natsTo) close() error {
	t.conn.Close()
	return nil
}

// httpTo posts events in requests of bounded size, one after the other: the answer 2xx says that
// they were taken, and a receiver that answers late is waited for.
type httpTo struct {
	s       *session
	address string
	body    []byte
	waiting []played // whose lines are in body
	far     progress
}

func (t *httpTo) line(e played) error {
	t.body = append(append(t.body, e.line...), '\n')
	e.line = nil
	if t.waiting = append(t.waiting, e); len(t.waiting) < httpLines && len(t.body) < httpBytes {
		return nil
	}
	return t.flush()
}

func (t *httpTo) flush() error {
	if len(t.waiting) == 0 {
		return nil
	}
	req, err := http.NewRequestWithContext(t.s.ctx, http.MethodPost, t.address, bytes.NewReader(t.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		if t.s.ctx.Err() != nil {
			return errInterrupted
		}
		return fmt.Errorf("接收方没有应答 / the receiver does not answer: %w", withoutAddress(err))
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16)) // only for the message
	if resp.StatusCode/100 != 2 {
		return errors.Join(errors.New("接收方拒绝 / the receiver refuses"), problemText(resp.Status, text))
	}
	for i := range t.waiting {
		t.far.note(&t.waiting[i])
	}
	t.waiting, t.body = t.waiting[:0], t.body[:0]
	return nil
}

func (t *httpTo) taken() progress { return t.far }
func (t *httpTo) close() error    { return nil }
