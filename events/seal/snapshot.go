package seal

import (
	"bufio"
	"bytes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A snapshot is a header and chunks, each sealed for itself (the STREAM construction):
//
//	0          8         12          16       32              47
//	+----------+---------+-----------+--------+---------------+----------------------+----
//	| anjusnap |version 1|chunk size |key id  |nonce prefix   |chunk 0 and its tag   | …
//	+----------+---------+-----------+--------+---------------+----------------------+----
//
// A chunk's nonce is prefix (15) | u64be number of the chunk | 1 in the last chunk, else 0;
// its associated data the header. All chunks but the last are full; the last one may be empty.
// So a snapshot that was cut, turned around or put together from two does not open.
const (
	snapshotMagic  = "anjusnap"
	snapshotPrefix = nonceSize - 9
	snapshotHeader = 32 + snapshotPrefix
	chunkSize      = 64 << 10

	// syncBytes bounds what waits for the disk: the door's syncfs flushes it too (DESIGN D3).
	syncBytes = 1 << 20
)

// SnapshotKey is the key under which snapshots are written now. Destroying a person or
// rewrapping the keyring changes it; older snapshots then answer ErrUnknownKey.
type SnapshotKey struct {
	id   keyID
	aead cipher.AEAD
}

// SnapshotKey returns the present key of snapshots.
func (r *Ring) SnapshotKey() SnapshotKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	return SnapshotKey{r.snapshot.id, r.snapshot.aead}
}

// Writer encrypts a snapshot on its way to a file. It is used by one goroutine.
type Writer struct {
	w        io.Writer
	sync     func() error // of w when it has one
	aead     cipher.AEAD
	header   []byte
	nonce    [nonceSize]byte
	chunk    []byte // plain bytes that wait
	sealed   []byte
	number   uint64
	unsynced int
	err      error // the first failure; every later call answers it
}

// NewWriter writes a snapshot's header to w. When w has a Sync method, as *os.File has, it is
// called for every MiB and at Close.
func (r *Ring) NewWriter(w io.Writer) (*Writer, error) {
	key := r.SnapshotKey()
	x := &Writer{w: w, sync: func() error { return nil }, aead: key.aead, chunk: make([]byte, 0, chunkSize)}
	if f, ok := w.(interface{ Sync() error }); ok {
		x.sync = f.Sync
	}
	if _, err := io.ReadFull(r.config.Random, x.nonce[:snapshotPrefix]); err != nil {
		return nil, err
	}
	x.header = append(x.header, snapshotMagic...)
	x.header = binary.BigEndian.AppendUint32(x.header, version)
	x.header = binary.BigEndian.AppendUint32(x.header, chunkSize)
	x.header = append(x.header, key.id[:]...)
	x.header = append(x.header, x.nonce[:snapshotPrefix]...)
	_, err := w.Write(x.header)
	return x, err
}

// Write encrypts b; bytes reach the file in chunks of 64 KiB.
func (x *Writer) Write(b []byte) (int, error) {
	for written := 0; ; {
		n := copy(x.chunk[len(x.chunk):chunkSize], b[written:])
		x.chunk = x.chunk[:len(x.chunk)+n]
		if written += n; written == len(b) || x.err != nil {
			return written, x.err
		}
		x.flush(0) // more follows, so this chunk is not the last
	}
}

// Close writes the last chunk and syncs. A snapshot without it does not open. The file stays
// open: its owner closes it, and gives it its final name only afterwards.
func (x *Writer) Close() error {
	if x.err == nil {
		x.flush(1)
	}
	if x.err == nil {
		x.err = x.sync()
	}
	err := x.err
	if x.err == nil {
		x.err = errors.New("seal: the snapshot is closed")
	}
	return err
}

func (x *Writer) flush(last byte) {
	if x.err != nil {
		return
	}
	binary.BigEndian.PutUint64(x.nonce[snapshotPrefix:], x.number)
	x.nonce[nonceSize-1] = last
	x.number++
	x.sealed = x.aead.Seal(x.sealed[:0], x.nonce[:], x.chunk, x.header)
	x.chunk = x.chunk[:0]
	if _, x.err = x.w.Write(x.sealed); x.err != nil {
		return
	}
	if x.unsynced += len(x.sealed); x.unsynced >= syncBytes {
		x.unsynced = 0
		x.err = x.sync()
	}
}

// Reader decrypts a snapshot. It is used by one goroutine. Bytes are only handed out after
// their chunk was verified; io.EOF comes only after the last chunk. ErrDamaged means that the
// file was changed or cut: callers throw it away and rebuild from the log.
type Reader struct {
	r      *bufio.Reader
	aead   cipher.AEAD
	header []byte
	nonce  [nonceSize]byte
	sealed []byte
	plain  []byte // verified bytes not handed out yet
	number uint64
	err    error
}

// NewReader reads a snapshot's header from rd. It returns ErrUnknownKey when the snapshot was
// made before the last Destroy or Rewrap, or by another keyring.
func (r *Ring) NewReader(rd io.Reader) (*Reader, error) {
	header := make([]byte, snapshotHeader)
	if _, err := io.ReadFull(rd, header); err != nil {
		return nil, fmt.Errorf("%w: a snapshot's header: %w", ErrDamaged, err)
	}
	if !bytes.HasPrefix(header, []byte(snapshotMagic)) || binary.BigEndian.Uint32(header[8:]) != version ||
		binary.BigEndian.Uint32(header[12:]) != chunkSize {
		return nil, fmt.Errorf("%w: this file is no snapshot of a version known here", ErrDamaged)
	}
	key := r.SnapshotKey()
	if !bytes.Equal(key.id[:], header[16:32]) {
		return nil, fmt.Errorf("%w: the snapshot is of before a key was destroyed", ErrUnknownKey)
	}
	x := &Reader{
		r: bufio.NewReaderSize(rd, chunkSize+tagSize), aead: key.aead, header: header,
		sealed: make([]byte, chunkSize+tagSize),
	}
	copy(x.nonce[:], header[32:])
	return x, nil
}

// Read follows io.Reader.
func (x *Reader) Read(b []byte) (int, error) {
	for len(x.plain) == 0 && x.err == nil && len(b) > 0 {
		x.next()
	}
	n := copy(b, x.plain)
	x.plain = x.plain[n:]
	if n == 0 && len(b) > 0 {
		return 0, x.err
	}
	return n, nil
}

// next verifies one chunk; the one after which the file ends must be marked as the last.
func (x *Reader) next() {
	n, err := io.ReadFull(x.r, x.sealed)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		x.err = err
		return
	}
	x.nonce[nonceSize-1] = 0
	if _, err := x.r.Peek(1); err != nil {
		x.nonce[nonceSize-1] = 1
	}
	binary.BigEndian.PutUint64(x.nonce[snapshotPrefix:], x.number)
	x.number++
	plain, err := x.aead.Open(x.sealed[:0], x.nonce[:], x.sealed[:n], x.header)
	switch {
	case err != nil:
		x.err = fmt.Errorf("%w: a snapshot, chunk %d", ErrDamaged, x.number-1)
	case x.nonce[nonceSize-1] == 1:
		x.err = io.EOF
	}
	x.plain = plain
}
