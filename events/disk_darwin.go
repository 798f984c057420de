package events

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// disk is the file system under a folder. macOS has no syncfs: the server syncs each message
// itself before it acknowledges.
type disk struct{ dir *os.File }

// openDisk opens the folder; groups is false, so that the server is run with SyncAlways.
func openDisk(dir string) (d *disk, groups bool, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, false, err
	}
	return &disk{f}, false, nil
}

// sync has nothing to do: what was acknowledged is on disk.
func (d *disk) sync() error { return nil }

// free returns the bytes that the process may still write.
func (d *disk) free() (uint64, error) {
	var fsys unix.Statfs_t
	if err := unix.Fstatfs(int(d.dir.Fd()), &fsys); err != nil {
		return 0, err
	}
	return fsys.Bavail * uint64(fsys.Bsize), nil
}

// forget has nothing to do: the cache holds nothing that the disk did not get.
func (d *disk) forget(string) error { return nil }

func (d *disk) close() error { return d.dir.Close() }

// lock takes the folder for this process; it is free again when the process ends.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return f, nil
}
