package main

import (
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
)

// Sizes of what is recorded late, at full scale.
const (
	lateHouseholds = 20_000
	lateEvents     = 20_000 // each run, and as many that are not late
)

// late records visits of the first days of a simulated county among the facts of all years that followed, and as many
// that come after all: until every board is made again. A late fact may cost what one of today costs.
func (b *bench) late() (err error) {
	a := &appendBench{bench: b, client: newSinkClient()}
	if a.n, err = startNode(b.s, nodeConfig{Dir: b.folder("late"), Listen: "127.0.0.1:0"}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.n.close()) }()
	county := sample.NewCounty(benchCounty, 1, b.scaled(lateHouseholds))
	b.tell("recording a county of %d simulated households", county.Households)
	load, err := simulate(b.s.ctx, &httpSink{base: a.n.url, client: a.client}, []*sample.County{county}, func(int64) {})
	if err != nil {
		return err
	}
	if err := a.counted(); err != nil {
		return err
	}
	visits := &visits{homes: a.n.views.Households()}
	each := b.scaled(lateEvents)
	for range b.c.Runs {
		fresh, err := a.visit(visits, each, historyEnd)
		if err != nil {
			return err
		}
		late, err := a.visit(visits, each, historyBegin)
		if err != nil {
			return err
		}
		b.compare("asof.late", late, fresh)
	}
	b.row("asof.late", "events/s", "%d visits a run of the first day among %d facts of %d households, until the board is made; raw: visits of the last day", each, load.Facts, load.Households)
	b.row("asof.late.cpu", "µs", cpuScale)
	return nil
}

// visits makes visits to one household after the other.
type visits struct {
	homes []domain.Entity
	made  int
}

// next returns the next visit on a day.
func (v *visits) next(day domain.Day) sample.Event {
	kind, _ := domain.KindOf("visit.made")
	home := v.homes[v.made%len(v.homes)]
	v.made++
	return sample.Event{
		Kind: kind, Subject: home, Time: day, Division: benchCounty, Key: fmt.Sprint("late/visit.made/", v.made),
		Data: &domain.VisitMade{Purpose: "routine"},
	}
}

// visit records so many visits on a day and returns what they cost until the county's board counts them.
func (a *appendBench) visit(v *visits, count int, day domain.Day) (cost, error) {
	var bodies [][]byte
	for left := count; left > 0; left -= bulkLines {
		var body []byte
		for range min(left, bulkLines) {
			e := v.next(day)
			var err error
			if body, err = appendSubmission(body, &planned{event: &e}); err != nil {
				return cost{}, err
			}
		}
		bodies = append(bodies, body)
	}
	watch := begin()
	if _, err := a.send("township", bodies); err != nil {
		return cost{}, err
	}
	err := a.counted()
	return watch.end(count), err
}

// counted waits until the county's board counts all that is recorded.
func (a *appendBench) counted() error {
	if err := a.n.views.CaughtUp(a.s.ctx); err != nil {
		return err
	}
	_, err := a.n.views.Board(benchCounty, historyEnd)
	return err
}
