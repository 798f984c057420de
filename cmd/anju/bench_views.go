package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/raw"
	"github.com/anju-ledger/anju/projections/web"
)

// Sizes of the questions.
const (
	distinctHouseholds = 100_000 // that statuses are asked of, at full scale
	statusTime         = 2 * time.Second
	httpRequests       = 20_000 // a run, at full scale
	httpAnswers        = 4_096  // distinct ones
	httpConnections    = 4
	boardQuestions     = 30 // a run
	rebuildOnce        = 1_000_000
)

// memory records the population and measures the server that holds it.
func (b *bench) memory() error {
	w, err := b.recordWorld()
	if err == nil && w.kept {
		err = errors.New("memory 测量的是记录过程：请去掉 --world，或换一个新目录 / memory measures the recording: leave --world out, or name a new folder")
	}
	if err != nil {
		return err
	}
	if err := b.restartWorld(w); err != nil {
		return err
	}
	each := func(resident int64) float64 { return float64(resident-w.counts.empty) / float64(w.load.Households) }
	b.take("memory.load", w.load.Rate, 0)
	b.row("memory.load", "facts/s", "%d facts of %d households over HTTP, views following", w.load.Facts, w.load.Households)
	b.take("memory.household", each(w.counts.loaded), 0)
	b.row("memory.household", "B", "%d households, %d persons, %d facts; an empty server has %d MiB", w.load.Households, w.load.Persons, w.load.Facts, w.counts.empty>>20)
	if w.counts.quiet > 0 {
		b.take("memory.household.quiet", each(w.counts.quiet), 0)
		b.row("memory.household.quiet", "B", "the same server, %s after the load", quietAfter)
	}
	b.take("memory.household.restarted", each(w.counts.restarted), 0)
	b.row("memory.household.restarted", "B", "after a clean stop and a start")
	b.take("memory.restart", w.counts.restart.Seconds(), 0)
	b.row("memory.restart", "s", "from the start of the process until it answers")
	return nil
}

// project rebuilds all views from the log; raw is a bare drain of the same stream.
func (b *bench) project() error {
	w, err := b.openWorld()
	if err != nil {
		return err
	}
	runs := b.c.Runs
	if w.load.Facts > rebuildOnce {
		runs = 1
	}
	total := 0.0
	for range runs {
		drain := begin()
		count, err := raw.Drain(b.s.ctx, w.ledger.Conn(), "ANJU-"+string(benchCounty.Province()))
		if err != nil {
			return err
		}
		drained := drain.end(int(count))
		build := begin()
		views, err := b.rebuild(w)
		if err != nil {
			return err
		}
		total = float64(count)
		b.compare("project.rebuild", build.end(int(count)), drained)
		views.Close()
	}
	b.row("project.rebuild", "events/s", "%.0f events, %d runs", total, runs)
	b.row("project.rebuild.cpu", "µs", cpuScale)
	return b.restart(w)
}

// restart makes the views again from the snapshot of a clean stop.
func (b *bench) restart(w *world) error {
	for range b.c.Runs {
		began := time.Now()
		views, err := b.resume(w)
		if err != nil {
			return err
		}
		b.take("project.restart", time.Since(began).Seconds(), 0)
		views.Close()
	}
	b.row("project.restart", "s", "all views from a snapshot, and a board")
	return nil
}

// status asks for households' statuses at random days, in process and over HTTP.
func (b *bench) status() error {
	w, err := b.worldViews()
	if err != nil {
		return err
	}
	ids := w.ids[:min(len(w.ids), b.scaled(distinctHouseholds))]
	for range b.c.Runs {
		asked, err := b.askStatuses(w, ids)
		if err != nil {
			return err
		}
		b.compare("status.inprocess", asked, cost{})
	}
	b.row("status.inprocess", "answers/s", "%d households, a random day each, %d cores", len(ids), runtime.GOMAXPROCS(0))
	b.row("status.inprocess.cpu", "µs", "processor time an answer, all cores")
	return b.statusOverHTTP(w, ids)
}

// askStatuses asks on all cores for a while.
func (b *bench) askStatuses(w *world, ids []domain.Entity) (cost, error) {
	var answers atomic.Int64
	failures := make([]error, runtime.GOMAXPROCS(0))
	var asking sync.WaitGroup
	watch := begin()
	for i := range failures {
		asking.Go(func() {
			count := int64(0)
			for count == 0 || time.Since(watch.began) < b.statusTime() && failures[i] == nil {
				_, failures[i] = w.views.Household(ids[rand.IntN(len(ids))], dayBetween(historyBegin, historyEnd))
				count++
			}
			answers.Add(count)
		})
	}
	asking.Wait()
	return watch.end(int(answers.Load())), errors.Join(failures...)
}

// statusTime is how long a run asks: less at a small scale.
func (b *bench) statusTime() time.Duration {
	return min(statusTime, time.Duration(b.c.Households)*time.Millisecond/10)
}

// statusOverHTTP compares the server with one that answers the same bytes from memory.
func (b *bench) statusOverHTTP(w *world, ids []domain.Entity) error {
	api := web.New(w.ledger, w.views, time.Now)
	ours, stopOurs, err := listenLocally(api.Handler())
	if err != nil {
		return err
	}
	defer stopOurs()
	answers := &cannedAnswers{}
	bare, stopBare, err := listenLocally(answers)
	if err != nil {
		return err
	}
	defer stopBare()
	paths := make([]string, min(httpAnswers, len(ids)))
	for i := range paths {
		paths[i] = fmt.Sprintf("/v1/households/%s?at=%s", ids[rand.IntN(len(ids))], dayBetween(historyBegin, historyEnd))
	}
	client := newSinkClient()
	if err := answers.keep(b, client, ours, paths); err != nil {
		return err
	}
	each := b.scaled(httpRequests)
	for range b.c.Runs {
		asked, err := b.askPaths(client, ours, paths, each)
		if err != nil {
			return err
		}
		bareAsked, err := b.askPaths(client, bare, paths, each)
		if err != nil {
			return err
		}
		b.compare("status.http", asked, bareAsked)
	}
	b.row("status.http", "answers/s", "%d requests a run, %d connections, answers of %d bytes", each, httpConnections, answers.size)
	b.row("status.http.cpu", "µs", "processor time an answer, all cores, clients included")
	return nil
}

// listenLocally serves a handler on loopback.
func listenLocally(h http.Handler) (base string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerWait}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // ended by Close
	}()
	return "http://" + listener.Addr().String(), func() { _ = server.Close(); <-ended }, nil
}

// cannedAnswers answers paths with bytes that were kept before it was asked.
type cannedAnswers struct {
	bodies map[string][]byte
	size   int // of an answer, on average
}

// keep asks a server for every path and keeps its answers.
func (c *cannedAnswers) keep(b *bench, client *http.Client, base string, paths []string) error {
	c.bodies = make(map[string][]byte, len(paths))
	for _, path := range paths {
		body, err := b.fetchBody(client, base+path)
		if err != nil {
			return err
		}
		c.bodies[path] = body
		c.size += len(body)
	}
	c.size /= len(paths)
	return nil
}

// ServeHTTP implements http.Handler.
func (c *cannedAnswers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(c.bodies[r.RequestURI]) // the client has gone: nobody to tell
}

func (b *bench) fetchBody(client *http.Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(b.s.ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", address, resp.Status)
	}
	return body, err
}

// askPaths asks for the paths over a few connections.
func (b *bench) askPaths(client *http.Client, base string, paths []string, count int) (cost, error) {
	failures := make([]error, httpConnections)
	var asking sync.WaitGroup
	watch := begin()
	for c := range failures {
		asking.Go(func() {
			for i := c; i < count && failures[c] == nil; i += httpConnections {
				_, failures[c] = b.fetchBody(client, base+paths[i%len(paths)])
			}
		})
	}
	asking.Wait()
	return watch.end(count), errors.Join(failures...)
}

// board counts a county and the whole population at random days, each asked for the first time.
func (b *bench) board() error {
	w, err := b.worldViews()
	if err != nil {
		return err
	}
	for _, q := range []struct {
		row      string
		division domain.Division
		from, to domain.Day
	}{
		{"board.county", benchCounty, historyBegin, historyEnd},
		{"board.recent", benchCounty.Province(), historyEnd - recentDays, historyEnd},
		{"board.any", benchCounty.Province(), historyBegin, historyEnd - recentDays - 1},
	} {
		var all []float64
		households := 0
		for range b.c.Runs {
			times := make([]float64, boardQuestions)
			for i := range times {
				at := dayBetween(q.from, q.to)
				began := time.Now()
				board, err := w.views.Board(q.division, at)
				if err != nil {
					return err
				}
				times[i] = milliseconds(time.Since(began))
				households = max(households, board.Households)
			}
			b.take(q.row, median(times), 0)
			all = append(all, times...)
		}
		b.row(q.row, "ms", "median of %d days a run; %d households; slowest %.2f ms", boardQuestions, households, quantile(all, 1))
	}
	return nil
}
