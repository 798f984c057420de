package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

// provenEvents is how many proofs a run makes at full scale.
const provenEvents = 2_000

// verify measures what the book costs, in time and in bytes.
func (b *bench) verify() error {
	for _, measure := range []func() error{b.verifyBook, b.verifyFolder, b.proofOne, b.bookSize, b.bookCost} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

// verifyBook verifies a book on one core: every entry, every tile and the root. Raw is the SHA-256 of
// the same entries alone, which is the limit.
func (b *bench) verifyBook() error {
	l, err := b.jobLedger()
	if err != nil {
		return err
	}
	k, err := l.book()
	if err != nil {
		return err
	}
	count := int(k.Size())
	for range b.c.Runs {
		err := onOneCore(func() error {
			hashed, err := hashEntries(k)
			if err != nil {
				return err
			}
			watch := begin()
			if _, _, err = scanBook(l); err != nil {
				return err
			}
			root, err := k.Root(uint64(count))
			if err == nil {
				err = k.CheckTiles(uint64(count), root)
			}
			b.compare("verify.book", watch.end(count), hashed)
			return err
		})
		if err != nil {
			return err
		}
	}
	b.row("verify.book", "events/s", "%d entries, tiles and root from the disk, one core; raw: SHA-256 of the entries' bytes alone", count)
	b.row("verify.book.cpu", "µs", "processor time an event")
	return nil
}

// verifyFolder verifies the folder of a stopped ledger on one core, as anju verify --dir does: each
// message of the stream against its entry, each entry against its leaf, the tiles and the root.
func (b *bench) verifyFolder() (err error) {
	l, err := b.jobLedger()
	if err != nil {
		return err
	}
	k, err := l.book()
	if err != nil {
		return err
	}
	count := int(k.Size())
	hashed, err := hashEntries(k)
	if err != nil {
		return err
	}
	if err := l.ledger.Close(); err != nil {
		return err
	}
	for range b.c.Runs {
		err := onOneCore(func() error {
			watch := begin()
			reports, err := events.VerifyFolder(b.s.ctx, events.Rest{Dir: b.folder("jobs")})
			if err == nil && (len(reports) != 1 || !reports[0].OK) {
				err = fmt.Errorf("the ledger of the bench is not what was recorded: %v", reports)
			}
			b.compare("verify.folder", watch.end(count), hashed)
			return err
		})
		if err != nil {
			return err
		}
	}
	b.row("verify.folder", "events/s", "%d events of a stopped ledger: stream and book from the disk, compared; one core; raw: SHA-256 of the entries' bytes alone", count)
	b.row("verify.folder.cpu", "µs", "processor time an event")
	again, err := b.openLedger("jobs")
	if err == nil {
		l.ledger, l.door = again.ledger, again.door
	}
	return err
}

// hashedAtOnce is how many entries are held in memory to be hashed.
const hashedAtOnce = 1 << 16

// hashEntries hashes entries that lie in memory.
func hashEntries(k *book.Book) (cost, error) {
	var entries [][]byte
	for entry, err := range k.Read(0, min(k.Size(), hashedAtOnce)) {
		if err != nil {
			return cost{}, err
		}
		entries = append(entries, entry)
	}
	watch := begin()
	for _, e := range entries {
		sha256.Sum256(e)
	}
	return watch.end(len(entries)), nil
}

// proofOne proves events at random places.
func (b *bench) proofOne() error {
	l, err := b.jobLedger()
	if err != nil {
		return err
	}
	k, err := l.book()
	if err != nil {
		return err
	}
	each := b.scaled(provenEvents)
	for range b.c.Runs {
		times := make([]float64, each)
		for i := range times {
			sequence := rand.Uint64N(k.Size()) + 1
			began := time.Now()
			if _, err := l.ledger.Prove(b.s.ctx, provinceNumber, sequence); err != nil {
				return err
			}
			times[i] = float64(time.Since(began).Nanoseconds()) / 1e3
		}
		b.take("proof.one", median(times), 0)
	}
	b.row("proof.one", "µs", "p50 of %d events a run, of %d: the event read and compared with its leaf, the way to the root", each, k.Size())
	return nil
}

// bookSize measures the bytes that the book of the simulated county has on disk; raw is without zstd.
func (b *bench) bookSize() error {
	l, err := b.countyLedger()
	if err != nil {
		return err
	}
	k, err := l.book()
	if err != nil {
		return err
	}
	dir := filepath.Join(b.folder("county"), "book", benchStream)
	sealed, files, err := sizeOfFiles(filepath.Join(dir, "entries"), ".zst")
	if err != nil {
		return err
	}
	entries := uint64(files * book.SegmentEntries)
	if files == 0 { // too few for a full segment: as they lie
		entries = k.Size()
		if sealed, _, err = sizeOfFiles(filepath.Join(dir, "entries"), ""); err != nil {
			return err
		}
	}
	hashes, _, err := sizeOfFiles(dir, "")
	if err != nil {
		return err
	}
	plain := 0
	for entry, err := range k.Scan(0, entries) {
		if err != nil {
			return err
		}
		plain += 2 + len(entry)
	}
	tiles := float64(hashes) / float64(k.Size())
	each := func(bytes int64) float64 { return float64(bytes) / float64(entries) }
	b.take("book.size", each(sealed)+tiles, each(int64(plain))+tiles)
	b.row("book.size", "B", "an event of the simulated county: entries of %d sealed files %.0f, tiles %.1f; raw: without zstd", files, each(sealed), tiles)
	return nil
}

// sizeOfFiles returns the bytes of the files of a folder whose names end so, and their number.
func sizeOfFiles(dir, suffix string) (bytes int64, files int, err error) {
	all, err := os.ReadDir(dir)
	for _, e := range all {
		info, failed := e.Info()
		if failed != nil {
			return 0, 0, failed
		}
		if info.Mode().IsRegular() && strings.HasSuffix(e.Name(), suffix) {
			bytes, files = bytes+info.Size(), files+1
		}
	}
	return bytes, files, err
}

// bookCost records placements in two ledgers in turn, one of which keeps no book.
func (b *bench) bookCost() (err error) {
	with, err := b.appendTo("booked", false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, with.n.close()) }()
	without, err := b.appendTo("unbooked", true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, without.n.close()) }()
	each := b.scaled(bulkEvents)
	var rates, bare []float64
	for run := range b.c.Runs {
		order := []*appendBench{with, without}
		costs := make([]cost, len(order))
		for i := range order {
			at := (i + run) % len(order) // who comes first takes turns
			if costs[at], err = order[at].bulkCost(each); err != nil {
				return err
			}
		}
		rates, bare = append(rates, costs[0].rate), append(bare, costs[1].rate)
		b.take("book.cost", 100*(1-costs[0].rate/costs[1].rate), 0)
		b.take("book.cost.cpu", costs[0].cpu, costs[1].cpu)
	}
	b.row("book.cost", "%", "of append.bulk's rate: %.0f events/s with a book, %.0f without, %d events a run", median(rates), median(bare), each)
	b.row("book.cost.cpu", "µs", cpuScale+"; raw: without a book")
	return nil
}

// appendTo starts a node on a folder of the bench's own and registers who is placed.
func (b *bench) appendTo(name string, unbooked bool) (*appendBench, error) {
	s := *b.s
	s.unbooked = unbooked
	n, err := startNode(&s, nodeConfig{Dir: b.folder(name), Listen: "127.0.0.1:0"})
	if err != nil {
		return nil, err
	}
	a := &appendBench{bench: b, n: n, client: newSinkClient()}
	l := &benchLedger{ledger: n.ledger, door: n.door}
	if err := l.register(b, b.scaled(registerEvents)); err != nil {
		return nil, errors.Join(err, n.close())
	}
	a.people = l.jobs.people
	return a, nil
}

// bulkCost is append.bulk once.
func (a *appendBench) bulkCost(each int) (cost, error) {
	bodies, err := a.bulkBodies(each)
	if err != nil {
		return cost{}, err
	}
	watch := begin()
	if _, err := a.send("hrss", bodies); err != nil {
		return cost{}, err
	}
	recorded := watch.end(each)
	if err := a.n.views.CaughtUp(a.s.ctx); err != nil {
		return cost{}, err
	}
	recorded.cpu = watch.end(each).cpu
	return recorded, nil
}
