package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake"
)

// sink is a door that facts are recorded through: an open folder's own, or a server's.
type sink interface {
	// record records the facts of one caller and returns what the receipts tell, in order. A
	// refusal is an error: what is simulated keeps every rule.
	record(ctx context.Context, caller intake.Caller, facts []planned) ([]told, error)
}

// told is what a receipt tells.
type told struct {
	already bool
	ids     map[string]domain.Entity // of entities that the fact created
}

// doorSink is the door of a folder that this process has open.
type doorSink struct{ door *intake.Door }

func (d doorSink) record(ctx context.Context, caller intake.Caller, facts []planned) ([]told, error) {
	subs := make([]*intake.Submission, len(facts))
	for i := range facts {
		e := facts[i].event
		subs[i] = &intake.Submission{
			Kind: e.Kind, Key: intake.Key{{Text: e.Key, Raw: true}}, Subject: intake.Name{Pointer: "/subject", ID: e.Subject},
			Time: e.Time.Moment(), Division: e.Division, Fact: e.Data,
		}
	}
	answers := d.door.Record(ctx, caller, subs, false)
	all := make([]told, len(facts))
	for i, a := range answers {
		if a.Problem != nil {
			text, err := json.Marshal(a.Problem)
			if err != nil {
				return nil, err
			}
			return nil, refused(&facts[i], text)
		}
		all[i] = told{a.Receipt.Already, a.Receipt.IDs}
	}
	return all, nil
}

func refused(p *planned, problem []byte) error {
	return fmt.Errorf("the door refused a simulated %s of %s: %s", p.event.Kind.Name, p.event.Time, problem)
}

// httpSink is a server's door.
type httpSink struct {
	base   string
	client *http.Client
}

// newSinkClient returns a client that keeps a connection for every request that may be on its way.
func newSinkClient() *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 16 * batchesAtOnce}
	return &http.Client{Transport: transport}
}

func (h *httpSink) record(ctx context.Context, caller intake.Caller, facts []planned) ([]told, error) {
	var body []byte
	for i := range facts {
		var err error
		if body, err = appendSubmission(body, &facts[i]); err != nil {
			return nil, err
		}
	}
	q := query(map[string]string{"department": string(caller.Department), "division": string(caller.Division)})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.base+"/v1/events?"+q, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := h.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("the ledger does not answer: start \"anju serve\", or name a folder by --dir: %w", err)
	}
	defer resp.Body.Close()
	all := make([]told, 0, len(facts))
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if len(all) == len(facts) {
			return nil, fmt.Errorf("more than %d answers to %d facts", len(all), len(facts))
		}
		t, err := readTold(lines.Bytes(), &facts[len(all)])
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	if len(all) < len(facts) {
		return nil, fmt.Errorf("%d answers to %d facts: the server stopped; run the same command again to go on", len(all), len(facts))
	}
	return all, nil
}

// appendSubmission writes a fact as a line of POST /v1/events.
func appendSubmission(b []byte, p *planned) ([]byte, error) {
	e := p.event
	data, err := domain.Encode(e.Data)
	if err != nil {
		return nil, err
	}
	text := func(name, value string) {
		b = append(append(append(b, '"'), name...), `":"`...)
		b = append(append(b, value...), `",`...)
	}
	b = append(b, '{')
	text("type", e.Kind.Name)
	text("key", e.Key)
	text("time", e.Time.String())
	text("division", string(e.Division))
	if e.Subject.Present() {
		text("subject", e.Subject.Kind().String()+"/"+e.Subject.String())
	}
	b = append(b, `"data":`...)
	return append(append(b, data...), "}\n"...), nil
}

// readTold reads a receipt; of a fact that creates nothing only whether it was there already.
func readTold(line []byte, p *planned) (t told, err error) {
	if !bytes.HasPrefix(line, []byte(`{"id":"`)) {
		return told{}, refused(p, line)
	}
	if len(p.creates) == 0 {
		return told{already: bytes.Contains(line, []byte(`"already":true`))}, nil
	}
	var receipt struct {
		Already bool                     `json:"already"`
		IDs     map[string]domain.Entity `json:"ids"`
	}
	if err := json.Unmarshal(jsontext.Value(line), &receipt); err != nil {
		return told{}, err
	}
	return told{receipt.Already, receipt.IDs}, nil
}
