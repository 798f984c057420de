package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrWrongKey reports that the key file does not belong to the keyring: one of them is an old
// copy. Copies made before a Rewrap never open again; that is what Rewrap is for. Callers
// ask for the pair of one backup.
var ErrWrongKey = errors.New("the key file does not fit the keyring")

// ErrExposed reports a key file that others than its owner may read. Callers ask for chmod 600.
var ErrExposed = errors.New("the key file may be read by others")

// The key file is 64 bytes, mode 0600:
//
//	0          8         12     16      24              56
//	+----------+---------+------+-------+---------------+----------+
//	| anju-kek |version 1|0     |epoch  |key, 32        |checksum  |
//	+----------+---------+------+-------+---------------+----------+
const (
	kekMagic   = "anju-kek"
	kekSize    = 64
	nextSuffix = ".next" // of a file that is complete but not yet in its place
)

// kek is the key-encryption key: it wraps the keys of the keyring and nothing else.
type kek struct {
	epoch uint64 // one more at each Rewrap
	key   [keySize]byte
}

func newKEK(random io.Reader, epoch uint64) (k kek, err error) {
	k.epoch = epoch
	_, err = io.ReadFull(random, k.key[:])
	return k, err
}

func (k *kek) encode() []byte {
	b := make([]byte, kekSize)
	copy(b, kekMagic)
	binary.BigEndian.PutUint32(b[8:], version)
	binary.BigEndian.PutUint64(b[16:], k.epoch)
	copy(b[24:], k.key[:])
	sum := sha256.Sum256(b[:56])
	copy(b[56:], sum[:8])
	return b
}

// readKEK returns fs.ErrNotExist when there is no file.
func readKEK(path string) (k kek, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return k, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return k, fmt.Errorf("%w: %s has mode %#o; make it 0600", ErrExposed, path, info.Mode().Perm())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return k, err
	}
	if len(b) != kekSize || string(b[:8]) != kekMagic || binary.BigEndian.Uint32(b[8:]) != version {
		return k, fmt.Errorf("%w: %s is no key file", ErrDamaged, path)
	}
	if sum := sha256.Sum256(b[:56]); !bytes.Equal(sum[:8], b[56:]) {
		return k, fmt.Errorf("%w: the key file %s", ErrDamaged, path)
	}
	k.epoch = binary.BigEndian.Uint64(b[16:])
	copy(k.key[:], b[24:])
	return k, nil
}

// findKEK returns the key of the given epoch. When a crash stopped a Rewrap after its commit
// point, the key waits beside its place and is put there; when it came before, the key that
// waits is of no use and is removed.
func findKEK(path string, epoch uint64) (kek, error) {
	k, err := readKEK(path)
	if err == nil && k.epoch == epoch {
		return k, removeIfThere(path + nextSuffix)
	}
	next, nextErr := readKEK(path + nextSuffix)
	if nextErr == nil && next.epoch == epoch {
		return next, replaceKEK(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return kek{}, fmt.Errorf("%w: it is missing: %w", ErrWrongKey, err)
	case err != nil:
		return kek{}, err
	}
	return kek{}, fmt.Errorf("%w: it is of epoch %d, the keyring of epoch %d", ErrWrongKey, k.epoch, epoch)
}

// replaceKEK overwrites the old key with zeros before the new one takes its name: a file that
// is only unlinked stays on the disk.
func replaceKEK(path string) error {
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		_, err = old.WriteAt(make([]byte, kekSize), 0)
		if err = errors.Join(err, old.Sync(), old.Close()); err != nil {
			return err
		}
	}
	if err := os.Rename(path+nextSuffix, path); err != nil {
		return err
	}
	return syncDir(path)
}

// writeFile writes and syncs a whole new file, and its name.
func writeFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncDir(path)
}

// syncDir makes the name of the file durable.
func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
