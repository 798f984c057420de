package main

import (
	"crypto/rand"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/intake"
)

// Sizes of the ledgers that are read at full scale; smaller scales take a share.
const (
	jobEvents      = 500_000 // samples of job.placed
	jobHouseholds  = 6_000   // whose members are placed
	readHouseholds = 20_000  // of the simulated county
)

// benchLedger is an open ledger with its door and nothing else: no server, no views.
type benchLedger struct {
	ledger *events.Ledger
	door   *intake.Door
	jobs   placements
}

// openLedger opens the ledger of a folder of the bench's own.
func (b *bench) openLedger(name string) (*benchLedger, error) {
	ledger, err := events.Open(b.s.ctx, events.Config{Dir: b.folder(name), Port: -1})
	if err != nil {
		return nil, err
	}
	door := intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
		Random: rand.Reader, Now: time.Now,
	})
	return &benchLedger{ledger: ledger, door: door}, errors.Join(door.Replay())
}

// book returns the book of what was recorded.
func (l *benchLedger) book() (*book.Book, error) { return l.ledger.Book(provinceNumber) }

// register registers households of a county, whose members are placed afterwards.
func (l *benchLedger) register(b *bench, households int) error {
	county := sample.NewCounty(benchCounty, 1, households)
	return b.inParts(households, registerLines, func(from, to int) error {
		facts := make([]planned, 0, to-from)
		for n := from; n < to; n++ {
			e := registration(county, n)
			facts = append(facts, planned{event: &e})
		}
		all, err := doorSink{l.door}.record(b.s.ctx, intake.Caller{Department: "rural", Division: benchCounty}, facts)
		if err == nil {
			l.jobs.meet(all)
		}
		return err
	})
}

// place records so many placements.
func (l *benchLedger) place(b *bench, count int) error {
	return b.inParts(count, bulkLines, func(from, to int) error {
		facts := make([]planned, 0, to-from)
		for range to - from {
			e := l.jobs.next()
			facts = append(facts, planned{event: &e})
		}
		_, err := doorSink{l.door}.record(b.s.ctx, intake.Caller{Department: "hrss", Division: benchCounty}, facts)
		return err
	})
}

// inParts does work on parts of a whole, some at the same time.
func (b *bench) inParts(count, size int, work func(from, to int) error) error {
	parts := make(chan int)
	failures := make([]error, bulkSenders)
	var working sync.WaitGroup
	for w := range failures {
		working.Go(func() {
			for from := range parts {
				if failures[w] == nil {
					failures[w] = work(from, min(from+size, count))
				}
			}
		})
	}
	for from := 0; from < count; from += size {
		parts <- from
	}
	close(parts)
	working.Wait()
	return errors.Join(failures...)
}

// jobLedger returns a ledger of placements, recorded once.
func (b *bench) jobLedger() (*benchLedger, error) {
	if b.placed != nil {
		return b.placed, nil
	}
	l, err := b.openLedger("jobs")
	if err != nil {
		return nil, err
	}
	b.placed = l
	b.tell("recording %d placements", b.scaled(jobEvents))
	return l, errors.Join(l.register(b, b.scaled(jobHouseholds)), l.place(b, b.scaled(jobEvents)))
}

// countyLedger returns a ledger of the simulated county, recorded once.
func (b *bench) countyLedger() (*benchLedger, error) {
	if b.county != nil {
		return b.county, nil
	}
	l, err := b.openLedger("county")
	if err != nil {
		return nil, err
	}
	b.county = l
	households := b.scaled(readHouseholds)
	b.tell("recording a county of %d simulated households", households)
	_, err = simulate(b.s.ctx, doorSink{l.door}, []*sample.County{sample.NewCounty(benchCounty, 1, households)}, func(int64) {})
	return l, err
}

// leaveLedgers closes what is open.
func (b *bench) leaveLedgers() (err error) {
	for _, l := range []*benchLedger{b.placed, b.county} {
		if l != nil {
			err = errors.Join(err, l.ledger.Close())
		}
	}
	return err
}

// placements makes the sample of job.placed again and again, each of a person and a day of its own.
type placements struct {
	mu     sync.Mutex
	people []domain.Entity // under mu
	made   int             // under mu
}

// meet keeps the persons whom receipts of registrations tell.
func (p *placements) meet(receipts []told) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range receipts {
		for _, id := range r.ids {
			if id.Kind() == domain.PersonKind {
				p.people = append(p.people, id)
			}
		}
	}
}

// next returns the next placement.
func (p *placements) next() sample.Event {
	p.mu.Lock()
	person, day := p.people[p.made%len(p.people)], domain.MakeDay(2015, 1, 1)+domain.Day(p.made/len(p.people))
	p.made++
	p.mu.Unlock()
	kind, _ := domain.KindOf("job.placed")
	fact := *kind.Sample.(*domain.JobPlaced)
	fact.Person, fact.Placement = domain.PersonID{Entity: person}, domain.PlacementID{}
	fact.Employer = "某某食品加工有限责任公司服装车间" // so that the event has the length of a real one
	e := sample.Event{Kind: kind, Time: day, Division: "520603003501", Data: &fact}
	e.Key = "labour/job.placed/" + person.String() + "/" + day.String()
	return e
}

// registration is the first fact of a county's household, by itself.
func registration(county *sample.County, n int) sample.Event {
	e := county.Household(n)[0]
	f := e.Data.(*domain.HouseholdRegistered)
	f.Community = domain.CommunityID{} // none is established here
	e.Subject = 0
	for i := range f.Members {
		f.Members[i].Person = domain.PersonID{}
	}
	return e
}

// onOneCore runs a measurement on one core, so that its rate is that of a core.
func onOneCore(measure func() error) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	return measure()
}
