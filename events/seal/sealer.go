package seal

import (
	"errors"
	"fmt"
	"io"
)

// errEmpty is a programmer's mistake: absent and empty fields are not sealed (WIRE §4).
var errEmpty = errors.New("seal: an empty field")

// Sealer seals the fields of one group of events. It is used by one goroutine at a time and
// may be used for any number of groups, each ended by Commit.
type Sealer struct {
	ring  *Ring
	keys  map[uint64]*openKey // of the group, so that a household's fields share one look-up
	fresh bool                // the group uses a key that was not on disk when it was asked for
}

// Sealer returns a sealer without a group.
func (r *Ring) Sealer() *Sealer { return &Sealer{ring: r, keys: map[uint64]*openKey{}} }

// Seal returns the sealed form of a field's JSON: the base64url text of WIRE §4. The owner's
// key is made when there is none; it is on disk only when Commit returns, which must be before
// the event is published. event and pointer say where the field will stand and must be given
// to Open again. It returns ErrErased for an owner whose key was destroyed, and ErrStopped.
func (s *Sealer) Seal(owner uint64, event [16]byte, pointer string, plain []byte) (string, error) {
	if len(plain) == 0 {
		return "", fmt.Errorf("%w at %s", errEmpty, pointer)
	}
	key, ok := s.keys[owner]
	if !ok {
		var err error
		if key, err = s.key(owner); err != nil {
			return "", err
		}
		s.keys[owner] = key
	}
	var nonce [nonceSize]byte
	if _, err := io.ReadFull(s.ring.config.Random, nonce[:]); err != nil {
		return "", err
	}
	return sealField(key, nonce[:], place{event, pointer}, plain), nil
}

func (s *Sealer) key(owner uint64) (*openKey, error) {
	r := s.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed != nil {
		return nil, r.failed
	}
	if r.doomed[owner] {
		return nil, ErrErased
	}
	key, err := r.keyByOwner(owner)
	if err != nil {
		return nil, err
	}
	if key == nil {
		if key, err = r.newKey(owner); err != nil {
			return nil, err
		}
		r.pending = append(r.pending, key)
		r.byOwner[owner], r.byID[key.id] = key, key
	}
	_, waiting := r.byID[key.id]
	s.fresh = s.fresh || waiting
	return key, nil
}

// newKey makes a random key that is not on disk yet.
func (r *Ring) newKey(owner uint64) (*openKey, error) {
	k := &openKey{owner: owner}
	if _, err := io.ReadFull(r.config.Random, k.id[:]); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(r.config.Random, k.key[:]); err != nil {
		return nil, err
	}
	k.aead = newAEAD(k.key[:])
	return k, nil
}

// Commit ends the group: when it returns nil, every key that Seal used since the last Commit
// is on disk, and the group may be published. After an error nothing of the group may be
// published and the keyring is stopped (ErrStopped).
func (s *Sealer) Commit() error {
	clear(s.keys)
	if !s.fresh {
		return nil
	}
	s.fresh = false
	return s.ring.commitKeys()
}

// commitKeys writes all keys that wait, also those of other sealers.
func (r *Ring) commitKeys() error {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	keys := r.pending
	r.mu.Unlock()
	group := make([]slot, len(keys))
	for i, k := range keys {
		group[i] = slot{owner: k.owner, id: k.id, state: stateLive}
		if err := r.seal(&group[i], k.key[:]); err != nil {
			return r.stop(err)
		}
	}
	first, err := r.append(group)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, k := range keys {
		k.slot = first + uint32(i)
		delete(r.byOwner, k.owner)
		delete(r.byID, k.id)
		r.cache[k.slot%cacheSize] = k
	}
	r.pending = r.pending[len(keys):]
	return nil
}

// seal wraps key into the slot under a fresh nonce.
func (r *Ring) seal(s *slot, key []byte) error {
	if _, err := io.ReadFull(r.config.Random, s.sealed[:nonceSize]); err != nil {
		return err
	}
	wrap(r.kek, &s.sealed, key, wrapping(r.header.ring, s.owner, s.id, s.state))
	return nil
}

// append writes slots at the end of the file, syncs them and enters them into the indexes. It
// returns the first one's number. Called under writing.
//
// The commit point is the sync. A crash before it leaves torn slots at the end, which the next
// start marks void; nothing was published under them. A crash after it leaves keys of which
// perhaps no event speaks, which harms nobody.
func (r *Ring) append(group []slot) (uint32, error) {
	r.mu.Lock()
	first, file, failed := r.slots, r.file, r.failed
	r.mu.Unlock()
	switch {
	case failed != nil:
		return 0, failed
	case len(group) == 0:
		return first, nil
	case uint64(first)+uint64(len(group)) > maxSlots:
		return 0, fmt.Errorf("the keyring is full: %d slots", first)
	}
	b := make([]byte, 0, len(group)*slotSize)
	for i := range group {
		group[i].group = first
		b = group[i].encode(b, r.header.ring, first+uint32(i))
	}
	if err := r.write(file, b, offset(first)); err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slots += uint32(len(group))
	for i := range group {
		if err := r.learn(first+uint32(i), &group[i]); err != nil {
			return 0, err
		}
	}
	return first, nil
}

// write puts bytes in the keyring's file and syncs them; a failure stops the keyring.
func (r *Ring) write(file backing, b []byte, at int64) error {
	if err := r.crash("write"); err != nil {
		return r.stop(err)
	}
	if _, err := file.WriteAt(b, at); err != nil {
		return r.stop(err)
	}
	if err := r.crash("sync"); err != nil {
		return r.stop(err)
	}
	if err := file.Sync(); err != nil {
		return r.stop(err)
	}
	return nil
}

// stop makes every later write answer ErrStopped.
func (r *Ring) stop(cause error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == nil {
		r.failed = fmt.Errorf("%w: %w", ErrStopped, cause)
	}
	return r.failed
}
