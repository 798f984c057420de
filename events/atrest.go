package events

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/blocks"
	"github.com/anju-ledger/anju/events/book"
)

// The ways in which a folder cannot be verified at rest.
var (
	ErrNoLedger = errors.New("the folder is no ledger")             // name another one
	ErrNoStore  = errors.New("the folder holds no JetStream store") // name another one
)

// Rest says what is verified at rest. Nothing in it is opened for writing or mended: a server that
// opened the folder would cut off what is damaged, and with it what could be learnt.
type Rest struct {
	Dir string // a ledger's folder; for VerifyStore a JetStream store, or a copy of a part of one
	// Book is the folder with the streams' books, for VerifyStore; "" = the one in the ledger's folder
	// that the store lies in, if it does.
	Book string
	// Key is the public key of the checkpoints, in the form of note keys; "" = that of the folder's
	// own signing key.
	Key string
	// BookOnly says that the streams are kept by a server elsewhere.
	BookOnly bool
	// Progress is told how many events of how many of a stream were compared; nil = nobody.
	Progress func(stream string, done, all uint64)
}

// VerifyFolder verifies every stream of a stopped ledger's folder: each message against its entry in
// the book, each entry against its leaf, all leaves and tiles against the root of the last
// checkpoint. What is wrong is in the reports. ErrInUse while a process holds the folder,
// ErrNoLedger when it is none.
func VerifyFolder(ctx context.Context, r Rest) (reports []VerifyReport, err error) {
	release, err := r.enter()
	if err != nil {
		return nil, err
	}
	defer release()
	streams, err := r.streams()
	if err != nil {
		return nil, err
	}
	for _, s := range streams {
		report, err := r.verify(ctx, s)
		if err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// CheckLedger returns ErrNoLedger of a folder that Open would make a new ledger in.
func CheckLedger(dir string) error {
	if info, err := os.Stat(filepath.Join(dir, "book")); err != nil || !info.IsDir() {
		return ErrNoLedger
	}
	return nil
}

// enter takes a ledger's folder; release gives it back.
func (r *Rest) enter() (release func(), err error) {
	if err := CheckLedger(r.Dir); err != nil {
		return nil, err
	}
	r.Book = filepath.Join(r.Dir, "book")
	return holdStill(filepath.Join(r.Dir, "lock"))
}

// streams lists the streams of a ledger's folder, in order: those that have a book, and those that
// have blocks.
func (r *Rest) streams() ([]restStore, error) {
	dirs := map[string]string{} // of each stream's blocks, "" where there are none
	books, err := os.ReadDir(r.Book)
	if err != nil {
		return nil, err
	}
	for _, b := range books {
		if _, ours := ParseStreamName(b.Name()); ours {
			dirs[b.Name()] = ""
		}
	}
	for _, s := range storesIn(filepath.Join(r.Dir, "jetstream")) {
		dirs[s.name] = s.dir
	}
	var streams []restStore
	for _, name := range slices.Sorted(maps.Keys(dirs)) {
		streams = append(streams, restStore{name, dirs[name]})
	}
	return streams, nil
}

// holdStill takes a folder's lock, if it has one, so that no server starts on it meanwhile.
func holdStill(path string) (release func(), err error) {
	if _, err := os.Stat(path); err != nil {
		return func() {}, nil //nolint:nilerr // a copy without one
	}
	f, err := lock(path)
	if errors.Is(err, ErrInUse) {
		return nil, err
	}
	if err != nil {
		return func() {}, nil //nolint:nilerr // it may be read only
	}
	return func() { f.Close() }, nil
}

// VerifyStore verifies a JetStream store at rest, a stream's folder in it, or a folder of .blk
// files: every record's checksum, the order and the gaps, and each message against the book, or
// without one against the place that it names itself. ErrNoStore when there is none.
func VerifyStore(ctx context.Context, r Rest) (reports []VerifyReport, err error) {
	stores := storesIn(r.Dir)
	if len(stores) == 0 {
		return nil, ErrNoStore
	}
	if r.Book == "" {
		r.Book = bookAbove(r.Dir)
	}
	for _, s := range stores {
		report, err := r.verify(ctx, s)
		if err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// restStore is the blocks of a stream in a folder.
type restStore struct {
	name string // of the stream
	dir  string // of the .blk files; "": they are gone
}

// storesIn finds the streams below a folder: a whole store, an account, a stream, or its blocks.
func storesIn(dir string) (stores []restStore) {
	for _, below := range []string{".", "msgs", "*/msgs", "streams/*/msgs", "*/streams/*/msgs", "*/*/streams/*/msgs", "*/*/*/streams/*/msgs"} {
		found, _ := filepath.Glob(filepath.Join(quoted(dir), below)) // the pattern is right
		for _, msgs := range found {
			if name := streamOf(msgs); name != "" {
				stores = append(stores, restStore{name, msgs})
			}
		}
		if len(stores) > 0 {
			return stores
		}
	}
	return nil
}

// quoted writes a folder's name so that a pattern takes it as it is.
func quoted(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// streamOf names the stream of a folder of blocks: by the stream's folder around it, or by the
// subject of the first message, when there is a block at all.
func streamOf(msgs string) string {
	around := filepath.Base(filepath.Dir(msgs))
	if _, ours := ParseStreamName(around); ours && filepath.Base(msgs) == "msgs" {
		return around
	}
	store, err := blocks.Open(msgs, "")
	if err != nil {
		return ""
	}
	// anju.52.520603.household.…
	parts := strings.SplitN(store.Subject(), ".", 3)
	if len(parts) < 3 || parts[0] != "anju" {
		return ""
	}
	name := "ANJU-" + parts[1]
	if _, ours := ParseStreamName(name); !ours {
		return ""
	}
	return name
}

// bookAbove finds the books of the ledger that a store lies in, "" when it lies in none.
func bookAbove(dir string) string {
	at, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for range 8 { // of them the deepest lies below jetstream/jetstream/$G/streams/ANJU-52/msgs
		if info, err := os.Stat(filepath.Join(at, "book")); err == nil && info.IsDir() {
			return filepath.Join(at, "book")
		}
		at = filepath.Dir(at)
	}
	return ""
}

// bookOf finds the book of a stream in the folder that was named: of the ledger, of its books, or
// the book itself. "" when there is none.
func (r *Rest) bookOf(stream string) string {
	if r.Book == "" {
		return ""
	}
	for _, dir := range []string{filepath.Join(r.Book, stream), filepath.Join(r.Book, "book", stream), r.Book} {
		if info, err := os.Stat(filepath.Join(dir, "entries")); err == nil && info.IsDir() {
			return dir
		}
	}
	return ""
}

// verifier is the public key of a stream's checkpoints, "" when there is none.
func (r *Rest) verifier(stream string) (string, error) {
	if r.Key != "" {
		return KeyOf(r.Key, stream)
	}
	shelf := &bookshelf{}
	text, err := os.ReadFile(filepath.Join(r.bookRoot(stream), "key"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err == nil {
		err = shelf.parseKey(strings.TrimSpace(string(text)))
	}
	if err != nil {
		return "", fmt.Errorf("the book's key: %w", err)
	}
	return shelf.key.Verifier(shelf.originOf(stream))
}

// ErrNoKey reports that none of the keys that were given is a stream's.
var ErrNoKey = errors.New("no key of this stream was given")

// KeyOf picks a stream's public key out of one or several, a line each, as "anju book key" prints
// them; ErrNoKey when none is its.
func KeyOf(keys, stream string) (string, error) {
	for _, key := range strings.Fields(keys) {
		if origin, _, _ := strings.Cut(key, "+"); strings.HasSuffix(origin, "/"+stream) {
			return key, nil
		}
	}
	return "", fmt.Errorf("%w: %s", ErrNoKey, stream)
}

// bookRoot is the folder that holds the streams' books and the key.
func (r *Rest) bookRoot(stream string) string { return filepath.Dir(r.bookOf(stream)) }

// signed returns what the last checkpoint of a stream signs, and tells the report when there is
// none that the key signed.
func (r *Rest) signed(stream string, report *VerifyReport) (book.Head, error) {
	text, err := os.ReadFile(filepath.Join(r.bookRoot(stream), "..", "checkpoints", stream))
	if errors.Is(err, fs.ErrNotExist) {
		report.note(domain.Text{ZH: "没有检查点可核对", EN: "there is no checkpoint to compare with"})
		return book.Head{}, nil
	}
	if err != nil {
		return book.Head{}, err
	}
	verifier, err := r.verifier(stream)
	if err != nil {
		return book.Head{}, err
	}
	if verifier == "" {
		report.note(domain.Text{ZH: "没有公钥，检查点未核对：用 --key 给出", EN: "there is no key to check the checkpoint with: give one by --key"})
		return book.Head{}, nil
	}
	h, err := book.OpenCheckpoint(text, verifier)
	if err != nil {
		report.find(Finding{Kind: Unsigned, In: InCheckpoint, Detail: bothLanguages("%v", "%v", err)})
		return book.Head{}, nil
	}
	return h, nil
}
