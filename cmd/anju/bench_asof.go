package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"strconv"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// asofQuestions is how many households are asked of the past in a run, each at a moment of its own.
const asofQuestions = 500

// asof asks what was known by random moments of the time in which the population was recorded.
func (b *bench) asof() error {
	w, err := b.worldViews()
	if err != nil {
		return err
	}
	for range b.c.Runs {
		if err := b.askThen(w); err != nil {
			return err
		}
		if err := b.countThen(w); err != nil {
			return err
		}
	}
	b.row("asof.household", "ms", "p99 of %d households a run, each as of a random day as known at a random moment", asofQuestions)
	b.row("asof.board.cold", "s", "the county of %d households, a random day and moment, first asked for", max(b.c.Households/boardShare, 1))
	b.row("asof.board.cached", "ms", "the same moment, another day")
	b.row("asof.province.cold", "s", "the province of %d households, likewise", b.c.Households)
	b.row("asof.province.room", "B", "a household: by how much the heap grew at most meanwhile, garbage included")
	b.row("asof.diff", "s", "that county at another moment beside all that is known, a page of %d households", diffPage)
	b.row("asof.diff.days", "s", "that county as known now on one random day beside another, a page of %d households", diffPage)
	b.row("asof.diff.total", "s", "that county's certificates at a moment of its own beside all that is known, a page of %d homes with their events", diffPage)
	return b.late()
}

// askThen asks for statuses.
func (b *bench) askThen(w *world) error {
	times := make([]float64, asofQuestions)
	for i := range times {
		by, err := w.someMoment(b)
		if err != nil {
			return err
		}
		began := time.Now()
		_, err = w.knownAt(by).Household(w.ids[rand.IntN(len(w.ids))], dayBetween(historyBegin, historyEnd))
		if err != nil {
			return err
		}
		times[i] = milliseconds(time.Since(began))
	}
	b.take("asof.household", quantile(times, 0.99), 0)
	return nil
}

// countThen asks for boards of one moment.
func (b *bench) countThen(w *world) error {
	by, err := w.someMoment(b)
	if err != nil {
		return err
	}
	known := w.knownAt(by)
	first := dayBetween(historyBegin, historyEnd)
	for _, q := range []struct {
		row string
		at  domain.Day
		in  time.Duration
	}{
		{"asof.board.cold", first, time.Second}, {"asof.board.cached", first + 1, time.Millisecond},
	} {
		began := time.Now()
		if _, err := known.Board(b.s.ctx, benchCounty, q.at); err != nil {
			return err
		}
		b.take(q.row, float64(time.Since(began))/float64(q.in), 0)
	}
	if err := b.countProvince(w, first); err != nil {
		return err
	}
	return b.compareThen(w, first)
}

// countProvince asks for the board of everything at a moment of its own.
func (b *bench) countProvince(w *world, at domain.Day) error {
	by, err := w.someMoment(b)
	if err != nil {
		return err
	}
	known := w.knownAt(by)
	began := time.Now()
	room, err := heapGrowth(func() error {
		_, err := known.Board(b.s.ctx, benchCounty.Province(), at)
		return err
	})
	b.take("asof.province.cold", time.Since(began).Seconds(), 0)
	b.take("asof.province.room", float64(room)/float64(b.c.Households), 0)
	return err
}

// heapLook is how often the heap is looked at.
const heapLook = 10 * time.Millisecond

// heapGrowth does some work and returns by how many bytes the heap grew at most meanwhile.
func heapGrowth(work func() error) (growth uint64, err error) {
	heap := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before, ended := heap(), make(chan error, 1)
	go func() { ended <- work() }()
	look := time.NewTicker(heapLook)
	defer look.Stop()
	for {
		growth = max(growth, max(heap(), before)-before)
		select {
		case err = <-ended:
			return growth, err
		case <-look.C:
		}
	}
}

// diffPage is how many of the households that differ are told with their events.
const diffPage = 100

// compareThen compares a moment with all that is known, a day with another, and a total of a moment with what it is now.
func (b *bench) compareThen(w *world, at domain.Day) error {
	by, err := w.someMoment(b)
	if err != nil {
		return err
	}
	before, err := w.someMoment(b)
	if err != nil {
		return err
	}
	now, other := w.knownAt(0), dayBetween(historyBegin, historyEnd)
	then, all := projections.Side{Known: w.knownAt(by), At: at}, projections.Side{Known: now, At: at}
	once, page := projections.Side{Known: w.knownAt(before), At: at}, projections.Query{Limit: diffPage}
	for _, q := range []struct {
		row string
		ask func() error
	}{
		{"asof.diff", func() error {
			_, err := then.Diff(b.s.ctx, all, benchCounty, w.ledger.Directory(), page)
			return err
		}},
		{"asof.diff.days", func() error {
			from, to := projections.Side{Known: now, At: min(at, other)}, projections.Side{Known: now, At: max(at, other)}
			_, err := from.Diff(b.s.ctx, to, benchCounty, w.ledger.Directory(), page)
			return err
		}},
		{"asof.diff.total", func() error {
			_, err := once.DiffTotal(b.s.ctx, all, benchCounty, domain.TotalIssued, page)
			return err
		}},
	} {
		began := time.Now()
		if err := q.ask(); err != nil {
			return err
		}
		b.take(q.row, time.Since(began).Seconds(), 0)
	}
	return nil
}

// knownAt is what was known by a moment.
func (w *world) knownAt(by domain.Moment) *projections.Known {
	return w.views.KnownAt(by, domain.MomentOf(time.Now()))
}

// someMoment is one at which something was recorded.
func (w *world) someMoment(b *bench) (domain.Moment, error) {
	province, err := strconv.Atoi(string(benchCounty.Province()))
	if err != nil {
		return 0, err
	}
	last := uint64(0)
	for _, s := range w.ledger.Streams() {
		last = max(last, s.Durable)
	}
	rec, err := w.ledger.Get(b.s.ctx, uint8(province), 1+rand.Uint64N(last))
	if err != nil {
		return 0, err
	}
	if rec.Event == nil {
		return 0, fmt.Errorf("event %d is none of ours", rec.Sequence)
	}
	return rec.Event.Recorded, nil
}
