package intake

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
)

// Bounds of the NATS door.
const (
	natsWorkers = 256              // requests that are checked or wait for the disk at a time
	natsWait    = 30 * time.Second // for one request to be durable
)

// ServeNATS answers requests on anju.record.<department> until ctx ends: bodies and answers as
// over HTTP. The division stands in the header Anju-Division or as the next token of the
// subject (anju.record.hrss.520603); Anju-Atomic: true makes the body one set. A fifth token,
// undo, takes back a split or a move (answerTakeBack). What a request
// says in headers goes nowhere but here: the door itself writes every message of the ledger. The
// connection is one that may publish to inboxes only.
func (d *Door) ServeNATS(ctx context.Context, nc *nats.Conn) error {
	messages := make(chan *nats.Msg, natsWorkers)
	sub, err := nc.ChanQueueSubscribe("anju.record.>", "anju-door", messages)
	if err != nil {
		return err
	}
	var workers sync.WaitGroup
	for range natsWorkers {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case m := <-messages:
					d.serveRequest(ctx, m)
				}
			}
		})
	}
	<-ctx.Done()
	err = sub.Unsubscribe()
	workers.Wait()
	return err
}

func (d *Door) serveRequest(ctx context.Context, m *nats.Msg) {
	if !strings.HasPrefix(m.Reply, "_INBOX.") {
		return // nobody would learn what became of it, or the answer itself would be stored as an event
	}
	ctx, cancel := context.WithTimeout(ctx, natsWait)
	defer cancel()
	b, err := json.Marshal(d.answerRequest(ctx, m))
	if err != nil {
		return
	}
	_ = m.Respond(b)
}

// answerRequest returns a receipt, a problem, or a list of both.
func (d *Door) answerRequest(ctx context.Context, m *nats.Msg) any {
	tokens := strings.Split(m.Subject, ".")
	division := m.Header.Get("Anju-Division")
	if len(tokens) >= 4 {
		division = tokens[3]
	}
	undo := len(tokens) == 5 && tokens[4] == undoSubject
	if division == "" || len(tokens) > 4 && !undo {
		return problemOf(0, []domain.Refusal{noDivision().at("division", "")})
	}
	caller, refusal := ParseCaller(tokens[2], division)
	if refusal != nil {
		return problemOf(0, []domain.Refusal{*refusal})
	}
	if undo {
		return d.answerTakeBack(ctx, caller, m)
	}
	atomic, refusal := flag(m.Header, "Anju-Atomic", false)
	if refusal != nil {
		return badRequest(*refusal)
	}
	answers, single, problem := d.recordBody(ctx, caller, m.Data, atomic)
	switch {
	case problem != nil:
		return problem
	case single:
		return answers[0]
	}
	return answers
}
