package seal

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/chacha20poly1305"
)

func openRing(t *testing.T, dir string) *Ring {
	t.Helper()
	r, err := OpenRing(Config{Dir: dir})
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func requireOpens(t *testing.T, r *Ring, sealed, want string) {
	t.Helper()
	plain, err := r.Open(sealed, someEvent, "/name")
	require.NoError(t, err)
	require.Equal(t, want, string(plain))
}

func TestKeysSurviveReopening(t *testing.T) {
	dir := t.TempDir()
	r := openRing(t, dir)
	const owners = 5000 // more than the cache holds
	sealed := make([]string, owners)
	s := r.Sealer()
	for i := range sealed {
		var err error
		sealed[i], err = s.Seal(uint64(i), someEvent, "/name", fmt.Appendf(nil, "%d", i))
		require.NoError(t, err)
		requireOpens(t, r, sealed[i], fmt.Sprint(i)) // also before its key is on disk
		if i%100 == 99 {
			require.NoError(t, s.Commit())
		}
	}
	tag := r.Tag("identity", []byte("520603"))
	require.NotEqual(t, tag, r.Tag("name", []byte("520603")))
	require.NoError(t, r.Close())
	r = openRing(t, dir)
	require.Zero(t, r.Torn())
	require.Equal(t, tag, r.Tag("identity", []byte("520603")))
	for i := range sealed {
		requireOpens(t, r, sealed[i], fmt.Sprint(i))
	}
	before := r.slots
	again := sealOne(t, r, 17, `"again"`)
	require.Equal(t, before, r.slots, "an owner has one key for life")
	requireOpens(t, r, again, `"again"`)
}

func TestTwoSealersWaitForOneKey(t *testing.T) {
	r := openRing(t, t.TempDir())
	a, b := r.Sealer(), r.Sealer()
	_, err := a.Seal(1, someEvent, "/name", []byte("1"))
	require.NoError(t, err)
	_, err = b.Seal(1, someEvent, "/name", []byte("1"))
	require.NoError(t, err)
	require.NoError(t, b.Commit())
	require.NoError(t, a.Commit())
	require.Equal(t, uint32(2), r.slots, "the snapshot key and one key")
	r.crash = func(string) error { return errors.New("no disk") }
	_, err = a.Seal(2, someEvent, "/name", []byte("1"))
	require.NoError(t, err)
	_, err = b.Seal(2, someEvent, "/name", []byte("1"))
	require.NoError(t, err)
	require.ErrorIs(t, a.Commit(), ErrStopped)
	r.crash = func(string) error { return nil }
	require.ErrorIs(t, b.Commit(), ErrStopped, "b's key is not on disk either")
}

func TestDestroyedOwnerIsErasedForEver(t *testing.T) {
	dir := t.TempDir()
	r := openRing(t, dir)
	sealed, neighbour := sealOne(t, r, 1, `"a"`), sealOne(t, r, 2, `"b"`)
	key, err := r.keyByOwner(1)
	require.NoError(t, err)
	id := key.id
	copied := t.TempDir()
	require.NoError(t, os.CopyFS(copied+"/old", os.DirFS(dir)))
	check := func() {
		_, err := r.Open(sealed, someEvent, "/name")
		require.ErrorIs(t, err, ErrErased)
		_, err = r.Sealer().Seal(1, someEvent, "/name", []byte("1"))
		require.ErrorIs(t, err, ErrErased)
		_, err = r.Sealer().Seal(99, someEvent, "/name", []byte("1"))
		require.ErrorIs(t, err, ErrErased)
		gone, err := r.Destroyed(1)
		require.NoError(t, err)
		require.True(t, gone)
		requireOpens(t, r, neighbour, `"b"`)
	}
	for range 2 { // idempotent
		require.NoError(t, r.Destroy(1))
		require.NoError(t, r.Destroy(99)) // never had a key
		check()
	}
	require.NoError(t, r.Close())
	r = openRing(t, dir)
	check()
	before, err := os.ReadFile(filepath.Join(dir, ringName))
	require.NoError(t, err)
	require.NoError(t, r.Destroy(1))
	after, err := os.ReadFile(filepath.Join(dir, ringName))
	require.NoError(t, err)
	require.Equal(t, before, after, "a replayed destruction writes nothing")
	at := offset(1)
	require.Equal(t, id[:], after[at+8:at+24])
	require.Equal(t, make([]byte, 72), after[at+24:at+96], "the key is overwritten")

	require.NoError(t, os.Chmod(filepath.Join(copied, "old", kekName), 0o600))
	old := openRing(t, copied+"/old")
	requireOpens(t, old, sealed, `"a"`) // a restored copy knows it …
	require.NoError(t, old.Destroy(1))  // … until the event is replayed
	_, err = old.Open(sealed, someEvent, "/name")
	require.ErrorIs(t, err, ErrErased)
}

func TestDestroyingAKeyThatWaitsForTheDisk(t *testing.T) {
	r := openRing(t, t.TempDir())
	s := r.Sealer()
	sealed, err := s.Seal(1, someEvent, "/name", []byte("1"))
	require.NoError(t, err)
	require.NoError(t, r.Destroy(1))
	require.NoError(t, s.Commit())
	_, err = r.Open(sealed, someEvent, "/name")
	require.ErrorIs(t, err, ErrErased)
}

func TestTombstonesAreKeptAndKeyed(t *testing.T) {
	dir := t.TempDir()
	r := openRing(t, dir)
	require.NoError(t, r.Entomb([]byte("520603-0001")))
	slots := r.slots
	require.NoError(t, r.Entomb([]byte("520603-0001")))
	require.Equal(t, slots, r.slots)
	require.NoError(t, r.Close())
	r = openRing(t, dir)
	require.True(t, r.Entombed([]byte("520603-0001")))
	require.False(t, r.Entombed([]byte("520603-0002")))
	other := openRing(t, t.TempDir())
	require.NotEqual(t, r.tombstone([]byte("x")), other.tombstone([]byte("x")))
}

func TestRewrapShutsOutOldCopies(t *testing.T) {
	dir := t.TempDir()
	r := openRing(t, dir)
	sealed := sealOne(t, r, 1, `"a"`)
	require.NoError(t, r.Entomb([]byte("n")))
	tag := r.Tag("c", []byte("v"))
	oldRing, err := os.ReadFile(filepath.Join(dir, ringName))
	require.NoError(t, err)
	require.NoError(t, r.Rewrap())
	requireOpens(t, r, sealed, `"a"`)
	second := sealOne(t, r, 2, `"b"`)
	require.NoError(t, r.Close())
	r = openRing(t, dir)
	requireOpens(t, r, sealed, `"a"`)
	requireOpens(t, r, second, `"b"`)
	require.True(t, r.Entombed([]byte("n")))
	require.Equal(t, tag, r.Tag("c", []byte("v")))
	require.NoError(t, r.Close())

	require.NoError(t, os.WriteFile(filepath.Join(dir, ringName), oldRing, 0o600))
	_, err = OpenRing(Config{Dir: dir})
	require.ErrorIs(t, err, ErrWrongKey)
}

func TestKeyringIsGuarded(t *testing.T) {
	t.Run("one process at a time", func(t *testing.T) {
		dir := t.TempDir()
		openRing(t, dir)
		_, err := OpenRing(Config{Dir: dir})
		require.ErrorIs(t, err, ErrLocked)
	})
	t.Run("a missing keyring is not made anew for a ledger with events", func(t *testing.T) {
		_, err := OpenRing(Config{Dir: t.TempDir(), Existing: true})
		require.ErrorIs(t, err, fs.ErrNotExist)
	})
	t.Run("a key file that others may read", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, openRing(t, dir).Close())
		require.NoError(t, os.Chmod(filepath.Join(dir, kekName), 0o644))
		_, err := OpenRing(Config{Dir: dir})
		require.ErrorIs(t, err, ErrExposed)
	})
	t.Run("a missing key file", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, openRing(t, dir).Close())
		require.NoError(t, os.Remove(filepath.Join(dir, kekName)))
		_, err := OpenRing(Config{Dir: dir})
		require.ErrorIs(t, err, ErrWrongKey)
	})
	t.Run("a damaged slot that was durable", func(t *testing.T) {
		dir := t.TempDir()
		r := openRing(t, dir)
		sealOne(t, r, 1, "1")
		sealOne(t, r, 2, "1")
		require.NoError(t, r.Close())
		path := filepath.Join(dir, ringName)
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		for bit := offset(0) * 8; bit < offset(2)*8; bit += 7 {
			b[bit/8] ^= 1 << (bit % 8)
			require.NoError(t, os.WriteFile(path, b, 0o600))
			_, err = OpenRing(Config{Dir: dir})
			require.ErrorIs(t, err, ErrDamaged, "bit %d", bit)
			b[bit/8] ^= 1 << (bit % 8)
		}
	})
}

func BenchmarkRegisterHousehold(b *testing.B) {
	r, err := OpenRing(Config{Dir: b.TempDir()})
	require.NoError(b, err)
	defer r.Close()
	s := r.Sealer()
	plain := []byte(`"520603199001011234"`)
	owner := uint64(0)
	for i := 0; b.Loop(); i++ {
		for range 4 { // a household and 3 members, new keys, 4 fields each
			owner++
			for range 4 {
				_, err := s.Seal(owner, someEvent, "/members/0/number", plain)
				require.NoError(b, err)
			}
		}
		if i%128 == 127 {
			require.NoError(b, s.Commit())
		}
	}
}

// The file is read here by the tables of docs/format.md §7, not by this package.
func TestKeyringFileHasTheBytesOfItsFormat(t *testing.T) {
	dir := t.TempDir()
	r, err := OpenRing(Config{Dir: dir, Random: &counting{}})
	require.NoError(t, err)
	const owner = 0x1122334455667788
	sealed := sealOne(t, r, owner, `"x"`)
	require.NoError(t, r.Close())
	file, err := os.ReadFile(filepath.Join(dir, ringName))
	require.NoError(t, err)
	golden := filepath.Join("testdata", "keyring.golden")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(hex.Dump(file)), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), hex.Dump(file))

	key, err := os.ReadFile(filepath.Join(dir, kekName))
	require.NoError(t, err)
	require.Equal(t, "anju-kek\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01", string(key[:24]))
	require.Len(t, file, 3*128) // header, key of snapshots, one key
	ring, slot := file[24:40], file[256:384]
	require.Equal(t, uint64(owner), binary.BigEndian.Uint64(slot))
	require.Equal(t, byte(1), slot[100])
	sum := sha256.Sum256(slices.Concat(ring, []byte{0, 0, 0, 0, 0, 0, 0, 1}, slot[:120]))
	require.Equal(t, sum[:8], slot[120:])
	under, err := chacha20poly1305.NewX(key[24:56])
	require.NoError(t, err)
	opened, err := under.Open(nil, slot[24:48], slot[48:96], slices.Concat(ring, slot[:24], []byte{1}))
	require.NoError(t, err)

	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	require.NoError(t, err)
	require.Equal(t, slot[8:24], raw[1:17], "the field names the slot's key")
	owners, err := chacha20poly1305.NewX(opened)
	require.NoError(t, err)
	ad := "0192f3c1-0405-7607-8809-0a0b0c0d0eff\x00/name"
	text, err := owners.Open(nil, raw[17:41], raw[41:], []byte(ad))
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("%-32s", `"x"`), string(text))
}
