package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nats-io/nats.go/micro"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/web"
	"github.com/anju-ledger/anju/projections/web/page"
)

// Bounds of the HTTP server: a silent client holds a connection no longer than this.
const (
	headerWait = 10 * time.Second
	idleWait   = 2 * time.Minute // between two requests of one connection
	stopWait   = 5 * time.Second // for requests that are on their way when the server stops
)

// nodeConfig says which ledger a node serves, and where.
type nodeConfig struct {
	Dir      string
	Listen   string // address of HTTP
	NATSPort int    // of NATS clients, on loopback; below 1 = any free one
	NATS     string // URL of a server of one's own that keeps the streams; "" = the embedded one
	// NATSAnswers is the URL for the user who only answers clients; "" = NATS
	NATSAnswers string
	Synced      bool // the operator declares that it syncs every message

	Witnesses       []events.Witness
	WitnessesNeeded int // 0 = a majority
}

// node is a ledger that is being served.
type node struct {
	ledger *events.Ledger
	door   *intake.Door
	views  *projections.Views
	micro  micro.Service // anju-status
	http   *http.Server
	url    string // of HTTP
	doors  sync.WaitGroup
	ended  chan error // what ended the HTTP server

	ctx     context.Context // of the doors and of followers; ended by close
	stop    context.CancelFunc
	handler atomic.Pointer[http.Handler] // absent until the ledger is open and its views are rebuilt
	read    atomic.Int64                 // events that the views have read while they are rebuilt
}

// startNode serves the ledger of a folder. HTTP listens first, and says that it is starting
// until everything that is recorded stands in the views; then startNode returns.
func startNode(s *session, c nodeConfig) (*node, error) {
	listener, err := listen(s.ctx, c)
	if err != nil {
		return nil, err
	}
	n := &node{url: "http://" + listener.Addr().String(), ended: make(chan error, 2)}
	n.ctx, n.stop = context.WithCancel(context.WithoutCancel(s.ctx))
	n.http = &http.Server{Handler: http.HandlerFunc(n.serve), ReadHeaderTimeout: headerWait, IdleTimeout: idleWait}
	n.doors.Go(func() {
		if err := n.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			n.ended <- err
		}
	})
	if err := n.open(s, c); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

// listen takes the port of HTTP, and sees that the one of NATS is free.
func listen(ctx context.Context, c nodeConfig) (net.Listener, error) {
	var of net.ListenConfig
	if c.NATSPort > 0 && c.NATS == "" {
		port := strconv.Itoa(c.NATSPort)
		probe, err := of.Listen(ctx, "tcp", "127.0.0.1:"+port)
		if err != nil {
			return nil, taken(err, "127.0.0.1:"+port, "--nats-port")
		}
		if err := probe.Close(); err != nil {
			return nil, err
		}
	}
	listener, err := of.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, taken(err, c.Listen, "--listen")
	}
	return listener, nil
}

func taken(err error, address, flag string) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s %s 不可用 / cannot be used: %w", flag, address, err)
	}
	return fmt.Errorf("%s 已被占用（可能已有 anju serve 在运行）：请停止它，或用 %s 另选 / %s is taken, perhaps by another anju serve: stop that, or choose another by %s",
		address, flag, address, flag)
}

// viewsSnapshot is the file, in a ledger's folder, that views go on from.
const viewsSnapshot = "views.snapshot"

// parameterSets is the folder, in a ledger's folder, of what the views are judged by.
const parameterSets = "parameters"

// open opens the ledger, rebuilds the views and opens the doors.
func (n *node) open(s *session, c nodeConfig) (err error) {
	port := c.NATSPort
	if port < 1 {
		port = -1 // of events: any free one
	}
	n.ledger, err = events.Open(s.ctx, events.Config{
		Dir: c.Dir, Port: port, NATS: c.NATS, NATSAnswers: c.NATSAnswers, Synced: c.Synced, Unbooked: s.unbooked, Steps: s.steps,
		Witnesses: c.Witnesses, WitnessesNeeded: c.WitnessesNeeded,
	})
	if err != nil {
		return err
	}
	n.door = intake.NewDoor(intake.Config{
		Log: n.ledger, Directory: n.ledger.Directory(), Opener: &events.Opener{Ring: n.ledger.Ring()}, Ring: n.ledger.Ring(),
		Random: rand.Reader, Now: time.Now,
	})
	if err := n.door.Replay(); err != nil {
		return err
	}
	staging, err := intake.NewStaging(n.door, filepath.Join(c.Dir, "staging"))
	if err != nil {
		return err
	}
	n.doors.Go(func() { n.tuneCollector(n.ctx) })
	sets, err := projections.ReadSets(filepath.Join(c.Dir, parameterSets), domain.DefaultParameters(), s.steps)
	if err != nil {
		return err
	}
	n.views = projections.Resume(n.ledger, events.Opener{Ring: n.ledger.Ring()}, domain.DefaultParameters(),
		projections.Keep{Safe: n.ledger, Path: filepath.Join(c.Dir, viewsSnapshot), Sets: sets})
	if aside := n.views.Aside(); aside != nil && !errors.Is(aside, fs.ErrNotExist) {
		fmt.Fprintf(s.err, "视图快照未采用，从头重建 / the snapshot of the views is not used, they are made from the log: %v\n", aside)
	}
	if err := n.catchUp(s); errors.Is(err, events.ErrDiffers) { // what is proven can be read all the same
		fmt.Fprintln(s.err, "视图已停止；账本其余部分照常读取 / the views have stopped; the rest of the ledger is read as ever:", err)
	} else if err != nil {
		return err
	}
	api := web.New(n.ledger, n.views, time.Now)
	if n.micro, err = api.ServeMicro(n.ctx, n.ledger.Answers()); err != nil {
		return err
	}
	n.doors.Go(func() {
		if err := n.door.ServeNATS(n.ctx, n.ledger.Answers()); err != nil {
			n.ended <- err
		}
	})
	handler := page.New(n.ledger, n.views, time.Now).Handler(api.Handler(n.door.Mount, staging.Mount))
	n.handler.Store(&handler)
	return nil
}

// catchUpSteps is in how many steps the rebuilding of the views is shown.
const catchUpSteps = 100

// catchUp waits until everything that is recorded stands in the views.
func (n *node) catchUp(s *session) error {
	total := int64(0)
	for _, st := range n.ledger.Streams() {
		total += int64(st.Durable)
	}
	bar := s.meter("重建视图 rebuilding views", total)
	defer bar.end()
	done := int64(0)
	for _, st := range n.ledger.Streams() {
		province, _ := events.ParseStreamName(st.Stream)
		for step := range uint64(catchUpSteps) {
			at := st.Durable * (step + 1) / catchUpSteps
			if err := n.views.AtLeast(s.ctx, province, at); err != nil {
				return err
			}
			n.read.Store(done + int64(at))
			bar.set(done + int64(at))
		}
		done += int64(st.Durable)
	}
	return nil
}

// serve answers a request. Questions end when the node stops, so that followers do not hold it;
// what is being recorded is finished.
func (n *node) serve(w http.ResponseWriter, r *http.Request) {
	handler := n.handler.Load()
	if handler == nil {
		n.serveStarting(w, r)
		return
	}
	if r.Method == http.MethodGet {
		ctx, cancel := context.WithCancel(r.Context())
		defer context.AfterFunc(n.ctx, cancel)()
		defer cancel()
		r = r.WithContext(ctx)
	}
	(*handler).ServeHTTP(w, r)
}

// serveStarting answers until the ledger can.
func (n *node) serveStarting(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && r.URL.Path == "/healthz" {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"ok"}`)) // the client has gone: nobody to tell
		return
	}
	if !page.WriteStarting(w, r, n.read.Load()) {
		web.WriteStarting(w, n.read.Load())
	}
}

// close stops the doors, waits for what is on its way, and closes the ledger.
func (n *node) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	n.stop()
	err := n.http.Shutdown(ctx)
	if err != nil {
		err = n.http.Close() // a client that does not come to an end
	}
	n.doors.Wait()
	if n.micro != nil {
		err = errors.Join(err, n.micro.Stop())
	}
	if n.views != nil {
		n.views.Close()
	}
	if n.ledger != nil {
		err = errors.Join(err, n.ledger.Close())
	}
	return err
}
