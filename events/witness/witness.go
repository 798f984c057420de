// Package witness is a witness of logs, and how to ask one.
//
// It follows C2SP tlog-witness (add-checkpoint) and tlog-cosignature. A witness keeps, for each
// log that it knows, the largest checkpoint that it cosigned, and cosigns another one only when
// that goes on from there: so of two histories of one log it cosigns one. It never sees an entry.
// TestOfTwoHistoriesOneIsCosigned and TestAWitnessThatDiesKeepsItsWord prove it.
package witness

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/anju-ledger/anju/events/book"
)

// The ways in which a witness does not open.
var (
	ErrInUse   = errors.New("another process uses the witness's folder")
	ErrDamaged = errors.New("the witness's folder is damaged") // restore nothing: begin a new witness with a new key
)

// Config says where a witness lies and which logs it knows.
type Config struct {
	Dir  string           // its folder, made when it is not there
	Name string           // of its key when that is made at the first start; "" = a random one
	Logs []string         // verifier keys of the logs, whose names are their origins
	Now  func() time.Time // nil = time.Now

	// Before, when not nil, is called before each step of keeping a checkpoint: "write", "sync", "rename",
	// "sync folder" and "answer". An error fails the step; tests die in it.
	Before func(step string) error
}

// Witness cosigns the checkpoints of the logs that it knows. Its methods may be called
// concurrently; Close ends it.
//
//	key            its key: PRIVATE+KEY+<name>+<hash>+<base64 of 0x04 and the seed>; 0600
//	lock           held by the process that uses the folder
//	logs/<hash>    the last checkpoint that was cosigned, with the cosignature; the file is named
//	               by the first 16 bytes of the SHA-256 of the origin
type Witness struct {
	config Config
	lock   *os.File
	signer book.Cosigner
	logs   map[string]*log // by origin
}

// log is one log that the witness knows.
type log struct {
	keys note.Verifiers
	path string

	mu     sync.Mutex
	head   book.Head // under mu: of the last checkpoint that was cosigned
	known  bool      // under mu: there is one
	failed error     // under mu: what is on disk is unknown until the witness is opened again
}

// Open opens the witness of a folder. Its key is made on the first start.
func Open(c Config) (*Witness, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	w := &Witness{config: c, logs: map[string]*log{}}
	if err := w.open(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *Witness) open() (err error) {
	dir := w.config.Dir
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o700); err != nil {
		return err
	}
	if w.lock, err = os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	if err := syscall.Flock(int(w.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("%w: %w", ErrInUse, err)
	}
	if w.signer, err = openKey(filepath.Join(dir, "key"), w.config.Name); err != nil {
		return err
	}
	keys := map[string][]note.Verifier{}
	for _, text := range w.config.Logs {
		v, err := note.NewVerifier(text)
		if err != nil {
			return fmt.Errorf("%q is no public key of a log: %w", text, err)
		}
		keys[v.Name()] = append(keys[v.Name()], v)
	}
	for origin, known := range keys {
		l := &log{keys: note.VerifierList(known...), path: filepath.Join(dir, "logs", fileOf(origin))}
		if err := w.load(l, origin); err != nil {
			return err
		}
		w.logs[origin] = l
	}
	return nil
}

// Key returns the witness's public key.
func (w *Witness) Key() book.WitnessKey { return w.signer.WitnessKey }

// Close gives the folder back.
func (w *Witness) Close() error {
	if w.lock == nil {
		return nil
	}
	return w.lock.Close()
}

// Refusal is an answer of a witness that is no cosignature.
type Refusal struct {
	Status int    // of HTTP, as C2SP tlog-witness gives them
	Size   uint64 // with 409: the size that the witness holds
	Text   string
}

// Error says what the witness said.
func (r *Refusal) Error() string {
	if r.Status == http.StatusConflict {
		return fmt.Sprintf("the witness holds %d entries", r.Size)
	}
	return fmt.Sprintf("the witness answers %d %s", r.Status, r.Text)
}

// Add cosigns a checkpoint that goes on from the last one of its log; the same checkpoint is
// cosigned again. A *Refusal says why not. The cosignature is given after the checkpoint is on disk.
func (w *Witness) Add(r *Request) (book.Cosignature, error) {
	refuse := func(status int, text string) (book.Cosignature, error) {
		return book.Cosignature{}, &Refusal{Status: status, Text: text}
	}
	text, origin, err := book.CheckpointText(r.Checkpoint)
	if err != nil {
		return refuse(http.StatusBadRequest, "the checkpoint is no signed note")
	}
	l, known := w.logs[origin]
	if !known {
		return refuse(http.StatusNotFound, "the witness does not know this log")
	}
	signed, err := note.Open(r.Checkpoint, l.keys)
	if err != nil {
		return refuse(http.StatusForbidden, "no key that the witness knows signed the checkpoint")
	}
	head, err := book.ParseCheckpoint(string(text), origin)
	if err != nil {
		return refuse(http.StatusBadRequest, err.Error())
	}
	if r.Old > head.Size {
		return refuse(http.StatusBadRequest, "the old size is larger than the checkpoint's")
	}
	return w.cosign(l, r, head, signed)
}

// cosign compares and swaps: of two requests of one log the second finds what the first left.
func (w *Witness) cosign(l *log, r *Request, head book.Head, signed *note.Note) (book.Cosignature, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		return book.Cosignature{}, l.failed
	}
	if err := l.follows(r, head); err != nil {
		return book.Cosignature{}, err
	}
	c := w.signer.Cosign([]byte(signed.Text), w.config.Now())
	if l.known && head == l.head {
		return c, nil
	}
	// The commit point: before keep returns, no cosignature of this checkpoint exists outside; a
	// crash in it leaves the checkpoint before or this one, and the log asks again. After it, the
	// witness never cosigns another history.
	if err := w.keep(l.path, signed, c); err != nil {
		l.failed = fmt.Errorf("the checkpoint could not be kept: open the witness again: %w", err)
		return book.Cosignature{}, l.failed
	}
	l.head, l.known = head, true
	return c, w.before("answer")
}

// follows checks that a head goes on from the last one. Called under mu.
func (l *log) follows(r *Request, head book.Head) error {
	same := r.Old == head.Size
	switch {
	case r.Old != l.head.Size, l.known && same && head.Root != l.head.Root:
		return &Refusal{Status: http.StatusConflict, Size: l.head.Size}
	case (same || r.Old == 0) && len(r.Proof) > 0:
		return &Refusal{Status: http.StatusUnprocessableEntity, Text: "a proof from nothing, or to the same size, is empty"}
	case head.Size == 0 && head.Root != emptyRoot():
		return &Refusal{Status: http.StatusUnprocessableEntity, Text: "the root of no entries is not that"}
	case same || r.Old == 0:
		return nil
	}
	if err := book.CheckConsistent(l.head, head, r.Proof); err != nil {
		return &Refusal{Status: http.StatusUnprocessableEntity, Text: "the proof does not lead from the old size to the checkpoint"}
	}
	return nil
}

// emptyRoot is the root of a tree of no entries.
func emptyRoot() book.Hash {
	root, err := tlog.TreeHash(0, nil)
	if err != nil {
		panic("witness: " + err.Error()) // it reads nothing
	}
	return root
}

func (w *Witness) before(step string) error {
	if w.config.Before == nil {
		return nil
	}
	return w.config.Before(step)
}
