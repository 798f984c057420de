package events

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/note"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/book"
)

// ErrRestoring refuses to open a folder in which a restore was begun and not ended. Run it again: it goes on.
var ErrRestoring = errors.New("a restore is unfinished: run \"anju restore\" again / 恢复尚未完成：请再次运行 anju restore")

// ErrNothingLost refuses a restore of a folder that holds all that is known to have been signed.
var ErrNothingLost = errors.New("the folder holds everything that is known to have been signed: there is nothing to restore, start the server / 目录包含已知签名的全部条目，无需恢复，直接启动服务即可")

// Restoration is a lawful restore (docs/operate.md, "Restore"): the folder holds an older state, and goes
// on under a new origin whose first entry names the old head. It is written down before anything is recorded,
// so that after a crash the very same is done again.
type Restoration struct {
	Time    domain.Moment    `json:"time"`
	Reason  string           `json:"reason"`
	Key     string           `json:"key"`    // the new private key
	Origin  string           `json:"origin"` // and its name
	Streams []RestoredStream `json:"streams"`
}

// RestoredStream is one stream of it.
type RestoredStream struct {
	Province   uint8          `json:"province"`
	ID         domain.EventID `json:"id"`  // of the event
	Act        domain.Entity  `json:"act"` // its home
	Size       uint64         `json:"size"`
	OldOrigin  string         `json:"old_origin"`
	OldKey     string         `json:"old_key"`
	Checkpoint string         `json:"checkpoint"` // the last that is known of the old origin; "" = none
}

// restorePath is the file of a restore that was begun.
func restorePath(dir string) string { return filepath.Join(dir, "book", "restore") }

// ReadRestore returns the restore that was begun in a folder, nil when there is none.
func ReadRestore(dir string) (*Restoration, error) {
	text, err := os.ReadFile(restorePath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := &Restoration{}
	return r, json.Unmarshal(text, r)
}

// BeginRestore plans the restore of a ledger that was opened with Config.Restoring, and puts the plan on
// disk. known are the last checkpoints, by stream, that others have; at least one of them must hold what the
// folder does not: ErrNothingLost. Without any, nothingKnown says that none are to be had.
func (l *Ledger) BeginRestore(r Restoration, known map[string][]byte, nothingKnown bool) (*Restoration, error) {
	private, _, err := note.GenerateKey(rand.Reader, newOrigin())
	if err != nil {
		return nil, err
	}
	r.Key = private
	r.Origin, _, _ = strings.Cut(strings.TrimPrefix(private, "PRIVATE+KEY+"), "+")
	lost := nothingKnown
	for _, province := range l.Provinces() {
		stream := StreamName(province)
		one, lacks, err := l.restored(province, known[stream])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", stream, err)
		}
		lost = lost || lacks
		r.Streams = append(r.Streams, one)
	}
	if !lost || len(r.Streams) == 0 {
		return nil, ErrNothingLost
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return &r, writeWhole(restorePath(l.config.Dir), text, 0o600)
}

// restored plans one stream, and says whether it lacks something of the checkpoint that is known of it; without one
// the folder's own last is taken.
func (l *Ledger) restored(province uint8, checkpoint []byte) (one RestoredStream, lacks bool, err error) {
	stream := StreamName(province)
	w := l.door(stream)
	if w == nil || errors.Is(w.failure(), ErrDiffers) {
		return one, false, fmt.Errorf("%w: repair it first", ErrDiffers)
	}
	key, err := l.VerifierKey(stream)
	if err != nil {
		return one, false, err
	}
	id, err := newSetID() // a fresh UUID
	if err != nil {
		return one, false, err
	}
	act := domain.MintEntity(domain.BatchKind, binary.BigEndian.Uint64(id[8:])) // random, but for two bits
	one = RestoredStream{Province: province, ID: id, Act: act, OldOrigin: l.shelf.originOf(stream), OldKey: key, Size: w.book.book.Size()}
	own, err := l.Checkpoint(stream)
	if checkpoint == nil && err == nil {
		checkpoint = own
	}
	if checkpoint == nil {
		return one, false, nil
	}
	head, err := book.OpenCheckpoint(checkpoint, key)
	if err != nil {
		return one, false, err
	}
	one.Checkpoint = string(checkpoint)
	return one, w.book.book.Agrees(head) != nil, nil
}

// Fact is the event of a stream.
func (r *Restoration) Fact(s *RestoredStream) (*domain.LedgerRestored, error) {
	f := &domain.LedgerRestored{
		Act: domain.BatchID{Entity: s.Act}, NewOrigin: r.Origin + "/" + StreamName(s.Province), OldOrigin: s.OldOrigin, OldKey: s.OldKey,
		Size: int64(s.Size), Reason: r.Reason,
	}
	if s.Checkpoint == "" {
		return f, nil
	}
	head, err := book.OpenCheckpoint([]byte(s.Checkpoint), s.OldKey)
	if err != nil {
		return nil, err
	}
	f.OldSize, f.OldRoot = int64(head.Size), head.Root.String()
	_, signatures, _ := strings.Cut(s.Checkpoint, "\n\n")
	f.OldSignatures = strings.Split(strings.TrimSuffix(signatures, "\n"), "\n")
	return f, nil
}

// EndRestore gives a folder, whose ledger is closed and whose events are recorded, its new key. The checkpoints of
// the old origin are kept beside it; its key is gone, so that nothing is signed under that name again.
//
// The commit point is the rename of the key. A crash before it leaves the plan, and the same is done again;
// after it only the plan is taken away.
func EndRestore(dir string, r *Restoration) error {
	now := filepath.Join(dir, "checkpoints")
	old := filepath.Join(dir, "checkpoints.before."+filepath.Base(r.Origin))
	if _, err := os.Stat(old); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(now, old); err != nil {
			return err
		}
	}
	if err := syncFolder(dir); err != nil {
		return err
	}
	if err := writeWhole(filepath.Join(dir, "book", "key"), []byte(r.Key+"\n"), 0o600); err != nil {
		return err
	}
	if err := os.Remove(restorePath(dir)); err != nil {
		return err
	}
	return syncFolder(filepath.Join(dir, "book"))
}

// writeWhole replaces a file: afterwards it is the old one or the new one.
func writeWhole(path string, text []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
