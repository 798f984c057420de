package book

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// A full segment is sealed: compressed in frames, so that one bundle can be read without the
// others, and never written again. Its file is
//
//	"anjuseg1" | u32be entries a frame | u32be frames | (frames+1) × u64be offset | zstd frames
//
// where the last offset is the file's size. Whether a frame is right is told by the leaf hashes.
const (
	sealedMagic  = "anjuseg1"
	frameEntries = 1 << 10 // four bundles: smaller frames compress worse, larger ones cost more to open
	segmentCount = SegmentEntries / frameEntries
	sealedHead   = 16 + 8*(segmentCount+1)
)

// maxFrame bounds what a frame may unpack to.
const maxFrame = frameEntries * (MaxEntry + 2)

// wakeSealer lets the sealer look for full segments.
func (b *Book) wakeSealer() {
	select {
	case b.sealing <- struct{}{}:
	default:
	}
}

// sealFull seals full segments, one after the other, until the book is closed. A segment that
// cannot be sealed stays as it is, which loses nothing; it is tried again with the next one and
// at the next start.
func (b *Book) sealFull() {
	for {
		select {
		case <-b.closing:
			return
		case <-b.sealing:
		}
		for {
			b.mu.RLock()
			full := b.full
			b.mu.RUnlock()
			if len(full) == 0 || b.seal(full[0].number) != nil {
				break
			}
			b.mu.Lock()
			b.full = b.full[1:]
			b.mu.Unlock()
		}
	}
}

// seal writes the sealed file of a full segment and removes the open one.
func (b *Book) seal(number int) error {
	raw, err := os.ReadFile(segmentPath(b.dir, number))
	if err != nil {
		return err
	}
	packed, err := packSegment(raw)
	if err != nil {
		return err
	}
	path := sealedPath(b.dir, number)
	if err := writeSynced(path, packed); err != nil {
		return err
	}
	// The commit point: the sealed file has its name, on disk. Before it a start finds the open
	// file and seals it again; after it the open one is only in the way.
	return os.Remove(segmentPath(b.dir, number))
}

// packSegment compresses a full segment.
func packSegment(raw []byte) ([]byte, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	defer encoder.Close()
	out := make([]byte, sealedHead, len(raw)/3)
	copy(out, sealedMagic)
	binary.BigEndian.PutUint32(out[8:], frameEntries)
	binary.BigEndian.PutUint32(out[12:], segmentCount)
	for frame := range segmentCount {
		binary.BigEndian.PutUint64(out[16+8*frame:], uint64(len(out)))
		size := sizeOf(raw, frameEntries)
		out = encoder.EncodeAll(raw[:size], out)
		raw = raw[size:]
	}
	binary.BigEndian.PutUint64(out[16+8*segmentCount:], uint64(len(out)))
	return out, nil
}

// sizeOf is how many bytes the first n entries of a run take.
func sizeOf(raw []byte, n int) int {
	at := 0
	return split(raw, func([]byte) bool { at++; return at <= n })
}

// readSealed reads one frame of a sealed segment.
func (b *Book) readSealed(p *page, number, frame int) error {
	path := sealedPath(b.dir, number)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var head [16]byte
	var offsets [16]byte
	if _, err := f.ReadAt(head[:], 0); err != nil || string(head[:8]) != sealedMagic ||
		binary.BigEndian.Uint32(head[8:]) != frameEntries || binary.BigEndian.Uint32(head[12:]) != segmentCount {
		return fmt.Errorf("%w: head of %s", ErrDamaged, filepath.Base(path))
	}
	if _, err := f.ReadAt(offsets[:], int64(16+8*frame)); err != nil {
		return fmt.Errorf("%w: offsets of %s: %w", ErrDamaged, filepath.Base(path), err)
	}
	from, to := binary.BigEndian.Uint64(offsets[:]), binary.BigEndian.Uint64(offsets[8:])
	if from > to || to-from > maxFrame {
		return fmt.Errorf("%w: offsets of %s", ErrDamaged, filepath.Base(path))
	}
	p.packed = sized(p.packed, int(to-from))
	if _, err := f.ReadAt(p.packed, int64(from)); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, filepath.Base(path), err)
	}
	decoder := b.decoder()
	defer b.decoders.Put(decoder)
	if p.raw, err = decoder.DecodeAll(p.packed, p.raw[:0]); err != nil {
		return fmt.Errorf("%w: frame %d of %s: %w", ErrDamaged, frame, filepath.Base(path), err)
	}
	return nil
}

// decoder returns a decoder of frames for one goroutine, to be put back.
func (b *Book) decoder() *zstd.Decoder {
	if d, ok := b.decoders.Get().(*zstd.Decoder); ok {
		return d
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame), zstd.IgnoreChecksum(true))
	if err != nil {
		panic("book: " + err.Error()) // only wrong options are refused
	}
	return d
}

// writeSynced writes a file as a whole: it has its name only when its bytes are on disk.
func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = synced(f)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(synced(d), d.Close())
}

// synced syncs a file; ErrSync when that fails.
func synced(f *os.File) error {
	if err := f.Sync(); err != nil {
		return fmt.Errorf("%w: %w", ErrSync, err)
	}
	return nil
}

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
