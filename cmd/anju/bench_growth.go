package main

import "errors"

// The shares of --growth: costs are compared at a fiftieth and at the whole, 100,000 and 5,000,000
// at full scale, each over so many batches; so many households are placed again and again.
const (
	growthFirst      = 50
	growthBatch      = 250
	growthBatches    = 3
	growthHouseholds = 800
	mostGrowth       = 50_000_000
)

// growth compares what an event costs, written with its book and read, in a small and in a large
// ledger: value at the large, raw at the small.
func (b *bench) growth() (err error) {
	l, err := b.openLedger("growth")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.ledger.Close()) }()
	if err := l.register(b, max(b.c.Growth/growthHouseholds, 1)); err != nil {
		return err
	}
	first, batch := max(b.c.Growth/growthFirst, growthBatch), max(b.c.Growth/growthBatch, growthBatches)
	appended, read, err := b.costAt(l, first, batch)
	if err != nil {
		return err
	}
	b.tell("recording %d placements", b.c.Growth)
	appendedLate, readLate, err := b.costAt(l, b.c.Growth, batch)
	if err != nil {
		return err
	}
	for i := range appended {
		b.compare("growth.append", appendedLate[i], appended[i])
		b.compare("growth.read", readLate[i], read[i])
	}
	for _, row := range []struct{ name, what string }{
		{"growth.append", "recorded by the door with the book"}, {"growth.read", "read from the book, hashed"},
	} {
		b.row(row.name, "events/s", "%s, at %d events; raw: at %d, in the same ledger", row.what, b.c.Growth, first)
		b.row(row.name+".cpu", "µs", "processor time an event, all cores")
	}
	return nil
}

// costAt lets a ledger grow to a size, the last batches of it measured, and reads that many events
// from its end.
func (b *bench) costAt(l *benchLedger, size, batch int) (appended, read []cost, err error) {
	k, err := l.book()
	if err != nil {
		return nil, nil, err
	}
	if more := size - growthBatches*batch - int(k.Size()); more > 0 {
		if err := l.place(b, more); err != nil {
			return nil, nil, err
		}
	}
	for range growthBatches {
		watch := begin()
		if err := l.place(b, batch); err != nil {
			return nil, nil, err
		}
		appended = append(appended, watch.end(batch))
	}
	for range growthBatches {
		from, watch := k.Size()-uint64(growthBatches*batch), begin()
		for _, err := range k.Scan(from, k.Size()) {
			if err != nil {
				return nil, nil, err
			}
		}
		read = append(read, watch.end(growthBatches*batch))
	}
	return appended, read, nil
}
