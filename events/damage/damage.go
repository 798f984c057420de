// Package damage does to the files of a ledger at rest what disks, operators and forgers do to
// them. It is for tests only: no command imports it. Every function reports an error when it did
// not change what it was to change, so that a test of a fault never passes without the fault.
//
// It knows how JetStream's file store lays out a stream (docs/format.md, section 9, has the book),
// and nothing else of ours. A file is replaced and never written in place: a folder may share
// unchanged files with the one that it was copied from.
package damage

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// errSame reports a damage that changed nothing.
var errSame = errors.New("the damage changed nothing")

// change replaces a file by what make makes of its bytes.
func change(path string, make func(b []byte) ([]byte, error)) error {
	was, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	is, err := make(bytes.Clone(was))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if bytes.Equal(was, is) {
		return fmt.Errorf("%s: %w", path, errSame)
	}
	if err := os.Remove(path); err != nil { // it may have another name elsewhere
		return err
	}
	return os.WriteFile(path, is, 0o600)
}

// Flip flips the lowest bit of a byte; a negative place counts from the end.
func Flip(path string, at int) error {
	return change(path, func(b []byte) ([]byte, error) {
		if at < 0 {
			at += len(b)
		}
		if at < 0 || at >= len(b) {
			return nil, fmt.Errorf("it has no byte %d", at)
		}
		b[at] ^= 1
		return b, nil
	})
}

// Cut takes bytes off the end of a file.
func Cut(path string, bytes int) error {
	return change(path, func(b []byte) ([]byte, error) {
		if bytes > len(b) {
			return nil, fmt.Errorf("it has only %d bytes", len(b))
		}
		return b[:len(b)-bytes], nil
	})
}

// Delete removes a file, or a folder with all that is in it.
func Delete(path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	return os.RemoveAll(path)
}

// Swap exchanges the names of two files.
func Swap(a, b string) error {
	other, err := os.ReadFile(b)
	if err != nil {
		return err
	}
	var was []byte
	if err := change(a, func(b []byte) ([]byte, error) { was = b; return other, nil }); err != nil {
		return err
	}
	return change(b, func([]byte) ([]byte, error) { return was, nil })
}

// Copy copies a folder. Files that shared says yes to are linked instead: their bytes lie on disk
// once.
func Copy(from, to string, shared func(path string) bool) error {
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case shared(path):
			return os.Link(path, target)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, b, info.Mode().Perm())
	})
}
