package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/damage"
)

// fault is a row of the table: what is done to the files of a ledger at rest.
type fault struct {
	name string
	part bool // it runs in every "go test" and not only in scripts/damage.sh
	do   func(w *wound) error
	// harmless says why nobody needs to find the fault; "" = somebody must
	harmless string
}

// wound is a fault that is being made in a copy of the seed.
type wound struct {
	t        *testing.T
	dir      string
	what     string    // in words
	names    string    // what is named when no event is concerned
	from, to uint64    // the events that it concerns, both included; 0 = none
	some     bool      // of these it concerns some
	wider    [2]uint64 // others may be named with them, up to these; 0 = none
	because  string    // why not exactly these are named
}

// events notes which events the fault concerns.
func (w *wound) events(from, to uint64) { w.from, w.to = from, to }

func (w *wound) book(name string) string { return filepath.Join(w.dir, "book", faultStream, name) }

// block returns a block of the stream by its place, from the end when it is negative.
func (w *wound) block(n int) (damage.Stream, damage.Block) {
	w.t.Helper()
	s := damage.StreamOf(w.dir, faultStream)
	blocks, err := s.Blocks()
	require.NoError(w.t, err)
	require.Greater(w.t, len(blocks), 3, "the seed is too small")
	if n < 0 {
		n += len(blocks)
	}
	return s, blocks[n]
}

// The places in the stream: a block in the middle, and the one that grows.
const (
	sealedBlock = 2
	liveBlock   = -1
)

// withoutIndex does the same, and removes the file by which JetStream starts without reading
// its blocks, as after a crash that lost it.
func withoutIndex(do func(w *wound) error) func(w *wound) error {
	return func(w *wound) error {
		err := do(w)
		return errors.Join(err, damage.Delete(damage.StreamOf(w.dir, faultStream).Index()))
	}
}

func flipEvent(n int) func(w *wound) error {
	return func(w *wound) error {
		s, b := w.block(n)
		at, err := s.FlipEvent(b, (b.First+b.Last)/2)
		w.events(at, at)
		w.what = fmt.Sprintf("one bit in block %d", b.Number)
		return err
	}
}

// andTheRest is a flipped event of a block that JetStream reads anew: it gives up the rest of the block.
func andTheRest(do func(w *wound) error) func(w *wound) error {
	return func(w *wound) error {
		if err := do(w); err != nil {
			return err
		}
		blocks, err := damage.StreamOf(w.dir, faultStream).Blocks()
		for _, b := range blocks {
			if b.First <= w.from && w.from <= b.Last {
				w.wider, w.because = [2]uint64{w.from, b.Last}, "JetStream gives up the rest of the block"
			}
		}
		return err
	}
}

func forgeEvent(n int) func(w *wound) error {
	return func(w *wound) error {
		s, b := w.block(n)
		at, err := s.ForgeEvent(b, (b.First+b.Last)/2)
		w.events(at, at)
		w.what = fmt.Sprintf("one letter in block %d, checksum made again", b.Number)
		return err
	}
}

func forgeLast(w *wound) error {
	s, b := w.block(liveBlock)
	at, err := s.ForgeEvent(b, b.Last)
	w.events(at, at)
	w.what = "one letter of the last event, checksum made again"
	return err
}

func cutBlock(w *wound) error {
	s, b := w.block(sealedBlock)
	w.events(b.Last-2, b.Last)
	w.what = fmt.Sprintf("the last three events of block %d", b.Number)
	return s.CutAt(b, b.Last-2)
}

func cutTail(w *wound) error {
	s, b := w.block(liveBlock)
	w.events(b.Last-99, b.Last)
	w.what = "the last 100 events of the last block"
	return s.CutAt(b, b.Last-99)
}

func deleteBlock(n int) func(w *wound) error {
	return func(w *wound) error {
		_, b := w.block(n)
		w.events(b.First, b.Last)
		w.what = fmt.Sprintf("%d.blk is gone", b.Number)
		return damage.Delete(b.Path)
	}
}

func swapBlocks(w *wound) error {
	_, a := w.block(sealedBlock)
	_, b := w.block(sealedBlock + 1)
	w.events(a.First, b.Last)
	w.what = fmt.Sprintf("%d.blk and %d.blk change names", a.Number, b.Number)
	return damage.Swap(a.Path, b.Path)
}

func deleteStream(w *wound) error {
	w.events(1, seedEvents)
	w.what = "the stream's folder is gone"
	return damage.Delete(damage.StreamOf(w.dir, faultStream).Dir)
}

func onIndex(what string, do func(path string) error) func(w *wound) error {
	return func(w *wound) error {
		w.what = "index.db " + what
		return do(damage.StreamOf(w.dir, faultStream).Index())
	}
}

// onSegment damages a sealed segment. The scrub names the part of it at which it comes upon the damage, and mends
// the whole segment at once.
func onSegment(number uint64, what string, do func(path string) error) func(w *wound) error {
	return func(w *wound) error {
		w.some, w.because = true, "the part at which the scrub found it; the whole segment is mended"
		return onBook(fmt.Sprintf("entries/%06d.zst", number), what, number*segment+1, (number+1)*segment, do)(w)
	}
}

// flipLeaf flips a hash of a tile of leaves that is full.
func flipLeaf(at uint64) func(w *wound) error {
	return func(w *wound) error {
		first := (at - 1) / tile * tile
		w.wider, w.because = [2]uint64{first + 1, first + tile}, "the scrub checks a tile as one"
		return onBook("hashes.0", "flipped", at, at, flipped(int(at-1)*hashBytes))(w)
	}
}

// flipFrame flips a byte of a sealed segment, counted from its end, which is of one of its frames.
func flipFrame(number uint64, fromEnd int) func(w *wound) error {
	return func(w *wound) error {
		name := fmt.Sprintf("entries/%06d.zst", number)
		b, err := os.ReadFile(w.book(name))
		if err != nil {
			return err
		}
		frame := uint64(0)
		for binary.BigEndian.Uint64(b[16+8*(frame+1):]) <= uint64(len(b)-fromEnd) {
			frame++
		}
		w.some, w.because = true, "those of a compressed frame whose bytes are others"
		first := number*segment + frame*frameEntries
		return onBook(name, "flipped", first+1, first+frameEntries, flipped(-fromEnd))(w)
	}
}

// onLive damages the segment that grows, at a byte counted from its end; what concerns the entry there, or with behind
// also all that follow.
func onLive(what string, fromEnd int, behind bool, do func(path string) error) func(w *wound) error {
	return func(w *wound) error {
		const number = seedEvents / segment
		name := fmt.Sprintf("entries/%06d", number)
		b, err := os.ReadFile(w.book(name))
		if err != nil {
			return err
		}
		at, end := uint64(number*segment+1), 0
		for end += 2 + int(binary.BigEndian.Uint16(b)); end <= len(b)-fromEnd; at++ {
			end += 2 + int(binary.BigEndian.Uint16(b[end:]))
		}
		to := at
		if behind {
			to = seedEvents
		}
		return onBook(name, what, at, to, do)(w)
	}
}

// onBook damages a file of the book that concerns the entries from one to another.
func onBook(name, what string, from, to uint64, do func(path string) error) func(w *wound) error {
	return func(w *wound) error {
		w.events(from, to)
		w.what = strings.TrimSpace(name + " " + what)
		return do(w.book(name))
	}
}

func onCheckpoint(what string, do func(path string) error) func(w *wound) error {
	return func(w *wound) error {
		w.what = "the checkpoint " + what
		return do(filepath.Join(w.dir, "checkpoints", faultStream))
	}
}

func flipped(at int) func(path string) error {
	return func(path string) error { return damage.Flip(path, at) }
}

func cut(bytes int) func(path string) error {
	return func(path string) error { return damage.Cut(path, bytes) }
}

// Places in the seed's book: 49,000 entries are two sealed segments of 16,384 and one that grows.
const (
	segment      = 16_384
	frameEntries = 1024
	tile         = 256
	hashBytes    = 32
)

// streamFaults are done to JetStream's files.
func streamFaults() []fault {
	return []fault{
		{"sealed block: bit flip", false, flipEvent(sealedBlock), ""},
		{"sealed block: bit flip, no index.db", true, withoutIndex(andTheRest(flipEvent(sealedBlock))), ""},
		{"live block: bit flip", false, flipEvent(liveBlock), ""},
		{"live block: bit flip, no index.db", false, withoutIndex(andTheRest(flipEvent(liveBlock))), ""},
		{"sealed block: event forged", false, forgeEvent(sealedBlock), ""},
		{"sealed block: event forged, no index.db", false, withoutIndex(forgeEvent(sealedBlock)), ""},
		{"live block: event forged", false, forgeEvent(liveBlock), ""},
		{"live block: last event forged", true, forgeLast, ""},
		{"sealed block: cut", false, cutBlock, ""},
		{"sealed block: cut, no index.db", false, withoutIndex(cutBlock), ""},
		{"sealed block: deleted", false, deleteBlock(sealedBlock), ""},
		{"sealed block: deleted, no index.db", true, withoutIndex(deleteBlock(sealedBlock)), ""},
		{"live block: deleted", false, deleteBlock(liveBlock), ""},
		{"live block: deleted, no index.db", false, withoutIndex(deleteBlock(liveBlock)), ""},
		{"two blocks swapped", false, swapBlocks, ""},
		{"two blocks swapped, no index.db", false, withoutIndex(swapBlocks), ""},
		{"stream: tail cut", false, cutTail, ""},
		{"stream: tail cut, no index.db", true, withoutIndex(cutTail), ""},
		{"index.db: flipped", false, onIndex("flipped", flipped(40)), "JetStream makes it again"},
		{"index.db: cut", false, onIndex("cut", cut(100)), "JetStream makes it again"},
		{"index.db: deleted", false, onIndex("deleted", damage.Delete), "JetStream makes it again"},
		{"stream: deleted", false, deleteStream, ""},
		{"stream: settings changed while stopped", true, settingsAtRest, ""},
	}
}

// bookFaults are done to the files of the book.
func bookFaults() []fault {
	return []fault{
		{"book tile 0, old: flipped", true, flipLeaf(1001), ""},
		{"book tile 0, new: flipped", false, onBook("hashes.0", "flipped", seedEvents-99, seedEvents-99, flipped(-100*hashBytes)), ""},
		// The entries are whole: a start makes the hashes again from them, checks the signed root and says so.
		{"book tile 0: cut", false, onBook("hashes.0", "cut", 0, 0, cut(10*hashBytes)), ""},
		{"book tile 0: deleted", false, onBook("hashes.0", "deleted", 0, 0, damage.Delete), ""},
		{"book tile 1: flipped", false, onBook("hashes.1", "flipped", 10*tile+1, 11*tile, flipped(10*hashBytes)), ""},
		{"book tile 1: cut", false, onBook("hashes.1", "cut", 0, 0, cut(10*hashBytes)), "every start makes it again from level 0"},
		{"book tile 1: deleted", false, onBook("hashes.1", "deleted", 0, 0, damage.Delete), "every start makes it again from level 0"},
		{"sealed segment: flipped", true, flipFrame(0, 100_000), ""},
		{"sealed segment: head flipped", false, onSegment(1, "flipped in its head", flipped(3)), ""},
		{"sealed segment: cut", false, onBook("entries/000001.zst", "cut", 2*segment-1023, 2*segment, cut(100)), ""},
		{"sealed segment: deleted", false, onSegment(0, "deleted", damage.Delete), ""},
		{"last sealed segment: deleted", false, onSegment(1, "deleted", damage.Delete), ""},
		{"live segment: flipped", false, onLive("flipped", 100_000, false, flipped(-100_000)), ""},
		{"live segment: cut", false, onLive("cut", 100_000, true, cut(100_000)), ""},
		{"live segment: deleted", false, onBook("entries/000002", "deleted", 2*segment+1, seedEvents, damage.Delete), ""},
		{"checkpoint: flipped", false, onCheckpoint("flipped", flipped(60)), ""},
		{"checkpoint: cut", false, onCheckpoint("cut", cut(20)), ""},
		{"checkpoint: deleted", false, onCheckpoint("deleted", damage.Delete), ""},
		{"head: flipped", false, onBook("head", "flipped", 0, 0, flipped(20)), ""},
		{"head: cut", false, onBook("head", "cut", 0, 0, cut(20)), ""},
		{"head: deleted", false, onBook("head", "deleted", 0, 0, damage.Delete), ""},
		{"book: deleted", false, onBook("", "its folder deleted", 1, seedEvents, damage.Delete), ""},
		{"book and checkpoint: deleted", true, func(w *wound) error {
			err := onBook("", "its folder and the checkpoint deleted", 1, seedEvents, damage.Delete)(w)
			return errors.Join(err, damage.Delete(filepath.Join(w.dir, "checkpoints")))
		}, ""},
	}
}
