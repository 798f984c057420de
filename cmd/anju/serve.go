package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats.go/micro"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/web"
)

// Bounds of the HTTP server: a silent client holds a connection no longer than this.
const (
	headerWait = 10 * time.Second
	stopWait   = 10 * time.Second
)

// node is a ledger that is being served.
type node struct {
	ledger *events.Ledger
	door   *intake.Door
	views  *projections.Views
	micro  micro.Service // anju-status
	http   *http.Server
	url    string // of HTTP
	stop   context.CancelFunc
	doors  sync.WaitGroup
	ended  chan error // what ended the HTTP server
}

// startNode opens the ledger of a folder and serves it on an address; port is that of NATS
// clients, -1 any free one.
func startNode(ctx context.Context, dir, address string, port int) (*node, error) {
	ledger, err := events.Open(ctx, events.Config{Dir: dir, Port: port})
	if err != nil {
		return nil, err
	}
	door := intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
		Random: rand.Reader, Now: time.Now,
	})
	if err := door.Replay(); err != nil {
		return nil, errors.Join(err, ledger.Close())
	}
	staging, err := intake.NewStaging(door, filepath.Join(dir, "staging"))
	if err != nil {
		return nil, errors.Join(err, ledger.Close())
	}
	views := projections.New(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters())
	if err := views.CaughtUp(ctx); err != nil { // answers begin with what is recorded already
		views.Close()
		return nil, errors.Join(err, ledger.Close())
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		views.Close()
		return nil, errors.Join(err, ledger.Close())
	}
	mux := http.NewServeMux()
	mux.Handle("POST /v1/events", door.Handler())
	mux.Handle("/v1/imports", staging.Handler())
	mux.Handle("/v1/imports/", staging.Handler())
	api := web.New(ledger, views, time.Now)
	mux.Handle("/", api.Handler())
	n := &node{
		ledger: ledger, door: door, views: views, url: "http://" + listener.Addr().String(), ended: make(chan error, 1),
		http: &http.Server{Handler: mux, ReadHeaderTimeout: headerWait},
	}
	ctx, n.stop = context.WithCancel(context.WithoutCancel(ctx))
	if n.micro, err = api.ServeMicro(ctx, ledger.Conn()); err != nil {
		return nil, errors.Join(err, listener.Close(), n.close())
	}
	n.doors.Go(func() {
		if err := door.ServeNATS(ctx, ledger.Conn()); err != nil {
			n.ended <- err
		}
	})
	n.doors.Go(func() {
		if err := n.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			n.ended <- err
		}
	})
	return n, nil
}

// close stops the doors, waits for what is on its way, and closes the ledger.
func (n *node) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	n.stop()
	err := n.http.Shutdown(ctx)
	if err != nil {
		err = n.http.Close() // followers do not end by themselves
	}
	n.doors.Wait()
	if n.micro != nil {
		err = errors.Join(err, n.micro.Stop())
	}
	n.views.Close()
	return errors.Join(err, n.ledger.Close())
}

type serveCommand struct {
	Dir      string `default:"anju-data" type:"path" help:"The ledger's folder; made when it is not there."`
	Listen   string `default:"127.0.0.1:8420" help:"Address of HTTP."`
	NATSPort int    `name:"nats-port" default:"4222" help:"Port of NATS clients, on loopback; -1 picks a free one."`
}

// Run serves a ledger until it is interrupted.
func (c serveCommand) Run(s *session) error {
	n, err := startNode(s.ctx, c.Dir, c.Listen, c.NATSPort)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "HTTP  %s\nNATS  %s\n", n.url, n.ledger.ClientURL())
	select {
	case <-s.ctx.Done():
	case err = <-n.ended:
	}
	return errors.Join(err, n.close())
}
