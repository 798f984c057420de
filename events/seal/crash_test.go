package seal

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var errCut = errors.New("power cut")

// A power cut at any byte of the last group's write leaves the groups before it whole.
func TestTornGroupIsIgnored(t *testing.T) {
	dir := t.TempDir()
	r := openRing(t, dir)
	first := sealOne(t, r, 1, `"a"`)
	whole := offset(r.slots)
	s := r.Sealer()
	for owner := range uint64(3) {
		_, err := s.Seal(10+owner, someEvent, "/name", []byte("1"))
		require.NoError(t, err)
	}
	require.NoError(t, s.Commit())
	require.NoError(t, r.Close())
	path := filepath.Join(dir, ringName)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	try := func(content []byte) {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		for pass := range 2 {
			r, err := OpenRing(Config{Dir: dir})
			require.NoError(t, err)
			if pass == 1 {
				require.Zero(t, r.Torn(), "torn slots were buried")
			}
			requireOpens(t, r, first, `"a"`)
			requireOpens(t, r, sealOne(t, r, 50+uint64(pass), `"new"`), `"new"`)
			require.NoError(t, r.Close())
		}
	}
	for cut := whole; cut <= int64(len(b)); cut += 13 {
		try(b[:cut])
	}
	for slot := whole; slot < int64(len(b)); slot += slotSize { // pages in another order
		hole := slices.Clone(b)
		clear(hole[slot : slot+slotSize])
		try(hole)
	}
}

// Each step fails; the folder as it then is must open, with everything that was committed.
func TestEveryStepMayBeTheLast(t *testing.T) {
	acts := map[string]func(r *Ring) error{
		"commit": func(r *Ring) error {
			s := r.Sealer()
			if _, err := s.Seal(5, someEvent, "/name", []byte("1")); err != nil {
				return err
			}
			return s.Commit()
		},
		"destroy": func(r *Ring) error { return r.Destroy(2) },
		"entomb":  func(r *Ring) error { return r.Entomb([]byte("number")) },
		"rewrap":  func(r *Ring) error { return r.Rewrap() },
	}
	for name, act := range acts {
		for fail := 1; ; fail++ {
			dir := t.TempDir()
			r := openRing(t, dir)
			kept, erased := sealOne(t, r, 1, `"a"`), sealOne(t, r, 2, `"b"`)
			step, at := 0, ""
			r.crash = func(s string) error {
				if step++; step == fail {
					at = s
					return errCut
				}
				return nil
			}
			err := act(r)
			if err == nil {
				require.Greater(t, fail, 2, "%s has steps", name)
				break
			}
			require.ErrorIs(t, err, errCut)
			require.ErrorIs(t, r.Sealer().ring.commitKeysAfter(7), ErrStopped)
			require.NoError(t, r.Close())
			again := openRing(t, dir)
			requireOpens(t, again, kept, `"a"`)
			requireOneSnapshotKey(t, again)
			require.NoError(t, act(again), "%s at %q is done again", name, at)
			requireOpens(t, again, kept, `"a"`)
			if name == "destroy" {
				_, err := again.Open(erased, someEvent, "/name")
				require.ErrorIs(t, err, ErrErased)
			}
			require.NoError(t, again.Close())
			require.NoFileExists(t, filepath.Join(dir, ringName+nextSuffix))
			require.NoFileExists(t, filepath.Join(dir, kekName+nextSuffix))
		}
	}
}

func requireOneSnapshotKey(t *testing.T, r *Ring) {
	t.Helper()
	keys := 0
	for n := range r.slots {
		s, err := r.read(n)
		require.NoError(t, err)
		if s.state == stateSnapshot {
			keys++
		}
	}
	require.Equal(t, 1, keys, "former keys of snapshots are overwritten")
}

// commitKeysAfter seals for a new owner and commits.
func (r *Ring) commitKeysAfter(owner uint64) error {
	s := r.Sealer()
	if _, err := s.Seal(owner, someEvent, "/name", []byte("1")); err != nil {
		return err
	}
	return s.Commit()
}

func TestSnapshotIsWholeOrRefused(t *testing.T) {
	r := openRing(t, t.TempDir())
	for _, size := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3*chunkSize + 5} {
		plain := make([]byte, size)
		_, _ = (&counting{}).Read(plain)
		snapshot := writeSnapshot(t, r, plain)
		rd, err := r.NewReader(bytes.NewReader(snapshot))
		require.NoError(t, err)
		got, err := io.ReadAll(rd)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got))

		for _, cut := range []int{0, 20, snapshotHeader, snapshotHeader + chunkSize + tagSize, len(snapshot) - 1} {
			if cut < len(snapshot) {
				requireRefused(t, r, snapshot[:cut])
			}
		}
		requireRefused(t, r, append(slices.Clone(snapshot), 0))
		for _, at := range []int{0, 9, 13, 33, snapshotHeader, len(snapshot) - 1} {
			bad := slices.Clone(snapshot)
			bad[at] ^= 4
			requireRefused(t, r, bad)
		}
	}
}

func TestSnapshotOfBeforeADestructionDoesNotOpen(t *testing.T) {
	r := openRing(t, t.TempDir())
	sealOne(t, r, 1, "1")
	for _, act := range []func() error{func() error { return r.Destroy(1) }, r.Rewrap} {
		snapshot := writeSnapshot(t, r, []byte("values"))
		require.NoError(t, act())
		_, err := r.NewReader(bytes.NewReader(snapshot))
		require.ErrorIs(t, err, ErrUnknownKey)
	}
}

func writeSnapshot(t *testing.T, r *Ring, plain []byte) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := r.NewWriter(&file)
	require.NoError(t, err)
	for b := plain; len(b) > 0; {
		n := min(len(b), 1000)
		_, err := w.Write(b[:n])
		require.NoError(t, err)
		b = b[n:]
	}
	require.NoError(t, w.Close())
	require.Error(t, w.Close())
	return file.Bytes()
}

func requireRefused(t *testing.T, r *Ring, snapshot []byte) {
	t.Helper()
	rd, err := r.NewReader(bytes.NewReader(snapshot))
	if err == nil {
		_, err = io.ReadAll(rd)
	}
	require.ErrorIs(t, err, ErrDamaged)
}
