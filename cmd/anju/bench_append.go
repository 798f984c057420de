package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
	"github.com/anju-ledger/anju/events/raw"
)

// Sizes of the append measurements at full scale, 300,000 households; smaller scales take a share.
const (
	fullScale      = 300_000
	bulkEvents     = 60_000 // each run
	registerEvents = 6_000  // households each run
	senderEvents   = 20_000 // each run, of all senders together
	oneEvents      = 1_000  // each run
	visibleEvents  = 2_000  // each run, at a thousand a second
)

// bulkSenders is how many connections send NDJSON at the same time, and bulkLines how many events
// each sends in one request.
const (
	bulkSenders = 8
	bulkLines   = 2_500
)

// groupSize is the size of the door's full group, and so of the raw one.
const groupSize = 1024

// appendBench is a ledger that is appended to, and a raw stream that gets the same bytes.
type appendBench struct {
	*bench
	n      *node
	raw    *raw.Stream
	client *http.Client
	placements
}

// benchCounty is where what is appended happens.
const benchCounty = domain.Division("520603")

// scaled is a size at the scale of this bench.
func (b *bench) scaled(full int) int {
	return max(full*min(b.c.Households, fullScale)/fullScale, 64)
}

func (b *bench) append() (err error) {
	a := &appendBench{bench: b, client: newSinkClient()}
	if a.n, err = startNode(b.s, nodeConfig{Dir: b.folder("append"), Listen: "127.0.0.1:0"}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.n.close()) }()
	if a.raw, err = raw.Open(b.s.ctx, b.folder("raw")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.raw.Close()) }()
	for _, measure := range []func() error{a.register, a.bulk, a.senders, a.one, a.visible, a.busy} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

// register registers households with new keys, sealed, as NDJSON.
func (a *appendBench) register() error {
	each := a.scaled(registerEvents)
	for run := range a.c.Runs {
		county := sample.NewCounty(benchCounty, uint64(run), each)
		bodies, err := registrations(county)
		if err != nil {
			return err
		}
		_, err = a.measured("append.register", each, groupSize, func() error {
			answers, err := a.send("rural", bodies)
			if err == nil {
				err = a.meetAll(answers)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	a.row("append.register", "households/s", "%d households a run, %d persons in all", each, len(a.people))
	a.row("append.register.cpu", "µs", cpuScale)
	return nil
}

// registrations writes the first facts of a county's households as bodies of NDJSON.
func registrations(county *sample.County) (bodies [][]byte, err error) {
	var body []byte
	for n := range county.Households {
		e := registration(county, n)
		if body, err = appendSubmission(body, &planned{event: &e}); err != nil {
			return nil, err
		}
		if n%registerLines == registerLines-1 {
			bodies, body = append(bodies, body), nil
		}
	}
	return append(bodies, body), nil
}

// registerLines is how many households one request registers.
const registerLines = 500

// meetAll keeps the persons whom answers tell.
func (a *appendBench) meetAll(answers [][]byte) error {
	for _, body := range answers {
		var receipts []told
		for line := range bytes.Lines(body) {
			var receipt struct {
				IDs map[string]domain.Entity `json:"ids"`
			}
			if err := json.Unmarshal(line, &receipt); err != nil {
				return err
			}
			receipts = append(receipts, told{ids: receipt.IDs})
		}
		a.meet(receipts)
	}
	return nil
}

// bulk places jobs as NDJSON over HTTP.
func (a *appendBench) bulk() error {
	each := a.scaled(bulkEvents)
	var size float64 // of an event
	var err error
	for range a.c.Runs {
		bodies, failed := a.bulkBodies(each)
		if failed != nil {
			return failed
		}
		size, err = a.measured("append.bulk", each, groupSize, func() error {
			_, err := a.send("hrss", bodies)
			return err
		})
		if err != nil {
			return err
		}
	}
	a.row("append.bulk", "events/s", "%d events a run of %.0f bytes, %d senders", each, size, bulkSenders)
	a.row("append.bulk.cpu", "µs", cpuScale)
	return nil
}

// bulkBodies writes the next jobs as requests of NDJSON.
func (a *appendBench) bulkBodies(count int) (bodies [][]byte, err error) {
	for left := count; left > 0; left -= bulkLines {
		body, err := a.place(min(left, bulkLines))
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	return bodies, nil
}

// place writes the next jobs as NDJSON.
func (a *appendBench) place(count int) (body []byte, err error) {
	for range count {
		if body, err = a.job(body); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// job writes the next job.
func (a *appendBench) job(b []byte) ([]byte, error) {
	e := a.next()
	return appendSubmission(b, &planned{event: &e})
}

// send posts the bodies over several connections and returns the answers; every event must have
// its receipt.
func (a *appendBench) send(department string, bodies [][]byte) ([][]byte, error) {
	answers := make([][]byte, len(bodies))
	failures := make([]error, bulkSenders)
	var senders sync.WaitGroup
	for w := range bulkSenders {
		senders.Go(func() {
			for i := w; i < len(bodies) && failures[w] == nil; i += bulkSenders {
				answers[i], failures[w] = a.post(department, bodies[i])
			}
		})
	}
	senders.Wait()
	return answers, errors.Join(failures...)
}

// post sends one request and checks that every event of it has a receipt.
func (a *appendBench) post(department string, body []byte) ([]byte, error) {
	q := query(map[string]string{"department": department, "division": string(benchCounty)})
	req, err := http.NewRequestWithContext(a.s.ctx, http.MethodPost, a.n.url+"/v1/events?"+q, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if got, want := bytes.Count(answer, []byte(`"already":false`)), bytes.Count(body, []byte("\n")); got != want {
		return nil, fmt.Errorf("%d receipts for %d events: %.300s", got, want, answer)
	}
	return answer, nil
}

// measured times a recording of count events, with what the views do of it, then stores the very
// bytes that it made in the raw stream, in groups of a size. It returns the mean size of an event.
func (a *appendBench) measured(row string, count, group int, record func() error) (size float64, err error) {
	if err := a.n.views.CaughtUp(a.s.ctx); err != nil {
		return 0, err
	}
	from := a.position()
	watch := begin()
	if err := record(); err != nil {
		return 0, err
	}
	recorded := watch.end(count)
	if err := a.n.views.CaughtUp(a.s.ctx); err != nil {
		return 0, err
	}
	recorded.cpu = watch.end(count).cpu
	messages, err := a.recorded(from)
	if err != nil {
		return 0, err
	}
	if len(messages) != count {
		return 0, fmt.Errorf("%s: %d events were recorded instead of %d", row, len(messages), count)
	}
	for _, m := range messages {
		size += float64(len(m.Body)) / float64(count)
	}
	watch = begin()
	if err := a.raw.Append(a.s.ctx, messages, group); err != nil {
		return 0, err
	}
	a.compare(row, recorded, watch.end(count))
	return size, nil
}

// position is the durable end of the province's stream.
func (a *appendBench) position() uint64 {
	for _, s := range a.n.ledger.Streams() {
		if s.Stream == "ANJU-"+string(benchCounty.Province()) {
			return s.Durable
		}
	}
	return 0
}

// recorded reads what was recorded after a position, once the views have it too.
func (a *appendBench) recorded(from uint64) (messages []raw.Message, err error) {
	if err := a.n.views.CaughtUp(a.s.ctx); err != nil {
		return nil, err
	}
	for rec, err := range a.n.ledger.Read(a.s.ctx, provinceNumber, from) {
		if err != nil {
			return nil, err
		}
		messages = append(messages, raw.Message{Subject: rec.Subject, Body: rec.Body})
	}
	return messages, nil
}

// provinceNumber is the stream of benchCounty.
const provinceNumber = 52
