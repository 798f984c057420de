package events

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/anju-ledger/anju/events/book"
)

// checkpointEvery is how often a stream that grew gets a new checkpoint.
const checkpointEvery = time.Second

// bookshelf holds what the books of all streams share: where they lie, and the key that signs
// their checkpoints.
//
//	book/key             the signing key, as note.GenerateKey writes it; 0600
//	book/ANJU-52/…       the book of a stream
//	checkpoints/ANJU-52  the last checkpoint that was signed, so that a book that was put back
//	                     to an older state, or lost, is noticed
//	checkpoints/ANJU-52.witnessed
//	                     the last that enough witnesses cosigned, with their cosignatures
type bookshelf struct {
	dir    string // the ledger's folder
	origin string // of the ledger; a stream's is <origin>/<stream>
	key    book.Key
	steps  steps // of Config
	syncs  bool  // no sync of the file system covers the books: each is synced before its head

	signing sync.Mutex // held while checkpoints are signed: one head after the other

	witnesses *witnesses // nil: the ledger asks none

	mu     sync.Mutex
	signed map[string]signedHead // under mu: the last, by stream
	shown  map[string]signedHead // under mu: what readers get: the last, or the last that enough witnesses cosigned
}

// signedHead is a head with its checkpoint.
type signedHead struct {
	book.Head
	text []byte
}

// openBookshelf reads the key, made on the first start.
func openBookshelf(dir string) (*bookshelf, error) {
	s := &bookshelf{dir: dir, signed: map[string]signedHead{}, shown: map[string]signedHead{}}
	for _, sub := range []string{"book", "checkpoints"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	path := filepath.Join(dir, "book", "key")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if err = s.mayBegin(); err == nil {
			text, err = makeKey(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the book's key: %w", err)
	}
	return s, s.parseKey(strings.TrimSpace(string(text)))
}

// errKeyLost refuses to sign on under another key as if nothing had happened.
var errKeyLost = errors.New("账册的签名密钥 book/key 不见了，而此前已用它签名：请从备份放回；没有备份时移走 book/ 和 checkpoints/，账本将以新密钥重建，旧公钥的持有者会察觉 / " +
	"the book's key book/key is gone, and was signed with: put it back from a copy; without one move book/ and checkpoints/ away: both are made anew under a new key, which whoever holds the old public key will notice")

// mayBegin allows a new key where nothing was signed yet.
func (s *bookshelf) mayBegin() error {
	signed, err := os.ReadDir(filepath.Join(s.dir, "checkpoints"))
	if err != nil {
		return err
	}
	books, err := s.streams()
	if err == nil && len(signed)+len(books) > 0 {
		err = errKeyLost
	}
	return err
}

// makeKey makes a key under a random origin and puts it on disk before anything is signed by it.
func makeKey(path string) ([]byte, error) {
	private, _, err := note.GenerateKey(rand.Reader, newOrigin())
	if err != nil {
		return nil, err
	}
	text := []byte(private + "\n")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(text)
	return text, errors.Join(err, f.Sync(), f.Close())
}

// newOrigin is a random name for a ledger.
func newOrigin() string { return "anju/" + strings.ToLower(rand.Text()[:13]) }

// parseKey reads "PRIVATE+KEY+<origin>+<hash>+<base64 of 0x01 and the seed>".
func (s *bookshelf) parseKey(text string) error {
	signer, err := note.NewSigner(text)
	if err != nil {
		return fmt.Errorf("the book's key: %w", err)
	}
	parts := strings.SplitN(text, "+", 5) // the base64 may hold a plus too
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) != 33 {
		return errors.New("the book's key: it is not an Ed25519 key")
	}
	s.origin, s.key = signer.Name(), book.NewKey(raw[1:])
	return nil
}

func (s *bookshelf) originOf(stream string) string { return s.origin + "/" + stream }

// open opens the book of a stream.
func (s *bookshelf) open(stream string) (*streamBook, error) {
	signed, err := s.last(stream)
	if err != nil {
		return nil, err
	}
	b, err := book.Open(filepath.Join(s.dir, "book", stream), signed)
	if err != nil {
		return nil, err
	}
	opened := &streamBook{book: b, stream: stream}
	if b.Remade() {
		opened.tell("账册的哈希已损坏，由其条目重建，与所签的根相符", "the book's hashes were damaged and are made again from its entries, which have the signed root")
	}
	return opened, nil
}

// openOrNew opens the book of a stream; what can no longer be opened is kept in damaged/, and an
// empty book, which catches up with the stream, takes its place.
func (s *bookshelf) openOrNew(stream string) (*streamBook, error) {
	b, err := s.open(stream)
	if !errors.Is(err, book.ErrDamaged) {
		return b, err
	}
	dir := filepath.Join(s.dir, "book", stream)
	if err := os.MkdirAll(dir+".new", 0o700); err != nil {
		return nil, err
	}
	if err := s.replace(dir); err != nil {
		return nil, err
	}
	damaged := err
	if b, err = s.open(stream); err == nil {
		b.tell("账册无法打开，已移入 damaged/：%v", "the book could not be opened and is in damaged/: %v", damaged)
	}
	return b, err
}

// last returns the last checkpoint that was signed for a stream, as it was kept beside the
// book; the zero Head when there is none.
func (s *bookshelf) last(stream string) (book.Head, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, "checkpoints", stream))
	if errors.Is(err, os.ErrNotExist) {
		return book.Head{}, nil
	}
	if err != nil {
		return book.Head{}, err
	}
	verifier, err := s.key.Verifier(s.originOf(stream))
	if err != nil {
		return book.Head{}, err
	}
	h, err := book.OpenCheckpoint(text, verifier)
	if err != nil { // cut short by a crash, or another ledger's: the head in the book still holds
		return book.Head{}, nil
	}
	s.mu.Lock()
	s.signed[stream] = signedHead{h, text}
	s.mu.Unlock()
	s.show(stream, signedHead{h, text})
	if witnessed, err := os.ReadFile(witnessedPath(s.dir, stream)); err == nil {
		if of, err := book.OpenCheckpoint(witnessed, verifier); err == nil && of == h {
			s.show(stream, signedHead{h, witnessed})
		}
	}
	return h, nil
}

// checkpoint signs what is durable of a stream, when it grew. The order is that of the crash
// table in docs/design.md: entries and hashes are durable, the head becomes durable, then the
// checkpoint is signed and published.
func (s *bookshelf) checkpoint(b *streamBook, durable uint64) error {
	before, err := b.book.ReadHead()
	if err != nil {
		return err
	}
	last := s.signedOf(b.stream)
	signed := last.text != nil && last.Size >= durable
	if durable == 0 || before.Size > durable || before.Size == durable && signed {
		s.publish(b.stream, last)
		return nil
	}
	if s.syncs {
		if err := b.book.Sync(); err != nil {
			return fmt.Errorf("%w: %w", errSync, err)
		}
	}
	s.steps.at("head")
	h, err := b.book.Advance(durable)
	if err != nil {
		return err
	}
	if signed { // a book that was made again had no head yet
		s.publish(b.stream, last)
		return nil
	}
	s.steps.at("sign")
	text, err := s.key.Sign(s.originOf(b.stream), h)
	if err != nil {
		return err
	}
	path := filepath.Join(s.dir, "checkpoints", b.stream)
	if err := os.WriteFile(path+".new", text, 0o644); err != nil {
		return err
	}
	s.steps.at("name")
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	s.steps.at("signed")
	s.mu.Lock()
	s.signed[b.stream] = signedHead{h, text}
	s.mu.Unlock()
	s.publish(b.stream, signedHead{h, text})
	return nil
}

// publish shows a checkpoint that was signed, or has it cosigned first.
func (s *bookshelf) publish(stream string, signed signedHead) {
	switch {
	case signed.text == nil:
	case s.witnesses == nil:
		s.show(stream, signed)
	default:
		s.witnesses.offer(stream, signed)
	}
}

// show gives a checkpoint to readers; never one that is smaller than they have got already, or bears fewer
// cosignatures.
func (s *bookshelf) show(stream string, c signedHead) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before := s.shown[stream]; c.Size > before.Size || c.Size == before.Size && len(c.text) > len(before.text) {
		s.shown[stream] = c
	}
}

func (s *bookshelf) signedOf(stream string) signedHead {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signed[stream]
}

// keepWitnessed keeps the last checkpoint that enough witnesses cosigned: a lawful restore names it.
func (s *bookshelf) keepWitnessed(stream string, c signedHead) error {
	path := witnessedPath(s.dir, stream)
	if err := os.WriteFile(path+".new", c.text, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func witnessedPath(dir, stream string) string {
	return filepath.Join(dir, "checkpoints", stream+".witnessed")
}

// signCheckpoints signs a checkpoint for each stream that grew, once a second, until the ledger
// is closed.
func (l *Ledger) signCheckpoints() {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-tick.C:
		}
		l.signAll()
	}
}

func (l *Ledger) signAll() {
	if l.config.Restoring { // the old origin is never to say what the new one begins with
		return
	}
	l.shelf.signing.Lock()
	defer l.shelf.signing.Unlock()
	for _, w := range l.doors() {
		if failed := w.failure(); w.book == nil || errors.Is(failed, ErrDiffers) || errors.Is(failed, errSync) {
			continue
		}
		durable, _ := w.position()
		err := l.shelf.checkpoint(w.book, durable)
		if errors.Is(err, book.ErrDamaged) && l.mendEnd(w, durable) == nil {
			err = l.shelf.checkpoint(w.book, durable)
		}
		w.signFailed(err)
	}
}

// signFailed judges why nothing could be signed; nil = it could. Only damage says that something is not what was
// recorded, and a failed sync that the disk is not to be trusted. All else, such as a full disk, touches no
// event: it is an alarm until the next try succeeds.
func (w *writer) signFailed(err error) {
	unsigned := ""
	switch {
	case err == nil:
	case errors.Is(err, book.ErrDamaged), errors.Is(err, ErrDiffers):
		w.fail(fmt.Errorf("%w: %w", ErrDiffers, err))
	case errors.Is(err, book.ErrSync):
		w.fail(fmt.Errorf("%w: %w", errSync, err))
	default:
		unsigned = err.Error()
	}
	w.mu.Lock()
	w.unsigned = unsigned
	w.mu.Unlock()
}

// Checkpoint returns the last signed checkpoint of a stream; where the ledger has witnesses, the last
// that enough of them cosigned, with their cosignatures, or one with fewer when they do not answer. ErrNotFound
// when there is none.
func (l *Ledger) Checkpoint(stream string) ([]byte, error) {
	if l.shelf == nil {
		return nil, ErrNotFound
	}
	l.shelf.mu.Lock()
	defer l.shelf.mu.Unlock()
	for _, c := range []signedHead{l.shelf.shown[stream], l.shelf.signed[stream]} {
		if c.text != nil {
			return c.text, nil
		}
	}
	return nil, ErrNotFound
}

// VerifierKey returns the public key that checks a stream's checkpoints, in the form of note keys.
func (l *Ledger) VerifierKey(stream string) (string, error) {
	if l.shelf == nil {
		return "", ErrNotFound
	}
	return l.shelf.key.Verifier(l.shelf.originOf(stream))
}

// signedUpTo returns how many entries of a stream the last checkpoint covers, and when it was signed.
func (s *bookshelf) signedUpTo(stream string) (size uint64, at time.Time) {
	size = s.signedOf(stream).Size
	if info, err := os.Stat(filepath.Join(s.dir, "checkpoints", stream)); err == nil {
		at = info.ModTime()
	}
	return size, at
}
