package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
)

type simulateCommand struct {
	target
	rehearsalFlags
	Households int      `default:"1000" placeholder:"N" help:"How many households. 户数。"`
	Seed       uint64   `default:"1" placeholder:"S" help:"The same seed makes the same facts; recorded twice they are there once. 种子。"`
	Division   []string `placeholder:"CODE" help:"Counties, such as 520603; default: counties of the land, in proportion to its relocated people. 县级区划。"`
}

// Help shows an example.
func (simulateCommand) Help() string {
	return `Histories of some thirty facts a household, drawn from published figures (docs/design.md, "The simulation"): nobody in them exists. They pass the door as any department's facts do; run again, the same command goes on where it was stopped.

每户约三十条事实，按公开数据抽取，均为虚构；与部门数据同样经记账入口。重复执行不会重复记录。

  anju simulate --dir county --households 5000 --seed 7 --division 520603
  anju simulate --server http://127.0.0.1:8420 --households 100000

With --from it is a rehearsal: the facts of another ledger are recorded anew, those of each home in their order, and at their pace, with made-up values in every sealed field. Run again, it goes on where it was stopped.
加 --from 即演练：按原节奏重新记录（每户、每小区等各自保持原顺序）另一账本的事实，加密字段一律换成虚构值；重复执行会接着进行。

  anju simulate --from county --dir rehearsal --speed 2592000`
}

// defaultHouseholds is the default of --households.
const defaultHouseholds = 1000

// mostHouseholds bounds a simulation: the nation has 2.66 million.
const mostHouseholds = 3_000_000

// simulationReport is what a simulation recorded.
type simulationReport struct {
	Counties   int     `json:"counties"`
	Households int     `json:"households"`
	Persons    int64   `json:"persons"`
	Facts      int64   `json:"facts"`
	Already    int64   `json:"already"` // of the facts: they were there
	Seconds    float64 `json:"seconds"`
	Rate       float64 `json:"facts_per_second"`
}

// Run records simulated histories, or another ledger's facts, through the door.
func (c simulateCommand) Run(s *session) error {
	if c.From != "" {
		if len(c.Division) > 0 || c.Households != defaultHouseholds || c.Seed != 1 {
			return errors.New("--households、--seed、--division 不能与 --from 同用：演练照来源的全部事实，请去掉 / --households, --seed and --division have no meaning with --from: a rehearsal plays all facts of its source; leave them out")
		}
		return c.rehearse(s)
	}
	if c.Speed != 0 || c.Until != "" || c.AsOf != "" {
		return errors.New("--speed、--until、--as-of 只与 --from 同用 / --speed, --until and --as-of go with --from: name the source, or leave them out")
	}
	counties, err := c.counties()
	if err != nil {
		return err
	}
	var report simulationReport
	err = c.withSink(s, func(to sink) (err error) {
		bar := s.meter("模拟 simulating", int64(c.Households))
		defer bar.end()
		report, err = simulate(s.ctx, to, counties, bar.set)
		return err
	})
	if err != nil {
		return err
	}
	if s.json {
		return json.MarshalWrite(s.out, report, jsontext.WithIndent("  "))
	}
	page := newTable(nil, 1)
	page.add("县 counties", grouped(report.Counties))
	page.add("户 households", grouped(report.Households))
	page.add("人 persons", grouped(int(report.Persons)))
	page.add("事实 facts", grouped(int(report.Facts)))
	page.add("其中已有 there already", grouped(int(report.Already)))
	page.add("秒 seconds", fmt.Sprintf("%.1f", report.Seconds))
	page.add("每秒 facts/s", grouped(int(report.Rate)))
	page.write(s.out)
	return nil
}

// counties makes the counties that are asked for.
func (c simulateCommand) counties() ([]*sample.County, error) {
	if c.Households < 1 || c.Households > mostHouseholds {
		return nil, fmt.Errorf("--households %d: 1 to %d / 户数须在1至%d之间", c.Households, mostHouseholds, mostHouseholds)
	}
	divisions := make([]domain.Division, len(c.Division))
	for i, code := range c.Division {
		d, err := domain.ParseDivision(code)
		if err != nil || len(d) != 6 || slices.Contains(divisions[:i], d) {
			return nil, fmt.Errorf("--division %s: a county's code of six digits, each once, such as 520603 / 请填写6位县级区划代码，不得重复", code)
		}
		divisions[i] = d
	}
	return sample.Nation(c.Seed, c.Households, divisions...), nil
}

// withSink calls use with the door of the folder, or with a server's.
func (c simulateCommand) withSink(s *session, use func(to sink) error) error {
	if c.Dir == "" {
		return use(&httpSink{base: strings.TrimSuffix(c.Server, "/"), client: newSinkClient()})
	}
	n, err := startNode(s, nodeConfig{Dir: c.Dir, Listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	return errors.Join(use(doorSink{n.door}), n.close())
}

// How the work of a simulation is cut: batches bound the memory, and enough of them are on their
// way to fill the groups that the door syncs.
const (
	batchHouseholds = 256
	batchesAtOnce   = 6
)

// job is a batch of one county's households: [from, to).
type job struct {
	county   *simulatedCounty
	from, to int
}

// simulatedCounty is a county whose foundations are recorded.
type simulatedCounty struct {
	*sample.County
	ids identities // of communities, facilities and projects; only read
}

// simulate records the counties' histories and tells progress, by one goroutine at a time, how
// many households are done.
func simulate(ctx context.Context, to sink, counties []*sample.County, progress func(done int64)) (simulationReport, error) {
	began := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	jobs := make(chan job)
	var tally simulationTally
	var workers sync.WaitGroup
	for range batchesAtOnce {
		workers.Go(func() {
			for j := range jobs {
				if err := j.record(ctx, to, &tally); err != nil {
					cancel(err)
				}
				tally.finish(j, progress)
			}
		})
	}
	err := offerJobs(ctx, to, counties, &tally, jobs)
	close(jobs)
	workers.Wait()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return tally.report(len(counties), time.Since(began)), err
}

// offerJobs records each county's foundations and hands out its households.
func offerJobs(ctx context.Context, to sink, counties []*sample.County, tally *simulationTally, jobs chan<- job) error {
	for _, county := range counties {
		c := &simulatedCounty{county, identities{}}
		r := recorder{to, c, c.ids, tally}
		if err := r.record(ctx, county.Foundations()); err != nil {
			return err
		}
		for from := 0; from < county.Households; from += batchHouseholds {
			select {
			case jobs <- job{c, from, min(from+batchHouseholds, county.Households)}:
			case <-ctx.Done():
				return nil
			}
		}
	}
	return nil
}

// record makes and records the histories of the batch.
func (j job) record(ctx context.Context, to sink, tally *simulationTally) error {
	if ctx.Err() != nil {
		return nil
	}
	events := make([]sample.Event, 0, (j.to-j.from)*40)
	for n := j.from; n < j.to; n++ {
		events = append(events, j.county.Household(n)...)
	}
	r := recorder{to, j.county, identities{}, tally}
	return r.record(ctx, events)
}

// simulationTally counts what was recorded; several goroutines add to it.
type simulationTally struct {
	persons, facts, already atomic.Int64

	mu         sync.Mutex // held while progress is told
	households int        // under mu
}

// finish counts a batch's households and tells how many are done.
func (t *simulationTally) finish(j job, progress func(done int64)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.households += j.to - j.from
	progress(int64(t.households))
}

func (t *simulationTally) report(counties int, took time.Duration) simulationReport {
	return simulationReport{
		Counties: counties, Households: t.households, Persons: t.persons.Load(), Facts: t.facts.Load(), Already: t.already.Load(),
		Seconds: took.Seconds(), Rate: float64(t.facts.Load()) / took.Seconds(),
	}
}
