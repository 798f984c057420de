package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/damage"
	"github.com/anju-ledger/anju/events/intake"
)

// diskBytes is the size of the disk whose power is cut: the seed, and room for what the door keeps free.
const diskBytes = 1 << 30

// powerCut serves the seed from a disk of its own, cuts the disk's power under load, when the book
// has begun a new segment and the full one is being sealed, and asks what is left when it is back.
func (s *seed) powerCut(t *testing.T, r *faultRow) {
	disk, err := damage.MakeDisk(t.TempDir(), diskBytes)
	if errors.Is(err, damage.ErrNoDisk) {
		r.injected = err.Error()
		t.Skip("SKIP:", err)
	}
	require.NoError(t, err)
	defer func() { require.NoError(t, disk.Close()) }()
	dir := filepath.Join(disk.Path, "ledger")
	require.NoError(t, damage.Copy(s.dir, dir, func(string) bool { return false }))
	got := &acknowledged{keys: map[string]intake.Receipt{}}
	c := startChild(t, dir, t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	senders := load(ctx, c, 0, got)
	const toNextSegment = (seedEvents/segment+1)*segment - seedEvents
	require.Eventually(t, func() bool { return got.len() >= toNextSegment+20 }, time.Minute, time.Millisecond)
	require.NoError(t, disk.Cut())
	c.kill(t)
	cancel()
	senders.Wait()
	require.NoError(t, disk.Again())
	r.injected = fmt.Sprintf("power of the disk cut, %d acknowledged", got.len())
	s.survives(t, dir, got, r)
}
