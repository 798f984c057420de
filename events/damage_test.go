package events

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/minio/highwayhash"
	"github.com/stretchr/testify/require"
)

// The failure table of stream and book: what is done to the files of a ledger at rest, and what a
// start, a verification and a repair make of it. No row may lose an event or serve a wrong one.
func TestDamageToStreamAndBook(t *testing.T) {
	stream := func(dir string) string {
		return filepath.Join(dir, "jetstream", "jetstream", "$G", "streams", "ANJU-52")
	}
	block := func(dir string) string { return filepath.Join(stream(dir), "msgs", "1.blk") }
	noIndex := func(t *testing.T, dir string) {
		require.NoError(t, os.Remove(filepath.Join(stream(dir), "msgs", "index.db")))
	}
	remove := func(parts ...string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			for _, part := range parts {
				require.NoError(t, os.RemoveAll(filepath.Join(dir, part)))
			}
		}
	}
	for _, c := range []struct {
		name    string
		damage  func(t *testing.T, dir string)
		stopped bool          // the door records nothing until it is repaired
		found   []FindingKind // by Verify, before any repair
		beyond  bool          // not to be repaired from the book
	}{
		{"nothing", func(*testing.T, string) {}, false, nil, false},
		{"the stream is gone", func(t *testing.T, dir string) { require.NoError(t, os.RemoveAll(stream(dir))) }, false, nil, false},
		{"the whole store is gone", remove("jetstream/jetstream"), false, nil, false},
		{"the book is gone", remove("book/ANJU-52"), false, nil, false},
		{"the book and the checkpoint are gone", remove("book/ANJU-52", "checkpoints"), false, nil, false},
		{"the book's entries are cut", func(t *testing.T, dir string) { cutFile(t, filepath.Join(dir, "book/ANJU-52/entries/000000"), 3000) }, false, nil, false},
		{"the book's leaves are gone", remove("book/ANJU-52/hashes.0"), false, nil, false},
		{"a leaf flips", func(t *testing.T, dir string) { flipAt(t, filepath.Join(dir, "book/ANJU-52/hashes.0"), 32*7) }, false, nil, false},
		{"the head flips", func(t *testing.T, dir string) { flipAt(t, filepath.Join(dir, "book/ANJU-52/head"), 20) }, false, nil, false},
		{"the tail of the stream is cut", func(t *testing.T, dir string) { cutFile(t, block(dir), 1000); noIndex(t, dir) }, false, nil, false},
		{"a bit of the stream flips", func(t *testing.T, dir string) { flipEvent(t, block(dir), 20) }, false, []FindingKind{Lost}, false},
		{"a bit of the stream flips, without index", func(t *testing.T, dir string) { flipEvent(t, block(dir), 20); noIndex(t, dir) }, false, nil, false},
		{"an event is forged", func(t *testing.T, dir string) { forge(t, block(dir), 20) }, false, []FindingKind{Altered}, false},
		{"the last event is forged", func(t *testing.T, dir string) { forge(t, block(dir), 40) }, true, []FindingKind{Altered}, false},
		{
			"stream and book are cut alike",
			func(t *testing.T, dir string) {
				cutFile(t, block(dir), 1000)
				noIndex(t, dir)
				cutFile(t, filepath.Join(dir, "book/ANJU-52/entries/000000"), 3000)
			}, true, nil, true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
			require.NoError(t, err)
			keys := make([]string, 40)
			for i := range keys {
				keys[i] = fmt.Sprint("k", i+1)
			}
			record(t, l, keys...)
			want := bodies(t, l)
			require.Len(t, want, 40)
			require.NoError(t, l.Close())
			c.damage(t, dir)

			l, err = Open(t.Context(), Config{Dir: dir, Port: -1})
			require.NoError(t, err)
			if !c.beyond {
				require.Equal(t, want, bodies(t, l), "history is whole at once")
			}
			outcomes, err := l.Append(t.Context(), 52, false, drafts("k1", "new"))
			if c.stopped {
				require.ErrorIs(t, err, ErrStopped)
				require.ErrorIs(t, err, ErrDiffers)
				require.NotEmpty(t, l.Streams()[0].Alarm)
			} else {
				require.NoError(t, err)
				require.True(t, outcomes[0].Receipt.Already)
				require.EqualValues(t, 41, outcomes[1].Receipt.Sequence)
			}
			report, err := l.Verify(t.Context(), 52, nil)
			require.NoError(t, err)
			var found []FindingKind
			for _, f := range report.Findings {
				found = append(found, f.Kind)
			}
			if !c.beyond {
				require.Equal(t, c.found, found)
			}
			require.NoError(t, l.Close())

			l, err = Open(t.Context(), Config{Dir: dir, Port: -1, Repair: []uint8{52}})
			if c.beyond {
				require.ErrorContains(t, err, "cannot be repaired")
				return
			}
			require.NoError(t, err)
			require.Equal(t, want, bodies(t, l)[:40])
			report, err = l.Verify(t.Context(), 52, nil)
			require.NoError(t, err)
			require.True(t, report.OK, report)
			record(t, l, "after the repair")
			require.NoError(t, l.Close())
		})
	}
}

func bodies(t *testing.T, l *Ledger) (all [][]byte) {
	t.Helper()
	for rec, err := range l.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		again, err := l.Get(t.Context(), 52, rec.Sequence)
		require.NoError(t, err)
		require.Equal(t, rec.Body, again.Body)
		all = append(all, rec.Body)
	}
	return all
}

func cutFile(t *testing.T, path string, by int64) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Greater(t, info.Size(), by)
	require.NoError(t, os.Truncate(path, info.Size()-by))
}

func flipAt(t *testing.T, path string, at int) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	b[at] ^= 1
	require.NoError(t, os.WriteFile(path, b, 0o600))
}

// flipEvent flips a bit in the payload of the event at a place.
func flipEvent(t *testing.T, path string, sequence uint64) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	at := bytes.Index(b, appendSequence([]byte(`"sequence":"`), sequence))
	require.Positive(t, at)
	b[at+payloadAt(t, b[at:])] ^= 1
	require.NoError(t, os.WriteFile(path, b, 0o600))
}

// payloadAt is where a character of the payload stands behind the head of an event.
func payloadAt(t *testing.T, b []byte) int {
	t.Helper()
	const person = `"data":{"person":"p00000000000`
	at := bytes.Index(b, []byte(person))
	require.Positive(t, at)
	return at + len(person)
}

// forge changes the payload of an event in a block and makes its record's checksum again, whose key
// is public: JetStream serves it as genuine.
//
//	u32le length of the record | u64le sequence | u64le time | u16le subject length | subject | [headers] | body | 8 bytes of checksum
func forge(t *testing.T, path string, sequence uint64) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	key := sha256.Sum256([]byte("ANJU-52-1"))
	h, err := highwayhash.New64(key[:])
	require.NoError(t, err)
	for at := 0; at < len(b); {
		length := int(binary.LittleEndian.Uint32(b[at:]) &^ (1 << 31))
		rec := b[at : at+length]
		at += length
		if binary.LittleEndian.Uint64(rec[4:]) != sequence {
			continue
		}
		rec[payloadAt(t, rec)] ^= 1
		const head = 22
		subject := int(binary.LittleEndian.Uint16(rec[20:]))
		h.Write(rec[4:20])
		h.Write(rec[head : head+subject])
		body := rec[head+subject : length-8]
		if rec[3]&0x80 != 0 { // with headers: their length stands before them
			body = body[4:]
		}
		h.Write(body)
		copy(rec[length-8:], h.Sum(nil))
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return
	}
	t.Fatal("the record was not found")
}
