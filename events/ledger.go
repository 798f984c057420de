package events

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/anju-ledger/anju/events/seal"
)

// Config says where a ledger lies and how it is served.
type Config struct {
	Dir  string // the ledger's folder; "" keeps everything in memory, for tests
	Port int    // of NATS clients, on loopback; 0 = 4222, -1 = any free one
	NATS string // URL of a server of one's own; "" = the embedded one
	// NATSAnswers is the URL of the same server for a user who may answer clients and do nothing
	// else (docs/operate.md); "" = NATS.
	NATSAnswers string
	Synced      bool             // the operator declares that that server syncs each message (sync_interval: always)
	MinFree     uint64           // bytes of disk below which the door refuses; 0 = 256 MiB
	Clock       func() time.Time // nil = time.Now
	ScrubEvery  time.Duration    // how often everything durable is read and compared again; 0 = 24 hours
	// Repair are provinces whose streams are made again from their books at the start. A book that is
	// itself damaged is made whole first, from itself and the stream, which then stays as it is:
	// when they differ, repair once more.
	Repair    []uint8
	Witnesses []Witness // asked to cosign every checkpoint, and at the start what they have seen
	Restoring bool      // a restore is begun or goes on (BeginRestore): nothing is signed
	// WitnessesNeeded is how many of them must cosign a checkpoint before it counts as witnessed;
	// 0 = a majority.
	WitnessesNeeded int

	// Unbooked keeps streams without a book, so that what the book costs can be measured. Nothing
	// of such a ledger can be proved or repaired.
	Unbooked bool

	// Fails injects failures into a ledger in memory: it is asked before each step "publish",
	// "ack" and "sync".
	Fails func(step string) error
	// Steps, when set, is told the name of each step of the crash order (docs/design.md, "The book")
	// before the step: "keys", "publish", "half" of the group, "enter", "sync", "receipt", "answered",
	// and of a checkpoint "head", "sign", "name" and "signed". Tests end their process there.
	Steps func(step string)

	minute <-chan time.Time // tells tests' ledgers when to check the streams; nil = each minute
	look   <-chan time.Time // and when to look whether a snapshot is due; nil = each second
	scrub  <-chan time.Time // and when to compare a piece, with the time that it is; nil = each second
	tail   uint64           // how many events make it due; 0 = snapshotTail
}

// defaultMinFree leaves room for the server's own index files and for a clean stop.
const defaultMinFree = 256 << 20

// Ledger is an open log with its server, keyring and directory. Its methods may be called
// concurrently; Close ends it.
type Ledger struct {
	config    Config
	lock      *os.File
	disk      *disk
	opened    bool // completely
	marked    bool // the folder bears the mark of an open one
	ring      *seal.Ring
	shelf     *bookshelf // nil for a ledger in memory
	witnesses *witnesses // nil: it asks none
	server    *server.Server
	conn      *nats.Conn
	answers   *nats.Conn // of the user who only answers
	js        jetstream.JetStream
	directory *Directory
	owners    idOwners
	resumed   map[uint8]loadedDoor // what the snapshot knew, until the doors are open
	damaged   map[uint8]error      // what the books of Config.Repair are to be mended of
	cancel    context.CancelFunc
	ctx       context.Context // of the goroutines that the ledger runs; ended by Close
	running   sync.WaitGroup
	closed    sync.Once

	saving    sync.Mutex       // held while a snapshot is written
	recording atomic.Int64     // Appends that wait for their answers
	scrubs    map[string]Scrub // as the file had them; until the doors are open
	scrubKept time.Time        // of the goroutine of scrub: when it wrote the file

	mu         sync.Mutex
	writers    map[uint8]*writer // under mu
	alarms     map[uint8]string  // under mu: why a stream could not be checked
	snapshotAt time.Time         // under mu: when the doors' snapshot was last written
}

// Open opens the ledger of a folder, made when it is not there: it takes the folder for this
// process, opens the keyring, starts the server, reads every stream, syncs what it found and
// starts the doors. After an unclean stop the store is read from the disk, not from its cache.
func Open(ctx context.Context, c Config) (*Ledger, error) {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.MinFree == 0 {
		c.MinFree = defaultMinFree
	}
	if c.tail == 0 {
		c.tail = snapshotTail
	}
	if c.ScrubEvery == 0 {
		c.ScrubEvery = scrubDaily
	}
	l := &Ledger{config: c, writers: map[uint8]*writer{}, alarms: map[uint8]string{}, damaged: map[uint8]error{}}
	l.ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := l.open(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context) error {
	if err := l.openFolder(); err != nil {
		return err
	}
	l.directory = NewDirectory(l.ring.Tag)
	if l.config.Dir == "" {
		return nil
	}
	l.resumed, _ = l.readSnapshot() // one that does not open is left aside
	l.scrubs = readScrubs(l.config.Dir)
	provinces, err := l.listProvinces(ctx)
	if err != nil {
		return err
	}
	for _, province := range provinces {
		if _, err := l.writer(ctx, province); err != nil {
			return err
		}
	}
	if err := l.openBooks(ctx); err != nil {
		return err
	}
	l.resumed, l.opened = nil, true
	l.openWitnesses(ctx)
	l.running.Go(l.watch)
	l.running.Go(l.scrub)
	l.running.Go(l.signCheckpoints)
	l.running.Go(l.saveNowAndThen)
	return nil
}

// openBooks opens the streams that only their books still know: the server has lost them whole.
func (l *Ledger) openBooks(ctx context.Context) error {
	provinces, err := l.shelf.streams()
	for _, province := range provinces {
		if _, failed := l.writer(ctx, province); failed != nil {
			return failed
		}
	}
	return err
}

// unclean marks, by its presence, a folder that was not closed.
const unclean = "open"

func (l *Ledger) openFolder() (err error) {
	dir := l.config.Dir
	if dir == "" {
		l.ring, err = seal.NewMemoryRing()
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if l.lock, err = lock(filepath.Join(dir, "lock")); err != nil {
		return err
	}
	if err := l.checkKeeper(); err != nil {
		return err
	}
	var groups bool
	if l.disk, groups, err = openDisk(dir); err != nil {
		return err
	}
	if err := l.markOpen(filepath.Join(dir, unclean)); err != nil {
		return err
	}
	// A store without its keyring is a loss to be repaired from a copy, not a new beginning.
	_, noStore := os.Stat(filepath.Join(dir, "jetstream"))
	if l.ring, err = seal.OpenRing(seal.Config{Dir: dir, Existing: noStore == nil}); err != nil {
		return err
	}
	if _, err := os.Stat(restorePath(dir)); err == nil && !l.config.Restoring {
		return ErrRestoring
	}
	if l.shelf, err = openBookshelf(dir); err != nil {
		return err
	}
	if l.witnesses, err = newWitnesses(l.config, l.shelf); err != nil {
		return err
	}
	l.shelf.witnesses = l.witnesses
	l.shelf.steps = l.config.Steps
	l.shelf.syncs = !groups || l.config.NATS != ""
	if err := l.setAside(); err != nil {
		return err
	}
	if l.config.NATS != "" {
		if l.conn, err = dialServer(l.config.NATS, l.config.Synced); err == nil {
			l.answers, err = dialAnswers(l.config)
		}
	} else {
		l.server, l.conn, l.answers, err = startServer(serverConfig{dir, l.config.Port, rand.Text(), !groups})
	}
	if err == nil {
		err = l.markKeeper()
	}
	if err != nil {
		return err
	}
	l.js, err = jetstream.New(l.conn, jetstream.WithDefaultTimeout(publishWait))
	return err
}

// markOpen leaves the mark of an open folder, and first repairs what an unclean stop may have
// left: it reads the store from the disk.
func (l *Ledger) markOpen(mark string) error {
	if _, err := os.Stat(mark); err == nil {
		if err := l.disk.forget(l.config.Dir); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return err
	}
	l.marked = true
	return l.disk.sync()
}

// writer returns the door of a province, opening its stream, made when it is not there.
func (l *Ledger) writer(ctx context.Context, province uint8) (*writer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w, open := l.writers[province]; open {
		return w, nil
	}
	if province > 99 {
		return nil, fmt.Errorf("%w: no province %d", ErrNotFound, province)
	}
	w := l.newWriter(province)
	if l.config.Dir == "" {
		w.store = &memoryStore{fails: l.config.Fails}
	} else {
		stream, err := l.openStream(ctx, province)
		if err != nil {
			return nil, err
		}
		w.store = &jetStore{conn: l.conn, name: StreamName(province), stream: stream, flush: l.flush, steps: l.config.Steps}
		w.shared = l.config.NATS != ""
		if err := l.giveBook(w); err != nil {
			return nil, err
		}
	}
	if d, ok := l.resumed[province]; ok {
		w.saved = &d
	}
	if err := w.open(ctx); err != nil {
		return nil, errors.Join(err, w.closeBook())
	}
	l.writers[province] = w
	l.owners.join(w)
	l.running.Go(func() { w.run(l.ctx) })
	return w, nil
}

// openStream returns the stream of a province; one whose settings are not the ledger's is
// refused, since an append-only promise rests on them.
func (l *Ledger) openStream(ctx context.Context, province uint8) (jetstream.Stream, error) {
	want := streamConfig(province)
	if l.needsReplicas() {
		want.Replicas = safeReplicas
	}
	stream, err := l.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = l.js.CreateStream(ctx, want)
		if failed := (*jetstream.APIError)(nil); errors.As(err, &failed) && failed.ErrorCode == noReplicas {
			err = fmt.Errorf("%w: %w", ErrNotDurable, err)
		}
	}
	if err != nil {
		return nil, err
	}
	if wrong := differsFrom(stream.CachedInfo().Config, want); wrong != "" {
		return nil, fmt.Errorf("stream %s is not configured as a ledger: %s", want.Name, wrong)
	}
	if got := stream.CachedInfo().Config.Replicas; got < want.Replicas {
		return nil, fmt.Errorf("%w: stream %s has %d replicas", ErrNotDurable, want.Name, got)
	}
	return stream, nil
}

// needsReplicas says that only a cluster's copies make its acknowledgement durable.
func (l *Ledger) needsReplicas() bool { return l.config.NATS != "" && !l.config.Synced }

// flush puts on disk what the embedded server has written; another server's acknowledgement is
// durable by itself, or it was refused at the start.
func (l *Ledger) flush() error {
	if l.server == nil {
		return nil
	}
	return l.disk.sync()
}

// room refuses when the disk is nearly full, before the store would fail.
func (l *Ledger) room() error {
	if l.disk == nil {
		return nil
	}
	free, err := l.disk.free()
	if err != nil {
		return err
	}
	if free < l.config.MinFree {
		return fmt.Errorf("%w: %d MiB are left", ErrDiskFull, free>>20)
	}
	return nil
}

// draftsAtOnce is how many drafts are queued together: with events of the largest size they
// are a full group.
const draftsAtOnce = maxGroupBytes / MaxEvent

// requestsAhead bounds how much of one Append waits in the queue at a time: a quarter of a group, so that
// who sends one event is not kept waiting by who sends thousands.
const requestsAhead = 2

// Append implements Log.
func (l *Ledger) Append(ctx context.Context, province uint8, set bool, drafts []Draft) ([]Outcome, error) {
	if set && len(drafts) > MaxSetEvents {
		return nil, fmt.Errorf("%w: a set has at most %d events", ErrTooLarge, MaxSetEvents)
	}
	if refused := l.hopeless(province, set, drafts); refused != nil {
		return refused, nil
	}
	w, err := l.writer(ctx, province)
	if err != nil {
		return nil, err
	}
	l.recording.Add(1)
	defer l.recording.Add(-1)
	outcomes := make([]Outcome, len(drafts))
	if len(drafts) == 0 {
		return nil, nil
	}
	size := draftsAtOnce
	if set {
		size = len(drafts)
	}
	var ahead []*request
	for from := 0; from < len(drafts); from += size {
		if len(ahead) == requestsAhead {
			if err := w.await(ctx, ahead[0]); err != nil {
				return nil, err
			}
			ahead = ahead[1:]
		}
		to := min(from+size, len(drafts))
		r := &request{set: set, drafts: drafts[from:to], outcomes: outcomes[from:to], done: make(chan struct{})}
		if err := w.submit(ctx, r); err != nil {
			return nil, err
		}
		ahead = append(ahead, r)
	}
	for _, r := range ahead {
		if err := w.await(ctx, r); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// Directory returns the names and homes known to the door.
func (l *Ledger) Directory() *Directory { return l.directory }

// Ring returns the keyring.
func (l *Ledger) Ring() *seal.Ring { return l.ring }

// Conn returns the ledger's own connection to its server, nil for a ledger in memory. Nothing
// that a client names may be sent over it.
func (l *Ledger) Conn() *nats.Conn { return l.conn }

// Answers returns the connection that clients are answered over, nil for a ledger in memory: of
// a user who may publish to clients' inboxes only.
func (l *Ledger) Answers() *nats.Conn { return l.answers }

// ClientURL returns where NATS clients connect, "" for a ledger in memory.
func (l *Ledger) ClientURL() string {
	switch {
	case l.server != nil:
		return l.server.ClientURL()
	case l.conn != nil:
		return l.conn.ConnectedUrlRedacted()
	}
	return ""
}

// Provinces returns the provinces that have a stream, in order.
func (l *Ledger) Provinces() []uint8 {
	l.mu.Lock()
	defer l.mu.Unlock()
	provinces := make([]uint8, 0, len(l.writers))
	for p := range l.writers {
		provinces = append(provinces, p)
	}
	slices.Sort(provinces)
	return provinces
}

// doors returns the doors that are open.
func (l *Ledger) doors() []*writer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Values(l.writers))
}

// unmark takes the mark of an open folder away, unless a sync failed: then the next start must
// read from the disk, not from the cache, which may hold what the disk never got.
func (l *Ledger) unmark() error {
	if !l.marked || !l.mayTrustDisk() {
		return nil
	}
	if err := l.disk.sync(); err != nil {
		return err
	}
	return os.Remove(filepath.Join(l.config.Dir, unclean))
}

// mayTrustDisk says that no sync failed.
func (l *Ledger) mayTrustDisk() bool {
	for _, w := range l.writers {
		if errors.Is(w.failure(), errSync) {
			return false
		}
	}
	return true
}

// Close stops the doors, the server and the keyring, and gives the folder back. What was
// acknowledged stays; what waits is answered ErrStopped. A second call does nothing.
func (l *Ledger) Close() (err error) {
	l.closed.Do(func() { err = l.close() })
	return err
}

func (l *Ledger) close() error {
	l.cancel()
	l.running.Wait()
	var errs []error
	if l.opened && l.sound() {
		_ = l.Snapshot() // without it the next start reads more
		l.signAll()
		l.closeWitnesses()
	}
	for _, w := range l.doors() {
		errs = append(errs, w.closeBook())
	}
	for _, conn := range []*nats.Conn{l.answers, l.conn} {
		if conn != nil {
			conn.Close()
		}
	}
	if l.server != nil {
		l.server.Shutdown()
		l.server.WaitForShutdown()
	}
	if l.ring != nil {
		errs = append(errs, l.ring.Close())
	}
	if l.disk != nil {
		errs = append(errs, l.unmark(), l.disk.close())
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Close())
	}
	return errors.Join(errs...)
}
