package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// ErrLocked reports that another process has the keyring open. One process writes it; a second
// intake waits or is given the first one's place.
var ErrLocked = errors.New("another process has the keyring open")

// The files of a keyring, in Config.Dir.
const (
	ringName = "keyring"
	kekName  = "anju.kek"
	lockName = "keyring.lock"
)

// Config says where a keyring lives. Only Dir is needed.
type Config struct {
	Dir      string    // folder of the files keyring and keyring.lock; made when absent
	KeyFile  string    // the key-encryption key's file; default Dir/anju.kek. Another disk is better
	Existing bool      // refuse to make a new keyring: set for a ledger that already has events
	Random   io.Reader // of keys and nonces; default crypto/rand.Reader
}

// Ring is an open keyring. Its methods may be called concurrently. One process at a time may
// have a keyring open; a lock file sees to that.
type Ring struct {
	config Config
	lock   *os.File // nil in memory

	// crash stands in for a power cut in tests: it is asked before each step that changes the
	// disk, and an error ends the write there. Nil otherwise.
	crash func(step string) error

	// writing is held while slots are written and synced. It is taken before mu.
	writing sync.Mutex
	kek     cipher.AEAD // under writing and mu: read under either

	mu       sync.Mutex // everything below
	file     backing
	header   header
	slots    uint32 // in the file
	torn     int    // slots that a crash left unfinished, found when opened
	owners   table
	ids      table
	cache    [cacheSize]*openKey
	pending  []*openKey // made, not yet on disk
	byOwner  map[uint64]*openKey
	byID     map[keyID]*openKey
	tombs    map[[32]byte]bool
	doomed   map[uint64]bool // owners that Destroy was called for in this process
	secret   [keySize]byte   // of tags and tombstones; never changes
	snapshot *openKey
	stale    []*openKey // former keys of snapshots, to be overwritten
	failed   error      // what stopped the keyring
}

// cacheSize bounds the opened keys kept in memory (about 200 bytes each): a group of 1024
// registered households needs some 4,700 keys once, later facts a few hundred.
const cacheSize = 4096

// openKey is a key ready for use, with the slot that holds it.
type openKey struct {
	slot  uint32 // unknown while pending
	owner uint64
	id    keyID
	aead  cipher.AEAD
	key   [keySize]byte
}

// OpenRing opens the keyring of a folder, making an empty one when there is none. It returns
// ErrLocked while another process has it open, ErrWrongKey when keyring and key file are of
// different epochs, ErrExposed when others may read the key file, ErrDamaged when a slot that
// was once durable is damaged, and fs.ErrNotExist for a missing keyring when c.Existing is set.
func OpenRing(c Config) (*Ring, error) {
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.KeyFile == "" {
		c.KeyFile = filepath.Join(c.Dir, kekName)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(c.Dir, lockName))
	if err != nil {
		return nil, err
	}
	r := newRing(c)
	r.lock = lock
	if err := r.openFile(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// NewMemoryRing makes an empty keyring that is gone when its process ends, for logs in memory.
func NewMemoryRing() (*Ring, error) {
	r := newRing(Config{Random: rand.Reader})
	k, err := newKEK(rand.Reader, 1)
	if err != nil {
		return nil, err
	}
	first, err := r.firstBytes(&k)
	if err != nil {
		return nil, err
	}
	r.file = &memory{content: first}
	return r, r.load(&k)
}

func newRing(c Config) *Ring {
	return &Ring{
		config: c, byOwner: map[uint64]*openKey{}, byID: map[keyID]*openKey{},
		tombs: map[[32]byte]bool{}, doomed: map[uint64]bool{}, crash: func(string) error { return nil },
	}
}

// Close gives the keyring back. Keys that were not committed are forgotten.
func (r *Ring) Close() error {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	if r.file != nil {
		errs = append(errs, r.file.Close())
	}
	if r.lock != nil {
		errs = append(errs, r.lock.Close())
	}
	r.file, r.lock, r.failed = nil, nil, ErrStopped
	return errors.Join(errs...)
}

// Torn returns how many slots a crash had left unfinished when the keyring was opened. Nothing
// was sealed under them: their Commit had not returned.
func (r *Ring) Torn() int { return r.torn }

func (r *Ring) path() string { return filepath.Join(r.config.Dir, ringName) }

// openFile opens or makes the keyring's files.
func (r *Ring) openFile() error {
	if err := removeIfThere(r.path() + nextSuffix); err != nil {
		return err
	}
	f, err := os.OpenFile(r.path(), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) && !r.config.Existing {
		if err = r.create(); err == nil {
			f, err = os.OpenFile(r.path(), os.O_RDWR, 0)
		}
	}
	if err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	r.file = f
	head := make([]byte, slotSize)
	if _, err := f.ReadAt(head, 0); err != nil {
		return fmt.Errorf("%w: the keyring's header is cut off: %w", ErrDamaged, err)
	}
	h, err := decodeHeader(head)
	if err != nil {
		return err
	}
	k, err := findKEK(r.config.KeyFile, h.epoch)
	if err != nil {
		return err
	}
	return r.load(&k)
}

// create writes the key file first, then the keyring under its final name in one rename: a
// crash between them leaves a key that wraps nothing, and the next start goes on from it.
func (r *Ring) create() error {
	k, err := readKEK(r.config.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if k, err = newKEK(r.config.Random, 1); err != nil {
			return err
		}
		if err = os.MkdirAll(filepath.Dir(r.config.KeyFile), 0o700); err != nil {
			return err
		}
		if err = writeFile(r.config.KeyFile+nextSuffix, k.encode()); err != nil {
			return err
		}
		err = replaceKEK(r.config.KeyFile)
	}
	if err != nil {
		return err
	}
	first, err := r.firstBytes(&k)
	if err != nil {
		return err
	}
	if err := writeFile(r.path()+nextSuffix, first); err != nil {
		return err
	}
	if err := os.Rename(r.path()+nextSuffix, r.path()); err != nil {
		return err
	}
	return syncDir(r.path())
}

// firstBytes is a new keyring: a header and the first snapshot key.
func (r *Ring) firstBytes(k *kek) ([]byte, error) {
	h := header{epoch: k.epoch}
	var secret, key [keySize]byte
	s := slot{state: stateSnapshot}
	for _, b := range [][]byte{h.ring[:], h.secret[:nonceSize], secret[:], key[:], s.id[:], s.sealed[:nonceSize]} {
		if _, err := io.ReadFull(r.config.Random, b); err != nil {
			return nil, err
		}
	}
	aead := newAEAD(k.key[:])
	wrap(aead, &h.secret, secret[:], wrapping(h.ring, 0, keyID{}, 0))
	wrap(aead, &s.sealed, key[:], wrapping(h.ring, 0, s.id, stateSnapshot))
	return s.encode(h.encode(), h.ring, 0), nil
}

// Open returns the JSON that a sealed field holds. event is the id of the event that the field
// stands in, pointer its RFC 6901 pointer from data. It returns ErrErased when the key was
// destroyed, ErrUnknownKey when this copy of the keyring does not hold it, and ErrDamaged when
// the field was changed or belongs elsewhere. The caller owns the bytes.
func (r *Ring) Open(sealed string, event [16]byte, pointer string) ([]byte, error) {
	id, raw, err := parseField(sealed)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	key, err := r.keyByID(id)
	r.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return openField(key.aead, raw, place{event, pointer})
}

// keyByID is called under mu.
func (r *Ring) keyByID(id keyID) (*openKey, error) {
	if k, ok := r.byID[id]; ok {
		return k, nil
	}
	for n := range r.ids.find(id.fingerprint()) {
		if k := r.cache[n%cacheSize]; k != nil && k.slot == n && k.id == id {
			return k, nil
		}
		s, err := r.read(n)
		if err != nil {
			return nil, err
		}
		if s.id == id {
			return r.unlock(n, &s)
		}
	}
	return nil, ErrUnknownKey
}

// keyByOwner is called under mu; it returns nil when the owner has no key yet.
func (r *Ring) keyByOwner(owner uint64) (*openKey, error) {
	if k, ok := r.byOwner[owner]; ok {
		return k, nil
	}
	n, s, err := r.slotOf(owner)
	if err != nil || s == nil {
		return nil, err
	}
	if k := r.cache[n%cacheSize]; k != nil && k.slot == n {
		return k, nil
	}
	return r.unlock(n, s)
}

// slotOf finds the slot of an owner; nil when there is none. Called under mu.
func (r *Ring) slotOf(owner uint64) (uint32, *slot, error) {
	for n := range r.owners.find(ownerFingerprint(owner)) {
		if k := r.cache[n%cacheSize]; k != nil && k.slot == n && k.owner == owner {
			return n, &slot{owner: owner, id: k.id, state: stateLive}, nil
		}
		s, err := r.read(n)
		if err != nil {
			return 0, nil, err
		}
		if s.owner == owner {
			return n, &s, nil
		}
	}
	return 0, nil, nil
}

// read returns slot n from the file.
func (r *Ring) read(n uint32) (slot, error) {
	if r.file == nil {
		return slot{}, ErrStopped
	}
	var b [slotSize]byte
	if _, err := r.file.ReadAt(b[:], offset(n)); err != nil {
		return slot{}, fmt.Errorf("keyring, slot %d: %w", n, err)
	}
	s, ok := decodeSlot(b[:], r.header.ring, n)
	if !ok {
		return s, fmt.Errorf("%w: slot %d of the keyring", ErrDamaged, n)
	}
	return s, nil
}

// unlock unwraps the key of slot n and remembers it. Called under mu.
func (r *Ring) unlock(n uint32, s *slot) (*openKey, error) {
	if s.state == stateDestroyed {
		return nil, ErrErased
	}
	key, err := unwrap(r.kek, &s.sealed, wrapping(r.header.ring, s.owner, s.id, s.state))
	if err != nil {
		return nil, fmt.Errorf("slot %d: %w", n, err)
	}
	k := &openKey{slot: n, owner: s.owner, id: s.id, aead: newAEAD(key), key: [keySize]byte(key)}
	r.cache[n%cacheSize] = k
	return k, nil
}

func offset(n uint32) int64 { return (int64(n) + 1) * slotSize }
