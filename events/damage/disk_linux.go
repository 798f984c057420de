package damage

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// fsShutdown is FS_IOC_SHUTDOWN, _IOR('X', 125, u32); noLogFlush stops the file system as a
// power cut does: the journal is not written, and pages that were not synced are gone.
const (
	fsShutdown = 0x8004587d
	noLogFlush = 2
)

// Disk is a file system in a file, whose power can be cut.
type Disk struct {
	Path string // where it is mounted
	file string
}

// ErrNoDisk reports a machine on which no disk can be made: the test is skipped, and says why.
var ErrNoDisk = errors.New("no disk can be made here")

// MakeDisk makes an ext4 file system of that many bytes in a file of a folder, and mounts it there.
// ErrNoDisk where that needs rights or programs that are not there.
func MakeDisk(dir string, size int64) (*Disk, error) {
	if os.Getuid() != 0 {
		return nil, fmt.Errorf("%w: mounting a loop device needs root", ErrNoDisk)
	}
	d := &Disk{filepath.Join(dir, "mounted"), filepath.Join(dir, "disk")}
	if err := os.Mkdir(d.Path, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(d.file, nil, 0o600); err != nil {
		return nil, err
	}
	if err := os.Truncate(d.file, size); err != nil {
		return nil, err
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", d.file).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: mkfs.ext4: %w: %s", ErrNoDisk, err, out)
	}
	if err := d.mount(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoDisk, err)
	}
	return d, nil
}

func (d *Disk) mount() error {
	out, err := exec.Command("mount", "-o", "loop", d.file, d.Path).CombinedOutput()
	if err != nil {
		return fmt.Errorf("mount: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Cut cuts the power: from now on nothing is read or written.
func (d *Disk) Cut() error {
	root, err := os.Open(d.Path)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // it was only read
	if err := unix.IoctlSetPointerInt(int(root.Fd()), fsShutdown, noLogFlush); err != nil {
		return err
	}
	if os.WriteFile(filepath.Join(d.Path, "probe"), []byte("x"), 0o600) == nil {
		return errSame
	}
	return nil
}

// Again mounts the disk as after the power came back; nobody may have a file of it open.
func (d *Disk) Again() error {
	if err := unix.Unmount(d.Path, 0); err != nil {
		return err
	}
	return d.mount()
}

// Close unmounts the disk, and if need be when the last file of it is closed.
func (d *Disk) Close() error {
	if unix.Unmount(d.Path, 0) == nil {
		return nil
	}
	return unix.Unmount(d.Path, unix.MNT_DETACH)
}
