package events

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// ErrInUse reports a folder that another process has open; ask that process, or stop it.
var ErrInUse = errors.New("the ledger's folder is in use by another process")

// startWait bounds the start of the embedded server: a large store that was not closed is
// scanned whole.
const startWait = 10 * time.Minute

// The users of the embedded server: the ledger itself, by a password of the moment, and every
// other client, which needs none and may only ask.
const (
	ledgerUser = "ledger"
	clientUser = "client"
)

// serverConfig is what differs between embedded servers.
type serverConfig struct {
	dir        string
	port       int // of clients, on loopback; -1 picks a free one
	password   string
	syncAlways bool
}

// startServer starts the embedded server. Clients may publish only where the ledger listens,
// so that nothing but the ledger reaches the JetStream API or a stream's subjects.
func startServer(c serverConfig) (*server.Server, *nats.Conn, error) {
	opts := &server.Options{
		ServerName: "anju", Host: "127.0.0.1", Port: c.port, NoSigs: true, NoLog: false,
		JetStream: true, StoreDir: filepath.Join(c.dir, "jetstream"), JetStreamDomain: "anju",
		SyncAlways: c.syncAlways, MaxPayload: 1 << 20,
		NoAuthUser: clientUser,
		Users: []*server.User{
			{Username: ledgerUser, Password: c.password},
			{Username: clientUser, Password: c.password, Permissions: &server.Permissions{
				Publish:   &server.SubjectPermission{Allow: []string{"anju.record.>", "anju.status.>", "$SRV.>"}},
				Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX.>"}},
			}},
		},
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, nil, fmt.Errorf("embedded server: %w", err)
	}
	go s.Start() // ends in Shutdown; Ledger.Close waits for it
	if !s.ReadyForConnections(startWait) {
		s.Shutdown()
		return nil, nil, errors.New("embedded server: not ready in time")
	}
	conn, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(ledgerUser, c.password), nats.Name("anju"))
	if err != nil {
		s.Shutdown()
		return nil, nil, fmt.Errorf("embedded server: %w", err)
	}
	return s, conn, nil
}
