package events

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// ErrInUse reports a folder that another process has open; ask that process, or stop it.
var ErrInUse = errors.New("the ledger's folder is in use by another process")

// startWait bounds the start of the embedded server: a large store that was not closed is
// scanned whole.
const startWait = 10 * time.Minute

// The users of the embedded server: the ledger itself and its answers, by a password of the
// moment, and every other client, which needs none and may only ask.
const (
	ledgerUser  = "ledger"
	answersUser = "answers"
	clientUser  = "client"
)

// ledgerInbox begins the inboxes of the ledger's own connection: clients may listen on _INBOX.>
// only, so that none of them reads what the ledger reads.
const ledgerInbox = "_ANJU"

// mayAnswer is what the user of the answers may do. Whoever asks names the subject of the answer:
// so the server itself refuses the JetStream API, the streams' subjects and the ledger's inboxes.
func mayAnswer() *server.Permissions {
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: []string{"_INBOX.>"}},
		Subscribe: &server.SubjectPermission{Allow: []string{"anju.record.>", "anju.status.>", "$SRV.>"}},
	}
}

// serverConfig is what differs between embedded servers.
type serverConfig struct {
	dir        string
	port       int // of clients, on loopback; -1 picks a free one
	password   string
	syncAlways bool
}

// startServer starts the embedded server. Clients may publish only where the ledger listens,
// so that nothing but the ledger reaches the JetStream API or a stream's subjects.
func startServer(c serverConfig) (s *server.Server, own, answers *nats.Conn, err error) {
	opts := &server.Options{
		ServerName: "anju", Host: "127.0.0.1", Port: c.port, NoSigs: true, NoLog: false,
		JetStream: true, StoreDir: filepath.Join(c.dir, "jetstream"), JetStreamDomain: "anju",
		SyncAlways: c.syncAlways, MaxPayload: 1 << 20,
		NoAuthUser: clientUser,
		Users: []*server.User{
			{Username: ledgerUser, Password: c.password},
			{Username: answersUser, Password: c.password, Permissions: mayAnswer()},
			{Username: clientUser, Password: c.password, Permissions: &server.Permissions{
				Publish:   &server.SubjectPermission{Allow: []string{"anju.record.>", "anju.status.>", "$SRV.>"}},
				Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX.>"}},
			}},
		},
	}
	if s, err = server.NewServer(opts); err != nil {
		return nil, nil, nil, fmt.Errorf("embedded server: %w", err)
	}
	if err := free(c.port); err != nil { // NewServer writes the default into opts
		return nil, nil, nil, err
	}
	go s.Start() // ends in Shutdown; Ledger.Close waits for it
	if !s.ReadyForConnections(startWait) {
		s.Shutdown()
		return nil, nil, nil, errors.New("embedded server: not ready in time")
	}
	own, err = nats.Connect("", nats.InProcessServer(s), nats.UserInfo(ledgerUser, c.password),
		nats.Name("anju"), nats.CustomInboxPrefix(ledgerInbox))
	if err == nil {
		answers, err = nats.Connect("", nats.InProcessServer(s), nats.UserInfo(answersUser, c.password), answering(), unheard())
	}
	if err != nil {
		s.Shutdown()
		return nil, nil, nil, fmt.Errorf("embedded server: %w", err)
	}
	return s, own, answers, nil
}

// free reports a port of the loopback that another program holds: the server would wait for it in
// silence as long as startWait. Below zero any will do.
func free(port int) error {
	if port < 0 {
		return nil
	}
	if port == 0 {
		port = server.DEFAULT_PORT
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("embedded server: %w", err)
	}
	return listener.Close()
}

// answering names the connection of the answers.
func answering() nats.Option { return nats.Name("anju-answers") }

// unheard drops what the server says of answers that it refuses: the subjects are a stranger's,
// who could fill the log with them.
func unheard() nats.Option {
	return nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})
}

// dialServer connects to a server that the ledger does not run. It stays connected, or tries
// to, until it is closed: meanwhile the door answers that it does not know. A single server is
// refused unless the operator declares that it syncs each message.
func dialServer(url string, synced bool) (*nats.Conn, error) {
	conn, err := nats.Connect(url, nats.Name("anju"), nats.CustomInboxPrefix(ledgerInbox), nats.MaxReconnects(-1))
	if err != nil {
		return nil, fmt.Errorf("the NATS server does not answer: %w", err) // the URL may hold a password
	}
	if conn.ConnectedClusterName() == "" && !synced {
		conn.Close()
		return nil, ErrNotDurable
	}
	return conn, nil
}

// dialAnswers connects to such a server as the user of the answers; without a URL of its own that
// is the ledger's own user.
func dialAnswers(c Config) (*nats.Conn, error) {
	url := c.NATSAnswers
	if url == "" {
		url = c.NATS
	}
	conn, err := nats.Connect(url, answering(), unheard(), nats.MaxReconnects(-1))
	if err != nil {
		return nil, fmt.Errorf("the NATS server does not take the user of the answers: %w", err) // as above
	}
	return conn, nil
}

// safeReplicas is how many copies make a cluster's own acknowledgement durable.
const safeReplicas = 3

// noReplicas is the server's error code for "replicas > 1 not supported in non-clustered mode".
const noReplicas = 10074

// ErrNotDurable refuses a server whose acknowledgement a power cut can take back: run it with
// three replicas, or with sync_interval: always and declare so.
var ErrNotDurable = errors.New("the server's acknowledgement is not durable: it needs three replicas, or sync_interval: always and --synced")
