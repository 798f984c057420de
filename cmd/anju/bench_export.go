package main

import (
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections/export"
)

// export measures how fast the facts of the simulated county are written as Parquet; raw is reading
// them alone.
func (b *bench) export() error {
	l, err := b.countyLedger()
	if err != nil {
		return err
	}
	order := export.Order{Tables: []string{"facts"}, Format: export.Parquet, AsOf: domain.NoDay}
	rows := 0
	for run := range b.c.Runs {
		watch, count := begin(), 0
		for _, err := range l.ledger.Read(b.s.ctx, provinceNumber, 0) {
			if err != nil {
				return err
			}
			count++
		}
		read := watch.end(count)
		watch = begin()
		m, err := export.Write(b.s.ctx, export.Source{Log: l.ledger}, order, b.folder(fmt.Sprintf("export-%d", run)), nil)
		if err != nil {
			return err
		}
		rows = int(m.Tables[0].Rows)
		b.compare("export.facts", watch.end(rows), read)
	}
	b.row("export.facts", "facts/s", "%d facts of the simulated county as Parquet, one folder a month, synced; raw: reading them", rows)
	b.row("export.facts.cpu", "µs", "processor time a fact, all cores; raw: reading it")
	return nil
}
