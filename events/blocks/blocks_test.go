package blocks

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

const messages = 60

// written is the msgs folder of a stream TEST that a real server wrote: sixty messages, every third
// with a header, the tenth deleted, in blocks of a few kilobytes or in one.
func written(t *testing.T, several bool) string {
	t.Helper()
	dir := t.TempDir()
	s, err := server.NewServer(&server.Options{ServerName: "t", Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir})
	require.NoError(t, err)
	go s.Start()
	require.True(t, s.ReadyForConnections(10*time.Second))
	conn, err := nats.Connect("", nats.InProcessServer(s))
	require.NoError(t, err)
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	config := jetstream.StreamConfig{Name: "TEST", Subjects: []string{"t.>"}}
	n, size := messages, 40
	if several {
		config.MaxMsgsPerSubject, n, size = 1000, 10*messages, 30_000 // per-subject limits make blocks of 4 MiB
	}
	stream, err := js.CreateStream(t.Context(), config)
	require.NoError(t, err)
	for i := range n {
		m := nats.NewMsg(fmt.Sprintf("t.%d", i+1))
		m.Data = append(fmt.Appendf(nil, "body %d ", i+1), make([]byte, size)...)
		if i%3 == 0 {
			m.Header.Set("X", "y")
		}
		_, err := js.PublishMsg(t.Context(), m)
		require.NoError(t, err)
	}
	require.NoError(t, stream.DeleteMsg(t.Context(), 10))
	require.NoError(t, stream.SecureDeleteMsg(t.Context(), 20))
	conn.Close()
	s.Shutdown()
	s.WaitForShutdown()
	return filepath.Join(dir, "jetstream", "$G", "streams", "TEST", "msgs")
}

// read returns what stands in a store, as "kind sequence" and "kind size" where there is none.
func read(t *testing.T, dir string) (lines []string, blocks []Block) {
	t.Helper()
	s, err := Open(dir, "TEST")
	require.NoError(t, err)
	for b, err := range s.Blocks() {
		require.NoError(t, err)
		kept := *b
		kept.Records = append([]Record(nil), b.Records...)
		blocks = append(blocks, kept)
		at := 0
		for _, r := range b.Records {
			require.Equal(t, at, r.At)
			at += r.Size
			lines = append(lines, fmt.Sprint(r.Kind, " ", r.Sequence))
			if r.Kind == Message {
				require.Equal(t, fmt.Sprintf("t.%d", r.Sequence), string(r.Subject))
				require.Contains(t, string(r.Body), fmt.Sprintf("body %d ", r.Sequence))
			}
		}
		require.EqualValues(t, b.Bytes, at, "records cover the file")
	}
	return lines, blocks
}

func TestWhatAServerWroteIsRead(t *testing.T) {
	dir := written(t, false)
	before, _ := read(t, dir)
	require.Len(t, before, messages+2, "two deletions stand behind")
	block := filepath.Join(dir, "1.blk")
	raw, err := os.ReadFile(block)
	require.NoError(t, err)
	_, all := read(t, dir)
	rec := func(sequence uint64) Record {
		for _, r := range all[0].Records {
			if r.Sequence == sequence {
				return r
			}
		}
		t.Fatal("no such record")
		return Record{}
	}
	for name, c := range map[string]struct {
		damage func(b []byte) []byte
		want   []string // instead of messages 30 and 31
	}{
		"a bit of a body flips":   {func(b []byte) []byte { b[rec(30).At+40] ^= 1; return b }, []string{"3 30", "0 31"}},
		"a length flips":          {func(b []byte) []byte { b[rec(30).At+1] ^= 1; return b }, []string{"5 0", "0 31"}},
		"two records are zeroed":  {func(b []byte) []byte { clear(b[rec(30).At:rec(32).At]); return b }, []string{"5 0"}},
		"a record is cut out":     {func(b []byte) []byte { return append(b[:rec(30).At], b[rec(31).At:]...) }, []string{"0 31"}},
		"a record stands twice":   {func(b []byte) []byte { return splice(b, rec(31).At, b[rec(30).At:rec(31).At]) }, []string{"0 30", "0 30", "0 31"}},
		"noise stands in between": {func(b []byte) []byte { return splice(b, rec(31).At, []byte("noise")) }, []string{"0 30", "5 0", "0 31"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(block, c.damage(append([]byte(nil), raw...)), 0o600))
			after, _ := read(t, dir)
			want := append(append(append([]string(nil), before[:29]...), c.want...), before[31:]...)
			require.Equal(t, want, after)
		})
	}
	require.NoError(t, os.WriteFile(block, raw[:rec(messages).At+30], 0o600))
	after, _ := read(t, dir)
	require.Equal(t, fmt.Sprint(Cut, " ", messages), after[len(after)-1])
	require.NoError(t, os.WriteFile(block, nil, 0o600))
	after, _ = read(t, dir)
	require.Empty(t, after)
}

func splice(b []byte, at int, more []byte) []byte {
	return append(append(append([]byte(nil), b[:at]...), more...), b[at:]...)
}

func TestBlocksThatChangedPlacesAreRead(t *testing.T) {
	dir := written(t, true)
	_, blocks := read(t, dir)
	require.Greater(t, len(blocks), 3)
	path := func(n int) string { return filepath.Join(dir, fmt.Sprint(n, ".blk")) }
	require.NoError(t, os.Rename(path(1), path(99)))
	require.NoError(t, os.Rename(path(2), path(1)))
	require.NoError(t, os.Rename(path(99), path(2)))
	_, blocks = read(t, dir)
	require.Equal(t, "2.blk", blocks[0].File)
	require.Equal(t, 1, blocks[0].WrittenAs)
	require.EqualValues(t, 1, blocks[0].Records[0].Sequence)
	require.Equal(t, 2, blocks[1].WrittenAs)
	require.NoError(t, os.Remove(path(3)))
	s, err := Open(dir, "TEST")
	require.NoError(t, err)
	require.Positive(t, s.Size())
	for _, sequence := range []uint64{1, 7, 599, 600} {
		r, err := s.Find(sequence)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("t.%d", sequence), string(r.Subject))
	}
	for _, sequence := range []uint64{10, 20, 601, 0} {
		r, err := s.Find(sequence)
		require.NoError(t, err)
		require.True(t, r == nil || sequence == 10, "the tenth was deleted, and its bytes still stand there")
	}
	for _, err := range s.Blocks() {
		require.NoError(t, err)
		break // who has seen enough leaves nothing behind
	}
	_, err = Open(filepath.Join(dir, "none"), "TEST")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// FuzzBlock holds the parser against any bytes: it covers them all, in order, finds a whole record
// wherever one begins behind damage, and does not work without end.
func FuzzBlock(f *testing.F) {
	record := make([]byte, headSize, 64)
	binary.LittleEndian.PutUint64(record[4:], 7)
	binary.LittleEndian.PutUint16(record[20:], 1)
	record = append(record, "sbody"...)
	binary.LittleEndian.PutUint32(record, uint32(len(record)+sumSize))
	record = binary.LittleEndian.AppendUint64(record, newParser("TEST", 1).checksum(record, headSize+1, false))
	f.Add([]byte{}, []byte{})
	f.Add(record, record[:20])
	f.Add(record[:len(record)-1], append([]byte{1}, record...))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		buf := append(append(append([]byte(nil), a...), record...), b...)
		p := newParser("TEST", 1)
		at, whole := 0, 0
		for _, r := range p.parse(nil, buf) {
			require.Equal(t, at, r.At)
			require.Positive(t, r.Size)
			at += r.Size
			if r.Kind == Message {
				whole++
			}
		}
		require.Equal(t, len(buf), at)
		require.LessOrEqual(t, p.hashed, (searchWork+4)*(len(buf)+1))
		if len(a) == 0 {
			require.Positive(t, whole)
		}
	})
}
