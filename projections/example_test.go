package projections_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/web"
)

// channels counts job placements by channel: a view of one's own.
type channels struct {
	at    projections.Position
	until uint64 // the example ends here; a service has no end
	jobs  map[domain.JobChannel]int
}

var errEnough = errors.New("enough")

// Position says where the view stands.
func (c *channels) Position() projections.Position { return c.at }

// Apply counts the placements and lets everything else pass.
func (c *channels) Apply(e *events.Event, fact domain.Fact) error {
	if job, ok := fact.(*domain.JobPlaced); ok {
		c.jobs[job.Channel]++
	}
	c.at[e.Stream()] = e.Sequence
	if e.Sequence == c.until {
		return errEnough
	}
	return nil
}

// A view of one's own follows a running ledger over HTTP.
func ExampleRemote_Run() {
	server, durable, end := runningLedger()
	defer end()
	view := &channels{at: projections.Position{}, until: durable, jobs: map[domain.JobChannel]int{}}
	err := projections.Remote{Server: server}.Run(context.Background(), view)
	fmt.Println(err, view.jobs)
	// Output: enough map[factory:445 labour_export:405 public_welfare_post:384 self_found:397 work_relief:398 workshop:424]
}

// runningLedger serves the sample county's register and jobs.
func runningLedger() (server string, durable uint64, end func()) {
	now := func() time.Time { return time.Date(2021, 7, 1, 4, 0, 0, 0, time.UTC) }
	ledger, err := events.Open(context.Background(), events.Config{Clock: now})
	if err != nil {
		log.Fatal(err)
	}
	door := intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
		Random: rand.Reader, Now: now,
	})
	for _, name := range county.Names()[:3] {
		_, err := door.Import(context.Background(), intake.Caller{Division: county.Division}, name, county.File(name), intake.ImportOptions{Record: true})
		if err != nil {
			log.Fatal(err)
		}
	}
	views := projections.New(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters())
	http := httptest.NewServer(web.New(ledger, views, now).Handler())
	return http.URL, ledger.Streams()[0].Durable, func() {
		views.Close()
		http.CloseClientConnections()
		http.Close()
		if err := ledger.Close(); err != nil {
			log.Fatal(err)
		}
	}
}
