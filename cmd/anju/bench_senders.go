package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
)

// manySenders is how many clients record one event each at the same time.
const manySenders = 64

// answerWait bounds the wait for one answer over NATS.
const answerWait = 30 * time.Second

// natsReceipt is what a sender reads of its answer.
type natsReceipt struct {
	Sequence uint64 `json:"sequence"`
	Already  bool   `json:"already"`
}

// request records one event over NATS and returns its receipt.
func (a *appendBench) request(conn *nats.Conn, event []byte) (r natsReceipt, err error) {
	m, err := conn.Request("anju.record.hrss."+string(benchCounty), event, answerWait)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(m.Data, &r); err != nil || r.Sequence == 0 || r.Already {
		return r, errors.Join(err, fmt.Errorf("no receipt: %.300s", m.Data))
	}
	return r, nil
}

// connect opens clients of the ledger's server, over loopback.
func (a *appendBench) connect(count int) (conns []*nats.Conn, closeAll func(), err error) {
	closeAll = func() {
		for _, c := range conns {
			c.Close()
		}
	}
	for range count {
		conn, err := nats.Connect(a.n.ledger.ClientURL())
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		conns = append(conns, conn)
	}
	return conns, closeAll, nil
}

// events writes the next jobs, each by itself.
func (a *appendBench) events(count int) ([][]byte, error) {
	all := make([][]byte, count)
	for i := range all {
		var err error
		if all[i], err = a.job(nil); err != nil {
			return nil, err
		}
		all[i] = bytes.TrimSpace(all[i])
	}
	return all, nil
}

// senders lets 64 clients record one event at a time each.
func (a *appendBench) senders() error {
	each := a.scaled(senderEvents)
	conns, closeAll, err := a.connect(manySenders)
	if err != nil {
		return err
	}
	defer closeAll()
	for range a.c.Runs {
		all, err := a.events(each)
		if err != nil {
			return err
		}
		var waits []float64
		_, err = a.measured("append.64senders", each, manySenders, func() error {
			waits, err = a.atOnce(conns, all)
			return err
		})
		if err != nil {
			return err
		}
		a.take("append.64senders.p99", quantile(waits, 0.99), 0)
	}
	a.row("append.64senders", "events/s", "%d events a run; raw in groups of %d", each, manySenders)
	a.row("append.64senders.cpu", "µs", cpuScale)
	a.row("append.64senders.p99", "ms", "of each run's %d requests", each)
	return nil
}

// atOnce lets each connection record its share, one after the other; it returns how long each
// request waited, in milliseconds.
func (a *appendBench) atOnce(conns []*nats.Conn, all [][]byte) ([]float64, error) {
	waits := make([]float64, len(all))
	failures := make([]error, len(conns))
	var senders sync.WaitGroup
	for w, conn := range conns {
		senders.Go(func() {
			for i := w; i < len(all) && failures[w] == nil; i += len(conns) {
				began := time.Now()
				_, failures[w] = a.request(conn, all[i])
				waits[i] = milliseconds(time.Since(began))
			}
		})
	}
	senders.Wait()
	return waits, errors.Join(failures...)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// one lets a single client record one event after the other; raw publishes and syncs them one by
// one, in process.
func (a *appendBench) one() error {
	each := a.scaled(oneEvents)
	conns, closeAll, err := a.connect(1)
	if err != nil {
		return err
	}
	defer closeAll()
	for range a.c.Runs {
		all, err := a.events(each)
		if err != nil {
			return err
		}
		from := a.position()
		waits, err := a.atOnce(conns, all)
		if err != nil {
			return err
		}
		messages, err := a.recorded(from)
		if err != nil {
			return err
		}
		raws := make([]float64, len(messages))
		for i := range messages {
			began := time.Now()
			if err := a.raw.Append(a.s.ctx, messages[i:i+1], 1); err != nil {
				return err
			}
			raws[i] = milliseconds(time.Since(began))
		}
		a.take("append.one", median(waits), median(raws))
	}
	a.row("append.one", "ms", "p50 of %d events a run", each)
	return nil
}

// visiblePace is the rate at which append.visible records.
const visiblePace = time.Millisecond

// visible measures how long after its receipt an event counts in a status answer, while a
// thousand a second are recorded.
func (a *appendBench) visible() error {
	each := a.scaled(visibleEvents)
	conns, closeAll, err := a.connect(manySenders)
	if err != nil {
		return err
	}
	defer closeAll()
	for range a.c.Runs {
		all, err := a.events(each)
		if err != nil {
			return err
		}
		waits, err := a.paced(conns, all)
		if err != nil {
			return err
		}
		a.take("append.visible", quantile(waits, 0.99), 0)
	}
	a.row("append.visible", "ms", "p99 of %d events a run at 1,000/s, from the receipt to a status that counts it", each)
	return nil
}

// paced hands one event after the other, at the pace, to whichever connection is free, and
// returns how long each took from its receipt to the status.
func (a *appendBench) paced(conns []*nats.Conn, all [][]byte) ([]float64, error) {
	waits := make([]float64, len(all))
	failures := make([]error, len(conns))
	next := make(chan int)
	var senders sync.WaitGroup
	for w, conn := range conns {
		senders.Go(func() {
			for i := range next {
				var err error
				if waits[i], err = a.seen(conn, all[i]); err != nil {
					failures[w] = err
				}
			}
		})
	}
	tick := time.NewTicker(visiblePace)
	for i := range all {
		<-tick.C
		next <- i
	}
	tick.Stop()
	close(next)
	senders.Wait()
	return waits, errors.Join(failures...)
}

// seen records one event and asks for its household's status until the event counts.
func (a *appendBench) seen(conn *nats.Conn, event []byte) (wait float64, err error) {
	receipt, err := a.request(conn, event)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	var of struct {
		Data struct {
			Person domain.Entity `json:"person"`
		} `json:"data"`
	}
	if err := json.Unmarshal(event, &of); err != nil {
		return 0, err
	}
	home, _ := a.n.ledger.Directory().Home(of.Data.Person)
	ctx, cancel := context.WithTimeout(a.s.ctx, answerWait)
	defer cancel()
	if err := a.n.views.AtLeast(ctx, provinceNumber, receipt.Sequence); err != nil {
		return 0, err
	}
	_, err = a.n.views.Household(home.Entity, domain.MakeDay(2022, 6, 30))
	return milliseconds(time.Since(began)), err
}

// busyRows is how many rows a department imports while the senders record.
const busyRows = 20_000

// busy measures the 64 senders again while a file is imported and snapshots are written.
func (a *appendBench) busy() error {
	each := a.scaled(senderEvents)
	conns, closeAll, err := a.connect(manySenders)
	if err != nil {
		return err
	}
	defer closeAll()
	all, err := a.events(each)
	if err != nil {
		return err
	}
	rows := a.scaled(busyRows)
	imported := make(chan error, 1)
	file := labourFile(rows, personNumbers(sample.NewCounty(benchCounty, 0, a.scaled(registerEvents))))
	go func() { imported <- a.importing(a.n.door, "labour.csv", file, rows) }()
	ended, snapshots := make(chan struct{}), make(chan int, 1)
	go func() { snapshots <- a.snapshotsUntil(ended) }()
	began := time.Now()
	waits, err := a.atOnce(conns, all)
	took := time.Since(began)
	close(ended)
	count := <-snapshots
	if err := errors.Join(err, <-imported); err != nil {
		return err
	}
	a.take("append.64senders.busy", float64(each)/took.Seconds(), 0)
	a.take("append.64senders.busy.p99", quantile(waits, 0.99), 0)
	a.row("append.64senders.busy", "events/s", "%d events, one run, beside %d snapshots and an import of %d rows", each, count, rows)
	a.row("append.64senders.busy.p99", "ms", "of these requests")
	return nil
}

// snapshotEvery is far more often than a ledger writes its snapshot by itself: each run of the
// senders meets several.
const snapshotEvery = 250 * time.Millisecond

// snapshotsUntil writes the ledger's snapshot again and again until the others have ended; it
// returns how many.
func (a *appendBench) snapshotsUntil(ended <-chan struct{}) (count int) {
	tick := time.NewTicker(snapshotEvery)
	defer tick.Stop()
	for {
		if a.n.ledger.Snapshot() == nil { // one that a set is in the way of is made again
			count++
		}
		select {
		case <-ended:
			return count
		case <-tick.C:
		}
	}
}
