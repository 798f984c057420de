//go:build !linux

package raw

import "os"

// syncFileSystem has no syncfs here: what it syncs is the folder alone, so that figures of such a
// machine are too good.
func syncFileSystem(folder *os.File) error { return folder.Sync() }

// InMemory says that the folder lies on a file system in memory, where a sync costs nothing.
func InMemory(string) (bool, error) { return false, nil }
