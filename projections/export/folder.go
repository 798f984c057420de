package export

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// ErrFolder reports a folder that is not empty, or no folder; choose another, or delete it.
var ErrFolder = errors.New("it is no empty folder")

// ErrInUse reports a folder that another export is being written to; choose another, or wait.
var ErrInUse = errors.New("another export is written there")

// folder is the folder of an export while it is written. Nothing stands under the final name
// before everything is on disk: the rename in finish is the commit point. Until then it is called
// <name>.partial and is locked (flock): one that nobody holds was left by a process that was killed,
// and the next export deletes it.
type folder struct {
	final   string
	partial string
	lock    *os.File // the partial folder itself
}

// Free says whether an export may be written under a name: ErrFolder when something is there.
func Free(dir string) error {
	found, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(found) == 0:
		return nil
	case err == nil, errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: %s", ErrFolder, dir)
	}
	return err
}

// Abandoned reports that an export to a folder was begun by a process that is no more; Write deletes
// what it left.
func Abandoned(dir string) bool {
	partial := filepath.Clean(dir) + partialSuffix
	lock, err := hold(partial)
	if err != nil {
		return false
	}
	_ = lock.Close() // it was only looked at
	return isExport(partial)
}

// isExport reports a folder in which lies nothing but parts of an export: nobody's own files.
func isExport(dir string) bool {
	found, err := os.ReadDir(dir)
	for _, entry := range found {
		name, _, _ := strings.Cut(entry.Name(), ".")
		if !slices.Contains(Tables(), name) && entry.Name() != dictionaryName && entry.Name() != manifestName {
			return false
		}
	}
	return err == nil
}

const partialSuffix = ".partial"

func newFolder(dir string) (*folder, error) {
	dir = filepath.Clean(dir)
	if err := Free(dir); err != nil {
		return nil, err
	}
	f := &folder{final: dir, partial: dir + partialSuffix}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, notUnderFile(err)
	}
	err := os.Mkdir(f.partial, 0o755)
	if errors.Is(err, fs.ErrExist) {
		if err = f.clear(); err == nil {
			err = os.Mkdir(f.partial, 0o755)
		}
	}
	if err != nil {
		return nil, err
	}
	f.lock, err = hold(f.partial)
	return f, err
}

// notUnderFile is ErrFolder where a file stands in the way of a folder.
func notUnderFile(err error) error {
	if errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	return err
}

// clear deletes what a process that is no more left behind.
func (f *folder) clear() error {
	lock, err := hold(f.partial)
	if err != nil {
		return err
	}
	if !isExport(f.partial) {
		return errors.Join(fmt.Errorf("%w: %s", ErrFolder, f.partial), lock.Close())
	}
	return errors.Join(os.RemoveAll(f.partial), lock.Close())
}

// hold locks a folder; ErrInUse when another process, or another export of this one, holds it.
func hold(dir string) (*os.File, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrInUse, dir), d.Close())
	}
	held, err := d.Stat()
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if named, err := os.Stat(dir); err != nil || !os.SameFile(held, named) { // it was deleted meanwhile
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrInUse, dir), d.Close())
	}
	return d, nil
}

// finish gives the folder its name, or deletes it when the export failed.
func (f *folder) finish(failed error) error {
	defer f.lock.Close()
	if failed != nil {
		return errors.Join(failed, os.RemoveAll(f.partial))
	}
	err := os.Rename(f.partial, f.final) // the commit point: before it nothing is there, after it everything
	if err != nil {
		return errors.Join(err, os.RemoveAll(f.partial))
	}
	return syncFolder(filepath.Dir(f.final))
}

// write writes a whole file.
func (f *folder) write(name string, text []byte) error {
	w, err := f.create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	_, closed := w.close()
	return errors.Join(err, closed)
}

// output is one file on its way to the disk, hashed as it goes.
type output struct {
	file *os.File
	name string
	sum  hash.Hash
	size int64
}

// create begins a file; name has slashes.
func (f *folder) create(name string) (*output, error) {
	path := filepath.Join(f.partial, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return &output{file: file, name: name, sum: sha256.New()}, nil
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	n, err := o.file.Write(p)
	o.sum.Write(p[:n])
	o.size += int64(n)
	return n, err
}

// close puts the file on disk and says what it holds; its rows are the caller's to add.
func (o *output) close() (File, error) {
	err := errors.Join(o.file.Sync(), o.file.Close())
	return File{Path: o.name, Bytes: o.size, SHA256: hex.EncodeToString(o.sum.Sum(nil))}, err
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
