package main

import (
	"runtime"
	"runtime/debug"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/raw"
)

// benchStream is the stream of benchCounty.
var benchStream = "ANJU-" + string(benchCounty.Province())

// replay measures how fast history is read: as bytes, as facts and into views. The collector has the
// room that it has in a server.
func (b *bench) replay() error {
	defer debug.SetGCPercent(debug.SetGCPercent(collectPercent(liveHeap())))
	for _, measure := range []func() error{b.replayRaw, b.replayFacts, b.replayViews} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

// replayRaw reads entries from the book, every hash checked; raw is the bare ordered consumer on the
// same events.
func (b *bench) replayRaw() error {
	l, err := b.jobLedger()
	if err != nil {
		return err
	}
	total, size := 0, 0
	for range b.c.Runs {
		drained, err := b.drain(l)
		if err != nil {
			return err
		}
		read, bytes, err := scanBook(l)
		if err != nil {
			return err
		}
		total, size = read.count, bytes/read.count
		b.compare("replay.raw", read.cost, drained)
	}
	b.row("replay.raw", "events/s", "%d entries of %d bytes from the book, every hash checked, %d cores; raw: a bare ordered consumer", total, size, runtime.GOMAXPROCS(0))
	b.row("replay.raw.cpu", "µs", "processor time an event, all cores")
	return nil
}

// drain reads the stream of a ledger through a bare ordered consumer.
func (b *bench) drain(l *benchLedger) (cost, error) {
	watch := begin()
	count, err := raw.Drain(b.s.ctx, l.ledger.Conn(), benchStream)
	return watch.end(int(count)), err
}

// counted is the cost of so many things.
type counted struct {
	cost
	count int
}

// scanBook reads every entry of a ledger's book.
func scanBook(l *benchLedger) (read counted, bytes int, err error) {
	k, err := l.book()
	if err != nil {
		return read, 0, err
	}
	watch := begin()
	for entry, err := range k.Scan(0, k.Size()) {
		if err != nil {
			return read, 0, err
		}
		bytes += len(entry)
		read.count++
	}
	read.cost = watch.end(read.count)
	return read, bytes, nil
}

// replayFacts reads facts, sealed fields open, on one core; raw is the reading of their entries.
func (b *bench) replayFacts() error {
	l, err := b.jobLedger()
	if err != nil {
		return err
	}
	total := 0
	for range b.c.Runs {
		err := onOneCore(func() error {
			entries, _, err := scanBook(l)
			if err != nil {
				return err
			}
			facts, err := b.readFacts(l)
			total = facts.count
			b.compare("replay.facts", facts.cost, entries.cost)
			return err
		})
		if err != nil {
			return err
		}
	}
	b.row("replay.facts", "events/s", "%d events from the book to facts, one core; raw: their entries alone", total)
	b.row("replay.facts.cpu", "µs", "processor time an event")
	return nil
}

// readFacts reads every event of a ledger as its fact.
func (b *bench) readFacts(l *benchLedger) (read counted, err error) {
	opener := events.Opener{Ring: l.ledger.Ring()}
	watch := begin()
	for rec, err := range l.ledger.Read(b.s.ctx, provinceNumber, 0) {
		if err != nil {
			return read, err
		}
		if _, err := opener.Open(rec.Event); err != nil {
			return read, err
		}
		read.count++
	}
	read.cost = watch.end(read.count)
	return read, nil
}

// replayViews makes all views from the log, and what boards read; raw is the bare ordered consumer
// on the same events.
func (b *bench) replayViews() error {
	l, err := b.countyLedger()
	if err != nil {
		return err
	}
	k, err := l.book()
	if err != nil {
		return err
	}
	count := int(k.Size())
	for range b.c.Runs {
		drained, err := b.drain(l)
		if err != nil {
			return err
		}
		build := begin()
		views, err := b.rebuild(&world{ledger: l.ledger})
		if err != nil {
			return err
		}
		b.compare("replay.views", build.end(count), drained)
		views.Close()
	}
	b.row("replay.views", "events/s", "%d events of %d simulated households into all views, a board made, %d cores; raw: a bare ordered consumer", count, b.scaled(readHouseholds), runtime.GOMAXPROCS(0))
	b.row("replay.views.cpu", "µs", "processor time an event, all cores")
	return nil
}
