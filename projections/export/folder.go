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
)

// ErrFolder reports a folder that is not empty, or is being written; choose another, or delete it.
var ErrFolder = errors.New("the folder is not empty")

// folder is the folder of an export while it is written. Nothing stands under the final name
// before everything is on disk: the rename in finish is the commit point.
type folder struct {
	final   string
	partial string
}

func newFolder(dir string) (*folder, error) {
	dir = filepath.Clean(dir)
	found, err := os.ReadDir(dir)
	if err == nil && len(found) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrFolder, dir)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f := &folder{final: dir, partial: dir + ".partial"}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, err
	}
	err = os.Mkdir(f.partial, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w: %s is there: another export writes it, or was killed", ErrFolder, f.partial)
	}
	return f, err
}

// finish gives the folder its name, or deletes it when the export failed.
func (f *folder) finish(failed error) error {
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
