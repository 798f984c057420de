package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/nats-io/nats.go"
)

// replayTo is where replayed events go, a line each. What takes them slowly is waited for.
type replayTo interface {
	// line hands over one event, without the end of the line.
	line(event []byte) error
	// close returns when everything was taken, or why it was not.
	close() error
}

// openReplayTo opens where an address says: "" is the session's output, nats://host:port/subject a
// subject, http://… a request whose body is NDJSON.
func openReplayTo(s *session, address string) (replayTo, error) {
	if address == "" {
		return writerTo{s.out}, nil
	}
	u, err := url.Parse(address)
	if err == nil {
		switch u.Scheme {
		case "nats", "tls":
			return openNATSTo(u)
		case "http", "https":
			return openHTTPTo(s.ctx, address), nil
		}
	}
	return nil, errors.New("--to 应为 nats://主机:端口/主题 或 http:// 地址 / --to is nats://host:port/subject or an http:// address")
}

// writerTo writes lines.
type writerTo struct{ w io.Writer }

func (t writerTo) line(event []byte) error {
	_, err := t.w.Write(append(event, '\n'))
	return err
}

func (t writerTo) close() error { return nil }

// natsTo publishes each event on one subject.
type natsTo struct {
	conn    *nats.Conn
	subject string
}

func openNATSTo(u *url.URL) (replayTo, error) {
	subject := strings.TrimPrefix(u.Path, "/")
	if subject == "" || strings.ContainsAny(subject, " \t*>/") {
		return nil, errors.New("--to nats://主机:端口/主题：缺少主题 / it lacks the subject, such as nats://127.0.0.1:4222/replay.county")
	}
	u.Path = ""
	conn, err := nats.Connect(u.String(), nats.Name("anju replay"), nats.NoReconnect())
	if err != nil {
		return nil, fmt.Errorf("--to %s: %w", u.Redacted(), err)
	}
	return &natsTo{conn, subject}, nil
}

func (t *natsTo) line(event []byte) error { return t.conn.Publish(t.subject, event) }

func (t *natsTo) close() error {
	defer t.conn.Close()
	return errors.Join(t.conn.Flush(), t.conn.LastError())
}

// httpTo sends one request for as long as the replay lasts.
type httpTo struct {
	body   *io.PipeWriter
	answer chan error
}

func openHTTPTo(ctx context.Context, address string) replayTo {
	read, write := io.Pipe()
	t := &httpTo{write, make(chan error, 1)}
	go func() {
		err := post(ctx, address, read)
		if err == nil {
			err = errTakenLess // only while lines still come
		}
		read.CloseWithError(err)
		t.answer <- err
	}()
	return t
}

// errTakenLess reports a receiver that answered before it had everything.
var errTakenLess = errors.New("接收方提前结束 / the receiver answered before the end")

func post(ctx context.Context, address string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16)) // only for the message
		return problemText(resp.Status, text)
	}
	return nil
}

func (t *httpTo) line(event []byte) error {
	_, err := t.body.Write(append(event, '\n'))
	return err
}

func (t *httpTo) close() error {
	err := t.body.Close()
	if answer := <-t.answer; !errors.Is(answer, errTakenLess) {
		err = errors.Join(err, answer)
	}
	return err
}
