package events

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Magic numbers of the file systems on which syncfs reports write errors since Linux 5.8.
const (
	ext4Magic  = 0xef53
	xfsMagic   = 0x58465342
	btrfsMagic = 0x9123683e
)

// disk is the file system under a folder, through a descriptor that is open since before the
// first write: only such a descriptor is told of write errors that happened in between.
type disk struct{ dir *os.File }

// openDisk opens the folder's file system; groups is false where one syncfs cannot stand for
// the sync of every file, and the server must sync each message itself.
func openDisk(dir string) (d *disk, groups bool, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, false, err
	}
	var fsys unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &fsys); err != nil {
		return nil, false, err
	}
	switch fsys.Type {
	case ext4Magic, xfsMagic, btrfsMagic:
		groups = kernelAtLeast(5, 8)
	}
	return &disk{f}, groups, nil
}

func kernelAtLeast(major, minor int) bool {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return false
	}
	var a, b int
	if n, _ := fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &a, &b); n != 2 {
		return false
	}
	return a > major || a == major && b >= minor
}

// sync puts everything written to the file system before the call on disk.
func (d *disk) sync() error { return unix.Syncfs(int(d.dir.Fd())) }

// free returns the bytes that the process may still write.
func (d *disk) free() (uint64, error) {
	var fsys unix.Statfs_t
	if err := unix.Fstatfs(int(d.dir.Fd()), &fsys); err != nil {
		return 0, err
	}
	return fsys.Bavail * uint64(fsys.Bsize), nil
}

// forget drops the page cache of every file below dir, so that what is read next comes from
// the disk: after an unclean stop the cache may hold what the disk never got.
func (d *disk) forget(dir string) error {
	if err := d.sync(); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
	})
}

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
