package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
	standing "github.com/anju-ledger/anju/projections/ask"
)

// questionTimes are how long one standing question took, in seconds.
type questionTimes struct {
	number      int
	cold, again float64
}

// ask asks every standing question about the county, each at a day and a moment of its own: first when nothing of that
// moment is kept, and then again.
func (b *bench) ask() error {
	w, err := b.worldViews()
	if err != nil {
		return err
	}
	var times []questionTimes
	for _, q := range standing.Questions() {
		switch q.Name {
		case "parts-that-do-not-sum", "looked-at-me": // about a file; waits for identity
			continue
		}
		t := questionTimes{number: q.Number}
		by, err := w.someMoment(b)
		if err != nil {
			return err
		}
		at := dayBetween(historyBegin, historyEnd)
		for _, seconds := range []*float64{&t.cold, &t.again} {
			request := w.request(&q, at, by)
			began := time.Now()
			if _, err := q.Answer(b.s.ctx, request); err != nil {
				return fmt.Errorf("question %d: %w", q.Number, err)
			}
			*seconds = time.Since(began).Seconds()
		}
		b.tell("question %d: %.3f s, again %.3f s", t.number, t.cold, t.again)
		times = append(times, t)
	}
	of := fmt.Sprintf("of %d questions about the county of %d households, each as of a random day as known at a random moment", len(times), max(b.c.Households/boardShare, 1))
	b.timesOf(times, "cold", "first asked for, "+of, func(t questionTimes) float64 { return t.cold })
	b.timesOf(times, "again", "asked again", func(t questionTimes) float64 { return t.again })
	return nil
}

// timesOf makes the slowest and the median question into rows.
func (b *bench) timesOf(times []questionTimes, name, scale string, of func(questionTimes) float64) {
	slowest := times[0]
	for _, t := range times {
		b.take("ask.median."+name, of(t), 0)
		if of(t) > of(slowest) {
			slowest = t
		}
	}
	b.take("ask.slowest."+name, of(slowest), 0)
	b.row("ask.slowest."+name, "s", "question %d, %s", slowest.number, scale)
	b.row("ask.median."+name, "s", "the median, likewise")
}

// request is a question with the least that it has to be given.
func (w *world) request(q *standing.Question, at domain.Day, by domain.Moment) standing.Request {
	r := standing.Request{
		Values: map[string]string{}, At: at, By: by, Now: domain.MomentOf(time.Now()), Known: w.knownAt(by), Ledger: w.ledger.Directory(),
		Then: func(_ context.Context, by domain.Moment) (*projections.Known, error) { return w.knownAt(by), nil },
	}
	for _, o := range q.Options {
		switch {
		case o.Kind == standing.HouseholdOption:
			r.Values[o.Name] = w.ids[rand.IntN(len(w.ids))].String()
		case o.Kind == standing.DivisionOption && o.Default != "":
			r.Values[o.Name] = string(benchCounty)
		case o.Kind == standing.MomentOption:
			r.Values[o.Name] = "1990-01-01"
		case o.Kind == standing.MonthOption && o.Required:
			r.Values[o.Name] = at.String()[:len("2021-06")]
		}
	}
	return r
}
