package page

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/web"
)

// node is a whole ledger with both doors and the page: the sample county but for one file of
// jobs, which the import flow brings. It is made once and shared: no test changes what another
// looks at.
type node struct {
	ledger *events.Ledger
	views  *projections.Views
	door   *intake.Door
	page   *Page
	server *httptest.Server
	close  func() error

	down    atomic.Bool  // the server is as good as gone
	strange atomic.Bool  // the next record is of a kind that the views do not know
	live    atomic.Int64 // connections to /live
	anew    atomic.Int64 // times that a page was asked for anew
}

// Open opens events for the views, until one is strange to them.
func (n *node) Open(e *events.Event) (domain.Fact, error) {
	if n.strange.Load() {
		return nil, errors.New("a record of a kind that is not known")
	}
	opener := events.Opener{Ring: n.ledger.Ring()}
	return opener.Open(e)
}

// watched counts what pages ask for.
func (n *node) watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.down.Load() {
			panic(http.ErrAbortHandler)
		}
		switch {
		case r.URL.Path == "/live":
			n.live.Add(1)
			defer n.live.Add(-1)
		case r.Header.Get(liveHeader) != "":
			n.anew.Add(1)
		}
		next.ServeHTTP(w, r)
	})
}

var shared *node // set by TestMain, read by every test

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "anju-page-")
	if err == nil {
		shared, err = newNode(dir, slices.DeleteFunc(county.Names(), func(name string) bool { return name == held })...)
	}
	code := 1
	if err == nil {
		code = m.Run()
		_, end := chromium()
		end()
		err = shared.close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// held is the file that the import flow brings.
const held = "2_labour_gb18030.csv"

// sampleDay is the day that the sample's facts end on.
const sampleDay = "2021-06-30"

// newNode opens a ledger in a folder, with files of the sample county.
func newNode(dir string, names ...string) (*node, error) {
	n := &node{}
	var err error
	if n.ledger, err = events.Open(context.Background(), events.Config{Dir: filepath.Join(dir, "ledger"), Port: -1}); err != nil {
		return nil, err
	}
	n.door = intake.NewDoor(intake.Config{
		Log: n.ledger, Directory: n.ledger.Directory(), Opener: &events.Opener{Ring: n.ledger.Ring()}, Ring: n.ledger.Ring(),
		Random: rand.Reader, Now: time.Now,
	})
	for _, name := range names {
		if _, err := n.door.Import(context.Background(), intake.Caller{Division: county.Division}, name, county.File(name), intake.ImportOptions{Record: true}); err != nil {
			return nil, err
		}
	}
	staging, err := intake.NewStaging(n.door, filepath.Join(dir, "staging"))
	if err != nil {
		return nil, err
	}
	n.views = projections.New(n.ledger, n, domain.DefaultParameters())
	if err := n.views.CaughtUp(context.Background()); err != nil {
		return nil, err
	}
	n.page = New(n.ledger, n.views, time.Now)
	n.server = httptest.NewUnstartedServer(n.watched(n.page.Handler(web.New(n.ledger, n.views, time.Now).Handler(n.door.Mount, staging.Mount))))
	n.server.Config.ErrorLog = log.New(io.Discard, "", 0) // of connections that a test breaks
	n.server.Start()
	n.close = func() error {
		n.views.Close()
		n.down.Store(true) // a browser that goes on following comes back no more
		n.server.CloseClientConnections()
		n.server.Close()
		return n.ledger.Close()
	}
	return n, nil
}

// seen is a page as it was answered.
type seen struct {
	*http.Response
	body string
}

// look fetches a page in a language.
func look(t *testing.T, path string, l language) seen {
	t.Helper()
	return shared.look(t, path, l)
}

func (n *node) look(t *testing.T, path string, l language) seen {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.server.URL+path, nil)
	require.NoError(t, err)
	req.Header.Set("Accept", "text/html")
	req.AddCookie(&http.Cookie{Name: languageCookie, Value: string(l)})
	resp, err := n.server.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return seen{resp, string(body)}
}

// idOf looks up the id behind an official number of the sample county.
func idOf(t *testing.T, kind domain.EntityKind, number string) string {
	t.Helper()
	e, err := shared.ledger.Directory().Resolve(kind, county.Division, number)
	require.NoError(t, err)
	return e.String()
}

// addresses are one of every page.
func addresses(t *testing.T) []string {
	t.Helper()
	return []string{
		"/households/" + idOf(t, domain.HouseholdKind, "520603900002") + "?at=" + sampleDay,
		"/persons/" + idOf(t, domain.PersonKind, "52060390000201") + "?at=" + sampleDay,
		"/communities/" + idOf(t, domain.CommunityKind, "520603001501") + "?at=" + sampleDay,
		"/events/ANJU-52:5000", "/lists?division=520603&at=" + sampleDay, "/lists?list=doors&at=" + sampleDay, "/lists?division=520603&housing=no_home",
		"/funds?idle=1&at=" + sampleDay, "/facilities?kind=clinic&at=" + sampleDay, "/find", "/import", "/ledger", "/discrepancies?at=" + sampleDay, "/totals/job_placed?at=" + sampleDay, "/questions", "/questions/households-by-state?division=520603&at=" + sampleDay, "/questions/monitored-households?at=" + sampleDay, "/record", "/record/job.placed", "/record/household.registered", "/record/fund.allocated", "/record/record.corrected",
		"/divisions/00?at=" + sampleDay, "/divisions/52?at=" + sampleDay, "/divisions/520603?at=" + sampleDay, "/divisions/520603001", "/divisions/110101",
	}
}

func has(body string, parts ...string) string {
	for _, p := range parts {
		if !strings.Contains(body, p) {
			return p
		}
	}
	return ""
}
