package seal

import (
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"math/big"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/chacha20"
)

var update = flag.Bool("update", false, "write the golden files anew")

// counting is a source of bytes 0, 1, 2, … so that goldens are the same each time.
type counting struct{ next byte }

func (c *counting) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = c.next
		c.next++
	}
	return len(b), nil
}

var someEvent = [16]byte{0x01, 0x92, 0xf3, 0xc1, 4, 5, 0x76, 7, 0x88, 9, 10, 11, 12, 13, 14, 0xff}

func TestSealedFieldHasTheBytesOfWireFour(t *testing.T) {
	var key openKey
	random := &counting{}
	_, _ = random.Read(key.key[:])
	_, _ = random.Read(key.id[:])
	nonce := make([]byte, nonceSize)
	_, _ = random.Read(nonce)
	key.aead = newAEAD(key.key[:])
	at := place{someEvent, "/members/0/name"}
	got := sealField(&key, nonce, at, []byte(`"张三"`))

	const golden = "testdata/field.golden"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(got+"\n"), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got+"\n")

	ad := "0192f3c1-0405-7607-8809-0a0b0c0d0eff\x00/members/0/name"
	text := []byte(`"张三"                        `)
	require.Len(t, text, 32)
	raw := slices.Concat([]byte{1}, key.id[:], nonce, secondSeal(t, key.key[:], nonce, text, []byte(ad)))
	require.Equal(t, base64.RawURLEncoding.EncodeToString(raw), got, "the second implementation agrees")
}

// secondSeal is XChaCha20-Poly1305 from the bare stream cipher and Poly1305 by its formula
// (RFC 8439 §2.5 and §2.8).
func secondSeal(t *testing.T, key, nonce, text, ad []byte) []byte {
	t.Helper()
	stream, err := chacha20.NewUnauthenticatedCipher(key, nonce)
	require.NoError(t, err)
	var c cipher.Stream = stream
	once := make([]byte, 64)
	c.XORKeyStream(once, once)
	box := make([]byte, len(text))
	c.XORKeyStream(box, text)

	msg := slices.Concat(ad, make([]byte, (16-len(ad)%16)%16), box, make([]byte, (16-len(box)%16)%16))
	msg = binary.LittleEndian.AppendUint64(msg, uint64(len(ad)))
	msg = binary.LittleEndian.AppendUint64(msg, uint64(len(box)))
	little := func(b []byte) *big.Int { b = slices.Clone(b); slices.Reverse(b); return new(big.Int).SetBytes(b) }
	mask, _ := new(big.Int).SetString("0ffffffc0ffffffc0ffffffc0fffffff", 16)
	r := new(big.Int).And(little(once[:16]), mask)
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 130), big.NewInt(5))
	sum := new(big.Int)
	for block := range slices.Chunk(msg, 16) {
		sum.Add(sum, little(append(slices.Clone(block), 1))).Mul(sum, r).Mod(sum, p)
	}
	sum.Add(sum, little(once[16:32]))
	tag := new(big.Int).And(sum, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1))).FillBytes(make([]byte, 16))
	slices.Reverse(tag)
	return append(box, tag...)
}

func TestEveryFlippedBitOfAFieldIsNoticed(t *testing.T) {
	r := memoryRing(t)
	sealed := sealOne(t, r, 7, `"520603199001011234"`)
	raw, err := encoding.DecodeString(sealed)
	require.NoError(t, err)
	for bit := range len(raw) * 8 {
		bad := slices.Clone(raw)
		bad[bit/8] ^= 1 << (bit % 8)
		_, err := r.Open(encoding.EncodeToString(bad), someEvent, "/name")
		require.Error(t, err, "bit %d", bit)
	}
}

func TestFieldOpensOnlyInItsPlace(t *testing.T) {
	r := memoryRing(t)
	sealed := sealOne(t, r, 7, `"a"`)
	other := someEvent
	other[15]++
	_, err := r.Open(sealed, other, "/name")
	require.ErrorIs(t, err, ErrDamaged)
	_, err = r.Open(sealed, someEvent, "/phone")
	require.ErrorIs(t, err, ErrDamaged)
	plain, err := r.Open(sealed, someEvent, "/name")
	require.NoError(t, err)
	require.Equal(t, `"a"`, string(plain))
	_, err = memoryRing(t).Open(sealed, someEvent, "/name")
	require.ErrorIs(t, err, ErrUnknownKey)
}

func TestPaddingHidesLengths(t *testing.T) {
	r := memoryRing(t)
	require.Len(t, sealOne(t, r, 7, `"a"`), len(sealOne(t, r, 7, `"abcdefghijklmnopqrst"`)))
	_, err := r.Sealer().Seal(7, someEvent, "/name", nil)
	require.Error(t, err)
}

func FuzzOpen(f *testing.F) {
	r, err := NewMemoryRing()
	require.NoError(f, err)
	s := r.Sealer()
	good, err := s.Seal(1, someEvent, "/name", []byte(`"x"`))
	require.NoError(f, err)
	require.NoError(f, s.Commit())
	f.Add(good)
	f.Add("")
	f.Add("AQ")
	f.Add(hex.EncodeToString(make([]byte, 90)))
	f.Fuzz(func(t *testing.T, sealed string) {
		plain, err := r.Open(sealed, someEvent, "/name")
		require.Equal(t, sealed == good, err == nil)
		if err == nil {
			require.Equal(t, `"x"`, string(plain))
		}
	})
}

func memoryRing(t *testing.T) *Ring {
	t.Helper()
	r, err := NewMemoryRing()
	require.NoError(t, err)
	return r
}

func sealOne(t *testing.T, r *Ring, owner uint64, plain string) string {
	t.Helper()
	s := r.Sealer()
	sealed, err := s.Seal(owner, someEvent, "/name", []byte(plain))
	require.NoError(t, err)
	require.NoError(t, s.Commit())
	return sealed
}
