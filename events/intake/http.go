package intake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of one connection, by the machine's own clock, so that a slow or silent client holds little and not for ever.
const (
	readWait   = 30 * time.Second // without a byte from the client, or for one line of a stream
	slowest    = 1 << 10          // bytes a second that a body must bring after the first readWait
	writeWait  = 30 * time.Second // until the client takes the answers of one chunk
	chunkLines = 512              // events read ahead while the chunk before is recorded
	lineBuffer = 64 << 10         // bytes read at a time; longer lines are refused
)

// Handler serves POST /v1/events: one CloudEvent, a CloudEvents batch, or NDJSON of any
// length, with atomic=true as one set. The caller is named by the query's department and
// division, or by the headers Anju-Department and Anju-Division.
func (d *Door) Handler() http.Handler { return router(d.operations()) }

func (d *Door) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Anju-Identity", selfNamed)
	caller, refusal := callerOf(r)
	if refusal != nil {
		writeProblem(w, problemOf(0, []domain.Refusal{*refusal}))
		return
	}
	if p := wrongContent(w, r); p != nil {
		writeProblem(w, p)
		return
	}
	atomic, refusal := flag(r.URL.Query(), "atomic", false)
	if refusal != nil {
		writeProblem(w, badRequest(*refusal))
		return
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && (media == "application/x-ndjson" || media == "application/ndjson") && !atomic:
		d.serveStream(w, r, caller)
	case err == nil && (media == "application/x-ndjson" || media == "application/ndjson" || media == "application/json" ||
		media == "application/cloudevents+json" || media == "application/cloudevents-batch+json"):
		d.serveBody(w, r, caller, atomic)
	default:
		w.Header().Set("Accept", "application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson, application/json")
		writeProblem(w, unsupportedBy(noEventsType().at("Content-Type", printable(r.Header.Get("Content-Type")))))
	}
}

// wrongContent refuses what no door takes: a compressed body, whose size nobody knows before it
// is unpacked, and a CloudEvent in binary mode, whose attributes stand in headers.
func wrongContent(w http.ResponseWriter, r *http.Request) *Problem {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		w.Header().Set("Accept-Encoding", "identity")
		return unsupportedBy(wrongForm(zhen("不压缩的内容", "a body without compression"), zhen("请不压缩提交", "send the body as it is")).at("Content-Encoding", printable(coding)))
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "Ce-") {
			return unsupportedBy(wrongForm(zhen("结构化模式的CloudEvent：属性写在JSON内，而非请求头", "a CloudEvent in structured mode: its attributes stand in the JSON, not in headers"), zhen("请删去 Ce- 开头的请求头，把属性写进JSON", "remove the headers that begin with Ce-, and write the attributes into the JSON")).at(name, ""))
		}
	}
	return nil
}

func unsupportedBy(r domain.Refusal) *Problem {
	p := problemOf(0, []domain.Refusal{r})
	p.Status = http.StatusUnsupportedMediaType
	return p
}

func callerOf(r *http.Request) (Caller, *domain.Refusal) {
	first := func(name, header string) string {
		if v := r.URL.Query().Get(name); v != "" {
			return v
		}
		return r.Header.Get(header)
	}
	return ParseCaller(first("department", "Anju-Department"), first("division", "Anju-Division"))
}

// patientBody reads a request's body as long as it comes: each read must bring something within
// the wait, and all of them together the slowest rate, so that a long upload over a poor line
// ends and a client that trickles is cut off.
type patientBody struct {
	io.Reader
	control *http.ResponseController
	wait    time.Duration
	begun   time.Time
	got     int64
}

// patient bounds how long the body of a request may take to come.
func patient(w http.ResponseWriter, body io.Reader, wait time.Duration) *patientBody {
	return &patientBody{Reader: body, control: http.NewResponseController(w), wait: wait, begun: time.Now()}
}

// Read reads what has come; at the end the connection is without a deadline again, since the
// answer may take longer to make.
func (b *patientBody) Read(p []byte) (int, error) {
	until := b.begun.Add(b.wait + time.Duration(b.got)*time.Second/slowest)
	if soon := time.Now().Add(b.wait); soon.Before(until) {
		until = soon
	}
	_ = b.control.SetReadDeadline(until)
	n, err := b.Reader.Read(p)
	b.got += int64(n)
	if errors.Is(err, io.EOF) {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

func (d *Door) serveBody(w http.ResponseWriter, r *http.Request, caller Caller, atomic bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, io.NopCloser(patient(w, r.Body, d.readWait)), maxBytes))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		writeProblem(w, bodyProblem(http.StatusRequestEntityTooLarge, longBody()))
		return
	case err != nil:
		writeProblem(w, tooSlow())
		return
	}
	answers, single, problem := d.recordBody(r.Context(), caller, body, atomic)
	switch {
	case problem != nil:
		writeProblem(w, problem)
	case single && answers[0].Problem != nil:
		writeProblem(w, answers[0].Problem)
	case single:
		status := http.StatusCreated
		if answers[0].Receipt.Already {
			status = http.StatusOK
		}
		writeJSON(w, status, "application/json", answers[0].Receipt)
	default:
		writeJSON(w, http.StatusOK, "application/json", answers)
	}
}

// bodyProblem refuses a body as a whole.
func bodyProblem(status int, r rule) *Problem {
	p := newProblem("body", status, r.rule)
	p.Refusals = []domain.Refusal{r.at("", "")}
	return p
}

// tooSlow answers a client that went silent, or whose connection broke, in the middle of a body.
func tooSlow() *Problem {
	return bodyProblem(http.StatusRequestTimeout, rule{
		domain.Malformed, zhen("内容没有及时送达", "the body did not arrive in time"),
		zhen("已回执的记录均已保存，其余请重新提交", "what has a receipt is recorded; send the rest again"),
	})
}

// recordBody records a body that is in memory whole; HTTP and NATS share it.
func (d *Door) recordBody(ctx context.Context, caller Caller, body []byte, atomic bool) (answers []Answer, single bool, problem *Problem) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, false, bodyProblem(http.StatusBadRequest, emptyBody())
	}
	parts, err := Split(body)
	if err != nil {
		p := bodyProblem(http.StatusBadRequest, noEvents())
		p.Detail = err.Error()
		return nil, false, p
	}
	if lines := bytes.Split(bytes.TrimSpace(body), []byte("\n")); len(parts) == 1 && len(lines) > 1 && !jsontext.Value(body).IsValid() && bytes.HasSuffix(bytes.TrimSpace(lines[0]), []byte("}")) {
		parts = parts[:0] // NDJSON
		for _, line := range lines {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				parts = append(parts, line)
			}
		}
	}
	switch {
	case len(parts) == 0:
		return nil, false, bodyProblem(http.StatusBadRequest, emptyBody())
	case len(parts) > maxSet:
		return nil, false, bodyProblem(http.StatusRequestEntityTooLarge, manyEvents())
	}
	subs := make([]*Submission, len(parts))
	for i, part := range parts {
		subs[i] = Parse(part, caller, d.now())
	}
	single = len(subs) == 1 && bytes.TrimSpace(body)[0] != '['
	answers, problem = d.record(ctx, caller, subs, atomic && !single) // one event by itself is no set
	return answers, single, problem
}

// MarshalJSON writes the one that there is.
func (a Answer) MarshalJSON() ([]byte, error) { return a.append(nil) }

// chunk is what was read ahead of one stream.
type chunk struct {
	subs []*Submission
	err  error // of reading; after these events
}

// serveStream records NDJSON as it comes and answers line by line: one chunk is read and
// checked while the one before is on its way to the disk.
func (d *Door) serveStream(w http.ResponseWriter, r *http.Request, caller Caller) {
	control := http.NewResponseController(w)
	_ = control.EnableFullDuplex()
	w.Header().Set("Content-Type", "application/x-ndjson")
	// A read that fails ends the request's own context; what came whole before is recorded all the same.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	chunks := make(chan chunk, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(chunks)
		d.readLines(ctx, control, r.Body, caller, chunks)
	}()
	index := 0
	var gone error
	for c := range chunks {
		answers := d.Record(ctx, caller, c.subs, false)
		index += len(answers)
		if c.err != nil && !errors.Is(c.err, io.EOF) {
			answers = append(answers, Answer{Problem: tooSlow()})
		}
		if gone = d.writeLines(control, w, answers, index-len(c.subs)); gone != nil {
			break
		}
	}
	cancel()
	if gone != nil {
		_ = control.SetReadDeadline(time.Now()) // lets the reader end; the connection is of no use any more
		for range chunks {
		}
	}
	<-done
}

func (d *Door) writeLines(control *http.ResponseController, w io.Writer, answers []Answer, index int) error {
	_ = control.SetWriteDeadline(time.Now().Add(writeWait))
	b := make([]byte, 0, len(answers)*384)
	for i, a := range answers {
		if a.Problem != nil {
			a.Problem.Index = index + i
		}
		var err error
		if b, err = a.append(b); err != nil {
			return err
		}
		b = append(b, '\n')
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	return control.Flush()
}

// readLines reads events until the body ends, and hands them on in chunks that end where the
// client pauses.
func (d *Door) readLines(ctx context.Context, control *http.ResponseController, body io.Reader, caller Caller, chunks chan<- chunk) {
	in := bufio.NewReaderSize(body, lineBuffer)
	for {
		_ = control.SetReadDeadline(time.Now().Add(d.readWait))
		c := chunk{}
		for len(c.subs) < chunkLines && c.err == nil && (len(c.subs) == 0 || holdsLine(in)) {
			var line []byte
			if line, c.err = readLine(in); len(bytes.TrimSpace(line)) > 0 {
				c.subs = append(c.subs, Parse(line, caller, d.now()))
			}
		}
		if errors.Is(c.err, io.EOF) {
			_ = control.SetReadDeadline(time.Time{}) // the connection is to serve the next request
		}
		if len(c.subs) > 0 || c.err != nil {
			select {
			case chunks <- c:
			case <-ctx.Done():
				return
			}
		}
		if c.err != nil {
			return
		}
	}
}

// holdsLine reports that a whole line has come already.
func holdsLine(in *bufio.Reader) bool {
	waiting, _ := in.Peek(in.Buffered())
	return bytes.IndexByte(waiting, '\n') >= 0
}

// readLine returns the next line; of one that is too long only so much that Parse refuses it.
func readLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	head := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = in.ReadSlice('\n')
	}
	return head, err
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	writeJSON(w, p.Status, "application/problem+json", p)
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}
