package intake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/go-json-experiment/json"
)

// Bounds of one connection, by the machine's own clock, so that a slow or silent client holds little and not for ever.
const (
	readWait   = 30 * time.Second // without a byte from the client
	writeWait  = 30 * time.Second // until the client takes the answers of one chunk
	chunkLines = 512              // events read ahead while the chunk before is recorded
	lineBuffer = 64 << 10         // bytes read at a time; longer lines are refused
)

// Handler serves POST /v1/events: one CloudEvent, a CloudEvents batch, or NDJSON of any
// length, with atomic=true as one set. The caller is named by the query's department and
// division, or by the headers Anju-Department and Anju-Division.
func (d *Door) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/events", d.serveEvents)
	return mux
}

func (d *Door) serveEvents(w http.ResponseWriter, r *http.Request) {
	caller, refusal := callerOf(r)
	if refusal != nil {
		writeProblem(w, problemOf(0, []domain.Refusal{*refusal}))
		return
	}
	w.Header().Set("Anju-Identity", selfNamed)
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	atomic := r.URL.Query().Get("atomic") == "true"
	switch {
	case err == nil && (media == "application/x-ndjson" || media == "application/ndjson") && !atomic:
		d.serveStream(w, r, caller)
	case err == nil && (media == "application/x-ndjson" || media == "application/ndjson" || media == "application/json" ||
		media == "application/cloudevents+json" || media == "application/cloudevents-batch+json"):
		d.serveBody(w, r, caller, atomic)
	default:
		w.Header().Set("Accept", "application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson, application/json")
		p := problemOf(0, []domain.Refusal{wrongForm("application/cloudevents+json、application/cloudevents-batch+json、application/x-ndjson 或 application/json",
			"application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson or application/json").at("Content-Type", printable(r.Header.Get("Content-Type")))})
		p.Status = http.StatusUnsupportedMediaType
		writeProblem(w, p)
	}
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

// ParseCaller reads who records; a department or division that does not exist is refused.
func ParseCaller(department, division string) (Caller, *domain.Refusal) {
	dep, ok := domain.ParseDepartment(department)
	if !ok {
		r := wrongForm("部门代码，如 hrss", "a department's code, such as hrss").at("department", printable(department))
		return Caller{}, &r
	}
	div, err := domain.ParseDivision(division)
	if err != nil {
		r := wrongForm("区划代码的最短写法，如 520603", "a division code in its shortest form, such as 520603").at("division", printable(division))
		return Caller{}, &r
	}
	return Caller{dep, div}, nil
}

func (d *Door) serveBody(w http.ResponseWriter, r *http.Request, caller Caller, atomic bool) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readWait))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBytes))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		writeProblem(w, bodyProblem(http.StatusRequestEntityTooLarge, "内容不得超过4 MiB；请改用NDJSON", "a body holds at most 4 MiB; send NDJSON"))
		return
	case err != nil:
		writeProblem(w, bodyProblem(http.StatusRequestTimeout, "内容没有读完", "the body did not arrive in time"))
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

func bodyProblem(status int, zh, en string) *Problem {
	return &Problem{Type: problemTypes + "body", Title: zhen(zh, en), Status: status}
}

// recordBody records a body that is in memory whole; HTTP and NATS share it.
func (d *Door) recordBody(ctx context.Context, caller Caller, body []byte, atomic bool) (answers []Answer, single bool, problem *Problem) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, false, bodyProblem(http.StatusBadRequest, "内容为空", "the body is empty")
	}
	parts, err := Split(body)
	lines := bytes.Split(bytes.TrimSpace(body), []byte("\n"))
	if err == nil && len(parts) == 1 && len(lines) > 1 && len(bytes.TrimSpace(lines[0])) > 1 && bytes.HasSuffix(bytes.TrimSpace(lines[0]), []byte("}")) {
		parts = parts[:0]
		for _, line := range lines {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				parts = append(parts, line)
			}
		}
	}
	if err != nil {
		return nil, false, bodyProblem(http.StatusBadRequest, "内容不是事件或事件列表："+err.Error(), err.Error())
	}
	if len(parts) == 0 || len(parts) > maxSet {
		return nil, false, bodyProblem(http.StatusRequestEntityTooLarge, "一次须提交1至1024条记录", "a body holds 1 to 1,024 events")
	}
	subs := make([]*Submission, len(parts))
	for i, part := range parts {
		subs[i] = Parse(part, caller, d.now())
	}
	single = len(subs) == 1 && bytes.TrimSpace(body)[0] == '{'
	return d.Record(ctx, caller, subs, atomic), single, nil
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
	ctx, cancel := context.WithCancel(r.Context())
	chunks := make(chan chunk, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(chunks)
		d.readLines(ctx, control, r.Body, caller, chunks)
	}()
	index := 0
	for c := range chunks {
		answers := d.Record(ctx, caller, c.subs, false)
		if err := d.writeLines(control, w, answers, index); err != nil {
			break
		}
		index += len(answers)
	}
	cancel()
	_ = control.SetReadDeadline(time.Now())
	for range chunks { // lets the reader end
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
		_ = control.SetReadDeadline(time.Now().Add(readWait))
		c := chunk{}
		for len(c.subs) < chunkLines && c.err == nil && (len(c.subs) == 0 || in.Buffered() > 0) {
			var line []byte
			if line, c.err = readLine(in); len(bytes.TrimSpace(line)) > 0 {
				c.subs = append(c.subs, Parse(line, caller, d.now()))
			}
		}
		if len(c.subs) > 0 {
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
