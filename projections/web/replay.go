package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// slowest is how long a client may take for one write before it is left.
const slowest = 30 * time.Second

// filter is what GET /v1/events was asked for.
type filter struct {
	after    map[uint8]uint64
	kind     string
	subject  string
	division domain.Division
	since    domain.Moment
	follow   bool
}

// parsePosition reads "ANJU-52:12345", several comma separated; "" is the beginning.
func parsePosition(s string) (map[uint8]uint64, bool) {
	position := map[uint8]uint64{}
	if s == "" {
		return position, true
	}
	for part := range strings.SplitSeq(s, ",") {
		stream, digits, found := strings.Cut(part, ":")
		province, ours := events.ParseStreamName(stream)
		sequence, err := strconv.ParseUint(digits, 10, 64)
		if !found || !ours || err != nil {
			return nil, false
		}
		position[province] = sequence
	}
	return position, true
}

// parseFilter reads the query; the problem names what is wrong with it.
func parseFilter(r *http.Request) (f filter, wrong *problem) {
	q := r.URL.Query()
	refuse := func(field string, rule, fix domain.Text) *problem {
		return &problem{Status: http.StatusBadRequest, Field: field, Value: q.Get(field), Title: rule, Fix: fix}
	}
	var ok bool
	if f.after, ok = parsePosition(q.Get("after")); !ok {
		return f, refuse("after", domain.Text{ZH: "位置写作 ANJU-52:12345", EN: "a position is written ANJU-52:12345"},
			domain.Text{ZH: "多个位置用逗号分隔；从头读取请留空", EN: "separate several by commas; leave it out to begin at the beginning"})
	}
	f.kind = q.Get("type")
	if _, known := domain.KindOf(f.kind); f.kind != "" && !known {
		return f, refuse("type", domain.Text{ZH: "没有这个类型", EN: "there is no such type"},
			domain.Text{ZH: "GET /v1/kinds 列出全部类型", EN: "GET /v1/kinds lists them"})
	}
	f.subject = q.Get("subject")
	if division := q.Get("division"); division != "" {
		d, err := domain.ParseDivision(division)
		if err != nil {
			return f, refuse("division", domain.Text{ZH: "区划代码为2、4、6、9或12位数字", EN: "a division code has 2, 4, 6, 9 or 12 digits"},
				domain.Text{ZH: "例如 520603", EN: "such as 520603"})
		}
		f.division = d
	}
	if since := q.Get("since"); since != "" {
		t, err := time.Parse(time.RFC3339, since)
		if day, dayErr := domain.ParseDay(since); err != nil && dayErr == nil {
			t, err = day.Moment().Time(), nil
		}
		if err != nil {
			return f, refuse("since", domain.Text{ZH: "时间写作 2021-06-30 或 RFC 3339", EN: "a time is a date, 2021-06-30, or RFC 3339"},
				domain.Text{ZH: "例如 2021-06-30T00:00:00+08:00", EN: "such as 2021-06-30T00:00:00+08:00"})
		}
		f.since = domain.MomentOf(t)
	}
	f.follow = q.Get("follow") == "true"
	return f, nil
}

// wants reports whether a record was asked for; foreign entries never are.
func (f *filter) wants(rec events.Record) bool {
	e := rec.Event
	return e != nil && (f.kind == "" || e.Type == f.kind) && (f.division == "" || e.Division.Within(f.division)) &&
		(f.subject == "" || e.Subject.String() == f.subject || e.Subject.Kind().String()+"/"+e.Subject.String() == f.subject) &&
		e.Recorded >= f.since
}

// serveEvents replays the events, one a line, in the very bytes of the log: the streams of the
// provinces one after the other, or, when it follows, side by side.
func (a *API) serveEvents(w http.ResponseWriter, r *http.Request) {
	f, wrong := parseFilter(r)
	if wrong != nil {
		wrong.write(w)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := &lines{w: w, control: http.NewResponseController(w), eager: f.follow}
	out.flush()
	if !f.follow {
		for _, province := range a.ledger.Provinces() {
			a.replay(r.Context(), province, &f, out)
		}
		return
	}
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	var running sync.WaitGroup
	for _, province := range a.ledger.Provinces() {
		running.Go(func() {
			defer stop()
			a.replay(ctx, province, &f, out)
		})
	}
	running.Wait()
}

// replay writes the events of one stream until its end, the client's or ctx's.
func (a *API) replay(ctx context.Context, province uint8, f *filter, out *lines) {
	read := a.ledger.Read
	if f.follow {
		read = a.ledger.Follow
	}
	for rec, err := range read(ctx, province, f.after[province]) {
		if err != nil || f.wants(rec) && !out.write(rec.Body) {
			return
		}
	}
}

// lines writes NDJSON from several goroutines to one client.
type lines struct {
	mu      sync.Mutex
	w       http.ResponseWriter // under mu
	control *http.ResponseController
	eager   bool // each line is sent at once
}

// write sends one line; false when the client is gone or too slow.
func (l *lines) write(body []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.control.SetWriteDeadline(time.Now().Add(slowest)) // not every test writer has one
	if _, err := l.w.Write(append(body[:len(body):len(body)], '\n')); err != nil {
		return false
	}
	return !l.eager || l.control.Flush() == nil
}

func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.control.Flush() // the first write tells a client that has gone
}
