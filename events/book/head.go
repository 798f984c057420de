package book

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// Head is what a book once was: its size, and the root of the tree of that many entries. Whatever
// a head says was on disk before the head was; a book that cannot be it has lost or changed
// something.
type Head struct {
	Size uint64
	Root Hash
}

// The file of the head, 56 bytes: "anjuhead" | u64be size | root | first 8 bytes of the SHA-256
// of all before.
const (
	headMagic = "anjuhead"
	headSize  = 56
)

// ReadHead returns the head that the book's folder holds; the zero Head when there is none yet.
// ErrDamaged when its file is not one.
func (b *Book) ReadHead() (Head, error) {
	raw, err := os.ReadFile(filepath.Join(b.dir, "head"))
	if errors.Is(err, os.ErrNotExist) {
		return Head{}, nil
	}
	if err != nil {
		return Head{}, err
	}
	return parseHead(raw)
}

func parseHead(raw []byte) (h Head, err error) {
	if len(raw) != headSize || string(raw[:8]) != headMagic {
		return h, fmt.Errorf("%w: the head is no head", ErrDamaged)
	}
	if sum := sha256.Sum256(raw[:headSize-8]); string(sum[:8]) != string(raw[headSize-8:]) {
		return h, fmt.Errorf("%w: the head's checksum", ErrDamaged)
	}
	h.Size = binary.BigEndian.Uint64(raw[8:])
	copy(h.Root[:], raw[16:])
	return h, nil
}

func (h Head) append(b []byte) []byte {
	b = append(b, headMagic...)
	b = binary.BigEndian.AppendUint64(b, h.Size)
	b = append(b, h.Root[:]...)
	sum := sha256.Sum256(b)
	return append(b, sum[:8]...)
}

// Agrees checks that the book still is what a head says: at least as long, and with that root.
// ErrDamaged when it is not.
func (b *Book) Agrees(h Head) error {
	if h.Size == 0 {
		return nil
	}
	root, err := b.Root(h.Size)
	if errors.Is(err, ErrNotThere) {
		return &DamageError{b.Size(), h.Size, errors.New("they are gone")}
	}
	if err != nil {
		return err
	}
	if root != h.Root {
		return fmt.Errorf("%w: the first %d entries no longer have the root %s", ErrDamaged, h.Size, h.Root)
	}
	return nil
}

// Advance makes the first n entries, which the caller has synced, the book's head, and returns
// it. A head never goes back: ErrDamaged when the book cannot be what its head was. The order is
// that of DESIGN §5: entries and hashes durable, head durable, signature, publication.
func (b *Book) Advance(n uint64) (Head, error) {
	before, err := b.ReadHead()
	if err != nil {
		return Head{}, err
	}
	if err := b.Agrees(before); err != nil {
		return Head{}, err
	}
	if n < before.Size {
		return Head{}, fmt.Errorf("%w: it is asked to go back from %d to %d", ErrDamaged, before.Size, n)
	}
	if n > 0 {
		if err := b.CheckLeaves(n - 1); err != nil { // the root is made of these tiles: no wrong one is ever signed
			return Head{}, err
		}
	}
	root, err := b.Root(n)
	if err != nil {
		return Head{}, err
	}
	h := Head{n, root}
	if n == before.Size && n > 0 {
		return h, nil
	}
	// The commit point: once this file has its name the ledger has said that it holds n entries.
	// A crash before it loses a signature that nobody has seen.
	return h, writeSynced(filepath.Join(b.dir, "head"), h.append(make([]byte, 0, headSize)))
}

// CheckTiles makes every tile of the tree of n entries again from the level below and compares
// it, and the root with the one given: the leaves are then those that the root was made of. The
// entries themselves are checked by Read.
func (b *Book) CheckTiles(n uint64, root Hash) error {
	b.mu.RLock()
	levels := b.tree.levels
	b.mu.RUnlock()
	for k := 1; k < len(levels); k++ {
		for at := range n >> (tileHeight * k) {
			tile, err := levels[k-1].read(at*tileWidth, tileWidth)
			if err != nil {
				return err
			}
			above, err := levels[k].read(at, 1)
			if err != nil {
				return err
			}
			if fold(tile) != above[0] {
				span := uint64(1) << (tileHeight * k)
				return &DamageError{at * span, (at + 1) * span, fmt.Errorf("a tile of level %d does not hash to the one above", k-1)}
			}
		}
	}
	r, err := b.tree.reader(b, n)
	if err != nil {
		return err
	}
	got, err := tlog.TreeHash(int64(n), r)
	if err == nil && got != root {
		err = fmt.Errorf("%w: the root of %d entries", ErrDamaged, n)
	}
	return err
}
