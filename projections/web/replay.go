package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

// slowest is how long a client may take for one write before it is left.
const slowest = 30 * time.Second

// beatEvery is the pause between empty lines on a stream that follows and has nothing to tell:
// shorter than the time-outs of proxies.
const beatEvery = 15 * time.Second

// filter is what GET /v1/events was asked for.
type filter struct {
	after    map[uint8]uint64
	kind     string
	subject  domain.Entity
	division domain.Division
	since    domain.Moment
	follow   bool
}

// parseFilter reads the query; the problem names what is wrong with it.
func parseFilter(q *question, provinces []uint8) (f filter, wrong *Problem) {
	var ok bool
	if f.after, ok = parsePosition(q.value("after")); !ok {
		return f, badPosition("after", q.value("after"))
	}
	for province := range f.after {
		if !slices.Contains(provinces, province) { // it would replay everything
			return f, refuse(badParameter, "after", q.value("after"), domain.Text{ZH: "账本没有 " + events.StreamName(province) + " 这个数据流", EN: "the ledger has no stream " + events.StreamName(province)},
				domain.Text{ZH: "GET /v1/ledger 列出各数据流及其位置；留空从头开始", EN: "GET /v1/ledger lists the streams with their positions; leave it out to begin at the beginning"})
		}
	}
	f.kind = q.value("type")
	if _, known := domain.KindOf(f.kind); f.kind != "" && !known {
		return f, refuse(badParameter, "type", f.kind, domain.Text{ZH: "应为已有的记录类型", EN: "a type of the catalogue"},
			domain.Text{ZH: "GET /v1/kinds 列出全部类型", EN: "GET /v1/kinds lists them"})
	}
	if subject := q.value("subject"); subject != "" {
		_, id, found := strings.Cut(subject, "/")
		if !found {
			id = subject
		}
		e, err := domain.ParseEntity(id)
		if err != nil || found && e.Kind().String()+"/"+id != subject {
			return f, refuse(badParameter, "subject", subject, domain.Text{ZH: "应为标识，或类别与标识", EN: "an id, or its kind and it"},
				domain.Text{ZH: "例如 household/h7k2m9qx4w1tz", EN: "such as household/h7k2m9qx4w1tz"})
		}
		f.subject = e
	}
	if division := q.value("division"); division != "" {
		d, err := domain.ParseDivision(division)
		if err != nil {
			return f, badDivision("division", division)
		}
		f.division = d
	}
	if since := q.value("since"); since != "" {
		day, err := domain.ParseDay(since)
		if f.since = day.Moment(); err != nil {
			f.since, err = anyInstant(since)
		}
		if err != nil {
			return f, wrongInstant("since", since, err)
		}
	}
	switch follow := q.value("follow"); follow {
	case "", "false":
	case "true":
		f.follow = true
	default:
		return f, refuse(badParameter, "follow", follow, domain.Text{ZH: "true 或 false", EN: "true or false"},
			domain.Text{ZH: "留空表示不跟随", EN: "leave it out to end at the end"})
	}
	return f, nil
}

// wants reports whether a record was asked for; foreign entries never are.
func (f *filter) wants(rec events.Record) bool {
	e := rec.Event
	return e != nil && (f.kind == "" || e.Type == f.kind) && (f.division == "" || e.Division.Within(f.division)) &&
		(!f.subject.Present() || e.Subject == f.subject) &&
		e.Recorded >= f.since
}

// serveEvents replays the events, one a line, in the very bytes of the log: the streams of the
// provinces one after the other, or, when it follows, side by side, those that are founded while
// it does included.
func (a *API) serveEvents(q *question) {
	f, wrong := parseFilter(q, a.ledger.Provinces())
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	q.w.Header().Set("Content-Type", "application/x-ndjson")
	out := &lines{w: q.w, control: http.NewResponseController(q.w), eager: f.follow, slow: a.slow}
	if !f.follow {
		for _, province := range a.ledger.Provinces() {
			if !a.replay(q.Context(), province, &f, out) {
				break
			}
		}
		out.end()
		return
	}
	out.flush()
	defer a.metrics.following()()
	ctx, stop := context.WithCancel(q.Context())
	defer out.end()
	defer stop()
	var running sync.WaitGroup
	defer running.Wait()
	followed := map[uint8]bool{}
	beat := time.NewTicker(a.beat)
	defer beat.Stop()
	for {
		for _, province := range a.ledger.Provinces() {
			if followed[province] {
				continue
			}
			followed[province] = true
			running.Go(func() {
				defer stop()
				a.replay(ctx, province, &f, out)
			})
		}
		select {
		case <-beat.C:
			if !out.beat() {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// replay writes the events of one stream until its end, the client's or ctx's; false when the answer
// is over. It reads one record ahead of the client and no more: a slow one holds nobody up, and no
// memory beyond its connection's buffers and the group of records that it is reading.
func (a *API) replay(ctx context.Context, province uint8, f *filter, out *lines) bool {
	read := a.ledger.Read
	if f.follow {
		read = a.ledger.Follow
	}
	for rec, err := range read(ctx, province, f.after[province]) {
		if err != nil && ctx.Err() == nil {
			out.fail(err)
		}
		if err != nil || f.wants(rec) && !out.write(rec.Body) {
			return false
		}
	}
	return true
}

// lines writes NDJSON from several goroutines to one client.
type lines struct {
	mu      sync.Mutex
	w       http.ResponseWriter // under mu
	control *http.ResponseController
	eager   bool          // each line is sent at once
	slow    time.Duration // a write may take
	written int           // under mu: lines since the last beat
	any     bool          // under mu: a line was sent
	failed  error         // under mu: why the events cannot be read on
}

// fail notes why events cannot be read on.
func (l *lines) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil {
		l.failed = err
	}
}

// end tells the client when the events did not come to their end: by a problem in the place of
// the answer, or, after lines were sent, as its last line; then the connection is broken off, so that
// nobody takes a part for the whole.
func (l *lines) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil {
		return
	}
	p := cannotRead(l.failed)
	if !l.any && !l.eager {
		p.write(l.w)
		return
	}
	_ = l.control.SetWriteDeadline(time.Now().Add(l.slow))
	_, _ = l.w.Write(append(p.document(), '\n')) // the client has gone: nobody to tell
	_ = l.control.Flush()
	panic(http.ErrAbortHandler)
}

// cannotRead is the problem of events that cannot be read.
func cannotRead(err error) *Problem {
	if errors.Is(err, events.ErrDiffers) || errors.Is(err, book.ErrDamaged) {
		return unverified(err)
	}
	p := refuse(needsOperator, "", "", domain.Text{ZH: "每个数据流都能读取", EN: "every stream can be read"},
		domain.Text{ZH: "请稍后重试；GET /v1/ledger 说明原因", EN: "try again later; GET /v1/ledger says why"})
	p.Detail = shown(err.Error())
	return p
}

// write sends one line; false when the client is gone or too slow.
func (l *lines) write(body []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.control.SetWriteDeadline(time.Now().Add(l.slow)) // not every test writer has one
	l.written++
	l.any = true
	if _, err := l.w.Write(append(body[:len(body):len(body)], '\n')); err != nil {
		return false
	}
	return !l.eager || l.control.Flush() == nil
}

// beat sends an empty line when nothing else was sent since the last beat.
func (l *lines) beat() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	quiet := l.written == 0
	l.written = 0
	if !quiet {
		return true
	}
	_ = l.control.SetWriteDeadline(time.Now().Add(l.slow))
	_, err := l.w.Write([]byte{'\n'})
	return err == nil && l.control.Flush() == nil
}

func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.control.Flush() // the first write tells a client that has gone
}
