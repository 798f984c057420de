package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io"
	"os"
)

// Destroy erases an owner: the key is overwritten with zeros and synced, and snapshots made
// until now no longer open, since they hold values in the open. Open answers ErrErased for
// what was sealed under the key, and Seal refuses the owner for ever, also when he never had
// a key. It is idempotent, and is called again for every person.key_destroyed that a start
// replays, so that a restored old copy of the keyring forgets what it should not know.
//
// The commit point is the sync of the overwritten slot: a crash before it leaves the key, and
// the replay of the event destroys it.
func (r *Ring) Destroy(owner uint64) error {
	r.mu.Lock()
	r.doomed[owner] = true // from here on no sealer makes him a key
	r.mu.Unlock()
	// A key that waits is written first, so that its id goes on answering "erased".
	if err := r.commitKeys(); err != nil {
		return err
	}
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	n, s, err := r.slotOf(owner)
	r.mu.Unlock()
	switch {
	case err != nil:
		return err
	case s == nil:
		_, err := r.append([]slot{{owner: owner, state: stateDestroyed}})
		return err
	case s.state == stateDestroyed:
		return nil
	}
	if err := r.renewSnapshotKey(); err != nil {
		return err
	}
	return r.overwrite(n, slot{owner: owner, id: s.id, state: stateDestroyed})
}

// Destroyed reports whether Destroy was called for the owner.
func (r *Ring) Destroyed(owner uint64) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, s, err := r.slotOf(owner)
	return s != nil && s.state == stateDestroyed, err
}

// renewSnapshotKey appends a new key of snapshots and overwrites the old one. A crash between
// leaves both; the last one counts, and the next start overwrites the other. Called under
// writing.
func (r *Ring) renewSnapshotKey() error {
	k, err := r.newKey(0)
	if err != nil {
		return err
	}
	s := slot{id: k.id, state: stateSnapshot}
	if err := r.seal(&s, k.key[:]); err != nil {
		return err
	}
	if _, err := r.append([]slot{s}); err != nil {
		return err
	}
	return r.voidStale()
}

// voidStale overwrites the former keys of snapshots.
func (r *Ring) voidStale() error {
	for len(r.stale) > 0 { // only writers and the start touch it
		old := r.stale[0]
		if err := r.overwrite(old.slot, slot{id: old.id, state: stateVoid}); err != nil {
			return err
		}
		r.stale = r.stale[1:]
	}
	return nil
}

// overwrite replaces slot n in place, keeping its group. Called under writing.
func (r *Ring) overwrite(n uint32, s slot) error {
	r.mu.Lock()
	was, err := r.read(n)
	file, failed := r.file, r.failed
	r.mu.Unlock()
	if err = errors.Join(failed, err); err != nil {
		return err
	}
	s.group = was.group
	if err := r.write(file, s.encode(nil, r.header.ring, n), offset(n)); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cache[n%cacheSize] = nil
	return nil
}

// Entomb remembers a forgotten official number by a keyed hash, so that next month's register
// row is refused as erased. It is durable on return and idempotent. Callers entomb a person's
// numbers before they destroy the key.
func (r *Ring) Entomb(value []byte) error {
	hash := r.tombstone(value)
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	known := r.tombs[hash]
	r.mu.Unlock()
	if known {
		return nil
	}
	s := slot{state: stateTombstone}
	copy(s.sealed[:], hash[:])
	_, err := r.append([]slot{s})
	return err
}

// Entombed reports whether the value was forgotten.
func (r *Ring) Entombed(value []byte) bool {
	hash := r.tombstone(value)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tombs[hash]
}

func (r *Ring) tombstone(value []byte) (hash [32]byte) {
	mac := hmac.New(sha256.New, r.secret[:])
	mac.Write([]byte("anju tombstone\x00"))
	mac.Write(value)
	mac.Sum(hash[:0])
	return hash
}

// Rewrap wraps the whole keyring under a new key-encryption key and destroys the old one: no
// copy of the keyring that was made before opens again, except together with a copy of the
// old key file. Snapshots made before do not open either. Sealing waits meanwhile.
//
// The commit point is the rename of the new keyring. A crash before it leaves the old pair;
// after it, the next start puts the new key in its place and destroys the old one.
func (r *Ring) Rewrap() error {
	if r.lock == nil {
		return nil // in memory there is no copy to shut out
	}
	if err := r.commitKeys(); err != nil {
		return err
	}
	r.writing.Lock()
	defer r.writing.Unlock()
	if err := r.renewSnapshotKey(); err != nil {
		return err
	}
	next, err := newKEK(r.config.Random, r.header.epoch+1)
	if err != nil {
		return err
	}
	keyFile := r.config.KeyFile
	steps := []struct {
		name string
		do   func() error
	}{
		{"next key", func() error { return writeFile(keyFile+nextSuffix, next.encode()) }},
		{"next keyring", func() error { return r.copyUnder(&next) }},
		{"rename keyring", func() error { return os.Rename(r.path()+nextSuffix, r.path()) }}, // commit point
		{"sync folder", func() error { return syncDir(r.path()) }},
		{"old key", func() error { return replaceKEK(keyFile) }},
		{"reopen", func() error { return r.reopen(&next) }},
	}
	for _, step := range steps {
		if err := r.crash(step.name); err != nil {
			return r.stop(err)
		}
		if err := step.do(); err != nil {
			return r.stop(err)
		}
	}
	return nil
}

// copyUnder writes the keyring with every key wrapped under k, each slot at its old place.
func (r *Ring) copyUnder(k *kek) error {
	f, err := os.OpenFile(r.path()+nextSuffix, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = r.copySlots(f, k)
	return errors.Join(err, f.Sync(), f.Close())
}

func (r *Ring) copySlots(f *os.File, k *kek) error {
	under := newAEAD(k.key[:])
	h := header{epoch: k.epoch, ring: r.header.ring}
	if _, err := io.ReadFull(r.config.Random, h.secret[:nonceSize]); err != nil {
		return err
	}
	wrap(under, &h.secret, r.secret[:], wrapping(h.ring, 0, keyID{}, 0))
	b := h.encode()
	for n := range r.slots {
		s, err := r.read(n)
		if err != nil {
			return err
		}
		if s.state == stateLive || s.state == stateSnapshot {
			ad := wrapping(h.ring, s.owner, s.id, s.state)
			key, err := unwrap(r.kek, &s.sealed, ad)
			if err != nil {
				return err
			}
			if _, err := io.ReadFull(r.config.Random, s.sealed[:nonceSize]); err != nil {
				return err
			}
			wrap(under, &s.sealed, key, ad)
		}
		if b = s.encode(b, h.ring, n); len(b) >= scanBytes {
			if _, err := f.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := f.Write(b)
	return err
}

// reopen goes on with the file that Rewrap made: slots keep their numbers, so the indexes stay.
func (r *Ring) reopen(k *kek) error {
	f, err := os.OpenFile(r.path(), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.file
	r.file, r.kek, r.header.epoch = f, newAEAD(k.key[:]), k.epoch
	return old.Close()
}
