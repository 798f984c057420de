package seal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// backing is what a keyring is written to: *os.File or memory.
type backing interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
}

// scanBytes is how much of the keyring is read at once while it is opened.
const scanBytes = 1 << 20

// load reads the whole keyring into the indexes. Slots that a crash tore are marked void.
func (r *Ring) load(k *kek) error {
	head := make([]byte, slotSize)
	if _, err := r.file.ReadAt(head, 0); err != nil {
		return err
	}
	var err error
	if r.header, err = decodeHeader(head); err != nil {
		return err
	}
	r.kek = newAEAD(k.key[:])
	secret, err := unwrap(r.kek, &r.header.secret, wrapping(r.header.ring, 0, keyID{}, 0))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWrongKey, err)
	}
	r.secret = [keySize]byte(secret)
	torn, err := r.scan()
	if err != nil {
		return err
	}
	r.torn = len(torn)
	if err := r.bury(torn); err != nil {
		return err
	}
	if r.snapshot == nil {
		return fmt.Errorf("%w: the keyring holds no key of snapshots", ErrDamaged)
	}
	return r.voidStale()
}

// scan reads every slot and returns the torn ones: those damaged ones that no later group
// follows. A damaged slot before a later group was once durable, because groups are synced one
// after the other: that is ErrDamaged, and a copy of the keyring is needed.
func (r *Ring) scan() (torn []uint32, err error) {
	piece := make([]byte, scanBytes)
	for n := uint32(0); ; {
		got, err := r.file.ReadAt(piece, offset(n))
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if rest := got % slotSize; rest != 0 { // a cut slot at the end: as one with zeros
			clear(piece[got : got+slotSize-rest])
			got += slotSize - rest
		}
		for b := piece[:got]; len(b) > 0; b, n = b[slotSize:], n+1 {
			s, ok := decodeSlot(b, r.header.ring, n)
			switch {
			case !ok:
				torn = append(torn, n)
			case len(torn) > 0 && torn[0] < s.group:
				return nil, fmt.Errorf("%w: slot %d of the keyring; restore a copy of it", ErrDamaged, torn[0])
			default:
				err := r.learn(n, &s)
				if err != nil {
					return nil, err
				}
			}
		}
		r.slots = n
		if got < scanBytes {
			return torn, nil
		}
	}
}

// learn enters a slot that is on disk into the indexes. Called under mu, or before r is shared.
func (r *Ring) learn(n uint32, s *slot) error {
	switch s.state {
	case stateLive, stateDestroyed:
		r.owners.add(ownerFingerprint(s.owner), n)
		if s.id != (keyID{}) {
			r.ids.add(s.id.fingerprint(), n)
		}
	case stateTombstone:
		r.tombs[[32]byte(s.sealed[:32])] = true
	case stateSnapshot:
		k, err := r.unlock(n, s)
		if r.snapshot != nil {
			r.stale = append(r.stale, r.snapshot)
		}
		r.snapshot = k
		return err
	}
	return nil
}

// bury marks torn slots void, so that a later group does not make them look like damage.
func (r *Ring) bury(torn []uint32) error {
	if len(torn) == 0 {
		return nil
	}
	for _, n := range torn {
		void := slot{state: stateVoid, group: torn[0]}
		if _, err := r.file.WriteAt(void.encode(nil, r.header.ring, n), offset(n)); err != nil {
			return err
		}
	}
	return r.file.Sync()
}

// lockFile takes the folder for this process until the file is closed or the process ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrLocked, path), f.Close())
	}
	return f, nil
}

// memory is a backing without a disk. Calls are serialised by the ring's locks.
type memory struct{ content []byte }

// ReadAt follows io.ReaderAt.
func (m *memory) ReadAt(b []byte, at int64) (int, error) {
	if at >= int64(len(m.content)) {
		return 0, io.EOF
	}
	n := copy(b, m.content[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt follows io.WriterAt and grows the content.
func (m *memory) WriteAt(b []byte, at int64) (int, error) {
	if end := int(at) + len(b); end > len(m.content) {
		m.content = append(m.content, make([]byte, end-len(m.content))...)
	}
	return copy(m.content[at:], b), nil
}

// Sync does nothing: memory is as durable as it gets.
func (m *memory) Sync() error { return nil }

// Close does nothing.
func (m *memory) Close() error { return nil }
