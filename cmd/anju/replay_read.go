package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/events"
)

// errCut reports a connection that ended in the middle of its answer.
var errCut = errors.New("连接中断 / the connection was cut")

// reading reads the events of a ledger over HTTP, in the order of its answer. A server leaves a
// client that takes nothing for thirty seconds, as one does that keeps a pace or is paused: so a
// connection that is cut is opened again behind what was read. One goroutine uses it.
type reading struct {
	s       *session
	address string            // of the events
	pairs   map[string]string // what is asked, without after
	at      position          // how far each stream was read, or is to be passed over
	read    int64             // events so far
}

// newReading begins behind the positions that after names.
func newReading(s *session, base string, pairs map[string]string) (*reading, error) {
	at, err := parsePosition(pairs["after"])
	return &reading{s: s, address: base + "/v1/events", pairs: pairs, at: at}, err
}

// each hands out the events to their end; a line is the reading's until the next. take's error ends it.
func (r *reading) each(take func(e *events.Event, line []byte) error) error {
	for {
		before := r.read
		err := r.once(take)
		if !errors.Is(err, errCut) || r.read == before {
			return err
		}
	}
}

// behind is what is asked for, and only what stands behind a position.
func (r *reading) behind(at position) map[string]string {
	pairs := map[string]string{"after": at.String()}
	for name, value := range r.pairs {
		if name != "after" {
			pairs[name] = value
		}
	}
	return pairs
}

// once reads one answer.
func (r *reading) once(take func(e *events.Event, line []byte) error) error {
	resp, err := open(r.s, get(r.address, r.behind(r.at)))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return eachEvent(resp.Body, func(e *events.Event, line []byte) error {
		r.read++
		if err := take(e, line); err != nil {
			return err
		}
		r.at[e.Stream()] = e.Sequence
		return nil
	})
}

// eachEvent reads lines; a line is the reader's until the next. A last line that is a problem says
// why there are no more, one without its end that the connection was cut: errCut.
func eachEvent(in io.Reader, take func(e *events.Event, line []byte) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, mostLine), mostLine)
	lines.Split(wholeLines)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue // it keeps a connection open
		}
		if bytes.HasPrefix(lines.Bytes(), []byte(problemLine)) {
			return problemText(http.StatusText(http.StatusOK), lines.Bytes())
		}
		e, err := events.Parse(lines.Bytes())
		if err != nil {
			return err
		}
		if err := take(e, lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%w: %w", errCut, err)
	}
	return nil
}

// wholeLines is bufio.ScanLines but for a last line that has no end: that was cut off.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if end := bytes.IndexByte(data, '\n'); end >= 0 {
		return end + 1, data[:end], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return 0, nil, nil
}

// position is how far each stream was read.
type position map[string]uint64

// parsePosition reads "ANJU-52:12345,ANJU-53:7"; nothing is the beginning.
func parsePosition(text string) (position, error) {
	at := position{}
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		stream, digits, _ := strings.Cut(part, ":")
		_, ours := events.ParseStreamName(stream)
		sequence, err := strconv.ParseUint(digits, 10, 64)
		if !ours || err != nil {
			return nil, fmt.Errorf("--after %q：应为位置，如 ANJU-52:12345 / a position, such as ANJU-52:12345", part)
		}
		at[stream] = sequence
	}
	return at, nil
}

// String writes a position as --after takes it.
func (p position) String() string {
	parts := make([]string, 0, len(p))
	for _, stream := range slices.Sorted(maps.Keys(p)) {
		parts = append(parts, stream+":"+strconv.FormatUint(p[stream], 10))
	}
	return strings.Join(parts, ",")
}
