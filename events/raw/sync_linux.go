package raw

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncFileSystem puts everything that was written to the folder's file system on disk.
func syncFileSystem(folder *os.File) error { return unix.Syncfs(int(folder.Fd())) }

// InMemory says that the folder lies on a file system in memory, where a sync costs nothing.
func InMemory(dir string) (bool, error) {
	var fs unix.Statfs_t
	err := unix.Statfs(dir, &fs)
	return fs.Type == unix.TMPFS_MAGIC || fs.Type == unix.RAMFS_MAGIC, err
}
