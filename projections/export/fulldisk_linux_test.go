package export_test

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/projections/export"
)

// smallDisk mounts a file system of its own, in memory, of some bytes.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	dir := t.TempDir()
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size))
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, 0)) })
	return dir
}

// TestAnExportOnAFullDiskLeavesNothing: at several sizes, so that the disk is full in tables of rows, in OCEL
// and in what describes them, of exports that are made here and such that come as a tar.
func TestAnExportOnAFullDiskLeavesNothing(t *testing.T) {
	ledger := countyLedger(t, county.Names()[:2]...)
	sent, _ := communities(t, ledger)
	for _, size := range []string{"64k", "256k", "700k"} {
		disk := smallDisk(t, size)
		for _, f := range export.Formats() {
			_, err := export.Write(t.Context(), ledger.source(), everything(f), filepath.Join(disk, "out"), nil)
			require.ErrorIs(t, err, syscall.ENOSPC, "%s %s", f, size)
			left, err := os.ReadDir(disk)
			require.NoError(t, err)
			require.Empty(t, left)
		}
		_, err := export.Receive(bytes.NewReader(sent), filepath.Join(disk, "out"), func(int64) {})
		require.ErrorIs(t, err, syscall.ENOSPC, size)
		left, err := os.ReadDir(disk)
		require.NoError(t, err)
		require.Empty(t, left)
	}
}
